//! The bytes at hand: a window on an input that is refilled slice by slice.

use emberglass_columns::{ByteReader, MAX_VARINT_LEN, ReadError, ReadErrorKind};
use emberglass_profile::{ErrorCode, InputError};

use crate::{Input, Meter};

/// Most bytes that a format without a shape of its own for more may hold in one piece: one string, one record.
pub(crate) const PIECE_LIMIT: u64 = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Read and unread bytes of an input; what was read goes when more is fetched.
pub(crate) struct Window<'r, 'a, 'p> {
    input: &'r mut Input<'a>,
    meter: &'r mut Meter<'p>,
    bytes: Vec<u8>,
    pos: usize,
    /// Offset in the input of `bytes[0]`.
    base: u64,
    ended: bool,
}

impl<'r, 'a, 'p> Window<'r, 'a, 'p> {
    /// What follows the position of `input`.
    pub(crate) const fn new(input: &'r mut Input<'a>, meter: &'r mut Meter<'p>) -> Self {
        Self { base: input.position(), input, meter, bytes: Vec::new(), pos: 0, ended: false }
    }

    /// Offset of the next byte.
    pub(crate) const fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Unread bytes at hand.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &[u8] {
        self.bytes.get(self.pos..).unwrap_or(&[])
    }

    /// Goes `count` bytes on, which must be at hand.
    #[inline(always)]
    pub(crate) const fn advance(&mut self, count: usize) {
        self.pos += count;
    }

    /// Appends a slice of the input to the unread bytes; false at the end.
    #[cold]
    pub(crate) fn fill(&mut self) -> Result<bool, InputError> {
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
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, InputError> {
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

    /// Skips a byte order mark of UTF-8 that comes next.
    pub(crate) fn skip_byte_order_mark(&mut self) -> Result<(), InputError> {
        self.ensure(BYTE_ORDER_MARK.len())?;
        if self.rest().starts_with(BYTE_ORDER_MARK) {
            self.advance(BYTE_ORDER_MARK.len());
        }
        Ok(())
    }

    /// Skips white space; the byte after it, `None` at the end.
    #[inline]
    pub(crate) fn peek_token(&mut self) -> Result<Option<u8>, InputError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.pos += 1,
                other => return Ok(other),
            }
        }
    }

    /// Makes `count` bytes available, fewer at the end.
    pub(crate) fn ensure(&mut self, count: usize) -> Result<(), InputError> {
        while self.rest().len() < count && self.fill()? {}
        Ok(())
    }

    /// The next `len` bytes, which become read; `None`, and nothing read, if the input has fewer.
    pub(crate) fn take(&mut self, len: usize) -> Result<Option<&[u8]>, InputError> {
        self.ensure(len)?;
        if self.rest().len() < len {
            return Ok(None);
        }
        self.pos += len;
        Ok(self.bytes.get(self.pos - len..self.pos))
    }

    /// The next `len` bytes in one piece, which become read.
    ///
    /// # Errors
    /// `truncated` if the input has fewer, `too-large` beyond [`PIECE_LIMIT`].
    pub(crate) fn piece(&mut self, len: u64) -> Result<&[u8], InputError> {
        let at = self.offset();
        let cut_off = || InputError::read(at, ReadError { offset: 0, kind: ReadErrorKind::UnexpectedEnd });
        if len > PIECE_LIMIT {
            let is_whole = self.skip(len)?;
            let message = format!("a piece has {len} bytes, more than the {PIECE_LIMIT} that one can have");
            return Err(if is_whole { InputError::at(ErrorCode::TooLarge, at, message) } else { cut_off() });
        }
        self.take(len as usize)?.ok_or_else(cut_off)
    }

    /// The next `N` bytes, which become read.
    ///
    /// # Errors
    /// `truncated`.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], InputError> {
        let mut array = [0; N];
        array.copy_from_slice(self.piece(N as u64)?);
        Ok(array)
    }

    /// A varint, which becomes read.
    ///
    /// # Errors
    /// `truncated`, `malformed`.
    pub(crate) fn varint(&mut self) -> Result<u64, InputError> {
        self.ensure(MAX_VARINT_LEN)?;
        let at = self.offset();
        let mut reader = ByteReader::new(self.rest());
        let value = reader.varint().map_err(|error| InputError::read(at, error))?;
        let len = reader.position();
        self.advance(len);
        Ok(value)
    }

    /// Passes over `len` bytes without holding them; false, and all bytes read, if the input has fewer.
    pub(crate) fn skip(&mut self, len: u64) -> Result<bool, InputError> {
        let mut left = len;
        loop {
            let at_hand = self.rest().len() as u64;
            if left <= at_hand {
                self.pos += left as usize;
                return Ok(true);
            }
            left -= at_hand;
            self.pos = self.bytes.len();
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Hands the bytes at hand, or the next slice of the input where there are none, to `read`, with the offset of the
    /// first; `read` gives how many it read. False at the end.
    pub(crate) fn read_slice<E: From<InputError>>(
        &mut self,
        read: impl FnOnce(&[u8], u64) -> Result<usize, E>,
    ) -> Result<bool, E> {
        if self.pos < self.bytes.len() {
            self.pos += read(&self.bytes[self.pos..], self.base + self.pos as u64)?;
            return Ok(true);
        }
        self.base += self.pos as u64;
        self.pos = 0;
        self.bytes.clear();
        let chunk = if self.ended { None } else { self.input.next_chunk(self.meter)? };
        let Some(chunk) = chunk else {
            self.ended = true;
            return Ok(false);
        };
        let used = read(chunk, self.base)?.min(chunk.len());
        self.bytes.extend_from_slice(&chunk[used..]);
        self.base += used as u64;
        Ok(true)
    }

    /// Goes to a position, as the next stage of the work.
    pub(crate) fn seek(&mut self, position: u64) {
        self.rewind(self.input.file_len());
        self.input.seek(position);
        self.base = position;
    }

    /// Begins again at the first byte, as the next stage of the work, which reports progress up to `until` bytes of the
    /// file.
    pub(crate) fn rewind(&mut self, until: u64) {
        self.input.rewind();
        self.meter.stage(until, self.input.file_len());
        self.bytes.clear();
        (self.pos, self.base, self.ended) = (0, 0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;

    #[test]
    fn bytes_are_taken_and_skipped_across_slices_and_again_after_a_rewind() {
        let bytes: Vec<u8> = (0..900_000u32).map(|at| (at % 251) as u8).collect();
        let mut progress = NoProgress;
        let mut meter = Meter::new(&mut progress, bytes.len() as u64);
        let mut input = Input::new(&bytes);
        let mut window = Window::new(&mut input, &mut meter);
        for _ in 0..2 {
            assert_eq!(window.take(300_000).unwrap(), Some(&bytes[..300_000]));
            assert!(window.skip(299_990).unwrap());
            assert_eq!((window.offset(), window.take(20).unwrap()), (599_990, Some(&bytes[599_990..600_010])));
            assert_eq!(window.take(299_991).unwrap(), None);
            assert_eq!(window.take(299_990).unwrap(), Some(&bytes[600_010..]));
            assert!(!window.skip(1).unwrap());
            window.rewind(900_000);
        }
        let hash = xxhash_rust::xxh3::xxh3_128(&bytes);
        assert_eq!(input.content_hash(&mut meter).unwrap().0, hash);
    }
}
