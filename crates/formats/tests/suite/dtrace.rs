//! DTrace's stacks.

use emberglass_formats::dtrace::Dtrace;
use emberglass_profile::ErrorCode;

use crate::common::corpus::top_of;
use crate::common::damage::{assert_sound, damage};
use crate::common::decode_named;

const TEXT: &str = "CPU     ID                    FUNCTION:NAME\n  0  64091                        :tick-60s \n\n\n\
    \n              libc.so.1`_read+0xa\n              bash`rl_getc+0x47\n              bash`operator new(unsigned long)+0x1\n                7\n\n\
    \x20             unix`mutex_enter+0x9\n\n              libc.so.1`_read+0xb\n              0xfee91ac8\n               12\n\n";

#[test]
fn stacks_and_counts_are_read() {
    let batch = decode_named(TEXT.as_bytes(), "x").unwrap();
    assert_sound(&batch);
    assert_eq!(batch.format, "dtrace");
    assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (19, 0));
    assert_eq!(batch.tables[0].records, 2);
    let top = top_of(&batch, &batch.profiles[0]);
    assert_eq!((top["libc.so.1`_read"].own, top["libc.so.1`_read"].total), (7.0, 19.0));
    assert_eq!((top["unix`mutex_enter"].own, top["0xfee91ac8"].total), (12.0, 12.0));
    assert_eq!(top["bash`operator new(unsigned long)"].total, 7.0);
    assert_eq!(batch.warnings.as_slice()[0].code, "unreadable-line");
    assert!(batch.symbols.mappings.iter().any(|mapping| batch.symbols.text(mapping.file) == "libc.so.1"));
}

#[test]
fn what_is_missing_is_told() {
    let batch = decode_named(b"   a`b+0x1\n   5\n\n   a`c\n", "x").unwrap();
    assert_eq!(batch.warnings.as_slice()[0].code, "unfinished-stack");
    let error = decode_named(b"   a`b+0x1\n  99999999999999999999\n", "x").unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::ValueOverflow, Some(11)));
}

#[test]
fn a_stack_of_100_000_frames_is_read() {
    let text = format!("{}   4\n", "   a`rec+0x1\n".repeat(100_000));
    assert_eq!(decode_named(text.as_bytes(), "x").unwrap().stacks.len(), 100_001);
}

#[test]
fn damaged_files_are_survived() {
    damage(&Dtrace, TEXT.as_bytes(), 2000);
}

#[test]
fn backquotes_in_other_text_are_no_frames() {
    let json = "{\n  \"name\": \"Dictionary`2[Int32].FindValue\",\n  5\n}\n";
    assert_eq!(decode_named(json.as_bytes(), "x").unwrap_err().code, ErrorCode::UnrecognizedFormat);
}
