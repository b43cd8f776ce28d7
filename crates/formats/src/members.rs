//! One file or an archive of many, decoded member by member.
//!
//! Semantics: each member of an archive is decoded like a file of its own named `archive/path/in/it`, and may be
//! compressed, or an archive in turn, down to [`DEPTH_LIMIT`]. What is wrong with a member is its own error, and the
//! rest goes on; what is wrong with an archive ends it, after the members before. An archive in which nothing
//! is of a known format is an error of the archive.
//!
//! Invariants: one member is unpacked at a time, and held only up to [`crate::HOLD_LIMIT`]; a decompression bomb is
//! refused by the sizes that it states, and one that states too little at those sizes.

use std::ops::ControlFlow;

use emberglass_profile::{Batch, ErrorCode, InputError};

use crate::archive::{Archive, Entry, Kind};
use crate::registry::decode_input;
use crate::source::{Source, VecSource};
use crate::{Input, Meter, Progress, WHOLE_LIMIT, WHOLE_RATIO};

/// Archives within archives: this many.
pub const DEPTH_LIMIT: usize = 2;
/// Most files in all archives together.
pub const MEMBER_LIMIT: u32 = 100_000;
/// All members together may have this size whatever the file's; beyond it [`WHOLE_RATIO`] times the file's size.
pub const UNPACKED_LIMIT: u64 = 4 << 30;

/// One file: itself, or a member of the archive that it is.
#[derive(Debug)]
pub struct Member {
    /// Name of the file, followed by the path within the archive.
    pub name: String,
    /// Size in bytes; for a member of an archive as unpacked.
    pub bytes: u64,
    /// Last modification in seconds since the epoch, where an archive tells.
    pub modified: Option<i64>,
    /// True for a member, false for the file itself.
    pub is_archived: bool,
    /// What it holds, or why it can't be read: as [`crate::decode`].
    pub result: Result<Batch, InputError>,
}

/// The members of one file, in order; one that is no archive is its only member.
pub struct Members<'a> {
    name: String,
    file: Option<Input<'a>>,
    levels: Vec<Level<'a>>,
    file_len: u64,
    members: u32,
    unpacked: u64,
    /// Members of no known format so far.
    unknown: u32,
    /// Members of which there was more to say.
    known: u32,
}

/// An archive that is being read, and those it lies in.
struct Level<'a> {
    archive: Archive<'a>,
    kind: Kind,
    path: String,
    /// The part of the file that it is, for progress.
    span: (u64, u64),
}

/// What an entry turned out to be.
enum Found {
    Member(Box<Result<Batch, InputError>>),
    /// An archive, in memory.
    Nested(Kind, Vec<u8>),
}

impl Found {
    fn refused(error: InputError) -> Self {
        Self::Member(Box::new(Err(error)))
    }
}

/// Maps the progress of a part on to the whole file.
struct Part<'p> {
    progress: &'p mut dyn Progress,
    span: (u64, u64),
    total: u64,
}

impl Progress for Part<'_> {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self.progress.report(within(self.span, done, total), self.total)
    }

    fn memory(&self) -> u64 {
        self.progress.memory()
    }
}

/// Passes reports on as of the start: of work that is not the last on its part.
struct Start<'p>(&'p mut dyn Progress);

impl Progress for Start<'_> {
    fn report(&mut self, _done: u64, total: u64) -> ControlFlow<()> {
        self.0.report(0, total)
    }

    fn memory(&self) -> u64 {
        self.0.memory()
    }
}

fn within((from, to): (u64, u64), part: u64, whole: u64) -> u64 {
    let width = u128::from(to.saturating_sub(from)) * u128::from(part.min(whole)) / u128::from(whole.max(1));
    from + width as u64
}

impl<'a> Members<'a> {
    /// Nothing is read but the first bytes.
    #[must_use]
    pub fn new(source: impl Source + 'a, file_name: &str) -> Self {
        let input = Input::open(source);
        Self {
            name: file_name.to_owned(),
            file_len: input.file_len(),
            file: Some(input),
            levels: Vec::new(),
            members: 0,
            unpacked: 0,
            unknown: 0,
            known: 0,
        }
    }

    /// Decodes the next member; `None` behind the last. Progress is in bytes of the file.
    pub fn next(&mut self, progress: &mut dyn Progress) -> Option<Member> {
        if let Some(mut input) = self.file.take() {
            let Some(kind) = Kind::of(input.prefix()) else {
                let result = decode_input(&mut input, &self.name, progress);
                return Some(self.of_file(result));
            };
            match Archive::open(kind, input) {
                Ok(archive) => {
                    let span = (0, self.file_len);
                    self.levels.push(Level { archive, kind, path: self.name.clone(), span });
                }
                Err(error) => return Some(self.of_file(Err(error))),
            }
        }
        while let Some(level) = self.levels.last_mut() {
            match level.archive.next_entry() {
                Ok(Some(entry)) => {
                    if let Some(member) = self.visit(&entry, progress) {
                        return Some(member);
                    }
                }
                Ok(None) => {
                    let kind = level.kind;
                    self.levels.pop();
                    if self.levels.is_empty() && self.known == 0 {
                        return Some(self.of_file(Err(nothing_in(kind, self.unknown))));
                    }
                }
                Err(error) => return self.end_level(error),
            }
        }
        None
    }

