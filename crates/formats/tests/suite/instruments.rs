//! Instruments' call trees.

use emberglass_formats::instruments::Instruments;
use emberglass_profile::{Batch, ErrorCode, format_scaled};

use crate::common::corpus::{check_all, top_of};
use crate::common::damage::{assert_sound, damage};
use crate::common::{decode_named, fixture};

const TITLES: &str = "Weight\tSelf Weight\t\tSymbol Name\n";

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x.txt").unwrap();
    assert_eq!(batch.format, "instruments");
    assert_sound(&batch);
    batch
}

fn labels(batch: &Batch, profile: usize) -> String {
    batch.profiles[profile].labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

fn codes(batch: &Batch) -> Vec<&str> {
    batch.warnings.as_slice().iter().map(|warning| warning.code.as_str()).collect()
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.to_string_lossy().contains("/instruments/"));
    assert_eq!(batches.len(), 3);
    for (path, batch) in batches {
        assert_sound(&batch);
        assert!(batch.warnings.as_slice().is_empty(), "{}: {:?}", path.display(), batch.warnings);
    }
}

#[test]
fn processes_and_threads_are_labels_and_no_frames() {
    let batch = decode(&format!(
        "{TITLES}3.0 s\t0 s\t \tShop (12)\n2.0 s\t1.0 s\t \t Main Thread  0x1f\n1.0 s\t1.0 s\t \t  f\n1.0 s\t1.0 s\t \t g\n"
    ));
    assert_eq!(labels(&batch, 0), "process=Shop process_id=12");
    assert_eq!(labels(&batch, 1), "process=Shop process_id=12 thread=Main Thread thread_id=1f");
    assert_eq!(batch.profiles.len(), 2);
    let top = top_of(&batch, &batch.profiles[1]);
    assert_eq!((top.len(), top["f"].own), (1, 1e9));
    // What a thread has itself is the empty stack.
    assert_eq!(batch.total(&batch.profiles[1]).unwrap(), (2_000_000_000, 0));
    assert_eq!(top_of(&batch, &batch.profiles[0])["g"].total, 1e9);
    let plain = decode(&format!("{TITLES}1.0 s\t0 s\t \tstart (12) x\n1.0 s\t1.0 s\t \t f 0x1\n"));
    assert_eq!((labels(&plain, 0).as_str(), top_of(&plain, &plain.profiles[0])["start (12) x"].total), ("", 1e9));
}

#[test]
fn units_decide_the_type_and_keep_every_digit() {
    for (text, id, total) in [
        ("Weight\tSelf Weight\t\tSymbol Name\n2 Gc\t1.53 Gc\t\tf\n", "process_cpu:cycles:count::", "1530000000"),
        ("Bytes Used\tCount\t\tSymbol Name\n6.07 MB\t4\t\tf\n", "memory:space:bytes::", "6364856.32"),
        ("Count\tSelf\t\tSymbol Name\n12\t12\t\tf\n", "samples:samples:count::", "12"),
        ("Running Time\tSelf (ms)\t\tSymbol Name\n9.0s\t0,25\t\tf\n", "process_cpu:time:nanoseconds::", "250000"),
    ] {
        let batch = decode(text);
        let (digits, scale) = batch.total(&batch.profiles[0]).unwrap();
        assert_eq!(batch.profiles[0].profile_type.to_string(), id);
        assert_eq!(format_scaled(digits, scale), total, "{text}");
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let batch = decode(&format!("{TITLES}words\n1.0 s\t1.0 s\t \tf\n\tx\t\tg\n"));
    assert_eq!((codes(&batch), batch.warnings.as_slice()[0].count), (vec!["unreadable-line"], 2));
    assert_eq!(batch.warnings.as_slice()[0].offset, Some(TITLES.len() as u64));
    let batch = decode("Bytes Used\tCount\t\tSymbol Name\n1 KB\t1\t\tf\n2 KB\t1\t\t g\n");
    assert_eq!(codes(&batch), ["inconsistent-values"]);
    let error = decode_named(format!("{TITLES}9e9 s\t9223372036 s\t \tf\n1 s\t9223372036 s\t\tg\n").as_bytes(), "x");
    assert_eq!(error.unwrap_err().code, ErrorCode::ValueOverflow);
}

#[test]
fn a_tree_of_100_000_levels_is_read() {
    let rows: String = (0..20_000).map(|depth| format!("1 s\t0 s\t\t{}f\n", " ".repeat(depth % 5000))).collect();
    assert_eq!(decode(&format!("{TITLES}{rows}")).stacks.len(), 5001);
}

#[test]
fn damaged_files_are_survived() {
    damage(&Instruments, &fixture("instruments/time-profile.txt"), 2000);
    damage(&Instruments, &fixture("instruments/bytes-used.txt"), 1000);
}
