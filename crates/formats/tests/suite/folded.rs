//! Folded stacks: the fixtures, and what the convention leaves open.

use emberglass_formats::folded::Folded;
use emberglass_profile::{Batch, ErrorCode, StackId};
use proptest::prelude::*;

use crate::common::corpus::{check_all, top_of, total_of};
use crate::common::damage::{assert_sound, damage, decode_as};
use crate::common::decode_named;

fn decode(text: &[u8]) -> Batch {
    decode_named(text, "x.folded").unwrap()
}

fn lines_of(batch: &Batch) -> Vec<String> {
    let symbols = &batch.symbols;
    let table = &batch.tables[0];
    let name = |frame| symbols.text(symbols.functions.get(symbols.frames.get(frame).unwrap().function).unwrap().name);
    let line = |row: usize| {
        let mut names: Vec<&str> = batch.stacks.leaf_to_root(table.stack[row]).map(name).collect();
        names.reverse();
        let column = |column: &emberglass_profile::ValueColumn| {
            emberglass_profile::format_scaled(column.values[row], column.scale)
        };
        let values: Vec<String> = table.columns.iter().map(column).collect();
        format!("{} {}", names.join(";"), values.join(" "))
    };
    (0..table.stack.len()).map(line).collect()
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.extension().is_some_and(|extension| extension == "folded"));
    assert!(batches.len() >= 18, "{} files", batches.len());
    for (path, batch) in batches {
        assert_sound(&batch);
        assert_eq!(batch.format, "folded");
        assert_eq!(batch.profiles[0].profile_type.to_string(), "samples:samples:count::");
        assert_eq!(batch.profiles[0].start, None);
        assert!(batch.warnings.as_slice().is_empty(), "{}: {:?}", path.display(), batch.warnings);
    }
}

#[test]
fn names_are_kept_verbatim() {
    let batch = decode(b" my app ;f (a.py:5)_[k];; x 1\nmain;f\t2\r\n 7\n");
    assert_eq!(lines_of(&batch), [" my app ;f (a.py:5)_[k];; x 1", "main;f 2", " 7"]);
    assert_eq!(batch.tables[0].stack[2], StackId::ROOT);
    assert_eq!(batch.tables[0].records, 3);
}

#[test]
fn counts_keep_their_fraction() {
    let batch = decode(b"a 1.5\na 1e2\na;b -0.125\n");
    assert_eq!(lines_of(&batch), ["a 101.5", "a;b -0.125"]);
    assert_eq!(total_of(&batch, &batch.profiles[0]), 101.375);
}

#[test]
fn two_columns_are_base_and_comparison_if_every_line_has_them() {
    let batch = decode(b"a;b 5 7\na 1 0\na;b 5 1\na;b 4 0.5\n\n");
    assert_eq!(lines_of(&batch), ["a;b 14 8.5", "a 1 0"]);
    let types: Vec<&str> = batch.profiles.iter().map(|entry| entry.profile_type.sample_type.as_str()).collect();
    assert_eq!(types, ["base", "comparison"]);
    assert_eq!(batch.default_profile().unwrap().profile_type.sample_type, "comparison");
    assert_eq!(batch.tables[0].records, 4);
    assert_eq!(top_of(&batch, &batch.profiles[0])["a"].total, 15.0);

    let batch = decode(b"a;frame 5 7\n 2 3\na;frame 5 1\na 1\na;frame 5 1\n");
    assert_eq!(lines_of(&batch), ["a;frame 5 9", " 2 3", "a 1"]);
    assert_eq!(batch.tables[0].records, 5);
}

#[test]
fn lines_without_a_count_are_named_in_one_warning() {
    let mut text = String::from("a;b 5\n");
    for _ in 0..12 {
        text.push_str("what is this\n\n");
    }
    let batch = decode(text.as_bytes());
    let [warning] = batch.warnings.as_slice() else { panic!("{:?}", batch.warnings) };
    assert_eq!((warning.code.as_str(), warning.count, warning.offset), ("unreadable-line", 12, Some(6)));
    assert!(warning.message.ends_with(": 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 2 more"), "{}", warning.message);
}

#[test]
fn faults_have_codes_and_lines() {
    let error = decode_named(b"a 9223372036854775807\na 1\n", "x").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::ValueOverflow, Some(22)));
    assert!(error.message.contains("line 2"), "{error}");
    let error = decode_named(b"a 99999999999999999999\n", "x").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::ValueOverflow, Some(0)));
    let error = decode_named(b"nothing here\n", "x.folded").unwrap_err();
    assert_eq!(error.code, ErrorCode::UnrecognizedFormat);
}

#[test]
fn a_stack_of_100_000_frames_is_read() {
    let line = format!("{} 3\n", vec!["r"; 100_000].join(";"));
    let batch = decode(line.repeat(3).as_bytes());
    assert_eq!(batch.stacks.len(), 100_001);
    assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (9, 0));
}

#[test]
fn damaged_files_are_survived() {
    damage(&Folded, b"main;a b;c 5\nmain;a b 1.25\r\njunk\n m;x 1e2\nmain;\xc3\xa9 -7 8\n", 2000);
    damage(&Folded, b"a;b 5 7\na;b;c 1 2\na 5 7.5\n", 2000);
    damage(&Folded, b"\xff\xfea\0;\0b\0 \x005\0\n\0c\0 \x006\0", 500);
}

proptest! {
    #[test]
    fn sums_equal_a_map_from_line_to_sum(
        lines in proptest::collection::vec(("[a-c]?(;[a-c ]{0,2}){0,4}", -90i64..90), 1..60),
    ) {
        let mut text = String::from("one_number_only 0\n");
        let mut naive = std::collections::BTreeMap::<String, i64>::from([("one_number_only".to_owned(), 0)]);
        for (stack, count) in &lines {
            text.push_str(&format!("{stack} {count}\n"));
            *naive.entry(stack.clone()).or_default() += count;
        }
        let batch = decode_as(&Folded, text.as_bytes()).unwrap();
        assert_sound(&batch);
        let mut got: Vec<String> = lines_of(&batch);
        got.sort();
        let mut wanted: Vec<String> = naive.iter().map(|(stack, sum)| format!("{stack} {sum}")).collect();
        wanted.sort();
        prop_assert_eq!(got, wanted);
        prop_assert_eq!(batch.tables[0].records, lines.len() as u64 + 1);
    }
}
