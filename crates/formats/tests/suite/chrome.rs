//! Chrome traces: the fixtures against their expected results, small files for each rule, damaged ones.

use std::collections::BTreeMap;

use emberglass_formats::chrome::ChromeTrace;
use emberglass_profile::{Batch, ErrorCode};
use proptest::prelude::*;

use crate::common::{codes, corpus, damage, decode_named, totals};

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x").unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert_eq!(batch.format, "chrome-trace");
    damage::assert_sound(&batch);
    batch
}

/// Values by stack, names joined with `;`.
fn stacks(batch: &Batch, at: usize) -> BTreeMap<String, i64> {
    let entry = &batch.profiles[at];
    let table = &batch.tables[entry.table as usize];
    let name = |frame| batch.symbols.function_name(batch.symbols.frames.get(frame).unwrap().function);
    let mut out = BTreeMap::new();
    for (row, &stack) in table.stack.iter().enumerate() {
        let mut names: Vec<&str> = batch.stacks.leaf_to_root(stack).map(name).collect();
        names.reverse();
        *out.entry(names.join(";")).or_default() += table.columns[entry.column as usize].values[row];
    }
    out
}

fn events(list: &[(&str, &str, i64, i64)]) -> String {
    let texts: Vec<String> = list
        .iter()
        .map(|(phase, name, time, duration)| {
            format!(r#"{{"ph":"{phase}","name":"{name}","pid":1,"tid":2,"ts":{time},"dur":{duration}}}"#)
        })
        .collect();
    format!("[{}]", texts.join(","))
}

fn map(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value * 1000)).collect()
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = corpus::check_all(|path| path.to_string_lossy().contains("/chrome/"));
    assert_eq!(batches.len(), 3);
    for (path, batch) in &batches {
        println!("{}: {} profiles, {:?}", path.display(), batch.profiles.len(), codes(batch));
        assert!(batch.profiles.iter().all(|entry| entry.start.is_none()));
    }
}

#[test]
fn processes_and_threads_are_named_and_kept_apart() {
    let text = r#"{"traceEvents":[{"args":{"name":"main"},"name":"thread_name","ph":"M","pid":1,"tid":2,"ts":0},
        {"args":{"name":"App"},"name":"process_name","ph":"M","pid":1,"tid":0,"ts":0},
        {"ph":"X","name":"a","pid":1,"tid":2,"ts":1,"dur":2},{"ph":"X","name":"b","pid":"p","tid":"t","ts":1,"dur":2.5}],
        "metadata":{"x":[1,{"y":2}]}}"#;
    let batch = decode(text);
    let labels =
        |at: usize| batch.profiles[at].labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ");
    assert_eq!(labels(0), "process=App process_id=1 thread=main thread_id=2");
    assert_eq!(labels(1), "process_id=p thread_id=t");
    assert_eq!(totals(&batch), [2000, 2500]);
    assert_eq!(batch.profiles[0].profile_type.to_string(), "wall:time:nanoseconds::");
}

#[test]
fn begin_and_end_events_nest() {
    let batch = decode(&events(&[
        ("B", "a", 1, 0),
        ("B", "b", 1, 0),
        ("E", "b", 4, 0),
        ("E", "", 6, 0),
        ("B", "c", 9, 0),
        ("E", "c", 10, 0),
    ]));
    assert_eq!(stacks(&batch, 0), map(&[("a;b", 3), ("a", 2), ("c", 1)]));
    assert_eq!((batch.tables[0].records, codes(&batch).len()), (6, 0));
    assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [1000, 4000, 9000]);
    assert_eq!(batch.profiles[0].duration, 9000);
}

#[test]
fn whole_events_nest_in_any_order() {
    let batch = decode(&events(&[("X", "b", 2, 3), ("X", "a", 1, 10), ("X", "c", 6, 2), ("X", "inner", 1, 1)]));
    assert_eq!(stacks(&batch, 0), map(&[("a", 4), ("a;inner", 1), ("a;b", 3), ("a;c", 2)]));
    let mixed = decode(&events(&[("X", "a", 0, 10), ("B", "b", 2, 0), ("X", "c", 3, 1), ("E", "b", 5, 0)]));
    assert_eq!(stacks(&mixed, 0), map(&[("a", 7), ("a;b", 2), ("a;b;c", 1)]));
}

#[test]
fn what_does_not_nest_is_told() {
    let overlap = decode(&events(&[("X", "a", 0, 10), ("X", "b", 5, 10)]));
    assert_eq!((stacks(&overlap, 0), codes(&overlap)), (map(&[("a", 5), ("a;b", 5)]), vec![("overlapping-events", 1)]));
    let orphan = decode(&events(&[("E", "x", 0, 0), ("B", "a", 1, 0), ("B", "b", 2, 0), ("E", "b", 3, 0)]));
    assert_eq!(
        (stacks(&orphan, 0), codes(&orphan)),
        (map(&[("a", 1), ("a;b", 1)]), vec![("orphan-events", 1), ("open-frames", 1)])
    );
    let unbalanced = decode(&events(&[("X", "a", 0, 4), ("B", "b", 1, 0), ("E", "b", 9, 0)]));
    assert_eq!(stacks(&unbalanced, 0), map(&[("a", 1), ("a;b", 3)]));
    assert_eq!(codes(&unbalanced), [("orphan-events", 1), ("unbalanced-events", 1)]);
    let skipped = decode(&events(&[("X", "a", 0, 4), ("i", "b", 1, 0), ("b", "c", 1, 0), ("C", "d", 1, 0)]));
    assert_eq!(codes(&skipped), [("skipped-events", 3)]);
}

