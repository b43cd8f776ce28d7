//! Little-endian numbers and texts of a record or a section.

use emberglass_columns::{ByteReader, ReadError};
use emberglass_profile::{ErrorCode, InputError};

/// Reads a record or a section; offsets of errors count from the start of the file.
pub(super) struct Part<'a> {
    reader: ByteReader<'a>,
    base: u64,
}

impl<'a> Part<'a> {
    /// All of `bytes`, which start at `base` of the file.
    pub(super) const fn new(bytes: &'a [u8], base: u64) -> Self {
        Self { reader: ByteReader::new(bytes), base }
    }

    #[cold]
    fn fault(&self, error: ReadError) -> InputError {
        let offset = self.base + error.offset as u64;
        InputError::at(ErrorCode::Malformed, offset, "a value passes the end of its record")
    }

    pub(super) const fn remaining(&self) -> usize {
        self.reader.remaining()
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], InputError> {
        self.reader.take(len).map_err(|error| self.fault(error))
    }

    pub(super) fn skip(&mut self, words: u64) -> Result<(), InputError> {
        let len = usize::try_from(words.saturating_mul(8)).unwrap_or(usize::MAX);
        self.take(len).map(|_skipped| ())
    }

    pub(super) fn u16(&mut self) -> Result<u16, InputError> {
        self.reader.u16_le().map_err(|error| self.fault(error))
    }

    pub(super) fn u32(&mut self) -> Result<u32, InputError> {
        self.reader.u32_le().map_err(|error| self.fault(error))
    }

    pub(super) fn u64(&mut self) -> Result<u64, InputError> {
        self.reader.u64_le().map_err(|error| self.fault(error))
    }

    /// A text up to its zero, or to the end.
    pub(super) fn text(&mut self) -> Result<String, InputError> {
        let rest = self.take(self.remaining())?;
        let len = memchr::memchr(0, rest).unwrap_or(rest.len());
        Ok(String::from_utf8_lossy(&rest[..len]).into_owned())
    }

    /// A text with its length before it, padded with zeros.
    pub(super) fn sized_text(&mut self) -> Result<String, InputError> {
        let len = self.u32()? as usize;
        let bytes = self.take(len)?;
        let len = memchr::memchr(0, bytes).unwrap_or(bytes.len());
        Ok(String::from_utf8_lossy(&bytes[..len]).into_owned())
    }
}
