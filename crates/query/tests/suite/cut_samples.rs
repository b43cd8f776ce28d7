//! Samples cut at the edges of a range, against plain lists of records.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::LabelSet;
use emberglass_profile::{
    AttributeSetId, Batch, ContentHash, Frame, Function, FunctionId, ProfileEntry, ProfileType, SampleTableBuilder,
};
use emberglass_query::{NoYield, QueryOutput, Selection, estimate, run};
use emberglass_store::{MemoryBackend, Origin, SectionKind, Store};
use emberglass_trie::{Granularity, StackBuilder};
use pollster::block_on;
use proptest::prelude::*;

use crate::common;
use crate::common::{compact, thin};

const SECOND: i64 = 1_000_000_000;

/// Whether a format has times of samples, and of which clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    None,
    Epoch,
    /// The source's own, which begins with the profile.
    Own,
}

/// A profile of one thread; times in seconds.
#[derive(Clone, Debug)]
struct Profile {
    thread: u8,
    start: i64,
    times: Times,
    /// Time after the start, function (0: the empty stack), value.
    records: Vec<(i64, u8, i64)>,
}

/// One that adds up and one that is averaged.
fn types() -> [ProfileType; 2] {
    ["process_cpu:cpu:nanoseconds:cpu:nanoseconds", "memory:inuse_space:bytes::"].map(|id| id.parse().unwrap())
}

fn labels(thread: u8) -> LabelSet {
    [("service_name", "s".to_owned()), ("thread", format!("t{thread}"))].into_iter().collect()
}

impl Profile {
    fn batch(&self, number: usize, profile_type: &ProfileType) -> Batch {
        let mut batch = Batch { content_hash: ContentHash(number as u128 + 1), ..Batch::default() };
        let mut stacks = StackBuilder::default();
        let mut table = SampleTableBuilder::new(&[0]);
        for &(time, function, value) in &self.records {
            let frames = (function > 0).then(|| {
                let name = batch.symbols.strings.intern(&format!("f{function}"));
                let function = batch.symbols.functions.intern(Function { name, ..Function::default() });
                batch.symbols.frames.intern(Frame { function, ..Frame::default() })
            });
            let stack = stacks.insert(frames);
            match self.times {
                Times::None => table.add(stack, AttributeSetId::EMPTY, &[value]).unwrap(),
                Times::Epoch => {
                    table.add_at((self.start + time) * SECOND, stack, AttributeSetId::EMPTY, &[value]).unwrap()
                }
                Times::Own => table.add_at((7_000 + time) * SECOND, stack, AttributeSetId::EMPTY, &[value]).unwrap(),
            }
        }
        batch.stacks = stacks.finish();
        batch.tables.push(table.finish());
        let start = (self.times != Times::Own).then_some(self.start * SECOND);
        batch.profiles.push(ProfileEntry { profile_type: profile_type.clone(), start, ..ProfileEntry::default() });
        batch
    }

    /// Its records, each at its time since the epoch.
    fn timed(&self) -> impl Iterator<Item = (i64, u8, i64)> {
        let first = self.records.iter().map(|record| record.0).min().unwrap_or(0);
        let shift = if self.times == Times::Own { first } else { 0 };
        self.records.iter().map(move |&(time, function, value)| (self.start + time - shift, function, value))
    }
}

fn profiles() -> impl Strategy<Value = Vec<Profile>> {
    let records = proptest::collection::vec((0i64..60, 0u8..4, 0i64..100), 1..6);
    let times = prop_oneof![3 => Just(Times::Epoch), 1 => Just(Times::None), 1 => Just(Times::Own)];
    let profile = (prop_oneof![4 => Just(0u8), 1 => Just(1u8)], 0i64..100, times, records);
    let profile = profile.prop_map(|(thread, start, times, records)| Profile { thread, start, times, records });
    proptest::collection::vec(profile, 0..30)
}

fn store_of(profiles: &[Profile], profile_type: &ProfileType, group: usize) -> Store<MemoryBackend> {
    let store = common::store_in(MemoryBackend::default());
    for (number, profile) in profiles.iter().enumerate() {
        let origin = Origin {
            labels: labels(profile.thread),
            name: number.to_string(),
            fallback_start: profile.start * SECOND,
            ..Origin::default()
        };
        block_on(store.stage(&profile.batch(number, profile_type), &origin)).unwrap();
        if number % group == group - 1 {
            block_on(store.commit()).unwrap();
        }
    }
    block_on(store.commit()).unwrap();
    store
}

