//! Ranges read as sums of whole steps against the same ranges read profile by profile.

#![cfg(test)]

#[allow(dead_code, reason = "other tests use the rest")]
mod common;

use common::{Profile, SECOND, add, selection, store_of};
use emberglass_labels::Matchers;
use emberglass_query::{NoYield, QueryOutput, plan, run};
use emberglass_store::{CompactStep, MemoryBackend, SectionKind, Store, Urgency};
use emberglass_trie::Granularity;
use pollster::block_on;
use proptest::prelude::*;

/// A dense series beside a thin one.
fn profiles() -> impl Strategy<Value = Vec<Profile>> {
    let samples = proptest::collection::vec((proptest::collection::vec(0u8..4, 0..4), -2i64..50, 0i64..50), 0..5);
    let profile = (prop_oneof![9 => Just(0u8), 1 => Just(1u8)], 0i64..400, samples);
    let profile = profile.prop_map(|(service, start, samples)| Profile { service, region: 0, start, samples });
    proptest::collection::vec(profile, 0..60)
}

fn compact(store: &Store<MemoryBackend>) {
    while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
        while block_on(store.compact_step(&mut compaction, 100)).unwrap() == CompactStep::More {}
    }
}

/// What a result says, whatever it was read from.
fn said(output: &QueryOutput) -> (u64, u64, u8, Vec<u32>, Vec<u32>, Vec<i64>, Vec<i64>) {
    let tree = &output.trie.tree;
    let columns = (tree.parent.clone(), tree.key.clone(), tree.self_value.clone(), tree.total.clone());
    let (parent, key, own, total) = columns;
    (output.profiles, output.trie.divisor, output.trie.scale, parent, key, own, total)
}

proptest! {
    #[test]
    fn sums_of_steps_are_the_sums_of_their_profiles(
        first in profiles(), second in profiles(), group in 1usize..20, profile_type in 0usize..2,
        from in proptest::option::of(-5i64..410), until in proptest::option::of(-5i64..410),
        deleted in proptest::option::of((0i64..400, 0i64..400)),
    ) {
        let plain = store_of(&first, group);
        let store = store_of(&first, group);
        compact(&store);
        if let Some((a, b)) = deleted {
            let range = (Some(a.min(b) * SECOND), Some(a.max(b) * SECOND));
            for store in [&plain, &store] {
                block_on(store.delete(&Matchers::default(), range.0, range.1)).unwrap();
            }
        }
        // What comes late falls into steps that were summed up before.
        for (store, compacts) in [(&plain, false), (&store, true)] {
            add(store, &second, group, first.len());
            if compacts {
                compact(store);
            }
        }
        let selection = selection(profile_type, "{}", from, until);
        let answer = |store| said(&block_on(run(store, &selection, Granularity::Function, &NoYield)).unwrap());
        prop_assert_eq!(answer(&store), answer(&plain));
        let cost = |store| block_on(plan(store, &selection, &NoYield)).unwrap();
        prop_assert_eq!((cost(&store).profiles, cost(&store).series), (cost(&plain).profiles, cost(&plain).series));
    }
}

/// A profile a second for 400 seconds.
fn dense() -> Vec<Profile> {
    let samples = |at: i64| vec![(vec![0, 1], at + 1, at + 2), (vec![0, 2, (at % 5) as u8], 3, 4)];
    (0..400).map(|at| Profile { service: 0, region: 0, start: at, samples: samples(at) }).collect()
}

#[test]
fn a_long_range_reads_few_rows() {
    let store = store_of(&dense(), 50);
    let whole = selection(0, "{}", Some(3), Some(395));
    let before = block_on(plan(&store, &whole, &NoYield)).unwrap();
    compact(&store);
    let after = block_on(plan(&store, &whole, &NoYield)).unwrap();
    assert_eq!((after.profiles, after.series, after.blocks()), (before.profiles, 1, 1));
    // 7 + 5 profiles, 9 + 9 steps of 10 s, 2 of 100 s.
    assert!(after.sample_bytes * 8 < before.sample_bytes, "{} {}", after.sample_bytes, before.sample_bytes);
}

#[test]
fn damaged_sums_are_done_without() {
    for part in [0, 1] {
        let memory = MemoryBackend::default();
        let whole = selection(1, "{}", Some(3), Some(395));
        let ask = |store: &Store<MemoryBackend>| block_on(run(store, &whole, Granularity::Function, &NoYield)).unwrap();
        let expected = said(&ask(&store_of(&dense(), 50)));
        let store = common::store_in(memory.clone());
        add(&store, &dense(), 50, 0);
        compact(&store);
        assert_eq!(said(&ask(&store)), expected);
        let block = store.manifest().blocks[0].clone();
        let key = block.section(SectionKind::Rollups, part).unwrap().key(block.id);
        assert!(memory.damage(key, |value| value[30] ^= 1));
        let store = common::store_in(memory);
        let answer = ask(&store);
        assert_eq!((said(&answer), answer.missing), (expected, None));
        assert!(store.quarantined().contains_key(&key));
    }
}
