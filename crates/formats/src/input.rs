//! The bytes of one file, inflated where they are compressed.
//!
//! Invariants: every byte after inflation goes through the content hash exactly once and in order; a
//! compressed stream is inflated in slices, so that memory is bounded by what the caller keeps.

use std::borrow::Cow;

use emberglass_profile::{ContentHash, ErrorCode, InputError, Warnings};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use xxhash_rust::xxh3::Xxh3;

use crate::gzip;
use crate::progress::{Meter, REPORT_EVERY};

/// Bytes that are inflated for recognising a format.
pub const PREFIX_LEN: usize = 4 << 10;
/// What is held whole may have this size whatever the file's.
pub const WHOLE_LIMIT: u64 = 256 << 20;
/// Beyond [`WHOLE_LIMIT`]: this many times the file's size.
pub const WHOLE_RATIO: u64 = 200;
/// Bytes inflated in one step.
const SLICE: usize = REPORT_EVERY as usize;

/// One file. Recognises gzip (any number of members) and zlib; anything else is taken as it is.
pub struct Input<'a> {
    file: &'a [u8],
    layer: Layer,
    /// Next byte of the file: to inflate, or to hand out.
    pos: usize,
    /// Inflated bytes that are not handed out yet, or the slice handed out last.
    slice: Vec<u8>,
    /// True while `slice` holds bytes that nobody has seen.
    pending: bool,
    /// Fault met while the prefix was inflated; returned after the bytes before it.
    fault: Option<InputError>,
    hash: Box<Xxh3>,
    /// True once all bytes went through `hash`.
    is_hashed: bool,
    warnings: Warnings,
}

/// What lies between the file and the format.
enum Layer {
    Plain,
    Gzip(Box<Member>),
    Zlib(Box<InflateState>),
    /// All of a compressed file is inflated.
    End,
}

impl Layer {
    fn of(file: &[u8]) -> Self {
        if gzip::starts_member(file) {
            Self::Gzip(Box::new(Member {
                state: InflateState::new(DataFormat::Raw),
                crc: crc32fast::Hasher::new(),
                inflated: 0,
                in_header: true,
            }))
        } else if is_zlib(file) {
            Self::Zlib(InflateState::new_boxed(DataFormat::Zlib))
        } else {
            Self::Plain
        }
    }
}

struct Member {
    state: InflateState,
    crc: crc32fast::Hasher,
    inflated: u64,
    in_header: bool,
}

impl<'a> Input<'a> {
    /// Looks at the first bytes of `file`; inflates nothing yet but what tells zlib from other data.
    #[must_use]
    pub fn new(file: &'a [u8]) -> Self {
        Self {
            file,
            layer: Layer::of(file),
            pos: 0,
            slice: Vec::new(),
            pending: false,
            fault: None,
            hash: Box::new(Xxh3::new()),
            is_hashed: false,
            warnings: Warnings::default(),
        }
    }

    /// Begins again at the first inflated byte. The content hash is that of the first pass that reaches the end.
    ///
    /// # Errors
    /// None for bytes in memory.
    pub fn rewind(&mut self) -> Result<(), InputError> {
        self.layer = Layer::of(self.file);
        self.pos = 0;
        self.slice.clear();
        self.pending = false;
        self.fault = None;
        if !self.is_hashed {
            self.hash.reset();
            self.warnings = Warnings::default();
        }
        Ok(())
    }

    fn hash(&mut self, bytes: &[u8]) {
        if !self.is_hashed {
            self.hash.update(bytes);
        }
    }

    /// Size of the file, compressed or not.
    #[must_use]
    pub const fn file_len(&self) -> u64 {
        self.file.len() as u64
    }

