//! Lines of text out of an input, in slices.
//!
//! Invariants: a line is handed out whole, whatever its length and wherever the slices end; memory holds one
//! slice and one line. UTF-8 with or without a byte order mark, and UTF-16 of either byte order; lines end
//! with `\n` or `\r\n`, the last one with nothing. Bytes that are no text are replaced and counted.

use std::borrow::Cow;

use emberglass_profile::{ErrorCode, InputError, Warnings};
use memchr::memchr;

use crate::{Context, Input, WHOLE_LIMIT};

/// One line without its end.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// From 1.
    pub(crate) number: u64,
    /// Where it starts, in inflated bytes.
    pub(crate) offset: u64,
}

/// How bytes are text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encoding {
    Utf8,
    Utf16(Order),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Little,
    Big,
}

impl Encoding {
    /// The encoding of a text that starts so, and the length of its byte order mark.
    fn of(prefix: &[u8]) -> (Self, usize) {
        match prefix {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            [0xff, 0xfe, ..] => (Self::Utf16(Order::Little), 2),
            [0xfe, 0xff, ..] => (Self::Utf16(Order::Big), 2),
            // Without a mark: text of a profile starts with characters of ASCII.
            [1..=0x7f, 0, 1..=0x7f, 0, ..] => (Self::Utf16(Order::Little), 0),
            [0, 1..=0x7f, 0, 1..=0x7f, ..] => (Self::Utf16(Order::Big), 0),
            _ => (Self::Utf8, 0),
        }
    }
}

/// The text that a file starts with, for recognising it: `None` if it is no text. The last character may be
/// replaced where the prefix cuts it.
pub(crate) fn prefix_text(prefix: &[u8]) -> Option<Cow<'_, str>> {
    let (encoding, mark) = Encoding::of(prefix);
    let bytes = prefix.get(mark..)?;
    let text = match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes),
        Encoding::Utf16(order) => {
            let mut decoder = Utf16 { order, odd: None, high: None, replaced: 0 };
            let mut text = String::new();
            decoder.decode(bytes, &mut text);
            Cow::Owned(text)
        }
    };
    let is_binary = |c: char| c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}');
    (!text.contains(is_binary)).then_some(text)
}

/// Hands every line of `input` to `each`, with the warnings of the context.
///
/// # Errors
/// What `each` returns, what reading returns, `too-large` for a line of more than [`WHOLE_LIMIT`] bytes.
pub(crate) fn each_line(
    input: &mut Input<'_>,
    context: &mut Context<'_>,
    mut each: impl FnMut(Line<'_>, &mut Warnings) -> Result<(), InputError>,
) -> Result<(), InputError> {
    let (encoding, mark) = Encoding::of(input.prefix());
    let mut to_skip = mark;
    let mut splitter =
        Splitter { carry: Vec::new(), number: 0, offset: mark as u64, is_wide: encoding != Encoding::Utf8 };
    let mut decoder = match encoding {
        Encoding::Utf8 => None,
        Encoding::Utf16(order) => Some(Utf16 { order, odd: None, high: None, replaced: 0 }),
    };
    let mut text = String::new();
    while let Some(chunk) = input.next_chunk(&mut context.meter)? {
        let skipped = to_skip.min(chunk.len());
        to_skip -= skipped;
        let chunk = &chunk[skipped..];
        let bytes = match &mut decoder {
            None => chunk,
            Some(decoder) => {
                text.clear();
                decoder.decode(chunk, &mut text);
                text.as_bytes()
            }
        };
        splitter.split(bytes, &mut context.warnings, &mut each)?;
    }
    if let Some(decoder) = &mut decoder {
        text.clear();
        decoder.finish(&mut text);
        splitter.split(text.as_bytes(), &mut context.warnings, &mut each)?;
        let replaced = decoder.replaced;
        context.warnings.add_many("invalid-utf16", replaced, None, || {
            "text that is not UTF-16 is replaced by the replacement character".to_owned()
        });
    }
    splitter.finish(&mut context.warnings, &mut each)
}

struct Splitter {
    carry: Vec<u8>,
    number: u64,
    offset: u64,
    is_wide: bool,
}

impl Splitter {
    fn split(
        &mut self,
        bytes: &[u8],
        warnings: &mut Warnings,
        each: &mut impl FnMut(Line<'_>, &mut Warnings) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            if self.carry.is_empty() {
                self.hand_out(&rest[..end], warnings, each)?;
            } else {
                let mut line = std::mem::take(&mut self.carry);
                line.extend_from_slice(&rest[..end]);
                self.hand_out(&line, warnings, each)?;
                line.clear();
                self.carry = line;
            }
            rest = &rest[end + 1..];
        }
        if (self.carry.len() + rest.len()) as u64 > WHOLE_LIMIT {
            let message = format!("line {} is longer than {WHOLE_LIMIT} bytes", self.number + 1);
            return Err(InputError::at(ErrorCode::TooLarge, self.offset, message));
        }
        self.carry.extend_from_slice(rest);
        Ok(())
    }

    fn finish(
        mut self,
        warnings: &mut Warnings,
        each: &mut impl FnMut(Line<'_>, &mut Warnings) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        let line = std::mem::take(&mut self.carry);
        if line.is_empty() { Ok(()) } else { self.hand_out(&line, warnings, each) }
    }

    #[inline]
    fn hand_out(
        &mut self,
        bytes: &[u8],
        warnings: &mut Warnings,
        each: &mut impl FnMut(Line<'_>, &mut Warnings) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        self.number += 1;
        let (number, offset) = (self.number, self.offset);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                warnings.add("invalid-utf8", Some(offset + error.valid_up_to() as u64), || {
                    format!("text that is not UTF-8 is replaced by the replacement character, first in line {number}")
                });
                String::from_utf8_lossy(bytes)
            }
        };
        self.offset += 1 + bytes.len() as u64;
        if self.is_wide {
            self.offset = offset + 2 * (1 + text.encode_utf16().count() as u64);
        }
        each(Line { text: text.strip_suffix('\r').unwrap_or(&text), number, offset }, warnings)
    }
}

