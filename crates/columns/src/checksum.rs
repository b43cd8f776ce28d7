//! Section checksums: CRC-32 (ISO-HDLC, the polynomial of gzip and PNG).

/// A CRC-32 over the bytes of one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checksum(pub u32);

/// Checksum of `bytes`.
#[must_use]
pub fn checksum(bytes: &[u8]) -> Checksum {
    Checksum(crc32fast::hash(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_check_value_of_the_catalogue() {
        // CRC-32/ISO-HDLC, check value of "123456789".
        assert_eq!(checksum(b"123456789"), Checksum(0xcbf4_3926));
    }
}
