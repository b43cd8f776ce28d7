//! The manifest: which blocks make up the store.
//!
//! | offset | size | field | invariant |
//! |---|---|---|---|
//! | 0 | 4 | magic | `EGMF` |
//! | 4 | 2 | version | [`MANIFEST_VERSION`] |
//! | 6 | 2 | reserved | 0 |
//! | 8 | 4 | checksum | CRC-32 of bytes 0..8 and of the body |
//! | 12 | | body | of version 2: see below |
//!
//! Body: varints unless said otherwise.
//!
//! | field | invariant |
//! |---|---|
//! | generation | counts commits, from 1 |
//! | next block | greater than every block id |
//! | blocks `n` | sorted by id |
//! | block x n: id, level | |
//! | first start, last start | zig-zag; starts of the first and last profile, ns |
//! | profiles, series | |
//! | sections `m` | sorted by (kind, part) |
//! | section x m: kind (1 byte), part, length, checksum (4 bytes) | length of the whole value; the checksum its envelope states |
//! | policy: limits of all, services `s`, service x s: name (length, UTF-8), limits | sorted by name |
//! | scrubbed | 1 byte: 0, or 1 with what the last scrub found |
//! | with 1: end (zig-zag, ns), sections, bytes, repaired, bad `b`, bad x b: block, kind (1 byte), part, fault (length, UTF-8) | |
//!
//! Limits are a byte of flags (1: an age, 2: a number of bytes, 4: the oldest make room when the storage is full), then the age
//! (zig-zag, ns) and the bytes, each where its flag says so. Version 1 has neither a policy nor a scrub.

use emberglass_columns::{ByteReader, framed_checksum, put_i64, put_u64};

use crate::migrations::{self, MANIFEST_VERSION};
use crate::{BlockId, Fault, RetentionPolicy, ScrubReport, SectionKey, SectionKind, StoreError};

const MAGIC: &[u8; 4] = b"EGMF";
const CHECKSUM_AT: usize = 8;
const HEADER_LEN: usize = 12;

/// All blocks of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Counts commits; 0 before the first.
    pub generation: u64,
    /// Id of the next block.
    pub next_block: u64,
    /// Blocks by id.
    pub blocks: Vec<BlockMeta>,
    /// What may be dropped.
    pub policy: RetentionPolicy,
    /// What the last scrub found; `None` before the first.
    pub scrub: Option<ScrubReport>,
}

/// What the manifest says about a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockMeta {
    /// Its id.
    pub id: BlockId,
    /// How often its profiles were merged: 0 for a group commit.
    pub level: u8,
    /// Start of its first profile, ns since the epoch.
    pub first_start: i64,
    /// Start of its last profile.
    pub last_start: i64,
    /// Profiles.
    pub profiles: u32,
    /// Series.
    pub series: u32,
    /// Its sections, sorted by (kind, part).
    pub sections: Vec<SectionMeta>,
}

/// One section of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionMeta {
    /// What it holds.
    pub kind: SectionKind,
    /// Number of the part.
    pub part: u16,
    /// Bytes of the value, the envelope included.
    pub len: u32,
    /// Checksum that its envelope states.
    pub checksum: u32,
}

impl SectionMeta {
    /// Its key in `block`.
    #[must_use]
    pub const fn key(&self, block: BlockId) -> SectionKey {
        SectionKey { block, kind: self.kind, part: self.part }
    }
}

impl BlockMeta {
    /// Bytes of all its sections.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.sections.iter().map(|section| u64::from(section.len)).sum()
    }

    /// The section of a kind and part.
    #[must_use]
    pub fn section(&self, kind: SectionKind, part: u16) -> Option<&SectionMeta> {
        self.sections.iter().find(|section| (section.kind, section.part) == (kind, part))
    }

    /// Keys of all its sections.
    pub fn keys(&self) -> impl Iterator<Item = SectionKey> {
        self.sections.iter().map(|section| section.key(self.id))
    }

    /// True if a profile may start in [`from`, `until`); `None` is open.
    #[must_use]
    pub fn overlaps(&self, from: Option<i64>, until: Option<i64>) -> bool {
        from.is_none_or(|from| self.last_start >= from) && until.is_none_or(|until| self.first_start < until)
    }
}

