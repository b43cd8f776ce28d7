//! JSON as text, written in order: integers and decimals stay exact, keys keep their places.

use std::fmt::Write as _;

use emberglass_profile::{ErrorCode, InputError, format_scaled};

use crate::encoder::MAX_OUTPUT;

/// Appends a string with its quotes.
pub(crate) fn put_text(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        // U+2028 and U+2029 need no escape: JSON is read by JSON parsers.
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            _ => out.push_str(&format!("\\u{byte:04x}")),
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Appends an integer.
pub(crate) fn put_number(out: &mut String, number: i64) {
    // Writing to a string can't fail.
    let _always = write!(out, "{number}");
}

/// Appends `value` x 10^-`scale`.
pub(crate) fn put_decimal(out: &mut String, value: i64, scale: u8) {
    if scale == 0 {
        put_number(out, value);
    } else {
        out.push_str(&format_scaled(value, scale));
    }
}

/// Appends items with commas between them, without brackets.
pub(crate) fn put_list<T>(out: &mut String, items: impl IntoIterator<Item = T>, mut put: impl FnMut(&mut String, T)) {
    let start = out.len();
    for item in items {
        if out.len() > start {
            out.push(',');
        }
        put(out, item);
    }
}

/// Refuses more text than an output may have.
///
/// # Errors
/// `too-large`.
pub(crate) fn check_size(out: &str, format: &str) -> Result<(), InputError> {
    if out.len() <= MAX_OUTPUT {
        return Ok(());
    }
    Err(InputError::new(ErrorCode::TooLarge, format!("the {format} would be more than 1 GiB")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_read_back(text: String) {
            let mut out = String::new();
            put_text(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn lists_and_numbers_are_exact() {
        let mut out = String::new();
        put_list(&mut out, [(i64::MIN, 0), (-15, 1), (0, 9)], |out, (value, scale)| put_decimal(out, value, scale));
        assert_eq!(out, "-9223372036854775808,-1.5,0");
    }
}
