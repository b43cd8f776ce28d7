//! The bytes of a file in order, through a window: what inflating reads from.

use emberglass_profile::InputError;

use crate::source::{Source, read_exact_at};

/// Most bytes of a file held at once.
pub(crate) const WINDOW: usize = 1 << 20;

/// A source, a place in it and the bytes around that place.
pub(crate) struct Feed<'a> {
    source: Box<dyn Source + 'a>,
    len: u64,
    window: Vec<u8>,
    /// Offset in the file of `window[0]`.
    window_at: u64,
    /// Bytes of the window that are consumed.
    used: usize,
}

impl<'a> Feed<'a> {
    pub(crate) fn new(source: Box<dyn Source + 'a>) -> Self {
        Self { len: source.len(), source, window: Vec::new(), window_at: 0, used: 0 }
    }

    /// Size of the file.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// Offset of the next byte.
    pub(crate) const fn pos(&self) -> u64 {
        self.window_at + self.used as u64
    }

    /// The unread bytes at hand, some unless the file is at its end.
    ///
    /// # Errors
    /// `unreadable-file`.
    pub(crate) fn rest(&mut self) -> Result<&[u8], InputError> {
        self.peek(1)
    }

    /// The unread bytes at hand, at least `count` (at most [`WINDOW`]) unless the file ends before.
    ///
    /// # Errors
    /// `unreadable-file`.
    pub(crate) fn peek(&mut self, count: usize) -> Result<&[u8], InputError> {
        if self.window.len() - self.used < count {
            self.refill()?;
        }
        Ok(&self.window[self.used..])
    }

    fn refill(&mut self) -> Result<(), InputError> {
        let at = self.pos();
        self.window.drain(..self.used);
        (self.window_at, self.used) = (at, 0);
        let have = self.window.len();
        let whole = usize::try_from(self.len - at).unwrap_or(WINDOW).min(WINDOW);
        self.window.resize(whole.max(have), 0);
        let read = read_exact_at(&mut *self.source, at + have as u64, &mut self.window[have..]);
        if read.is_err() {
            self.window.truncate(have);
        }
        read
    }

    /// Goes `count` bytes on, which are at hand.
    pub(crate) fn consume(&mut self, count: usize) {
        self.used += count.min(self.window.len() - self.used);
    }

    /// Goes `count` bytes on, at hand or not; to the end, and false, where there are fewer.
    pub(crate) fn skip(&mut self, count: u64) -> bool {
        let target = self.pos().saturating_add(count);
        self.seek(target);
        target <= self.len
    }

    /// Goes back to the start of the file.
    pub(crate) fn rewind(&mut self) {
        self.seek(0);
    }

    /// Goes to a position, which lies in the file.
    pub(crate) fn seek(&mut self, position: u64) {
        let used = position.checked_sub(self.window_at).and_then(|used| usize::try_from(used).ok());
        match used.filter(|&used| used <= self.window.len()) {
            Some(used) => self.used = used,
            None => {
                self.window.clear();
                (self.window_at, self.used) = (position.min(self.len), 0);
            }
        }
    }

    /// Fills `into` from `offset` on, without moving.
    ///
    /// # Errors
    /// `unreadable-file`.
    pub(crate) fn read_exact_at(&mut self, offset: u64, into: &mut [u8]) -> Result<(), InputError> {
        let from = offset.checked_sub(self.window_at).and_then(|from| usize::try_from(from).ok());
        match from.and_then(|from| self.window.get(from..)).and_then(|rest| rest.get(..into.len())) {
            Some(bytes) => into.copy_from_slice(bytes),
            None => read_exact_at(&mut *self.source, offset, into)?,
        }
        Ok(())
    }
}