impl BlockMeta {
    /// Appends what it says, without the id.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let Self { id: _, level, first_start, last_start, profiles, series, sections } = self;
        put_u64(out, u64::from(*level));
        put_i64(out, *first_start);
        put_i64(out, *last_start);
        put_u64(out, u64::from(*profiles));
        put_u64(out, u64::from(*series));
        put_u64(out, sections.len() as u64);
        for SectionMeta { kind, part, len, checksum } in sections {
            out.push(kind.code());
            put_u64(out, u64::from(*part));
            put_u64(out, u64::from(*len));
            out.extend_from_slice(&checksum.to_le_bytes());
        }
    }

    /// Reads what [`Self::put`] wrote; the id is not part of it.
    pub(crate) fn read(reader: &mut ByteReader<'_>) -> Result<Self, Fault> {
        let mut block = Self {
            id: BlockId::default(),
            level: u8::try_from(reader.varint()?).ok().ok_or(Fault::Invariant("a level beyond 255"))?,
            first_start: reader.zigzag()?,
            last_start: reader.zigzag()?,
            profiles: reader.varint_u32()?,
            series: reader.varint_u32()?,
            sections: Vec::new(),
        };
        for _ in 0..reader.count()? {
            let kind = SectionKind::from_code(reader.u8()?);
            let part = u16::try_from(reader.varint()?).ok().ok_or(Fault::Invariant("a part beyond 65535"))?;
            let section = SectionMeta { kind, part, len: reader.varint_u32()?, checksum: reader.u32_le()? };
            let key = |section: &SectionMeta| (section.kind.code(), section.part);
            if block.sections.last().is_some_and(|before| key(before) >= key(&section)) {
                return Err(Fault::Invariant("the sections are not sorted"));
            }
            block.sections.push(section);
        }
        Ok(block)
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self { generation: 0, next_block: 1, blocks: Vec::new(), policy: RetentionPolicy::default(), scrub: None }
    }
}

impl Manifest {
    /// What it says about a block.
    #[must_use]
    pub fn block(&self, id: BlockId) -> Option<&BlockMeta> {
        self.blocks.binary_search_by_key(&id, |block| block.id).ok().and_then(|at| self.blocks.get(at))
    }

    /// Bytes of all sections.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.blocks.iter().map(BlockMeta::bytes).sum()
    }

    /// Profiles of all blocks.
    #[must_use]
    pub fn profiles(&self) -> u64 {
        self.blocks.iter().map(|block| u64::from(block.profiles)).sum()
    }

    /// Its stored form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&MANIFEST_VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 2 + HEADER_LEN - CHECKSUM_AT]);
        let Self { generation, next_block, blocks, policy, scrub } = self;
        put_u64(&mut out, *generation);
        put_u64(&mut out, *next_block);
        put_u64(&mut out, blocks.len() as u64);
        for block in blocks {
            put_u64(&mut out, block.id.0);
            block.put(&mut out);
        }
        policy.put(&mut out);
        out.push(u8::from(scrub.is_some()));
        if let Some(scrub) = scrub {
            scrub.put(&mut out);
        }
        let sum = sum(&out);
        out[CHECKSUM_AT..HEADER_LEN].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// Reads the stored form of this version or an older one.
    ///
    /// # Errors
    /// `NewerVersion` for a later version's, `DamagedManifest` for anything else that is not a manifest.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let body = Self::verify(bytes)?;
        let body = migrations::upgrade(body.0, body.1).map_err(StoreError::DamagedManifest)?;
        Self::decode_body(&body).map_err(StoreError::DamagedManifest)
    }

    /// Version and body, verified.
    fn verify(bytes: &[u8]) -> Result<(u16, &[u8]), StoreError> {
        let header = || -> Result<_, Fault> {
            let too_short = Fault::TooShort(bytes.len());
            let mut reader = ByteReader::new(bytes.get(..HEADER_LEN).ok_or(too_short)?);
            let magic = reader.take(MAGIC.len())?;
            if magic != MAGIC {
                return Err(Fault::Magic([magic[0], magic[1], magic[2], magic[3]]));
            }
            Ok((reader.u16_le()?, reader.u16_le()?, reader.u32_le()?))
        };
        let (version, reserved, expected) = header().map_err(StoreError::DamagedManifest)?;
        if version > MANIFEST_VERSION {
            return Err(StoreError::NewerVersion { found: version.into(), supported: MANIFEST_VERSION.into() });
        }
        let found = sum(bytes);
        if found != expected {
            return Err(StoreError::DamagedManifest(Fault::Checksum { expected, found }));
        }
        if version < migrations::OLDEST_VERSION || reserved != 0 {
            return Err(StoreError::DamagedManifest(Fault::Invariant("the header is not of a manifest")));
        }
        Ok((version, &bytes[HEADER_LEN..]))
    }

    fn decode_body(body: &[u8]) -> Result<Self, Fault> {
        let reader = &mut ByteReader::new(body);
        let (generation, next_block) = (reader.varint()?, reader.varint()?);
        let mut manifest = Self { generation, next_block, ..Self::default() };
        for _ in 0..reader.count()? {
            let block = BlockMeta { id: BlockId(reader.varint()?), ..BlockMeta::read(reader)? };
            if manifest.blocks.last().is_some_and(|before| before.id >= block.id) || block.id.0 >= next_block {
                return Err(Fault::Invariant("the blocks are not sorted"));
            }
            manifest.blocks.push(block);
        }
        manifest.policy = RetentionPolicy::read(reader)?;
        manifest.scrub = match reader.u8()? {
            0 => None,
            1 => Some(ScrubReport::read(reader)?),
            _ => return Err(Fault::Invariant("neither a scrub nor none")),
        };
        if !reader.is_empty() || next_block > BlockId::MAX.0 {
            return Err(Fault::Invariant("bytes after the end"));
        }
        Ok(manifest)
    }
}

