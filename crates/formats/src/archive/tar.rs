//! Tar: ustar, the old form before it, GNU's long names, pax' extended headers. Read from front to back.

use emberglass_profile::{ErrorCode, InputError};

use super::directory::bytes_at;
use super::fields::tar_number;
use super::names::tidy;
use super::part::Section;
use super::{Entry, Method};
use crate::input::HOLD_LIMIT;
use crate::source::{Source, VecSource};
use crate::{Input, SliceSource};

const BLOCK: usize = 512;
/// Most bytes of a name or an extended header.
const HEADER_LIMIT: u64 = 1 << 20;
const CHECKSUM_AT: usize = 148;
const CHECKSUM_LEN: usize = 8;

/// True where the first block has the checksum of a tar header.
pub(super) fn starts_archive(prefix: &[u8]) -> bool {
    prefix.get(..BLOCK).is_some_and(|block| block[0] != 0 && has_checksum(block))
}

fn has_checksum(block: &[u8]) -> bool {
    let field = CHECKSUM_AT..CHECKSUM_AT + CHECKSUM_LEN;
    let spaces = CHECKSUM_LEN as u64 * u64::from(b' ');
    let sum = block.iter().map(|&byte| u64::from(byte)).sum::<u64>() + spaces;
    let stored = &block[field];
    let own = stored.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    tar_number(stored) == Some(sum - own)
}

/// The text of a field, up to its first zero.
fn text(field: &[u8]) -> &[u8] {
    &field[..memchr::memchr(0, field).unwrap_or(field.len())]
}

/// A tar archive, read up to some header.
pub(crate) struct Tar<'a> {
    input: Input<'a>,
    /// Position of the next header.
    at: u64,
    /// How far the file was read before the last entry.
    read_before: u64,
}

/// What headers before a file say about it.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    len: Option<u64>,
    modified: Option<i64>,
    is_sparse: bool,
}

impl<'a> Tar<'a> {
    pub(super) const fn new(input: Input<'a>) -> Self {
        Self { input, at: 0, read_before: 0 }
    }

    pub(super) const fn file_len(&self) -> u64 {
        self.input.file_len()
    }

    pub(super) fn span(&self, entry: &Entry) -> (u64, u64) {
        if self.input.compression().is_none() {
            return (entry.start, entry.start + entry.packed_len);
        }
        (self.read_before, self.input.file_pos())
    }

