//! OpenTelemetry profiles: the fixtures against their expected results, both forms against each other, other
//! versions, damaged files.

use std::collections::BTreeMap;

use emberglass_formats::otlp::Otlp;
use emberglass_profile::{Batch, ErrorCode};
use prost::Message as _;

use crate::common;
use crate::common::{corpus, damage, decode_named, naive};

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = corpus::check_all(|path| path.to_string_lossy().contains("/otlp/"));
    assert_eq!(batches.len(), 5);
    for (path, batch) in &batches {
        assert_eq!((batch.format.as_str(), batch.service_name.as_str()), ("otlp", "shop"), "{}", path.display());
        assert!(batch.profiles.iter().all(|entry| entry.start.is_some()));
        assert!(batch.warnings.as_slice().is_empty());
    }
    let ids = |name: &str| {
        let batch = &batches.iter().find(|(path, _)| path.ends_with(name)).unwrap().1;
        batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect::<Vec<_>>()
    };
    let cpu = ["process_cpu:samples:count:cpu:nanoseconds", "process_cpu:cpu:nanoseconds:cpu:nanoseconds"];
    assert_eq!(ids("cpu.otlp.pb"), cpu);
    assert_eq!(ids("cpu.otlp.json"), cpu);
    assert_eq!(ids("heap.otlp.pb")[3], "memory:inuse_space:bytes:space:bytes");
}

fn rows(batch: &Batch) -> Vec<naive::Rows> {
    let one = |table: &emberglass_profile::SampleTable| {
        naive::rows_of_batch(&Batch { tables: vec![table.clone()], ..batch.clone() })
    };
    batch.tables.iter().map(one).collect()
}

#[test]
fn both_forms_say_the_same() {
    for name in ["cpu", "heap"] {
        let [proto, json] = ["pb", "json"].map(|form| {
            let file = format!("otlp/{name}.otlp.{form}");
            decode_named(&common::fixture(&file), &file).unwrap()
        });
        assert_eq!(rows(&proto), rows(&json), "{name}");
        assert_eq!(proto.profiles, json.profiles, "{name}");
    }
}

#[test]
fn stacks_and_labels_equal_those_of_the_pprof_file_they_come_from() {
    let pprof = decode_named(&common::fixture("go/cpu.pb.gz"), "cpu.pb.gz").unwrap();
    let otlp = decode_named(&common::fixture("otlp/cpu.otlp.pb"), "x").unwrap();
    // Build ids are not carried over.
    let plain = |rows: &naive::Rows, column: usize| {
        let mut out: BTreeMap<_, i128> = BTreeMap::new();
        for ((stack, labels), values) in rows {
            let names: Vec<_> =
                stack.iter().map(|frame| (frame.name.clone(), frame.line, frame.file.clone())).collect();
            *out.entry((names, labels.clone())).or_default() += values[column];
        }
        out.retain(|_, value| *value != 0);
        out
    };
    let pprof_rows = rows(&pprof);
    for (column, rows) in rows(&otlp).iter().enumerate() {
        assert_eq!(plain(rows, 0), plain(&pprof_rows[0], column));
    }
}

const SMALL: &str = r#"{"resourceProfiles":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}},{"key":"process.pid","value":{"intValue":"42"}}]},
"scopeProfiles":[{"profiles":[{"sampleType":{"typeStrindex":1,"unitStrindex":2},"period":"10","periodType":{"typeStrindex":1,"unitStrindex":2},"timeUnixNano":"5","durationNano":9,
"attributeIndices":[1],"samples":[{"stackIndex":1,"values":["2",3],"attributeIndices":[2],"linkIndex":1},{"stackIndex":1,"timestampsUnixNano":["7","6"]},{"stackIndex":2,"timestampsUnixNano":[8,9],"values":[4,5]},{"values":[1]}]}]}]}],
"dictionary":{"stringTable":["","cpu","ms","f","g","a.c","os.type","size","bytes","lib.so","process.executable.build_id.gnu"],
"mappingTable":[{},{"memoryStart":"4096","memoryLimit":"8192","filenameStrindex":9,"attributeIndices":[3]}],
"functionTable":[{},{"nameStrindex":3,"filenameStrindex":5,"startLine":"3"},{"nameStrindex":4}],
"locationTable":[{},{"mappingIndex":1,"address":"4660","lines":[{"functionIndex":1,"line":"7","column":"2"},{"functionIndex":2,"line":9}]},{"mappingIndex":1,"address":"48879"}],
"stackTable":[{},{"locationIndices":[1,2]},{"locationIndices":[2]}],"linkTable":[{},{"traceId":"0a0b","spanId":"0c"}],
"attributeTable":[{},{"keyStrindex":6,"value":{"stringValue":"linux"}},{"keyStrindex":7,"unitStrindex":8,"value":{"intValue":"64"}},{"keyStrindex":10,"value":{"stringValue":"id"}}]}}"#;

