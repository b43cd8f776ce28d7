//! Every pprof file of the fixtures, against prost and against its expected results.

use std::path::Path;

use emberglass_profile::{ErrorCode, base_unit};
use prost::Message as _;
use serde_json::Value;

use crate::common;
use crate::common::{decode_named, fixtures, gunzip, naive, pprof_fixtures, proto};

#[test]
fn batches_equal_what_prost_reads() {
    let files = pprof_fixtures();
    assert!(files.len() > 25, "{} fixtures", files.len());
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let batch =
            decode_named(&bytes, &path.to_string_lossy()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let profile = proto::Profile::decode(gunzip(&bytes).as_slice()).unwrap();
        assert_eq!(naive::rows_of_batch(&batch), naive::rows_of_profile(&profile), "{}", path.display());
        assert_eq!(batch.tables[0].records, profile.sample.len() as u64);
        assert_eq!(batch.profiles.len(), profile.sample_type.len());
        assert_eq!(batch.format, "pprof");
        assert_eq!(batch.content_hash.0, xxhash_rust::xxh3::xxh3_128(&gunzip(&bytes)));
        for entry in &batch.profiles {
            assert_eq!(entry.start, (profile.time_nanos != 0).then_some(profile.time_nanos));
            assert_eq!(entry.duration, profile.duration_nanos);
        }
    }
}

#[test]
fn totals_and_tops_equal_the_expected_results() {
    let mut seen = 0;
    for path in pprof_fixtures() {
        let Ok(text) = std::fs::read_to_string(format!("{}.expected.json", path.display())) else { continue };
        seen += 1;
        let expected: Value = serde_json::from_str(&text).unwrap();
        check(&path, &expected);
    }
    assert!(seen > 20, "{seen} expected results");
}