    /// # Errors
    /// `malformed` for a header that is none, `truncated`, and what reading gives.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, InputError> {
        let mut extended = Extended::default();
        loop {
            self.read_before = self.input.file_pos();
            let at = self.at;
            let block = bytes_at(&mut self.input, at, BLOCK)?;
            // Many archivers leave out the two empty blocks at the end.
            if block.iter().all(|&byte| byte == 0) {
                return Ok(None);
            }
            if block.len() < BLOCK {
                let message = "the tar archive ends in the middle of a header";
                return Err(InputError::at(ErrorCode::Truncated, at + block.len() as u64, message));
            }
            let size = tar_number(&block[124..136]);
            let Some(size) = size.filter(|_| has_checksum(&block)) else {
                let message = "there is no header of a member here: the tar archive is damaged";
                return Err(InputError::at(ErrorCode::Malformed, at, message));
            };
            let start = at + BLOCK as u64;
            let kind = block[156];
            let is_file = matches!(kind, 0 | b'0' | b'7' | b'S') && !block[..100].ends_with(b"/");
            let len = extended.len.filter(|_| !matches!(kind, b'x' | b'g' | b'L' | b'K')).unwrap_or(size);
            // Links and devices may state a size, without having data.
            let data_len = if matches!(kind, b'1'..=b'6') { 0 } else { len };
            self.at = data_len
                .checked_next_multiple_of(BLOCK as u64)
                .and_then(|padded| start.checked_add(padded))
                .ok_or_else(|| InputError::at(ErrorCode::Malformed, at, "a member of the tar archive is too large"))?;
            match kind {
                b'x' => read_pax(&self.header(start, size)?, &mut extended),
                b'L' => extended.name = Some(text(&self.header(start, size)?).to_vec()),
                b'g' | b'K' => {}
                _ if is_file => return Ok(Some(self.entry(&block, start, len, extended))),
                _ => extended = Extended::default(),
            }
        }
    }

    /// The data of a header before the file's own.
    fn header(&mut self, start: u64, len: u64) -> Result<Vec<u8>, InputError> {
        if len > HEADER_LIMIT {
            let message = format!("a name in the tar archive has {len} bytes; up to {HEADER_LIMIT} are read");
            return Err(InputError::at(ErrorCode::TooLarge, start, message));
        }
        let bytes = bytes_at(&mut self.input, start, len as usize)?;
        if bytes.len() as u64 == len {
            return Ok(bytes);
        }
        let message = "the tar archive ends in the middle of a name";
        Err(InputError::at(ErrorCode::Truncated, start + bytes.len() as u64, message))
    }

    fn entry(&self, block: &[u8], start: u64, len: u64, extended: Extended) -> Entry {
        let name = extended.name.unwrap_or_else(|| {
            let name = text(&block[..100]);
            let prefix = text(&block[345..500]);
            // GNU's own form has other fields where ustar has the prefix.
            if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
                [prefix, name].join(&b'/')
            } else {
                name.to_vec()
            }
        });
        let seconds = tar_number(&block[136..148]).and_then(|seconds| i64::try_from(seconds).ok());
        let is_sparse = extended.is_sparse || block[156] == b'S';
        let problem = if is_sparse {
            let message = "the member of the tar archive is stored with its holes left out, which is not supported";
            Some(InputError::at(ErrorCode::UnsupportedCompression, start, message))
        } else {
            let end = self.input.inflated_len().filter(|&end| start.saturating_add(len) > end);
            let message = "the tar archive ends in the middle of the member";
            end.map(|end| InputError::at(ErrorCode::Truncated, end, message))
        };
        Entry {
            name: tidy(&String::from_utf8_lossy(&name)),
            len,
            modified: extended.modified.or(seconds),
            start,
            packed_len: len,
            method: Method::Tar,
            problem,
        }
    }

    /// # Errors
    /// `truncated`, and what reading gives.
    pub(super) fn unpack(&mut self, entry: &Entry) -> Result<Box<dyn Source + '_>, InputError> {
        if entry.len == 0 {
            return Ok(Box::new(SliceSource(&[])));
        }
        if self.input.is_seekable() || entry.len > HOLD_LIMIT {
            return Ok(Box::new(Section { input: &mut self.input, start: entry.start, len: entry.len }));
        }
        // In a compressed archive decoders that jump about would inflate it again and again.
        let bytes = bytes_at(&mut self.input, entry.start, entry.len as usize)?;
        if (bytes.len() as u64) < entry.len {
            let message = "the tar archive ends in the middle of the member";
            return Err(InputError::at(ErrorCode::Truncated, entry.start + bytes.len() as u64, message));
        }
        Ok(Box::new(VecSource(bytes)))
    }
}

/// Records `length key=value\n`; unknown keys are passed over, and all that follows a broken record.
fn read_pax(mut records: &[u8], extended: &mut Extended) {
    while let Some(space) = memchr::memchr(b' ', records) {
        let len = std::str::from_utf8(&records[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = len.and_then(|len| records.get(space + 1..len)) else { return };
        let Some(equals) = memchr::memchr(b'=', record) else { return };
        let (key, value) = (&record[..equals], record[equals + 1..].trim_ascii_end());
        let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|digits| digits.parse().ok());
        match key {
            b"path" => extended.name = Some(value.to_vec()),
            b"size" => extended.len = number(value),
            // Whole seconds do.
            b"mtime" => {
                let whole = value.split(|&byte| byte == b'.').next().unwrap_or_default();
                extended.modified = number(whole).and_then(|seconds: u64| i64::try_from(seconds).ok());
            }
            _ => extended.is_sparse |= key.starts_with(b"GNU.sparse."),
        }
        records = &records[len.unwrap_or(records.len())..];
    }
}
