//! One line of a call chain: `address symbol+0xoffset (binary)`.

use std::collections::HashMap;

use emberglass_profile::{
    ErrorCode, Frame, FrameId, Function, InputError, Mapping, MappingId, StringId, StringTable, Symbols,
};
use foldhash::fast::FixedState;

/// The parts of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// Symbol without its offset; empty where none is printed.
    pub(super) symbol: &'a str,
    /// Binary; empty where none is printed.
    pub(super) binary: &'a str,
    pub(super) is_inlined: bool,
}

/// The address that a line begins with, and what follows it; `None` if it does not.
#[inline]
pub(super) fn split_address(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start_matches([' ', '\t']);
    let end = text.bytes().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(text.len());
    let rest = &text[end..];
    let is_frame = (1..=16).contains(&end) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_frame.then(|| (&text[..end], rest.trim()))
}

/// True for a line as perf prints it in call chains: a tab, and the address in at least sixteen places.
pub(super) fn is_of_chain(line: &str) -> bool {
    let Some(text) = line.strip_prefix('\t') else { return false };
    let padding = text.len() - text.trim_start_matches(' ').len();
    split_address(line).is_some_and(|(address, _)| padding + address.len() >= 16)
}

/// Takes apart what follows the address.
pub(super) fn parse(text: &str) -> Parts<'_> {
    let (symbol, binary) = split_binary(text);
    let is_inlined = binary == "inlined";
    let binary = if is_inlined { "" } else { strip_offset(binary) };
    Parts { symbol: strip_offset(symbol), binary, is_inlined }
}

/// The group in parentheses that ends the text, if a space precedes it.
fn split_binary(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    if bytes.last() != Some(&b')') {
        return (text, "");
    }
    let mut depth = 0usize;
    for (at, &byte) in bytes.iter().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => {
                depth -= 1;
                if depth == 0 {
                    let is_apart = at == 0 || bytes[at - 1] == b' ';
                    return if is_apart { (text[..at].trim_end(), &text[at + 1..text.len() - 1]) } else { (text, "") };
                }
            }
            _ => {}
        }
    }
    match text.rfind(" (") {
        Some(at) => (text[..at].trim_end(), &text[at + 2..text.len() - 1]),
        None => (text, ""),
    }
}

fn strip_offset(symbol: &str) -> &str {
    match symbol.rfind("+0x") {
        Some(at) if symbol.len() > at + 3 && symbol[at + 3..].bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            &symbol[..at]
        }
        _ => symbol,
    }
}

/// Frames by the text behind the address: the same line is taken apart once.
#[derive(Default)]
pub(super) struct Frames {
    texts: StringTable,
    frames: Vec<FrameId>,
    mappings: HashMap<StringId, MappingId, FixedState>,
}

impl Frames {
    /// The frame of a line.
    pub(super) fn frame(&mut self, symbols: &mut Symbols, address: &str, text: &str) -> Result<FrameId, InputError> {
        if text.is_empty() {
            let digits = address.trim_start_matches('0');
            let name = format!("0x{}", if digits.is_empty() { "0" } else { digits });
            return Ok(self.add(symbols, &name, MappingId::NONE, false));
        }
        if self.texts.text_bytes() + symbols.strings.text_bytes() + text.len() > u32::MAX as usize {
            return Err(InputError::new(ErrorCode::TooLarge, "the names of the file pass 4 GiB"));
        }
        let row = self.texts.intern(text).index();
        if let Some(&frame) = self.frames.get(row.wrapping_sub(1)) {
            return Ok(frame);
        }
        let Parts { symbol, binary, is_inlined } = parse(text);
        let mapping = self.mapping(symbols, binary);
        let frame = self.add(symbols, symbol, mapping, is_inlined);
        self.frames.push(frame);
        Ok(frame)
    }

    /// `frame` at a line of a source file.
    pub(super) fn at_line(&self, symbols: &mut Symbols, frame: FrameId, file: &str, line: u32) -> FrameId {
        let Some(known) = symbols.frames.get(frame) else { return frame };
        let Some(function) = symbols.functions.get(known.function) else { return frame };
        let file = symbols.strings.intern(file);
        let function = symbols.functions.intern(Function { file, ..function });
        symbols.frames.intern(Frame { function, line, ..known })
    }

    fn add(&self, symbols: &mut Symbols, name: &str, mapping: MappingId, inlined: bool) -> FrameId {
        let name = symbols.strings.intern(name);
        let function = symbols.functions.intern(Function { name, ..Function::default() });
        symbols.frames.intern(Frame { function, mapping, inlined, ..Frame::default() })
    }

    fn mapping(&mut self, symbols: &mut Symbols, binary: &str) -> MappingId {
        if binary.is_empty() || binary == "[unknown]" {
            return MappingId::NONE;
        }
        let file = symbols.strings.intern(binary);
        *self.mappings.entry(file).or_insert_with(|| symbols.mappings.push(Mapping { file, ..Mapping::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        for (text, symbol, binary, is_inlined) in [
            ("main+0x56 (/srv/bin/single)", "main", "/srv/bin/single", false),
            ("[unknown] ([unknown])", "[unknown]", "[unknown]", false),
            (
                "v8::(anonymous namespace)::Invoke+0x58d (/usr/bin/node)",
                "v8::(anonymous namespace)::Invoke",
                "/usr/bin/node",
                false,
            ),
            ("operator()(int)+0x1 (/a b/c (deleted))", "operator()(int)", "/a b/c (deleted)", false),
            ("foo (inlined)", "foo", "", true),
            ("foo(int) const", "foo(int) const", "", false),
            ("foo(int)", "foo(int)", "", false),
            ("f+0xg (x)", "f+0xg", "x", false),
            ("f (/lib/x.so+0x12ab)", "f", "/lib/x.so", false),
            ("operator)+0x2 (/x)", "operator)", "/x", false),
        ] {
            assert_eq!(parse(text), Parts { symbol, binary, is_inlined }, "{text}");
        }
    }

    #[test]
    fn addresses_begin_lines_of_call_chains() {
        assert!(is_of_chain("\t            116e leaf") && is_of_chain("\tffffffff81402703 f+0x13 (k)"));
        assert!(!is_of_chain("            116e leaf") && !is_of_chain("\t116e leaf") && !is_of_chain("\twords"));
        assert_eq!(split_address("\t ffffffff81402703 f+0x13 (k)"), Some(("ffffffff81402703", "f+0x13 (k)")));
        assert_eq!(split_address("  12"), Some(("12", "")));
        for line in ["", "  main.c:12", "  12345678901234567 f", "  g 1"] {
            assert_eq!(split_address(line), None, "{line}");
        }
    }
}
