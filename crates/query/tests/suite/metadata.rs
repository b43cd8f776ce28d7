//! Metadata of profiles in selectors, against plain lists of profiles.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::{LabelSet, Matcher, MatcherOp, Matchers};
use emberglass_query::{
    CandidateKind, CompletionRequest, NoYield, QueryOutput, Selection, SeriesSelection, StackCondition, complete,
    density, labels, metadata, profiles as list, run, series, stack_totals, time_series,
};
use emberglass_store::{MemoryBackend, Origin, Store};
use emberglass_trie::{Granularity, Tree};
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, SECOND, compact, selection, store_of, thin, types};

/// A profile, and what its input states: an agent, comments, a period.
#[derive(Clone, Debug)]
struct Stated {
    profile: Profile,
    agent: &'static str,
    comments: Vec<&'static str>,
    period: i64,
}

/// Most profiles of one service, so that steps are summed up.
fn all_stated() -> impl Strategy<Value = Vec<Stated>> {
    let samples = proptest::collection::vec((proptest::collection::vec(0u8..4, 0..4), -2i64..50, 0i64..50), 0..4);
    let profile = (prop_oneof![9 => Just(0u8), 1 => Just(1u8)], 0i64..200, samples);
    let profile = profile.prop_map(|(service, start, samples)| Profile { service, region: 0, start, samples });
    let agent = prop_oneof![3 => Just("ember"), 1 => Just(""), 1 => Just("spy 2")];
    let comments = proptest::collection::vec(prop::sample::select(vec!["canary", "night run"]), 0..3);
    let stated = (profile, agent, comments, prop::sample::select(vec![0i64, 10, 10, 99]));
    let stated = stated.prop_map(|(profile, agent, comments, period)| Stated { profile, agent, comments, period });
    proptest::collection::vec(stated, 0..50)
}

impl Stated {
    fn value(&self, key: &str) -> String {
        match key {
            "agent" => self.agent.to_owned(),
            "comment" => self.comments.join("\n"),
            "period" if self.period != 0 => self.period.to_string(),
            "period_type" => "space".to_owned(),
            "period_unit" => "bytes".to_owned(),
            _ => String::new(),
        }
    }

    fn stage(&self, store: &Store<MemoryBackend>, number: usize) {
        let mut batch = self.profile.batch(number);
        if !self.agent.is_empty() {
            batch.metadata.push(("agent".to_owned(), self.agent.to_owned()));
        }
        batch.comments = self.comments.iter().map(|&comment| comment.to_owned()).collect();
        batch.profiles.iter_mut().for_each(|entry| entry.period = self.period);
        let origin = Origin { labels: self.profile.labels(), name: number.to_string(), ..Origin::default() };
        block_on(store.stage(&batch, &origin)).unwrap();
    }
}

const KEYS: [&str; 6] = ["agent", "comment", "period", "period_type", "period_unit", "none"];
const OPS: [MatcherOp; 4] = [MatcherOp::Equal, MatcherOp::NotEqual, MatcherOp::Match, MatcherOp::NotMatch];

/// A key, an operator and a value.
type Condition = (&'static str, usize, &'static str);

fn condition() -> impl Strategy<Value = Condition> {
    let values = vec!["ember", "", "spy.*", "canary", ".*night.*", "10", "space", "10|99"];
    (prop::sample::select(KEYS.to_vec()), 0usize..4, prop::sample::select(values))
}

fn written((key, op, value): Condition) -> String {
    format!("__meta_{key}{}{value:?}", OPS[op].as_str())
}

/// Whether the condition holds, by the value itself.
fn holds(stated: &Stated, (key, op, value): Condition) -> bool {
    Matcher::new(key, OPS[op], value).unwrap().matches(&stated.value(key))
}

/// Stores those that `takes` takes, each under its number in the list.
fn store_some(all: &[Stated], group: usize, takes: impl Fn(&Stated) -> bool) -> Store<MemoryBackend> {
    let store = store_of(&[], 1);
    for (number, stated) in all.iter().enumerate().filter(|(_, stated)| takes(stated)) {
        stated.stage(&store, number);
        if number % group == 0 {
            block_on(store.commit()).unwrap();
        }
    }
    block_on(store.commit()).unwrap();
    store
}

fn ask(store: &Store<MemoryBackend>, selection: &Selection) -> QueryOutput {
    block_on(run(store, selection, Granularity::Function, &NoYield)).unwrap()
}

fn said(output: &QueryOutput) -> (u64, u64, u8, Tree) {
    (output.profiles, output.trie.divisor, output.trie.scale, output.trie.tree.clone())
}

