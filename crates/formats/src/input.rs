//! The bytes of one file, inflated where they are compressed: in order, again from the start, or by offset.
//!
//! Invariants: every byte after inflation goes through the content hash exactly once and in order, however
//! often it is read; at most a few MiB are held besides what the caller keeps.

use emberglass_profile::{ContentHash, ErrorCode, InputError, Warnings};
use xxhash_rust::xxh3::Xxh3;

use crate::feed::{Feed, WINDOW};
use crate::layer::{Layer, note_rest};
use crate::progress::{Meter, NoProgress, REPORT_EVERY};
use crate::source::{SliceSource, Source, VecSource};

/// Bytes that are inflated for recognising a format.
pub const PREFIX_LEN: usize = 4 << 10;
/// What is held whole may have this size whatever the file's.
pub const WHOLE_LIMIT: u64 = 256 << 20;
/// Beyond [`WHOLE_LIMIT`]: this many times the file's size.
pub const WHOLE_RATIO: u64 = 200;
/// Most bytes handed out, or inflated, in one step.
const SLICE: usize = REPORT_EVERY as usize;
/// Bytes read after a jump: much less than a window, for those who jump about.
const JUMP: usize = 64 << 10;
/// What [`Input::hold`] holds at most.
pub const HOLD_LIMIT: u64 = 64 << 20;
/// Up to here a piece of unknown size grows by doubling; a larger one is measured first.
const DOUBLING: usize = 32 << 20;

/// One file. Recognises gzip (any number of members), zstd (any number of frames) and zlib; anything else is taken
/// as it is.
///
/// All positions are offsets into the inflated bytes. A file that is not compressed is read wherever a position
/// points, at the cost of what is read. A compressed one inflates on from where it is to reach a position ahead,
/// and from its start to reach one behind its window (256 KiB): reading backwards is as slow as it sounds.
pub struct Input<'a> {
    feed: Feed<'a>,
    layer: Option<Layer>,
    file_len: u64,
    compression: Option<&'static str>,
    /// Inflated bytes at hand.
    window: Vec<u8>,
    /// Position of `window[0]`.
    window_at: u64,
    /// Position of what is handed out next.
    pos: u64,
    /// Most bytes handed out in one step.
    slice: usize,
    /// True once the compressed data was seen to its end; the window then ends where the data does.
    ended: bool,
    /// What is wrong behind the window.
    fault: Option<InputError>,
    hash: Box<Xxh3>,
    /// Bytes in `hash`.
    hashed: u64,
    warnings: Warnings,
}

impl<'a> Input<'a> {
    /// A file in memory.
    #[must_use]
    pub fn new(file: &'a [u8]) -> Self {
        Self::open(SliceSource(file))
    }

    /// A file somewhere else. Looks at its first bytes; where they can't be read, reading gives that error.
    #[must_use]
    pub fn open(source: impl Source + 'a) -> Self {
        let mut feed = Feed::new(Box::new(source));
        let (layer, fault) = match Layer::of(&mut feed) {
            Ok(layer) => (layer, None),
            Err(fault) => (None, Some(fault)),
        };
        Self { fault, ..Self::layered(feed, layer) }
    }

    /// A file that is known to be packed by `layer`, whatever its first bytes look like.
    pub(crate) fn packed(source: impl Source + 'a, layer: Layer) -> Self {
        Self::layered(Feed::new(Box::new(source)), Some(layer))
    }

    fn layered(feed: Feed<'a>, layer: Option<Layer>) -> Self {
        Self {
            file_len: feed.len(),
            compression: layer.as_ref().map(Layer::name),
            feed,
            layer,
            window: Vec::new(),
            window_at: 0,
            pos: 0,
            slice: SLICE,
            ended: false,
            fault: None,
            hash: Box::new(Xxh3::new()),
            hashed: 0,
            warnings: Warnings::default(),
        }
    }

    /// Size of the file, compressed or not.
    #[must_use]
    pub const fn file_len(&self) -> u64 {
        self.file_len
    }

    /// How far the file itself is read.
    pub(crate) fn file_pos(&self) -> u64 {
        if self.layer.is_none() { self.pos.min(self.file_len) } else { self.feed.pos() }
    }

    /// True if every position costs the same: not compressed, or held.
    #[must_use]
    pub const fn is_seekable(&self) -> bool {
        self.layer.is_none()
    }

    /// Size after inflation: known for a file that is not compressed, and once the end was reached.
    #[must_use]
    pub const fn inflated_len(&self) -> Option<u64> {
        match &self.layer {
            None => Some(self.feed.len()),
            Some(_) if self.ended => Some(self.window_end()),
            Some(_) => None,
        }
    }

