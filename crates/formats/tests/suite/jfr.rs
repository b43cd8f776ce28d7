//! JFR: the recordings of the fixtures, and damage to them.

use std::collections::BTreeMap;

use emberglass_formats::jfr::{Jfr, decode_with_labels};
use emberglass_formats::{Context, Input, Meter, NoProgress};
use emberglass_profile::{AttributeValue, Batch, ErrorCode, InputError};

use crate::common;
use crate::common::corpus::check_all;
use crate::common::damage::{assert_sound, decode_as, survives};
use crate::common::recording::{BOOLEAN, INT, LONG, STACK_TRACE, chunk};
use crate::common::{Numbers, decode_named, fixture, gunzip};

/// Events by the value of one attribute.
fn by_attribute(batch: &Batch, table: usize, key: &str, column: usize) -> BTreeMap<String, i64> {
    let table = &batch.tables[table];
    let mut sums = BTreeMap::new();
    for (row, &set) in table.attributes.iter().enumerate() {
        for attribute in batch.attributes.get(set) {
            if let AttributeValue::Text(text) = attribute.value
                && batch.symbols.text(attribute.key) == key
            {
                *sums.entry(batch.symbols.text(text).to_owned()).or_default() += table.columns[column].values[row];
            }
        }
    }
    sums
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.parent().is_some_and(|folder| folder.ends_with("java")));
    assert!(!batches.is_empty());
    for (_, batch) in &batches {
        assert_sound(batch);
        assert_eq!(batch.format, "jfr");
        for table in &batch.tables {
            assert_eq!(table.timeline.as_ref().unwrap().time.len() as u64, table.records);
        }
    }
}

#[test]
fn threads_states_classes_and_times_are_kept() {
    let batch = decode_named(&fixture("java/app.jfr"), "x").unwrap();
    let ids: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
    assert_eq!(
        ids,
        [
            "process_cpu:samples:count::",
            "process_cpu:samples:count::",
            "memory:alloc_sample_objects:count::",
            "memory:alloc_sample_bytes:bytes::",
            "mutex:contentions:count::",
            "mutex:delay:nanoseconds::",
        ]
    );
    assert_eq!(batch.profiles[1].labels, [("event".to_owned(), "jdk.NativeMethodSample".to_owned())]);
    let threads = by_attribute(&batch, 0, "thread", 0);
    assert_eq!((threads["handler-0"], threads["locker-2"], threads["JFR Shutdown Hook"]), (141, 16, 1));
    assert_eq!(by_attribute(&batch, 0, "state", 0), BTreeMap::from([("STATE_RUNNABLE".to_owned(), 446)]));
    assert_eq!(by_attribute(&batch, 2, "class", 1)["java.lang.Integer"], 1_167_831_160);
    let start = batch.profiles[0].start.unwrap();
    assert_eq!(start, 1_795_439_754_219_537_756);
    let time = &batch.tables[0].timeline.as_ref().unwrap().time;
    assert!(time.first().unwrap() >= start && time.last().unwrap() <= start + batch.profiles[0].duration);
    assert!(
        batch.symbols.frames.iter().any(|frame| frame.inlined)
            && batch.symbols.frames.iter().any(|frame| frame.line > 0)
    );
    assert_eq!(batch.warnings.as_slice()[0].code, "other-event");
}

#[test]
fn samples_of_processor_time_count_by_their_own_period() {
    let bytes = chunk(
        &[
            (
                100,
                "jdk.CPUTimeSample",
                &[
                    ("startTime", LONG, false),
                    ("stackTrace", STACK_TRACE, true),
                    ("failed", BOOLEAN, false),
                    ("samplingPeriod", LONG, false),
                    ("biased", BOOLEAN, false),
                ],
            ),
            (101, "jdk.CPUTimeSamplesLost", &[("startTime", LONG, false), ("lostSamples", INT, false)]),
        ],
        &[(100, vec![10, 1, 0, 300, 1]), (101, vec![11, 4]), (100, vec![12, 0, 1, 500, 0])],
    );
    let batch = decode_named(&bytes, "x").unwrap();
    assert_sound(&batch);
    let profiles: Vec<(String, i64, i64)> = batch
        .profiles
        .iter()
        .map(|entry| (entry.profile_type.to_string(), batch.total(entry).unwrap().0, entry.period))
        .collect();
    assert_eq!(
        profiles,
        [
            ("process_cpu:samples:count:cpu:nanoseconds".to_owned(), 2, 500),
            ("process_cpu:cpu:nanoseconds:cpu:nanoseconds".to_owned(), 800, 500),
        ]
    );
    let rows = common::naive::rows_of_batch(&batch);
    let stacks: Vec<(Vec<&str>, &[i128])> = rows
        .iter()
        .map(|((stack, _), values)| (stack.iter().map(|frame| frame.name.as_str()).collect(), values.as_slice()))
        .collect();
    assert_eq!(stacks, [(vec![], &[1, 500][..]), (vec!["App.work"], &[1, 300])]);
    assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [1010, 1012]);
    let warning = &batch.warnings.as_slice()[0];
    assert_eq!((warning.code.as_str(), warning.count), ("other-event", 1));
}

