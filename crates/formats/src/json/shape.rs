//! What the first bytes of a JSON text say about its format.

/// Most keys that are looked at.
const MOST_KEYS: usize = 400;

/// The keys seen in the first bytes of a JSON text.
#[derive(Debug, Default)]
pub(crate) struct Shape<'a> {
    /// True if the outermost value is an array.
    pub(crate) is_array: bool,
    keys: Vec<SeenKey<'a>>,
}

#[derive(Debug)]
struct SeenKey<'a> {
    depth: usize,
    /// The key of the outermost object that it is or is under.
    top: &'a [u8],
    key: &'a [u8],
    /// Its value, if that is a string; escapes are kept.
    value: &'a [u8],
}

impl<'a> Shape<'a> {
    /// The shape of a text that starts with `prefix`; `None` if that is no JSON object or array.
    pub(crate) fn of(prefix: &'a [u8]) -> Option<Self> {
        let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
        let mut at = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let mut shape = Self { is_array: text[at] == b'[', keys: Vec::new() };
        if !matches!(text[at], b'[' | b'{') {
            return None;
        }
        let mut nesting: Vec<u8> = Vec::new();
        let mut top: &[u8] = b"";
        while let Some(&byte) = text.get(at) {
            match byte {
                b'{' | b'[' => nesting.push(byte),
                b'}' | b']' => {
                    let open = nesting.pop()?;
                    if (open == b'{') != (byte == b'}') {
                        return None;
                    }
                    if nesting.is_empty() {
                        break;
                    }
                }
                b'"' => {
                    let Some((string, after)) = string_at(text, at) else { break };
                    let colon = skip_space(text, after);
                    if nesting.last() == Some(&b'{') && text.get(colon) == Some(&b':') {
                        if nesting.len() == 1 {
                            top = string;
                        }
                        let value = string_at(text, skip_space(text, colon + 1)).map_or(&b""[..], |(value, _)| value);
                        shape.keys.push(SeenKey { depth: nesting.len(), top, key: string, value });
                        if shape.keys.len() == MOST_KEYS {
                            break;
                        }
                        at = colon;
                    } else {
                        at = after - 1;
                    }
                }
                b',' | b':' | b'-' | b'+' | b'.' | b' ' | b'\t' | b'\r' | b'\n' => {}
                _ if byte.is_ascii_alphanumeric() => {}
                _ => return None,
            }
            at += 1;
        }
        Some(shape)
    }

    /// True if the outermost object has `key` among its first ones.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|seen| seen.depth == 1 && seen.key == key.as_bytes())
    }

    /// True if `key` was seen anywhere below the key `top` of the outermost object (empty for an array).
    pub(crate) fn has_under(&self, top: &str, key: &str) -> bool {
        self.keys.iter().any(|seen| seen.depth > 1 && seen.top == top.as_bytes() && seen.key == key.as_bytes())
    }

    /// The string that is the value of `key` in the outermost object, if it was seen.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        let seen = self.keys.iter().find(|seen| seen.depth == 1 && seen.key == key.as_bytes())?;
        std::str::from_utf8(seen.value).ok()
    }
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The string that starts at `at` (escapes kept), and where it ends; `None` if it is none or cut off.
fn string_at(text: &[u8], at: usize) -> Option<(&[u8], usize)> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut end = at + 1;
    loop {
        match text.get(end)? {
            b'"' => break,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    Some((&text[at + 1..end], end + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_seen_by_where_they_stand() {
        let shape = Shape::of(
            b"\xef\xbb\xbf {\"$schema\": \"https://x\", \"a\":[{\"b\":1,\"c\":{\"d\":\"x\\\"{\"}}], \"e\": nu",
        )
        .unwrap();
        assert!(!shape.is_array && shape.has("a") && shape.has("e") && !shape.has("b") && !shape.has("x"));
        assert!(shape.has_under("a", "b") && shape.has_under("a", "d") && !shape.has_under("e", "b"));
        assert_eq!(shape.text("$schema"), Some("https://x"));
        let array = Shape::of(b"[{\"ph\":\"B\"},{\"na").unwrap();
        assert!(array.is_array && array.has_under("", "ph"));
    }

    #[test]
    fn other_text_has_no_shape() {
        for text in ["", "  ", "main;f 1", "{]", "{#}", "\u{1f}\u{8b}", "[[1;2]]"] {
            assert!(Shape::of(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_prefix_is_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200), tail in "[\\[\\]{}\":,a\\\\ ]{0,60}") {
            let _shape = Shape::of(&bytes);
            let _shape = Shape::of(tail.as_bytes());
        }
    }
}