    /// Name of the compression, if there is one.
    #[must_use]
    pub const fn compression(&self) -> Option<&'static str> {
        self.compression
    }

    /// Size up to which this file may be held whole: the larger of 256 MiB and 200 times its compressed size.
    #[must_use]
    pub fn whole_limit(&self) -> u64 {
        WHOLE_LIMIT.max(self.file_len().saturating_mul(WHOLE_RATIO))
    }

    /// The first [`PREFIX_LEN`] bytes after inflation, fewer if there are no more or if the stream breaks
    /// before; for recognising a format.
    pub fn prefix(&mut self) -> &[u8] {
        let filled = self.fill(0, &mut Meter::new(&mut NoProgress, 0));
        debug_assert!(filled.is_ok() || self.fault.is_some());
        if self.window_at > 0 {
            return &[];
        }
        &self.window[..self.window.len().min(PREFIX_LEN)]
    }

    /// The fault that cut [`Self::prefix`] short.
    #[must_use]
    pub fn fault(&self) -> Option<&InputError> {
        self.fault.as_ref().filter(|_| self.window_end() < PREFIX_LEN as u64)
    }

    /// Position of what [`Self::next_chunk`] hands out.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.pos
    }

    /// Goes to a position; beyond the end there is nothing to read. Costs nothing by itself.
    pub const fn seek(&mut self, position: u64) {
        self.pos = position;
    }

    /// Hands out at most `most` bytes in one step, at least one: what a decoder gives does not depend on it.
    pub const fn set_slice(&mut self, most: usize) {
        self.slice = if most == 0 { 1 } else { most };
    }

    /// Begins again at the first inflated byte.
    pub const fn rewind(&mut self) {
        self.seek(0);
    }

    /// The next bytes in order (at most 256 KiB), `None` at the end. Reports progress in bytes of the file.
    ///
    /// # Errors
    /// `truncated` or `damaged-compression` at an offset of the file, after all bytes before it;
    /// `unreadable-file`, `cancelled`.
    pub fn next_chunk(&mut self, meter: &mut Meter<'_>) -> Result<Option<&[u8]>, InputError> {
        meter.reach(if self.is_seekable() { self.pos } else { self.feed.pos() })?;
        self.fill(self.pos, meter)?;
        let rest = self.at_hand(self.pos);
        let count = rest.len().min(self.slice);
        let from = self.window.len() - rest.len();
        self.pos += count as u64;
        Ok((count > 0).then(|| &self.window[from..from + count]))
    }

    /// Reads bytes from `position` on into the start of `into`; gives how many: fewer than asked for only at the
    /// end. Leaves [`Self::position`] as it is.
    ///
    /// # Errors
    /// As [`Self::next_chunk`].
    pub fn read_at(&mut self, position: u64, into: &mut [u8], meter: &mut Meter<'_>) -> Result<usize, InputError> {
        let mut filled = 0;
        while filled < into.len() {
            let at = position + filled as u64;
            self.fill(at, meter)?;
            let rest = self.at_hand(at);
            let count = rest.len().min(into.len() - filled);
            if count == 0 {
                break;
            }
            into[filled..filled + count].copy_from_slice(&rest[..count]);
            filled += count;
        }
        Ok(filled)
    }

    /// All bytes from the position on, in one piece.
    ///
    /// # Errors
    /// `too-large` for more than `limit` bytes, refused before more than a small part of that is held, or where
    /// the host's memory does not reach; else as [`Self::next_chunk`].
    pub fn read_all(&mut self, limit: u64, meter: &mut Meter<'_>) -> Result<Vec<u8>, InputError> {
        let start = self.pos;
        let stages = if self.layer.is_none() { 8 } else { 2 };
        meter.stage(self.file_len() / stages, self.file_len());
        let mut whole = Vec::new();
        let expected = self.expected_len(limit)?;
        self.make_room(&mut whole, expected, meter)?;
        while let Some(chunk) = self.next_chunk(meter)? {
            if chunk.len() <= whole.capacity() - whole.len() {
                whole.extend_from_slice(chunk);
                continue;
            }
            let missing = chunk.len();
            self.pos -= missing as u64;
            if (whole.len() + missing) as u64 > limit {
                return Err(self.too_large(limit));
            }
            if whole.len() < DOUBLING {
                let double = (2 * whole.len()).max(whole.len() + missing) as u64;
                self.make_room(&mut whole, double.min(limit), meter)?;
                continue;
            }
            // Growing a large piece would need the old and the new memory at a time.
            whole = Vec::new();
            let len = self.measure(start, limit, meter)?;
            self.pos = start;
            self.make_room(&mut whole, len, meter)?;
        }
        Ok(whole)
    }

    /// Holds all inflated bytes of a compressed file where they are at most [`HOLD_LIMIT`], so that every position
    /// costs the same from then on; for decoders that jump about or read more than once. False if they are more.
    /// The position stays; the meter's last stage begins, over the inflated bytes.
    ///
    /// # Errors
    /// As [`Self::next_chunk`].
    pub fn hold(&mut self, meter: &mut Meter<'_>) -> Result<bool, InputError> {
        if self.is_seekable() {
            return Ok(true);
        }
        let position = std::mem::take(&mut self.pos);
        let whole = self.read_all(HOLD_LIMIT, meter);
        self.pos = position;
        match whole {
            Ok(whole) => {
                meter.last_stage(whole.len() as u64);
                self.feed = Feed::new(Box::new(VecSource(whole)));
                self.layer = None;
                self.window = Vec::new();
                self.window_at = 0;
                Ok(true)
            }
            Err(error) if error.code == ErrorCode::TooLarge => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Hash of all bytes after inflation; reads what nobody has read yet.
    ///
    /// # Errors
    /// As [`Self::next_chunk`].
    pub fn content_hash(&mut self, meter: &mut Meter<'_>) -> Result<ContentHash, InputError> {
        loop {
            let before = self.hashed;
            self.fill(before, meter)?;
            if self.hashed == before {
                return Ok(ContentHash(self.hash.digest128()));
            }
        }
    }

    /// What was noticed while inflating: bytes behind the end.
    #[must_use]
    pub const fn warnings(&self) -> &Warnings {
        &self.warnings
    }

    const fn window_end(&self) -> u64 {
        self.window_at + self.window.len() as u64
    }

    /// The window from a position on.
    fn at_hand(&self, position: u64) -> &[u8] {
        let from = position.checked_sub(self.window_at).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.window.get(from..)).unwrap_or_default()
    }

    /// Makes the window hold `position`, unless the data ends before it.
    fn fill(&mut self, position: u64, meter: &mut Meter<'_>) -> Result<(), InputError> {
        if position >= self.window_at && position < self.window_end() {
            return Ok(());
        }
        if self.layer.is_none() {
            meter.reach(position)?;
            return self.fill_plain(position);
        }
        if position < self.window_at {
            self.restart();
        }
        while position >= self.window_end() && !self.ended {
            meter.reach(self.feed.pos())?;
            self.inflate_more()?;
        }
        Ok(())
    }

    fn fill_plain(&mut self, position: u64) -> Result<(), InputError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let most = if position == self.window_end() { WINDOW } else { JUMP };
        let left = self.feed.len().saturating_sub(position);
        if left == 0 {
            return Ok(());
        }
        self.window.resize(usize::try_from(left).unwrap_or(most).min(most), 0);
        self.window_at = position;
        if let Err(fault) = self.feed.read_exact_at(position, &mut self.window) {
            self.window.clear();
            self.fault = Some(fault.clone());
            return Err(fault);
        }
        self.hash_window();
        Ok(())
    }

    /// Replaces the window by the bytes behind it.
    fn inflate_more(&mut self) -> Result<(), InputError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let Self { feed, layer: Some(layer), window, warnings, .. } = self else { return Ok(()) };
        self.window_at += window.len() as u64;
        window.clear();
        let mut inflated = layer.inflate_into(feed, window, SLICE);
        if inflated == Ok(true) && layer.is_compression() && warnings.as_slice().is_empty() {
            inflated = note_rest(feed, warnings).map(|()| true);
        }
        self.hash_window();
        match inflated {
            Ok(ended) => self.ended = ended,
            Err(fault) => {
                self.fault = Some(fault.clone());
                if self.window.is_empty() {
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.feed.rewind();
        if let Some(layer) = &mut self.layer {
            layer.rewind();
        }
        self.window.clear();
        self.window_at = 0;
        self.ended = false;
        self.fault = None;
    }

    fn hash_window(&mut self) {
        if self.window_at <= self.hashed && self.hashed < self.window_end() {
            let from = (self.hashed - self.window_at) as usize;
            self.hash.update(&self.window[from..]);
            self.hashed = self.window_end();
        }
    }

    /// Bytes from `start` to the end, read without keeping them.
    fn measure(&mut self, start: u64, limit: u64, meter: &mut Meter<'_>) -> Result<u64, InputError> {
        while let Some(chunk) = self.next_chunk(meter)? {
            let _counted = chunk;
            if self.pos - start > limit {
                return Err(self.too_large(limit));
            }
        }
        Ok(self.pos - start)
    }

    /// Room for `len` bytes in `whole`, no more.
    fn make_room(&self, whole: &mut Vec<u8>, len: u64, meter: &mut Meter<'_>) -> Result<(), InputError> {
        meter.reserve(len)?;
        let more = usize::try_from(len).ok().map(|len| len.saturating_sub(whole.len()));
        match more.map(|more| whole.try_reserve_exact(more)) {
            Some(Ok(())) => Ok(()),
            _ => Err(self.too_large(len.saturating_sub(1))),
        }
    }

    fn too_large(&self, limit: u64) -> InputError {
        let len = self.file_len();
        let message = match self.compression() {
            Some(name) => format!(
                "the {name} file of {len} bytes inflates to more than {limit} bytes, the most that is held in memory for it"
            ),
            None => format!("the file of {len} bytes is larger than {limit} bytes, the most that this format can be"),
        };
        InputError::new(ErrorCode::TooLarge, message)
    }

    /// A guess at the bytes that are left, which a lying file can't turn into much memory.
    fn expected_len(&mut self, limit: u64) -> Result<u64, InputError> {
        let file_len = self.file_len();
        let Some(layer) = &self.layer else {
            let left = file_len.saturating_sub(self.pos);
            return if left > limit { Err(self.too_large(limit)) } else { Ok(left) };
        };
        let stated = layer.stated_len(&mut self.feed).unwrap_or(file_len.saturating_mul(4));
        Ok(stated.min(file_len.saturating_mul(16)).min(limit))
    }
}
