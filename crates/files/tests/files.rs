//! Files on the command line: exact numbers as JSON text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use emberglass_engine::{Database, EngineError, NoYield, SelectionText, SourceInfo};
use emberglass_files::{EncodeOptions, FileSelection, FileSet, encode};
use emberglass_formats::{NoProgress, decode};
use emberglass_profile::Batch;
use emberglass_store::MemoryBackend;
use serde_json::Value;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

fn set(paths: &[&str]) -> FileSet {
    let mut files = FileSet::default();
    for path in paths {
        files.add(path, &fs::read(fixtures().join(path)).unwrap(), &mut NoProgress).unwrap();
    }
    files
}

fn of_type(name: &str) -> FileSelection {
    FileSelection { r#type: Some(name.to_owned()), ..FileSelection::default() }
}

fn top(files: &FileSet, selection: &FileSelection) -> Result<Value, EngineError> {
    files.top(selection).map(|text| serde_json::from_str(&text).unwrap())
}

fn type_shown(files: &FileSet) -> String {
    top(files, &FileSelection::default()).unwrap()["type"].as_str().unwrap().to_owned()
}

#[test]
fn info_lists_every_sample_type_with_its_total() {
    let text = set(&["go/heap.pb.gz"]).info().unwrap();
    let info: Value = serde_json::from_str(&text).unwrap();
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(fixtures().join("go/heap.pb.gz.expected.json")).unwrap()).unwrap();
    let profiles = info[0]["profiles"].as_array().unwrap();
    assert_eq!(info[0]["format"], "pprof");
    for (got, wanted) in profiles.iter().zip(expected["profiles"].as_array().unwrap()) {
        assert_eq!(got["sample_type"], wanted["type"]);
        assert_eq!(got["total"], wanted["total"]);
        assert_eq!(got["samples"], wanted["samples"]);
    }
    let types: Vec<_> = profiles.iter().map(|profile| profile["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "memory:alloc_objects:count:space:bytes",
            "memory:alloc_space:bytes:space:bytes",
            "memory:inuse_objects:count:space:bytes",
            "memory:inuse_space:bytes:space:bytes",
        ]
    );
    let from = profiles[0]["from"].as_str().unwrap();
    assert!(from.starts_with("2026-11-23T13:36:1") && from.ends_with('Z') && from.len() == 30, "{from}");
}

#[test]
fn integers_are_exact_over_the_whole_64_bit_range() {
    let files = set(&["special/empty-stack-zero-and-huge-values.pb.gz"]);
    assert!(files.info().unwrap().contains("\"total\":9007199254740998,"), "{}", files.info().unwrap());
    assert!(files.top(&of_type("samples")).unwrap().contains("\"self\":9007199254740993,"));
}

