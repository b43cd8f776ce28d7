//! Firefox profiles: the fixtures against their expected results, small files for each rule, damaged ones.

use emberglass_formats::gecko::Gecko;
use emberglass_profile::{AttributeValue, Batch, ErrorCode, MappingId, format_scaled};

use crate::common;
use crate::common::{corpus, damage, decode_named};

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x.gecko.json").unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert_eq!(batch.format, "gecko");
    damage::assert_sound(&batch);
    batch
}

fn totals(batch: &Batch) -> Vec<String> {
    let total = |entry| batch.total(entry).map(|(digits, scale)| format_scaled(digits, scale)).unwrap();
    batch.profiles.iter().map(total).collect()
}

fn types(batch: &Batch) -> Vec<String> {
    batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect()
}

/// Each row of a table: names, lines, categories, first value.
fn rows(batch: &Batch, table: usize) -> Vec<(String, String, i64)> {
    let table = &batch.tables[table];
    let frame = |id| {
        let frame = batch.symbols.frames.get(id).unwrap();
        format!("{}:{}", batch.symbols.function_name(frame.function), frame.line)
    };
    let mut out: Vec<_> = (0..table.stack.len())
        .map(|row| {
            let mut names: Vec<String> = batch.stacks.leaf_to_root(table.stack[row]).map(frame).collect();
            names.reverse();
            let category =
                batch.attributes.get(table.attributes[row]).first().map_or("", |attribute| match attribute.value {
                    AttributeValue::Text(text) => batch.symbols.text(text),
                    AttributeValue::Number(..) => "?",
                });
            (names.join(";"), category.to_owned(), table.columns[0].values[row])
        })
        .collect();
    out.sort();
    out
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = corpus::check_all(|path| path.to_string_lossy().contains("/gecko/"));
    assert_eq!(batches.len(), 3);
    for (path, batch) in &batches {
        println!("{}: {} profiles {:?}", path.display(), batch.profiles.len(), batch.warnings.as_slice());
        assert!(batch.profiles.iter().all(|entry| entry.start.is_some_and(|start| start > 1_700_000_000_000_000_000)));
        assert!(batch.profiles.iter().any(|entry| entry.profile_type.sample_type == "cpu"));
        assert!(batch.symbols.mappings.len() > 1 && batch.attributes.len() > 1);
    }
}

#[test]
fn native_frames_know_their_library() {
    let batch = decode_named(&common::fixture("gecko/firefox.gecko.json.gz"), "x").unwrap();
    let native = batch.symbols.frames.iter().filter(|frame| {
        let name = batch.symbols.function_name(frame.function);
        name.starts_with("0x") && name != "0x0"
    });
    let (known, all) =
        native.fold((0, 0), |(known, all), frame| (known + u32::from(frame.mapping != MappingId::NONE), all + 1));
    assert!(known * 10 > all * 9, "{known} of {all}");
}

const RAW: &str = r#"{"libs":[{"start":4096,"end":8192,"offset":0,"name":"a.so","path":"/lib/a.so","breakpadId":"B","codeId":"C"}],
"meta":{"version":34,"startTime":1000.5,"interval":1,"sampleUnits":{"threadCPUDelta":"\u00b5s"},"categories":[{"name":"Idle","subcategories":[]},{"name":"JS"}]},
"threads":[{"name":"Main","processType":"default","pid":7,"tid":8,
 "samples":{"schema":{"stack":0,"time":1,"threadCPUDelta":3},"data":[[2,1.5],[1,2.25,null,10],[null,3],[3,3.5,0,5]]},
 "markers":{"schema":{"name":0},"data":[[0,1,{"x":[1]}],[1,2]]},
 "stackTable":{"schema":{"prefix":0,"frame":1},"data":[[null,0],[0,1],[1,2],[0,3]]},
 "frameTable":{"schema":{"location":0,"relevantForJS":1,"line":4,"column":5,"category":6},"data":[[0],[1,false,null,null,null,null,0],[2,true,0,1,44,2,1],[3]]},
 "stringTable":["(root)","0x1010","f (a.js:12:3)","g (a.js:20:1)"]},
 {"name":"Empty","samples":{"schema":{"stack":0,"time":1},"data":[]},"stringTable":[]}],
"processes":[{"meta":{"startTime":2000},"libs":[],"threads":[{"name":"Child","processType":"tab","pid":9,"tid":9,"samples":{"schema":{"stack":0,"time":1},"data":[[0,1]]},"stackTable":{"data":[[null,0]]},"frameTable":{"data":[[0]]},"stringTable":["x"]}],
  "processes":[{"threads":[],"processes":[]},{"threads":[]}]}]}"#;

