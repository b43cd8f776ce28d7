//! Searches by literal and regex over a million functions, printed as a table: `cargo bench -p emberglass-views --bench patterns`.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

#[path = "../../query/benches/made/mod.rs"]
mod made;

use emberglass_trie::{Granularity, Merger};
use emberglass_views::{Names, Pattern, Search};
use made::{Random, SEED, best, program, report};

/// Of which nearly all are in a stack.
const FUNCTIONS: u32 = 1_000_000;

fn main() {
    let program = program(450_000, FUNCTIONS, &mut Random(SEED));
    let values = vec![1_000_000i64; program.stacks.len()];
    let mut merger = Merger::new(Granularity::Function);
    merger.add(&program.symbols, program.stacks.parents(), program.stacks.frames(), &values, 0, 1).expect("sums fit");
    let trie = merger.finish().expect("sums fit");
    let (functions, nodes) = (trie.line.len(), trie.tree.len());
    let names = Names::default();
    for text in ["package42.", r"/package\d+\.\(\*Type\)\.method\d*7$/", "/(eu|us)-[a-z]+.*never/"] {
        let pattern = Pattern::parse(text).expect("a pattern");
        let (search, time) = best(5, || Search::new(&trie, &names, &pattern).expect("sums fit"));
        report(&format!("{text} over {functions} functions, {nodes} nodes: {} found", search.nodes().len()), time);
    }
}
