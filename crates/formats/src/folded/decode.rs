//! The decoder of folded stacks.

use emberglass_profile::{
    Batch, ErrorCode, Frame, FrameId, Function, InputError, ProfileEntry, ProfileType, StackId, StringId, Symbols,
    Warnings,
};
use emberglass_trie::StackBuilder;

use super::pairs::Pairs;
use super::rows::Rows;
use crate::decimal::{Decimal, NoDecimal};
use crate::extension::named;
use crate::lines::{Line, each_line, prefix_text};
use crate::{Confidence, Context, Format, Input, PREFIX_LEN};

const EXTENSIONS: &[&str] = &[".folded", ".collapsed", ".stacks"];
/// Most stacks (nodes of the trie) of one file.
const MAX_STACKS: usize = 64 << 20;
/// Line numbers that a warning names.
const NAMED_LINES: usize = 10;

/// The decoder of folded (collapsed) stacks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Folded;

impl Format for Folded {
    fn name(&self) -> &'static str {
        "folded"
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        if prefix_text(prefix).is_none() {
            return Confidence::No;
        }
        named(has_structure(prefix), file_name, EXTENSIONS)
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut reader = Reader::default();
        each_line(input, context, |line, warnings| reader.line(line, warnings))?;
        reader.finish(&mut context.warnings)
    }
}

/// True if most lines end with a count; the last one may be cut off where the prefix is full.
fn has_structure(prefix: &[u8]) -> bool {
    let Some(text) = prefix_text(prefix) else { return false };
    let text = text.trim_start_matches('\u{feff}');
    if is_other_text(text.trim_start()) {
        return false;
    }
    let is_cut_off = prefix.len() >= PREFIX_LEN;
    let whole = match text.rfind('\n') {
        Some(end) if is_cut_off => &text[..end],
        None if is_cut_off => return text.contains(';'),
        _ => text,
    };
    let (mut good, mut all) = (0, 0);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        all += 1;
        good += u32::from(split_number(line).is_some());
    }
    good > 0 && 2 * good >= all
}

/// True for JSON, markup and comments: frames may begin as they do (`{main}`, `[unknown]`, `<module>`).
fn is_other_text(text: &str) -> bool {
    let second = |rest: &str| rest.trim_start().chars().next().unwrap_or('{');
    match text.split_at_checked(1) {
        Some(("{", rest)) => matches!(second(rest), '{' | '}' | '"'),
        Some(("[", rest)) => matches!(second(rest), '{' | '[' | ']' | '"' | '-' | '0'..='9'),
        Some(("<", rest)) => {
            let start = rest.get(..4).unwrap_or(rest).to_ascii_lowercase();
            rest.starts_with(['!', '?']) || ["html", "svg", "xml"].iter().any(|tag| start.starts_with(tag))
        }
        Some(("#", _)) => true,
        _ => false,
    }
}

/// The text before the last space (or tab) of a line, and the number behind it.
pub(super) fn split_number(line: &str) -> Option<(&str, Result<Decimal, NoDecimal>)> {
    let line = line.trim_end_matches([' ', '\t']);
    let at = memchr::memrchr2(b' ', b'\t', line.as_bytes())?;
    match Decimal::parse(&line[at + 1..]) {
        Err(NoDecimal::NotANumber) => None,
        number => Some((&line[..at], number)),
    }
}

#[derive(Default)]
struct Reader {
    symbols: Symbols,
    /// Frame of each string; folded frames are names and nothing else.
    frame_of: Vec<FrameId>,
    stacks: StackBuilder,
    last: Last,
    rows: Rows<1>,
    /// `None` once a line was seen that has one number only.
    pairs: Option<Pairs>,
    is_decided: bool,
    junk: Vec<u64>,
    junk_count: u64,
    junk_offset: Option<u64>,
}

/// The line before: neighbours mostly share their outer frames.
#[derive(Default)]
struct Last {
    text: Vec<u8>,
    /// End of each of its frames in the text, and the stack up to there.
    ends: Vec<(usize, StackId)>,
}

