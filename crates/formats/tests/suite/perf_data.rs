//! `perf.data`: the fixture against `perf script`'s text of the same recording, and damage.

use std::collections::BTreeMap;

use emberglass_formats::perf::data::PerfData;
use emberglass_profile::{AttributeValue, Batch, ErrorCode};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::common::corpus::check_all;
use crate::common::damage::{assert_sound, damage, decode_as};
use crate::common::{Numbers, decode_named, fixture};

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

/// A recording says what perf's text of it says.
fn assert_same(batch: &Batch, text: &Batch) {
    assert_sound(batch);
    let ids = |batch: &Batch| batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(batch), ids(text));
    assert_eq!(binaries(batch), binaries(text));
    let named = |batch: &Batch| {
        attributes(batch)
            .into_iter()
            .map(|(mut set, count)| {
                set.sort();
                (set, count)
            })
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(named(batch), named(text));
    let micros = |batch: &Batch| {
        let times = |at: usize| batch.tables[at].timeline.as_ref().unwrap().time.iter().map(|time| time / 1000);
        (0..batch.tables.len()).flat_map(times).collect::<Vec<_>>()
    };
    assert_eq!(micros(batch), micros(text));
}

#[test]
fn the_fixture_equals_its_expected_result_and_the_text_of_it() {
    let batches = check_all(|path| path.to_string_lossy().ends_with(".perf.data"));
    let [(_, batch)] = &batches[..] else { panic!("{} files", batches.len()) };
    assert_same(batch, &decode_named(&fixture("perf/raw-small.perf.txt"), "x").unwrap());
    let names: Vec<&str> = batch.symbols.functions.iter().map(|function| batch.symbols.text(function.name)).collect();
    assert!(names.contains(&"0x13d1") && names.contains(&"0x166e"), "{names:?}");
    assert!(batch.symbols.mappings.iter().any(|mapping| batch.symbols.text(mapping.build_id).len() == 40));
    assert!(batch.metadata.iter().any(|(name, value)| name == "arch" && value == "x86_64"), "{:?}", batch.metadata);
}

#[test]
fn compressed_records_and_pipes_say_what_their_texts_say() {
    for (name, samples, events) in [("zstd", 101, 1), ("pipe", 18, 2), ("zpipe", 59, 1)] {
        let batch = decode_named(&fixture(&format!("perf/{name}.perf.data")), "x").unwrap();
        assert_same(&batch, &decode_named(&fixture(&format!("perf/{name}.perf.txt.gz")), "x").unwrap());
        let records: Vec<u64> = batch.tables.iter().map(|table| table.records).collect();
        assert_eq!(records, vec![samples; events], "{name}");
        assert!(batch.warnings.as_slice().is_empty(), "{name}: {:?}", batch.warnings);
        assert!(batch.metadata.iter().any(|fact| fact == &("hostname".to_owned(), "recorder".to_owned())), "{name}");
    }
}

const SMALL: &str = "perf/raw-small.perf.data";
const ZSTD: &str = "perf/zstd.perf.data";

fn number(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(*bytes[at..].first_chunk().unwrap()) as usize
}

