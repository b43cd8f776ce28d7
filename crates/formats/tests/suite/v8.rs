//! V8's profiles: the fixtures against their expected results, small files for each rule, damaged ones.

use emberglass_formats::v8::{cpuprofile::CpuProfile, heapprofile::HeapProfile, prof::PreprocessedProf};
use emberglass_profile::{Batch, ErrorCode};
use proptest::prelude::*;

use crate::common;
use crate::common::{codes, corpus, damage, decode_named, totals};

fn decode(text: &str, name: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), name).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    damage::assert_sound(&batch);
    batch
}

fn types(batch: &Batch) -> Vec<String> {
    batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect()
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = corpus::check_all(|path| path.to_string_lossy().contains("/node/"));
    assert_eq!(batches.len(), 6);
    for (path, batch) in &batches {
        let name = path.to_string_lossy();
        let format = if name.contains("cpuprofile") {
            "cpuprofile"
        } else if name.contains("heapprofile") {
            "heapprofile"
        } else {
            "v8-prof"
        };
        assert_eq!(batch.format, format, "{name}");
        assert!(batch.profiles.iter().all(|entry| entry.start.is_none()));
        if format == "cpuprofile" {
            let ids = ["process_cpu:samples:count::", "process_cpu:cpu:nanoseconds::"];
            assert_eq!(types(batch), ids);
        }
    }
}

const NEW: &str = r#"{"nodes":[{"id":1,"callFrame":{"functionName":"(root)","url":"","lineNumber":-1,"columnNumber":-1},"children":[2,3]},{"id":2,"callFrame":{"functionName":"","url":"a.js","lineNumber":0,"columnNumber":4},"hitCount":2},{"id":3,"callFrame":{"functionName":"(idle)","url":"","lineNumber":-1,"columnNumber":-1}}],"startTime":100,"endTime":200,"samples":[2,3,2],"timeDeltas":[10,20,30]}"#;
const OLD: &str = r#"{"typeId":"CPU","title":"main","head":{"functionName":"(root)","url":"","lineNumber":0,"id":1,"hitCount":0,"children":[{"functionName":"f","url":"a.js","lineNumber":7,"columnNumber":2,"id":2,"hitCount":3,"children":[{"functionName":"g","url":"b.js","lineNumber":9,"id":3,"hitCount":1,"children":[]}]}]},"startTime":1.5,"endTime":1.501,"samples":[2,3,2,2]}"#;

