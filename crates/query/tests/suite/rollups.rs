//! Ranges read as sums of whole steps against the same ranges read profile by profile.

#![cfg(test)]

use std::collections::BTreeSet;

use emberglass_labels::Matchers;
use emberglass_query::{NoYield, QueryOutput, Selection, StoredProfile, Widened, plan, profiles as list, run};
use emberglass_store::{Identity, Limits, MemoryBackend, RetentionPolicy, SectionKind, Store};
use emberglass_trie::{Granularity, Tree};
use pollster::block_on;
use proptest::prelude::*;

use crate::common;
use crate::common::{Profile, SECOND, add, compact, selection, store_of};

/// A dense series beside a thin one.
fn profiles() -> impl Strategy<Value = Vec<Profile>> {
    let samples = proptest::collection::vec((proptest::collection::vec(0u8..4, 0..4), -2i64..50, 0i64..50), 0..5);
    let profile = (prop_oneof![9 => Just(0u8), 1 => Just(1u8)], 0i64..400, samples);
    let profile = profile.prop_map(|(service, start, samples)| Profile { service, region: 0, start, samples });
    proptest::collection::vec(profile, 0..60)
}

/// What a result says, whatever it was read from: profiles, divisor, scale, tree.
fn said(output: &QueryOutput) -> (u64, u64, u8, Tree) {
    (output.profiles, output.trie.divisor, output.trie.scale, output.trie.tree.clone())
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
        compact(&store, 100);
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
                compact(store, 100);
            }
        }
        let selection = selection(profile_type, "{}", from, until);
        let answer = |store| said(&block_on(run(store, &selection, Granularity::Function, &NoYield)).unwrap());
        prop_assert_eq!(answer(&store), answer(&plain));
        let cost = |store| block_on(plan(store, &selection, &NoYield)).unwrap();
        prop_assert_eq!((cost(&store).profiles, cost(&store).series), (cost(&plain).profiles, cost(&plain).series));
    }
}

/// Lets the samples of everything go that sums hold, once; says of how many profiles.
fn thin(store: &Store<MemoryBackend>) -> u64 {
    let report = common::thin(store);
    assert_eq!(report.profiles, 0);
    block_on(store.set_policy(RetentionPolicy::default())).unwrap();
    report.summed
}

/// The profiles that are stored, as their list says.
fn stored(store: &Store<MemoryBackend>, selection: &Selection) -> Vec<StoredProfile> {
    block_on(list(store, selection, 0, usize::MAX, &NoYield)).unwrap().0
}

proptest! {
    #[test]
    fn where_only_sums_are_left_a_range_is_that_of_whole_steps(
        first in profiles(), second in profiles(), group in 1usize..20, profile_type in 0usize..2,
        from in proptest::option::of(-5i64..410), until in proptest::option::of(-5i64..410),
        deleted in proptest::option::of((0i64..400, 0i64..400)), cutoff in 0i64..400,
    ) {
        let everything = selection(profile_type, "{}", None, None);
        let in_range = selection(profile_type, "{}", from, until);
        let plain = store_of(&first, group);
        let store = store_of(&first, group);
        compact(&store, 100);
        let before = stored(&store, &everything);
        thin(&store);
        prop_assert_eq!(stored(&store, &everything), before, "lists and totals stay");
        // What is stored is known to be, and what comes late is another block.
        let size = store.manifest().profiles();
        add(&store, &first, group, 0);
        prop_assert_eq!(store.manifest().profiles(), size);
        for store in [&plain, &store] {
            add(store, &second, group, first.len());
        }
        compact(&store, 100);
        let take = |store: &Store<MemoryBackend>, from: Option<i64>, until: Option<i64>| {
            block_on(store.delete(&Matchers::default(), from.map(|at| at * SECOND), until.map(|at| at * SECOND))).unwrap();
        };
        if let Some((a, b)) = deleted {
            take(&store, Some(a.min(b)), Some(a.max(b)));
        }
        // By age no sum goes of which a profile stays.
        let age = Limits { max_age: Some(1), ..Limits::default() };
        block_on(store.set_policy(RetentionPolicy { all: age, ..RetentionPolicy::default() })).unwrap();
        block_on(store.retain(cutoff * SECOND + 1)).unwrap();
        block_on(store.set_policy(RetentionPolicy::default())).unwrap();

        // The plain store gets rid of what the lists say is gone.
        let kept: BTreeSet<Identity> = stored(&store, &everything).iter().map(|profile| profile.identity).collect();
        let gone = stored(&plain, &everything).into_iter().filter(|profile| !kept.contains(&profile.identity));
        let gone: BTreeSet<usize> = gone.map(|profile| number_of(&profile)).collect();
        for profile in stored(&plain, &everything) {
            let inside = deleted.is_some_and(|(a, b)| (a.min(b) * SECOND..a.max(b) * SECOND).contains(&profile.start));
            let is_gone = gone.contains(&number_of(&profile));
            prop_assert!(is_gone || !inside, "what is deleted is gone");
        }
        let rest: Vec<(usize, &Profile)> =
            first.iter().chain(&second).enumerate().filter(|(number, _)| !gone.contains(number)).collect();
        let plain = store_of(&[], 1);
        for (number, profile) in rest {
            add(&plain, std::slice::from_ref(profile), 1, number);
        }

        let answer = block_on(run(&store, &in_range, Granularity::Function, &NoYield)).unwrap();
        prop_assert_eq!(answer.missing, None);
        let asked = match answer.widened {
            None => in_range,
            Some(Widened { from, until }) => {
                prop_assert!(in_range.from.is_none_or(|of| from <= of) && in_range.until.is_none_or(|of| until >= of));
                Selection { from: in_range.from.and(Some(from)), until: in_range.until.and(Some(until)), ..in_range }
            }
        };
        let of_plain = block_on(run(&plain, &asked, Granularity::Function, &NoYield)).unwrap();
        if answer.widened.is_none() {
            prop_assert_eq!(said(&answer), said(&of_plain));
        } else {
            // A series without sums keeps to the range that was asked for.
            prop_assert!(answer.profiles <= of_plain.profiles);
        }
        let whole = |store| said(&block_on(run(store, &everything, Granularity::Function, &NoYield)).unwrap());
        prop_assert_eq!(whole(&store), whole(&plain));
    }
}

/// The number that [`add`] gave a profile.
fn number_of(profile: &StoredProfile) -> usize {
    profile.source.parse().unwrap()
}

#[test]
fn a_range_in_the_middle_of_a_sum_is_widened() {
    let store = store_of(&dense(), 50);
    compact(&store, 100);
    assert_eq!(thin(&store), 800, "of both types");
    assert_eq!(store.manifest().blocks[0].level, 3);
    let asked = selection(0, "{}", Some(13), Some(27));
    let answer = block_on(run(&store, &asked, Granularity::Function, &NoYield)).unwrap();
    assert_eq!(answer.widened, Some(Widened { from: 10 * SECOND, until: 30 * SECOND }));
    let whole = selection(0, "{}", Some(10), Some(30));
    let expected = block_on(run(&store_of(&dense(), 50), &whole, Granularity::Function, &NoYield)).unwrap();
    assert_eq!(said(&answer), said(&expected));
    let exact = block_on(run(&store, &whole, Granularity::Function, &NoYield)).unwrap();
    assert_eq!((said(&exact), exact.widened), (said(&expected), None));
    // A deletion takes whole sums.
    let report = block_on(store.delete(&Matchers::default(), Some(12 * SECOND), Some(13 * SECOND))).unwrap();
    assert_eq!(report.profiles, 20);
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
    compact(&store, 100);
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
        compact(&store, 100);
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