type Range = (Option<i64>, Option<i64>);

fn is_inside((from, until): Range, time: i64) -> bool {
    from.is_none_or(|from| time >= from) && until.is_none_or(|until| time < until)
}

/// The values of each function that count of each profile that counts, by series.
fn cut(profiles: &[Profile], range: Range) -> BTreeMap<u8, Vec<BTreeMap<u8, i64>>> {
    let mut all: BTreeMap<u8, Vec<BTreeMap<u8, i64>>> = BTreeMap::new();
    for profile in profiles {
        let by_start = profile.times == Times::None;
        let counts =
            profile.timed().filter(|(time, ..)| is_inside(range, if by_start { profile.start } else { *time }));
        let starts_before_the_end = range.1.is_none_or(|until| profile.start < until);
        let mut sums = BTreeMap::new();
        let mut records = 0;
        for (_, function, value) in counts {
            *sums.entry(function).or_default() += value;
            records += 1;
        }
        if records > 0 && starts_before_the_end {
            all.entry(profile.thread).or_default().push(sums);
        }
    }
    all
}

/// Values times this can be divided by any number of profiles of a series here (up to 60).
const COMMON: i128 = 9_690_712_164_777_231_700_912_800;

fn naive(profiles: &[Profile], range: Range, averages: bool) -> (u64, BTreeMap<String, i128>) {
    let by_series = cut(profiles, range);
    let mut values: BTreeMap<String, i128> = BTreeMap::new();
    for of_series in by_series.values() {
        let divisor = if averages { of_series.len() as i128 } else { 1 };
        for (function, value) in of_series.iter().flatten() {
            let name = if *function == 0 { String::new() } else { format!("f{function}") };
            *values.entry(name).or_default() += i128::from(*value) * COMMON / divisor;
        }
    }
    values.retain(|_, value| *value != 0);
    (by_series.values().map(Vec::len).sum::<usize>() as u64, values)
}

fn said(output: &QueryOutput) -> (u64, BTreeMap<String, i128>) {
    let trie = &output.trie;
    let mut values: BTreeMap<String, i128> = BTreeMap::new();
    for (node, &value) in trie.tree.self_value.iter().enumerate() {
        let name = match node {
            0 => String::new(),
            node => trie.symbols.function_name(FunctionId(trie.tree.key[node])).to_owned(),
        };
        *values.entry(name).or_default() += i128::from(value) * COMMON / i128::from(trie.divisor);
    }
    values.retain(|_, value| *value != 0);
    (output.profiles, values)
}

fn selection(profile_type: &ProfileType, (from, until): Range, cut_samples: bool) -> Selection {
    let ns = |at: Option<i64>| at.map(|at| at * SECOND);
    let (from, until) = (ns(from), ns(until));
    Selection { profile_type: profile_type.clone(), from, until, cut_samples, ..Selection::default() }
}

fn ask(store: &Store<MemoryBackend>, selection: &Selection) -> QueryOutput {
    block_on(run(store, selection, Granularity::Function, &NoYield)).unwrap()
}

