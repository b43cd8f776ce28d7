//! speedscope files: the fixtures against their expected results, small files for each rule, damaged ones.

use emberglass_formats::speedscope::Speedscope;
use emberglass_profile::{Batch, ErrorCode, format_scaled};
use proptest::prelude::*;

use crate::common::{codes, corpus, damage, decode_named};

fn decode(text: &str) -> Batch {
    decode_named(text.as_bytes(), "x.json").unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn total(batch: &Batch, at: usize) -> String {
    let (digits, scale) = batch.total(&batch.profiles[at]).unwrap();
    format_scaled(digits, scale)
}

fn file(profiles: &str) -> String {
    format!(
        r#"{{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[{profiles}],
        "shared":{{"frames":[{{"name":"a","file":"a.c","line":3,"col":null}},{{"name":"b"}},{{"name":"a","file":"a.c","line":3}}]}}}}"#
    )
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = corpus::check_all(|path| path.to_string_lossy().contains("speedscope"));
    assert_eq!(batches.len(), 6);
    for (path, batch) in &batches {
        assert_eq!(batch.format, "speedscope", "{}", path.display());
        assert!(batch.profiles.iter().all(|entry| entry.start.is_none()));
    }
}

#[test]
fn every_unit_becomes_its_base_unit_exactly() {
    for (unit, weight, type_id, wanted) in [
        ("none", "2.5", "samples:samples:count::", "2.5"),
        ("nanoseconds", "7", "samples:time:nanoseconds::", "7"),
        ("microseconds", "0.0015", "samples:time:nanoseconds::", "1.5"),
        ("milliseconds", "1e3", "samples:time:nanoseconds::", "1000000000"),
        ("seconds", "4.096786737442017", "samples:time:nanoseconds::", "4096786737.442017"),
        ("minutes", "0.5", "samples:time:nanoseconds::", "30000000000"),
        ("bytes", "4096", "memory:space:bytes::", "4096"),
        ("kilobytes", "1.5", "memory:space:bytes::", "1536"),
        ("cycles", "3", "samples:cycles:cycles::", "3"),
    ] {
        let before = format!(
            r#"{{"type":"sampled","name":"p","unit":"{unit}","startValue":0,"endValue":1,"samples":[[0]],"weights":[{weight}]}}"#
        );
        let after = format!(
            r#"{{"type":"sampled","weights":[{weight}],"samples":[[0]],"startValue":0,"endValue":1,"name":"p","unit":"{unit}"}}"#
        );
        for text in [before, after] {
            let batch = decode(&file(&text));
            assert_eq!(batch.profiles[0].profile_type.to_string(), type_id);
            // Nine places are read before the unit is known.
            let is_cut = text.starts_with(r#"{"type":"sampled","weights""#) && unit == "seconds";
            assert_eq!(total(&batch, 0), if is_cut { "4096786737" } else { wanted }, "{text}");
            assert_eq!(batch.profiles[0].labels, [("profile".to_owned(), "p".to_owned())]);
        }
    }
}

#[test]
fn the_active_profile_is_the_default() {
    let profile = r#"{"type":"sampled","name":"p","unit":"none","samples":[],"weights":[]}"#;
    let text = file(&format!("{profile},{profile},{profile}"));
    let active = |at: &str| decode(&text.replacen('{', &format!(r#"{{"activeProfileIndex":{at},"#), 1));
    let place =
        |batch: &Batch| batch.profiles.iter().position(|entry| std::ptr::eq(entry, batch.default_profile().unwrap()));
    assert_eq!(place(&active("1")), Some(1));
    assert_eq!(place(&active("null")), Some(2));
    assert_eq!(place(&active("9")), Some(2));
    assert_eq!(decode(&file("")).profiles.len(), 0);
}

#[test]
fn equal_frames_are_one_and_keep_file_and_line() {
    let batch = decode(&file(r#"{"type":"sampled","name":"p","unit":"none","samples":[[0,1],[2,1]],"weights":[1,2]}"#));
    assert_eq!(batch.symbols.frames.len(), 2);
    assert_eq!((batch.tables[0].stack.len(), batch.tables[0].records), (1, 2));
    let frame = batch.symbols.frames.iter().next().unwrap();
    let function = batch.symbols.functions.get(frame.function).unwrap();
    assert_eq!((batch.symbols.text(function.file), frame.line, frame.column), ("a.c", 3, 0));
}

#[test]
fn events_count_the_time_under_their_frames() {
    let events = |list: &str| {
        decode(&file(&format!(
            r#"{{"type":"evented","name":"e","unit":"milliseconds","startValue":0,"endValue":99,"events":[{list}]}}"#
        )))
    };
    let o = |frame: u32, at: &str| format!(r#"{{"type":"O","frame":{frame},"at":{at}}}"#);
    let c = |frame: u32, at: &str| format!(r#"{{"type":"C","frame":{frame},"at":{at}}}"#);
    let gap = events(&[o(0, "1"), c(0, "2"), o(1, "5"), c(1, "5.5")].join(","));
    assert_eq!((total(&gap, 0).as_str(), gap.tables[0].records), ("1500000", 4));
    let timeline = gap.tables[0].timeline.as_ref().unwrap();
    assert_eq!(timeline.time, [1_000_000, 5_000_000]);
    let open = events(&[o(0, "1"), o(1, "2"), c(1, "4")].join(","));
    assert_eq!((total(&open, 0).as_str(), codes(&open)), ("3000000", vec![("open-frames", 1)]));
    let orphan = events(&[c(1, "0"), o(0, "1"), c(0, "2")].join(","));
    assert_eq!((total(&orphan, 0).as_str(), codes(&orphan)), ("1000000", vec![("orphan-events", 1)]));
    let unbalanced = events(&[o(0, "1"), o(1, "2"), c(0, "3"), c(1, "4")].join(","));
    assert_eq!(total(&unbalanced, 0), "2000000");
    assert_eq!(codes(&unbalanced), [("unbalanced-events", 1), ("orphan-events", 1)]);
    let backwards = events(&[o(0, "3"), c(0, "5"), o(1, "1"), c(1, "2")].join(","));
    assert_eq!((total(&backwards, 0).as_str(), codes(&backwards)), ("3000000", vec![("times-run-backwards", 1)]));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let text = file(r#"{"type":"sampled","name":"p","unit":"none","samples":[[0],[7]],"weights":[1,1]}"#);
    let error = decode_named(text.as_bytes(), "x.json").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::BadReference, text.find("[7]").map(|at| at as u64)));
    let missing = decode(&file(r#"{"type":"sampled","name":"p","unit":"none","samples":[[0],[1]],"weights":[5]}"#));
    assert_eq!((total(&missing, 0).as_str(), codes(&missing)), ("6", vec![("missing-weights", 1)]));
    let large = file(r#"{"type":"sampled","name":"p","unit":"seconds","samples":[[0],[1]],"weights":[9e9,9e9]}"#);
    assert_eq!(decode_named(large.as_bytes(), "x.json").unwrap_err().code, ErrorCode::ValueOverflow);
}

#[test]
fn a_stack_of_100_000_frames_is_decoded() {
    let deep = vec!["0"; 100_000].join(",");
    let batch =
        decode(&file(&format!(r#"{{"type":"sampled","name":"p","unit":"none","samples":[[{deep}]],"weights":[1]}}"#)));
    assert_eq!(batch.stacks.leaf_to_root(batch.tables[0].stack[0]).count(), 100_000);
}

const SMALL: &str = r#"{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[{"type":"sampled","name":"p","unit":"seconds","startValue":0,"endValue":2,"samples":[[0,1],[0]],"weights":[1,0.5]},{"type":"evented","name":"e","unit":"none","events":[{"type":"O","frame":0,"at":1},{"type":"C","frame":0,"at":2}]}],"shared":{"frames":[{"name":"a"},{"name":"b"}]}}"#;

#[test]
fn every_cut_and_flip_is_a_result_or_an_error_with_a_place() {
    damage::damage(&Speedscope, SMALL.as_bytes(), 3000);
    for len in 1..SMALL.len() {
        let error = damage::decode_as(&Speedscope, &SMALL.as_bytes()[..len]).unwrap_err();
        assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(len as u64)), "{error}");
    }
}

proptest! {
    #[test]
    fn totals_equal_the_sum_of_the_weights(weights in proptest::collection::vec((0u32..3, 0i64..100_000), 0..50)) {
        let samples: Vec<String> = weights.iter().map(|(frame, _)| format!("[{frame}]")).collect();
        let values: Vec<String> = weights.iter().map(|(_, weight)| format_scaled(*weight, 3)).collect();
        let batch = decode(&file(&format!(r#"{{"type":"sampled","name":"p","unit":"seconds","samples":[{}],"weights":[{}]}}"#, samples.join(","), values.join(","))));
        let sum: i64 = weights.iter().map(|(_, weight)| weight).sum();
        prop_assert_eq!(total(&batch, 0), (sum * 1_000_000).to_string());
        prop_assert_eq!(batch.tables[0].records, weights.len() as u64);
    }
}

#[test]
fn what_dotnet_trace_writes_is_exact() {
    let batches = corpus::check_all(|path| path.to_string_lossy().contains("/dotnet/"));
    assert_eq!(batches.len(), 1);
    let batch = &batches[0].1;
    let name = "shop!Shop.Program.Main(class System.String[])";
    assert!(batch.symbols.strings.iter().any(|text| text == name), "module and signature belong to the name");
    let totals: Vec<String> = batch
        .profiles
        .iter()
        .map(|entry| {
            batch.total(entry).map(|(digits, scale)| emberglass_profile::format_scaled(digits, scale)).unwrap()
        })
        .collect();
    assert_eq!(totals, ["20210400", "11749990"]);
    let codes: Vec<&str> = batch.warnings.as_slice().iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["rounded-values"], "a time has ten places below a nanosecond");
}
