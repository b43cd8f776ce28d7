//! `perf script`: the fixtures, and the layouts that they do not show.

use emberglass_formats::perf::script::PerfScript;
use emberglass_profile::{AttributeValue, Batch, ErrorCode};

use crate::common::corpus::{check_all, top_of, total_of};
use crate::common::damage::{assert_sound, damage};
use crate::common::decode_named;

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x").unwrap();
    assert_eq!(batch.format, "perf script");
    assert_sound(&batch);
    batch
}

fn attributes_of(batch: &Batch, table: usize, row: usize) -> Vec<(String, String)> {
    let text = |id| batch.symbols.text(id).to_owned();
    let pair = |attribute: &emberglass_profile::Attribute| match attribute.value {
        AttributeValue::Text(value) => (text(attribute.key), text(value)),
        AttributeValue::Number(..) => panic!("a number"),
    };
    let mut pairs: Vec<_> = batch.attributes.get(batch.tables[table].attributes[row]).iter().map(pair).collect();
    pairs.sort();
    pairs
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.to_string_lossy().ends_with(".perf.txt"));
    assert_eq!(batches.len(), 5);
    for (path, batch) in batches {
        assert_sound(&batch);
        assert!(batch.warnings.as_slice().is_empty(), "{}: {:?}", path.display(), batch.warnings);
        let ids: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
        assert_eq!(
            ids,
            [
                "process_cpu:samples:count:cpu-clock:nanoseconds",
                "process_cpu:cpu-clock:nanoseconds:cpu-clock:nanoseconds",
            ]
        );
        assert_eq!(batch.profiles[0].labels, [("event".to_owned(), "cpu-clock".to_owned())]);
        assert_eq!((batch.profiles[0].period, batch.profiles[0].start), (5_025_125, None));
        let timeline = batch.tables[0].timeline.as_ref().unwrap();
        assert_eq!(timeline.time.len() as u64, batch.tables[0].records);
    }
}

#[test]
fn events_threads_processors_and_times_are_kept_apart() {
    let batch = decode(
        "# ========\n# captured on    : Tue Nov 24\n# hostname : box\n# arch : x86_64\n#\n\
         a b 7/8 [001] 1.000000002:         10 cycles:u: \n\
         \t            13d1 f+0x13 (/bin/x)\n\
         \t            13d1 g (inlined)\n\
         \tffffffff81402703 k+0x1 ([kernel.kallsyms])\n\
         \n\
         a b 7/9 [000] 1.000000001:         30 cycles:u: \n\
         \t            13d1 [unknown] ([unknown])\n\n\
         swapper 0/0 [000] 2.5: sched:sched_switch: prev_comm=a b prev_pid=7\n\
         \t ffffffff1 schedule+0x2 ([kernel.kallsyms])\n\n\
         swapper 0/0 [000] 2.5: sched:sched_switch: 12 (x)\n\n",
    );
    assert_eq!(batch.profiles.len(), 3);
    let ids: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
    assert_eq!(
        ids,
        ["process_cpu:samples:count:cycles:count", "process_cpu:cycles:count:cycles:count", "samples:samples:count::",]
    );
    assert_eq!(batch.profiles[2].labels, [("event".to_owned(), "sched:sched_switch".to_owned())]);
    assert_eq!(total_of(&batch, &batch.profiles[1]), 40.0);
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    assert_eq!(
        attributes_of(&batch, 0, 0),
        pairs(&[("cpu", "1"), ("process_id", "7"), ("thread", "a b"), ("thread_id", "8")])
    );
    let timeline = batch.tables[0].timeline.as_ref().unwrap();
    assert_eq!(timeline.time, [1_000_000_001, 1_000_000_002]);
    assert_eq!(timeline.row, [1, 0]);
    assert_eq!(batch.profiles[0].duration, 1);
    assert_eq!(batch.tables[1].records, 2);
    let top = top_of(&batch, &batch.profiles[1]);
    assert_eq!((top["f"].own, top["k"].total, top["[unknown]"].own), (10.0, 10.0, 30.0));
    let inlined: Vec<bool> = batch.symbols.frames.iter().map(|frame| frame.inlined).collect();
    assert_eq!(inlined[..3], [false, true, false]);
    assert_eq!(
        batch.symbols.mappings.iter().map(|row| batch.symbols.text(row.file)).collect::<Vec<_>>(),
        ["", "/bin/x", "[kernel.kallsyms]"]
    );
    assert_eq!(batch.metadata, pairs(&[("captured_on", "Tue Nov 24"), ("hostname", "box"), ("arch", "x86_64")]));
}

#[test]
fn samples_in_one_line_each_are_read() {
    let batch = decode(
        "            perf  1234 5.5:          1 cycles:  ffffffff8104f45a native_write_msr+0xa ([kernel.kallsyms])\n\
         \x20           perf  1234 5.6:          2 cycles:  ffffffff8104f45a native_write_msr+0xb ([kernel.kallsyms])\n\
         perf 1234 PERF_RECORD_COMM: x\n",
    );
    assert_eq!(batch.tables[0].records, 2);
    assert_eq!(top_of(&batch, &batch.profiles[1])["native_write_msr"].own, 3.0);
    assert_eq!(batch.profiles[0].period, 0);
    assert_eq!(batch.warnings.as_slice()[0].code, "other-record");
}