fn check(path: &Path, expected: &Value) {
    let at = path.display();
    let batch = decode_named(&std::fs::read(path).unwrap(), &path.to_string_lossy()).unwrap();
    let rows = naive::rows_of_batch(&batch);
    let profiles = expected["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), batch.profiles.len(), "{at}");
    for (column, (entry, expected)) in batch.profiles.iter().zip(profiles).enumerate() {
        let unit = expected["unit"].as_str().unwrap();
        let (base, factor) = base_unit(unit);
        assert_eq!(entry.profile_type.sample_type, expected["type"].as_str().unwrap(), "{at}");
        assert_eq!(entry.profile_type.sample_unit, base, "{at}");
        let number = |value: &Value| value.as_i64().unwrap() * factor;
        assert_eq!(batch.total(entry).unwrap(), (number(&expected["total"]), 0), "{at}");
        assert_eq!(batch.tables[0].records, expected["samples"].as_u64().unwrap(), "{at}");
        check_tops(&rows, column, factor, expected, &at.to_string());
    }
    let meta = &expected["meta"];
    if meta.is_object() {
        let default = meta["default_sample_type"].as_str().unwrap_or("");
        assert_eq!(batch.default_sample_type, default, "{at}");
        assert_eq!(batch.profiles[0].start, meta["time_nanos"].as_i64().filter(|&time| time != 0), "{at}");
    }
}

fn check_tops(rows: &naive::Rows, column: usize, factor: i64, expected: &Value, at: &str) {
    let (own, total) = naive::by_name(rows, column);
    for (list, have) in [("top_self", &own), ("top_total", &total)] {
        for pair in expected[list].as_array().unwrap() {
            let name = pair[0].as_str().unwrap();
            let shown = if name == "(unknown)" && !have.contains_key(name) { "" } else { name };
            let got = have.get(shown).unwrap_or_else(|| panic!("{at}: {list}: no function {name:?}"));
            assert_eq!(*got, i128::from(pair[1].as_i64().unwrap() * factor), "{at}: {list} of {name}");
        }
    }
}

#[test]
fn series_equal_the_expected_results() {
    let text = std::fs::read_to_string(fixtures().join("series/series.expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let mut seen = 0;
    for (folder, expected) in expected["series"].as_object().unwrap() {
        let folder = fixtures().join("series").join(folder);
        if !folder.is_dir() {
            continue;
        }
        seen += 1;
        let files = common::files_below(&folder, |path| path.extension().is_some_and(|extension| extension == "gz"));
        assert_eq!(files.len() as u64, expected["files"].as_u64().unwrap());
        let batches: Vec<_> =
            files.iter().map(|path| decode_named(&std::fs::read(path).unwrap(), "cpu.pb.gz").unwrap()).collect();
        let start = |at: usize| batches[at].profiles[0].start;
        let split = expected["split_at_index"].as_u64().unwrap() as usize;
        assert_eq!(start(0), expected["first_time_nanos"].as_i64());
        assert_eq!(start(split), expected["split_time_nanos"].as_i64());
        assert_eq!(start(files.len() - 1), expected["last_time_nanos"].as_i64());
        for (part, expected) in [(&batches[..split], &expected["before"]), (&batches[split..], &expected["after"])] {
            let mut sum = naive::Rows::new();
            for (key, values) in part.iter().flat_map(naive::rows_of_batch) {
                let row = sum.entry(key).or_insert_with(|| vec![0; values.len()]);
                row.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            let total: i64 = part.iter().map(|batch| batch.total(&batch.profiles[1]).unwrap().0).sum();
            assert_eq!(Some(total), expected["total"].as_i64());
            check_tops(&sum, 1, 1, expected, &folder.display().to_string());
        }
    }
    assert!(seen > 0);
}

#[test]
fn types_are_named_as_pyroscope_names_them() {
    for (file, ids) in [
        (
            "go/cpu.pb.gz",
            &["process_cpu:samples:count:cpu:nanoseconds", "process_cpu:cpu:nanoseconds:cpu:nanoseconds"][..],
        ),
        (
            "go/heap.pb.gz",
            &[
                "memory:alloc_objects:count:space:bytes",
                "memory:alloc_space:bytes:space:bytes",
                "memory:inuse_objects:count:space:bytes",
                "memory:inuse_space:bytes:space:bytes",
            ],
        ),
        ("go/goroutine.pb.gz", &["goroutines:goroutine:count:goroutine:count"]),
        ("go/mutex.pb.gz", &["mutex:contentions:count:contentions:count", "mutex:delay:nanoseconds:contentions:count"]),
        ("go/block.pb.gz", &["block:contentions:count:contentions:count", "block:delay:nanoseconds:contentions:count"]),
        ("go/threadcreate.pb.gz", &["threadcreate:threadcreate:count:threadcreate:count"]),
    ] {
        let batch = decode_named(&common::fixture(file), file).unwrap();
        let got: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
        assert_eq!(got, ids, "{file}");
    }
}

#[test]
fn malformed_files_are_refused_with_code_and_offset() {
    use ErrorCode::{BadReference, EmptyInput, Malformed, Truncated, UnrecognizedFormat};
    for (file, codes, has_offset) in [
        ("truncated.pb.gz", &[Truncated][..], true),
        ("png-renamed.pb.gz", &[UnrecognizedFormat], false),
        ("random.pb.gz", &[Malformed, Truncated], true),
        ("zero-length.pb.gz", &[EmptyInput], false),
        ("corrupt-varint.pb", &[Malformed, BadReference, Truncated], true),
        ("string-index-out-of-range.pb.gz", &[BadReference], true),
        ("half.cpuprofile", &[Truncated], true),
    ] {
        let bytes = std::fs::read(fixtures().join("malformed").join(file)).unwrap();
        let error = decode_named(&bytes, file).expect_err(file);
        println!("{file}: {} ({}, at byte {:?})", error.message, error.code.as_str(), error.offset);
        assert!(codes.contains(&error.code), "{file}: {error:?}");
        assert_eq!(error.offset.is_some(), has_offset, "{file}: {error:?}");
    }
    let error = decode_named(&common::fixture("malformed/png-renamed.pb.gz"), "x.pb.gz").unwrap_err();
    assert!(error.message.contains("a PNG image"), "{error}");
}
