//! Density over time against plain lists of records.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::{LabelSet, StackEnds};
use emberglass_profile::{
    AttributeSetId, Batch, ContentHash, Frame, Function, ProfileEntry, ProfileType, SampleTableBuilder, StackTable,
    Symbols,
};
use emberglass_query::{Density, NoYield, Observation, QueryError, Selection, density, kept_density};
use emberglass_store::{MemoryBackend, Origin, Store};
use emberglass_trie::StackBuilder;
use pollster::block_on;
use proptest::prelude::*;

const MS: i64 = 1_000_000;

/// A profile of one thread; times in ms.
#[derive(Clone, Debug)]
struct Profile {
    thread: u8,
    start: i64,
    /// Whether its format has a time for each record.
    is_timed: bool,
    /// Time after the start, value.
    records: Vec<(i64, i64)>,
}

fn of_type() -> ProfileType {
    "process_cpu:samples:count:cpu:nanoseconds".parse().unwrap()
}

fn labels(thread: u8) -> LabelSet {
    [("service_name", "s".to_owned()), ("thread", format!("t{thread}"))].into_iter().collect()
}

impl Profile {
    fn batch(&self, number: usize) -> Batch {
        let mut batch = Batch { content_hash: ContentHash(number as u128 + 1), ..Batch::default() };
        let mut stacks = StackBuilder::default();
        // Even values are of one function, odd ones of another.
        let of = ["even", "odd"].map(|name| {
            let name = batch.symbols.strings.intern(name);
            let function = batch.symbols.functions.intern(Function { name, ..Function::default() });
            stacks.insert([batch.symbols.frames.intern(Frame { function, ..Frame::default() })])
        });
        let mut table = SampleTableBuilder::new(&[0]);
        for (time, value) in &self.records {
            let stack = of[usize::from(value % 2 != 0)];
            if self.is_timed {
                table.add_at((self.start + time) * MS, stack, AttributeSetId::EMPTY, &[*value]).unwrap();
            } else {
                table.add(stack, AttributeSetId::EMPTY, &[*value]).unwrap();
            }
        }
        batch.stacks = stacks.finish();
        batch.tables.push(table.finish());
        let start = Some(self.start * MS);
        batch.profiles.push(ProfileEntry { profile_type: of_type(), start, ..ProfileEntry::default() });
        batch
    }
}

fn profiles() -> impl Strategy<Value = Vec<Profile>> {
    let records = proptest::collection::vec((0i64..300, 1i64..100), 1..6);
    let profile = (0u8..3, 0i64..400, any::<bool>(), records);
    let profile = profile.prop_map(|(thread, start, is_timed, records)| Profile { thread, start, is_timed, records });
    proptest::collection::vec(profile, 0..12)
}

fn store_of(profiles: &[Profile]) -> Store<MemoryBackend> {
    let store = block_on(Store::open(MemoryBackend::default())).unwrap();
    for (number, profile) in profiles.iter().enumerate() {
        let origin = Origin { labels: labels(profile.thread), name: number.to_string(), ..Origin::default() };
        block_on(store.stage(&profile.batch(number), &origin)).unwrap();
        block_on(store.commit()).unwrap();
    }
    store
}

fn ask(store: &Store<MemoryBackend>, range: (Option<i64>, Option<i64>), step: Option<i64>) -> Density {
    let ns = |at: Option<i64>| at.map(|at| at * MS);
    let selection =
        Selection { profile_type: of_type(), from: ns(range.0), until: ns(range.1), ..Selection::default() };
    block_on(density(store, &selection, step.map(|step| step * MS), 50, &NoYield)).unwrap()
}

/// By series: step, sum, records of each observation.
fn naive(
    profiles: &[Profile],
    range: (Option<i64>, Option<i64>),
    step: i64,
) -> BTreeMap<LabelSet, Vec<(i64, i64, u64)>> {
    let mut all: BTreeMap<LabelSet, Vec<(i64, i64, u64)>> = BTreeMap::new();
    let inside = |start: i64| range.0.is_none_or(|from| start >= from) && range.1.is_none_or(|until| start < until);
    for profile in profiles.iter().filter(|profile| inside(profile.start)) {
        let mut steps: BTreeMap<i64, (i64, u64)> = BTreeMap::new();
        for (time, value) in &profile.records {
            let at = if profile.is_timed { profile.start + time } else { profile.start };
            let (sum, count) = steps.entry(at / step).or_default();
            *sum += value;
            *count += 1;
        }
        let rows = all.entry(labels(profile.thread)).or_default();
        rows.extend(steps.into_iter().map(|(step, (sum, count))| (step, sum, count)));
    }
    all.values_mut().for_each(|rows| rows.sort_unstable());
    all
}

