//! The frame around gzip's compressed data (RFC 1952).

use emberglass_profile::{ErrorCode, InputError};

use crate::feed::Feed;

/// First bytes of every gzip member: the magic number and the only compression method there is.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// Length of the fixed part of a header.
const HEADER_LEN: usize = 10;
/// Length of checksum and size behind the compressed data.
const TRAILER_LEN: usize = 8;

const HEADER_CRC: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// Effort of the compressor: the usual one.
const LEVEL: u8 = 6;

/// One gzip member with the compressed bytes, without name and time, so that equal bytes give an equal file.
pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    const UNKNOWN_SYSTEM: u8 = 255;
    let mut out = vec![MAGIC[0], MAGIC[1], MAGIC[2], 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM];
    out.extend_from_slice(&miniz_oxide::deflate::compress_to_vec(bytes, LEVEL));
    out.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out
}

/// True where a gzip member starts, or a part of its magic number ends the file.
pub(crate) fn starts_member(bytes: &[u8]) -> bool {
    bytes.len() >= 2 && MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())])
}

/// Reads bytes of a header and sums them up.
struct Header<'f, 'a> {
    feed: &'f mut Feed<'a>,
    crc: crc32fast::Hasher,
}

impl Header<'_, '_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], InputError> {
        let Some(&bytes) = self.feed.peek(N)?.first_chunk::<N>() else { return Err(self.cut()) };
        self.crc.update(&bytes);
        self.feed.consume(N);
        Ok(bytes)
    }

    fn skip(&mut self, mut count: usize) -> Result<(), InputError> {
        while count > 0 {
            let rest = self.feed.rest()?;
            let part = rest.len().min(count);
            if part == 0 {
                return Err(self.cut());
            }
            self.crc.update(&rest[..part]);
            self.feed.consume(part);
            count -= part;
        }
        Ok(())
    }

    fn skip_text(&mut self) -> Result<(), InputError> {
        loop {
            let rest = self.feed.rest()?;
            if rest.is_empty() {
                return Err(self.cut());
            }
            let end = memchr::memchr(0, rest);
            let part = end.map_or(rest.len(), |end| end + 1);
            self.crc.update(&rest[..part]);
            self.feed.consume(part);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn cut(&self) -> InputError {
        InputError::at(ErrorCode::Truncated, self.feed.len(), "the file ends in the header of gzip")
    }
}

/// Reads the header of the member that starts here.
///
/// # Errors
/// `truncated`, or `damaged-compression` for reserved flags or a wrong header checksum.
pub(crate) fn read_header(feed: &mut Feed<'_>) -> Result<(), InputError> {
    let start = feed.pos();
    let mut header = Header { feed, crc: crc32fast::Hasher::new() };
    let fixed = header.take::<HEADER_LEN>()?;
    let flags = fixed[3];
    if !fixed.starts_with(&MAGIC) || flags & RESERVED != 0 {
        let message = "the header of gzip has a method or flags that do not exist";
        return Err(InputError::at(ErrorCode::DamagedCompression, start, message));
    }
    if flags & EXTRA != 0 {
        let size = u16::from_le_bytes(header.take()?);
        header.skip(usize::from(size))?;
    }
    for field in [NAME, COMMENT] {
        if flags & field != 0 {
            header.skip_text()?;
        }
    }
    if flags & HEADER_CRC != 0 {
        let computed = header.crc.clone().finalize() as u16;
        let at = header.feed.pos();
        if u16::from_le_bytes(header.take()?) != computed {
            let message = "the header of gzip does not match its checksum";
            return Err(InputError::at(ErrorCode::DamagedCompression, at, message));
        }
    }
    Ok(())
}

/// Reads the trailer that starts here and checks it against what was inflated.
///
/// # Errors
/// `truncated`, or `damaged-compression` where checksum or size differ.
pub(crate) fn read_trailer(feed: &mut Feed<'_>, crc: u32, inflated: u64) -> Result<(), InputError> {
    let at = feed.pos();
    let Some(&[a, b, c, d, e, f, g, h]) = feed.peek(TRAILER_LEN)?.first_chunk::<TRAILER_LEN>() else {
        let message = "the file ends before the checksum of gzip";
        return Err(InputError::at(ErrorCode::Truncated, feed.len(), message));
    };
    if u32::from_le_bytes([a, b, c, d]) != crc {
        let message = "the inflated bytes do not match the checksum of gzip";
        return Err(InputError::at(ErrorCode::DamagedCompression, at, message));
    }
    if u32::from_le_bytes([e, f, g, h]) != inflated as u32 {
        let message = "the inflated bytes do not match the size that gzip stored";
        return Err(InputError::at(ErrorCode::DamagedCompression, at + 4, message));
    }
    feed.consume(TRAILER_LEN);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SliceSource;

    fn header(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
        bytes.extend_from_slice(rest);
        bytes
    }

    fn header_len(bytes: &[u8]) -> Result<u64, ErrorCode> {
        let mut feed = Feed::new(Box::new(SliceSource(bytes)));
        read_header(&mut feed).map_err(|error| error.code)?;
        Ok(feed.pos())
    }

    #[test]
    fn optional_fields_are_passed_over() {
        assert_eq!(header_len(&header(0, b"data")), Ok(10));
        let mut full = header(EXTRA | NAME | COMMENT | HEADER_CRC, b"\x03\x00abcname\0words\0");
        let sum = crc32fast::hash(&full) as u16;
        full.extend_from_slice(&sum.to_le_bytes());
        let len = full.len();
        full.extend_from_slice(b"data");
        assert_eq!(header_len(&full), Ok(len as u64));
        for cut in 0..len {
            assert_eq!(header_len(&full[..cut]), Err(ErrorCode::Truncated), "cut at {cut}");
        }
        full[4] ^= 1;
        assert_eq!(header_len(&full), Err(ErrorCode::DamagedCompression));
        assert_eq!(header_len(&header(0x20, b"")), Err(ErrorCode::DamagedCompression));
    }
}
