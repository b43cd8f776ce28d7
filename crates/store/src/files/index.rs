//! The index of a storage in files: its manifest, and where each section lies. Written in turn to two files, so that one
//! of them is always whole.
//!
//! | offset | size | field | invariant |
//! |---|---|---|---|
//! | 0 | 4 | magic | `EGIX` |
//! | 4 | 1 | version | 1 |
//! | 5 | 3 | reserved | 0 |
//! | 8 | 8 | sequence | counts what is written; the later of the two files that are whole holds |
//! | 16 | 4 | checksum | CRC-32 of bytes 0..16 and of the body |
//! | 20 | | body | varints unless said otherwise |
//!
//! | field | invariant |
//! |---|---|
//! | generation | 0: nothing is stored |
//! | manifest | length and bytes |
//! | sections `n` | sorted by (block, kind, part) |
//! | section x n: block, kind (1 byte), part | |
//! | sequence, offset, length | of the file `<block>-<sequence>`, and where in it |

use emberglass_columns::{ByteReader, ReadError, framed_checksum, heap_sort, heap_sort_by, put_u64};

use crate::{BlockId, SectionKey, SectionKind, StoredManifest};

const MAGIC: &[u8; 4] = b"EGIX";
const VERSION: u8 = 1;
const CHECKSUM_AT: usize = 16;
/// Bytes before the body.
pub(super) const HEADER_LEN: usize = 20;

/// Where a section lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: FileId,
    pub(super) offset: u64,
    pub(super) len: u64,
}

/// A file of sections: those of one block in one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId {
    pub(super) block: BlockId,
    pub(super) sequence: u64,
}

impl FileId {
    pub(super) fn name(self) -> String {
        format!("{}-{}", self.block, self.sequence)
    }

    /// The file of a name; `None` for a name that none has.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let (block, sequence) = name.split_once('-')?;
        let file = Self { block: BlockId(block.parse().ok()?), sequence: sequence.parse().ok()? };
        (file.name() == name).then_some(file)
    }
}

/// What is stored at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) sequence: u64,
    pub(super) manifest: Option<StoredManifest>,
    /// Sorted by key, each once.
    pub(super) sections: Vec<(SectionKey, Place)>,
}

impl Index {
    pub(super) fn generation(&self) -> u64 {
        self.manifest.as_ref().map_or(0, |manifest| manifest.generation)
    }

    pub(super) fn place(&self, key: &SectionKey) -> Option<Place> {
        self.sections.binary_search_by(|(of, _)| of.cmp(key)).ok().map(|at| self.sections[at].1)
    }

    /// The sections without `deletes`, and with `puts` in the place of those of the same key.
    pub(super) fn changed(&self, deletes: &[SectionKey], puts: &[(SectionKey, Place)]) -> Vec<(SectionKey, Place)> {
        let mut gone: Vec<SectionKey> = deletes.iter().copied().chain(puts.iter().map(|(key, _)| *key)).collect();
        heap_sort(&mut gone);
        let kept = self.sections.iter().filter(|(key, _)| gone.binary_search(key).is_err());
        let mut sections: Vec<(SectionKey, Place)> = kept.chain(puts).copied().collect();
        heap_sort_by(&mut sections, |a, b| a.0.cmp(&b.0));
        // Of two puts of one key either will do: there are none.
        sections.dedup_by_key(|(key, _)| *key);
        sections
    }

    /// Files that it refers to, sorted.
    pub(super) fn files(&self) -> Vec<FileId> {
        let mut files: Vec<FileId> = self.sections.iter().map(|(_, place)| place.file).collect();
        heap_sort(&mut files);
        files.dedup();
        files
    }

