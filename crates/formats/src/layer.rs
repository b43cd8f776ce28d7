//! What lies between a file and its format: a compression, recognised by its first bytes.

use emberglass_profile::{ErrorCode, InputError, Warnings};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use crate::feed::Feed;
use crate::gzip;
use crate::zstd::{self, Frames};

/// A compression, and how far its reading is.
pub(crate) enum Layer {
    /// Any number of gzip members.
    Gzip(Box<Member>),
    /// One zlib stream.
    Zlib(Box<InflateState>),
    /// Deflated data without a frame, as in zip archives.
    Deflate(Box<InflateState>),
    /// Any number of zstd frames.
    Zstd(Box<Frames>),
    /// What a format of its own makes of the file: no compression, and never recognised here.
    Expanded(Box<dyn Expand>),
}

/// Bytes that a format writes out of a file to read them like any other's.
pub(crate) trait Expand {
    /// Name as users know it.
    fn name(&self) -> &'static str;

    /// Goes back to the start.
    fn rewind(&mut self);

    /// Appends to `out`, up to about `full` bytes in it; true at the end.
    ///
    /// # Errors
    /// What is wrong with the file.
    fn step(&mut self, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<bool, InputError>;
}

/// The gzip member that is being read.
pub(crate) struct Member {
    state: InflateState,
    crc: crc32fast::Hasher,
    inflated: u64,
    in_header: bool,
}

impl Layer {
    /// The compression of the file, which is at its start; `None` for any other data.
    ///
    /// # Errors
    /// `unreadable-file`.
    pub(crate) fn of(feed: &mut Feed<'_>) -> Result<Option<Self>, InputError> {
        let start = feed.rest()?;
        Ok(if gzip::starts_member(start) {
            Some(Self::gzip())
        } else if zstd::starts_frame(start) {
            Some(Self::zstd())
        } else if is_zlib(start) {
            Some(Self::zlib())
        } else {
            None
        })
    }

    fn gzip() -> Self {
        Self::Gzip(Box::new(Member {
            state: InflateState::new(DataFormat::Raw),
            crc: crc32fast::Hasher::new(),
            inflated: 0,
            in_header: true,
        }))
    }

    fn zlib() -> Self {
        Self::Zlib(InflateState::new_boxed(DataFormat::Zlib))
    }

    pub(crate) fn deflate() -> Self {
        Self::Deflate(InflateState::new_boxed(DataFormat::Raw))
    }

    pub(crate) fn zstd() -> Self {
        Self::Zstd(Box::new(Frames::new()))
    }

    /// False where what lies behind the end of the data means nothing.
    pub(crate) const fn is_compression(&self) -> bool {
        !matches!(self, Self::Expanded(_))
    }

