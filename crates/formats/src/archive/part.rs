//! A part of an archive as a file of its own.

use emberglass_profile::{ErrorCode, InputError};

use crate::source::Source;
use crate::{Input, Meter, NoProgress};

/// Bytes `start..start + len` of an archive, as they lie there.
pub(super) struct Section<'s, 'a> {
    pub(super) input: &'s mut Input<'a>,
    pub(super) start: u64,
    pub(super) len: u64,
}

impl Source for Section<'_, '_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        read_at(self.input, self.start, self.len, offset, into)
    }
}

/// All that an input inflates to, of a size that is known.
pub(super) struct Unpacked<'a> {
    pub(super) input: Input<'a>,
    pub(super) len: u64,
}

impl Source for Unpacked<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        let count = read_at(&mut self.input, 0, self.len, offset, into)?;
        let end = offset.saturating_add(count as u64);
        let is_short = count < into.len() && end < self.len;
        // Reading the last byte is the occasion to look behind it.
        let is_long = end == self.len && read_at(&mut self.input, 0, u64::MAX, end, &mut [0])? > 0;
        if is_short || is_long {
            let message = "the data does not unpack to the size that the archive states";
            return Err(InputError::at(ErrorCode::DamagedCompression, end, message));
        }
        Ok(count)
    }
}

fn read_at(input: &mut Input<'_>, start: u64, len: u64, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
    let left = usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX);
    let most = into.len().min(left);
    input.read_at(start + offset, &mut into[..most], &mut Meter::new(&mut NoProgress, 0))
}

/// Compares the checksum of all bytes when the last of them is read for the first time.
pub(super) struct Checked<S> {
    source: S,
    expected: u32,
    crc: crc32fast::Hasher,
    /// Bytes in `crc`, all from the start.
    summed: u64,
}

impl<S: Source> Checked<S> {
    pub(super) fn new(source: S, expected: u32) -> Self {
        Self { source, expected, crc: crc32fast::Hasher::new(), summed: 0 }
    }
}

impl<S: Source> Source for Checked<S> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        let count = self.source.read_at(offset, into)?;
        let end = offset.saturating_add(count as u64);
        if offset <= self.summed && self.summed < end {
            self.crc.update(&into[(self.summed - offset) as usize..count]);
            self.summed = end;
            if end == self.len() && self.crc.clone().finalize() != self.expected {
                let message = "the bytes do not match the checksum of the archive";
                return Err(InputError::new(ErrorCode::DamagedCompression, message));
            }
        }
        Ok(count)
    }
}