#[test]
fn rows_with_a_schema_are_read() {
    let batch = decode(RAW);
    assert_eq!(types(&batch), ["samples:samples:count::", "process_cpu:cpu:nanoseconds::", "samples:samples:count::"]);
    assert_eq!(totals(&batch), ["4", "15000", "1"]);
    let names: Vec<(String, String, i64)> =
        [("", "", 1), ("0x1010:0", "Idle", 1), ("0x1010:0;f:44", "JS", 1), ("g:20", "", 1)]
            .map(|(names, category, value)| (names.to_owned(), category.to_owned(), value))
            .into();
    assert_eq!(rows(&batch, 0), names);
    let timeline = batch.tables[0].timeline.as_ref().unwrap();
    assert_eq!(timeline.time, [1_002_000_000, 1_002_750_000, 1_003_500_000, 1_004_000_000]);
    assert_eq!(batch.profiles[2].start, Some(2_000_000_000));
    let labels =
        |at: usize| batch.profiles[at].labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ");
    assert_eq!(labels(0), "process=default process_id=7 thread=Main thread_id=8");
    assert_eq!(labels(2), "process=tab process_id=9 thread=Child thread_id=9");
    let warning = &batch.warnings.as_slice()[0];
    assert_eq!((warning.code.as_str(), warning.count), ("markers-skipped", 2));
}

fn processed(samples: &str, stacks: &str) -> String {
    format!(
        r#"{{"meta":{{"preprocessedProfileVersion":49,"startTime":1,"interval":1,"categories":[{{"name":"A"}},{{"name":"B"}}],"sampleUnits":{{"threadCPUDelta":"ns"}}}},
        "libs":[{{"name":"l","path":"/l","codeId":"id"}}],"threads":[{{"name":"T","processName":"P","pid":"1","tid":"2",
        "samples":{{{samples}}},"markers":{{"length":3,"data":[]}},"stackTable":{{"length":3,"frame":[0,1,2],"category":[0,1,1],{stacks}}},
        "frameTable":{{"length":3,"func":[0,1,1],"line":[null,5,6],"column":[null,null,1],"inlineDepth":[0,1,0]}},
        "funcTable":{{"length":2,"name":[0,1],"fileName":[null,2],"lineNumber":[null,3],"columnNumber":[null,4],"resource":[0,-1]}},
        "resourceTable":{{"length":1,"lib":[0],"name":[0]}},"stringArray":["main","f","f.js"]}}]}}"#
    )
}

const PREFIX: &str = r#""prefix":[null,0,1]"#;

#[test]
fn columns_are_read_whatever_the_version_calls_them() {
    let wanted: Vec<(String, String, i64)> =
        [("main:0;f:5", "B", 2), ("main:0;f:5;f:6", "B", 1)].map(|(n, c, v)| (n.to_owned(), c.to_owned(), v)).into();
    for stacks in [PREFIX, r#""prefixOffset":[0,1,1]"#] {
        for samples in [r#""stack":[1,2,1],"time":[1,2,3.5]"#, r#""stack":[1,2,1],"timeDeltas":[1,1,1.5]"#] {
            let batch = decode(&processed(samples, stacks));
            assert_eq!(rows(&batch, 0), wanted);
            assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [2_000_000, 3_000_000, 4_500_000]);
            let inlined: Vec<bool> = batch.symbols.frames.iter().map(|frame| frame.inlined).collect();
            assert_eq!(inlined, [false, true, false]);
            assert_eq!(batch.symbols.frames.iter().next().unwrap().mapping, MappingId(1));
        }
    }
}

