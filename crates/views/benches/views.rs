//! Times of merging and of each view, printed as a table: `cargo bench -p emberglass-views`.
//!
//! Stacks are drawn from a fixed sequence of random numbers, so that runs compare.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

#[path = "../../query/benches/made/mod.rs"]
mod made;

use emberglass_trie::{Granularity, MergedTrie, Merger};
use emberglass_views::{
    DrawRequest, FunctionPackages, Layout, Names, Pattern, Search, TopRequest, TopSort, TopTable, draw_list,
};
use made::{Program, Random, SEED, best, program_as_deep_as, report};

fn merged(block: &Program, random: &mut Random, profiles: usize, samples: usize) -> MergedTrie {
    let mut values = vec![0i64; block.stacks.len()];
    for _ in 0..profiles * samples {
        let leaf = block.leaves[random.below(block.leaves.len() as u64) as usize];
        values[leaf.index()] += 10_000_000;
    }
    let mut merger = Merger::new(Granularity::Function);
    merger.add(&block.symbols, block.stacks.parents(), block.stacks.frames(), &values, 0, 1).expect("sums fit");
    merger.finish().expect("sums fit")
}

fn main() {
    let mut random = Random(SEED);
    let small = program_as_deep_as(30, 600, 800, &mut random);
    let rows = small.stacks.len();
    let (_, time) = best(20, || {
        let mut random = Random(7);
        merged(&small, &mut random, 360, 455)
    });
    report(&format!("one block of 360 profiles x 455 samples, {rows} stacks"), time);
    let values: Vec<i64> = (0..rows as i64).collect();
    let (_, time) = best(10, || {
        let mut merger = Merger::new(Granularity::Function);
        for _ in 0..360 {
            merger.add(&small.symbols, small.stacks.parents(), small.stacks.frames(), &values, 0, 1).expect("sums fit");
        }
        merger.finish().expect("sums fit")
    });
    report(&format!("360 blocks of one profile, {rows} stacks each"), time);

    let large = program_as_deep_as(24, 330_000, 50_000, &mut random);
    let values = vec![1_000_000i64; large.stacks.len()];
    let (trie, time) = best(3, || {
        let mut merger = Merger::new(Granularity::Function);
        merger.add(&large.symbols, large.stacks.parents(), large.stacks.frames(), &values, 0, 1).expect("sums fit");
        merger.finish().expect("sums fit")
    });
    report(&format!("merge and freeze, {} nodes", trie.tree.len()), time);
    let names = Names::default();
    let (packages, time) = best(3, || FunctionPackages::new(&trie, &names));
    report(&format!("packages and colours, {} functions", trie.line.len()), time);
    let (top, time) = best(3, || TopTable::new(&trie).expect("sums fit"));
    report("top table", time);
    let request = TopRequest { sort: TopSort::Total, descending: true, offset: 0, limit: 50, filter: None };
    let (_, time) = best(3, || top.clone().page(&trie, &names, &packages, &request).rows.len());
    report("first page of the top table, sorting included", time);
    let (layout, time) = best(3, || Layout::new(&trie).expect("sums fit"));
    report("layout", time);
    let pattern = Pattern::parse("package42.").expect("a literal");
    let (search, time) = best(3, || Search::new(&trie, &names, &pattern).expect("sums fit"));
    report(&format!("search, {} nodes found", search.nodes().len()), time);
    let whole = DrawRequest {
        focus: 0,
        x0: 0.0,
        x1: 1.0,
        depth0: 0,
        depth1: 45,
        width: 1600.0,
        min_width: 1.0,
        name_width: 30.0,
    };
    for (what, request) in [
        ("whole", whole),
        ("zoomed to a 100th", DrawRequest { x0: 0.5, x1: 0.51, ..whole }),
        ("zoomed to a 100,000th", DrawRequest { x0: 0.3, x1: 0.300_01, ..whole }),
    ] {
        let draw = || draw_list(&trie, &layout, &names, &packages, Some(&search), &request).expect("sums fit");
        let (list, time) = best(20, draw);
        report(&format!("draw list, {what}, {} bytes", list.len()), time);
    }
}
