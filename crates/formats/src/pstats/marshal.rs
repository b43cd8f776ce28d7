//! The part of marshal that statistics use: dictionaries, tuples, texts, numbers, references.
//!
//! A pull reader: the caller asks for what must come next. References name objects by the order in which
//! they began, so that every flagged object takes its number before what is inside of it.

use emberglass_columns::{ByteReader, ReadError};
use emberglass_profile::{ErrorCode, InputError, StringId, StringTable};

const REF: u8 = 0x80;

/// An object that can be referred to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Object {
    Text(StringId),
    Number(f64),
    Integer(i64),
    /// A finished tuple that the caller has given a number.
    Tuple(u32),
    /// Something that nothing may refer to: unfinished, or of a kind without a use here.
    Other,
}

/// What begins at a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begin {
    /// A dictionary and its slot; entries follow up to [`Begin::End`].
    Dict,
    /// A tuple of so many objects, and the slot to fill when it is finished.
    Tuple(u32, Option<usize>),
    /// A whole object, read or referred to.
    Object(Object),
    /// The end of a dictionary.
    End,
}

pub(super) struct Marshal<'a> {
    reader: ByteReader<'a>,
    objects: Vec<Object>,
    /// Interned texts of Python 2.
    interned: Vec<StringId>,
    pub(super) replaced: u64,
}

pub(super) fn malformed(offset: usize, message: impl Into<String>) -> InputError {
    InputError::at(ErrorCode::Malformed, offset as u64, message)
}

fn read(error: ReadError) -> InputError {
    InputError::read(0, error)
}

impl<'a> Marshal<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { reader: ByteReader::new(bytes), objects: Vec::new(), interned: Vec::new(), replaced: 0 }
    }

    pub(super) const fn position(&self) -> usize {
        self.reader.position()
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.reader.is_empty()
    }

    /// Gives a finished tuple its number.
    pub(super) fn fill(&mut self, slot: Option<usize>, number: u32) {
        if let Some(object) = slot.and_then(|slot| self.objects.get_mut(slot)) {
            *object = Object::Tuple(number);
        }
    }

    pub(super) fn begin(&mut self, strings: &mut StringTable) -> Result<Begin, InputError> {
        let at = self.position();
        let tag = self.reader.u8().map_err(read)?;
        let is_named = tag & REF != 0;
        let slot = is_named.then_some(self.objects.len());
        let object = match tag & !REF {
            b'0' => return Ok(Begin::End),
            b'{' => {
                self.remember(is_named, Object::Other);
                return Ok(Begin::Dict);
            }
            b'(' => {
                let count = self.reader.u32_le().map_err(read)?;
                self.remember(is_named, Object::Other);
                return Ok(Begin::Tuple(count, slot));
            }
            b')' => {
                let count = u32::from(self.reader.u8().map_err(read)?);
                self.remember(is_named, Object::Other);
                return Ok(Begin::Tuple(count, slot));
            }
            b'r' => {
                let row = self.reader.u32_le().map_err(read)? as usize;
                return match self.objects.get(row) {
                    Some(&object) => Ok(Begin::Object(object)),
                    None => Err(bad_reference(at, row)),
                };
            }
            b'R' => {
                let row = self.reader.u32_le().map_err(read)? as usize;
                return match self.interned.get(row) {
                    Some(&text) => Ok(Begin::Object(Object::Text(text))),
                    None => Err(bad_reference(at, row)),
                };
            }
            kind @ (b's' | b't' | b'u' | b'a' | b'A') => {
                let len = self.reader.u32_le().map_err(read)? as usize;
                let text = self.text(len, strings)?;
                if kind == b't' {
                    self.interned.push(text);
                }
                Object::Text(text)
            }
            b'z' | b'Z' => {
                let len = usize::from(self.reader.u8().map_err(read)?);
                Object::Text(self.text(len, strings)?)
            }
            b'i' => Object::Integer(i64::from(self.reader.u32_le().map_err(read)?.cast_signed())),
            b'I' => Object::Integer(self.reader.u64_le().map_err(read)?.cast_signed()),
            b'l' => self.long()?,
            b'g' => Object::Number(f64::from_bits(self.reader.u64_le().map_err(read)?)),
            b'f' => {
                let len = usize::from(self.reader.u8().map_err(read)?);
                let digits = self.reader.take(len).map_err(read)?;
                let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
                Object::Number(number.ok_or_else(|| malformed(at, "a number in text form is none"))?)
            }
            b'N' | b'T' | b'F' | b'.' | b'S' => Object::Other,
            other => {
                return Err(malformed(at, format!("objects of the type 0x{other:02x} do not belong in statistics")));
            }
        };
        self.remember(is_named, object);
        Ok(Begin::Object(object))
    }

    fn remember(&mut self, is_named: bool, object: Object) {
        if is_named {
            self.objects.push(object);
        }
    }

    fn text(&mut self, len: usize, strings: &mut StringTable) -> Result<StringId, InputError> {
        let bytes = self.reader.take(len).map_err(read)?;
        let text = String::from_utf8_lossy(bytes);
        self.replaced += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
        Ok(strings.intern(&text))
    }

    /// An integer in digits of 15 bits, the sign that of their number.
    fn long(&mut self) -> Result<Object, InputError> {
        let count = self.reader.u32_le().map_err(read)?.cast_signed();
        let digits = self.reader.take((count.unsigned_abs() as usize).saturating_mul(2)).map_err(read)?;
        let mut value = 0i128;
        for digit in digits.as_chunks::<2>().0.iter().rev() {
            value = value.saturating_mul(1 << 15).saturating_add(i128::from(u16::from_le_bytes(*digit) & 0x7fff));
        }
        let signed = if count < 0 { -value } else { value };
        Ok(match i64::try_from(signed) {
            Ok(value) => Object::Integer(value),
            Err(_) => Object::Number(signed as f64),
        })
    }
}

fn bad_reference(at: usize, row: usize) -> InputError {
    InputError::at(ErrorCode::BadReference, at as u64, format!("a reference to object {row}, which does not exist"))
}
