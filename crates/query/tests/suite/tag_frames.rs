//! Values of labels as frames, against plain lists of profiles.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::{LabelSet, StackEnds, TagFrames};
use emberglass_profile::{FunctionId, StackId, StackTable, Symbols};
use emberglass_query::{NoYield, Selection, kept_time_series, kept_totals, run};
use emberglass_trie::{Granularity, MergedTrie};
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, SECOND, compact, profiles, selected, selection, store_of};

fn with_frames(of: Selection) -> Selection {
    let keys = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect();
    let tag_frames = TagFrames { roots: keys(&["region", "pod"]), leaves: keys(&["service_name"]) };
    Selection { tag_frames, ..of }
}

/// Stacks of names; a frame of a label is written with its key.
fn stacks_of(trie: &MergedTrie) -> BTreeMap<Vec<String>, i64> {
    let mut stacks = BTreeMap::new();
    for node in (0..trie.tree.len()).filter(|&node| trie.tree.self_value[node] != 0) {
        let (mut stack, mut at) = (Vec::new(), node);
        while at != 0 {
            let function = trie.symbols.functions.get(FunctionId(trie.tree.key[at])).unwrap();
            let (name, file) = (trie.symbols.text(function.name), trie.symbols.text(function.file));
            stack.push(if file.is_empty() { name.to_owned() } else { format!("{file}:{name}") });
            at = trie.tree.parent[at] as usize;
        }
        stack.reverse();
        stacks.insert(stack, trie.tree.self_value[node]);
    }
    stacks
}

fn naive(profiles: &[&Profile]) -> BTreeMap<Vec<String>, i64> {
    let mut stacks = BTreeMap::new();
    for profile in profiles {
        for (functions, value, _) in &profile.samples {
            let mut stack = vec![format!("region:r{}", profile.region), "pod:".to_owned()];
            stack.extend(functions.iter().map(|function| format!("f{function}")));
            stack.push(format!("service_name:s{}", profile.service));
            *stacks.entry(stack).or_default() += value;
        }
    }
    stacks.retain(|_, value| *value != 0);
    stacks
}

/// Stacks that end in a function of an even number, in one region.
fn keeps(symbols: &Symbols, stacks: &StackTable, ends: &StackEnds) -> Vec<bool> {
    let is_kept = |row: u32| {
        let frame = symbols.frames.get(stacks.frame(StackId(row))).unwrap_or_default();
        let name = symbols.function_name(frame.function);
        ends.roots[0].value == "r1" && row > 0 && ["f0", "f2", "f4"].contains(&name)
    };
    (0..stacks.len() as u32).map(is_kept).collect()
}

fn kept_of(profile: &Profile) -> i64 {
    let is_kept = |stack: &[u8]| profile.region == 1 && stack.last().is_some_and(|function| function % 2 == 0);
    profile.samples.iter().filter(|(stack, ..)| is_kept(stack)).map(|(_, value, _)| value).sum()
}

proptest! {
    #[test]
    fn stacks_stand_between_the_values_of_their_labels(
        all in profiles(), group in 1usize..4, compacts: bool,
        matchers in r#"\{\}|\{service_name="s1"\}"#,
        from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..45),
    ) {
        let store = store_of(&all, group);
        if compacts {
            compact(&store, 1_000);
        }
        let selection = with_frames(selection(0, &matchers, from, until));
        let output = block_on(run(&store, &selection, Granularity::Function, &NoYield)).unwrap();
        prop_assert_eq!(stacks_of(&output.trie), naive(&selected(&all, &selection)));
        prop_assert_eq!(output.profiles, selected(&all, &selection).len() as u64);
    }

    #[test]
    fn each_profile_has_what_is_kept_of_it(all in profiles(), group in 1usize..4, compacts: bool) {
        let store = store_of(&all, group);
        if compacts {
            compact(&store, 1_000);
        }
        let selection = with_frames(selection(0, "{}", None, None));
        let totals = block_on(kept_totals(&store, &selection, keeps, &NoYield)).unwrap();
        let mut found: BTreeMap<LabelSet, Vec<(i64, i64)>> = BTreeMap::new();
        for (labels, rows) in totals.series {
            let mut rows: Vec<_> = rows.into_iter().map(|row| (row.start, row.value)).collect();
            rows.sort_unstable();
            found.insert(labels, rows);
        }
        let mut expected: BTreeMap<LabelSet, Vec<(i64, i64)>> = BTreeMap::new();
        for profile in &all {
            expected.entry(profile.labels()).or_default().push((profile.start * SECOND, kept_of(profile)));
        }
        expected.values_mut().for_each(|rows| rows.sort_unstable());
        prop_assert_eq!(found, expected);

        let series = block_on(kept_time_series(&store, &selection, 1_000, keeps, &NoYield)).unwrap();
        let mut sums = vec![0.0; series.values.len()];
        for profile in &all {
            sums[((profile.start * SECOND - series.start) / series.step) as usize] += kept_of(profile) as f64;
        }
        prop_assert_eq!(series.values, sums);
        prop_assert_eq!(series.profiles.iter().sum::<u32>(), all.len() as u32);
    }
}
