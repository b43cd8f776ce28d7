//! A pack holds what its files hold.

use emberglass_files::{FileSelection, FileSet, OpenedFile, Packer};
use emberglass_formats::{NoProgress, SliceSource};
use serde_json::Value;

use crate::common::read;

const FILES: [&str; 10] = [
    "go/cpu.pb.gz",
    "go/heap.pb.gz",
    "java/app.jfr",
    "chrome/trace-object.json.gz",
    "perf/threads.perf.txt",
    "gecko/firefox.gecko.json.gz",
    "node/app.cpuprofile",
    "speedscope/rbspy.speedscope.json",
    "callgrind/callgrind.out",
    "python/cprofile.pstats",
];

fn packed(files: &[(&str, &[u8])], template: Option<&str>) -> Vec<u8> {
    let mut packer = Packer::new(template).unwrap();
    for &(name, bytes) in files {
        let mut opened = OpenedFile::new(SliceSource(bytes), name);
        while let Some(member) = opened.next(&mut NoProgress) {
            packer.add(member, name, 1_795_000_000_000.0).unwrap();
        }
    }
    let mut out = Vec::new();
    while !packer.is_done() {
        out.extend(packer.step().unwrap());
    }
    out
}

fn set(name: &str, bytes: &[u8]) -> FileSet {
    let mut opened = OpenedFile::new(SliceSource(bytes), name);
    let mut set = FileSet::default();
    while let Some(member) = opened.next(&mut NoProgress) {
        set.add_member(member).unwrap();
    }
    set
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Sum of the totals by type.
fn totals(info: &Value) -> Vec<(String, i64, i64)> {
    let mut all: std::collections::BTreeMap<String, (i64, i64)> = Default::default();
    for profile in info[0]["profiles"].as_array().unwrap() {
        let total = profile["total"].as_f64().unwrap_or_default() as i64;
        let of = all.entry(profile["type"].as_str().unwrap().to_owned()).or_default();
        of.0 += total;
        of.1 = profile["duration"].as_i64().unwrap();
    }
    all.into_iter().map(|(name, (total, duration))| (name, total, duration)).collect()
}

#[test]
fn every_format_comes_back() {
    for path in FILES {
        let bytes = read(path);
        let pack = packed(&[(path, &bytes)], None);
        let (plain, from_pack) = (set(path, &bytes), set("a.emberglass", &pack));
        let (a, b) = (json(&plain.info().unwrap()), json(&from_pack.info().unwrap()));
        assert_eq!(b[0]["file"], format!("a.emberglass/{path}"));
        for field in ["format", "bytes", "defaultSampleType", "serviceName", "metadata", "comments", "warnings"] {
            assert_eq!(a[0][field], b[0][field], "{path} {field}");
        }
        assert_eq!(a[0]["profiles"].as_array().unwrap().len(), b[0]["profiles"].as_array().unwrap().len(), "{path}");
        assert_eq!(totals(&a), totals(&b), "{path}");
        for by in ["self", "total"] {
            let selection = FileSelection { by: Some(by.to_owned()), ..FileSelection::default() };
            assert_eq!(json(&plain.top(&selection).unwrap()), json(&from_pack.top(&selection).unwrap()), "{path}");
        }
        let folded = FileSelection { to: Some("folded".to_owned()), ..FileSelection::default() };
        let lines = |bytes: Vec<u8>| {
            let mut lines: Vec<String> = String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(plain.convert(&folded).unwrap()), lines(from_pack.convert(&folded).unwrap()), "{path}");
    }
}

#[test]
fn packs_are_deterministic_and_packed_again_the_same() {
    let files: Vec<(&str, Vec<u8>)> =
        ["go/cpu.pb.gz", "go/heap.pb.gz"].map(|path| (path, read(path))).into_iter().collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let pack = packed(&files, Some("{language}/"));
    assert_eq!(pack, packed(&files, Some("{language}/")));
    let info = json(&set("a.emberglass", &pack).info().unwrap());
    for file in info.as_array().unwrap() {
        assert_eq!(file["profiles"][0]["labels"]["language"], "go");
    }
    let again = json(&set("b", &packed(&[("b", &pack)], None)).info().unwrap());
    let profiles =
        |info: &Value| info.as_array().unwrap().iter().map(|file| file["profiles"].clone()).collect::<Vec<_>>();
    assert_eq!(profiles(&again), profiles(&info));
}

#[test]
fn a_cut_pack_gives_what_came_whole_and_says_so() {
    let bytes = read("go/cpu.pb.gz");
    let pack = packed(&[("cpu.pb.gz", &bytes)], None);
    let cut = &pack[..pack.len() - 5];
    let mut opened = OpenedFile::new(SliceSource(cut), "cut.emberglass");
    assert!(opened.next(&mut NoProgress).unwrap().result.is_ok());
    let error = opened.next(&mut NoProgress).unwrap().result.unwrap_err();
    assert_eq!(error.code.as_str(), "truncated");
    assert!(opened.next(&mut NoProgress).is_none());
}
