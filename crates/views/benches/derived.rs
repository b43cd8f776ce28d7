//! Views made of results, and each as a multiple of what it is measured against in the same run:
//! `cargo bench -p emberglass-views --bench derived`.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

#[path = "../../query/benches/made/mod.rs"]
mod made;

use std::time::Duration;

use emberglass_trie::{Granularity, MergedTrie, Merger};
use emberglass_views::{
    CallGraph, DiffTree, DrawRequest, FunctionDiff, FunctionPackages, InvertedTree, Layout, Names, Pattern, callees,
    callers, diff_draw_list, draw_list, inverted_draw_list,
};
use made::{Program, Random, SEED, best, program, report};

const VIEW: DrawRequest =
    DrawRequest { focus: 0, x0: 0.0, x1: 1.0, depth0: 0, depth1: 45, width: 1600.0, min_width: 1.0, name_width: 30.0 };

/// A value for each stack; `every` so-manieth is left out.
fn merged(program: &Program, every: usize, random: &mut Random) -> MergedTrie {
    let mut values = vec![0i64; program.stacks.len()];
    for (at, value) in values.iter_mut().enumerate() {
        *value = if at % every == 0 { 0 } else { 1 + random.below(1000) as i64 };
    }
    let mut merger = Merger::new(Granularity::Function);
    merger.add(&program.symbols, program.stacks.parents(), program.stacks.frames(), &values, 0, 1).expect("sums fit");
    merger.finish().expect("sums fit")
}

fn against(what: &str, time: Duration, other: &str, of: Duration) {
    report(&format!("{what} ({:.2} x {other})", time.as_secs_f64() / of.as_secs_f64().max(1e-9)), time);
}

fn diffs(random: &mut Random) {
    let program = program(37_000, 20_000, random);
    let (base, head) = (merged(&program, 17, random), merged(&program, 13, random));
    let (_, merging) = best(5, || {
        let mut merger = Merger::new(Granularity::Function);
        merger.add_merged(&base).expect("sums fit");
        merger.add_merged(&head).expect("sums fit");
        merger.finish().expect("sums fit")
    });
    let nodes = [&base, &head].map(|trie| trie.tree.len());
    let (diff, time) = best(5, || DiffTree::new(&base, &head, true).expect("sums fit"));
    against(&format!("diff of {} and {} nodes", nodes[0], nodes[1]), time, "their merge", merging);
    let (layout, time) = best(5, || diff.layout().expect("sums fit"));
    report("its layout", time);
    let (_, time) = best(5, || FunctionDiff::of_tree(&diff).expect("sums fit").rows.len());
    report("its functions", time);
    let (list, time) =
        best(5, || diff_draw_list(&diff, &layout, &Names::default(), None, &VIEW).expect("sums fit").len());
    report(&format!("its draw list, {list} bytes"), time);
}

fn main() {
    let mut random = Random(SEED);
    diffs(&mut random);
    let program = program(330_000, 50_000, &mut random);
    let trie = merged(&program, 1_000_000_000, &mut random);
    let (names, packages) = (Names::default(), FunctionPackages::default());
    let nodes = trie.tree.len();
    let (_, flame) = best(3, || {
        let layout = Layout::new(&trie).expect("sums fit");
        draw_list(&trie, &layout, &names, &packages, None, &VIEW).expect("sums fit").len()
    });
    report(&format!("first view of {nodes} nodes from the root"), flame);
    let (seen, time) = best(3, || {
        let mut tree = InvertedTree::new(&trie).expect("sums fit");
        inverted_draw_list(&trie, &mut tree, &names, &packages, None, &VIEW).expect("sums fit");
        tree.len()
    });
    against(&format!("first inverted view, {seen} nodes seen"), time, "from the root", flame);
    let mut tree = InvertedTree::new(&trie).expect("sums fit");
    inverted_draw_list(&trie, &mut tree, &names, &packages, None, &VIEW).expect("sums fit");
    let again = || inverted_draw_list(&trie, &mut tree, &names, &packages, None, &VIEW).expect("sums fit").len();
    let (_, time) = best(10, again);
    against("the same view again", time, "from the root", flame);
    for pattern in ["method42", "package42."] {
        let functions = Pattern::parse(pattern).expect("a pattern").functions(&trie, &names);
        let count = functions.iter().filter(|&&matches| matches).count();
        let (cut, time) = best(3, || callers(&trie, &functions).expect("sums fit").tree.len());
        against(&format!("callers of {count} functions, {cut} nodes"), time, "from the root", flame);
        let (cut, time) = best(3, || callees(&trie, &functions).expect("sums fit").tree.len());
        against(&format!("callees of {count} functions, {cut} nodes"), time, "from the root", flame);
    }
    let (calls, time) = best(3, || CallGraph::new(&trie).expect("sums fit").edges.len());
    against(&format!("call graph, {calls} calls"), time, "from the root", flame);
}
