//! The envelope around every stored value: what makes one verifiable alone.
//!
//! | offset | size | field | invariant |
//! |---|---|---|---|
//! | 0 | 4 | magic | `EGSC` |
//! | 4 | 1 | version | [`FORMAT_VERSION`] |
//! | 5 | 1 | kind | [`SectionKind::code`] |
//! | 6 | 1 | flags | bit 0: the payload is deflated (raw, RFC 1951); other bits 0 |
//! | 7 | 1 | reserved | 0 |
//! | 8 | 4 | stored length | bytes of the payload as stored; the value ends with it |
//! | 12 | 4 | length | bytes of the payload after inflating |
//! | 16 | 4 | checksum | CRC-32 of bytes 0..16 and of the stored payload |
//! | 20 | | payload | |

use emberglass_columns::{ByteReader, ReadError, framed_checksum};
use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::SectionKind;

/// Version of the block format that is written.
pub const FORMAT_VERSION: u8 = 4;

const MAGIC: &[u8; 4] = b"EGSC";
const HEADER_LEN: usize = 20;
const CHECKSUM_AT: usize = 16;
const DEFLATED: u8 = 1;
/// Window bits that ask for deflate without an envelope of its own.
const RAW: i32 = -15;
/// Longest payload: what a 32-bit address space can hold beside everything else.
const MAX_LEN: usize = 512 << 20;

/// What is wrong with the bytes of one section.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no value under the key.
    #[error("it is missing")]
    Missing,
    /// The value is too short to be a section.
    #[error("expected at least {HEADER_LEN} bytes, found {0}")]
    TooShort(usize),
    /// Not a section.
    #[error("expected the magic EGSC, found {0:02x?}")]
    Magic([u8; 4]),
    /// Written by a later version.
    #[error("expected format version {FORMAT_VERSION} or older, found {0}")]
    NewerVersion(u8),
    /// Another section's value.
    #[error("expected kind {expected}, found {found}")]
    Kind {
        /// The kind of the key.
        expected: SectionKind,
        /// The kind of the value.
        found: SectionKind,
    },
    /// A length does not hold.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// Length as written.
        expected: usize,
        /// Length as it is.
        found: usize,
    },
    /// The bytes changed.
    #[error("expected checksum {expected:08x}, found {found:08x}")]
    Checksum {
        /// As written.
        expected: u32,
        /// Of the bytes.
        found: u32,
    },
    /// The deflated payload can't be inflated.
    #[error("the deflated payload is damaged")]
    Deflate,
    /// A value inside the payload can't be read.
    #[error("{0}")]
    Payload(#[from] ReadError),
    /// A value inside the payload breaks an invariant.
    #[error("{0}")]
    Invariant(&'static str),
}

/// How a payload is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    #[default]
    None,
    /// Deflated at a level of 1 to 9, where that is shorter.
    Deflate(u8),
}

/// The value of a section: `payload` in its envelope; `None` if it is longer than a section may be.
#[cfg(test)]
pub(crate) fn seal(kind: SectionKind, payload: Vec<u8>, compression: Compression) -> Option<Vec<u8>> {
    let mut sealer = Sealer::new(kind, payload, compression)?;
    while !sealer.step(usize::MAX) {}
    Some(sealer.finish())
}

/// Seals a payload in slices.
#[derive(Debug)]
pub(crate) struct Sealer {
    kind: SectionKind,
    payload: Vec<u8>,
    deflate: Option<Deflate>,
}

struct Deflate {
    compressor: Box<CompressorOxide>,
    taken: usize,
    out: Vec<u8>,
    /// False while more is to come; also ends what can't get shorter.
    ended: bool,
}

impl std::fmt::Debug for Deflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { compressor: _, taken, out, ended } = self;
        f.debug_struct("Deflate").field("taken", taken).field("out", &out.len()).field("ended", ended).finish()
    }
}