/// UTF-16 in slices that may end anywhere.
struct Utf16 {
    order: Order,
    odd: Option<u8>,
    high: Option<u16>,
    replaced: u64,
}

impl Utf16 {
    fn decode(&mut self, bytes: &[u8], out: &mut String) {
        let mut rest = bytes;
        if let (Some(first), [second, tail @ ..]) = (self.odd, rest) {
            self.odd = None;
            self.unit([first, *second], out);
            rest = tail;
        }
        let (pairs, tail) = rest.as_chunks::<2>();
        for &pair in pairs {
            self.unit(pair, out);
        }
        if let [odd] = tail {
            self.odd = Some(*odd);
        }
    }

    fn unit(&mut self, pair: [u8; 2], out: &mut String) {
        let unit = match self.order {
            Order::Little => u16::from_le_bytes(pair),
            Order::Big => u16::from_be_bytes(pair),
        };
        if let Some(high) = self.high.take() {
            if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                out.push(c);
                return;
            }
            self.replace(out);
        }
        match char::from_u32(u32::from(unit)) {
            Some(c) => out.push(c),
            None if unit < 0xdc00 => self.high = Some(unit),
            None => self.replace(out),
        }
    }

    fn replace(&mut self, out: &mut String) {
        self.replaced += 1;
        out.push(char::REPLACEMENT_CHARACTER);
    }

    fn finish(&mut self, out: &mut String) {
        if self.high.take().is_some() {
            self.replace(out);
        }
        if self.odd.take().is_some() {
            self.replace(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Meter, NoProgress};

    fn lines_of(bytes: &[u8]) -> Vec<(u64, u64, String)> {
        let mut progress = NoProgress;
        let mut context = Context::new("", Meter::new(&mut progress, bytes.len() as u64));
        let mut lines = Vec::new();
        each_line(&mut Input::new(bytes), &mut context, |line, _| {
            lines.push((line.number, line.offset, line.text.to_owned()));
            Ok(())
        })
        .unwrap();
        lines
    }

    fn wide(text: &str, order: Order, has_mark: bool) -> Vec<u8> {
        let mark = has_mark.then_some('\u{feff}');
        let units: Vec<u16> = mark.into_iter().chain(text.chars()).collect::<String>().encode_utf16().collect();
        units
            .iter()
            .flat_map(|unit| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    proptest! {
        #[test]
        fn lines_equal_those_of_the_whole_text(text in "[ab\u{e9}\u{1f525}\r\n]{0,40}") {
            let naive: Vec<String> = text.lines().map(str::to_owned).collect();
            let got: Vec<String> = lines_of(text.as_bytes()).into_iter().map(|(_, _, text)| text).collect();
            // `str::lines` keeps a `\r` that ends the text.
            let strip = |lines: Vec<String>| lines.iter().map(|line| line.trim_end_matches('\r').to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(strip(got), strip(naive));
        }

        #[test]
        fn every_encoding_holds_the_same_lines(text in "[a-z;]{2}[a-z\u{e9}\u{1f525}\n]{0,40}") {
            let plain: Vec<String> = lines_of(text.as_bytes()).into_iter().map(|(_, _, text)| text).collect();
            for order in [Order::Little, Order::Big] {
                for has_mark in [true, false] {
                    let bytes = wide(&text, order, has_mark);
                    let got = lines_of(&bytes);
                    prop_assert_eq!(&got.iter().map(|line| line.2.clone()).collect::<Vec<_>>(), &plain);
                    for (_, offset, text) in got {
                        prop_assert!(bytes[offset as usize..].starts_with(&wide(&text, order, false)));
                    }
                }
            }
        }

        #[test]
        fn utf16_may_be_cut_anywhere(text in "[a\u{e9}\u{1f525}]{0,12}", cut in 0usize..30) {
            let bytes = wide(&text, Order::Big, false);
            let (before, after) = bytes.split_at(cut.min(bytes.len()));
            let mut decoder = Utf16 { order: Order::Big, odd: None, high: None, replaced: 0 };
            let mut out = String::new();
            decoder.decode(before, &mut out);
            decoder.decode(after, &mut out);
            decoder.finish(&mut out);
            prop_assert_eq!(out, text);
            prop_assert_eq!(decoder.replaced, 0);
        }
    }

    #[test]
    fn a_line_may_be_longer_than_any_slice() {
        let long = "x".repeat(700_001);
        let text = format!("a\n{long}\r\nb");
        let lines = lines_of(text.as_bytes());
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1], (2, 2, long));
        assert_eq!(lines[2], (3, 700_005, "b".to_owned()));
    }

    #[test]
    fn marks_are_skipped_and_bad_bytes_replaced() {
        assert_eq!(lines_of(b"\xef\xbb\xbfa b 1"), [(1, 3, "a b 1".to_owned())]);
        assert_eq!(lines_of(b"a\xffb"), [(1, 0, "a\u{fffd}b".to_owned())]);
        assert_eq!(lines_of(b"\xff\xfea\0\x00\xd8b\0"), [(1, 2, "a\u{fffd}b".to_owned())]);
    }
}