#[test]
fn everything_a_sample_says_is_kept() {
    let batch = decode_named(SMALL.as_bytes(), "x").unwrap();
    damage::assert_sound(&batch);
    let entry = &batch.profiles[0];
    assert_eq!(entry.profile_type.to_string(), "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
    assert_eq!((entry.start, entry.duration, entry.period), (Some(5), 9, 10_000_000));
    let labels: Vec<String> = entry.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(labels, ["service_name=s", "process_id=42", "os.type=linux"]);
    assert_eq!(batch.total(entry).unwrap(), ((5 + 2 + 9 + 1) * 1_000_000, 0));
    let table = &batch.tables[0];
    assert_eq!(table.records, 4);
    assert_eq!(table.timeline.as_ref().unwrap().time, [6, 7, 8, 9]);
    let rows = naive::rows_of_batch(&batch);
    let linked = rows.iter().find(|((_, labels), _)| !labels.is_empty()).unwrap();
    let labels: Vec<String> =
        linked.0.1.iter().map(|(key, text, number, unit)| format!("{key} {text:?} {number}{unit}")).collect();
    assert_eq!(labels, ["size None 64bytes", "span_id Some(\"0c\") 0", "trace_id Some(\"0a0b\") 0"]);
    let frames: Vec<_> =
        linked.0.0.iter().map(|frame| (frame.name.as_str(), frame.line, frame.column, frame.inlined)).collect();
    assert_eq!(frames, [("0xbeef", 0, 0, false), ("g", 9, 0, false), ("f", 7, 2, true)]);
    assert_eq!(linked.0.0[0].mapping, (4096, 8192, 0, "lib.so".to_owned(), "id".to_owned()));
}

#[test]
fn other_versions_are_named() {
    for (from, to) in [
        ("\"samples\":", "\"sample\":"),
        ("\"stackIndex\":1,\"values\"", "\"locationsStartIndex\":0,\"values\""),
        ("{\"typeStrindex\":1,\"unitStrindex\":2},\"period\":", "[{\"typeStrindex\":1}],\"period\":"),
        ("\"dictionary\"", "\"dictionar\""),
        ("\"attributeTable\":[{},{\"keyStrindex\":6", "\"attributeTable\":[{},{\"key\":\"x\""),
    ] {
        let text = SMALL.replacen(from, to, 1);
        assert_ne!(text, SMALL, "{from}");
        let error = decode_named(text.as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, ErrorCode::UnsupportedVersion, "{to}: {error}");
        assert!(error.message.contains("v1development"), "{error}");
    }
}

/// The layout before samples named stacks, from its public field numbers.
mod before {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Data {
        #[prost(message, repeated, tag = "1")]
        pub(crate) resources: Vec<Resource>,
        #[prost(message, optional, tag = "2")]
        pub(crate) dictionary: Option<Dictionary>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Resource {
        #[prost(message, repeated, tag = "2")]
        pub(crate) scopes: Vec<Scope>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Scope {
        #[prost(message, repeated, tag = "2")]
        pub(crate) profiles: Vec<Profile>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Profile {
        #[prost(message, repeated, tag = "1")]
        pub(crate) sample_type: Vec<super::common::proto::ValueType>,
        #[prost(message, repeated, tag = "2")]
        pub(crate) sample: Vec<Sample>,
        #[prost(int32, repeated, tag = "3")]
        pub(crate) location_indices: Vec<i32>,
        #[prost(int64, tag = "4")]
        pub(crate) time_nanos: i64,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Sample {
        #[prost(int32, tag = "1")]
        pub(crate) locations_start_index: i32,
        #[prost(int32, tag = "2")]
        pub(crate) locations_length: i32,
        #[prost(int64, repeated, tag = "3")]
        pub(crate) value: Vec<i64>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Dictionary {
        #[prost(string, repeated, tag = "5")]
        pub(crate) strings: Vec<String>,
    }
}

#[test]
fn the_layout_before_stacks_is_refused_by_name() {
    let profile = before::Profile {
        sample_type: vec![common::proto::ValueType { r#type: 1, unit: 2 }],
        sample: vec![before::Sample { locations_start_index: 0, locations_length: 1, value: vec![5] }],
        location_indices: vec![1],
        time_nanos: 5,
    };
    let data = before::Data {
        resources: vec![before::Resource { scopes: vec![before::Scope { profiles: vec![profile] }] }],
        dictionary: Some(before::Dictionary { strings: vec![String::new(), "cpu".to_owned(), "ns".to_owned()] }),
    };
    let error = decode_named(&data.encode_to_vec(), "x").unwrap_err();
    assert_eq!(error.code, ErrorCode::UnsupportedVersion, "{error}");
}

/// A field of a message: a message or packed numbers inside of it.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, content.len() as u8], content].concat()
}

/// A profile inside of its scope, resource and file, behind a resource without attributes.
fn file_of(profile: &[u8]) -> Vec<u8> {
    field(1, &[field(1, &[]), field(2, &field(2, profile))].concat())
}

/// A number of 8 bytes.
fn fixed(number: u8) -> Vec<u8> {
    [&[number << 3 | 1], &5u64.to_le_bytes()[..]].concat()
}

#[test]
fn every_earlier_layout_is_refused_by_what_is_seen_of_it() {
    let value_type = field(1, &[8, 1, 16, 2, 24, 1]);
    let pprof_like = [value_type.clone(), field(2, &field(1, &[1, 2]))].concat();
    let id: Vec<u8> = (200..216).collect();
    let ranges = field(2, &[&[8, 0, 16, 1][..], &field(3, &[5])].concat());
    let cases: [(&str, Vec<Vec<u8>>, &str); 7] = [
        ("v1experimental", vec![field(1, &id), fixed(2), fixed(3), field(8, &pprof_like)], "v1experimental"),
        ("v1experimental, no id", vec![fixed(2), fixed(3), field(8, &pprof_like)], "v1experimental"),
        ("lists of locations", vec![pprof_like.clone(), field(3, &[]), field(4, &[])], "a sample lists locations"),
        ("two types", vec![value_type.clone(), value_type.clone(), ranges.clone()], "several sample types"),
        ("tables in profiles", vec![value_type.clone(), ranges, field(3, &[]), field(4, &[])], "lists locations"),
        ("no samples", vec![value_type.clone(), field(4, &[]), field(10, b"cpu")], "tables of its own"),
        ("a dictionary", vec![value_type, vec![40, 5], field(6, &[8, 1]), vec![56, 5]], "other numbers"),
    ];
    for (layout, fields, seen) in cases {
        for name in ["x", "x.otlp"] {
            let error = decode_named(&file_of(&fields.concat()), name).unwrap_err();
            assert_eq!(error.code, ErrorCode::UnsupportedVersion, "{layout}: {error}");
            assert!(error.message.contains(seen) && error.message.contains("v1development"), "{layout}: {error}");
        }
    }
}

#[test]
fn earlier_layouts_as_json_are_refused_by_what_is_seen_of_them() {
    for (profile, seen) in [
        (
            r#"{"profileId":"AAAA","startTimeUnixNano":"5","endTimeUnixNano":"6","profile":{"sampleType":[]}}"#,
            "v1experimental",
        ),
        (r#"{"sampleType":[{"type":1,"unit":2}],"sample":[]}"#, "several sample types"),
        (r#"{"profileId":"00","sample":[{"locationsStartIndex":0}],"stringTable":[""]}"#, "\"sample\""),
        (r#"{"profileId":"00","stringTable":[""]}"#, "\"stringTable\""),
        (r#"{"samples":[{"locationsStartIndex":0,"locationsLength":1}]}"#, "lists locations"),
    ] {
        let file =
            format!(r#"{{"resourceProfiles":[{{"resource":{{}},"scopeProfiles":[{{"profiles":[{profile}]}}]}}]}}"#);
        let error = decode_named(file.as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, ErrorCode::UnsupportedVersion, "{seen}: {error}");
        assert!(error.message.contains(seen) && error.message.contains("v1development"), "{seen}: {error}");
    }
}

#[test]
fn references_to_nothing_are_refused() {
    for (from, to) in [
        ("\"stackIndex\":2", "\"stackIndex\":9"),
        ("\"linkIndex\":1", "\"linkIndex\":9"),
        ("[{},{\"locationIndices\":[1,2]}", "[{},{\"locationIndices\":[1,7]}"),
        ("\"functionIndex\":2", "\"functionIndex\":8"),
        ("\"nameStrindex\":3", "\"nameStrindex\":-1"),
        ("\"attributeIndices\":[2]", "\"attributeIndices\":[77]"),
    ] {
        let error = decode_named(SMALL.replacen(from, to, 1).as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, ErrorCode::BadReference, "{to}: {error}");
    }
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    damage::damage(&Otlp, SMALL.as_bytes(), 2000);
    damage::damage(&Otlp, &common::fixture("otlp/heap.otlp.pb"), 1000);
}