const NO_FRAME: FrameId = FrameId(u32::MAX);

impl Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let Some((head, number)) = split_number(line.text) else {
            if !line.text.trim().is_empty() {
                self.note_junk(line);
            }
            return Ok(());
        };
        let number = self.checked(number, line, warnings)?;
        if !self.is_decided {
            let second = split_number(head);
            if let Some((name, base)) = second {
                let base = self.checked(base, line, warnings)?;
                let text = &head[name.len()..];
                return self.add_pair(name, text, [base, number]).map_err(|error| at_line(error, line));
            }
            self.is_decided = true;
            self.one_number_only().map_err(|error| at_line(error, line))?;
        }
        let stack = self.stack_of(head).map_err(|error| at_line(error, line))?;
        self.rows.add(stack, &[number]).map_err(|error| at_line(error, line))
    }

    fn checked(
        &self,
        number: Result<Decimal, NoDecimal>,
        line: Line<'_>,
        warnings: &mut Warnings,
    ) -> Result<Decimal, InputError> {
        let number = number
            .map_err(|_beyond| at_line(InputError::new(ErrorCode::ValueOverflow, "a count is beyond 64 bits"), line))?;
        if number.is_rounded {
            warnings.add("rounded-count", Some(line.offset), || {
                format!("a count with more than nine decimal places is rounded to nine, first in line {}", line.number)
            });
        }
        Ok(number)
    }

    fn note_junk(&mut self, line: Line<'_>) {
        self.junk_count += 1;
        self.junk_offset.get_or_insert(line.offset);
        if self.junk.len() < NAMED_LINES {
            self.junk.push(line.number);
        }
    }

    /// The stack that `text` spells: frames with `;` between them.
    fn stack_of(&mut self, text: &str) -> Result<StackId, InputError> {
        let bytes = text.as_bytes();
        if bytes.is_empty() {
            return Ok(StackId::ROOT);
        }
        let Last { text: last, ends } = &mut self.last;
        let shared = bytes.iter().zip(last.iter()).take_while(|(a, b)| a == b).count();
        // A shared frame ends inside what is equal, with a `;` or the end of the line behind it here as there.
        let is_shared = |&(end, _): &(usize, StackId)| {
            end < shared || end == shared && matches!(bytes.get(end), None | Some(b';')) && end <= last.len()
        };
        let keep = ends.partition_point(is_shared);
        ends.truncate(keep);
        let (mut from, mut stack) = match ends.last() {
            Some(&(end, stack)) => (end + 1, stack),
            None => (0, StackId::ROOT),
        };
        last.truncate(shared);
        last.extend_from_slice(&bytes[shared..]);
        while from <= bytes.len() {
            let end = memchr::memchr(b';', &bytes[from..]).map_or(bytes.len(), |at| from + at);
            let frame = self.frame(&text[from..end])?;
            stack = self.stacks.child(stack, frame);
            self.last.ends.push((end, stack));
            from = end + 1;
        }
        if self.stacks.len() > MAX_STACKS {
            return Err(InputError::new(ErrorCode::TooLarge, "the stacks of the file are too many to hold"));
        }
        Ok(stack)
    }

    fn frame(&mut self, name: &str) -> Result<FrameId, InputError> {
        let Self { symbols, frame_of, .. } = self;
        if symbols.strings.text_bytes() + name.len() > u32::MAX as usize {
            return Err(InputError::new(ErrorCode::TooLarge, "the names of the file pass 4 GiB"));
        }
        let string = symbols.strings.intern(name);
        if frame_of.len() <= string.index() {
            frame_of.resize(string.index() + 1, NO_FRAME);
        }
        let frame = &mut frame_of[string.index()];
        if *frame == NO_FRAME {
            let function = symbols.functions.intern(Function { name: string, ..Function::default() });
            *frame = symbols.frames.intern(Frame { function, ..Frame::default() });
        }
        Ok(*frame)
    }

    fn add_pair(&mut self, name: &str, base_text: &str, numbers: [Decimal; 2]) -> Result<(), InputError> {
        let stack = self.stack_of(name)?;
        let ends = &self.last.ends;
        let is_empty = name.is_empty();
        let parent = if is_empty || ends.len() < 2 { StackId::ROOT } else { ends[ends.len() - 2].1 };
        let leaf = if is_empty { "" } else { name.rsplit(';').next().unwrap_or("") };
        let leaf = self.symbols.strings.intern(leaf);
        self.pairs.get_or_insert_default().add(stack, (parent, leaf), base_text, numbers)
    }

    /// A line has one number: so have all before, whose first number belongs to the name of the last frame.
    fn one_number_only(&mut self) -> Result<(), InputError> {
        let Some(pairs) = self.pairs.take() else { return Ok(()) };
        for pair in pairs.iter() {
            let name = format!("{}{}", self.symbols.text(pair.leaf), pair.base_text);
            let frame = self.frame(&name)?;
            let stack = self.stacks.child(pair.parent, frame);
            self.rows.add_many(stack, &[pair.comparison], pair.lines)?;
        }
        Ok(())
    }

    fn finish(mut self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        let lines: Vec<String> = self.junk.iter().map(u64::to_string).collect();
        let more = self.junk_count - self.junk.len() as u64;
        warnings.add_many("unreadable-line", self.junk_count, self.junk_offset, || {
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("lines without a count at their end are left out: {}{more}", lines.join(", "))
        });
        let (tables, types) = match self.pairs.take() {
            Some(pairs) => (pairs.table()?, &["base", "comparison"][..]),
            None => (std::mem::take(&mut self.rows).finish(), &["samples"][..]),
        };
        if tables.records == 0 && self.junk_count > 0 {
            let message = "no line of the file ends with a count";
            return Err(InputError::at(ErrorCode::UnrecognizedFormat, self.junk_offset.unwrap_or(0), message));
        }
        let entry = |(column, sample_type): (usize, &&str)| ProfileEntry {
            profile_type: ProfileType {
                name: "samples".to_owned(),
                sample_type: (*sample_type).to_owned(),
                sample_unit: "count".to_owned(),
                ..ProfileType::default()
            },
            column: column as u32,
            ..ProfileEntry::default()
        };
        Ok(Batch {
            symbols: self.symbols,
            stacks: self.stacks.finish(),
            tables: vec![tables],
            profiles: types.iter().enumerate().map(entry).collect(),
            ..Batch::default()
        })
    }
}

