//! Filters on profiles that are not merged, against a map from stack to value.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::{LabelSet, StackEnds, TagFrame};
use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, Batch, Frame, FrameId, Function, FunctionCosts,
    ProfileEntry, SampleTableBuilder, Symbols,
};
use emberglass_trie::{Granularity, MergedTrie, Merger, StackBuilder};
use emberglass_views::Names;
use emberglass_views::filter::{Filters, FrameGranularity};
use proptest::prelude::*;

use crate::common::{Sample, file, name};
use crate::filter_model::{Model, Wanted, stacks_of, wanted};

/// A sample with the tenant that it names, if it names one, and its size.
type Labelled = (Sample, Option<u8>, i64);

fn labelled() -> impl Strategy<Value = Vec<Labelled>> {
    let stack = proptest::collection::vec(0u32..8, 0..6);
    proptest::collection::vec(((stack, -20i64..60), proptest::option::of(0u8..3), 0i64..6), 0..50)
}

/// Two threads that share their symbols, each with all samples; the records of the first have times.
fn batch_of(samples: &[Labelled]) -> Batch {
    let mut symbols = Symbols::default();
    let mut stacks = StackBuilder::default();
    let mut attributes = AttributeSets::default();
    let mut tables = [SampleTableBuilder::new(&[0]), SampleTableBuilder::new(&[0])];
    let (tenant, size) = (symbols.strings.intern("tenant"), symbols.strings.intern("size"));
    for (at, ((stack, value), of, bytes)) in samples.iter().enumerate() {
        let frames: Vec<FrameId> = stack
            .iter()
            .map(|&function| {
                let (name, file) = (symbols.strings.intern(&name(function)), symbols.strings.intern(&file(function)));
                let function = symbols.functions.intern(Function { name, file, ..Function::default() });
                // Lines tell frames of one function apart.
                symbols.frames.intern(Frame { function, line: 1 + at as u32 % 2, ..Frame::default() })
            })
            .collect();
        let mut set =
            vec![Attribute { key: size, value: AttributeValue::Number(*bytes, symbols.strings.intern("bytes")) }];
        if let Some(of) = of {
            set.push(Attribute { key: tenant, value: AttributeValue::Text(symbols.strings.intern(&format!("t{of}"))) });
        }
        let (stack, set): (_, AttributeSetId) = (stacks.insert(frames), attributes.intern(&mut set));
        tables[0].add_at(at as i64, stack, set, &[*value]).unwrap();
        tables[1].add(stack, set, &[*value]).unwrap();
    }
    let profile = |table: u32| ProfileEntry {
        table,
        labels: vec![("thread".to_owned(), format!("T{table}"))],
        ..ProfileEntry::default()
    };
    Batch {
        symbols,
        stacks: stacks.finish(),
        attributes,
        tables: tables.into_iter().map(SampleTableBuilder::finish).collect(),
        function_tables: vec![FunctionCosts::default()],
        // The third has the samples of the first and another thread.
        profiles: vec![profile(0), profile(1), ProfileEntry { table: 0, ..profile(2) }],
        ..Batch::default()
    }
}

fn merged(batch: &Batch, profile: usize) -> MergedTrie {
    let mut merger = Merger::new(Granularity::Function);
    merger.add_profile(batch, &batch.profiles[profile]).unwrap();
    merger.finish().unwrap()
}

/// What of the labels a filter is about.
#[derive(Clone, Copy, Debug)]
enum Tags {
    /// The tenant as the root.
    Root,
    /// The tenant as the leaf.
    Leaf,
    Focus(u8),
    Ignore(u8),
    /// Sizes up to this.
    AtMost(i64),
}

impl Tags {
    fn text(self) -> String {
        match self {
            Self::Root => "tagroot:tenant".to_owned(),
            Self::Leaf => "tagleaf:tenant".to_owned(),
            Self::Focus(of) => format!("tagfocus:tenant=t{of}"),
            Self::Ignore(of) => format!("tagignore:/tenant:t{of}/"),
            Self::AtMost(size) => format!("tagfocus:size=:{size}b"),
        }
    }

    fn keeps(self, tenant: Option<u8>, size: i64) -> bool {
        match self {
            Self::Root | Self::Leaf => true,
            Self::Focus(of) => tenant == Some(of),
            Self::Ignore(of) => tenant != Some(of),
            Self::AtMost(most) => size <= most,
        }
    }
}

fn tags() -> impl Strategy<Value = Tags> {
    prop_oneof![
        Just(Tags::Root),
        Just(Tags::Leaf),
        (0u8..3).prop_map(Tags::Focus),
        (0u8..3).prop_map(Tags::Ignore),
        (0i64..6).prop_map(Tags::AtMost),
    ]
}

/// The samples that the tags keep, with frames around them, and their number.
fn model_of(samples: &[Labelled], tags: &[Tags]) -> Model {
    let mut model = Model::new();
    for ((stack, value), tenant, size) in samples {
        if tags.iter().all(|tags| tags.keeps(*tenant, *size)) {
            let frame = (tenant.map_or(String::new(), |of| format!("t{of}")), "tenant".to_owned());
            let around =
                |wanted: fn(&Tags) -> bool| tags.iter().filter(move |tags| wanted(tags)).map(|_| frame.clone());
            let inner = stack.iter().map(|&function| (name(function), file(function)));
            let roots = around(|tags| matches!(tags, Tags::Root));
            let stack = roots.chain(inner).chain(around(|tags| matches!(tags, Tags::Leaf))).collect();
            *model.entry(stack).or_default() += value;
        }
    }
    model.retain(|_, value| *value != 0);
    model
}

