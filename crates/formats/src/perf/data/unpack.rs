//! Records that were compressed with zstd while recording (`perf record -z`).
//!
//! Format: <https://www.rfc-editor.org/rfc/rfc8878>. Perf never ends its frame: blocks of it come record by record, and
//! neither blocks nor the records inside of them end where a compressed record does.

use emberglass_profile::{ErrorCode, InputError};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// No header of a frame is longer.
const MAX_HEADER_LEN: usize = 18;
/// Where the flags of a frame are.
const DESCRIPTOR_AT: usize = 4;
const BLOCK_HEADER_LEN: usize = 3;
const CHECKSUM_LEN: usize = 4;
/// A last block without content, and room for a checksum: it makes the decoder give out all that it has.
const END: [u8; BLOCK_HEADER_LEN + CHECKSUM_LEN] = [1, 0, 0, 0, 0, 0, 0];

/// Unpacks a stream piece by piece.
pub(super) struct Unpacker {
    decoder: FrameDecoder,
    /// Bytes that are not decoded yet, less than a block.
    packed: Vec<u8>,
    is_in_frame: bool,
    /// Bytes behind the last block of the frame.
    checksum_len: usize,
    /// Bytes of a frame without content that are still to come.
    to_skip: usize,
}

impl Unpacker {
    pub(super) fn new() -> Self {
        Self { decoder: FrameDecoder::new(), packed: Vec::new(), is_in_frame: false, checksum_len: 0, to_skip: 0 }
    }

    /// Takes the next piece; hands out what it unpacks, at most 128 KiB and the window at a time.
    pub(super) fn push(
        &mut self,
        piece: &[u8],
        offset: u64,
        mut each: impl FnMut(&[u8]) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        let skipped = self.to_skip.min(piece.len());
        self.to_skip -= skipped;
        self.packed.extend_from_slice(&piece[skipped..]);
        let packed = std::mem::take(&mut self.packed);
        let mut rest = packed.as_slice();
        while self.step(&mut rest).map_err(|error| damaged(offset, &error))? {
            if let Some(unpacked) = self.decoder.collect() {
                each(&unpacked)?;
            }
        }
        self.packed = rest.to_vec();
        Ok(())
    }

    /// Hands out what the decoder held back. True if the stream ended in the middle of a block.
    pub(super) fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<(), InputError>) -> Result<bool, InputError> {
        if self.is_in_frame
            && self.decoder.decode_blocks(&END[..], BlockDecodingStrategy::UptoBlocks(1)).is_ok()
            && let Some(unpacked) = self.decoder.collect()
        {
            each(&unpacked)?;
        }
        self.is_in_frame = false;
        Ok(!self.packed.is_empty())
    }

    /// Takes a header or a block off the front of `rest`; false if it is not all there.
    fn step(&mut self, rest: &mut &[u8]) -> Result<bool, FrameDecoderError> {
        if !self.is_in_frame {
            return self.begin(rest);
        }
        let &[low, middle, high, ..] = *rest else { return Ok(false) };
        let header = u32::from_le_bytes([low, middle, high, 0]);
        // A repeated byte is one, however often it is repeated.
        let content = if header >> 1 & 3 == 1 { 1 } else { (header >> 3) as usize };
        let checksum_len = if header & 1 == 1 { self.checksum_len } else { 0 };
        let Some((block, behind)) = rest.split_at_checked(BLOCK_HEADER_LEN + content + checksum_len) else {
            return Ok(false);
        };
        let ended = self.decoder.decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))?;
        *rest = behind;
        self.is_in_frame = !ended;
        Ok(true)
    }

    fn begin(&mut self, rest: &mut &[u8]) -> Result<bool, FrameDecoderError> {
        if rest.is_empty() {
            return Ok(false);
        }
        let mut header = *rest;
        match self.decoder.reset(&mut header) {
            Ok(()) => {
                let has_checksum = rest.get(DESCRIPTOR_AT).is_some_and(|flags| flags & 4 != 0);
                self.checksum_len = if has_checksum { CHECKSUM_LEN } else { 0 };
                *rest = header;
                self.is_in_frame = true;
                Ok(true)
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let len = (length as usize).min(header.len());
                self.to_skip = length as usize - len;
                *rest = &header[len..];
                Ok(true)
            }
            Err(_) if rest.len() < MAX_HEADER_LEN => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cold]
fn damaged(offset: u64, error: &FrameDecoderError) -> InputError {
    let message = format!("compressed records are damaged: {error}");
    InputError::at(ErrorCode::DamagedCompression, offset, message)
}
