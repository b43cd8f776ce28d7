//! Strings, numbers and words, one at a time.

use emberglass_profile::{ErrorCode, InputError};

use super::reader::{Kind, Reader};
use super::{number, text};
use crate::decimal::Decimal;

/// Most characters of a number: each slice of the input would be looked at again for a longer one.
const MOST_DIGITS: usize = 1 << 16;

impl Reader<'_, '_, '_> {
    /// Length of the string that comes next between its quotes, and whether it has escapes; holds all of it.
    pub(super) fn measure_string(&mut self) -> Result<(usize, bool), InputError> {
        let (mut at, mut has_escapes) = (1, false);
        loop {
            let rest = self.buffer.rest();
            match memchr::memchr2(b'"', b'\\', rest.get(at..).unwrap_or(&[])) {
                Some(found) if rest[at + found] == b'"' => return Ok((at + found - 1, has_escapes)),
                Some(found) => {
                    has_escapes = true;
                    at += found + 2;
                }
                None => {
                    at = at.max(rest.len());
                    if !self.buffer.fill()? {
                        let message = "the JSON text ends in the middle of a string";
                        let end = self.offset() + self.buffer.rest().len() as u64;
                        return Err(InputError::at(ErrorCode::Truncated, end, message));
                    }
                }
            }
        }
    }

    /// Decodes the measured string that comes next into `self.text`.
    pub(super) fn read_into_text(&mut self, len: usize, has_escapes: bool) -> Result<(), InputError> {
        self.text.clear();
        let raw = self.buffer.rest().get(1..=len).unwrap_or(&[]);
        if !has_escapes && let Ok(plain) = std::str::from_utf8(raw) {
            self.text.push_str(plain);
            return Ok(());
        }
        match text::unescape(raw, &mut self.text) {
            Ok(0) => Ok(()),
            Ok(replaced) => {
                if self.replaced == 0 {
                    self.replaced_at = self.offset();
                }
                self.replaced += replaced;
                Ok(())
            }
            Err(fault) => {
                let at = self.offset() + 1 + fault.at as u64;
                Err(InputError::at(ErrorCode::Malformed, at, "a string has an escape that does not exist"))
            }
        }
    }

    /// The string that comes next, without escapes.
    ///
    /// # Errors
    /// `malformed` for another value or an escape that does not exist.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<&str, InputError> {
        if self.buffer.peek_token()? != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        let (len, has_escapes) = self.measure_string()?;
        self.read_into_text(len, has_escapes)?;
        self.buffer.advance(len + 2);
        Ok(&self.text)
    }

    /// The string that comes next; `None` for any other value, which is skipped.
    pub(crate) fn string_or_skip(&mut self) -> Result<Option<&str>, InputError> {
        if self.peek()? == Kind::String {
            return self.string().map(Some);
        }
        self.skip()?;
        Ok(None)
    }

    /// The string or number that comes next as text; `None` for any other value, which is skipped.
    pub(crate) fn text_or_skip(&mut self) -> Result<Option<&str>, InputError> {
        match self.peek()? {
            Kind::String => self.string().map(Some),
            Kind::Number => {
                let len = self.measure_number()?;
                self.text.clear();
                // Digits, signs, points and exponents are ASCII.
                self.text.extend(self.buffer.rest().iter().take(len).map(|&byte| char::from(byte)));
                self.buffer.advance(len);
                Ok(Some(&self.text))
            }
            _ => {
                self.skip()?;
                Ok(None)
            }
        }
    }

    /// Length of the number that comes next; holds all of it.
    fn measure_number(&mut self) -> Result<usize, InputError> {
        if !matches!(self.buffer.peek_token()?, Some(b'-' | b'0'..=b'9')) {
            return Err(self.unexpected("a number"));
        }
        loop {
            let rest = self.buffer.rest();
            let outcome = number::span(rest);
            let (Ok(end) | Err(end)) = outcome;
            if end > MOST_DIGITS {
                return Err(self.malformed(format!("a number has more than {MOST_DIGITS} characters")));
            }
            // One that touches the end of what is at hand may go on behind it.
            if end >= rest.len() && self.buffer.fill()? {
                continue;
            }
            return match outcome {
                Ok(len) => Ok(len),
                Err(at) => {
                    self.buffer.advance(at);
                    Err(self.unexpected("a digit"))
                }
            };
        }
    }

    /// The number that comes next as an integer.
    ///
    /// # Errors
    /// `malformed` for another value or a fraction, `value-overflow` beyond 64 bits.
    #[inline]
    pub(crate) fn integer(&mut self) -> Result<i64, InputError> {
        let len = self.measure_number()?;
        let text = self.buffer.rest().get(..len).unwrap_or(&[]);
        let Some(value) = number::integer(text) else {
            let is_large = number::decimal(text, 0).is_none_or(|decimal| decimal.scale == 0);
            let shown = String::from_utf8_lossy(text).chars().take(40).collect::<String>();
            return Err(if is_large {
                let message = format!("the number {shown} is beyond 64 bits");
                InputError::at(ErrorCode::ValueOverflow, self.offset(), message)
            } else {
                self.malformed(format!("a whole number was expected, not {shown}"))
            });
        };
        self.buffer.advance(len);
        Ok(value)
    }

    /// The number that comes next as an integer; `None` for any other value, which is skipped.
    #[inline]
    pub(crate) fn integer_or_skip(&mut self) -> Result<Option<i64>, InputError> {
        if self.peek()? == Kind::Number {
            return self.integer().map(Some);
        }
        self.skip()?;
        Ok(None)
    }

    /// The number that comes next x 10^`shift`, exactly up to nine decimal places.
    ///
    /// # Errors
    /// `malformed` for another value, `value-overflow` beyond 64 bits.
    #[inline]
    pub(crate) fn decimal(&mut self, shift: u8) -> Result<Decimal, InputError> {
        let len = self.measure_number()?;
        let text = self.buffer.rest().get(..len).unwrap_or(&[]);
        let Some(value) = number::decimal(text, shift) else {
            let shown = String::from_utf8_lossy(text).chars().take(40).collect::<String>();
            let message = format!("the number {shown} is beyond 64 bits in its base unit");
            return Err(InputError::at(ErrorCode::ValueOverflow, self.offset(), message));
        };
        self.buffer.advance(len);
        Ok(value)
    }

    /// As [`Self::decimal`]; `None` for any other value, which is skipped.
    #[inline]
    pub(crate) fn decimal_or_skip(&mut self, shift: u8) -> Result<Option<Decimal>, InputError> {
        if self.peek()? == Kind::Number {
            return self.decimal(shift).map(Some);
        }
        self.skip()?;
        Ok(None)
    }

    /// The number that comes next as an integer; `None` for any other value and any other number, which are skipped.
    pub(crate) fn integer_if_whole(&mut self) -> Result<Option<i64>, InputError> {
        match self.decimal_if_fits(0)? {
            Some(Decimal { digits, scale: 0, is_rounded: false }) => Ok(Some(digits)),
            _ => Ok(None),
        }
    }

    /// As [`Self::decimal_or_skip`]; a number beyond 64 bits is skipped, too.
    pub(crate) fn decimal_if_fits(&mut self, shift: u8) -> Result<Option<Decimal>, InputError> {
        if self.peek()? != Kind::Number {
            self.skip()?;
            return Ok(None);
        }
        let len = self.measure_number()?;
        let value = number::decimal(self.buffer.rest().get(..len).unwrap_or(&[]), shift);
        self.buffer.advance(len);
        Ok(value)
    }

    /// `true` or `false`; `None` for any other value, which is skipped.
    pub(crate) fn bool_or_skip(&mut self) -> Result<Option<bool>, InputError> {
        let value = match self.peek()? {
            Kind::Bool => Some(self.buffer.peek()? == Some(b't')),
            _ => None,
        };
        self.skip()?;
        Ok(value)
    }

    /// Consumes a value that is `null`; false, and nothing consumed, for any other.
    #[inline]
    pub(crate) fn is_null(&mut self) -> Result<bool, InputError> {
        if self.buffer.peek_token()? != Some(b'n') {
            return Ok(false);
        }
        self.literal()?;
        Ok(true)
    }
}
