//! The bytes at hand: a window that is refilled slice by slice.

use emberglass_profile::InputError;

use crate::{Input, Meter};

/// Read and unread bytes of an input; what was read goes when more is fetched.
pub(super) struct Buffer<'r, 'a, 'p> {
    input: &'r mut Input<'a>,
    meter: &'r mut Meter<'p>,
    bytes: Vec<u8>,
    pos: usize,
    /// Offset in the input of `bytes[0]`.
    base: u64,
    ended: bool,
}

impl<'r, 'a, 'p> Buffer<'r, 'a, 'p> {
    pub(super) const fn new(input: &'r mut Input<'a>, meter: &'r mut Meter<'p>) -> Self {
        Self { input, meter, bytes: Vec::new(), pos: 0, base: 0, ended: false }
    }

    /// Offset of the next byte.
    pub(super) const fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Unread bytes at hand.
    #[inline(always)]
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.pos..).unwrap_or(&[])
    }

    /// Goes `count` bytes on, which must be at hand.
    #[inline(always)]
    pub(super) const fn advance(&mut self, count: usize) {
        self.pos += count;
    }

    /// Appends a slice of the input to the unread bytes; false at the end.
    #[cold]
    pub(super) fn fill(&mut self) -> Result<bool, InputError> {
        if self.ended {
            return Ok(false);
        }
        self.bytes.drain(..self.pos.min(self.bytes.len()));
        self.base += self.pos as u64;
        self.pos = 0;
        match self.input.next_chunk(self.meter)? {
            Some(chunk) => self.bytes.extend_from_slice(chunk),
            None => self.ended = true,
        }
        Ok(!self.ended)
    }

    /// The next byte, `None` at the end.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Result<Option<u8>, InputError> {
        match self.bytes.get(self.pos) {
            Some(&byte) => Ok(Some(byte)),
            None => self.peek_far(),
        }
    }

    #[cold]
    fn peek_far(&mut self) -> Result<Option<u8>, InputError> {
        while self.pos >= self.bytes.len() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(self.bytes.get(self.pos).copied())
    }

    /// Skips white space; the byte after it, `None` at the end.
    #[inline]
    pub(super) fn peek_token(&mut self) -> Result<Option<u8>, InputError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.pos += 1,
                other => return Ok(other),
            }
        }
    }

    /// Makes `count` bytes available, fewer at the end.
    pub(super) fn ensure(&mut self, count: usize) -> Result<(), InputError> {
        while self.rest().len() < count && self.fill()? {}
        Ok(())
    }
}
