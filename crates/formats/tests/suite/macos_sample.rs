//! Call graphs of macOS's `sample`.

use std::fmt::Write as _;

use emberglass_formats::macos_sample::MacosSample;
use emberglass_profile::{Batch, ErrorCode, MappingId, format_rfc3339};

use crate::common::corpus::{check_all, top_of};
use crate::common::damage::{assert_sound, damage};
use crate::common::{Numbers, decode_named, fixture};

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x").unwrap();
    assert_eq!(batch.format, "macos-sample");
    assert_sound(&batch);
    batch
}

fn codes(batch: &Batch) -> Vec<&str> {
    batch.warnings.as_slice().iter().map(|warning| warning.code.as_str()).collect()
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.to_string_lossy().contains("/macos/"));
    assert_eq!(batches.len(), 1);
    let batch = &batches[0].1;
    assert_sound(batch);
    assert!(codes(batch).is_empty());
    assert_eq!(batch.profiles[0].profile_type.to_string(), "wall:samples:count:wall:nanoseconds");
    assert_eq!((batch.profiles[0].period, batch.profiles[0].duration), (1_000_000, 2_617_000_000));
    assert_eq!(format_rfc3339(batch.profiles[0].start.unwrap()), "2026-11-02T16:19:12.204000000Z");
    let fact = |key: &str| batch.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    assert_eq!((fact("os_version"), fact("sampling_process")), (Some("macOS 15.7.4 (24G517)"), None));
    let labels: Vec<&str> = batch.profiles[1].labels.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(labels, ["shop", "41328", "worker", "51128", "DispatchQueue_<multiple>"]);
}

#[test]
fn frames_know_their_binary_with_its_build_id() {
    let batch = decode_named(&fixture("macos/app.sample.txt"), "x").unwrap();
    let symbols = &batch.symbols;
    let binary_of = |name: &str| {
        let frame = symbols.frames.iter().find(|frame| symbols.function_name(frame.function) == name).unwrap();
        let mapping = symbols.mappings.get(frame.mapping).unwrap_or_default();
        (symbols.text(mapping.file), symbols.text(mapping.build_id), frame.mapping)
    };
    let helper = "/Applications/Shop.app/Contents/MacOS/Shop Helper (GPU)";
    assert_eq!(binary_of("0x107dbca66").0, helper);
    assert_eq!(binary_of("-[SHCart total:]").1, "0A1B2C3D-0001-3002-8003-AABBCCDDEEFF");
    assert_eq!(binary_of("malloc").0, "/usr/lib/system/libsystem_malloc.dylib");
    // A binary that the list does not have keeps its name.
    assert_eq!((binary_of("exit").0, binary_of("exit").1), ("libsystem_c.dylib", ""));
    assert_eq!(binary_of("0x102c40144").2, MappingId::NONE);
}

#[test]
fn what_does_not_fit_is_told() {
    let graph = "Call graph:\n    3 Thread_1\n    + 2 f\n    + words\n    +   3 g\n\n    9 h\n";
    let batch = decode(graph);
    assert_eq!(codes(&batch), ["unreadable-line", "inconsistent-values"]);
    assert_eq!(batch.warnings.as_slice()[0].offset, Some(37));
    assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (4, 0));
    assert!(!top_of(&batch, &batch.profiles[0]).contains_key("h"), "the graph ends with an empty line");
    let error = decode_named(b"Analysis of sampling x (pid 1) every 1 millisecond\nCall graph:\n", "x").unwrap_err();
    assert_eq!(error.code, ErrorCode::UnrecognizedFormat);
}

#[test]
fn values_of_a_random_tree_are_those_it_was_printed_from() {
    for seed in 0..50 {
        let mut numbers = Numbers(seed);
        // Own values by stack, then printed as inclusive ones, children behind their parents.
        let mut rows: Vec<(usize, usize, i64)> = vec![(0, usize::MAX, numbers.below(5) as i64)];
        let mut path = vec![0];
        for row in 1..30 {
            path.truncate(1 + numbers.below(path.len()));
            rows.push((path.len(), path[path.len() - 1], numbers.below(5) as i64));
            path.push(row);
        }
        let mut totals: Vec<i64> = rows.iter().map(|row| row.2).collect();
        for row in (1..rows.len()).rev() {
            totals[rows[row].1] += totals[row];
        }
        let mut text = "Call graph:\n".to_owned();
        for (row, (depth, ..)) in rows.iter().enumerate() {
            let name = if *depth == 0 { "Thread_1".to_owned() } else { format!("f{row}  (in x) + 1  [0x{row}]") };
            writeln!(
                text,
                "    {}{} {name}",
                "+ ! : | "[..].chars().cycle().take(2 * depth).collect::<String>(),
                totals[row]
            )
            .unwrap();
        }
        let batch = decode(&text);
        assert_eq!(batch.total(&batch.profiles[0]).unwrap().0, totals[0], "{text}");
        let top = top_of(&batch, &batch.profiles[0]);
        for (row, (_, _, own)) in rows.iter().enumerate().skip(1).filter(|(row, _)| totals[*row] > 0) {
            let got = top[&format!("f{row}")];
            assert_eq!((got.own, got.total), (*own as f64, totals[row] as f64), "{text}");
        }
    }
}

#[test]
fn damaged_files_are_survived() {
    damage(&MacosSample, &fixture("macos/app.sample.txt"), 2000);
}
