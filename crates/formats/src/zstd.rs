//! Zstandard (RFC 8878): any number of frames, skippable ones passed over, block by block.

use emberglass_profile::{ErrorCode, InputError};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::io::{Error, ErrorKind, Read};

use crate::feed::Feed;

const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// All but the lowest four bits of a skippable frame's magic number.
const SKIPPABLE: u32 = 0x184d_2a50;
/// The largest window of the `zstd` command, `--long` and `--ultra` included: a larger one is refused.
const WINDOW_LIMIT: u64 = 128 << 20;
/// The first byte of a frame's flags lies here.
const DESCRIPTOR_AT: usize = MAGIC.len();

/// Reading of a zstd file.
pub(crate) struct Frames {
    decoder: FrameDecoder,
    in_frame: bool,
    /// Inflated bytes of the present frame.
    inflated: u64,
}

/// True where a frame starts.
pub(crate) fn starts_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC) || starts_skippable(bytes)
}

fn starts_skippable(bytes: &[u8]) -> bool {
    bytes.first_chunk::<4>().is_some_and(|magic| u32::from_le_bytes(*magic) & !0xf == SKIPPABLE)
}

/// The inflated size in the header of the first frame. Not to be trusted.
pub(crate) fn stated_len(start: &[u8]) -> Option<u64> {
    let descriptor = *start.starts_with(&MAGIC).then(|| start.get(DESCRIPTOR_AT))??;
    let is_single = descriptor & 0x20 != 0;
    let dictionary_len = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let at = DESCRIPTOR_AT + 1 + usize::from(!is_single) + dictionary_len;
    let rest = start.get(at..)?;
    match descriptor >> 6 {
        0 if is_single => rest.first().map(|&len| u64::from(len)),
        0 => None,
        1 => rest.first_chunk().map(|len| u64::from(u16::from_le_bytes(*len)) + 256),
        2 => rest.first_chunk().map(|len| u64::from(u32::from_le_bytes(*len))),
        _ => rest.first_chunk().map(|len| u64::from_le_bytes(*len)),
    }
}

/// Lets the decoder read the file, and keeps what it can't say: why there were no more bytes.
struct Reader<'f, 'a> {
    feed: &'f mut Feed<'a>,
    fault: Option<InputError>,
    met_end: bool,
}

impl Read for Reader<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Error> {
        match self.feed.rest() {
            Ok(rest) => {
                let count = rest.len().min(into.len());
                into[..count].copy_from_slice(&rest[..count]);
                self.feed.consume(count);
                self.met_end |= count == 0 && !into.is_empty();
                Ok(count)
            }
            Err(fault) => {
                self.fault = Some(fault);
                Err(Error::from(ErrorKind::Other))
            }
        }
    }
}

impl Reader<'_, '_> {
    fn explain(self, error: &FrameDecoderError) -> InputError {
        if let Some(fault) = self.fault {
            return fault;
        }
        if self.met_end {
            return cut(self.feed);
        }
        let (code, message) = match error {
            FrameDecoderError::WindowSizeTooBig { requested, .. } => {
                let message =
                    format!("the zstd data needs a window of {requested} bytes; up to {WINDOW_LIMIT} are supported");
                (ErrorCode::TooLarge, message)
            }
            FrameDecoderError::DictNotProvided { dict_id } => {
                let message = format!("the zstd data needs the dictionary {dict_id}, which is not part of it");
                (ErrorCode::UnsupportedCompression, message)
            }
            _ => (ErrorCode::DamagedCompression, "the compressed data is damaged".to_owned()),
        };
        InputError::at(code, self.feed.pos(), message)
    }
}

fn cut(feed: &Feed<'_>) -> InputError {
    InputError::at(ErrorCode::Truncated, feed.len(), "the compressed data ends in the middle")
}

impl Frames {
    pub(crate) fn new() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_LIMIT);
        Self { decoder, in_frame: false, inflated: 0 }
    }

    /// One step, up to `full` bytes in `out`; true behind the last frame.
    ///
    /// # Errors
    /// `truncated`, `damaged-compression`, `unsupported-compression`, `too-large`, `unreadable-file`.
    pub(crate) fn step(&mut self, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<bool, InputError> {
        if !self.in_frame {
            return self.start_frame(feed);
        }
        if self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            let mut reader = Reader { feed, fault: None, met_end: false };
            let decoded = self.decoder.decode_blocks(&mut reader, BlockDecodingStrategy::UptoBlocks(1));
            return decoded.map(|_finished| false).map_err(|error| reader.explain(&error));
        }
        let before = out.len();
        out.resize(full, 0);
        // From its own memory, which can't fail.
        let count = self.decoder.read(&mut out[before..]).unwrap_or(0);
        out.truncate(before + count);
        self.inflated += count as u64;
        if self.decoder.is_finished() && self.decoder.can_collect() == 0 {
            self.finish_frame(feed)?;
        }
        Ok(false)
    }

    fn start_frame(&mut self, feed: &mut Feed<'_>) -> Result<bool, InputError> {
        let start = feed.peek(8)?;
        if starts_skippable(start) {
            let Some(&[_, _, _, _, a, b, c, d]) = start.first_chunk::<8>() else { return Err(cut(feed)) };
            feed.consume(8);
            if !feed.skip(u64::from(u32::from_le_bytes([a, b, c, d]))) {
                return Err(cut(feed));
            }
            return Ok(false);
        }
        if !start.starts_with(&MAGIC) {
            return Ok(true);
        }
        let mut reader = Reader { feed, fault: None, met_end: false };
        if let Err(error) = self.decoder.reset(&mut reader) {
            return Err(reader.explain(&error));
        }
        self.in_frame = true;
        self.inflated = 0;
        Ok(false)
    }

    fn finish_frame(&mut self, feed: &Feed<'_>) -> Result<(), InputError> {
        self.in_frame = false;
        let stored = self.decoder.get_checksum_from_data();
        let what = if stored.is_some() && stored != self.decoder.get_calculated_checksum() {
            "checksum"
        } else if ![0, self.inflated].contains(&self.decoder.content_size()) {
            "size"
        } else {
            return Ok(());
        };
        let message = format!("the inflated bytes do not match the {what} of zstd");
        Err(InputError::at(ErrorCode::DamagedCompression, feed.pos(), message))
    }
}
