//! A pull reader for protobuf's wire format (<https://protobuf.dev/programming-guides/encoding/>).
//!
//! Fields come one by one, with offsets into the whole input; nothing is copied and nothing recurses.

use emberglass_columns::{ByteReader, ReadError, ReadErrorKind};
use emberglass_profile::{ErrorCode, InputError};

/// What reading gives. The error is boxed so that results of small values travel in registers.
pub(super) type Read<T> = Result<T, Box<InputError>>;

/// A message, read field by field.
pub(super) struct Message<'a> {
    rest: &'a [u8],
    /// Where the message ends in the input.
    end: usize,
    /// The outermost message ends where the input ends: what passes its end was cut off.
    is_outermost: bool,
}

/// One field.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    /// Where the field starts in the input.
    pub(super) offset: usize,
    pub(super) value: Value<'a>,
}

/// A field's value by wire type.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Varint(u64),
    /// Four or eight bytes; no field of pprof has this type.
    Fixed,
    /// Bytes, text, a message or packed numbers, and where they start in the input.
    Bytes(&'a [u8], usize),
}

impl<'a> Message<'a> {
    pub(super) const fn outermost(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len(), is_outermost: true }
    }

    pub(super) const fn nested(bytes: &'a [u8], base: usize) -> Self {
        Self { rest: bytes, end: base + bytes.len(), is_outermost: false }
    }

    /// Where the next field starts in the input.
    #[inline]
    pub(super) const fn position(&self) -> usize {
        self.end - self.rest.len()
    }

    /// The next field, `None` at the end of the message.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Read<Option<Field<'a>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let offset = self.position();
        let key = self.varint()?;
        let number = match u32::try_from(key >> 3) {
            Ok(number @ 1..=0x1fff_ffff) => number,
            _ => return Err(malformed(offset, format_args!("{} is not a field number", key >> 3))),
        };
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            2 => {
                let len = self.varint()?;
                let start = self.position();
                Value::Bytes(self.take(len)?, start)
            }
            1 => self.take(8).map(|_| Value::Fixed)?,
            5 => self.take(4).map(|_| Value::Fixed)?,
            wire => return Err(wrong_wire_type(offset, number, wire)),
        };
        Ok(Some(Field { number, offset, value }))
    }

    #[inline(always)]
    fn varint(&mut self) -> Read<u64> {
        varint(&mut self.rest, self.end, self.is_outermost)
    }

    #[inline(always)]
    fn take(&mut self, len: u64) -> Read<&'a [u8]> {
        let taken = usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len));
        let Some((taken, rest)) = taken else {
            let error = ReadError { offset: 0, kind: ReadErrorKind::UnexpectedEnd };
            return Err(fault(error, self.position(), self.is_outermost));
        };
        self.rest = rest;
        Ok(taken)
    }
}

/// Takes a varint off the front of `rest`, which ends at `end` of the input.
#[inline(always)]
fn varint(rest: &mut &[u8], end: usize, is_outermost: bool) -> Read<u64> {
    match *rest {
        [value @ 0..0x80, tail @ ..] => {
            *rest = tail;
            Ok(u64::from(*value))
        }
        [low, high @ 0..0x80, tail @ ..] => {
            *rest = tail;
            Ok(u64::from(low & 0x7f) | u64::from(*high) << 7)
        }
        _ => long_varint(rest, end, is_outermost),
    }
}

/// A varint of more than two bytes, or one that is cut off.
#[inline(never)]
fn long_varint(rest: &mut &[u8], end: usize, is_outermost: bool) -> Read<u64> {
    let mut reader = ByteReader::new(rest);
    let value = reader.varint().map_err(|error| fault(error, end - rest.len(), is_outermost))?;
    *rest = &rest[reader.position()..];
    Ok(value)
}

impl<'a> Field<'a> {
    /// The value of a number field.
    #[inline]
    pub(super) fn varint(&self, name: &str) -> Read<u64> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(self.wrong_type(name, "a number")),
        }
    }

    /// The value of a signed number field.
    #[inline]
    pub(super) fn signed(&self, name: &str) -> Read<i64> {
        self.varint(name).map(u64::cast_signed)
    }

    /// The value of a bytes or text field.
    #[inline]
    pub(super) fn bytes(&self, name: &str) -> Read<(&'a [u8], usize)> {
        match self.value {
            Value::Bytes(bytes, start) => Ok((bytes, start)),
            _ => Err(self.wrong_type(name, "bytes")),
        }
    }

    /// The value of a message field.
    #[inline]
    pub(super) fn message(&self, name: &str) -> Read<Message<'a>> {
        let (bytes, start) = self.bytes(name)?;
        Ok(Message::nested(bytes, start))
    }

    /// Hands each number of a repeated field to `each`, packed or not.
    #[inline(always)]
    pub(super) fn repeated(&self, name: &str, mut each: impl FnMut(u64, usize) -> Read<()>) -> Read<()> {
        match self.value {
            Value::Varint(value) => each(value, self.offset),
            Value::Bytes(bytes, start) => {
                let (mut rest, end) = (bytes, start + bytes.len());
                while !rest.is_empty() {
                    let offset = end - rest.len();
                    each(varint(&mut rest, end, false)?, offset)?;
                }
                Ok(())
            }
            Value::Fixed => Err(self.wrong_type(name, "a number or packed numbers")),
        }
    }

    #[cold]
    fn wrong_type(&self, name: &str, expected: &str) -> Box<InputError> {
        let found = match self.value {
            Value::Varint(_) => "a number",
            Value::Fixed => "a fixed-size number",
            Value::Bytes(..) => "bytes",
        };
        malformed(self.offset, format_args!("{name} (field {}) holds {found} instead of {expected}", self.number))
    }
}

#[cold]
fn wrong_wire_type(offset: usize, number: u32, wire: u64) -> Box<InputError> {
    match wire {
        3 | 4 => malformed(offset, format_args!("field {number} is a group (wire type {wire})")),
        _ => malformed(offset, format_args!("field {number} has the wire type {wire}, which does not exist")),
    }
}

#[cold]
fn fault(error: ReadError, base: usize, is_outermost: bool) -> Box<InputError> {
    let offset = (base + error.offset) as u64;
    match error.kind {
        ReadErrorKind::UnexpectedEnd if is_outermost => {
            Box::new(InputError::at(ErrorCode::Truncated, offset, "the profile ends in the middle of a field"))
        }
        ReadErrorKind::UnexpectedEnd => {
            Box::new(InputError::at(ErrorCode::Malformed, offset, "a field passes the end of the message it is in"))
        }
        kind => Box::new(InputError::at(ErrorCode::Malformed, offset, kind.to_string())),
    }
}

/// A breach of the format's rules.
#[cold]
pub(super) fn malformed(offset: usize, message: impl std::fmt::Display) -> Box<InputError> {
    Box::new(InputError::at(ErrorCode::Malformed, offset as u64, message.to_string()))
}

/// A reference to a row that does not exist.
#[cold]
pub(super) fn bad_reference(offset: usize, message: impl std::fmt::Display) -> Box<InputError> {
    Box::new(InputError::at(ErrorCode::BadReference, offset as u64, message.to_string()))
}