proptest! {
    #[test]
    fn profiles_are_selected_by_their_metadata_whatever_was_summed_up(
        all in all_stated(), group in 1usize..12, condition in condition(), compacts: bool, profile_type in 0usize..2,
        from in proptest::option::of(0i64..200), until in proptest::option::of(0i64..210),
    ) {
        let store = store_some(&all, group, |_| true);
        if compacts {
            compact(&store, 100);
        }
        let expected = store_some(&all, 1, |stated| holds(stated, condition));
        let by_metadata = selection(profile_type, &format!("{{{}}}", written(condition)), from, until);
        let everything = selection(profile_type, "{}", from, until);
        prop_assert_eq!(said(&ask(&store, &by_metadata)), said(&ask(&expected, &everything)));
        let sources = |store: &Store<MemoryBackend>, of: &Selection| {
            let (rows, count) = block_on(list(store, of, 0, usize::MAX, &NoYield)).unwrap();
            (rows.into_iter().map(|row| (row.start, row.source, row.labels)).collect::<std::collections::BTreeSet<_>>(), count)
        };
        prop_assert_eq!(sources(&store, &by_metadata), sources(&expected, &everything), "and no label of it");
        prop_assert_eq!(
            block_on(labels(&store, &by_metadata, &NoYield)).unwrap(), block_on(labels(&expected, &everything, &NoYield)).unwrap()
        );
        let over_time = |store, of| block_on(time_series(store, of, 50, &NoYield)).unwrap();
        prop_assert_eq!(over_time(&store, &by_metadata), over_time(&expected, &everything));
        let dense = |store, of| block_on(density(store, of, Some(SECOND), 100, &NoYield)).unwrap();
        prop_assert_eq!(dense(&store, &by_metadata), dense(&expected, &everything));
    }

    #[test]
    fn a_sum_answers_only_if_all_of_it_is_selected(
        all in all_stated(), condition in condition(), agents_differ: bool, profile_type in 0usize..2,
    ) {
        let mut all = all;
        for stated in &mut all {
            if !agents_differ {
                (stated.agent, stated.comments, stated.period) = ("ember", vec!["canary"], 10);
            }
            // Whoever is not selected is known by a function of its own.
            let function = if holds(stated, condition) { 1 } else { 9 };
            stated.profile.samples = vec![(vec![function], 5, 7)];
        }
        let store = store_some(&all, 8, |_| true);
        compact(&store, 100);
        thin(&store);
        let by_metadata = selection(profile_type, &format!("{{{}}}", written(condition)), None, None);
        let answer = ask(&store, &by_metadata);
        let selected = all.iter().filter(|stated| holds(stated, condition)).count() as u64;
        let missing = answer.missing.map_or(0, |missing| missing.profiles);
        prop_assert_eq!(answer.profiles + missing, selected, "what is not answered is said to be missing");
        prop_assert!(answer.widened.is_none());
        let names = answer.trie.symbols.functions.iter().map(|function| answer.trie.symbols.text(function.name));
        prop_assert!(names.into_iter().all(|name| name != "f9"));
        if !agents_differ {
            prop_assert_eq!(missing, 0);
        }
        if profile_type == 0 {
            prop_assert_eq!(answer.trie.total(), 5 * answer.profiles as i64);
        }
    }

    #[test]
    fn answers_by_series_tell_profiles_apart_by_metadata(all in all_stated(), group in 1usize..9, compacts: bool, thins: bool) {
        let store = store_some(&all, group, |_| true);
        if compacts {
            compact(&store, 100);
        }
        let keys = vec!["agent".to_owned(), "period".to_owned()];
        let mut expected: BTreeMap<LabelSet, Vec<(i64, i64)>> = BTreeMap::new();
        for stated in &all {
            let mut labels = stated.profile.labels();
            keys.iter().for_each(|key| labels.insert(format!("__meta_{key}"), stated.value(key)));
            let value = stated.profile.samples.iter().map(|(_, alloc, _)| alloc).sum();
            expected.entry(labels).or_default().push((stated.profile.start * SECOND, value));
        }
        expected.values_mut().for_each(|totals| totals.sort_unstable());
        let of_series = SeriesSelection { metadata: keys.clone(), ..SeriesSelection::default() };
        let is_alloc = |series: &emberglass_store::Series| series.profile_type == types()[0];
        let found = block_on(series(&store, &of_series, is_alloc, &NoYield)).unwrap().into_iter();
        let found: BTreeMap<LabelSet, Vec<(i64, i64)>> = found
            .map(|(series, totals)| (series.labels, totals.iter().map(|of| (of.start, of.total)).collect()))
            .collect();
        prop_assert_eq!(&found, &expected);

        let everything = Selection { metadata: keys, ..selection(0, "{}", None, None) };
        if thins {
            thin(&store);
        }
        let observed = block_on(density(&store, &everything, Some(SECOND), 100, &NoYield)).unwrap();
        let counts = |map: &BTreeMap<LabelSet, Vec<(i64, i64)>>| -> BTreeMap<LabelSet, usize> {
            map.iter().map(|(labels, totals)| (labels.clone(), totals.len())).collect()
        };
        let observed: BTreeMap<LabelSet, usize> = observed.series.iter().map(|(labels, of)| (labels.clone(), of.len())).collect();
        prop_assert_eq!(&observed, &counts(&expected));
        let through = StackCondition::Below(Vec::new());
        let totals = block_on(stack_totals(&store, &everything, &through, |a, b| a == b, &NoYield)).unwrap();
        let mut answered = 0;
        for (labels, totals) in &totals.series {
            let (profiles, sum) = totals.iter().fold((0, 0), |(profiles, sum), of| (profiles + of.profiles, sum + of.total));
            answered += u64::from(profiles);
            prop_assert!(profiles as usize <= expected[labels].len());
            if profiles as usize == expected[labels].len() {
                prop_assert_eq!(sum, expected[labels].iter().map(|(_, value)| value).sum::<i64>());
            }
        }
        let missing = totals.missing.map_or(0, |missing| missing.profiles);
        prop_assert_eq!(answered + missing, all.len() as u64);
        prop_assert!(missing == 0 || (thins && compacts));
    }

    #[test]
    fn a_deletion_by_metadata_takes_what_it_says(
        all in all_stated(), condition in condition(), staged in any::<prop::sample::Index>(),
    ) {
        let committed = staged.index(all.len() + 1);
        let store = store_some(&all[..committed], 5, |_| true);
        for (number, stated) in all.iter().enumerate().skip(committed) {
            stated.stage(&store, number);
        }
        let matchers = Matchers::parse(&format!("{{{}}}", written(condition))).unwrap();
        let report = block_on(store.delete(&matchers, None, None)).unwrap();
        block_on(store.commit()).unwrap();
        let gone = all.iter().filter(|stated| holds(stated, condition)).count();
        prop_assert_eq!(report.profiles + report.staged, 2 * gone as u64, "of both types");
        let everything = selection(0, "{}", None, None);
        let left = store_some(&all, 1, |stated| !holds(stated, condition));
        prop_assert_eq!(said(&ask(&store, &everything)), said(&ask(&left, &everything)));
    }

    #[test]
    fn keys_and_values_count_the_profiles_that_have_them(all in all_stated(), condition in condition()) {
        let store = store_some(&all, 7, |_| true);
        compact(&store, 100);
        let mut expected: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        for stated in all.iter().filter(|stated| holds(stated, condition)) {
            for key in KEYS {
                let value = stated.value(key);
                if !value.is_empty() {
                    *expected.entry(key).or_default().entry(value).or_default() += 1;
                }
            }
        }
        let by_metadata = selection(0, &format!("{{{}}}", written(condition)), None, None);
        let got = block_on(metadata(&store, &by_metadata, &NoYield)).unwrap();
        let got: BTreeMap<&str, BTreeMap<String, u64>> =
            got.iter().map(|of| (of.name.as_str(), of.values.iter().cloned().collect())).collect();
        prop_assert_eq!(&got, &expected);
        // They are offered under the names that they are matched by.
        let text = format!("alloc_space{{{}, __meta_", written(condition));
        let request = CompletionRequest { text: &text, at: text.len(), limit: 100, ..CompletionRequest::default() };
        let offered = block_on(complete(&store, &request, &NoYield)).unwrap().candidates;
        let names: BTreeMap<String, u64> = offered.into_iter().map(|of| {
            assert_eq!(of.kind, CandidateKind::Metadata);
            (of.text, of.profiles)
        }).collect();
        let sums = expected.iter().map(|(key, values)| (format!("__meta_{key}"), values.values().sum()));
        prop_assert_eq!(names, sums.collect::<BTreeMap<String, u64>>());
        for (key, values) in &expected {
            let text = format!("alloc_space{{{}, __meta_{key}=", written(condition));
            let request = CompletionRequest { text: &text, at: text.len(), limit: 100, ..CompletionRequest::default() };
            let offered = block_on(complete(&store, &request, &NoYield)).unwrap().candidates;
            let offered = offered.into_iter().filter(|of| of.kind == CandidateKind::Value);
            let offered: BTreeMap<String, u64> = offered.map(|of| (of.text, of.profiles)).collect();
            prop_assert_eq!(&offered, values);
        }
    }
}
