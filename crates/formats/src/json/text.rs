//! Strings: from the bytes between two quotes to text.

/// Why a string is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadEscape {
    /// Offset in the bytes between the quotes.
    pub(super) at: usize,
}

/// Appends what `raw`, the bytes between the quotes, means; the number of characters that became U+FFFD.
pub(super) fn unescape(raw: &[u8], out: &mut String) -> Result<u64, BadEscape> {
    let (mut rest, mut replaced) = (raw, 0);
    while let Some(at) = memchr::memchr(b'\\', rest) {
        replaced += push_utf8(&rest[..at], out);
        let escape = &rest[at..];
        let fault = BadEscape { at: raw.len() - escape.len() };
        let simple = match escape.get(1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let (c, len) = unicode(escape).ok_or(fault)?;
                replaced += u64::from(c.is_none());
                out.push(c.unwrap_or('\u{fffd}'));
                rest = &escape[len..];
                continue;
            }
            _ => return Err(fault),
        };
        out.push(simple);
        rest = &escape[2..];
    }
    Ok(replaced + push_utf8(rest, out))
}

/// The character of `\uXXXX` or of a pair of them, `None` for a surrogate alone; and the bytes it takes.
fn unicode(escape: &[u8]) -> Option<(Option<char>, usize)> {
    let first = hex4(escape.get(2..6)?)?;
    if (0xd800..0xdc00).contains(&first)
        && escape.get(6..8) == Some(b"\\u")
        && let Some(second) = escape.get(8..12).and_then(hex4)
        && (0xdc00..0xe000).contains(&second)
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code), 12));
    }
    Some((char::from_u32(first), 6))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

/// Appends `bytes` as text; the number of invalid sequences, each replaced.
fn push_utf8(bytes: &[u8], out: &mut String) -> u64 {
    if let Ok(text) = std::str::from_utf8(bytes) {
        out.push_str(text);
        return 0;
    }
    let mut replaced = 0;
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push('\u{fffd}');
            replaced += 1;
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(raw: &str) -> (String, u64) {
        let mut out = String::new();
        let replaced = unescape(raw.as_bytes(), &mut out).unwrap();
        (out, replaced)
    }

    #[test]
    fn surrogates_pair_up_or_are_replaced() {
        assert_eq!(text(r"a\ud83d\ude00b"), ("a\u{1f600}b".to_owned(), 0));
        assert_eq!(text(r"\ud83dx"), ("\u{fffd}x".to_owned(), 1));
        assert_eq!(text(r"\ude00\ud83d\u0041"), ("\u{fffd}\u{fffd}A".to_owned(), 2));
    }

    #[test]
    fn escapes_that_do_not_exist_are_found() {
        for (raw, at) in [(r"ab\x", 2), ("\\", 0), (r"\u12", 0), (r"\u12g4", 0), (r"\n\", 2)] {
            assert_eq!(unescape(raw.as_bytes(), &mut String::new()), Err(BadEscape { at }), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read(text in ".{0,40}") {
            let quoted = serde_json::to_string(&text).unwrap();
            let mut out = String::new();
            prop_assert_eq!(unescape(&quoted.as_bytes()[1..quoted.len() - 1], &mut out), Ok(0));
            prop_assert_eq!(out, text);
        }
    }
}
