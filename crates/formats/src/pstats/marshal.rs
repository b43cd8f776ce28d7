//! The part of marshal that statistics use: dictionaries, tuples, texts, numbers, references.
//!
//! A pull reader: the caller asks for what must come next. References name objects by the order in which
//! they began, so that every flagged object takes its number before what is inside of it.

use emberglass_profile::{ErrorCode, InputError, StringId, StringTable};

use crate::window::Window;

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

pub(super) struct Marshal<'r, 'a, 'p> {
    window: Window<'r, 'a, 'p>,
    objects: Vec<Object>,
    /// Interned texts of Python 2.
    interned: Vec<StringId>,
    pub(super) replaced: u64,
}

pub(super) fn malformed(offset: u64, message: impl Into<String>) -> InputError {
    InputError::at(ErrorCode::Malformed, offset, message)
}

impl<'r, 'a, 'p> Marshal<'r, 'a, 'p> {
    pub(super) const fn new(window: Window<'r, 'a, 'p>) -> Self {
        Self { window, objects: Vec::new(), interned: Vec::new(), replaced: 0 }
    }

    pub(super) const fn position(&self) -> u64 {
        self.window.offset()
    }

    pub(super) fn is_at_end(&mut self) -> Result<bool, InputError> {
        Ok(self.window.peek()?.is_none())
    }

    fn u8(&mut self) -> Result<u8, InputError> {
        self.window.array().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, InputError> {
        self.window.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, InputError> {
        self.window.array().map(u64::from_le_bytes)
    }

    /// Gives a finished tuple its number.
    pub(super) fn fill(&mut self, slot: Option<usize>, number: u32) {
        if let Some(object) = slot.and_then(|slot| self.objects.get_mut(slot)) {
            *object = Object::Tuple(number);
        }
    }

    pub(super) fn begin(&mut self, strings: &mut StringTable) -> Result<Begin, InputError> {
        let at = self.position();
        let tag = self.u8()?;
        let is_named = tag & REF != 0;
        let slot = is_named.then_some(self.objects.len());
        let object = match tag & !REF {
            b'0' => return Ok(Begin::End),
            b'{' => {
                self.remember(is_named, Object::Other);
                return Ok(Begin::Dict);
            }
            b'(' => {
                let count = self.u32()?;
                self.remember(is_named, Object::Other);
                return Ok(Begin::Tuple(count, slot));
            }
            b')' => {
                let count = u32::from(self.u8()?);
                self.remember(is_named, Object::Other);
                return Ok(Begin::Tuple(count, slot));
            }
            b'r' => {
                let row = self.u32()? as usize;
                return match self.objects.get(row) {
                    Some(&object) => Ok(Begin::Object(object)),
                    None => Err(bad_reference(at, row)),
                };
            }
            b'R' => {
                let row = self.u32()? as usize;
                return match self.interned.get(row) {
                    Some(&text) => Ok(Begin::Object(Object::Text(text))),
                    None => Err(bad_reference(at, row)),
                };
            }
            kind @ (b's' | b't' | b'u' | b'a' | b'A') => {
                let len = u64::from(self.u32()?);
                let text = self.text(len, strings)?;
                if kind == b't' {
                    self.interned.push(text);
                }
                Object::Text(text)
            }
            b'z' | b'Z' => {
                let len = u64::from(self.u8()?);
                Object::Text(self.text(len, strings)?)
            }
            b'i' => Object::Integer(i64::from(self.u32()?.cast_signed())),
            b'I' => Object::Integer(self.u64()?.cast_signed()),
            b'l' => self.long()?,
            b'g' => Object::Number(f64::from_bits(self.u64()?)),
            b'f' => {
                let len = u64::from(self.u8()?);
                let digits = self.window.piece(len)?;
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

    fn text(&mut self, len: u64, strings: &mut StringTable) -> Result<StringId, InputError> {
        let bytes = self.window.piece(len)?;
        let text = String::from_utf8_lossy(bytes);
        self.replaced += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
        Ok(strings.intern(&text))
    }

    /// An integer in digits of 15 bits, the sign that of their number.
    fn long(&mut self) -> Result<Object, InputError> {
        let count = self.u32()?.cast_signed();
        let digits = self.window.piece(2 * u64::from(count.unsigned_abs()))?;
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

fn bad_reference(at: u64, row: usize) -> InputError {
    InputError::at(ErrorCode::BadReference, at, format!("a reference to object {row}, which does not exist"))
}