impl Sealer {
    pub(crate) fn new(kind: SectionKind, payload: Vec<u8>, compression: Compression) -> Option<Self> {
        // Numbers of samples rarely repeat as strings do.
        let strategy = match kind {
            SectionKind::Samples => CompressionStrategy::Filtered,
            _ => CompressionStrategy::Default,
        };
        let deflate = match compression {
            Compression::None => None,
            Compression::Deflate(level) => {
                let flags = create_comp_flags_from_zip_params(level.into(), RAW, strategy as i32);
                let compressor = Box::new(CompressorOxide::new(flags));
                Some(Deflate { compressor, taken: 0, out: Vec::new(), ended: false })
            }
        };
        (payload.len() <= MAX_LEN).then_some(Self { kind, payload, deflate })
    }

    /// Deflates at most `budget` further bytes; true once all are.
    pub(crate) fn step(&mut self, budget: usize) -> bool {
        let Self { payload, deflate: Some(deflate), .. } = self else { return true };
        let Deflate { compressor, taken, out, ended } = deflate;
        let until = taken.saturating_add(budget.max(1)).min(payload.len());
        let mut buffer = [0; 4096];
        while !*ended {
            let flush = if until == payload.len() { TDEFLFlush::Finish } else { TDEFLFlush::None };
            let input = payload.get(*taken..until).unwrap_or_default();
            let (status, read, written) = compress(compressor, input, &mut buffer, flush);
            *taken += read;
            out.extend_from_slice(&buffer[..written]);
            *ended = status != TDEFLStatus::Okay || out.len() >= payload.len();
            if !*ended && *taken == until && until < payload.len() {
                return false;
            }
        }
        true
    }

    /// Bytes deflated so far.
    pub(crate) fn taken(&self) -> usize {
        self.deflate.as_ref().map_or(0, |deflate| deflate.taken)
    }

    pub(crate) const fn kind(&self) -> SectionKind {
        self.kind
    }

    /// The value.
    pub(crate) fn finish(self) -> Vec<u8> {
        let Self { kind, payload, deflate } = self;
        let (flags, stored) = match &deflate {
            Some(Deflate { out, ended: true, .. }) if out.len() < payload.len() => (DEFLATED, out.as_slice()),
            _ => (0, payload.as_slice()),
        };
        let mut value = Vec::with_capacity(HEADER_LEN + stored.len());
        value.extend_from_slice(MAGIC);
        value.extend_from_slice(&[FORMAT_VERSION, kind.code(), flags, 0]);
        value.extend_from_slice(&(stored.len() as u32).to_le_bytes());
        value.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        value.extend_from_slice(&[0; 4]);
        value.extend_from_slice(stored);
        let sum = sum(&value);
        value[CHECKSUM_AT..HEADER_LEN].copy_from_slice(&sum.to_le_bytes());
        value
    }
}

