//! stackprof's JSON: small files for each rule, damaged ones.

use std::collections::BTreeMap;

use emberglass_formats::stackprof::Stackprof;
use emberglass_profile::{Batch, ErrorCode};

use crate::common::{corpus, damage, decode_named, totals};

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x").unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert_eq!(batch.format, "stackprof");
    damage::assert_sound(&batch);
    batch
}

fn stacks(batch: &Batch) -> BTreeMap<String, i64> {
    let table = &batch.tables[0];
    let name = |frame| {
        let frame = batch.symbols.frames.get(frame).unwrap();
        format!("{}:{}", batch.symbols.function_name(frame.function), frame.line)
    };
    let mut out = BTreeMap::new();
    for (row, &stack) in table.stack.iter().enumerate() {
        let mut names: Vec<String> = batch.stacks.leaf_to_root(stack).map(name).collect();
        names.reverse();
        *out.entry(names.join(";")).or_default() += table.columns[0].values[row];
    }
    out
}

fn file(mode: &str, rest: &str) -> String {
    format!(
        r#"{{"version":1.2,"mode":"{mode}","interval":1000,"samples":6,"gc_samples":0,"missed_samples":2,"metadata":{{}},
        "frames":{{"140373928440180":{{"name":"Object#main","file":"a.rb","line":1,"total_samples":6,"samples":1,"edges":{{"7":5}}}},
        "7":{{"name":"A#f","file":"a.rb","line":4,"total_samples":5,"samples":5,"lines":{{"5":[5,5]}}}}}}{rest}}}"#
    )
}

const RAW: &str = r#","raw":[2,140373928440180,7,3,1,140373928440180,1,2,140373928440180,7,2]"#;

fn map(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn raw_stacks_are_root_first() {
    let batch = decode(&file("cpu", RAW));
    assert_eq!(stacks(&batch), map(&[("Object#main:1;A#f:4", 5), ("Object#main:1", 1)]));
    assert_eq!((totals(&batch), batch.tables[0].records), (vec![6, 6_000_000], 6));
    let ids: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
    assert_eq!(ids, ["process_cpu:samples:count::", "process_cpu:cpu:nanoseconds::"]);
    assert_eq!(batch.warnings.as_slice()[0].code, "missed-samples");
    let object = decode(&file("object", RAW));
    assert_eq!(object.profiles[0].profile_type.to_string(), "memory:objects:count::");
    assert_eq!(totals(&object), [6]);
}

#[test]
fn deltas_times_and_lines_belong_to_their_samples() {
    let deltas = decode(&file("wall", &format!(r#"{RAW},"raw_timestamp_deltas":[1,2,3,10,20,30]"#)));
    assert_eq!(totals(&deltas), [6, 66_000]);
    assert_eq!(deltas.profiles[1].profile_type.to_string(), "wall:wall:nanoseconds::");
    let times = decode(&file(
        "wall",
        &format!(r#"{RAW},"raw_sample_timestamps":[9,10,11,12,13,14],"raw_timestamp_deltas":[1,2,3,10,20,30]"#),
    ));
    assert_eq!(totals(&times), [6, 66_000]);
    assert_eq!(times.tables[0].timeline.as_ref().unwrap().time, [9_000, 10_000, 11_000, 12_000, 13_000, 14_000]);
    let lines = decode(&file("wall", &format!(r#"{RAW},"raw_lines":[2,2,5,3,1,3,1,2,0,6,2]"#)));
    assert_eq!(stacks(&lines), map(&[("Object#main:2;A#f:5", 3), ("Object#main:3", 1), ("Object#main:1;A#f:6", 2)]));
}

#[test]
fn without_raw_data_there_is_a_function_table() {
    let batch = decode(&file("cpu", ""));
    assert!(batch.warnings.as_slice().iter().any(|warning| warning.code == "no-stacks"));
    let top = corpus::top_of(&batch, &batch.profiles[0]);
    assert_eq!((top["Object#main"].own, top["Object#main"].total, top["A#f"].total), (1.0, 6.0, 5.0));
    assert_eq!((totals(&batch), batch.tables[0].records), (vec![6, 6_000_000], 6));
}

#[test]
fn what_is_wrong_is_refused() {
    for (raw, code) in [
        ("[2,7]", ErrorCode::Malformed),
        ("[1,8,1]", ErrorCode::BadReference),
        ("[9223372036854775807,7,1]", ErrorCode::Malformed),
    ] {
        let error = decode_named(file("cpu", &format!(r#","raw":{raw}"#)).as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, code, "{raw}: {error}");
    }
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    let all = file(
        "wall",
        &format!(r#"{RAW},"raw_sample_timestamps":[9,10,11,12,13,14],"raw_lines":[2,2,5,3,1,3,1,2,0,6,2]"#),
    );
    damage::damage(&Stackprof, all.as_bytes(), 3000);
    damage::damage(&Stackprof, file("cpu", "").as_bytes(), 1000);
}
