//! Numbers and texts of an event.

use emberglass_columns::{ByteReader, ReadError};
use emberglass_profile::{ErrorCode, InputError};

/// Reads an event forward; offsets of errors count from the start of the file.
#[derive(Clone)]
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    reader: ByteReader<'a>,
    /// Where `reader` starts in `all`.
    start: usize,
    /// Offset of `all` in the file.
    base: u64,
    is_compressed: bool,
}

/// A text, or where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text<'a> {
    /// There is none.
    Null,
    Utf8(&'a [u8]),
    Latin1(&'a [u8]),
    /// So many characters as numbers.
    Chars(&'a [u8], bool),
    /// In the constant pool of strings.
    Pool(i64),
}

impl<'a> Bytes<'a> {
    pub(super) const fn new(all: &'a [u8], base: u64, is_compressed: bool) -> Self {
        Self { all, reader: ByteReader::new(all), start: 0, base, is_compressed }
    }

    /// All bytes, from the first on.
    pub(super) const fn all(&self) -> &'a [u8] {
        self.all
    }

    pub(super) fn seek(&mut self, at: usize) -> Result<(), InputError> {
        let rest = self.all.get(at..).ok_or_else(|| self.malformed("an offset is beyond the event"))?;
        self.reader = ByteReader::new(rest);
        self.start = at;
        Ok(())
    }

    /// Offset in the event.
    pub(super) const fn position(&self) -> usize {
        self.start + self.reader.position()
    }

    #[cold]
    pub(super) fn malformed(&self, message: impl Into<String>) -> InputError {
        InputError::at(ErrorCode::Malformed, self.base + self.position() as u64, message)
    }

    #[cold]
    fn fault(&self, _error: ReadError) -> InputError {
        self.malformed("a value passes the end of its event")
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], InputError> {
        self.reader.take(len).map_err(|error| self.fault(error))
    }

    pub(super) fn byte(&mut self) -> Result<u8, InputError> {
        self.reader.u8().map_err(|error| self.fault(error))
    }

    /// A signed big-endian number of `len` bytes.
    pub(super) fn fixed(&mut self, len: usize) -> Result<i64, InputError> {
        let bytes = self.take(len)?;
        let value = bytes.iter().fold(0u64, |value, &byte| (value << 8) | u64::from(byte));
        let unused = 64 - 8 * len.min(8) as u32;
        Ok((value << unused).cast_signed() >> unused)
    }

    /// A number: seven bits a byte where the chunk is compressed (the ninth byte has eight), `len` bytes else.
    #[inline]
    pub(super) fn number(&mut self, len: usize) -> Result<i64, InputError> {
        if !self.is_compressed {
            return self.fixed(len);
        }
        let mut value = 0u64;
        for at in 0..8 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                return Ok(value.cast_signed());
            }
        }
        Ok((value | u64::from(self.byte()?) << 56).cast_signed())
    }

    pub(super) fn long(&mut self) -> Result<i64, InputError> {
        self.number(8)
    }

    /// A number of things, each of which takes at least a byte.
    pub(super) fn count(&mut self) -> Result<usize, InputError> {
        let count = self.number(4)?;
        match usize::try_from(count) {
            Ok(count) if count <= self.reader.remaining() => Ok(count),
            _ => Err(self.malformed(format!("a count of {count} is beyond the event"))),
        }
    }

    pub(super) fn text(&mut self) -> Result<Text<'a>, InputError> {
        Ok(match self.byte()? {
            0 => Text::Null,
            1 => Text::Utf8(b""),
            2 => Text::Pool(self.long()?),
            kind @ (3 | 5) => {
                let len = self.count()?;
                let bytes = self.take(len)?;
                if kind == 3 { Text::Utf8(bytes) } else { Text::Latin1(bytes) }
            }
            4 => {
                let count = self.count()?;
                let from = self.position();
                for _ in 0..count {
                    self.number(2)?;
                }
                Text::Chars(self.all.get(from..self.position()).unwrap_or_default(), self.is_compressed)
            }
            other => return Err(self.malformed(format!("{other} is no encoding of a text"))),
        })
    }
}

impl Text<'_> {
    /// The text itself; `None` for none and for one in a pool.
    pub(super) fn decode(&self) -> Option<String> {
        match *self {
            Text::Null | Text::Pool(_) => None,
            Text::Utf8(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Text::Latin1(bytes) => Some(bytes.iter().map(|&byte| char::from(byte)).collect()),
            Text::Chars(bytes, is_compressed) => {
                let mut reader = Bytes::new(bytes, 0, is_compressed);
                let mut units = Vec::new();
                while let Ok(unit) = reader.number(2) {
                    units.push(unit as u16);
                }
                Some(String::from_utf16_lossy(&units))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compressed_or_not() {
        let mut reader = Bytes::new(&[0x7f, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 0, true);
        assert_eq!([reader.long().unwrap(), reader.long().unwrap(), reader.long().unwrap()], [127, 128, -1]);
        assert!(reader.long().is_err());
        let mut reader = Bytes::new(&[0xff, 0xfe, 0, 0, 0, 5], 0, false);
        assert_eq!((reader.number(2).unwrap(), reader.number(4).unwrap()), (-2, 5));
    }

    #[test]
    fn texts_have_five_encodings() {
        for (bytes, text) in [
            (&[0][..], None),
            (&[1], Some("")),
            (&[3, 2, 0xc3, 0xa9], Some("\u{e9}")),
            (&[5, 1, 0xe9], Some("\u{e9}")),
            (&[4, 2, 0x61, 0xe9, 0x01], Some("a\u{e9}")),
        ] {
            assert_eq!(Bytes::new(bytes, 0, true).text().unwrap().decode().as_deref(), text);
        }
        assert_eq!(Bytes::new(&[2, 7], 0, true).text().unwrap(), Text::Pool(7));
        for bytes in [&[3, 9, 1][..], &[9], &[4, 2, 1]] {
            assert!(Bytes::new(bytes, 0, true).text().is_err());
        }
    }
}
