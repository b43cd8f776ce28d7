//! The frame around gzip's compressed data (RFC 1952).

use emberglass_profile::{ErrorCode, InputError};

/// First bytes of every gzip member: the magic number and the only compression method there is.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// Length of checksum and size behind the compressed data.
pub(crate) const TRAILER_LEN: usize = 8;

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

/// Length of the member header that starts at `at`.
///
/// # Errors
/// `truncated`, or `damaged-compression` for reserved flags or a wrong header checksum.
pub(crate) fn header_len(file: &[u8], at: usize) -> Result<usize, InputError> {
    let end = || InputError::at(ErrorCode::Truncated, file.len() as u64, "the file ends in the header of gzip");
    let header = file.get(at..).ok_or_else(end)?;
    let flags = *header.get(3).ok_or_else(end)?;
    if !header.starts_with(&MAGIC) || flags & RESERVED != 0 {
        let message = "the header of gzip has a method or flags that do not exist";
        return Err(InputError::at(ErrorCode::DamagedCompression, at as u64, message));
    }
    let mut len = 10;
    if flags & EXTRA != 0 {
        let size = header.get(len..len + 2).ok_or_else(end)?;
        len += 2 + usize::from(u16::from_le_bytes([size[0], size[1]]));
    }
    for field in [NAME, COMMENT] {
        if flags & field != 0 {
            let text = header.get(len..).ok_or_else(end)?;
            len += memchr::memchr(0, text).ok_or_else(end)? + 1;
        }
    }
    if flags & HEADER_CRC != 0 {
        let stored = header.get(len..len + 2).ok_or_else(end)?;
        let computed = crc32fast::hash(&header[..len]) as u16;
        if u16::from_le_bytes([stored[0], stored[1]]) != computed {
            let message = "the header of gzip does not match its checksum";
            return Err(InputError::at(ErrorCode::DamagedCompression, (at + len) as u64, message));
        }
        len += 2;
    }
    if len > header.len() { Err(end()) } else { Ok(len) }
}

/// Checks the trailer at `at` against what was inflated.
///
/// # Errors
/// `truncated`, or `damaged-compression` where checksum or size differ.
pub(crate) fn check_trailer(file: &[u8], at: usize, crc: u32, inflated: u64) -> Result<(), InputError> {
    let Some(&[a, b, c, d, e, f, g, h]) = file.get(at..at + TRAILER_LEN) else {
        let message = "the file ends before the checksum of gzip";
        return Err(InputError::at(ErrorCode::Truncated, file.len() as u64, message));
    };
    if u32::from_le_bytes([a, b, c, d]) != crc {
        let message = "the inflated bytes do not match the checksum of gzip";
        return Err(InputError::at(ErrorCode::DamagedCompression, at as u64, message));
    }
    if u32::from_le_bytes([e, f, g, h]) != inflated as u32 {
        let message = "the inflated bytes do not match the size that gzip stored";
        return Err(InputError::at(ErrorCode::DamagedCompression, at as u64 + 4, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn optional_fields_are_passed_over() {
        let plain = header(0, b"data");
        assert_eq!(header_len(&plain, 0).unwrap(), 10);
        let mut full = header(EXTRA | NAME | COMMENT | HEADER_CRC, b"\x03\x00abcname\0words\0");
        let sum = crc32fast::hash(&full) as u16;
        full.extend_from_slice(&sum.to_le_bytes());
        let len = full.len();
        full.extend_from_slice(b"data");
        assert_eq!(header_len(&full, 0).unwrap(), len);
        for cut in 0..len {
            assert_eq!(header_len(&full[..cut], 0).unwrap_err().code, ErrorCode::Truncated, "cut at {cut}");
        }
        full[4] ^= 1;
        assert_eq!(header_len(&full, 0).unwrap_err().code, ErrorCode::DamagedCompression);
        assert_eq!(header_len(&header(0x20, b""), 0).unwrap_err().code, ErrorCode::DamagedCompression);
    }
}