    /// Ends the innermost archive with an error of its own.
    fn end_level(&mut self, error: InputError) -> Option<Member> {
        let level = self.levels.pop()?;
        self.known += 1;
        let bytes = level.archive.file_len();
        let is_archived = !self.levels.is_empty();
        Some(Member { name: level.path, bytes, modified: None, is_archived, result: Err(error) })
    }

    fn of_file(&self, result: Result<Batch, InputError>) -> Member {
        Member { name: self.name.clone(), bytes: self.file_len, modified: None, is_archived: false, result }
    }

    /// Decodes an entry of the innermost archive; `None` for an archive, which is the innermost then.
    fn visit(&mut self, entry: &Entry, progress: &mut dyn Progress) -> Option<Member> {
        self.members += 1;
        self.unpacked = self.unpacked.saturating_add(entry.len);
        let limit = UNPACKED_LIMIT.max(self.file_len.saturating_mul(WHOLE_RATIO));
        if self.members > MEMBER_LIMIT || self.unpacked > limit {
            let what = if self.members > MEMBER_LIMIT {
                format!("more than {MEMBER_LIMIT} files")
            } else {
                format!("more than {limit} bytes")
            };
            let message =
                format!("the archive of {} bytes holds {what}, the most that is unpacked of it", self.file_len);
            self.levels.truncate(1);
            return self.end_level(InputError::new(ErrorCode::TooLarge, message));
        }
        let depth = self.levels.len();
        let level = self.levels.last_mut()?;
        let name = format!("{}/{}", level.path, entry.name);
        let (from, to) = level.archive.span(entry);
        let len = level.archive.file_len();
        let span = (within(level.span, from, len), within(level.span, to, len));
        let mut part = Part { progress, span, total: self.file_len };
        let result = match level.find(entry, &name, depth, &mut part) {
            Found::Member(result) => *result,
            Found::Nested(kind, bytes) => match Archive::open(kind, Input::open(VecSource(bytes))) {
                Ok(archive) => {
                    self.levels.push(Level { archive, kind, path: name, span });
                    return None;
                }
                Err(error) => Err(error),
            },
        };
        match &result {
            Err(error) if matches!(error.code, ErrorCode::UnrecognizedFormat | ErrorCode::EmptyInput) => {
                self.unknown += 1
            }
            _ => self.known += 1,
        }
        Some(Member { name, bytes: entry.len, modified: entry.modified, is_archived: true, result })
    }
}

impl Level<'_> {
    fn find(&mut self, entry: &Entry, name: &str, depth: usize, progress: &mut dyn Progress) -> Found {
        if let Some(problem) = &entry.problem {
            return Found::refused(problem.clone());
        }
        let limit = WHOLE_LIMIT.max(entry.packed_len.saturating_mul(WHOLE_RATIO));
        if entry.len > limit {
            let message = format!(
                "the member of {} bytes unpacks to {}, more than {limit}, the most that is unpacked of it",
                entry.packed_len, entry.len
            );
            return Found::refused(InputError::new(ErrorCode::TooLarge, message));
        }
        let mut input = match self.archive.unpack(entry) {
            Ok(source) => Input::open(source),
            Err(error) => return Found::refused(error),
        };
        let Some(kind) = Kind::of(input.prefix()) else {
            return Found::Member(Box::new(decode_input(&mut input, name, progress)));
        };
        if depth > DEPTH_LIMIT {
            let message = format!("{} lies within {depth} others; {DEPTH_LIMIT} are unpacked", kind.words());
            return Found::refused(InputError::new(ErrorCode::TooLarge, message));
        }
        // Held whole: archives are walked while their members are read.
        let mut start = Start(progress);
        let mut meter = Meter::new(&mut start, input.file_len());
        match input.read_all(WHOLE_LIMIT, &mut meter) {
            Ok(bytes) => Found::Nested(kind, bytes),
            Err(error) => Found::refused(error),
        }
    }
}

fn nothing_in(kind: Kind, unknown: u32) -> InputError {
    let what = kind.words();
    let (code, message) = match unknown {
        0 => (ErrorCode::EmptyInput, format!("{what} without files")),
        1 => (ErrorCode::UnrecognizedFormat, format!("{what} of one file, which is not of a known format")),
        count => (ErrorCode::UnrecognizedFormat, format!("{what} of {count} files, none of them of a known format")),
    };
    InputError::new(code, message)
}

/// Decodes a file, or all members of the archive that it is, and hands each to `each`, which may give up.
pub fn decode_each(
    source: impl Source,
    file_name: &str,
    progress: &mut dyn Progress,
    each: &mut dyn FnMut(Member) -> ControlFlow<()>,
) {
    let mut members = Members::new(source, file_name);
    while let Some(member) = members.next(progress) {
        if each(member).is_break() {
            return;
        }
    }
}