    /// Name as users know it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zlib(_) => "zlib",
            Self::Deflate(_) => "deflate",
            Self::Zstd(_) => "zstd",
            Self::Expanded(expand) => expand.name(),
        }
    }

    /// Goes back to the start.
    pub(crate) fn rewind(&mut self) {
        match self {
            Self::Gzip(_) => *self = Self::gzip(),
            Self::Zlib(_) => *self = Self::zlib(),
            Self::Deflate(_) => *self = Self::deflate(),
            Self::Zstd(_) => *self = Self::zstd(),
            Self::Expanded(expand) => expand.rewind(),
        }
    }

    /// The inflated size where the file states one: not to be trusted.
    pub(crate) fn stated_len(&self, feed: &mut Feed<'_>) -> Option<u64> {
        match self {
            Self::Gzip(_) => {
                let mut size = [0; 4];
                feed.read_exact_at(feed.len().checked_sub(4)?, &mut size).ok()?;
                Some(u64::from(u32::from_le_bytes(size)))
            }
            Self::Zstd(_) => {
                let mut start = [0; 32];
                let count = usize::try_from(feed.len()).unwrap_or(usize::MAX).min(start.len());
                feed.read_exact_at(0, &mut start[..count]).ok()?;
                zstd::stated_len(&start[..count])
            }
            Self::Zlib(_) | Self::Deflate(_) | Self::Expanded(_) => None,
        }
    }

    /// Appends `most` inflated bytes to `out`, fewer only at the end (`true`) or before a fault.
    ///
    /// # Errors
    /// `truncated`, `damaged-compression` or `unsupported-compression` at an offset of the file, `too-large` for a
    /// window that is, `unreadable-file`.
    pub(crate) fn inflate_into(
        &mut self,
        feed: &mut Feed<'_>,
        out: &mut Vec<u8>,
        most: usize,
    ) -> Result<bool, InputError> {
        let full = out.len() + most;
        while out.len() < full {
            let ended = match self {
                Self::Zstd(frames) => frames.step(feed, out, full)?,
                Self::Zlib(state) | Self::Deflate(state) => step(state, feed, out, full)?,
                Self::Gzip(member) => member.step(feed, out, full)?,
                Self::Expanded(expand) => expand.step(feed, out, full)?,
            };
            if ended {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Member {
    /// One step; true behind the last member.
    fn step(&mut self, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<bool, InputError> {
        if self.in_header {
            gzip::read_header(feed)?;
            self.in_header = false;
        }
        let before = out.len();
        let ended = step(&mut self.state, feed, out, full);
        self.crc.update(&out[before..]);
        self.inflated += (out.len() - before) as u64;
        if !ended? {
            return Ok(false);
        }
        gzip::read_trailer(feed, std::mem::take(&mut self.crc).finalize(), std::mem::take(&mut self.inflated))?;
        self.state.reset(DataFormat::Raw);
        self.in_header = true;
        Ok(!gzip::starts_member(feed.peek(3)?))
    }
}

/// One step of inflating, up to `full` bytes in `out`; true at the end of the data.
fn step(state: &mut InflateState, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<bool, InputError> {
    let before = out.len();
    out.resize(full, 0);
    let from = match feed.rest() {
        Ok(from) => from,
        Err(fault) => {
            out.truncate(before);
            return Err(fault);
        }
    };
    let result = inflate(state, from, &mut out[before..], MZFlush::None);
    feed.consume(result.bytes_consumed);
    out.truncate(before + result.bytes_written);
    match result.status {
        Ok(MZStatus::StreamEnd) => Ok(true),
        Ok(_) if result.bytes_consumed > 0 || result.bytes_written > 0 => Ok(false),
        Ok(_) | Err(MZError::Buf) => {
            Err(InputError::at(ErrorCode::Truncated, feed.pos(), "the compressed data ends in the middle"))
        }
        Err(_) => Err(InputError::at(ErrorCode::DamagedCompression, feed.pos(), "the compressed data is damaged")),
    }
}

/// Padding with zeros is common and silent; anything else is worth a word.
///
/// # Errors
/// `unreadable-file`.
pub(crate) fn note_rest(feed: &mut Feed<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
    let at = feed.pos();
    loop {
        let rest = feed.rest()?;
        if rest.is_empty() {
            return Ok(());
        }
        let count = rest.len();
        if rest.iter().any(|&byte| byte != 0) {
            let left_out = feed.len() - at;
            warnings.add("trailing-data", Some(at), || {
                format!("{left_out} bytes after the end of the compressed data are left out")
            });
            return Ok(());
        }
        feed.consume(count);
    }
}

/// True for a zlib header (RFC 1950) whose data inflates: two bytes alone are too weak a sign.
fn is_zlib(start: &[u8]) -> bool {
    let &[method, flags, ..] = start else { return false };
    let header = method & 0x0f == 8 && method >> 4 <= 7 && flags & 0x20 == 0;
    if !header || u16::from_be_bytes([method, flags]) % 31 != 0 {
        return false;
    }
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut probe = [0; 64];
    let result = inflate(&mut state, start, &mut probe, MZFlush::None);
    // A few bytes of other data may inflate by chance, to a stream that ends long before they do.
    let has_other_checksum =
        state.last_status() == TINFLStatus::Adler32Mismatch && result.bytes_consumed == start.len();
    (result.status.is_ok() && result.bytes_written > 0) || has_other_checksum
}
