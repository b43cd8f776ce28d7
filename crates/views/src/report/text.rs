//! Text of a profile made safe for where it is written.

use std::fmt::Write as _;

/// True for characters that a reader would obey instead of see: control characters, line separators, direction marks.
const fn is_obeyed(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

/// `text` with control characters and direction marks as `\u{202e}`.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) {
            // Writing to a string can't fail.
            let _ok = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Appends `text` as content or attribute of XML and HTML; it must be printable.
pub(super) fn put_xml(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}

/// Appends `text` as a JSON string.
pub(super) fn put_json(out: &mut String, text: &str) {
    put_string(out, text, false);
}

/// Appends `text` as a JSON string that may stand in a script element: no `<`, no line separators.
pub(super) fn put_script_json(out: &mut String, text: &str) {
    put_string(out, text, true);
}

fn put_string(out: &mut String, text: &str, in_script: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' | '\u{7f}' => put_escape(out, c),
            '<' | '\u{2028}' | '\u{2029}' if in_script => put_escape(out, c),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn put_escape(out: &mut String, c: char) {
    let _ok = write!(out, "\\u{:04x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_obeyed_is_shown() {
        assert_eq!(printable("a\nb\u{202e}c\u{7f}"), "a\\u{a}b\\u{202e}c\\u{7f}");
        assert_eq!(printable("naïve 名前 …"), "naïve 名前 …");
    }

    #[test]
    fn markup_is_text() {
        let mut out = String::new();
        put_xml(&mut out, "</title><script>'\"&");
        assert_eq!(out, "&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp;");
    }

    #[test]
    fn json_ends_no_script() {
        let mut out = String::new();
        put_script_json(&mut out, "</script>\u{2028}\u{1}\"\\<!--");
        assert_eq!(out, "\"\\u003c/script>\\u2028\\u0001\\\"\\\\\\u003c!--\"");
    }
}
