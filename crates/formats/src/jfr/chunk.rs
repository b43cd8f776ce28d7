//! One chunk: a recording of its own, with its clock.

use std::collections::HashMap;

use emberglass_profile::{ErrorCode, InputError};
use foldhash::fast::FixedState;

use super::MAGIC;
use super::bytes::Bytes;
use crate::window::{PIECE_LIMIT, Window};

/// Size of a chunk's header.
pub(super) const HEADER_LEN: usize = 68;
/// Most bytes that the size of an event takes.
const SIZE_LEN: usize = 9;
/// Most bytes of types and constants of a chunk that is not held.
const MOST_KEPT: usize = 1 << 30;

/// What a chunk says of itself.
pub(super) struct Header {
    /// Where it starts in the file.
    pub(super) base: u64,
    pub(super) size: u64,
    /// Offsets in the chunk.
    pub(super) pools_at: u64,
    pub(super) metadata_at: u64,
    pub(super) start: i64,
    pub(super) duration: i64,
    start_ticks: i64,
    ticks_per_second: i64,
    is_compressed: bool,
}

/// The events of a chunk.
pub(super) trait Body {
    /// The bytes from an offset in the chunk on, at least those of the event there if it describes others.
    fn at(&self, offset: u64) -> Option<&[u8]>;

    /// Hands each event, with its offset in the chunk, to `each`.
    ///
    /// # Errors
    /// `malformed` for an event that passes the end of the chunk, and what `each` returns.
    fn each(
        &mut self,
        header: &Header,
        each: &mut dyn FnMut(u64, Bytes<'_>) -> Result<(), InputError>,
    ) -> Result<(), InputError>;
}

impl Header {
    /// Reads a header at `base` of the file; `None` if it is cut off.
    pub(super) fn read(bytes: &[u8], base: u64) -> Result<Option<Self>, InputError> {
        if !bytes.starts_with(MAGIC) && bytes.len() >= MAGIC.len() {
            let message = "no chunk of a recording begins here";
            return Err(InputError::at(ErrorCode::Malformed, base, message));
        }
        if bytes.len() < HEADER_LEN {
            return Ok(None);
        }
        let mut reader = Bytes::new(bytes, base, false);
        reader.seek(4)?;
        let (major, minor) = (reader.fixed(2)?, reader.fixed(2)?);
        if !(1..=2).contains(&major) {
            let message = format!("version {major}.{minor} of JFR is not read, only 1 and 2");
            return Err(InputError::at(ErrorCode::UnsupportedVersion, base + 4, message));
        }
        let mut next = || reader.fixed(8);
        let (size, pools_at, metadata_at) = (next()?, next()?, next()?);
        let (start, duration, start_ticks, ticks_per_second) = (next()?, next()?, next()?, next()?);
        let features = reader.fixed(4)?;
        // A recording that was not finished has no size yet.
        let Some(size) = u64::try_from(size).ok().filter(|&size| size >= HEADER_LEN as u64) else { return Ok(None) };
        let offset = |value: i64| match u64::try_from(value) {
            Ok(value) if (HEADER_LEN as u64..size).contains(&value) => Ok(value),
            _ => Err(InputError::at(ErrorCode::Malformed, base, format!("an offset of {value} is beyond the chunk"))),
        };
        Ok(Some(Self {
            base,
            size,
            pools_at: offset(pools_at)?,
            metadata_at: offset(metadata_at)?,
            start,
            duration,
            start_ticks,
            ticks_per_second: ticks_per_second.max(1),
            is_compressed: features & 1 != 0,
        }))
    }

    fn bytes<'a>(&self, bytes: &'a [u8], offset: u64) -> Bytes<'a> {
        Bytes::new(bytes, self.base + offset, self.is_compressed)
    }

    /// The size of the event that `start` begins with.
    fn size_of_event(&self, start: &[u8], offset: u64) -> Result<u64, InputError> {
        let size = self.bytes(start, offset).number(4)?;
        let end = u64::try_from(size).ok().filter(|&size| size > 0).and_then(|size| offset.checked_add(size));
        match end {
            Some(end) if end <= self.size => Ok(end - offset),
            _ => {
                let message = format!("an event of {size} bytes passes the end of its chunk");
                Err(InputError::at(ErrorCode::Malformed, self.base + offset, message))
            }
        }
    }

    /// The event at an offset in the chunk, which describes others.
    pub(super) fn event<'b>(&self, body: &'b dyn Body, offset: u64) -> Result<Bytes<'b>, InputError> {
        let Some(bytes) = body.at(offset) else {
            let message = format!("byte {offset} of the chunk is not an event that describes others");
            return Err(InputError::at(ErrorCode::Malformed, self.base, message));
        };
        let size = self.size_of_event(&bytes[..bytes.len().min(SIZE_LEN)], offset)?;
        Ok(self.bytes(&bytes[..bytes.len().min(usize::try_from(size).unwrap_or(usize::MAX))], offset))
    }

    /// A number of ticks in ns.
    pub(super) fn nanos(&self, ticks: i64) -> i64 {
        let nanos = i128::from(ticks) * 1_000_000_000 / i128::from(self.ticks_per_second);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// A time in ticks as ns since the epoch.
    pub(super) fn time(&self, ticks: i64) -> i64 {
        self.start.saturating_add(self.nanos(ticks.saturating_sub(self.start_ticks)))
    }
}