const CHUNKS: &str = r#"[{"name":"Profile","ph":"P","id":"0x1","pid":1,"tid":5,"ts":100,"args":{"data":{"startTime":90}}},
{"name":"ProfileChunk","ph":"P","id":"0x1","pid":1,"tid":9,"ts":300,"args":{"data":{"cpuProfile":{"nodes":[{"id":3,"parent":2,"callFrame":{"functionName":"g","url":"a.js","lineNumber":1,"columnNumber":2}}],"samples":[3,2]},"timeDeltas":[10,5],"endTime":150}}},
{"name":"ProfileChunk","ph":"P","id":"0x1","pid":1,"tid":9,"ts":200,"args":{"data":{"timeDeltas":[10,20],"cpuProfile":{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"}},{"id":2,"parent":1,"callFrame":{"functionName":"f"}}],"samples":[2,2]}}}},
{"name":"Profile","ph":"P","id":"0x1","pid":2,"tid":6,"ts":100,"args":{"data":{"startTime":90}}}]"#;

#[test]
fn profiles_are_put_together_from_their_chunks() {
    let batch = decode(CHUNKS);
    assert_eq!(batch.profiles.len(), 4);
    assert_eq!(stacks(&batch, 1), map(&[("f", 45), ("f;g", 5)]));
    assert_eq!(stacks(&batch, 0).values().sum::<i64>(), 4);
    assert_eq!(batch.profiles[1].labels[1], ("thread_id".to_owned(), "5".to_owned()));
    assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [100_000, 120_000, 130_000, 135_000]);
    assert_eq!(totals(&batch)[2..], [0, 0]);
    let whole = r#"[{"name":"CpuProfile","ph":"I","pid":1,"tid":2,"ts":100,"args":{"data":{"cpuProfile":{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"},"children":[2]},{"id":2,"callFrame":{"functionName":"f"}}],"startTime":10,"endTime":50,"samples":[2],"timeDeltas":[15]}}}}]"#;
    assert_eq!(totals(&decode(whole)), [1, 25_000]);
}

#[test]
fn arrays_that_are_cut_off_give_what_is_there() {
    let text = events(&[("X", "a", 0, 4), ("X", "b", 5, 1), ("X", "c", 9, 1)]);
    for (end, total) in [(text.len() - 1, 6000), (text.len() - 3, 5000), (text.find("\"c\"").unwrap(), 5000)] {
        for cut in [text[..end].to_owned(), format!("{{\"traceEvents\":{}", &text[..end])] {
            let batch = decode(&cut);
            assert_eq!((totals(&batch), codes(&batch)), (vec![total], vec![("truncated", 1)]), "{cut}");
            assert_eq!(batch.warnings.as_slice()[0].offset, Some(cut.len() as u64));
        }
    }
    let comma = decode(&format!("{},\n", text.trim_end_matches(']')));
    assert_eq!(totals(&comma), [6000]);
    let error = decode_named(b"{\"displayTimeUnit\":\"ms\",\"traceEv", "x").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(32)));
}

#[test]
fn a_stack_of_100_000_events_is_decoded() {
    let open: Vec<(&str, &str, i64, i64)> = (0..100_000).map(|at| ("B", "f", at, 0)).collect();
    let batch = decode(&events(&open));
    assert_eq!((totals(&batch), batch.stacks.len()), (vec![99_999_000], 100_001));
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    damage::damage(&ChromeTrace, CHUNKS.as_bytes(), 3000);
    let mixed = events(&[
        ("X", "a", 0, 10),
        ("B", "b", 2, 0),
        ("X", "c", 3, 1),
        ("E", "b", 5, 0),
        ("E", "b", 5, 0),
        ("M", "process_name", 0, 0),
    ]);
    damage::damage(&ChromeTrace, mixed.as_bytes(), 3000);
}

proptest! {
    #[test]
    fn the_total_is_the_time_that_is_covered(list in proptest::collection::vec((0i64..60, 0i64..20), 1..40)) {
        let whole: Vec<(&str, &str, i64, i64)> = list.iter().map(|&(time, duration)| ("X", "f", time, duration)).collect();
        let batch = decode(&events(&whole));
        let covered = (0..100).filter(|&at| list.iter().any(|&(time, duration)| (time..time + duration).contains(&at))).count();
        let cut = codes(&batch).contains(&("overlapping-events", 1)) || !codes(&batch).is_empty();
        if cut {
            prop_assert!(totals(&batch)[0] <= covered as i64 * 1000);
        } else {
            prop_assert_eq!(totals(&batch)[0], covered as i64 * 1000);
        }
        prop_assert_eq!(batch.tables[0].records, list.len() as u64);
    }
}
