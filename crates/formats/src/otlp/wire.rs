//! Protobuf's wire format with fixed-size numbers (<https://protobuf.dev/programming-guides/encoding/>).

use emberglass_columns::{ByteReader, ReadError};
use emberglass_profile::{ErrorCode, InputError};

/// A message, read field by field.
pub(super) struct Message<'a> {
    reader: ByteReader<'a>,
    base: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    /// Where the field starts in the input.
    pub(super) offset: usize,
    pub(super) value: Value<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    /// Bytes, and where they start in the input.
    Bytes(&'a [u8], usize),
}

impl<'a> Message<'a> {
    pub(super) const fn new(bytes: &'a [u8], base: usize) -> Self {
        Self { reader: ByteReader::new(bytes), base }
    }

    #[cold]
    fn fault(&self, error: ReadError) -> InputError {
        // Only the outermost message ends where the input does.
        let error = InputError::read(self.base, error);
        if self.base > 0 && error.code == ErrorCode::Truncated {
            return InputError { code: ErrorCode::Malformed, ..error };
        }
        error
    }

    /// The next field, `None` at the end of the message.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Field<'a>>, InputError> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let offset = self.base + self.reader.position();
        let key = self.reader.varint().map_err(|error| self.fault(error))?;
        let number = u32::try_from(key >> 3).unwrap_or(0);
        let value = match (number, key & 7) {
            (1.., 0) => Value::Varint(self.reader.varint().map_err(|error| self.fault(error))?),
            (1.., 1) => Value::Fixed64(self.reader.u64_le().map_err(|error| self.fault(error))?),
            (1.., 2) => {
                let len = self.reader.varint().map_err(|error| self.fault(error))?;
                let start = self.base + self.reader.position();
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                Value::Bytes(self.reader.take(len).map_err(|error| self.fault(error))?, start)
            }
            (1.., 5) => {
                let _value = self.reader.u32_le().map_err(|error| self.fault(error))?;
                Value::Fixed32
            }
            (number, wire) => {
                let message = format!("field {number} of wire type {wire} is none of protobuf's");
                return Err(InputError::at(ErrorCode::Malformed, offset as u64, message));
            }
        };
        Ok(Some(Field { number, offset, value }))
    }
}

impl<'a> Field<'a> {
    #[inline]
    pub(super) fn varint(&self) -> Result<u64, InputError> {
        match self.value {
            Value::Varint(value) | Value::Fixed64(value) => Ok(value),
            _ => Err(self.wrong("a number")),
        }
    }

    #[inline]
    pub(super) fn signed(&self) -> Result<i64, InputError> {
        self.varint().map(u64::cast_signed)
    }

    /// A row of a table.
    #[inline]
    pub(super) fn row(&self) -> Result<u32, InputError> {
        row(self.varint()?, self.offset)
    }

    #[inline]
    pub(super) fn bytes(&self) -> Result<&'a [u8], InputError> {
        match self.value {
            Value::Bytes(bytes, _) => Ok(bytes),
            _ => Err(self.wrong("bytes")),
        }
    }

    #[inline]
    pub(super) fn message(&self) -> Result<Message<'a>, InputError> {
        match self.value {
            Value::Bytes(bytes, start) => Ok(Message::new(bytes, start)),
            _ => Err(self.wrong("a message")),
        }
    }

    /// Hands each number of a repeated field to `each`, packed or not; `fixed` says how packed ones are stored.
    pub(super) fn repeated(
        &self,
        fixed: bool,
        mut each: impl FnMut(u64, usize) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        match self.value {
            Value::Varint(value) | Value::Fixed64(value) => each(value, self.offset),
            Value::Bytes(bytes, start) => {
                let mut reader = ByteReader::new(bytes);
                while !reader.is_empty() {
                    let at = start + reader.position();
                    let value = if fixed { reader.u64_le() } else { reader.varint() };
                    each(value.map_err(|error| InputError::read(start, error))?, at)?;
                }
                Ok(())
            }
            Value::Fixed32 => Err(self.wrong("numbers")),
        }
    }

    #[cold]
    fn wrong(&self, expected: &str) -> InputError {
        let message = format!("field {} holds something else than {expected}", self.number);
        InputError::at(ErrorCode::Malformed, self.offset as u64, message)
    }
}

/// A number as a row of a table.
#[inline]
pub(super) fn row(value: u64, offset: usize) -> Result<u32, InputError> {
    u32::try_from(value).map_err(|_beyond| {
        let message = format!("{} is no row of a table", value.cast_signed());
        InputError::at(ErrorCode::BadReference, offset as u64, message)
    })
}