#[test]
fn tables_may_be_shared_by_all_threads() {
    let own = processed(r#""stack":[2],"time":[1]"#, PREFIX);
    let wanted = rows(&decode(&own), 0);
    let strings =
        own.replace(r#","stringArray":["main","f","f.js"]}]"#, r#"}],"shared":{"stringArray":["main","f","f.js"]}"#);
    assert_eq!(rows(&decode(&strings), 0), wanted);
    let (thread, tables) = own.split_once(r#""stackTable""#).unwrap();
    let tables = tables.strip_suffix("}]}").unwrap().replace(r#""fileName":[null,2]"#, r#""source":[null,0]"#);
    let all = format!(
        r#"{}}}],"shared":{{"sources":{{"length":1,"filename":[2]}},"stackTable"{tables}}}}}"#,
        thread.trim_end_matches([',', ' ', '\n'])
    );
    let batch = decode(&all);
    assert_eq!(rows(&batch, 0), wanted);
    assert!(batch.symbols.functions.iter().any(|function| batch.symbols.text(function.file) == "f.js"));
}

#[test]
fn weights_are_of_their_type() {
    for (samples, ids, wanted) in [
        (
            r#""stack":[1,1],"time":[1,2],"weight":[3,-1],"weightType":"samples""#,
            &["samples:samples:count::"][..],
            &["2"][..],
        ),
        (
            r#""stack":[1,1],"time":[1,2],"weight":[1.25,2],"weightType":"tracing-ms""#,
            &["samples:time:nanoseconds::"],
            &["3250000"],
        ),
        (r#""stack":[1],"time":[1],"weight":[64],"weightType":"bytes""#, &["memory:space:bytes::"], &["64"]),
        (
            r#""stack":[1,2],"time":[1,2],"weight":null,"threadCPUDelta":[null,7]"#,
            &["samples:samples:count::", "process_cpu:cpu:nanoseconds::"],
            &["2", "7"],
        ),
    ] {
        let batch = decode(&processed(samples, PREFIX));
        assert_eq!(
            (types(&batch), totals(&batch)),
            (ids.iter().map(|id| (*id).to_owned()).collect(), wanted.iter().map(|t| (*t).to_owned()).collect())
        );
    }
    let heap = processed(r#""stack":[1],"time":[1]"#, PREFIX).replace(r#""markers""#, r#""nativeAllocations":{"time":[1,2],"stack":[1,2],"weight":[100,-40],"weightType":"bytes","length":2},"markers""#);
    let batch = decode(&heap);
    assert_eq!((types(&batch)[0].as_str(), totals(&batch)[0].as_str()), ("memory:nativeAllocations:bytes::", "60"));
}

#[test]
fn references_to_nothing_are_refused() {
    for (samples, stacks) in [
        (r#""stack":[9],"time":[1]"#, PREFIX),
        (r#""stack":[1],"time":[1]"#, r#""prefix":[null,1,0]"#),
        (r#""stack":[1],"time":[1]"#, r#""prefixOffset":[0,1,7]"#),
        (r#""stack":[1],"time":[1]"#, r#""x":0,"frame":[9,9,9],"prefix":[null]"#),
    ] {
        let error = decode_named(processed(samples, stacks).as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, ErrorCode::BadReference, "{error}");
    }
}

#[test]
fn processes_inside_processes_take_no_stack() {
    let depth = 100_000;
    let text = format!(
        r#"{{"meta":{{"startTime":1,"interval":1}}{}{}}}"#,
        r#","processes":[{"libs":[]"#.repeat(depth),
        "}]".repeat(depth)
    );
    assert_eq!(decode(&text).profiles.len(), 0);
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    damage::damage(&Gecko, RAW.as_bytes(), 2000);
    damage::damage(
        &Gecko,
        processed(r#""stack":[1,2,1],"timeDeltas":[1,1,1.5],"weight":[1,2,3],"threadCPUDelta":[1,2,3]"#, PREFIX)
            .as_bytes(),
        2000,
    );
    for len in 1..RAW.len() {
        let error = damage::decode_as(&Gecko, &RAW.as_bytes()[..len]).unwrap_err();
        assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(len as u64)), "{error}");
    }
}

/// Version 75: cells that the flags say are empty hold 0, frames name their library.
const FLAGGED: &str = r#"{"meta":{"preprocessedProfileVersion":75,"startTime":1,"interval":1,"categories":[{"name":"A"},{"name":"B"}],"sampleUnits":{"threadCPUDelta":"ns"}},
 "libs":[{"name":"l","path":"/l","codeId":"id"},{"name":"m","path":"/m","codeId":"im"}],
 "shared":{"stringArray":["main","f","f.js","0x1000"],
  "frameTable":{"length":3,"flags":[4,53,14],"func":[0,1,2],"category":[0,1,1],"line":[0,5,0],"column":[0,7,0],"address":[0,0,4096],"lib":[0,0,1],"nativeSymbol":[0,0,0]},
  "funcTable":{"length":3,"flags":[0,57,4],"name":[0,1,3],"resource":[0,0,0],"source":[0,0,0],"lineNumber":[0,3,0],"columnNumber":[0,4,0]},
  "stackTable":{"length":3,"prefixOffset":[0,1,1],"frame":[0,1,2]},
  "resourceTable":{"length":1,"lib":[0],"name":[0]},"sources":{"length":1,"filename":[2]}},
 "threads":[{"name":"T","processName":"P","pid":"1","tid":"2","samples":{"length":3,"stack":[1,2,-1],"timeDeltas":[0.1,1,1]}}]}"#;

fn assert_flagged(batch: &Batch) {
    let wanted: Vec<(String, String, i64)> = [("", "", 1), ("main:0;f:5", "B", 1), ("main:0;f:5;0x1000:0", "B", 1)]
        .map(|(names, category, value)| (names.to_owned(), category.to_owned(), value))
        .into();
    assert_eq!(rows(batch, 0), wanted);
    assert!(batch.warnings.as_slice().is_empty(), "{:?}", batch.warnings);
    let symbols = &batch.symbols;
    let frames: Vec<(&str, &str, u32, bool)> = symbols
        .frames
        .iter()
        .map(|frame| {
            let function = symbols.functions.get(frame.function).unwrap();
            let mapping = symbols.mappings.get(frame.mapping).unwrap_or_default();
            (symbols.text(function.file), symbols.text(mapping.file), frame.column, frame.inlined)
        })
        .collect();
    assert_eq!(frames, [("", "", 0, false), ("f.js", "", 7, true), ("", "/m", 0, false)]);
    assert_eq!(batch.tables[0].timeline.as_ref().unwrap().time, [1_100_000, 2_100_000, 3_100_000]);
}

#[test]
fn flags_say_which_cells_are_empty() {
    assert_flagged(&decode(FLAGGED));
    let newer = decode(&FLAGGED.replace("Version\":75", "Version\":99"));
    assert_eq!(newer.warnings.as_slice()[0].code, "newer-version");
}

/// The file with some of its columns, and all that is shared, as slabs.
fn slabs() -> Vec<u8> {
    let (outer, shared) = FLAGGED.split_once("\"shared\":").unwrap();
    let (shared, threads) = shared.split_once(",\n \"threads\"").unwrap();
    let column = |numbers: &[i32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let parts: Vec<(u32, Vec<u8>)> = vec![
        (4, column(&[0, 1, 2])),
        (1, vec![0, 57, 4]),
        (7, [0.1f64, 1.0, 1.0].iter().flat_map(|number| number.to_le_bytes()).collect()),
        (4, column(&[1, 2, -1])),
        (
            10,
            shared
                .replace("\"frame\":[0,1,2]", "\"frame\":{\"$s\":0}")
                .replace("\"flags\":[0,57,4]", "\"flags\":{\"$s\":1}")
                .into_bytes(),
        ),
        (
            10,
            format!("{outer}\"shared\":{{\"$s\":4}},\"threads\"{threads}")
                .replace("[0.1,1,1]", "{\"$s\":2}")
                .replace("[1,2,-1]", "{\"$s\":3}")
                .into_bytes(),
        ),
    ];
    let mut file = b"\xdc\xdfJSLB\x01\0".to_vec();
    let mut start = 20 + 12 * parts.len();
    [1, parts.len() as u32, parts.len() as u32 - 1].iter().for_each(|word| file.extend(word.to_le_bytes()));
    for (kind, bytes) in &parts {
        start = start.next_multiple_of(8);
        [*kind, start as u32, bytes.len() as u32].iter().for_each(|word| file.extend(word.to_le_bytes()));
        start += bytes.len();
    }
    for (_, bytes) in &parts {
        file.resize(file.len().next_multiple_of(8), 0);
        file.extend(bytes);
    }
    file
}

#[test]
fn slabs_are_the_columns_they_stand_for() {
    for bytes in [slabs(), common::gzip(&slabs())] {
        let batch = decode_named(&bytes, "x").unwrap();
        assert_eq!(batch.format, "gecko");
        assert_flagged(&batch);
    }
    damage::damage(&Gecko, &slabs(), 2000);
}

#[test]
fn threads_of_old_files_have_libraries_of_their_own() {
    let old = processed(r#""stack":[2],"time":[1]"#, PREFIX);
    let libs = r#""libs":[{"name":"l","path":"/l","codeId":"id"}],"#;
    let moved = old.replace(libs, "").replace(r#"{"name":"T","#, &format!(r#"{{{libs}"name":"T","#));
    assert_ne!(old, moved);
    assert_eq!(decode(&moved).symbols.frames.iter().next().unwrap().mapping, MappingId(1));
}
