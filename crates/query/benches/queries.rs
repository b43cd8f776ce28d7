//! Times of queries over a continuous series, printed as a table: `cargo bench -p emberglass-query`.
//!
//! Profiles are drawn from a fixed sequence of random numbers: 1,000 samples each in about 455 stacks of one
//! program, 10 s apart.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

mod made;

use std::time::Instant;

use emberglass_query::{NoYield, Selection, catalog, run, time_series};
use emberglass_store::{MemoryBackend, Origin, Store};
use emberglass_trie::Granularity;
use made::{Program, Random, SEED, best, profile, profile_type, program, report};
use pollster::block_on;

fn measure(what: &str, profiles: usize, per_commit: usize, samples: u64, program: &Program, random: &mut Random) {
    let backend = MemoryBackend::default();
    let store = block_on(Store::open(backend.clone())).expect("an empty store");
    let origin = Origin { labels: [("service_name", "shop")].into_iter().collect(), ..Origin::default() };
    let started = Instant::now();
    for number in 0..profiles {
        let batch = profile(program, number, samples, random);
        block_on(store.stage(&batch, &origin)).expect("staged");
        if number % per_commit == per_commit - 1 {
            block_on(store.commit()).expect("committed");
        }
    }
    block_on(store.commit()).expect("committed");
    let blocks = store.manifest().blocks.len();
    report(&format!("{what}: stored in {blocks} blocks, {} bytes", backend.bytes()), started.elapsed());
    let selection = Selection { profile_type: profile_type(), ..Selection::default() };
    let query = |store: &Store<MemoryBackend>| {
        block_on(run(store, &selection, Granularity::Function, &NoYield)).expect("an answer").trie.tree.len()
    };
    let (nodes, cold) = best(3, || query(&block_on(Store::open(backend.clone())).expect("a store")));
    report(&format!("{what}: query, cold, {nodes} nodes"), cold);
    report(&format!("{what}: query, warm"), best(10, || query(&store)).1);
    let series = || block_on(time_series(&store, &selection, 500, &NoYield)).expect("a series").values.len();
    report(&format!("{what}: time series"), best(10, series).1);
    report(&format!("{what}: catalog"), best(10, || block_on(catalog(&store, &NoYield)).expect("a catalog")).1);
}

fn main() {
    let mut random = Random(SEED);
    let small = program(1_200, 800, &mut random);
    println!("program of {} stacks", small.stacks.len());
    measure("hour", 360, 100, 1_000, &small, &mut random);
    measure("hour, one block a profile", 360, 1, 1_000, &small, &mut random);
    measure("day", 8_640, 1_000, 1_000, &small, &mut random);
    let large = program(15_000, 4_000, &mut random);
    println!("program of {} stacks", large.stacks.len());
    measure("hour of large profiles", 360, 100, 20_000, &large, &mut random);
}
