//! Shares of functions by input, against plain lists of profiles.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};

use emberglass_query::{NoYield, Selection, function_shares};
use emberglass_store::{SectionKey, SectionKind};
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, compact, profiles, selected, selection, store_of};

/// Sums of shares and squares by function: of stacks that end in it, and of those that have it.
fn naive(profiles: &[Profile], selection: &Selection, profile_type: usize) -> (u64, BTreeMap<String, [[f64; 2]; 2]>) {
    let mut found: BTreeMap<String, [[f64; 2]; 2]> = BTreeMap::new();
    let mut inputs = 0;
    for profile in selected(profiles, selection) {
        let value = |sample: &(Vec<u8>, i64, i64)| (if profile_type == 0 { sample.1 } else { sample.2 }) as f64;
        let total: f64 = profile.samples.iter().map(value).sum();
        if total <= 0.0 {
            continue;
        }
        inputs += 1;
        let mut of: BTreeMap<u8, [f64; 2]> = BTreeMap::new();
        for sample in &profile.samples {
            if let Some(&leaf) = sample.0.last() {
                of.entry(leaf).or_default()[0] += value(sample);
            }
            for &function in sample.0.iter().collect::<BTreeSet<_>>() {
                of.entry(function).or_default()[1] += value(sample);
            }
        }
        for (function, values) in of {
            let sums = found.entry(format!("f{function}")).or_default();
            for (sums, value) in sums.iter_mut().zip(values) {
                let share = value / total;
                sums[0] += share;
                sums[1] += share * share;
            }
        }
    }
    (inputs, found)
}

proptest! {
    #[test]
    fn each_function_has_its_share_of_each_input(
        all in profiles(), group in 1usize..4, compacts: bool, profile_type in 0usize..2,
        matchers in r#"\{\}|\{service_name="s1"\}|\{region!="r0"\}"#,
        from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..45),
    ) {
        let store = store_of(&all, group);
        if compacts {
            compact(&store, 1_000);
        }
        let selection = selection(profile_type, &matchers, from, until);
        let found = block_on(function_shares(&store, &selection, &NoYield)).unwrap();
        let (inputs, expected) = naive(&all, &selection, profile_type);
        prop_assert_eq!((found.inputs, found.missing), (inputs, None));
        for (name, sums) in found.functions.iter().collect::<BTreeMap<_, _>>() {
            let expected = expected.get(name).copied().unwrap_or_default();
            for (sums, expected) in sums.iter().zip(expected) {
                prop_assert!((sums.shares - expected[0]).abs() < 1e-9, "{}", name);
                prop_assert!((sums.squares - expected[1]).abs() < 1e-9, "{}", name);
            }
        }
        prop_assert!(expected.keys().all(|name| found.functions.contains_key(name)));
    }
}

#[test]
fn what_can_not_be_read_is_told() {
    let all: Vec<Profile> = (0..4).map(|start| Profile { start, ..profile() }).collect();
    let store = store_of(&all, 2);
    let id = store.manifest().blocks[0].id;
    store.backend().damage(SectionKey { block: id, kind: SectionKind::Samples, part: 0 }, |value| value[30] ^= 1);
    let found = block_on(function_shares(&store, &selection(0, "{}", None, None), &NoYield)).unwrap();
    assert!(found.missing.is_some() && found.inputs < 4);
}

fn profile() -> Profile {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    loop {
        let all = profiles().new_tree(&mut runner).unwrap().current();
        if let Some(profile) = all.into_iter().find(|profile| profile.samples.iter().any(|sample| sample.1 > 0)) {
            return profile;
        }
    }
}