/// Checksum of a value as its envelope states it; 0 for what is too short to be a section.
pub(crate) fn stated_checksum(value: &[u8]) -> u32 {
    value.get(CHECKSUM_AT..HEADER_LEN).and_then(|raw| raw.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// True if a value is the one of this length and checksum, unchanged.
pub(crate) fn is_intact(value: &[u8], len: u32, checksum: u32) -> bool {
    value.len() == len as usize
        && value.len() >= HEADER_LEN
        && stated_checksum(value) == checksum
        && sum(value) == checksum
}

fn sum(value: &[u8]) -> u32 {
    let (header, body) = value.split_at(HEADER_LEN);
    framed_checksum(&header[..CHECKSUM_AT], body).0
}

/// A verified payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Payload {
    /// Version of the format that it was written in.
    pub(crate) version: u8,
    pub(crate) bytes: Vec<u8>,
}

/// The payload of a value, verified.
pub(crate) fn open(kind: SectionKind, mut value: Vec<u8>) -> Result<Payload, Fault> {
    let too_short = Fault::TooShort(value.len());
    let mut reader = ByteReader::new(value.get(..HEADER_LEN).ok_or(too_short)?);
    let magic = reader.take(MAGIC.len())?;
    if magic != MAGIC {
        return Err(Fault::Magic([magic[0], magic[1], magic[2], magic[3]]));
    }
    let (version, found_kind, flags, reserved) = (reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?);
    if version > FORMAT_VERSION {
        return Err(Fault::NewerVersion(version));
    }
    let (stored_len, len, expected) = (reader.u32_le()? as usize, reader.u32_le()? as usize, reader.u32_le()?);
    let found_len = value.len() - HEADER_LEN;
    if stored_len != found_len {
        return Err(Fault::Length { expected: stored_len, found: found_len });
    }
    let found = sum(&value);
    if found != expected {
        return Err(Fault::Checksum { expected, found });
    }
    if found_kind != kind.code() {
        return Err(Fault::Kind { expected: kind, found: SectionKind::from_code(found_kind) });
    }
    if version == 0 || flags & !DEFLATED != 0 || reserved != 0 || len > MAX_LEN {
        return Err(Fault::Invariant("the header is not of this format"));
    }
    let payload = if flags & DEFLATED == 0 {
        value.drain(..HEADER_LEN);
        value
    } else {
        decompress_to_vec_with_limit(&value[HEADER_LEN..], len).map_err(|_damaged| Fault::Deflate)?
    };
    if payload.len() != len {
        return Err(Fault::Length { expected: len, found: payload.len() });
    }
    Ok(Payload { version, bytes: payload })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn payloads_survive(payload: Vec<u8>, zeros in 0usize..2000, level in 0u8..10) {
            let mut payload = payload;
            payload.resize(payload.len() + zeros, 0);
            let compression = if level == 0 { Compression::None } else { Compression::Deflate(level) };
            let value = seal(SectionKind::Series, payload.clone(), compression).unwrap();
            prop_assert!(value.len() <= HEADER_LEN + payload.len());
            prop_assert_eq!(open(SectionKind::Series, value), Ok(Payload { version: FORMAT_VERSION, bytes: payload }));
        }

        #[test]
        fn slices_make_the_same_value(payload in proptest::collection::vec(0u8..9, 0..9000), budget in 1usize..3000) {
            let whole = seal(SectionKind::Samples, payload.clone(), Compression::Deflate(9)).unwrap();
            let mut sealer = Sealer::new(SectionKind::Samples, payload.clone(), Compression::Deflate(9)).unwrap();
            while !sealer.step(budget) {}
            let value = sealer.finish();
            prop_assert!(value.len().abs_diff(whole.len()) < 64);
            prop_assert_eq!(open(SectionKind::Samples, value).unwrap().bytes, payload);
        }

        #[test]
        fn no_changed_byte_goes_unnoticed(at in 0usize..60, change in 1u8.., deflate: bool, cut in 0usize..60) {
            let compression = if deflate { Compression::Deflate(6) } else { Compression::None };
            let value = seal(SectionKind::Stacks, vec![7; 40], compression).unwrap();
            let mut changed = value.clone();
            let at = at % value.len();
            changed[at] ^= change;
            prop_assert!(open(SectionKind::Stacks, changed).is_err());
            prop_assert!(open(SectionKind::Stacks, value[..cut % value.len()].to_vec()).is_err());
            prop_assert!(open(SectionKind::Series, value).is_err());
        }
    }

    #[test]
    fn faults_say_what_was_expected() {
        let mut value = seal(SectionKind::Stacks, b"abc".to_vec(), Compression::None).unwrap();
        let wrong_kind = open(SectionKind::Series, value.clone()).unwrap_err();
        assert_eq!(wrong_kind.to_string(), "expected kind series, found stacks");
        value[4] = 9;
        assert_eq!(open(SectionKind::Stacks, value).unwrap_err(), Fault::NewerVersion(9));
    }
}
