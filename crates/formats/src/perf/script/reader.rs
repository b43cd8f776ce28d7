//! Line by line: headers, call chains, what lies between them.

use emberglass_profile::{Batch, ErrorCode, FrameId, InputError, Warnings};

use super::frame::{self, Frames};
use super::header::{self, Header};
use crate::lines::Line;
use crate::perf::events::{Events, Sample, Task};

/// Most lines of one call chain.
const MAX_DEPTH: usize = 16 << 20;
/// Line numbers that a warning names.
const NAMED_LINES: usize = 10;
/// Most bytes of a line that may be the first one of a sample without saying so.
const MAX_LOOSE: usize = 512;
/// Most facts of the header that are kept.
const MAX_FACTS: usize = 256;

#[derive(Default)]
pub(super) struct Reader {
    events: Events,
    frames: Frames,
    open: Open,
    is_open: bool,
    facts: Vec<(String, String)>,
    /// A line that is the first one of a sample if a call chain follows it.
    loose: Option<Loose>,
    junk: Vec<u64>,
    junk_count: u64,
    junk_offset: Option<u64>,
}

struct Loose {
    text: String,
    number: u64,
    offset: u64,
}

/// The sample whose call chain is being read; its memory is used again for the next.
#[derive(Default)]
struct Open {
    event: String,
    comm: String,
    sample: Sample<'static>,
    /// Leaf first.
    chain: Vec<u32>,
    line: u64,
    offset: u64,
}