    /// Name of the file that it belongs into.
    pub(super) fn name(&self) -> &'static str {
        super::INDEX_FILES[usize::from(!self.sequence.is_multiple_of(2))]
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[VERSION, 0, 0, 0]);
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&[0; HEADER_LEN - CHECKSUM_AT]);
        let bytes = self.manifest.as_ref().map_or(&[][..], |manifest| &manifest.bytes);
        put_u64(&mut out, self.generation());
        put_u64(&mut out, bytes.len() as u64);
        out.extend_from_slice(bytes);
        put_u64(&mut out, self.sections.len() as u64);
        for (SectionKey { block, kind, part }, Place { file, offset, len }) in &self.sections {
            put_u64(&mut out, block.0);
            out.push(kind.code());
            for number in [u64::from(*part), file.sequence, *offset, *len] {
                put_u64(&mut out, number);
            }
        }
        let sum = sum(&out);
        out[CHECKSUM_AT..HEADER_LEN].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// The sequence that a header states, unverified; 0 for what is none.
    pub(super) fn stated_sequence(header: &[u8]) -> u64 {
        let sequence = header.get(8..CHECKSUM_AT).and_then(|raw| raw.try_into().ok()).map(u64::from_le_bytes);
        sequence.filter(|_| header.starts_with(MAGIC)).unwrap_or(0)
    }

    /// `None` for one that is not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
        let sequence = Self::stated_sequence(bytes);
        let whole = sequence > 0 && bytes.len() > HEADER_LEN;
        if !whole || bytes.get(CHECKSUM_AT..HEADER_LEN)? != sum(bytes).to_le_bytes() {
            return None;
        }
        if bytes.get(4) != Some(&VERSION) {
            return Some(Decoded::Newer);
        }
        Self::decode_body(sequence, bytes.get(HEADER_LEN..)?).ok().flatten().map(Decoded::Index)
    }

    fn decode_body(sequence: u64, body: &[u8]) -> Result<Option<Self>, ReadError> {
        let reader = &mut ByteReader::new(body);
        let generation = reader.varint()?;
        let len = reader.count()?;
        let bytes = reader.take(len)?.to_vec();
        let manifest = (generation > 0).then_some(StoredManifest { generation, bytes });
        let mut index = Self { sequence, manifest, sections: Vec::new() };
        for _ in 0..reader.count()? {
            let block = BlockId(reader.varint()?);
            let kind = SectionKind::from_code(reader.u8()?);
            let Ok(part) = u16::try_from(reader.varint()?) else { return Ok(None) };
            let file = FileId { block, sequence: reader.varint()? };
            let place = Place { file, offset: reader.varint()?, len: reader.varint()? };
            index.sections.push((SectionKey { block, kind, part }, place));
        }
        let sorted = index.sections.is_sorted_by(|a, b| a.0 < b.0);
        Ok((reader.is_empty() && sorted).then_some(index))
    }
}

/// What a whole index file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Index(Index),
    /// A later version wrote it.
    Newer,
}

fn sum(bytes: &[u8]) -> u32 {
    let (header, body) = bytes.split_at(HEADER_LEN);
    framed_checksum(&header[..CHECKSUM_AT], body).0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index() -> impl Strategy<Value = Index> {
        let entry = (0u64..99, any::<u8>(), any::<u16>(), 1u64..9, any::<u32>(), any::<u32>());
        let manifest = proptest::option::of((1u64.., any::<Vec<u8>>()));
        (1u64.., manifest, proptest::collection::vec(entry, 0..9)).prop_map(|(sequence, manifest, entries)| {
            let entry = |(block, kind, part, sequence, offset, len): (u64, u8, u16, u64, u32, u32)| {
                let block = BlockId(block);
                let key = SectionKey { block, kind: SectionKind::from_code(kind), part };
                let place = Place { file: FileId { block, sequence }, offset: offset.into(), len: len.into() };
                (key, place)
            };
            let puts: Vec<(SectionKey, Place)> = entries.into_iter().map(entry).collect();
            let manifest = manifest.map(|(generation, bytes)| StoredManifest { generation, bytes });
            Index { sequence, manifest, sections: Index::default().changed(&[], &puts) }
        })
    }

    proptest! {
        #[test]
        fn indexes_round_trip(index in index()) {
            prop_assert_eq!(Index::decode(&index.encode()), Some(Decoded::Index(index)));
        }

        #[test]
        fn no_changed_or_missing_byte_goes_unnoticed(index in index(), at: usize, change in 1u8.., cut: usize) {
            let mut bytes = index.encode();
            let at = at % bytes.len();
            bytes[at] ^= change;
            prop_assert_eq!(Index::decode(&bytes), None);
            bytes[at] ^= change;
            bytes.truncate(cut % bytes.len());
            prop_assert_eq!(Index::decode(&bytes), None);
        }

        #[test]
        fn no_body_makes_it_panic(body: Vec<u8>) {
            let _read = Index::decode_body(1, &body);
        }
    }

    #[test]
    fn names_lead_back_to_their_files() {
        let file = FileId { block: BlockId(7), sequence: 12 };
        assert_eq!(FileId::of_name(&file.name()), Some(file));
        for foreign in ["notes.txt", "7-12.bak", "07-12", "7", "-", "index-0"] {
            assert_eq!(FileId::of_name(foreign), None);
        }
    }
}
