//! Messages that are held in one piece.
//!
//! Fields come one by one, with offsets into the whole input; nothing is copied and nothing recurses.

use emberglass_columns::{ByteReader, ReadError, ReadErrorKind};
use emberglass_profile::{ErrorCode, InputError};

/// What reading gives. The error is boxed so that results of small values travel in registers.
pub(crate) type Read<T> = Result<T, Box<InputError>>;

/// A message, read field by field.
pub(crate) struct Message<'a> {
    rest: &'a [u8],
    /// Where the message ends in the input.
    end: u64,
    /// The outermost message ends where the input ends: what passes its end was cut off.
    is_outermost: bool,
}

/// One field.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    /// Where the field starts in the input.
    pub(crate) offset: u64,
    pub(crate) value: Value<'a>,
}

/// A field's value by wire type.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    /// No field that is read has this type.
    Fixed32,
    /// Bytes, text, a message or packed numbers, and where they start in the input.
    Bytes(&'a [u8], u64),
}

impl<'a> Message<'a> {
    pub(crate) const fn outermost(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() as u64, is_outermost: true }
    }

    pub(crate) const fn nested(bytes: &'a [u8], base: u64) -> Self {
        Self { rest: bytes, end: base + bytes.len() as u64, is_outermost: false }
    }

    /// Hands the fields that are whole in `bytes`, which start at `base` of the input, to `each`; gives the bytes of
    /// these fields. The one behind them is cut off, or damaged.
    #[inline(always)]
    pub(super) fn each_whole(bytes: &'a [u8], base: u64, each: &mut impl FnMut(&Field<'a>) -> Read<()>) -> Read<usize> {
        let mut message = Self::nested(bytes, base);
        loop {
            let used = bytes.len() - message.rest.len();
            match message.next() {
                Ok(Some(field)) => each(&field)?,
                _ => return Ok(used),
            }
        }
    }

    /// Where the next field starts in the input.
    #[inline]
    pub(crate) const fn position(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    /// The next field, `None` at the end of the message.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Read<Option<Field<'a>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let offset = self.position();
        let key = self.varint()?;
        let number = number(key, offset)?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            2 => {
                let len = self.varint()?;
                let start = self.position();
                Value::Bytes(self.take(len)?, start)
            }
            1 => Value::Fixed64(self.fixed(8)?),
            5 => {
                let _unused = self.fixed(4)?;
                Value::Fixed32
            }
            wire => return Err(wrong_wire_type(offset, number, wire)),
        };
        Ok(Some(Field { number, offset, value }))
    }

    /// Eight bytes, or four.
    #[cold]
    fn fixed(&mut self, len: u64) -> Read<u64> {
        self.take(len).map(fixed)
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

/// The field number of a key.
#[inline(always)]
pub(super) fn number(key: u64, offset: u64) -> Read<u32> {
    match u32::try_from(key >> 3) {
        Ok(number @ 1..=0x1fff_ffff) => Ok(number),
        _ => Err(malformed(offset, format_args!("{} is not a field number", key >> 3))),
    }
}

/// A little-endian number of as many bytes as there are, at most eight.
pub(super) fn fixed(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// Takes a varint off the front of `rest`, which ends at `end` of the input.
#[inline(always)]
pub(super) fn varint(rest: &mut &[u8], end: u64, is_outermost: bool) -> Read<u64> {
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
fn long_varint(rest: &mut &[u8], end: u64, is_outermost: bool) -> Read<u64> {
    let mut reader = ByteReader::new(rest);
    let value = reader.varint().map_err(|error| fault(error, end - rest.len() as u64, is_outermost))?;
    *rest = &rest[reader.position()..];
    Ok(value)
}

impl<'a> Field<'a> {
    /// The value of a number field.
    #[inline]
    pub(crate) fn varint(&self, name: &str) -> Read<u64> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(self.wrong_type(name, "a number")),
        }
    }

    /// The value of a number field of eight bytes.
    pub(crate) fn fixed64(&self, name: &str) -> Read<u64> {
        match self.value {
            Value::Fixed64(value) => Ok(value),
            _ => Err(self.wrong_type(name, "a number of eight bytes")),
        }
    }

    /// The value of a signed number field.
    #[inline]
    pub(crate) fn signed(&self, name: &str) -> Read<i64> {
        self.varint(name).map(u64::cast_signed)
    }

    /// The value of a bytes or text field.
    #[inline]
    pub(crate) fn bytes(&self, name: &str) -> Read<(&'a [u8], u64)> {
        match self.value {
            Value::Bytes(bytes, start) => Ok((bytes, start)),
            _ => Err(self.wrong_type(name, "bytes")),
        }
    }

    /// The value of a message field.
    #[inline]
    pub(crate) fn message(&self, name: &str) -> Read<Message<'a>> {
        let (bytes, start) = self.bytes(name)?;
        Ok(Message::nested(bytes, start))
    }

    /// Hands each number of a repeated field to `each`, packed or not.
    #[inline(always)]
    pub(crate) fn repeated(&self, name: &str, mut each: impl FnMut(u64, u64) -> Read<()>) -> Read<()> {
        match self.value {
            Value::Varint(value) => each(value, self.offset),
            Value::Bytes(bytes, start) => {
                let (mut rest, end) = (bytes, start + bytes.len() as u64);
                while !rest.is_empty() {
                    let offset = end - rest.len() as u64;
                    each(varint(&mut rest, end, false)?, offset)?;
                }
                Ok(())
            }
            _ => Err(self.wrong_type(name, "a number or packed numbers")),
        }
    }

    /// Hands each number of a repeated field of numbers of eight bytes to `each`, packed or not.
    pub(crate) fn repeated_fixed64(&self, name: &str, mut each: impl FnMut(u64)) -> Read<()> {
        match self.value {
            Value::Fixed64(value) => each(value),
            Value::Bytes(bytes, start) => {
                let (numbers, rest) = bytes.as_chunks::<8>();
                numbers.iter().for_each(|number| each(u64::from_le_bytes(*number)));
                if !rest.is_empty() {
                    let offset = start + (bytes.len() - rest.len()) as u64;
                    return Err(malformed(offset, format_args!("{name} ends in the middle of a number")));
                }
            }
            _ => return Err(self.wrong_type(name, "numbers of eight bytes")),
        }
        Ok(())
    }

    #[cold]
    fn wrong_type(&self, name: &str, expected: &str) -> Box<InputError> {
        let found = match self.value {
            Value::Varint(_) => "a number",
            Value::Fixed64(_) | Value::Fixed32 => "a fixed-size number",
            Value::Bytes(..) => "bytes",
        };
        wrong_type((self.number, self.offset), name, found, expected)
    }
}

/// A field (number and offset) of another wire type than its own.
#[cold]
pub(super) fn wrong_type(field: (u32, u64), name: &str, found: &str, expected: &str) -> Box<InputError> {
    let (number, offset) = field;
    malformed(offset, format_args!("{name} (field {number}) holds {found} instead of {expected}"))
}

#[cold]
pub(super) fn wrong_wire_type(offset: u64, number: u32, wire: u64) -> Box<InputError> {
    match wire {
        3 | 4 => malformed(offset, format_args!("field {number} is a group (wire type {wire})")),
        _ => malformed(offset, format_args!("field {number} has the wire type {wire}, which does not exist")),
    }
}

#[cold]
pub(super) fn fault(error: ReadError, base: u64, is_outermost: bool) -> Box<InputError> {
    let offset = base + error.offset as u64;
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
pub(crate) fn malformed(offset: u64, message: impl std::fmt::Display) -> Box<InputError> {
    Box::new(InputError::at(ErrorCode::Malformed, offset, message.to_string()))
}

/// A reference to a row that does not exist.
#[cold]
pub(crate) fn bad_reference(offset: u64, message: impl std::fmt::Display) -> Box<InputError> {
    Box::new(InputError::at(ErrorCode::BadReference, offset, message.to_string()))
}
