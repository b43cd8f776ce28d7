//! Files on the command line: exact numbers as JSON text.

use std::fs;

use emberglass_engine::{Database, EngineError, NoYield, SelectionText, SourceInfo};
use emberglass_files::{EncodeOptions, FileSelection, FileSet, encode};
use emberglass_formats::NoProgress;
use emberglass_profile::Batch;
use emberglass_store::MemoryBackend;
use serde_json::{Value, json};

use crate::common::{decoded, fixture, set_of};

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
    let text = set_of(&["go/heap.pb.gz"]).info().unwrap();
    let info: Value = serde_json::from_str(&text).unwrap();
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(fixture("go/heap.pb.gz.expected.json")).unwrap()).unwrap();
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
    let files = set_of(&["special/empty-stack-zero-and-huge-values.pb.gz"]);
    assert!(files.info().unwrap().contains("\"total\":9007199254740998,"), "{}", files.info().unwrap());
    assert!(files.top(&of_type("samples")).unwrap().contains("\"self\":9007199254740993,"));
}

#[test]
fn a_total_beyond_64_bits_leaves_the_rest_of_the_file() {
    let mut files = FileSet::default();
    files.add("x.folded", b"a;b 9223372036854775807 1\nc 1 2\n", &mut NoProgress).unwrap();
    let info: Value = serde_json::from_str(&files.info().unwrap()).unwrap();
    let profiles = info[0]["profiles"].as_array().unwrap();
    let totals: Vec<(&Value, &Value)> =
        profiles.iter().map(|profile| (&profile["total"], &profile["stacks"])).collect();
    assert_eq!(totals, [(&Value::Null, &json!(2)), (&json!(3), &json!(2))]);
    let warnings = info[0]["warnings"].as_array().unwrap();
    let named = format!("the total is beyond 64 bits: {}", profiles[0]["type"].as_str().unwrap());
    assert_eq!(warnings, &[json!({"code": "value-overflow", "message": named, "offset": null, "count": 1})]);
}