proptest! {
    #[test]
    fn profiles_are_filtered_as_merged_ones_are(
        samples in labelled(), tags in proptest::collection::vec(tags(), 0..3), filters in proptest::collection::vec(wanted(), 0..3),
    ) {
        let texts: Vec<String> = tags.iter().map(|tags| tags.text()).chain(filters.iter().map(Wanted::text)).collect();
        let mut model = model_of(&samples, &tags);
        for filter in &filters {
            model = filter.apply(&model);
        }
        let mut batch = batch_of(&samples);
        let read = Filters::parse(&texts).unwrap();
        read.apply_to_batch(FrameGranularity::Function, &mut batch, &LabelSet::default()).unwrap();
        for profile in 0..3 {
            prop_assert_eq!(stacks_of(&merged(&batch, profile)), model.clone(), "{:?} of {}", texts, profile);
        }
        prop_assert!(batch.function_tables.is_empty());
        // Each record with a time counts to the row that it counted to.
        let table = &batch.tables[0];
        let timeline = table.timeline.clone().unwrap_or_default();
        prop_assert_eq!(table.records, timeline.time.len() as u64);
        let mut sums = vec![0i64; table.stack.len()];
        for ((_, row), value) in timeline.records().zip(timeline.values.first().into_iter().flat_map(|of| of.iter())) {
            sums[row as usize] += value;
        }
        prop_assert_eq!(&sums, &table.columns[0].values);
    }

    #[test]
    fn stacks_that_stay_are_those_that_are_left(
        samples in labelled(), tags in proptest::collection::vec(tags(), 0..3), filters in proptest::collection::vec(wanted(), 0..3),
    ) {
        let texts: Vec<String> = tags.iter().map(|tags| tags.text()).chain(filters.iter().map(Wanted::text)).collect();
        let read = Filters::parse(&texts).unwrap();
        let batch = batch_of(&samples);
        let ends = |key: &str| if key == "tenant" { "t1".to_owned() } else { String::new() };
        let ends: StackEnds = read.tag_frames(FrameGranularity::Function).ends(ends);
        let keeps = read.keeps(&batch.symbols, &batch.stacks, &ends, &Names::default());
        for (((stack, _), ..), &row) in samples.iter().zip(&batch.tables[0].timeline.iter().flat_map(|of| of.row.iter()).collect::<Vec<_>>()) {
            let around = |of: &TagFrame| (of.value.clone(), of.key.clone());
            let inner = stack.iter().map(|&function| (name(function), file(function)));
            let whole: Vec<_> = ends.roots.iter().map(around).chain(inner).chain(ends.leaves.iter().map(around)).collect();
            let model = filters.iter().fold(Model::from([(whole, 1)]), |model, filter| filter.apply(&model));
            let at = batch.tables[0].stack[row as usize];
            prop_assert_eq!(keeps[at.index()], !model.is_empty(), "{:?}", texts);
        }
    }

    #[test]
    fn granularities_are_those_of_merged_profiles(samples in labelled(), which in proptest::sample::select(FrameGranularity::ALL.as_slice())) {
        let mut batch = batch_of(&samples);
        let plain = Granularity::Function;
        let mut merger = Merger::new(if which == FrameGranularity::Line { Granularity::Line } else { plain });
        merger.add_profile(&batch, &batch.profiles[1]).unwrap();
        let mut expected = stacks_of(&which.apply(merger.finish().unwrap(), &|_| Names::default()).unwrap());
        if which == FrameGranularity::Thread {
            let below = |(stack, value)| (std::iter::once(("T1".to_owned(), "thread".to_owned())).chain(stack).collect(), value);
            expected = expected.into_iter().map(below).collect();
        }
        Filters::default().apply_to_batch(which, &mut batch, &LabelSet::default()).unwrap();
        prop_assert_eq!(stacks_of(&merged(&batch, 1)), expected);
    }
}

#[test]
fn labels_of_the_source_are_labels_of_samples_that_have_none() {
    let samples = vec![((vec![1], 3), Some(0), 1), ((vec![2], 4), None, 1)];
    let source: LabelSet = [("tenant", "t9"), ("zone", "eu")].into_iter().collect();
    let roots = |filters: &[&str]| {
        let mut batch = batch_of(&samples);
        Filters::parse(filters).unwrap().apply_to_batch(FrameGranularity::Function, &mut batch, &source).unwrap();
        let mut roots = BTreeMap::<String, i64>::new();
        for (stack, value) in stacks_of(&merged(&batch, 1)) {
            *roots.entry(stack.first().map(|(name, _)| name.clone()).unwrap_or_default()).or_default() += value;
        }
        roots.into_iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(roots(&["tagroot:tenant"]), "t0 3, t9 4");
    assert_eq!(roots(&["tagroot:zone"]), "eu 7");
    assert_eq!(roots(&["tagroot:thread"]), "T1 7");
    assert_eq!(roots(&["tagroot:size,tenant"]), "1B 7");
    assert_eq!(roots(&["tagfocus:zone=eu"]), "f1 3, f2 4");
    assert_eq!(roots(&["tagignore:zone=/e/"]), "");
}
