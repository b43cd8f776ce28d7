//! A forward reader over a byte slice.

use crate::varint::{MAX_VARINT_LEN, unzigzag};

/// Reads little-endian and varint values; `pos` never passes the end of the slice.
#[derive(Clone, Debug)]
pub struct ByteReader<'a> {
    bytes: &'a [u8],
    pos: usize,
}

/// What was wrong, and at which byte of the slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct ReadError {
    /// Offset of the value that could not be read.
    pub offset: usize,
    /// The fault.
    pub kind: ReadErrorKind,
}

/// Faults of a [`ByteReader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The value passes the end of the bytes.
    #[error("unexpected end of data")]
    UnexpectedEnd,
    /// A varint has more than ten bytes, or more than 64 bits.
    #[error("varint longer than 64 bits")]
    VarintTooLong,
    /// A number does not fit the type asked for.
    #[error("number out of range")]
    OutOfRange,
    /// Text is not UTF-8.
    #[error("text is not UTF-8")]
    InvalidUtf8,
}

type Result<T> = std::result::Result<T, ReadError>;

impl<'a> ByteReader<'a> {
    /// Reads `bytes` from the start.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pos: 0 }
    }

    /// Offset of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.pos
    }

    /// Bytes left.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.bytes.len() - self.pos
    }

    /// True at the end.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    const fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError { offset: self.pos, kind }
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// `UnexpectedEnd` if fewer are left.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let end = self.pos.checked_add(len).filter(|&end| end <= self.bytes.len());
        let Some(end) = end else { return Err(self.error(ReadErrorKind::UnexpectedEnd)) };
        let taken = &self.bytes[self.pos..end];
        self.pos = end;
        Ok(taken)
    }

    /// One byte.
    ///
    /// # Errors
    /// `UnexpectedEnd` at the end.
    pub fn u8(&mut self) -> Result<u8> {
        let Some(&byte) = self.bytes.get(self.pos) else { return Err(self.error(ReadErrorKind::UnexpectedEnd)) };
        self.pos += 1;
        Ok(byte)
    }

    /// A little-endian `u16`.
    ///
    /// # Errors
    /// `UnexpectedEnd` if fewer than 2 bytes are left.
    pub fn u16_le(&mut self) -> Result<u16> {
        let bytes = self.take(2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    /// A little-endian `u32`.
    ///
    /// # Errors
    /// `UnexpectedEnd` if fewer than 4 bytes are left.
    pub fn u32_le(&mut self) -> Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A little-endian `u64`.
    ///
    /// # Errors
    /// `UnexpectedEnd` if fewer than 8 bytes are left.
    pub fn u64_le(&mut self) -> Result<u64> {
        let mut raw = [0; 8];
        raw.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(raw))
    }

    /// A varint of at most 64 bits.
    ///
    /// # Errors
    /// `UnexpectedEnd`, or `VarintTooLong` for more than ten bytes or bits beyond the 64th.
    #[inline]
    pub fn varint(&mut self) -> Result<u64> {
        let rest = &self.bytes[self.pos..];
        if let [byte, ..] = rest
            && *byte < 0x80
        {
            self.pos += 1;
            return Ok(u64::from(*byte));
        }
        self.long_varint(rest)
    }

    fn long_varint(&mut self, rest: &[u8]) -> Result<u64> {
        let mut value = 0u64;
        for (at, &byte) in rest.iter().take(MAX_VARINT_LEN).enumerate() {
            if at == MAX_VARINT_LEN - 1 && byte > 1 {
                return Err(self.error(ReadErrorKind::VarintTooLong));
            }
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                self.pos += at + 1;
                return Ok(value);
            }
        }
        let kind =
            if rest.len() < MAX_VARINT_LEN { ReadErrorKind::UnexpectedEnd } else { ReadErrorKind::VarintTooLong };
        Err(self.error(kind))
    }

    /// A zig-zagged varint.
    ///
    /// # Errors
    /// As [`Self::varint`].
    pub fn zigzag(&mut self) -> Result<i64> {
        self.varint().map(unzigzag)
    }

    /// A varint that fits `u32`.
    ///
    /// # Errors
    /// As [`Self::varint`], and `OutOfRange`.
    pub fn varint_u32(&mut self) -> Result<u32> {
        let offset = self.pos;
        let value = self.varint()?;
        u32::try_from(value).map_err(|_overflow| ReadError { offset, kind: ReadErrorKind::OutOfRange })
    }

    /// A varint used as a count of items that take at least one byte each, so that a lying length
    /// can't reserve more memory than there is input.
    ///
    /// # Errors
    /// As [`Self::varint`], and `OutOfRange` for more items than bytes left.
    pub fn count(&mut self) -> Result<usize> {
        let offset = self.pos;
        let value = self.varint()?;
        match usize::try_from(value) {
            Ok(count) if count <= self.remaining() => Ok(count),
            _ => Err(ReadError { offset, kind: ReadErrorKind::OutOfRange }),
        }
    }

    /// A varint length and as many bytes.
    ///
    /// # Errors
    /// As [`Self::count`].
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.count()?;
        self.take(len)
    }

    /// A varint length and as many bytes of UTF-8.
    ///
    /// # Errors
    /// As [`Self::bytes`], and `InvalidUtf8`.
    pub fn str(&mut self) -> Result<&'a str> {
        let offset = self.pos;
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_invalid| ReadError { offset, kind: ReadErrorKind::InvalidUtf8 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::varint::{put_i64, put_u64};

    proptest! {
        #[test]
        fn varints_round_trip(value: u64, signed: i64) {
            let mut out = Vec::new();
            put_u64(&mut out, value);
            put_i64(&mut out, signed);
            let mut reader = ByteReader::new(&out);
            prop_assert_eq!(reader.varint(), Ok(value));
            prop_assert_eq!(reader.zigzag(), Ok(signed));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut reader = ByteReader::new(&bytes);
            while let Ok(_value) = reader.varint() {}
            prop_assert!(reader.position() <= bytes.len());
        }
    }

    #[test]
    fn a_varint_of_more_than_64_bits_is_refused() {
        let mut long = vec![0xff; 9];
        long.push(2);
        let error = ByteReader::new(&long).varint().unwrap_err();
        assert_eq!(error, ReadError { offset: 0, kind: ReadErrorKind::VarintTooLong });
    }

    #[test]
    fn a_lying_count_is_refused() {
        let mut reader = ByteReader::new(&[0xff, 0xff, 0x7f, 0]);
        assert_eq!(reader.count().unwrap_err().kind, ReadErrorKind::OutOfRange);
    }
}
