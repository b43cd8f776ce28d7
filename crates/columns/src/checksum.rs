//! Section checksums: CRC-32 (ISO-HDLC, the polynomial of gzip and PNG).

/// A CRC-32 over the bytes of one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checksum(pub u32);

/// Checksum of `bytes`.
#[must_use]
pub fn checksum(bytes: &[u8]) -> Checksum {
    Checksum(crc32fast::hash(bytes))
}

/// Checksum of a header and of the checksum of what it stands before: neither has to be copied beside the other.
#[must_use]
pub fn framed_checksum(header: &[u8], body: &[u8]) -> Checksum {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(&checksum(body).0.to_le_bytes());
    Checksum(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_check_value_of_the_catalogue() {
        // CRC-32/ISO-HDLC, check value of "123456789".
        assert_eq!(checksum(b"123456789"), Checksum(0xcbf4_3926));
    }

    #[test]
    fn a_framed_checksum_is_that_of_the_header_and_the_checksum_of_the_body() {
        let joined = [&b"head"[..], &checksum(b"body").0.to_le_bytes()].concat();
        assert_eq!(framed_checksum(b"head", b"body"), checksum(&joined));
    }
}