proptest! {
    #[test]
    fn kept_records_are_those_of_the_stacks_that_are_kept(all in profiles(), step in 1i64..120) {
        let store = store_of(&all);
        let keeps = |symbols: &Symbols, stacks: &StackTable, _: &StackEnds| {
            let frames = stacks.frames().iter().map(|&frame| symbols.frames.get(frame).unwrap_or_default());
            frames.map(|frame| symbols.function_name(frame.function) == "even").collect()
        };
        let selection = Selection { profile_type: of_type(), ..Selection::default() };
        let kept = block_on(kept_density(&store, &selection, Some(step * MS), 50, keeps, &NoYield)).unwrap();
        let even = all.iter().map(|profile| {
            let records = profile.records.iter().copied().filter(|(_, value)| value % 2 == 0).collect();
            Profile { records, ..profile.clone() }
        });
        let even: Vec<Profile> = even.collect();
        let rows = |found: &Density| -> Vec<(LabelSet, i64, i64)> {
            let all = found.series.iter().flat_map(|(of, rows)| rows.iter().map(move |row| (of.clone(), row.step, row.value)));
            all.collect()
        };
        let expected = naive(&even, (None, None), step);
        let expected: Vec<(LabelSet, i64, i64)> = expected
            .iter()
            .flat_map(|(of, rows)| rows.iter().map(move |row| (of.clone(), row.0, row.1)))
            .collect();
        prop_assert_eq!(rows(&kept), expected);
        prop_assert_eq!(kept.missing, None);
        let records: u64 = kept.series.values().flatten().map(|row| row.records).sum();
        let timed: usize = even.iter().filter(|profile| profile.is_timed).map(|profile| profile.records.len()).sum();
        let others = even.iter().filter(|profile| !profile.is_timed && !profile.records.is_empty()).count();
        prop_assert_eq!(records, (timed + others) as u64);
    }

    #[test]
    fn each_record_is_in_its_step(
        all in profiles(), step in 1i64..120,
        from in proptest::option::of(0i64..400), until in proptest::option::of(0i64..450),
    ) {
        let store = store_of(&all);
        let density = ask(&store, (from, until), Some(step));
        let expected = naive(&all, (from, until), step);
        let row = |of: &Observation| (of.step, of.value, of.records);
        let found: BTreeMap<LabelSet, Vec<(i64, i64, u64)>> =
            density.series.iter().map(|(labels, rows)| (labels.clone(), rows.iter().map(row).collect())).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(density.missing, None);

        let by_thread = density.by_labels(LabelSet::clone).unwrap();
        for (labels, counts) in &by_thread.rows {
            for (at, &count) in counts.iter().enumerate() {
                let step = by_thread.start / (step * MS) + at as i64;
                let expected: u64 = expected[labels].iter().filter(|row| row.0 == step).map(|row| row.2).sum();
                prop_assert_eq!(count, expected);
            }
        }
        prop_assert_eq!(by_thread.rows.len(), expected.len());

        let by_value = density.by_value(7).unwrap();
        prop_assert!(by_value.rows.len() <= 7);
        let observations = || expected.values().flatten();
        for (range, counts) in &by_value.rows {
            for (at, &count) in counts.iter().enumerate() {
                let step = by_value.start / (step * MS) + at as i64;
                let here = observations().filter(|row| row.0 == step && (range.from..range.until).contains(&row.1));
                prop_assert_eq!(count, here.count() as u64);
            }
        }
        let counted: u64 = by_value.rows.iter().flat_map(|(_, counts)| counts).sum();
        prop_assert_eq!(counted, observations().count() as u64, "each observation is in one row");
    }
}

#[test]
fn a_step_is_chosen_and_too_many_are_refused() {
    let record = |start| Profile { thread: 0, start, is_timed: false, records: vec![(0, 1)] };
    let store = store_of(&[record(0), record(90_000)]);
    assert_eq!(ask(&store, (None, None), None).step, 2_000 * MS);
    let tiny = ask(&store, (None, None), Some(1));
    assert_eq!(tiny.by_value(5), Err(QueryError::TooManySteps { most: 10_000 }));
    assert_eq!(ask(&store, (Some(1), Some(2)), None).by_value(5).unwrap().rows, []);
}