impl Reader {
    pub(super) fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let text = line.text;
        if self.is_open {
            if text.trim_ascii().is_empty() {
                return self.close();
            }
            if text.starts_with([' ', '\t'])
                && let Some((address, rest)) = frame::split_address(text)
                && !is_header_after_all(rest)
            {
                return self.frame(address, rest).map_err(|error| at_line(error, line));
            }
        } else if text.trim_ascii().is_empty() {
            self.drop_loose();
            return Ok(());
        }
        if let Some(comment) = text.strip_prefix('#') {
            self.close()?;
            self.drop_loose();
            self.fact(comment);
        } else if let Some(header) = header::parse(text) {
            self.close()?;
            self.open(header, line, warnings)?;
        } else if self.source_line(text) {
        } else if is_record(text) {
            self.close()?;
            self.drop_loose();
            note_record(line, warnings);
        } else if is_padded_number(text) {
            self.keep_loose(line);
        } else if let Some((address, rest)) = frame::split_address(text).filter(|_| text.starts_with([' ', '\t'])) {
            match self.loose.take() {
                Some(Loose { text, number, offset }) => {
                    self.begin(header::parse_loose(&text).sample, Line { text: "", number, offset });
                }
                // No header at all: call chains only.
                None => self.begin(Sample::default(), line),
            }
            self.frame(address, rest).map_err(|error| at_line(error, line))?;
        } else {
            self.keep_loose(line);
        }
        Ok(())
    }

    /// Keeps a line until the next one tells what it is.
    fn keep_loose(&mut self, line: Line<'_>) {
        self.drop_loose();
        // Commands have sixteen characters, events few more. Samples that say so little end with an empty line.
        if self.is_open || line.text.len() > MAX_LOOSE {
            self.note_junk(line.number, line.offset);
        } else {
            self.loose = Some(Loose { text: line.text.to_owned(), number: line.number, offset: line.offset });
        }
    }

    /// Notes a line that no call chain followed.
    fn drop_loose(&mut self) {
        if let Some(Loose { number, offset, .. }) = self.loose.take() {
            self.note_junk(number, offset);
        }
    }

    fn begin(&mut self, sample: Sample<'_>, line: Line<'_>) {
        let Open { event, comm, sample: kept, chain, line: number, offset } = &mut self.open;
        event.clear();
        event.push_str(sample.event);
        comm.clear();
        comm.push_str(sample.task.comm);
        *kept = Sample { event: "", task: Task { comm: "", ..sample.task }, ..sample };
        chain.clear();
        (*number, *offset) = (line.number, line.offset);
        self.is_open = true;
    }

    fn open(&mut self, header: Header<'_>, line: Line<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let Header { sample, rest } = header;
        if is_record(sample.event) || is_record(rest) {
            note_record(line, warnings);
            return Ok(());
        }
        self.drop_loose();
        self.begin(sample, line);
        let is_tracepoint = sample.event.split_once(':').is_some_and(|(_, name)| name.len() > 5);
        if !rest.is_empty()
            && !is_tracepoint
            && let Some((address, rest)) = frame::split_address(rest)
            && !rest.is_empty()
        {
            self.frame(address, rest).map_err(|error| at_line(error, line))?;
        }
        Ok(())
    }

    fn frame(&mut self, address: &str, text: &str) -> Result<(), InputError> {
        if self.open.chain.len() >= MAX_DEPTH {
            return Err(InputError::new(ErrorCode::TooLarge, "a call chain is too deep to hold"));
        }
        let frame = self.frames.frame(&mut self.events.symbols, address, text)?;
        self.open.chain.push(frame.0);
        Ok(())
    }

    /// `file:line` below a frame.
    fn source_line(&mut self, text: &str) -> bool {
        if !self.is_open || !text.starts_with([' ', '\t']) {
            return false;
        }
        let Some((file, number)) = text.trim().rsplit_once(':') else { return false };
        let number = number.split(' ').next().unwrap_or("");
        let (Ok(number), Some(&frame)) = (number.parse(), self.open.chain.last()) else { return false };
        if file.is_empty() {
            return false;
        }
        let frame = self.frames.at_line(&mut self.events.symbols, FrameId(frame), file, number);
        if let Some(last) = self.open.chain.last_mut() {
            *last = frame.0;
        }
        true
    }

    fn close(&mut self) -> Result<(), InputError> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        let Open { event, comm, sample, chain, line, offset } = &self.open;
        let sample = Sample { event, task: Task { comm, ..sample.task }, ..*sample };
        self.events.add(sample, chain).map_err(|error| {
            let message = format!("{} (sample of line {line})", error.message);
            InputError { message, offset: Some(*offset), ..error }
        })
    }

    /// `name : value` of the recording's header.
    fn fact(&mut self, comment: &str) {
        if let Some((name, value)) = comment.split_once(':')
            && self.events.is_empty()
            && self.facts.len() < MAX_FACTS
        {
            let (name, value) = (name.trim(), value.trim());
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ');
            if is_name && !name.is_empty() && !value.is_empty() {
                self.facts.push((name.replace(' ', "_"), value.to_owned()));
            }
        }
    }

    fn note_junk(&mut self, number: u64, offset: u64) {
        self.junk_count += 1;
        self.junk_offset.get_or_insert(offset);
        if self.junk.len() < NAMED_LINES {
            self.junk.push(number);
        }
    }

    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        self.close()?;
        self.drop_loose();
        if self.events.is_empty() && self.junk_count > 0 {
            let message = format!("no sample of perf script in the file; line {} is none", self.junk[0]);
            return Err(InputError::at(ErrorCode::UnrecognizedFormat, self.junk_offset.unwrap_or(0), message));
        }
        let lines: Vec<String> = self.junk.iter().map(u64::to_string).collect();
        let more = self.junk_count - self.junk.len() as u64;
        warnings.add_many("unreadable-line", self.junk_count, self.junk_offset, || {
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("lines that are neither a sample nor a frame are left out: {}{more}", lines.join(", "))
        });
        let mut batch = self.events.finish();
        batch.metadata = self.facts;
        Ok(batch)
    }
}

/// A period alone: no line of a call chain, which begins with a tab.
fn is_padded_number(text: &str) -> bool {
    text.starts_with(' ') && text.ends_with(' ') && text.trim_ascii().bytes().all(|byte| byte.is_ascii_digit())
}

/// A comm that looks like an address, in a file whose samples have no empty line between them.
fn is_header_after_all(rest: &str) -> bool {
    !rest.ends_with(')')
        && rest.contains(": ")
        && header::parse(rest).is_some_and(|header| header.sample.time.is_some())
}

fn is_record(text: &str) -> bool {
    text.contains("PERF_RECORD_") || text.trim_start().starts_with("[LOST ")
}

fn note_record(line: Line<'_>, warnings: &mut Warnings) {
    warnings.add("other-record", Some(line.offset), || {
        format!("records that are no samples are left out, first in line {}", line.number)
    });
}

fn at_line(error: InputError, line: Line<'_>) -> InputError {
    InputError { offset: Some(line.offset), message: format!("{} (line {})", error.message, line.number), ..error }
}
