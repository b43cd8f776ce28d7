//! Searches and filters by literal and regex over a million functions, printed as a table: `cargo bench -p emberglass-views --bench patterns`.
//! Regular expressions stand beside what the library alone takes for the names in the same run.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

#[path = "../../query/benches/made/mod.rs"]
mod made;

use std::time::Duration;

use emberglass_trie::{Granularity, Merger};
use emberglass_views::filter::Filters;
use emberglass_views::{Names, Pattern, Search};
use made::{Random, SEED, best, program, report};

/// Of which nearly all are in a stack.
const FUNCTIONS: u32 = 1_000_000;

fn ratio(of: Duration, to: Duration) -> f64 {
    of.as_secs_f64() / to.as_secs_f64()
}

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
        if let Some(expression) = text.strip_prefix('/').and_then(|text| text.strip_suffix('/')) {
            let regex = regex_lite::Regex::new(expression).expect("an expression");
            let of_library = || {
                let names = trie.symbols.functions.iter().map(|function| trie.symbols.text(function.name));
                names.filter(|name| regex.is_match(name)).count()
            };
            let (found, alone) = best(1, of_library);
            report(
                &format!("  its names by the library alone: {found} found, {:.1} times as long", ratio(alone, time)),
                alone,
            );
        }
    }
    for text in [
        "focus@function:nothing",
        r"focus:/package\d+\.\(\*Type\)\.method\d*7$/",
        "hide:/(eu|us)-[a-z]+.*never/",
        "preset:go-runtime",
    ] {
        let filters = Filters::parse(&[text]).expect("a filter");
        let copies = std::cell::RefCell::new(vec![trie.clone(), trie.clone()]);
        let next = || copies.borrow_mut().pop().expect("a copy for each round");
        let (left, time) = best(2, || filters.apply(next(), &|_| Names::default()).expect("sums fit"));
        report(&format!("{text}: {} nodes left", left.tree.len()), time);
    }
}