/// A chunk in one piece, its header included.
pub(super) struct Held<'b>(pub(super) &'b [u8]);

impl Body for Held<'_> {
    fn at(&self, offset: u64) -> Option<&[u8]> {
        self.0.get(usize::try_from(offset).ok()?..)
    }

    fn each(
        &mut self,
        header: &Header,
        each: &mut dyn FnMut(u64, Bytes<'_>) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        let mut at = HEADER_LEN;
        while at < self.0.len() {
            let rest = &self.0[at..];
            let size = header.size_of_event(&rest[..rest.len().min(SIZE_LEN)], at as u64)? as usize;
            each(at as u64, header.bytes(&rest[..size.min(rest.len())], at as u64))?;
            at += size;
        }
        Ok(())
    }
}

/// A chunk that is read anew for each pass over its events; of it the events that describe others are held.
pub(super) struct Streamed<'w, 'r, 'a, 'p> {
    window: &'w mut Window<'r, 'a, 'p>,
    kept: Vec<u8>,
    /// Where the events that are kept begin in `kept`, by their offset in the chunk.
    places: HashMap<u64, (usize, usize), FixedState>,
}

impl<'w, 'r, 'a, 'p> Streamed<'w, 'r, 'a, 'p> {
    /// Reads the events that describe others; `None` if the chunk is cut off.
    pub(super) fn read(window: &'w mut Window<'r, 'a, 'p>, header: &Header) -> Result<Option<Self>, InputError> {
        let mut body = Self { window, kept: Vec::new(), places: HashMap::default() };
        let (mut kept, mut places) = (Vec::new(), HashMap::default());
        let is_whole = body.pass(header, &mut |offset, mut event| {
            let bytes = event.all();
            let _size = event.number(4)?;
            if event.long()? <= 1 {
                if kept.len() + bytes.len() > MOST_KEPT {
                    let message = "the types and constants of a chunk are too many to hold";
                    return Err(InputError::at(ErrorCode::TooLarge, header.base + offset, message));
                }
                places.insert(offset, (kept.len(), kept.len() + bytes.len()));
                kept.extend_from_slice(bytes);
            }
            Ok(())
        })?;
        (body.kept, body.places) = (kept, places);
        Ok(is_whole.then_some(body))
    }

    /// One pass; false if the input ends in the chunk.
    fn pass(
        &mut self,
        header: &Header,
        each: &mut dyn FnMut(u64, Bytes<'_>) -> Result<(), InputError>,
    ) -> Result<bool, InputError> {
        self.window.seek(header.base + HEADER_LEN as u64);
        let mut at = HEADER_LEN as u64;
        while at < header.size {
            self.window.ensure(SIZE_LEN)?;
            let rest = self.window.rest();
            let left = usize::try_from(header.size - at).unwrap_or(usize::MAX);
            if rest.len() < SIZE_LEN.min(left) {
                return Ok(false);
            }
            let size = header.size_of_event(&rest[..SIZE_LEN.min(left)], at)?;
            if size > PIECE_LIMIT {
                if !self.window.skip(size)? {
                    return Ok(false);
                }
                let message = format!("an event of {size} bytes is larger than {PIECE_LIMIT}, the most that one has");
                return Err(InputError::at(ErrorCode::TooLarge, header.base + at, message));
            }
            let Some(event) = self.window.take(size as usize)? else { return Ok(false) };
            each(at, header.bytes(event, at))?;
            at += size;
        }
        Ok(true)
    }
}

impl Body for Streamed<'_, '_, '_, '_> {
    fn at(&self, offset: u64) -> Option<&[u8]> {
        let &(from, to) = self.places.get(&offset)?;
        self.kept.get(from..to)
    }

    fn each(
        &mut self,
        header: &Header,
        each: &mut dyn FnMut(u64, Bytes<'_>) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        self.pass(header, each).map(|_is_whole| ())
    }
}
