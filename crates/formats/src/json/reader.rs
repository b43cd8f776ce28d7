//! The pull reader.

use emberglass_profile::{ErrorCode, InputError, Warnings};

use super::nesting::{MAX_DEPTH, Nesting};
use crate::window::Window;
use crate::{Input, Meter};

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

/// Reads one JSON text value by value, as the caller asks.
///
/// Inside an object each value is preceded by [`Self::next_key`], inside an array by [`Self::next_element`];
/// both consume the closing bracket when there is no more. Every value must be read or skipped.
pub(crate) struct Reader<'r, 'a, 'p> {
    pub(super) buffer: Window<'r, 'a, 'p>,
    pub(super) nesting: Nesting,
    /// True until the innermost object or array has its first element.
    pub(super) is_first: bool,
    /// The last key, or the last string that had escapes.
    pub(super) text: String,
    pub(super) replaced: u64,
    pub(super) replaced_at: u64,
}

impl<'r, 'a, 'p> Reader<'r, 'a, 'p> {
    /// Reads `input` from its start; skips a byte order mark.
    ///
    /// # Errors
    /// As [`Input::next_chunk`].
    pub(crate) fn new(input: &'r mut Input<'a>, meter: &'r mut Meter<'p>) -> Result<Self, InputError> {
        let mut buffer = Window::new(input, meter);
        buffer.skip_byte_order_mark()?;
        let nesting = Nesting::default();
        Ok(Self { buffer, nesting, is_first: true, text: String::new(), replaced: 0, replaced_at: 0 })
    }

    /// Offset of the next byte.
    pub(crate) const fn offset(&self) -> u64 {
        self.buffer.offset()
    }

    /// A breach of the format's rules at the next byte.
    #[cold]
    pub(crate) fn malformed(&self, message: impl Into<String>) -> InputError {
        InputError::at(ErrorCode::Malformed, self.offset(), message)
    }

    #[cold]
    pub(super) fn unexpected(&mut self, expected: &str) -> InputError {
        match self.buffer.peek() {
            Err(error) => error,
            Ok(None) => {
                let message = format!("the JSON text ends where {expected} was expected");
                InputError::at(ErrorCode::Truncated, self.offset(), message)
            }
            Ok(Some(byte)) => {
                let found = char::from(byte);
                let found =
                    if byte.is_ascii_graphic() { format!("{found:?}") } else { format!("the byte 0x{byte:02x}") };
                self.malformed(format!("{expected} was expected, not {found}"))
            }
        }
    }

    /// The kind of the value that comes next.
    ///
    /// # Errors
    /// `malformed` if no value can start here.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<Kind, InputError> {
        match self.buffer.peek_token()? {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Enters an object.
    ///
    /// # Errors
    /// `malformed` for another value, `too-large` beyond [`MAX_DEPTH`].
    #[inline]
    pub(crate) fn begin_object(&mut self) -> Result<(), InputError> {
        if self.buffer.peek_token()? != Some(b'{') {
            return Err(self.unexpected("an object"));
        }
        self.open(true)
    }

    /// Enters an array.
    ///
    /// # Errors
    /// As [`Self::begin_object`].
    #[inline]
    pub(crate) fn begin_array(&mut self) -> Result<(), InputError> {
        if self.buffer.peek_token()? != Some(b'[') {
            return Err(self.unexpected("an array"));
        }
        self.open(false)
    }

    /// Enters an object; any other value is skipped and false.
    pub(crate) fn enters_object(&mut self) -> Result<bool, InputError> {
        self.enters(Kind::Object)
    }

    /// Enters an array; any other value is skipped and false.
    pub(crate) fn enters_array(&mut self) -> Result<bool, InputError> {
        self.enters(Kind::Array)
    }

    fn enters(&mut self, kind: Kind) -> Result<bool, InputError> {
        if self.peek()? != kind {
            self.skip()?;
            return Ok(false);
        }
        self.open(kind == Kind::Object)?;
        Ok(true)
    }

    pub(super) fn open(&mut self, is_object: bool) -> Result<(), InputError> {
        if !self.nesting.push(is_object) {
            let message = format!("more than {MAX_DEPTH} objects and arrays inside each other");
            return Err(InputError::at(ErrorCode::TooLarge, self.offset(), message));
        }
        self.buffer.advance(1);
        self.is_first = true;
        Ok(())
    }

    #[inline]
    fn close(&mut self) {
        self.buffer.advance(1);
        self.nesting.pop();
        self.is_first = false;
    }

    /// The next key of the object, without escapes; `None` behind its last value, which leaves the object.
    #[inline]
    pub(crate) fn next_key(&mut self) -> Result<Option<&str>, InputError> {
        let mut next = self.buffer.peek_token()?;
        match next {
            Some(b'}') => {
                self.close();
                return Ok(None);
            }
            Some(b',') if !self.is_first => {
                self.buffer.advance(1);
                next = self.buffer.peek_token()?;
            }
            _ if !self.is_first => return Err(self.unexpected("',' or '}'")),
            _ => {}
        }
        if next != Some(b'"') {
            return Err(self.unexpected(if self.is_first { "a key or '}'" } else { "a key" }));
        }
        let (len, has_escapes) = self.measure_string()?;
        self.read_into_text(len, has_escapes)?;
        self.buffer.advance(len + 2);
        if self.buffer.peek_token()? != Some(b':') {
            return Err(self.unexpected("':'"));
        }
        self.buffer.advance(1);
        self.is_first = false;
        Ok(Some(&self.text))
    }

    /// True if the array has one more element, which comes next; false behind the last, which leaves the array.
    #[inline]
    pub(crate) fn next_element(&mut self) -> Result<bool, InputError> {
        match self.buffer.peek_token()? {
            Some(b']') => {
                self.close();
                return Ok(false);
            }
            Some(b',') if !self.is_first => {
                self.buffer.advance(1);
                if self.buffer.peek_token()? == Some(b']') {
                    return Err(self.unexpected("a value"));
                }
            }
            None => return Err(self.unexpected("']'")),
            _ if !self.is_first => return Err(self.unexpected("',' or ']'")),
            _ => {}
        }
        self.is_first = false;
        Ok(true)
    }

    /// Ends the reading; only white space and zero bytes may follow, anything else is a warning.
    ///
    /// # Errors
    /// As [`Input::next_chunk`].
    pub(crate) fn finish(mut self, warnings: &mut Warnings) -> Result<(), InputError> {
        self.report_replaced(warnings);
        while let Some(byte) = self.buffer.peek_token()? {
            if byte != 0 {
                warnings.add("trailing-data", Some(self.offset()), || {
                    "what follows the end of the JSON text is left out".to_owned()
                });
                break;
            }
            self.buffer.advance(1);
        }
        Ok(())
    }

    /// Warns of text that was not UTF-8.
    pub(crate) fn report_replaced(&mut self, warnings: &mut Warnings) {
        warnings.add_many("invalid-utf8", std::mem::take(&mut self.replaced), Some(self.replaced_at), || {
            "a string is not UTF-8; what is not became \u{fffd}".to_owned()
        });
    }
}
