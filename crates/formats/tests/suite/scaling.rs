//! Work and memory follow the size of a file whatever is in it: each of these took the square of it once, or more.

use std::fmt::Write as _;

use emberglass_formats::callgrind::Callgrind;
use emberglass_formats::chrome::ChromeTrace;
use emberglass_formats::pyroscope::bytes::PyroscopeBytes;
use emberglass_formats::speedscope::Speedscope;
use emberglass_profile::{Batch, ErrorCode};

use crate::common::sound::decode_as;

const MANY: usize = 100_000;

fn count(batch: &Batch, code: &str) -> u64 {
    batch.warnings.as_slice().iter().find(|warning| warning.code == code).map_or(0, |warning| warning.count)
}

#[test]
fn ends_of_frames_that_are_not_open_cost_no_search() {
    let mut events = String::new();
    for at in 0..MANY {
        write!(events, r#"{{"type":"O","at":{at},"frame":0}},"#).unwrap();
    }
    for _ in 0..MANY {
        write!(events, r#"{{"type":"C","at":{MANY},"frame":1}},"#).unwrap();
    }
    let text = format!(
        r#"{{"shared":{{"frames":[{{"name":"a"}},{{"name":"b"}}]}},"profiles":[{{"type":"evented","name":"p","unit":"none","startValue":0,"endValue":1,"events":[{}]}}]}}"#,
        events.trim_end_matches(',')
    );
    let batch = decode_as(&Speedscope, text.as_bytes()).unwrap();
    assert_eq!((count(&batch, "orphan-events"), count(&batch, "open-frames")), (MANY as u64, MANY as u64));
}

#[test]
fn ends_without_a_begin_cost_no_search() {
    let mut text = String::from("[");
    for _ in 0..MANY {
        text.push_str(r#"{"ph":"X","name":"a","pid":1,"tid":2,"ts":1,"dur":9},"#);
    }
    for _ in 0..MANY {
        text.push_str(r#"{"ph":"E","pid":1,"tid":2,"ts":5},"#);
    }
    text.push_str(r#"{"ph":"E","pid":1,"tid":2,"ts":6}]"#);
    let batch = decode_as(&ChromeTrace, text.as_bytes()).unwrap();
    assert_eq!(count(&batch, "orphan-events"), MANY as u64 + 1);
}

#[test]
fn profiles_of_a_trace_are_found_by_their_ids() {
    let mut text = String::from("[");
    for id in 0..MANY {
        write!(text, r#"{{"ph":"P","name":"Profile","pid":1,"tid":2,"ts":1,"id":"0x{id:x}"}},"#).unwrap();
    }
    text.push_str(r#"{"ph":"P","name":"Profile","pid":1,"tid":2,"ts":1,"id":"0x0"}]"#);
    let batch = decode_as(&ChromeTrace, text.as_bytes()).unwrap();
    assert_eq!(batch.profiles.len(), 2 * MANY);
}

#[test]
fn threads_of_callgrind_are_found_by_their_names() {
    let mut text = String::from("events: Ir\n");
    for thread in 0..MANY {
        write!(text, "thread: {thread}\nfn=f\n1 1\n").unwrap();
    }
    text.push_str("thread: 7\nfn=f\n1 1\n");
    let batch = decode_as(&Callgrind, text.as_bytes()).unwrap();
    assert_eq!(batch.profiles.len(), MANY);
    assert_eq!(batch.tables[7].columns[0].values, [2]);
}

#[test]
fn many_threads_of_many_events_are_refused() {
    let events: Vec<String> = (0..256).map(|event| format!("e{event}")).collect();
    let mut text = format!("events: {}\n", events.join(" "));
    for thread in 0..1025 {
        write!(text, "thread: {thread}\nfn=f\n").unwrap();
    }
    assert_eq!(decode_as(&Callgrind, text.as_bytes()).unwrap_err().code, ErrorCode::TooLarge);
}

#[test]
fn numbers_of_json_have_an_end() {
    for digits in ["1".repeat(1 << 24), format!("0.{}", "0".repeat(1 << 24))] {
        let before = r#"{"profiles":[{"type":"sampled","startValue":"#;
        let text = format!("{before}{digits}");
        let error = decode_as(&Speedscope, text.as_bytes()).unwrap_err();
        assert_eq!((error.code, error.offset), (ErrorCode::Malformed, Some(before.len() as u64)), "{error}");
    }
}

#[test]
fn each_node_of_a_deep_trie_goes_on_from_its_parent() {
    // A node adds a frame to the stack of the one before.
    let mut bytes = vec![0, 0, 1];
    for at in 0..MANY {
        bytes.extend([2, b'f', b';', 1, u8::from(at + 1 < MANY)]);
    }
    let batch = decode_as(&PyroscopeBytes, &bytes).unwrap();
    assert_eq!((batch.tables[0].records, batch.stacks.len()), (MANY as u64, 2 * MANY + 1));
}