#[test]
fn a_wall_clock_sample_counts_as_often_as_it_says() {
    let fields = &[("startTime", LONG, false), ("stackTrace", STACK_TRACE, true), ("samples", INT, false)];
    let bytes = chunk(&[(100, "profiler.WallClockSample", fields)], &[(100, vec![1, 1, 30]), (100, vec![2, 1, 12])]);
    let batch = decode_named(&bytes, "x").unwrap();
    assert_sound(&batch);
    assert_eq!(batch.profiles[0].profile_type.to_string(), "wall:samples:count::");
    assert_eq!((batch.profiles.len(), batch.total(&batch.profiles[0]).unwrap().0), (1, 42));
    assert_eq!(batch.tables[0].records, 2);
}

#[test]
fn a_cut_off_last_chunk_leaves_the_others() {
    let one = fixture("java/app.jfr");
    let mut two = one.clone();
    two.extend_from_slice(&one);
    let batch = decode_as(&Jfr, &two).unwrap();
    assert_eq!(batch.tables[0].records, 892);
    let batch = decode_as(&Jfr, &two[..two.len() - 9]).unwrap();
    assert_eq!(batch.tables[0].records, 446);
    assert!(batch.warnings.as_slice().iter().any(|warning| warning.code == "truncated-chunk"));
    let error = decode_as(&Jfr, &one[..one.len() - 9]).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(one.len() as u64 - 9)));
    let mut other = one;
    other[5] = 0;
    assert_eq!(decode_as(&Jfr, &other).unwrap_err().code, ErrorCode::UnsupportedVersion);
}

/// The recording of Pyroscope's agent with the labels that it sent beside it.
fn decode_agent(labels: &[u8]) -> Result<Batch, InputError> {
    let file = fixture("java/async.jfr.gz");
    let mut progress = NoProgress;
    let mut context = Context::new("", Meter::new(&mut progress, file.len() as u64));
    decode_with_labels(&mut Input::new(&file), labels, &mut context)
}

/// Counts and values by `jfr print --json` of OpenJDK 17.
#[test]
fn what_pyroscopes_agent_sends_has_its_labels() {
    let labels = fixture("java/async.labels.gz");
    let batch = decode_agent(&labels).unwrap();
    assert_sound(&batch);
    let sums: Vec<(String, i64)> =
        batch.profiles.iter().map(|entry| (entry.profile_type.to_string(), batch.total(entry).unwrap().0)).collect();
    assert_eq!(
        sums,
        [
            ("process_cpu:samples:count:cpu:nanoseconds".to_owned(), 730),
            ("process_cpu:cpu:nanoseconds:cpu:nanoseconds".to_owned(), 7_300_000_000),
            ("memory:alloc_in_new_tlab_objects:count::".to_owned(), 6041),
            ("memory:alloc_in_new_tlab_bytes:bytes::".to_owned(), 3_167_223_808),
            ("mutex:contentions:count::".to_owned(), 106),
            ("mutex:delay:nanoseconds::".to_owned(), 6_899_396_048),
        ]
    );
    let endpoints = |table| by_attribute(&batch, table, "endpoint", 0).into_iter().collect::<Vec<_>>();
    assert_eq!(endpoints(0), []);
    assert_eq!(endpoints(1), [("/basket".to_owned(), 1)]);
    assert!(by_attribute(&batch, 1, "context_id", 0).is_empty());

    let plain = decode_named(&fixture("java/async.jfr.gz"), "x").unwrap();
    assert_eq!(by_attribute(&plain, 1, "context_id", 0), BTreeMap::from([("1".to_owned(), 1)]));
    assert!(by_attribute(&plain, 1, "endpoint", 0).is_empty());
    let none = decode_agent(&[]).unwrap();
    assert_eq!(by_attribute(&none, 1, "context_id", 0), by_attribute(&plain, 1, "context_id", 0));
    // Another snapshot: context 0, that of nearly all events, with one label.
    let all =
        decode_agent(b"\x0a\x08\x12\x06\x0a\x04\x08\x01\x10\x02\x12\x05\x08\x01\x12\x01k\x12\x05\x08\x02\x12\x01v")
            .unwrap();
    assert_eq!(by_attribute(&all, 0, "k", 0), BTreeMap::from([("v".to_owned(), 730)]));
    assert_eq!(by_attribute(&all, 1, "k", 0), BTreeMap::from([("v".to_owned(), 6040)]));
    let error = decode_agent(&gunzip(&labels)[..20]).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(14)));
}

#[test]
fn damaged_labels_are_survived() {
    let labels = gunzip(&fixture("java/async.labels.gz"));
    let mut numbers = Numbers(3);
    for _ in 0..60 {
        let mut bytes = labels.clone();
        let at = numbers.below(bytes.len());
        bytes[at] = numbers.next() as u8;
        if let Ok(batch) = decode_agent(&bytes) {
            assert_sound(&batch);
        }
    }
}

#[test]
fn damaged_files_are_survived() {
    let whole = fixture("java/app.jfr");
    for len in (0..200).chain((200..whole.len()).step_by(7001)) {
        survives(&Jfr, &whole[..len]);
    }
    let mut numbers = Numbers(7);
    for round in 0..150 {
        let mut bytes = whole.clone();
        for _ in 0..1 + numbers.below(6) {
            // The header, the metadata and the pools are where lies hurt.
            let at = match round % 3 {
                0 => numbers.below(68),
                1 => 8092 + numbers.below(60_000),
                _ => numbers.below(bytes.len()),
            };
            bytes[at] = if numbers.one_in(2) { numbers.next() as u8 } else { 0xff };
        }
        survives(&Jfr, &bytes);
    }
}