#[test]
fn the_default_type_is_the_files_own_else_its_last() {
    assert_eq!(
        type_shown(&set_of(&["special/four-types-default-inuse_space.pb.gz"])),
        "memory:inuse_space:bytes:space:bytes"
    );
    assert_eq!(type_shown(&set_of(&["special/four-types-no-default.pb.gz"])), "memory:inuse_space:bytes:space:bytes");
    assert_eq!(type_shown(&set_of(&["go/cpu.pb.gz"])), "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
}

#[test]
fn types_are_named_in_full_or_by_their_sample_type() {
    let files = set_of(&["go/heap.pb.gz"]);
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
    let one = top(&set_of(&["go/heap.pb.gz"]), &FileSelection::default()).unwrap();
    let twice = top(&set_of(&["go/heap.pb.gz", "go/heap.pb.gz"]), &FileSelection::default()).unwrap();
    assert_eq!(one, twice);
    let both = top(&set_of(&["go/heap.pb.gz", "go/allocs.pb.gz"]), &of_type("inuse_space")).unwrap();
    let other = top(&set_of(&["go/allocs.pb.gz"]), &of_type("inuse_space")).unwrap();
    let total = |value: &Value| value["total"].as_i64().unwrap();
    assert_eq!(total(&both), total(&one) + total(&other));
}

#[test]
fn files_without_a_common_type_are_listed() {
    let error = top(&set_of(&["go/cpu.pb.gz", "go/heap.pb.gz"]), &FileSelection::default()).unwrap_err();
    assert_eq!(error.code, "no-common-type");
    assert!(error.message.contains("go/cpu.pb.gz: process_cpu:samples:count:cpu:nanoseconds"), "{}", error.message);
    assert_eq!(top(&FileSet::default(), &FileSelection::default()).unwrap_err().code, "no-files");
}

#[test]
fn conversions_carry_every_value() {
    let files = set_of(&["go/cpu.pb.gz"]);
    let total = top(&files, &FileSelection::default()).unwrap()["total"].as_i64().unwrap();
    let to = |format: &str| FileSelection { to: Some(format.to_owned()), ..FileSelection::default() };
    let folded = String::from_utf8(files.convert(&to("folded")).unwrap()).unwrap();
    let values = folded.lines().map(|line| line.rsplit(' ').next().unwrap().parse::<i64>().unwrap());
    assert_eq!(values.sum::<i64>(), total);
    assert!(folded.lines().is_sorted());
    let flamebearer: Value = serde_json::from_slice(&files.convert(&to("flamebearer")).unwrap()).unwrap();
    assert_eq!(flamebearer["flamebearer"]["numTicks"].as_i64(), Some(total));
    assert_eq!(flamebearer["metadata"]["name"], "cpu");
    let error = files.convert(&to("lace")).unwrap_err();
    assert_eq!(error.code, "unknown-format");
    assert!(
        error.message.contains("pprof, folded, speedscope, gecko, flamebearer, csv, json, markdown, svg, html"),
        "{}",
        error.message
    );
}

#[test]
fn a_result_of_the_engine_is_written_as_its_file_would_be() {
    let path = "go/heap.pb.gz";
    let decoded = decoded(path);
    let db = pollster::block_on(Database::open(MemoryBackend::default())).unwrap();
    let staged = pollster::block_on(db.stage(&decoded, &SourceInfo::default())).unwrap();
    pollster::block_on(db.flush()).unwrap();
    pollster::block_on(db.committed(staged.ticket)).unwrap();
    for name in ["memory:alloc_space:bytes:space:bytes", "memory:inuse_objects:count:space:bytes"] {
        let of = SelectionText { profile_type: name.to_owned(), matchers: "{}".to_owned(), ..SelectionText::default() };
        let answer = pollster::block_on(db.query(&of, &NoYield)).unwrap();
        let batch =
            Batch::from_wire(&pollster::block_on(db.batch(answer.handle, &NoYield)).unwrap().to_wire()).unwrap();
        for format in ["folded", "flamebearer"] {
            let selection = FileSelection { to: Some(format.to_owned()), ..of_type(name) };
            let of_file = set_of(&[path]).convert(&selection).unwrap();
            assert!(encode(&batch, format, &EncodeOptions::default()).unwrap().bytes == of_file, "{name} as {format}");
        }
    }
}

#[test]
fn reports_of_a_result_have_what_formats_state_of_functions() {
    let path = "callgrind/callgrind.out";
    let decoded = decoded(path);
    let db = pollster::block_on(Database::open(MemoryBackend::default())).unwrap();
    let staged = pollster::block_on(db.stage(&decoded, &SourceInfo::default())).unwrap();
    pollster::block_on(db.flush()).unwrap();
    pollster::block_on(db.committed(staged.ticket)).unwrap();
    for entry in &decoded.profiles {
        let name = entry.profile_type.to_string();
        let of = SelectionText { profile_type: name.clone(), matchers: "{}".to_owned(), ..SelectionText::default() };
        let answer = pollster::block_on(db.query(&of, &NoYield)).unwrap();
        assert_eq!(answer.top_from, "function-costs");
        let batch =
            Batch::from_wire(&pollster::block_on(db.batch(answer.handle, &NoYield)).unwrap().to_wire()).unwrap();
        for format in ["csv", "json"] {
            let selection = FileSelection { to: Some(format.to_owned()), ..of_type(&name) };
            let of_file = set_of(&[path]).convert(&selection).unwrap();
            let of_result = encode(&batch, format, &EncodeOptions::default()).unwrap().bytes;
            assert_eq!(String::from_utf8(of_result).unwrap(), String::from_utf8(of_file).unwrap(), "{name}");
        }
    }
}

#[test]
fn a_batch_is_written_by_type() {
    let path = "go/heap.pb.gz";
    let batch = decoded(path);
    let of = |name: &str| EncodeOptions { r#type: Some(name.to_owned()), ..EncodeOptions::default() };
    let selection = FileSelection { to: Some("folded".to_owned()), ..of_type("alloc_objects") };
    let of_file = set_of(&[path]).convert(&selection).unwrap();
    assert!(encode(&batch, "folded", &of("alloc_objects")).unwrap().bytes == of_file);
    assert_eq!(encode(&batch, "folded", &of("cpu")).unwrap_err().code, "no-such-type");
    assert_eq!(encode(&batch, "lace", &EncodeOptions::default()).unwrap_err().code, "unknown-format");
    assert_eq!(encode(&Batch::default(), "folded", &EncodeOptions::default()).unwrap_err().code, "no-such-type");
}

/// Types and totals of a converted file.
fn totals(bytes: &[u8], name: &str) -> Vec<(String, String, String)> {
    let mut files = FileSet::default();
    files.add(name, bytes, &mut NoProgress).unwrap();
    let info: Value = serde_json::from_str(&files.info().unwrap()).unwrap();
    let entry = |profile: &Value| {
        let text = |key: &str| profile[key].as_str().unwrap_or_default().to_owned();
        (text("type"), profile["total"].to_string(), text("from"))
    };
    info[0]["profiles"].as_array().unwrap().iter().map(entry).collect()
}

#[test]
fn formats_that_hold_many_profiles_get_all_of_them_unless_some_are_named() {
    let files = set_of(&["go/heap.pb.gz"]);
    let to = |format: &str| FileSelection { to: Some(format.to_owned()), ..FileSelection::default() };
    let all = totals(&files.convert(&to("pprof")).unwrap(), "x.pb.gz");
    let info: Value = serde_json::from_str(&files.info().unwrap()).unwrap();
    assert_eq!(all.len(), 4);
    for (have, wanted) in all.iter().zip(info[0]["profiles"].as_array().unwrap()) {
        assert_eq!(
            (json!(have.0), &have.1, json!(have.2)),
            (wanted["type"].clone(), &wanted["total"].to_string(), wanted["from"].clone())
        );
    }
    let named = FileSelection { r#type: Some("inuse_space".to_owned()), ..to("pprof") };
    assert_eq!(totals(&files.convert(&named).unwrap(), "x.pb.gz"), [all[3].clone()]);
    let numbered = FileSelection { profile: Some(1), ..to("speedscope") };
    let one = totals(&files.convert(&numbered).unwrap(), "x.speedscope.json");
    assert_eq!((one.len(), &one[0].1), (1, &all[1].1));
    assert_eq!(totals(&files.convert(&to("gecko")).unwrap(), "x.gecko.json").len(), 4);
    assert_eq!(FileSet::default().convert(&to("pprof")).unwrap_err().code, "no-profiles");
}

#[test]
fn several_files_become_one_with_the_sums_of_equal_profiles() {
    let to = FileSelection { to: Some("pprof".to_owned()), ..FileSelection::default() };
    let [heap, allocs, cpu] = ["go/heap.pb.gz", "go/allocs.pb.gz", "go/cpu.pb.gz"];
    let number = |total: &str| total.parse::<i64>().unwrap();
    let [a, b, c] = [heap, allocs, cpu].map(|name| totals(&set_of(&[name]).convert(&to).unwrap(), "x.pb.gz"));
    let joined = totals(&set_of(&[heap, allocs, cpu, heap]).convert(&to).unwrap(), "x.pb.gz");
    assert_eq!(joined.len(), 6);
    for at in 0..4 {
        assert_eq!(number(&joined[at].1), number(&a[at].1) + number(&b[at].1), "the same file again counts once");
    }
    assert_eq!(joined[4].1, c[0].1);
    assert_eq!(joined[5].1, c[1].1);
    assert_eq!(joined[0].2, a[0].2.clone().min(b[0].2.clone()).min(c[0].2.clone()));
}