fn at_line(error: InputError, line: Line<'_>) -> InputError {
    InputError { offset: Some(line.offset), message: format!("{} (line {})", error.message, line.number), ..error }
}

/// Where a name is before it is known whether numbers belong to it.
pub(super) type Place = (StackId, StringId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_counts_is_recognised_whatever_its_name() {
        for (text, name, confidence) in [
            ("main;a 5\n", "x.folded", Confidence::ContentAndName),
            ("main;a 5\n", "x", Confidence::Content),
            ("junk\nmain;a 5\n", "x", Confidence::Content),
            ("just words\nand more\n", "x.txt", Confidence::No),
            ("just words\nand more\n", "x.folded.gz", Confidence::Name),
            ("{\"a\": 1\n", "x", Confidence::No),
            ("{ \n \"a\": 1\n", "x", Confidence::No),
            ("[1, 2]\n", "x", Confidence::No),
            ("<html lang=en>\n<p> 1\n", "x", Confidence::No),
            ("<?xml version=1?>\n<a> 1\n", "x", Confidence::No),
            ("{main};f 1\n", "x", Confidence::Content),
            ("[unknown];f 1\n", "x", Confidence::Content),
            ("<module> (app.py:1);f 1\n", "x", Confidence::Content),
            ("a\0b 1\n", "x.folded", Confidence::No),
        ] {
            assert_eq!(Folded.sniff(text.as_bytes(), name), confidence, "{text:?}");
        }
        let long = format!("main;{}", "n".repeat(9000));
        assert_eq!(Folded.sniff(&long.as_bytes()[..PREFIX_LEN], "x"), Confidence::Content);
    }
}
