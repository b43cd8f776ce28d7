//! The frames that pprof files say to drop, against google/pprof.

#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::process::Command;

use emberglass_files::{FileSelection, FileSet};
use emberglass_formats::NoProgress;
use serde_json::Value;

use crate::common::{fixture, read};

/// Own and total values by name.
type Values = BTreeMap<String, (i64, i64)>;

const DROP_FRAMES: &str = "special/drop-frames.pb";

fn set(bytes: &[u8]) -> FileSet {
    let mut files = FileSet::default();
    files.add("drop-frames.pb", bytes, &mut NoProgress).unwrap();
    files
}

fn values(files: &FileSet) -> Values {
    let selection = FileSelection { r#type: Some("samples".to_owned()), ..FileSelection::default() };
    let top: Value = serde_json::from_str(&files.top(&selection).unwrap()).unwrap();
    let rows = top["functions"].as_array().unwrap().iter();
    rows.map(|row| {
        let value = |key: &str| row[key].as_i64().unwrap();
        (row["name"].as_str().unwrap().to_owned(), (value("self"), value("total")))
    })
    .collect()
}

fn pruned() -> Values {
    let mut files = set(&read(DROP_FRAMES));
    files.drop_frames().unwrap();
    values(&files)
}

#[test]
fn what_a_dropped_frame_calls_goes_with_it() {
    let expected = [
        ("0x4f00", 31, 31),
        ("compute", 10, 76),
        ("helper", 37, 37),
        ("main", 83, 208),
        ("ns::(anonymous namespace)::tc_f", 0, 19),
        ("runtime.mallocgc", 11, 16),
        ("runtime.mallocgc_keep", 0, 13),
        ("tc_a", 0, 43),
        ("tc_b", 0, 43),
        ("work", 107, 107),
    ];
    let expected: Values = expected.map(|(name, own, total)| (name.to_owned(), (own, total))).into();
    assert_eq!(pruned(), expected);
}

#[test]
fn dropping_is_off_by_default_and_done_once() {
    let mut files = set(&read(DROP_FRAMES));
    assert_eq!(values(&files)["leaf"], (147, 147));
    files.drop_frames().unwrap();
    files.drop_frames().unwrap();
    assert_eq!(values(&files), pruned());
}

#[test]
fn an_expression_that_can_not_be_read_is_told() {
    let mut bytes = read(DROP_FRAMES);
    let at = bytes.windows(4).position(|window| window == b"tc_.").unwrap();
    bytes[at..at + 4].copy_from_slice(b"(((.");
    let error = set(&bytes).drop_frames().unwrap_err();
    assert_eq!(error.code, "bad-frame-filter");
    assert!(error.message.starts_with("drop-frames.pb: "), "{}", error.message);
}

/// The rows of `go tool pprof -top`: flat, flat%, sum%, cum, cum%, name.
fn rows(output: &str) -> Values {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let (flat, cum) = (words.next()?.parse().ok()?, words.nth(2)?.parse().ok()?);
        let name = words.skip(1).collect::<Vec<_>>().join(" ");
        Some((name.trim_end_matches(" (inline)").to_owned(), (flat, cum)))
    };
    output.lines().skip_while(|line| !line.contains("flat%")).skip(1).filter_map(row).collect()
}

#[test]
fn results_equal_those_of_google_pprof() {
    let arguments = ["tool", "pprof", "-top", "-nodefraction=0", "-nodecount=1000", "-sample_index=samples"];
    let output = match Command::new("go").args(arguments).arg(fixture(DROP_FRAMES)).output() {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        _ => return eprintln!("skipped: go tool pprof is not here"),
    };
    // It shows code without symbols, and namespaces without a name, by other names.
    let shown = |name: &str| match name {
        "0x4f00" => "<unknown>".to_owned(),
        name => name.replace("(anonymous namespace)", ""),
    };
    let ours: Values = pruned().into_iter().map(|(name, values)| (shown(&name), values)).collect();
    assert_eq!(ours, rows(&output));
}