#[test]
fn the_default_type_is_the_files_own_else_its_last() {
    assert_eq!(
        type_shown(&set(&["special/four-types-default-inuse_space.pb.gz"])),
        "memory:inuse_space:bytes:space:bytes"
    );
    assert_eq!(type_shown(&set(&["special/four-types-no-default.pb.gz"])), "memory:inuse_space:bytes:space:bytes");
    assert_eq!(type_shown(&set(&["go/cpu.pb.gz"])), "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
}

#[test]
fn types_are_named_in_full_or_by_their_sample_type() {
    let files = set(&["go/heap.pb.gz"]);
    let short = top(&files, &of_type("alloc_space")).unwrap();
    let full = top(&files, &of_type("memory:alloc_space:bytes:space:bytes")).unwrap();
    assert_eq!(short, full);
    let numbered = top(&files, &FileSelection { profile: Some(1), ..FileSelection::default() }).unwrap();
    assert_eq!(numbered, short);
    let error = top(&files, &of_type("cpu")).unwrap_err();
    assert_eq!(error.code, "no-such-type");
    assert!(error.message.contains("memory:inuse_objects:count:space:bytes"), "{}", error.message);
    let beyond = FileSelection { profile: Some(4), ..FileSelection::default() };
    assert_eq!(top(&files, &beyond).unwrap_err().code, "no-such-profile");
}

#[test]
fn files_add_up_and_the_same_bytes_count_once() {
    let one = top(&set(&["go/heap.pb.gz"]), &FileSelection::default()).unwrap();
    let twice = top(&set(&["go/heap.pb.gz", "go/heap.pb.gz"]), &FileSelection::default()).unwrap();
    assert_eq!(one, twice);
    let both = top(&set(&["go/heap.pb.gz", "go/allocs.pb.gz"]), &of_type("inuse_space")).unwrap();
    let other = top(&set(&["go/allocs.pb.gz"]), &of_type("inuse_space")).unwrap();
    let total = |value: &Value| value["total"].as_i64().unwrap();
    assert_eq!(total(&both), total(&one) + total(&other));
}

#[test]
fn files_without_a_common_type_are_listed() {
    let error = top(&set(&["go/cpu.pb.gz", "go/heap.pb.gz"]), &FileSelection::default()).unwrap_err();
    assert_eq!(error.code, "no-common-type");
    assert!(error.message.contains("go/cpu.pb.gz: process_cpu:samples:count:cpu:nanoseconds"), "{}", error.message);
    assert_eq!(top(&FileSet::default(), &FileSelection::default()).unwrap_err().code, "no-files");
}

#[test]
fn conversions_carry_every_value() {
    let mut files = set(&["go/cpu.pb.gz"]);
    let total = top(&files, &FileSelection::default()).unwrap()["total"].as_i64().unwrap();
    let to = |format: &str| FileSelection { to: Some(format.to_owned()), ..FileSelection::default() };
    let folded = String::from_utf8(files.convert(&to("folded")).unwrap()).unwrap();
    let values = folded.lines().map(|line| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap());
    assert_eq!(values.sum::<i64>(), total);
    assert!(folded.lines().is_sorted());
    let flamebearer: Value = serde_json::from_slice(&files.convert(&to("flamebearer")).unwrap()).unwrap();
    assert_eq!(flamebearer["flamebearer"]["numTicks"].as_i64(), Some(total));
    assert_eq!(flamebearer["metadata"]["name"], "cpu");
    assert_eq!(files.convert(&to("svg")).unwrap_err().code, "unknown-format");
}

#[test]
fn a_result_of_the_engine_is_written_as_its_file_would_be() {
    let path = "go/heap.pb.gz";
    let decoded = decode(&fs::read(fixtures().join(path)).unwrap(), path, &mut NoProgress).unwrap();
    let db = pollster::block_on(Database::open(MemoryBackend::default())).unwrap();
    let staged = pollster::block_on(db.stage(&decoded, &SourceInfo::default())).unwrap();
    pollster::block_on(db.flush()).unwrap();
    pollster::block_on(db.committed(staged.ticket)).unwrap();
    for name in ["memory:alloc_space:bytes:space:bytes", "memory:inuse_objects:count:space:bytes"] {
        let of = SelectionText { profile_type: name.to_owned(), matchers: "{}".to_owned(), ..SelectionText::default() };
        let answer = pollster::block_on(db.query(&of, &NoYield)).unwrap();
        let batch = Batch::from_wire(&db.batch(answer.handle).unwrap().to_wire()).unwrap();
        for format in ["folded", "flamebearer"] {
            let selection = FileSelection { to: Some(format.to_owned()), ..of_type(name) };
            let of_file = set(&[path]).convert(&selection).unwrap();
            assert!(encode(&batch, format, &EncodeOptions::default()).unwrap().bytes == of_file, "{name} as {format}");
        }
    }
}

#[test]
fn a_batch_is_written_by_type() {
    let path = "go/heap.pb.gz";
    let batch = decode(&fs::read(fixtures().join(path)).unwrap(), path, &mut NoProgress).unwrap();
    let of = |name: &str| EncodeOptions { r#type: Some(name.to_owned()) };
    let selection = FileSelection { to: Some("folded".to_owned()), ..of_type("alloc_objects") };
    let of_file = set(&[path]).convert(&selection).unwrap();
    assert!(encode(&batch, "folded", &of("alloc_objects")).unwrap().bytes == of_file);
    assert_eq!(encode(&batch, "folded", &of("cpu")).unwrap_err().code, "no-such-type");
    assert_eq!(encode(&batch, "svg", &EncodeOptions::default()).unwrap_err().code, "unknown-format");
    assert_eq!(encode(&Batch::default(), "folded", &EncodeOptions::default()).unwrap_err().code, "no-such-type");
}
