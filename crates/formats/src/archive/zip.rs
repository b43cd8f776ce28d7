//! Zip: members found by the central directory, stored, deflated or packed by zstd.

use std::vec::IntoIter;

use emberglass_profile::{ErrorCode, InputError};

use super::directory::{LOCAL_LEN, bytes_at, read};
use super::fields::u16_at;
use super::part::{Checked, Section, Unpacked};
use super::{Entry, Method};
use crate::input::HOLD_LIMIT;
use crate::layer::Layer;
use crate::source::Source;
use crate::{Input, Meter, NoProgress};

const LOCAL: &[u8] = b"PK\x03\x04";
const EMPTY: &[u8] = b"PK\x05\x06";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ZSTD: u16 = 93;
/// Other methods that archivers write.
const UNSUPPORTED: &[(u16, &str)] = &[
    (1, "shrink"),
    (6, "implode"),
    (9, "deflate64"),
    (12, "bzip2"),
    (14, "lzma"),
    (95, "xz"),
    (98, "ppmd"),
    (99, "AES encryption"),
];

/// True for the first member of an archive, or the end of an empty one.
pub(super) fn starts_archive(prefix: &[u8]) -> bool {
    prefix.starts_with(LOCAL) || prefix.starts_with(EMPTY)
}

/// A zip archive whose directory is read.
pub(crate) struct Zip<'a> {
    input: Input<'a>,
    entries: IntoIter<Entry>,
}

impl<'a> Zip<'a> {
    /// # Errors
    /// As [`read`]; `too-large` for an archive that is compressed as a whole and large.
    pub(super) fn open(mut input: Input<'a>) -> Result<Self, InputError> {
        if !input.hold(&mut Meter::new(&mut NoProgress, 0))? {
            let message =
                format!("a zip archive inside of other compression may have up to {HOLD_LIMIT} bytes: unpack it first");
            return Err(InputError::new(ErrorCode::TooLarge, message));
        }
        let len = input.inflated_len().unwrap_or_default();
        let entries = read(&mut input, len)?.into_iter();
        Ok(Self { input, entries })
    }

    pub(super) fn next_entry(&mut self) -> Option<Entry> {
        self.entries.next()
    }

    pub(super) const fn file_len(&self) -> u64 {
        match self.input.inflated_len() {
            Some(len) => len,
            None => 0,
        }
    }

    /// # Errors
    /// `malformed` or `truncated` where no member lies, `unsupported-compression`, `damaged-compression`.
    pub(super) fn unpack(&mut self, entry: &Entry) -> Result<Box<dyn Source + '_>, InputError> {
        let Method::Zip { method, crc } = entry.method else { return Ok(Box::new(crate::SliceSource(&[]))) };
        let local = bytes_at(&mut self.input, entry.start, LOCAL_LEN as usize)?;
        if !local.starts_with(LOCAL) || local.len() < LOCAL_LEN as usize {
            let message = "there is no member of the zip archive where its directory says";
            return Err(InputError::at(ErrorCode::Malformed, entry.start, message));
        }
        let start = entry.start + LOCAL_LEN + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        if start + entry.packed_len > self.file_len() {
            let message = "the member reaches beyond the end of the zip archive";
            return Err(InputError::at(ErrorCode::Truncated, self.file_len(), message));
        }
        let section = Section { input: &mut self.input, start, len: entry.packed_len };
        let layer = match method {
            STORED if entry.packed_len == entry.len => return Ok(Box::new(Checked::new(section, crc))),
            STORED => {
                let message = "the member of the zip archive has two different sizes";
                return Err(InputError::at(ErrorCode::Malformed, entry.start, message));
            }
            DEFLATED => Layer::deflate(),
            ZSTD => Layer::zstd(),
            other => {
                let name = UNSUPPORTED.iter().find(|(method, _)| *method == other);
                let name = name.map_or_else(|| format!("the method {other}"), |(_, name)| (*name).to_owned());
                let message = format!("the member of the zip archive is packed by {name}, which is not supported");
                return Err(InputError::new(ErrorCode::UnsupportedCompression, message));
            }
        };
        let mut input = Input::packed(section, layer);
        if entry.len <= HOLD_LIMIT {
            input.hold(&mut Meter::new(&mut NoProgress, 0))?;
        }
        Ok(Box::new(Checked::new(Unpacked { input, len: entry.len }, crc)))
    }
}