fn sum(bytes: &[u8]) -> u32 {
    let (header, body) = bytes.split_at(HEADER_LEN);
    framed_checksum(&header[..CHECKSUM_AT], body).0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest() -> impl Strategy<Value = Manifest> {
        let section = (any::<u8>(), any::<u16>(), any::<u32>(), any::<u32>());
        let block = (any::<u8>(), any::<(i64, i64)>(), any::<(u32, u32)>(), proptest::collection::vec(section, 0..4));
        let bad = proptest::collection::vec((0u64..9, any::<u8>(), any::<u16>(), "[a-z]{0,4}"), 0..3);
        let scrub = proptest::option::of((any::<i64>(), any::<(u64, u64, u64)>(), bad));
        let all = (1u64..99, proptest::collection::vec(block, 0..5), crate::policy::tests::policy(), scrub);
        all.prop_map(|(generation, blocks, policy, scrub)| {
            let blocks: Vec<BlockMeta> = blocks
                .into_iter()
                .enumerate()
                .map(|(at, (level, (first_start, last_start), (profiles, series), mut sections))| {
                    sections.sort_unstable();
                    sections.dedup_by_key(|section| (section.0, section.1));
                    let sections = sections.into_iter().map(|(kind, part, len, checksum)| SectionMeta {
                        kind: SectionKind::from_code(kind),
                        part,
                        len,
                        checksum,
                    });
                    let sections = sections.collect();
                    BlockMeta { id: BlockId(at as u64 * 3), level, first_start, last_start, profiles, series, sections }
                })
                .collect();
            let policy = policy.normalized();
            let scrub = scrub.map(|(at, (sections, bytes, repaired), bad)| {
                let key = |block, kind, part| SectionKey { block: BlockId(block), kind, part };
                let bad = bad
                    .into_iter()
                    .map(|(block, kind, part, why)| (key(block, SectionKind::from_code(kind), part), why));
                ScrubReport { at, sections, bytes, repaired, bad: bad.collect() }
            });
            Manifest { generation, next_block: blocks.len() as u64 * 3 + 1, blocks, policy, scrub }
        })
    }

    proptest! {
        #[test]
        fn manifests_round_trip(manifest in manifest()) {
            prop_assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
        }

        #[test]
        fn no_changed_byte_goes_unnoticed(manifest in manifest(), at: usize, change in 1u8.., cut: usize) {
            let mut bytes = manifest.encode();
            let at = at % bytes.len();
            bytes[at] ^= change;
            prop_assert!(Manifest::decode(&bytes).is_err());
            bytes[at] ^= change;
            bytes.truncate(cut % bytes.len());
            prop_assert!(Manifest::decode(&bytes).is_err());
        }

        #[test]
        fn no_body_makes_it_panic(body: Vec<u8>) {
            let _read = Manifest::decode_body(&body);
        }
    }

    #[test]
    fn a_later_version_is_refused() {
        let mut bytes = Manifest::default().encode();
        let later = MANIFEST_VERSION + 1;
        bytes[4..6].copy_from_slice(&later.to_le_bytes());
        let error = StoreError::NewerVersion { found: later.into(), supported: MANIFEST_VERSION.into() };
        assert_eq!(Manifest::decode(&bytes), Err(error));
    }
}
