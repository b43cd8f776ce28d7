//! One row of the call graph, and its parts.

/// A row: how far right it stands, its samples, what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) indent: usize,
    pub(super) samples: i64,
    pub(super) text: &'a str,
}

/// A function as a row names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) binary: &'a str,
    /// With its `0x`; the first of several.
    pub(super) address: &'a str,
    pub(super) file: &'a str,
    pub(super) line: u32,
}

/// Columns that a tab takes, as a level of the tree.
const TAB: usize = 2;

/// Reads a row; `None` for any other line.
pub(super) fn parse(line: &str) -> Option<Row<'_>> {
    let mut indent = 0;
    let mut start = 0;
    for byte in line.bytes() {
        match byte {
            b' ' | b'+' | b'!' | b':' | b'|' => indent += 1,
            b'\t' => indent += TAB,
            _ => break,
        }
        start += 1;
    }
    let (number, text) = line.get(start..)?.split_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.trim();
    if start == 0 || !is_number || text.is_empty() {
        return None;
    }
    Some(Row { indent, samples: number.parse().ok()?, text })
}

/// Takes `name  (in binary) + offset  [address]  file:line` apart; what is missing is empty.
pub(super) fn name(text: &str) -> Named<'_> {
    let (text, address, place) = match text.rfind("  [0x") {
        Some(at) => match text[at + 3..].split_once(']') {
            Some((addresses, place)) => {
                (text[..at].trim_end(), addresses.split(',').next().unwrap_or(""), place.trim())
            }
            None => (text, "", ""),
        },
        None => (text, "", ""),
    };
    let (file, line) = match place.rsplit_once(':') {
        Some((file, line)) => match line.parse() {
            Ok(line) => (file, line),
            Err(_) => (place, 0),
        },
        None => (place, 0),
    };
    let (name, binary) = match text.find("  (in ") {
        Some(at) => (text[..at].trim_end(), inside(&text[at + 6..])),
        None => (text, ""),
    };
    Named { name, binary, address, file, line }
}

/// What stands before the parenthesis that ends a group.
fn inside(text: &str) -> &str {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return &text[..at],
            b')' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// A thread's id, name and queue, of `Thread_12: Name   DispatchQueue_1: com.apple.main-thread  (serial)`; `None` for
/// a row that is no thread.
pub(super) fn thread(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix("Thread")?;
    let rest = rest.strip_prefix(['_', ' ']).unwrap_or(rest);
    let end = rest.find([':', ' ']).unwrap_or(rest.len());
    let (id, rest) = rest.split_at(end);
    let rest = rest.trim_start_matches(':');
    let (name, queue) = match rest.find("DispatchQueue") {
        Some(at) => (rest[..at].trim(), rest[at..].trim()),
        None => (rest.trim(), ""),
    };
    Some((id, name, queue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_two_columns_further_right_a_level() {
        let row = |line| parse(line).map(|row| (row.indent, row.samples, row.text));
        assert_eq!(
            row("    2532 Thread_2663   DispatchQueue_1: x"),
            Some((4, 2532, "Thread_2663   DispatchQueue_1: x"))
        );
        assert_eq!(row("    + ! : | 7 f(int)  (in a)"), Some((12, 7, "f(int)  (in a)")));
        assert_eq!(row("    + :\t1 g"), Some((9, 1, "g")));
        for line in ["", "Call graph:", "12 f", "    x f", "    12", "    12 ", "    99999999999999999999 f"] {
            assert_eq!(row(line), None, "{line:?}");
        }
    }

    #[test]
    fn names_are_taken_apart() {
        for (text, name_of, binary, address, file, line) in [
            ("start  (in libdyld.dylib) + 1  [0x7fff902a75ad]", "start", "libdyld.dylib", "0x7fff902a75ad", "", 0),
            (
                "__lsan::DoLeakCheck()  (in libclang_rt.dylib) + 524  [0x10310e5b4]  lsan_common.cpp:835",
                "__lsan::DoLeakCheck()",
                "libclang_rt.dylib",
                "0x10310e5b4",
                "lsan_common.cpp",
                835,
            ),
            (
                "???  (in Google Chrome Helper (GPU))  load address 0x1069de000 + 0x13dea66  [0x107dbca66]",
                "???",
                "Google Chrome Helper (GPU)",
                "0x107dbca66",
                "",
                0,
            ),
            ("f  (in a) + 10,22,...  [0x10a,0x116,...]", "f", "a", "0x10a", "", 0),
            ("???  (in <unknown binary>)  [0x102c40144]", "???", "<unknown binary>", "0x102c40144", "", 0),
            ("eatFood(Food const&)", "eatFood(Food const&)", "", "", "", 0),
            ("-[A b:]  (in A) + 4  [0x1]  A.m", "-[A b:]", "A", "0x1", "A.m", 0),
        ] {
            assert_eq!(name(text), Named { name: name_of, binary, address, file, line }, "{text}");
        }
    }

    #[test]
    fn threads_have_an_id_a_name_and_a_queue() {
        assert_eq!(
            thread("Thread_955462   DispatchQueue_1: com.apple.main-thread  (serial)"),
            Some(("955462", "", "DispatchQueue_1: com.apple.main-thread  (serial)"))
        );
        assert_eq!(
            thread("Thread_51128: Main Thread   DispatchQueue_<multiple>"),
            Some(("51128", "Main Thread", "DispatchQueue_<multiple>"))
        );
        assert_eq!(thread("Thread_7: worker"), Some(("7", "worker", "")));
        assert_eq!(thread("start  (in dyld)"), None);
    }
}
