//! Recognises pprof by its structure: protobuf has no magic number.

use super::scan::field;
use crate::Confidence;
use crate::extension::named;
use crate::protobuf::{Field, Message, Value};

const EXTENSIONS: &[&str] = &[".pb", ".pprof", ".prof", ".profile"];

/// Judges the first bytes of a file.
pub(super) fn sniff(prefix: &[u8], file_name: &str) -> Confidence {
    named(has_structure(prefix), file_name, EXTENSIONS)
}

/// True if `prefix` is a sequence of fields of `Profile`, of which the last may be cut off.
fn has_structure(prefix: &[u8]) -> bool {
    let mut message = Message::outermost(prefix);
    let mut fields = 0;
    loop {
        let start = message.position() as usize;
        match message.next() {
            Ok(Some(field)) if is_of_profile(&field) => fields += 1,
            Ok(Some(_)) => return false,
            Ok(None) => return fields > 0,
            Err(_) => return fields > 0 && is_cut_off(&prefix[start..]),
        }
    }
}

fn is_of_profile(field: &Field<'_>) -> bool {
    match (field.number, field.value) {
        (field::SAMPLE_TYPE | field::PERIOD_TYPE, Value::Bytes(bytes, _)) => {
            all(bytes, |inner| matches!((inner.number, inner.value), (1 | 2, Value::Varint(_))))
        }
        (field::SAMPLE, Value::Bytes(bytes, _)) => all(bytes, |inner| {
            matches!((inner.number, inner.value), (1 | 2, Value::Varint(_) | Value::Bytes(..)) | (3, Value::Bytes(..)))
        }),
        (field::MAPPING, Value::Bytes(bytes, _)) => {
            all(bytes, |inner| inner.number > 10 || matches!(inner.value, Value::Varint(_)))
        }
        (field::FUNCTION, Value::Bytes(bytes, _)) => {
            all(bytes, |inner| inner.number > 5 || matches!(inner.value, Value::Varint(_)))
        }
        (field::LOCATION, Value::Bytes(bytes, _)) => all(bytes, |inner| match inner.number {
            1..=3 | 5 => matches!(inner.value, Value::Varint(_)),
            4 => matches!(inner.value, Value::Bytes(..)),
            _ => true,
        }),
        (field::STRING | field::COMMENT, Value::Bytes(..)) => true,
        (field::DROP_FRAMES..=field::DURATION | field::PERIOD..=field::DOC_URL, Value::Varint(_)) => true,
        _ => false,
    }
}

fn all(bytes: &[u8], holds: impl Fn(&Field<'_>) -> bool) -> bool {
    let mut message = Message::nested(bytes, 0);
    loop {
        match message.next() {
            Ok(Some(field)) if holds(&field) => {}
            Ok(None) => return true,
            Ok(Some(_)) | Err(_) => return false,
        }
    }
}

/// True if what is left starts like a field of `Profile` that goes on behind the prefix.
fn is_cut_off(rest: &[u8]) -> bool {
    matches!(rest.first(), Some(key) if key & 7 == 2 && (1..=15).contains(&(key >> 3)))
}