proptest! {
    #[test]
    fn only_samples_in_the_range_count(
        all in profiles(), later in profiles(), group in 1usize..8, which in 0usize..2, compacts in 0u8..3,
        from in proptest::option::of(0i64..150), until in proptest::option::of(0i64..170),
    ) {
        let profile_type = &types()[which];
        let store = store_of(&all, profile_type, group);
        if compacts > 0 {
            compact(&store, 100);
        }
        // What comes later lies beside what was merged, and is merged with it.
        let mut both = all.clone();
        for profile in later {
            let number = both.len();
            let origin = Origin {
                labels: labels(profile.thread), name: number.to_string(), fallback_start: profile.start * SECOND, ..Origin::default()
            };
            block_on(store.stage(&profile.batch(number, profile_type), &origin)).unwrap();
            both.push(profile);
        }
        block_on(store.commit()).unwrap();
        if compacts > 1 {
            compact(&store, 100);
        }
        let of_range = selection(profile_type, (from, until), true);
        let answer = ask(&store, &of_range);
        prop_assert_eq!(said(&answer), naive(&both, (from, until), which == 1));
        prop_assert_eq!((answer.missing, answer.widened), (None, None));
        let before = block_on(estimate(&store, &of_range, &NoYield)).unwrap();
        prop_assert_eq!(before.profiles, answer.profiles);
        prop_assert_eq!(before.cached_bytes, before.bytes, "it was all read");
        // Side by side ranges are the whole, where values add up and no profile counts by its start.
        if which == 0 && from.is_some() && both.iter().all(|profile| profile.times != Times::None) {
            let (first, second) = ((None, from), (from, until.filter(|until| *until >= from.unwrap())));
            let mut sums = said(&ask(&store, &selection(profile_type, first, true))).1;
            for (name, value) in said(&ask(&store, &selection(profile_type, second, true))).1 {
                *sums.entry(name).or_default() += value;
            }
            let whole = (None, second.1);
            prop_assert_eq!(sums, said(&ask(&store, &selection(profile_type, whole, true))).1);
        }
    }

    #[test]
    fn without_edges_nothing_is_cut(all in profiles(), which in 0usize..2) {
        let store = store_of(&all, &types()[which], 5);
        compact(&store, 100);
        let everything = selection(&types()[which], (None, None), true);
        prop_assert_eq!(said(&ask(&store, &everything)), said(&ask(&store, &Selection { cut_samples: false, ..everything.clone() })));
        let wide = selection(&types()[which], (Some(-1), Some(1000)), true);
        prop_assert_eq!(said(&ask(&store, &wide)), said(&ask(&store, &everything)));
    }

    #[test]
    fn of_sums_the_start_counts(all in profiles(), from in proptest::option::of(0i64..100), until in proptest::option::of(0i64..100)) {
        let profile_type = &types()[0];
        let store = store_of(&all, profile_type, 50);
        compact(&store, 100);
        thin(&store);
        let block = store.manifest().blocks.first().map(|meta| block_on(store.block(meta.id)).unwrap());
        // Whatever is left of a profile, no profile counts twice, and none is lost.
        let answer = ask(&store, &selection(profile_type, (from, until), true));
        let most: i64 = all.iter().flat_map(|profile| &profile.records).map(|record| record.2).sum();
        prop_assert!(answer.trie.total() <= most && answer.profiles <= all.len() as u64);
        let whole = ask(&store, &selection(profile_type, (Some(-1), Some(1000)), true));
        prop_assert_eq!((whole.trie.total(), whole.profiles), (most, all.len() as u64));
        if block.is_some_and(|block| (0..block.profiles.len()).all(|row| block.profiles.is_summed(row))) {
            let plain = ask(&store, &selection(profile_type, (from, until), false));
            prop_assert_eq!((said(&answer), answer.widened), (said(&plain), plain.widened));
        }
    }
}

#[test]
fn where_times_are_damaged_the_profiles_are_missing() {
    let profile = |start, times| Profile { thread: 0, start, times, records: vec![(0, 1, 10), (9, 1, 5)] };
    let all = [profile(0, Times::Epoch), profile(20, Times::Epoch), profile(40, Times::Epoch)];
    let store = store_of(&all, &types()[0], 9);
    let meta = store.manifest().blocks[0].clone();
    let backend = store.backend().clone();
    for part in [0, 1] {
        let key = meta.section(SectionKind::Timelines, part).unwrap().key(meta.id);
        let before = block_on(emberglass_store::Backend::get(&backend, &[key])).unwrap().pop().unwrap().unwrap();
        assert!(backend.damage(key, |bytes| bytes.last_mut().into_iter().for_each(|byte| *byte ^= 1)));
        let store = common::store_in(backend.clone());
        for _ in 0..2 {
            let answer = ask(&store, &selection(&types()[0], (Some(5), Some(45)), true));
            assert_eq!((answer.profiles, answer.trie.total()), (0, 0));
            assert_eq!(answer.missing.map(|missing| missing.profiles), Some(3), "how long they are nobody knows");
        }
        assert_eq!(ask(&store, &selection(&types()[0], (Some(5), Some(45)), false)).trie.total(), 30);
        assert!(backend.damage(key, |bytes| *bytes = before.clone()));
    }
}