#[test]
fn a_sample_lasts_until_the_next() {
    let batch = decode(NEW, "x");
    assert_eq!((batch.format.as_str(), totals(&batch)), ("cpuprofile", vec![3, 90_000]));
    let timeline = batch.tables[0].timeline.as_ref().unwrap();
    assert_eq!(timeline.time, [110_000, 130_000, 160_000]);
    assert_eq!(timeline.values[0], [1, 1, 1]);
    assert_eq!(timeline.values[1], [20_000, 30_000, 40_000]);
    assert_eq!(batch.profiles[1].duration, 100_000);
    let frame = batch.symbols.frames.iter().next().unwrap();
    assert_eq!((batch.symbols.function_name(frame.function), frame.line, frame.column), ("(anonymous)", 1, 5));
    assert_eq!(totals(&decode(&NEW.replace(r#""endTime":200,"#, ""), "x")), [3, 50_000]);
}

#[test]
fn samples_that_run_backwards_are_sorted() {
    let batch = decode(&NEW.replace("[10,20,30]", "[10,30,-20]"), "x");
    assert_eq!((totals(&batch), codes(&batch)), (vec![3, 90_000], vec![("times-run-backwards", 1)]));
    assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [110_000, 120_000, 140_000]);
}

#[test]
fn the_older_form_is_a_tree_with_seconds() {
    let batch = decode(OLD, "x.cpuprofile");
    assert_eq!(totals(&batch), [4, 1_000_000]);
    assert_eq!(batch.profiles[0].labels, [("thread".to_owned(), "main".to_owned())]);
    let stamped =
        OLD.replace("]}}", "]}").replace(r#""samples""#, r#""timestamps":[1500100,1500200,1500300,1500900],"samples""#);
    assert_eq!(totals(&decode(&stamped, "x.cpuprofile")), [4, 900_000]);
    let frames: Vec<_> = batch.symbols.frames.iter().map(|frame| (frame.line, frame.column)).collect();
    assert_eq!(frames, [(9, 0), (7, 2)]);
    let hits = decode(&OLD.replace(r#","samples":[2,3,2,2]"#, ""), "x.cpuprofile");
    assert_eq!((totals(&hits), hits.tables[0].records), (vec![4], 4));
}

#[test]
fn wrong_nodes_are_refused() {
    for (from, to, code) in [
        ("[2,3,2]", "[2,3,9]", ErrorCode::BadReference),
        (r#""id":3,"#, r#""id":3,"children":[1],"#, ErrorCode::Malformed),
        (r#""id":3,"#, r#""id":3,"parent":77,"#, ErrorCode::BadReference),
        (r#""id":3,"#, "", ErrorCode::Malformed),
    ] {
        let error = decode_named(NEW.replace(from, to).as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, code, "{to}: {error}");
    }
    let twice = decode(&NEW.replace(r#"{"id":3"#, r#"{"id":2,"hitCount":0},{"id":3"#), "x");
    assert_eq!(codes(&twice), [("duplicate-node", 1)]);
}

const HEAP: &str = r#"{"head":{"callFrame":{"functionName":"(root)","url":"","lineNumber":-1,"columnNumber":-1},"selfSize":0,"id":1,"children":[{"callFrame":{"functionName":"f","url":"a.js","lineNumber":2,"columnNumber":3},"selfSize":10,"id":2,"children":[{"selfSize":5,"children":[],"callFrame":{"functionName":"g","url":"a.js","lineNumber":5,"columnNumber":1}}]}]},"samples":[{"size":5,"nodeId":2}]}"#;

#[test]
fn a_heap_profile_is_the_sum_of_its_sizes() {
    let batch = decode(HEAP, "x");
    assert_eq!((types(&batch), totals(&batch)), (vec!["memory:inuse_space:bytes::".to_owned()], vec![15]));
    assert_eq!(batch.tables[0].records, 2);
    let deepest = batch.tables[0].stack.iter().map(|&stack| batch.stacks.leaf_to_root(stack).count()).max();
    assert_eq!(deepest, Some(2));
}

const TICKS: &str = r#"{"code":[{"name":"a.so","type":"SHARED_LIB"},{"name":" f.js:1:2","type":"JS","kind":"Opt"}],"functions":[],"ticks":[{"tm":5,"vm":0,"s":[0,7,-1,140,1,3]},{"tm":9,"vm":8,"s":[]},{"tm":11,"vm":99,"s":[1,2]}]}"#;

#[test]
fn ticks_keep_state_and_time() {
    let batch = decode(TICKS, "x");
    assert_eq!((batch.format.as_str(), totals(&batch)), ("v8-prof", vec![3]));
    assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [5_000, 9_000, 11_000]);
    let names: Vec<&str> = batch
        .stacks
        .leaf_to_root(batch.tables[0].stack[0])
        .map(|frame| batch.symbols.function_name(batch.symbols.frames.get(frame).unwrap().function))
        .collect();
    assert_eq!(names, ["a.so", " f.js:1:2"]);
    assert!(["state", "JS", "IDLE", "99"].iter().all(|text| batch.symbols.strings.find(text).is_some()));
    let error = decode_named(TICKS.replace("[0,7", "[5,7").as_bytes(), "x").unwrap_err();
    assert_eq!(error.code, ErrorCode::BadReference);
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    damage::damage(&CpuProfile, NEW.as_bytes(), 1500);
    damage::damage(&CpuProfile, OLD.as_bytes(), 1500);
    damage::damage(&HeapProfile, HEAP.as_bytes(), 1500);
    damage::damage(&PreprocessedProf, TICKS.as_bytes(), 1500);
}

#[test]
fn a_cut_off_profile_is_truncated() {
    let error = decode_named(&common::fixture("malformed/half.cpuprofile"), "half.cpuprofile").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(15_710)));
}

#[test]
fn trees_of_100_000_levels_are_decoded() {
    let depth = 100_000;
    let open =
        r#"{"callFrame":{"functionName":"f","url":"","lineNumber":0,"columnNumber":0},"selfSize":1,"children":["#;
    let heap = format!(r#"{{"head":{}{}}}"#, open.repeat(depth), "]}".repeat(depth));
    let batch = decode(&heap, "x");
    assert_eq!((totals(&batch), batch.stacks.len()), (vec![depth as i64], depth + 1));
    let nodes: Vec<String> = (1..=depth)
        .map(|id| {
            format!(
                r#"{{"id":{id},"callFrame":{{"functionName":"f","url":""}},"children":[{}]}}"#,
                if id == depth { String::new() } else { (id + 1).to_string() }
            )
        })
        .collect();
    let cpu =
        format!(r#"{{"nodes":[{}],"samples":[{depth}],"timeDeltas":[1],"startTime":0,"endTime":5}}"#, nodes.join(","));
    let batch = decode(&cpu, "x");
    assert_eq!(batch.stacks.leaf_to_root(batch.tables[0].stack[0]).count(), depth);
}

proptest! {
    #[test]
    fn times_add_up_to_the_span_of_the_samples(deltas in proptest::collection::vec(0i64..1000, 1..60), tail in 0i64..1000) {
        let samples: Vec<String> = deltas.iter().map(|delta| (2 + delta % 2).to_string()).collect();
        let texts: Vec<String> = deltas.iter().map(i64::to_string).collect();
        let sum: i64 = deltas.iter().sum();
        let text = NEW
            .replace("[2,3,2]", &format!("[{}]", samples.join(",")))
            .replace("[10,20,30]", &format!("[{}]", texts.join(",")))
            .replace("\"endTime\":200", &format!("\"endTime\":{}", 100 + sum + tail));
        let batch = decode(&text, "x");
        prop_assert_eq!(totals(&batch), vec![deltas.len() as i64, (sum - deltas[0] + tail) * 1000]);
    }
}