    /// Name of the compression, if there is one.
    #[must_use]
    pub fn compression(&self) -> Option<&'static str> {
        if gzip::starts_member(self.file) {
            return Some("gzip");
        }
        (!matches!(self.layer, Layer::Plain)).then_some("zlib")
    }

    /// Size up to which this file may be held whole: the larger of 256 MiB and 200 times its compressed size.
    #[must_use]
    pub fn whole_limit(&self) -> u64 {
        WHOLE_LIMIT.max(self.file_len().saturating_mul(WHOLE_RATIO))
    }

    /// The first [`PREFIX_LEN`] bytes after inflation, fewer if there are no more or if the stream breaks
    /// before; for recognising a format. Call it before reading.
    pub fn prefix(&mut self) -> &[u8] {
        if matches!(self.layer, Layer::Plain) {
            return &self.file[..self.file.len().min(PREFIX_LEN)];
        }
        if !self.pending && self.fault.is_none() {
            let mut slice = std::mem::take(&mut self.slice);
            while slice.len() < PREFIX_LEN {
                let before = slice.len();
                match self.inflate_into(&mut slice, PREFIX_LEN - before) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(fault) => {
                        self.fault = Some(fault);
                        break;
                    }
                }
            }
            self.pending = !slice.is_empty();
            self.slice = slice;
        }
        if self.pending { &self.slice } else { &[] }
    }

    /// The fault that cut [`Self::prefix`] short.
    #[must_use]
    pub const fn fault(&self) -> Option<&InputError> {
        self.fault.as_ref()
    }

    /// The next bytes in order, `None` at the end. Reports progress in bytes of the file.
    ///
    /// # Errors
    /// `truncated` or `damaged-compression` at an offset of the file, `cancelled`.
    pub fn next_chunk(&mut self, meter: &mut Meter<'_>) -> Result<Option<&[u8]>, InputError> {
        meter.reach(self.pos as u64)?;
        if matches!(self.layer, Layer::Plain) {
            let end = self.file.len().min(self.pos + SLICE);
            let chunk = &self.file[self.pos..end];
            self.pos = end;
            if !self.is_hashed {
                self.hash.update(chunk);
                self.is_hashed = chunk.is_empty();
            }
            return Ok((!chunk.is_empty()).then_some(chunk));
        }
        if self.pending {
            self.pending = false;
        } else {
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            let mut slice = std::mem::take(&mut self.slice);
            slice.clear();
            let inflated = self.inflate_into(&mut slice, SLICE);
            self.slice = slice;
            inflated?;
        }
        if !self.is_hashed {
            self.hash.update(&self.slice);
            self.is_hashed = self.slice.is_empty();
        }
        Ok((!self.slice.is_empty()).then_some(&self.slice))
    }

    /// All bytes that were not read yet, in one piece: the file itself where it is not compressed.
    ///
    /// # Errors
    /// `too-large` for more than `limit` bytes, refused before more than that is held; else as [`Self::next_chunk`].
    pub fn read_all(&mut self, limit: u64, meter: &mut Meter<'_>) -> Result<Cow<'a, [u8]>, InputError> {
        if matches!(self.layer, Layer::Plain) {
            let rest = &self.file[self.pos..];
            if rest.len() as u64 > limit {
                return Err(self.too_large(limit));
            }
            meter.stage(0, self.file_len());
            while self.next_chunk(meter)?.is_some() {}
            return Ok(Cow::Borrowed(rest));
        }
        meter.stage(self.file_len() / 2, self.file_len());
        let mut whole = Vec::with_capacity(self.expected_len(limit));
        if std::mem::take(&mut self.pending) {
            whole.append(&mut self.slice);
        }
        self.hash(&whole);
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        loop {
            meter.reach(self.pos as u64)?;
            let before = whole.len();
            if whole.capacity() - before < SLICE {
                let room = (limit as usize).saturating_sub(before).saturating_add(1);
                whole.reserve_exact(before.min(room).max(SLICE));
            }
            let inflated = self.inflate_into(&mut whole, SLICE)?;
            self.hash(&whole[before..]);
            if whole.len() as u64 > limit {
                return Err(self.too_large(limit));
            }
            if inflated == 0 {
                self.is_hashed = true;
                return Ok(Cow::Owned(whole));
            }
        }
    }

    /// Hash of all bytes after inflation; reads what is left.
    ///
    /// # Errors
    /// As [`Self::next_chunk`].
    pub fn content_hash(&mut self, meter: &mut Meter<'_>) -> Result<ContentHash, InputError> {
        while self.next_chunk(meter)?.is_some() {}
        Ok(ContentHash(self.hash.digest128()))
    }

    /// What was noticed while inflating: bytes behind the end.
    #[must_use]
    pub const fn warnings(&self) -> &Warnings {
        &self.warnings
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

    /// A guess at the inflated size that a lying file can't turn into much memory.
    fn expected_len(&self, limit: u64) -> usize {
        let stored = match self.file.last_chunk::<4>() {
            Some(size) if matches!(self.layer, Layer::Gzip(_)) => u64::from(u32::from_le_bytes(*size)),
            _ => 4 * self.file_len(),
        };
        let bound = (16 * self.file_len()).min(limit);
        usize::try_from(stored.min(bound)).unwrap_or(0).saturating_add(SLICE)
    }

    /// Appends up to `most` inflated bytes to `out`; 0 at the end.
    fn inflate_into(&mut self, out: &mut Vec<u8>, most: usize) -> Result<usize, InputError> {
        let before = out.len();
        while out.len() == before {
            let Self { file, layer, pos, is_hashed, warnings, .. } = self;
            let state = match layer {
                Layer::Plain | Layer::End => break,
                Layer::Zlib(state) => state,
                Layer::Gzip(member) => {
                    if member.in_header {
                        *pos += gzip::header_len(file, *pos)?;
                        member.in_header = false;
                    }
                    &mut member.state
                }
            };
            let (consumed, ended) = step(state, &file[*pos..], out, most);
            *pos += consumed;
            let ended = ended.map_err(|code| fault_of(code, *pos))?;
            if let Layer::Gzip(member) = layer {
                member.crc.update(&out[before..]);
                member.inflated += (out.len() - before) as u64;
            }
            if !ended {
                continue;
            }
            if let Layer::Gzip(member) = layer {
                let Member { state, crc, inflated, in_header } = &mut **member;
                gzip::check_trailer(file, *pos, std::mem::take(crc).finalize(), std::mem::take(inflated))?;
                *pos += gzip::TRAILER_LEN;
                if gzip::starts_member(&file[*pos..]) {
                    state.reset(DataFormat::Raw);
                    *in_header = true;
                    continue;
                }
            }
            if !*is_hashed {
                note_rest(&file[*pos..], *pos, warnings);
            }
            *pos = file.len();
            *layer = Layer::End;
        }
        Ok(out.len() - before)
    }
}

/// One step of inflating: bytes consumed, and whether the data ended. Appends to `out`.
fn step(state: &mut InflateState, from: &[u8], out: &mut Vec<u8>, most: usize) -> (usize, Result<bool, ErrorCode>) {
    let before = out.len();
    out.resize(before + most, 0);
    let result = inflate(state, from, &mut out[before..], MZFlush::None);
    out.truncate(before + result.bytes_written);
    let ended = match result.status {
        Ok(MZStatus::StreamEnd) => Ok(true),
        Ok(_) if result.bytes_consumed > 0 || result.bytes_written > 0 => Ok(false),
        Ok(_) | Err(MZError::Buf) => Err(ErrorCode::Truncated),
        Err(_) => Err(ErrorCode::DamagedCompression),
    };
    (result.bytes_consumed, ended)
}

fn fault_of(code: ErrorCode, offset: usize) -> InputError {
    let message = match code {
        ErrorCode::Truncated => "the compressed data ends in the middle",
        _ => "the compressed data is damaged",
    };
    InputError::at(code, offset as u64, message)
}

/// Padding with zeros is common and silent; anything else is worth a word.
fn note_rest(rest: &[u8], at: usize, warnings: &mut Warnings) {
    if rest.iter().any(|&byte| byte != 0) {
        warnings.add("trailing-data", Some(at as u64), || {
            format!("{} bytes after the end of the compressed data are left out", rest.len())
        });
    }
}

/// True for a zlib header (RFC 1950) whose data inflates: two bytes alone are too weak a sign.
fn is_zlib(file: &[u8]) -> bool {
    let &[method, flags, ..] = file else { return false };
    let header = method & 0x0f == 8 && method >> 4 <= 7 && flags & 0x20 == 0;
    if !header || u16::from_be_bytes([method, flags]) % 31 != 0 {
        return false;
    }
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut probe = Vec::new();
    let (_consumed, ended) = step(&mut state, file, &mut probe, 64);
    (ended.is_ok() && !probe.is_empty()) || state.last_status() == TINFLStatus::Adler32Mismatch
}
