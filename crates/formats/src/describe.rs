//! Words for files that no decoder wants.

/// What a file looks like.
pub(crate) struct Description {
    /// With its article: `a PNG image`.
    pub(crate) words: String,
    /// True if a magic number says that it is something else than any format here, whatever its name.
    pub(crate) is_foreign: bool,
}

const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"\xfd7zXZ\x00", "xz-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\x04\x22\x4d\x18", "lz4-compressed data"),
    (b"\x1f\x8b\x08", "gzip-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x7fELF", "an ELF binary"),
    (b"MZ", "a Windows binary"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O binary"),
    (b"\x00asm", "a WebAssembly module"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"FLR\x00", "a Java Flight Recorder recording"),
    (b"PERFILE2", "a perf.data recording"),
];

const TAR_MAGIC_AT: usize = 257;

/// Describes a file by its first bytes.
pub(crate) fn describe(prefix: &[u8]) -> Description {
    let foreign = MAGIC.iter().find(|(magic, _)| prefix.starts_with(magic)).map(|&(_, words)| words);
    let tar = prefix.get(TAR_MAGIC_AT..).is_some_and(|rest| rest.starts_with(b"ustar"));
    if let Some(words) = foreign.or(tar.then_some("a tar archive")) {
        return Description { words: words.to_owned(), is_foreign: true };
    }
    Description { words: describe_text(prefix).unwrap_or_else(|| describe_bytes(prefix)), is_foreign: false }
}

fn describe_text(prefix: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(prefix) {
        Ok(text) => text,
        // The prefix may end in the middle of a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&prefix[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() || text.contains(control) {
        return None;
    }
    Some(match start.as_bytes() {
        [b'{', ..] => "a JSON object".to_owned(),
        [b'[', ..] => "a JSON array".to_owned(),
        [b'<', ..] => "HTML or XML".to_owned(),
        _ => {
            let line: String = start.lines().next().unwrap_or("").chars().take(40).collect();
            format!("text that starts with {line:?}")
        }
    })
}

fn describe_bytes(prefix: &[u8]) -> String {
    let shown: Vec<String> = prefix.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("binary data that starts with {}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_what_they_hold() {
        for (bytes, words, is_foreign) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], "a PNG image", true),
            (b"  {\"a\": 1", "a JSON object", false),
            (b"\xef\xbb\xbf<html>", "HTML or XML", false),
            ("hello w\u{f6}rld\nmore".as_bytes(), "text that starts with \"hello w\u{f6}rld\"", false),
            (b"\x00\x01\xff", "binary data that starts with 00 01 ff", false),
        ] {
            let seen = describe(bytes);
            assert_eq!((seen.words.as_str(), seen.is_foreign), (words, is_foreign));
        }
    }
}
