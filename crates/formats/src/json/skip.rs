//! Values that nobody wants: passed over without being held.

use emberglass_profile::{ErrorCode, InputError};

use super::reader::Reader;

impl Reader<'_, '_, '_> {
    /// Passes over the value that comes next. Inside of it only quotes and brackets are checked.
    ///
    /// # Errors
    /// `malformed` for brackets that don't match, `truncated` at the end of the input.
    pub(crate) fn skip(&mut self) -> Result<(), InputError> {
        match self.buffer.peek_token()? {
            Some(b'"') => self.skip_string(),
            Some(b'{' | b'[') => self.skip_container(),
            Some(b't' | b'f' | b'n') => self.literal(),
            Some(b'-' | b'0'..=b'9') => self.decimal_if_fits(0).map(|_number| ()),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// `true`, `false` or `null`.
    pub(super) fn literal(&mut self) -> Result<(), InputError> {
        self.buffer.ensure("false".len())?;
        let rest = self.buffer.rest();
        let found = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word.as_bytes()));
        let Some(word) = found else {
            // The end of the input may have cut a word off.
            let cut = ["true", "false", "null"].iter().any(|word| word.as_bytes().starts_with(rest));
            if cut {
                self.buffer.advance(self.buffer.rest().len());
            }
            return Err(self.unexpected("true, false or null"));
        };
        self.buffer.advance(word.len());
        Ok(())
    }

    fn skip_string(&mut self) -> Result<(), InputError> {
        self.buffer.advance(1);
        loop {
            let rest = self.buffer.rest();
            match memchr::memchr2(b'"', b'\\', rest) {
                Some(at) if rest[at] == b'"' => {
                    self.buffer.advance(at + 1);
                    return Ok(());
                }
                Some(at) => {
                    self.buffer.advance(at + 1);
                    if self.buffer.peek()?.is_some() {
                        self.buffer.advance(1);
                    }
                }
                None => {
                    self.buffer.advance(self.buffer.rest().len());
                    if !self.buffer.fill()? {
                        let message = "the JSON text ends in the middle of a string";
                        return Err(InputError::at(ErrorCode::Truncated, self.offset(), message));
                    }
                }
            }
        }
    }

    fn skip_container(&mut self) -> Result<(), InputError> {
        let outside = self.nesting.depth();
        loop {
            let rest = self.buffer.rest();
            let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']')) else {
                self.buffer.advance(self.buffer.rest().len());
                if !self.buffer.fill()? {
                    return Err(self.unexpected("the end of an object or array"));
                }
                continue;
            };
            let byte = rest[at];
            self.buffer.advance(at);
            match byte {
                b'"' => self.skip_string()?,
                b'{' | b'[' => self.open(byte == b'{')?,
                _ => {
                    if self.nesting.is_object() != (byte == b'}') {
                        let expected = if self.nesting.is_object() { "'}'" } else { "']'" };
                        return Err(self.unexpected(expected));
                    }
                    self.buffer.advance(1);
                    self.nesting.pop();
                    self.is_first = false;
                    if self.nesting.depth() == outside {
                        return Ok(());
                    }
                }
            }
        }
    }
}