#[test]
fn source_lines_and_missing_symbols_are_read() {
    let batch = decode(
        "x 1 1.5: 1 cycles: \n\t 401 main+0x1 (/bin/x)\n  /src/main.c:12\n\t 00402\n\nx 1 1.5: 1 cycles: \nwhat?\n\n",
    );
    let names: Vec<&str> = batch.symbols.functions.iter().map(|function| batch.symbols.text(function.name)).collect();
    assert!(names.contains(&"0x402"));
    let frame = batch.symbols.frames.iter().find(|frame| frame.line == 12).unwrap();
    assert_eq!(batch.symbols.text(batch.symbols.functions.get(frame.function).unwrap().file), "/src/main.c");
    let [warning] = batch.warnings.as_slice() else { panic!("{:?}", batch.warnings) };
    assert_eq!((warning.code.as_str(), warning.count), ("unreadable-line", 1));
    assert!(warning.message.ends_with(": 7"), "{}", warning.message);
    assert_eq!(batch.tables[0].records, 2, "a sample without frames is one");
}

#[test]
fn a_chain_of_100_000_frames_is_read() {
    let text = format!("x 1 1.5: 1 cycles: \n{}\n", "\t 401 rec+0x1 (/bin/x)\n".repeat(100_000));
    assert_eq!(decode(&text).stacks.len(), 100_001);
}

#[test]
fn sums_beyond_64_bits_name_their_line() {
    let sample = "x 1 1.5: 9223372036854775807 cycles: \n\t 401 f (/bin/x)\n\n";
    let error = decode_named(sample.repeat(2).as_bytes(), "x").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::ValueOverflow, Some(sample.len() as u64)));
    assert!(error.message.contains("line 4"), "{error}");
}

#[test]
fn damaged_files_are_survived() {
    let text = "# arch : x\na b 7/8 [001] 1.000002:         10 cycles:u: \n\t  13d1 f+0x13 (/bin/x)\n\t  13d1 g (inlined)\n  a.c:5\n\nb 1 2.5: s:switch: text\n";
    damage(&PerfScript, text.as_bytes(), 3000);
}

#[test]
fn every_selection_of_fields_is_a_sample_for_each_call_chain() {
    let chain = "\t            116e leaf\n\t            1204 rec\n\n";
    for (header, thread, id, period) in [
        ("w 28041  1730.706939:    2004008 cpu-clock:u: \n", "w", "28041", Some(2_004_008)),
        ("w 28041/28041 U      1730.706939: cpu-clock:u: \n", "w", "28041", None),
        (" 1730.706939: \n", "", "", None),
        ("28041 cpu-clock:u: \n", "", "28041", None),
        ("cpu-clock:u: \n", "", "", None),
        ("w \n", "w", "", None),
        ("28041 \n", "", "28041", None),
        ("[001] \n", "", "", None),
        ("   2004008 \n", "", "", Some(2_004_008)),
        ("w    2004008 \n", "w", "", Some(2_004_008)),
        ("w  1730.706939:    2004008 \n", "w", "", Some(2_004_008)),
        ("\n", "", "", None),
    ] {
        let batch = decode(&format!("{header}{chain}").repeat(3));
        assert!(batch.warnings.as_slice().is_empty(), "{header:?}: {:?}", batch.warnings);
        assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (3, 0), "{header:?}");
        assert_eq!(top_of(&batch, &batch.profiles[0])["leaf"].own, 3.0, "{header:?}");
        assert_eq!(top_of(&batch, &batch.profiles[0])["rec"].total, 3.0, "{header:?}");
        let of = |key: &str| {
            let pairs = attributes_of(&batch, 0, 0);
            pairs.into_iter().find(|(name, _)| name == key).map_or(String::new(), |(_, value)| value)
        };
        assert_eq!((of("thread").as_str(), of("thread_id").as_str()), (thread, id), "{header:?}");
        let periods = batch.profiles.get(1).map(|entry| batch.total(entry).unwrap().0);
        assert_eq!(periods, period.map(|period| 3 * period), "{header:?}");
    }
}

#[test]
fn a_line_without_a_call_chain_is_junk_and_does_not_end_one() {
    let batch = decode("w 1 1.5: cycles: \n\t            116e leaf\nwords\n\t            1204 rec\n\nalone\n\n");
    assert_eq!(batch.tables[0].records, 1);
    assert_eq!(top_of(&batch, &batch.profiles[0])["rec"].total, 1.0);
    assert_eq!(
        (batch.warnings.as_slice()[0].code.as_str(), batch.warnings.as_slice()[0].count),
        ("unreadable-line", 2)
    );
}
