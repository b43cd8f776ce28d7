//! DTrace: stacks that an aggregation prints, `@[ustack()] = count()` and its like.
//!
//! Format: <https://illumos.org/books/dtrace/chp-user.html#chp-user-4>. A frame a line, leaf first, indented, as
//! ``module`function+0xoffset``; then the count in a line of its own, then an empty line.
//!
//! Semantics:
//! - one profile, `samples:samples:count::`; a frame's name is ``module`function`` without the offset, an
//!   unresolved one its address; the module is the frame's mapping; C++ names may hold spaces;
//! - an empty line inside of a stack, as between kernel and user stacks (`@[stack(), ustack()]`), separates
//!   nothing: both are one stack; keys behind a stack (`execname`, `probefunc`) are its outermost frames, keys
//!   before it are left out;
//! - a count without frames is the empty stack.
//!
//! Left out: what comes before the first stack (DTrace's own messages and columns), with the counted warning
//! `unreadable-line`, as are frames at the end without a count.

use std::collections::HashMap;

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, Mapping, MappingId, ProfileEntry,
    SampleTableBuilder, StringId, Symbols, Warnings,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use crate::lines::{Line, each_line, prefix_text};
use crate::profile_types::type_without_period;
use crate::{About, Confidence, Context, Format, Input};

/// Most frames of one stack.
const MAX_DEPTH: usize = 16 << 20;

/// The decoder of DTrace's stacks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dtrace;

impl Format for Dtrace {
    fn name(&self) -> &'static str {
        "dtrace"
    }

    fn about() -> About {
        About {
            title: "Stacks that aggregations of DTrace print",
            files: &["*dtrace*"],
            specifications: &["https://illumos.org/books/dtrace/chp-user.html#chp-user-4"],
            recognised: "Indented frames with `` ` `` and an offset, then a number alone in its line",
            kept: "Stacks with counts, modules, keys behind a stack as its outermost frames",
            dropped: "Offsets in functions, DTrace's own messages (with a warning), keys before a stack",
            limits: "Read in slices, one line at a time; 16 million frames a stack",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let is_named = file_name.to_lowercase().contains("dtrace");
        let Some(text) = prefix_text(prefix) else { return Confidence::No };
        match (has_structure(&text), is_named) {
            (true, true) => Confidence::ContentAndName,
            (true, false) => Confidence::Content,
            (false, true) => Confidence::Name,
            (false, false) => Confidence::No,
        }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut reader = Reader {
            symbols: Symbols::default(),
            stacks: StackBuilder::default(),
            rows: SampleTableBuilder::new(&[0]),
            mappings: HashMap::default(),
            frames: Vec::new(),
            samples: 0,
            open: (0, 0),
        };
        each_line(input, context, |line, warnings| reader.line(line, warnings))?;
        reader.finish(&mut context.warnings)
    }
}

/// True if indented frames with a backquote are followed by a line with a number only.
fn has_structure(text: &str) -> bool {
    let mut frames = 0;
    for line in text.lines() {
        if is_frame(line) {
            frames += 1;
        } else if frames > 0 && count_of(line).is_some() {
            return true;
        }
    }
    // The prefix may end inside of the first stack.
    frames > 20
}

/// True for a line with a module's name and a backquote.
fn is_frame(line: &str) -> bool {
    let module = line.trim_start().split_once('`').map_or("", |(module, _)| module);
    line.starts_with([' ', '\t']) && !module.is_empty() && !module.contains([' ', '\t', '"', '\''])
}

fn count_of(line: &str) -> Option<Result<i64, InputError>> {
    let text = line.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !line.starts_with([' ', '\t']) || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().map_err(|_beyond| InputError::new(ErrorCode::ValueOverflow, "a count is beyond 64 bits")))
}

struct Reader {
    symbols: Symbols,
    stacks: StackBuilder,
    rows: SampleTableBuilder,
    mappings: HashMap<StringId, MappingId, FixedState>,
    /// Leaf first.
    frames: Vec<u32>,
    samples: u64,
    /// Number and offset of the line that the open stack begins in.
    open: (u64, u64),
}

impl Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let text = line.text;
        if let Some(count) = count_of(text) {
            return count.and_then(|count| self.close(count)).map_err(|error| at_line(error, line));
        }
        let name = text.trim();
        if name.is_empty() {
            return Ok(());
        }
        let is_key = !self.frames.is_empty() || name.starts_with("0x");
        if !text.starts_with([' ', '\t'])
            || !name.contains('`') && !is_key
            || name.contains(":BEGIN")
            || name.contains(":END")
        {
            warnings.add("unreadable-line", Some(line.offset), || {
                format!("lines that are neither frames nor counts are left out, first line {}", line.number)
            });
            return Ok(());
        }
        if self.frames.is_empty() {
            self.open = (line.number, line.offset);
        }
        if self.frames.len() >= MAX_DEPTH || self.symbols.strings.text_bytes() + name.len() > u32::MAX as usize {
            return Err(at_line(
                InputError::new(ErrorCode::TooLarge, "the stacks of the file are too large to hold"),
                line,
            ));
        }
        let frame = self.frame(name);
        self.frames.push(frame.0);
        Ok(())
    }

    fn frame(&mut self, text: &str) -> FrameId {
        let name = match text.rsplit_once('+') {
            Some((name, offset)) if offset.starts_with("0x") && !name.is_empty() => name,
            _ => text,
        };
        let symbols = &mut self.symbols;
        let mapping = match name.split_once('`') {
            Some((module, _)) => {
                let file = symbols.strings.intern(module);
                *self
                    .mappings
                    .entry(file)
                    .or_insert_with(|| symbols.mappings.push(Mapping { file, ..Mapping::default() }))
            }
            None => MappingId::NONE,
        };
        let name = symbols.strings.intern(name);
        let function = symbols.functions.intern(Function { name, ..Function::default() });
        symbols.frames.intern(Frame { function, mapping, ..Frame::default() })
    }

    fn close(&mut self, count: i64) -> Result<(), InputError> {
        let Self { stacks, frames, rows, .. } = self;
        let stack = stacks.stack_of(frames, |out| out.extend(frames.iter().rev().map(|&frame| FrameId(frame))));
        rows.add(stack, AttributeSetId::EMPTY, &[count])?;
        frames.clear();
        self.samples += 1;
        Ok(())
    }

    fn finish(self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        if !self.frames.is_empty() {
            warnings.add("unfinished-stack", Some(self.open.1), || {
                format!("the stack that begins in line {} has no count and is left out", self.open.0)
            });
        }
        if self.samples == 0 {
            return Err(InputError::new(ErrorCode::UnrecognizedFormat, "no stack of DTrace with a count in the file"));
        }
        Ok(Batch {
            symbols: self.symbols,
            stacks: self.stacks.finish(),
            tables: vec![self.rows.finish()],
            profiles: vec![ProfileEntry {
                profile_type: type_without_period("samples", "samples", "count"),
                ..ProfileEntry::default()
            }],
            ..Batch::default()
        })
    }
}

fn at_line(error: InputError, line: Line<'_>) -> InputError {
    InputError { offset: Some(line.offset), message: format!("{} (line {})", error.message, line.number), ..error }
}
