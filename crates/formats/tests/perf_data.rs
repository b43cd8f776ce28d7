//! `perf.data`: the fixture against `perf script`'s text of the same recording, and damage.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::corpus::check_all;
use common::damage::{assert_sound, damage};
use common::{decode_named, fixture};
use emberglass_formats::perf::data::PerfData;
use emberglass_profile::{AttributeValue, Batch, ErrorCode};

/// Binary of each frame of every stack, leaf first, with the number of samples.
fn binaries(batch: &Batch) -> BTreeMap<Vec<String>, i64> {
    let table = &batch.tables[0];
    let mut stacks = BTreeMap::new();
    for (row, &stack) in table.stack.iter().enumerate() {
        let binary = |frame| {
            let mapping = batch.symbols.frames.get(frame).unwrap().mapping;
            batch.symbols.text(batch.symbols.mappings.get(mapping).unwrap().file).to_owned()
        };
        let stack: Vec<String> = batch.stacks.leaf_to_root(stack).map(binary).map(|file| normal(&file)).collect();
        *stacks.entry(stack).or_default() += table.columns[0].values[row];
    }
    stacks
}

/// Both name the kernel, each in its way.
fn normal(file: &str) -> String {
    if file.starts_with("[kernel.kallsyms]") { "[kernel.kallsyms]".to_owned() } else { file.to_owned() }
}

fn attributes(batch: &Batch) -> BTreeMap<Vec<String>, i64> {
    let table = &batch.tables[0];
    let mut sets = BTreeMap::new();
    for (row, &set) in table.attributes.iter().enumerate() {
        let wanted = |key: &str| matches!(key, "thread" | "thread_id");
        let set: Vec<String> = batch
            .attributes
            .get(set)
            .iter()
            .filter(|attribute| wanted(batch.symbols.text(attribute.key)))
            .filter_map(|attribute| match attribute.value {
                AttributeValue::Text(text) => Some(batch.symbols.text(text).to_owned()),
                AttributeValue::Number(..) => None,
            })
            .collect();
        *sets.entry(set).or_default() += table.columns[0].values[row];
    }
    sets
}

#[test]
fn the_fixture_equals_its_expected_result_and_the_text_of_it() {
    let batches = check_all(|path| path.to_string_lossy().ends_with(".perf.data"));
    let [(_, batch)] = &batches[..] else { panic!("{} files", batches.len()) };
    assert_sound(batch);
    let text = decode_named(&fixture("perf/raw-small.perf.txt"), "x").unwrap();
    let ids = |batch: &Batch| batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(batch), ids(&text));
    assert_eq!(binaries(batch), binaries(&text));
    let named = |batch: &Batch| {
        attributes(batch)
            .into_iter()
            .map(|(mut set, count)| {
                set.sort();
                (set, count)
            })
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(named(batch), named(&text));
    let micros = |batch: &Batch| {
        batch.tables[0].timeline.as_ref().unwrap().time.iter().map(|time| time / 1000).collect::<Vec<_>>()
    };
    assert_eq!(micros(batch), micros(&text));
    let names: Vec<&str> = batch.symbols.functions.iter().map(|function| batch.symbols.text(function.name)).collect();
    assert!(names.contains(&"0x13d1") && names.contains(&"0x166e"), "{names:?}");
    assert!(batch.symbols.mappings.iter().any(|mapping| batch.symbols.text(mapping.build_id).len() == 40));
    assert!(batch.metadata.iter().any(|(name, value)| name == "arch" && value == "x86_64"), "{:?}", batch.metadata);
}

#[test]
fn cut_and_foreign_files_are_told() {
    let bytes = fixture("perf/raw-small.perf.data");
    let error = decode_named(&bytes[..5000], "x").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(5000)));
    let error = decode_named(b"2ELIFREP0000000000000000", "x").unwrap_err();
    assert_eq!(error.code, ErrorCode::UnsupportedVersion);
}

#[test]
fn damaged_files_are_survived() {
    damage(&PerfData, &fixture("perf/raw-small.perf.data"), 3000);
}
