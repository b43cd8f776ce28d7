//! What some stacks are of each profile, against plain lists of profiles.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::LabelSet;
use emberglass_query::{NoYield, Selection, StackCondition, StackTotals, stack_totals};
use emberglass_store::{MemoryBackend, SectionKey, SectionKind, Store};
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, SECOND, add, compact, profiles, selected, selection, store_of, thin};

fn conditions() -> impl Strategy<Value = (StackCondition, Vec<u8>)> {
    let name = |function: &u8| format!("f{function}");
    prop_oneof![
        (0u8..5).prop_map(move |of| (StackCondition::Through(name(&of)), vec![of])),
        (0u8..5).prop_map(move |of| (StackCondition::EndingIn(name(&of)), vec![of])),
        proptest::collection::vec(0u8..5, 0..3)
            .prop_map(move |path| (StackCondition::Below(path.iter().map(name).collect()), path)),
    ]
}

fn meets(condition: &StackCondition, names: &[u8], stack: &[u8]) -> bool {
    match condition {
        StackCondition::Through(_) => stack.contains(&names[0]),
        StackCondition::EndingIn(_) => stack.last() == names.first(),
        StackCondition::Below(_) => stack.starts_with(names),
    }
}

/// Start, wanted value, whole value of each profile by labels.
fn naive(
    profiles: &[Profile],
    selection: &Selection,
    profile_type: usize,
    (condition, names): &(StackCondition, Vec<u8>),
) -> BTreeMap<LabelSet, Vec<(i64, i64, i64)>> {
    let mut all: BTreeMap<LabelSet, Vec<(i64, i64, i64)>> = BTreeMap::new();
    for profile in selected(profiles, selection) {
        let value = |sample: &(Vec<u8>, i64, i64)| if profile_type == 0 { sample.1 } else { sample.2 };
        let wanted = profile.samples.iter().filter(|(stack, ..)| meets(condition, names, stack)).map(value).sum();
        let row = (profile.start * SECOND, wanted, profile.samples.iter().map(value).sum());
        all.entry(profile.labels()).or_default().push(row);
    }
    all.values_mut().for_each(|rows| rows.sort_unstable());
    all
}

fn ask(store: &Store<MemoryBackend>, selection: &Selection, condition: &StackCondition) -> StackTotals {
    block_on(stack_totals(store, selection, condition, |name, wanted| name == wanted, &NoYield)).unwrap()
}

proptest! {
    #[test]
    fn each_profile_has_its_part(
        all in profiles(), group in 1usize..4, compacts: bool, profile_type in 0usize..2, condition in conditions(),
        matchers in r#"\{\}|\{service_name="s1"\}|\{region!="r0"\}"#,
        from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..45),
    ) {
        let store = store_of(&all, group);
        if compacts {
            compact(&store, 1_000);
        }
        let selection = selection(profile_type, &matchers, from, until);
        let totals = ask(&store, &selection, &condition.0);
        prop_assert_eq!(totals.missing, None);
        let mut found: BTreeMap<LabelSet, Vec<(i64, i64, i64)>> = BTreeMap::new();
        for (labels, rows) in totals.series {
            prop_assert!(rows.iter().all(|row| row.profiles == 1 && row.scale == 0));
            let mut rows: Vec<_> = rows.into_iter().map(|row| (row.start, row.value, row.total)).collect();
            prop_assert!(rows.is_sorted_by_key(|row| row.0));
            rows.sort_unstable();
            found.insert(labels, rows);
        }
        prop_assert_eq!(found, naive(&all, &selection, profile_type, &condition));
    }

    #[test]
    fn what_only_sums_are_left_of_is_in_the_sums_or_missing(
        first in profiles(), late in profiles(), profile_type in 0usize..2, condition in conditions(),
        from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..45),
    ) {
        let store = store_of(&first, 3);
        compact(&store, 1_000);
        thin(&store);
        add(&store, &late, 2, first.len());
        let all: Vec<Profile> = first.iter().chain(&late).cloned().collect();
        for compacts in [false, true] {
            if compacts {
                compact(&store, 1_000);
            }
            let sums = |selection: &Selection| {
                let totals = ask(&store, selection, &condition.0);
                let rows = totals.series.values().flatten();
                let sum = rows.fold((0, 0, 0), |sum, row| (sum.0 + u64::from(row.profiles), sum.1 + row.value, sum.2 + row.total));
                (sum, totals.missing.map_or(0, |missing| missing.profiles))
            };
            let everything = selection(profile_type, "{}", None, None);
            let of_all = naive(&all, &everything, profile_type, &condition);
            let rows = of_all.values().flatten();
            let expected = rows.fold((0, 0, 0), |sum, row| (sum.0 + 1, sum.1 + row.1, sum.2 + row.2));
            prop_assert_eq!(sums(&everything), (expected, 0));
            let in_range = selection(profile_type, "{}", from, until);
            let (found, missing) = sums(&in_range);
            let count = selected(&all, &in_range).len() as u64;
            prop_assert_eq!(found.0 + missing, count);
        }
    }
}

#[test]
fn damaged_samples_are_left_out_and_said() {
    let sample = |value| vec![(vec![0, 1], value, value)];
    let all: Vec<Profile> =
        (0..3).map(|at| Profile { service: 0, region: 0, start: at, samples: sample(at + 1) }).collect();
    let store = store_of(&all, 1);
    let ids: Vec<_> = store.manifest().blocks.iter().map(|block| block.id).collect();
    let key = SectionKey { block: ids[1], kind: SectionKind::Samples, part: 0 };
    assert!(store.backend().damage(key, |bytes| {
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
    }));
    let totals = ask(&store, &selection(0, "{}", None, None), &StackCondition::Through("f1".to_owned()));
    let values: Vec<i64> = totals.series.values().flatten().map(|row| row.value).collect();
    assert_eq!(values, [1, 3]);
    assert_eq!(totals.missing.map(|missing| missing.profiles), Some(1));
}