fn record(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut out = kind.to_le_bytes().to_vec();
    out.extend([0, 0]);
    out.extend(((body.len() + 8) as u16).to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// A fixture with other records: the sections behind them move.
fn with_records(name: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let file = fixture(name);
    let (at, len) = (number(&file, 40), number(&file, 48));
    let data = change(&file[at..at + len]);
    let mut out = [&file[..at], &data, &file[at + len..]].concat();
    out[48..56].copy_from_slice(&(data.len() as u64).to_le_bytes());
    let features = file[72..104].iter().map(|byte| byte.count_ones()).sum::<u32>() as usize;
    for row in 0..features {
        let place = number(&file, at + len + 16 * row) + data.len() - len;
        let entry = at + data.len() + 16 * row;
        out[entry..entry + 8].copy_from_slice(&(place as u64).to_le_bytes());
    }
    out
}

/// Frames of zstd, cut anywhere, as records.
fn packed(data: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut out = Vec::new();
    let half = numbers.below(data.len());
    let frames = [&data[..half], &data[half..]].map(|part| {
        let level = if numbers.one_in(3) { CompressionLevel::Uncompressed } else { CompressionLevel::Fastest };
        compress_to_vec(part, level)
    });
    let stream = [&frames[0][..], b"\x5a\x2a\x4d\x18\x03\0\0\0abc", &frames[1]].concat();
    let mut rest = stream.as_slice();
    while !rest.is_empty() {
        let len = (1 + numbers.below(3000)).min(rest.len());
        let (piece, behind) = rest.split_at(len);
        rest = behind;
        if numbers.one_in(2) {
            out.extend(record(81, piece));
        } else {
            let padding = vec![0; piece.len().next_multiple_of(8) - piece.len()];
            out.extend(record(83, &[&(piece.len() as u64).to_le_bytes()[..], piece, &padding].concat()));
        }
    }
    out
}

#[test]
fn compressed_records_are_those_that_they_hold_wherever_they_are_cut() {
    let plain = decode_named(&fixture("perf/raw-small.perf.data"), "x").unwrap();
    for seed in 0..60 {
        let file = with_records(SMALL, |data| packed(data, &mut Numbers(seed)));
        let batch = decode_as(&PerfData, &file).unwrap();
        assert!(batch.warnings.as_slice().is_empty(), "{:?}", batch.warnings);
        let same = Batch { content_hash: Default::default(), format: String::new(), ..plain.clone() };
        assert!(batch.to_wire() == same.to_wire(), "seed {seed}");
    }
    let mut file = with_records(SMALL, |data| record(81, &compress_to_vec(data, CompressionLevel::Fastest)[..1000]));
    let batch = decode_as(&PerfData, &file).unwrap();
    assert_eq!(batch.warnings.as_slice()[0].code, "truncated-record");
    let at = number(&file, 40);
    file[at + 8..at + 12].fill(0x55);
    let error = decode_as(&PerfData, &file).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::DamagedCompression, Some(at as u64)));
}

#[test]
fn code_of_the_kernel_that_the_recording_names_has_that_name() {
    let text = decode_named(&fixture("perf/zstd.perf.txt.gz"), "x").unwrap();
    let in_kernel: i64 =
        binaries(&text).iter().filter(|(stack, _)| stack[0] == "[kernel.kallsyms]").map(|(_, n)| n).sum();
    assert!(in_kernel > 0);
    let code = |flags: u16| {
        let mut body = 0xffff_ffff_0000_0000_u64.to_le_bytes().to_vec();
        body.extend(u32::MAX.to_le_bytes());
        body.extend([1, 0]);
        body.extend(flags.to_le_bytes());
        body.extend(b"bpf_prog_made_here");
        // Behind it stands when and where, here nothing.
        body.extend([0; 62]);
        record(17, &body)
    };
    let leaves = |file: &[u8]| {
        let batch = decode_as(&PerfData, file).unwrap();
        assert_sound(&batch);
        let table = &batch.tables[0];
        let is_named = |stack| {
            let frame = batch.stacks.leaf_to_root(stack).next().unwrap();
            let function = batch.symbols.frames.get(frame).unwrap().function;
            batch.symbols.function_name(function) == "bpf_prog_made_here"
        };
        let rows = table.stack.iter().zip(&table.columns[0].values);
        rows.filter(|&(&stack, _)| is_named(stack)).map(|(_, value)| value).sum::<i64>()
    };
    assert_eq!(leaves(&fixture(ZSTD)), 0);
    assert_eq!(leaves(&with_records(ZSTD, |data| [&code(0), data].concat())), in_kernel);
    assert_eq!(leaves(&with_records(ZSTD, |data| [&code(0), &code(1), data].concat())), 0);
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
    damage(&PerfData, &fixture("perf/zstd.perf.data"), 1000);
    damage(&PerfData, &fixture("perf/zpipe.perf.data"), 1000);
}
