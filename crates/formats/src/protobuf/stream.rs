//! Messages that are larger than what is held.

use emberglass_columns::{MAX_VARINT_LEN, ReadError, ReadErrorKind};
use emberglass_profile::{ErrorCode, InputError};

use super::message::{self, Field, Message, Read, Value};
use crate::window::{PIECE_LIMIT, Window};

/// The fields of an input, one after another.
pub(crate) struct Stream<'r, 'a, 'p> {
    window: Window<'r, 'a, 'p>,
    /// Where the messages that were entered end, outermost first.
    ends: Vec<u64>,
}

/// A field whose content is still to come: it must be entered, read or skipped before the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) number: u32,
    /// Where the field starts in the input.
    pub(crate) offset: u64,
    wire: Wire,
}

#[derive(Clone, Copy, Debug)]
enum Wire {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    /// So many bytes come next.
    Bytes(usize),
}

impl<'r, 'a, 'p> Stream<'r, 'a, 'p> {
    /// The outermost message, from the start of the input on.
    pub(crate) const fn new(window: Window<'r, 'a, 'p>) -> Self {
        Self { window, ends: Vec::new() }
    }

    /// The next field of the message entered last; `None` at its end, which leaves it.
    #[inline]
    pub(crate) fn next_head(&mut self) -> Read<Option<Head>> {
        let offset = self.window.offset();
        match self.ends.last() {
            Some(&end) if offset >= end => {
                self.ends.pop();
                return Ok(None);
            }
            None if self.window.peek()?.is_none() => return Ok(None),
            _ => {}
        }
        let key = self.varint()?;
        let number = message::number(key, offset)?;
        let wire = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            2 => {
                let len = self.varint()?;
                Wire::Bytes(self.check_len(len)?)
            }
            1 => Wire::Fixed64(message::fixed(self.take(8)?)),
            5 => {
                let _unused = self.take(4)?;
                Wire::Fixed32
            }
            wire => return Err(message::wrong_wire_type(offset, number, wire)),
        };
        Ok(Some(Head { number, offset, wire }))
    }

    /// The next field with its content; as [`Self::next_head`].
    #[inline]
    pub(crate) fn next(&mut self) -> Read<Option<Field<'_>>> {
        match self.next_head()? {
            Some(head) => self.field(&head).map(Some),
            None => Ok(None),
        }
    }

    /// Hands every field of the outermost message, from the next one on, to `each`: the quick way through many small
    /// ones.
    #[inline(always)]
    pub(crate) fn each(&mut self, mut each: impl FnMut(&Field<'_>) -> Read<()>) -> Read<()> {
        while self.window.read_slice(|bytes, base| Message::each_whole(bytes, base, &mut each))? {
            // The one that lies across slices, or is damaged.
            if let Some(field) = self.next()? {
                each(&field)?;
            }
        }
        Ok(())
    }

    /// The field with its content, which must fit in memory.
    ///
    /// # Errors
    /// `too-large` beyond [`PIECE_LIMIT`], `truncated` at the end of the input.
    #[inline]
    pub(crate) fn field(&mut self, head: &Head) -> Read<Field<'_>> {
        let &Head { number, offset, wire } = head;
        let value = match wire {
            Wire::Varint(value) => Value::Varint(value),
            Wire::Fixed64(value) => Value::Fixed64(value),
            Wire::Fixed32 => Value::Fixed32,
            Wire::Bytes(len) => {
                let start = self.window.offset();
                if len as u64 > PIECE_LIMIT {
                    return Err(self.refuse(offset, len));
                }
                Value::Bytes(self.take(len)?, start)
            }
        };
        Ok(Field { number, offset, value })
    }

    /// Enters a message field: its fields come next.
    pub(crate) fn enter(&mut self, head: &Head, name: &str) -> Read<()> {
        match head.wire {
            Wire::Bytes(len) => {
                self.ends.push(self.window.offset() + len as u64);
                Ok(())
            }
            Wire::Varint(_) => Err(message::wrong_type((head.number, head.offset), name, "a number", "bytes")),
            Wire::Fixed64(_) | Wire::Fixed32 => {
                Err(message::wrong_type((head.number, head.offset), name, "a fixed-size number", "bytes"))
            }
        }
    }

    /// Passes over a field's content without holding it.
    pub(crate) fn skip(&mut self, head: &Head) -> Read<()> {
        let Wire::Bytes(len) = head.wire else { return Ok(()) };
        let start = self.window.offset();
        if self.window.skip(len as u64)? { Ok(()) } else { Err(cut_off(start)) }
    }

    /// Begins again; see [`Window::rewind`].
    pub(crate) fn rewind(&mut self, until: u64) {
        self.ends.clear();
        self.window.rewind(until);
    }

    /// Where the next field starts in the input.
    pub(crate) const fn position(&self) -> u64 {
        self.window.offset()
    }

    #[inline(always)]
    fn varint(&mut self) -> Read<u64> {
        if self.window.rest().len() < MAX_VARINT_LEN {
            self.window.ensure(MAX_VARINT_LEN)?;
        }
        let offset = self.window.offset();
        let mut rest = self.window.rest();
        // What is cut off by the end of the message is malformed, by the end of the input truncated.
        let mut is_cut_off = true;
        if let Some(end) = self.ends.last() {
            let left = usize::try_from(end - offset).unwrap_or(usize::MAX);
            is_cut_off = rest.len() < left;
            rest = &rest[..rest.len().min(left)];
        }
        let before = rest.len();
        let value = message::varint(&mut rest, offset + before as u64, is_cut_off)?;
        let len = before - rest.len();
        self.window.advance(len);
        Ok(value)
    }

    /// A length of bytes that come next.
    #[inline(always)]
    fn check_len(&self, len: u64) -> Read<usize> {
        let start = self.window.offset();
        match usize::try_from(len) {
            Ok(len) if self.fits(start, len) => Ok(len),
            _ => Err(message::fault(UNEXPECTED_END, start, self.ends.is_empty())),
        }
    }

    #[inline(always)]
    fn fits(&self, start: u64, len: usize) -> bool {
        self.ends.last().is_none_or(|&end| len as u64 <= end - start)
    }

    #[inline(always)]
    fn take(&mut self, len: usize) -> Read<&[u8]> {
        let start = self.window.offset();
        if self.window.rest().len() < len {
            self.window.ensure(len)?;
        }
        if !self.fits(start, len) {
            return Err(message::fault(UNEXPECTED_END, start, false));
        }
        self.window.take(len)?.ok_or_else(|| cut_off(start))
    }

    /// Why a field of `len` bytes is not read: the input has fewer, or they are too many.
    #[cold]
    fn refuse(&mut self, offset: u64, len: usize) -> Box<InputError> {
        let start = self.window.offset();
        match self.window.skip(len as u64) {
            Err(error) => error.into(),
            Ok(false) => cut_off(start),
            Ok(true) => {
                let message = format!("a field has {len} bytes, more than the {PIECE_LIMIT} that one can have");
                InputError::at(ErrorCode::TooLarge, offset, message).into()
            }
        }
    }
}

/// The input ends in the middle of what starts at `start`.
#[cold]
fn cut_off(start: u64) -> Box<InputError> {
    message::fault(UNEXPECTED_END, start, true)
}

const UNEXPECTED_END: ReadError = ReadError { offset: 0, kind: ReadErrorKind::UnexpectedEnd };
