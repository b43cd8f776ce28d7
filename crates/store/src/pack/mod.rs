//! Packs: blocks in one file, to be carried elsewhere.
//!
//! A pack is a header, blocks one after the other, and an end. A block is a row that says what it holds, in an item with a
//! checksum, followed by the values of its sections as the store has them, each in its envelope. The end repeats where
//! the blocks lie. Both sides work piece by piece: of a file that is cut, all blocks before the cut are read, and the
//! missing end tells. A copy of a storage that this version can't read has its values as they are instead of blocks.
//! `docs/pack-format.md` is the specification.
//!
//! | part | bytes |
//! |---|---|
//! | header | magic `EGPK`, version (2 bytes), reserved (2), CRC-32 of bytes 0..8 |
//! | item | tag (1 byte: 1 block, 2 end, 3 stored value), reserved (3), length (4), CRC-32 (4) of bytes 0..8 of the item and of the CRC-32 of its payload; payload |
//! | after a block's item | the values of its sections in the order of the row |
//! | after a stored value's item | the value |
//! | after the end's item | its offset (8 bytes), CRC-32 of these 8 bytes (4), magic `EGPE` |

mod copy;
mod files;
mod reader;
mod row;
mod stored;
mod writer;

use std::rc::Rc;

pub use self::copy::StorageCopy;
pub use self::files::{PackedFile, packed_files};
pub use self::reader::{PackItem, PackReader};
pub use self::writer::{PackEnd, PackWriter};
use crate::envelope::{self, Payload};
use crate::{BlockMeta, Fault, SectionKey, SectionKind, SectionMeta, StoreError};

/// Latest version of the pack format: that of copies of a storage.
pub const PACK_VERSION: u16 = 2;
/// Version of packs of blocks, which hold nothing that the first version did not know.
const BLOCKS_VERSION: u16 = 1;
/// What a pack begins with.
pub const PACK_MAGIC: &[u8; 4] = b"EGPK";

const END_MAGIC: &[u8; 4] = b"EGPE";
const HEADER_LEN: usize = 12;
const ITEM_LEN: usize = 12;
const TRAILER_LEN: usize = 16;
/// Longest payload of an item.
const MAX_ITEM: usize = 16 << 20;
/// Most bytes of a block: it is held whole.
const MAX_BLOCK: u64 = 1 << 30;

/// What is wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// It does not begin as one.
    #[error("not an Emberglass file: expected the magic EGPK, found {0:02x?}")]
    Magic(Vec<u8>),
    /// A later version wrote it.
    #[error(
        "the file has format version {found}, this version reads up to {PACK_VERSION}: open it with a newer Emberglass"
    )]
    NewerVersion {
        /// Version found.
        found: u16,
    },
    /// A copy of a storage that a later version wrote.
    #[error(
        "the file is a copy of data of version {found}, this version reads up to {supported}: open it with a newer Emberglass"
    )]
    NewerStorage {
        /// Version of the manifest found.
        found: u32,
        /// Latest one that is read.
        supported: u32,
    },
    /// What lies between blocks is damaged, so that those behind can't be found.
    #[error("the file is damaged at byte {offset}: {what}; what came before it was read")]
    Damaged {
        /// Where the damaged piece begins.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// The file ends before its end mark.
    #[error("the file is cut off at byte {offset}: {blocks} blocks with {profiles} profiles came whole and were read")]
    Truncated {
        /// Length of what there is.
        offset: u64,
        /// Blocks that were whole.
        blocks: u64,
        /// Their profiles.
        profiles: u64,
    },
}

impl PackError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Magic(_) => "not-a-pack",
            Self::NewerVersion { .. } | Self::NewerStorage { .. } => "pack-newer-version",
            Self::Damaged { .. } => "pack-damaged",
            Self::Truncated { .. } => "pack-truncated",
        }
    }
}

fn damaged(offset: u64, what: impl Into<String>) -> PackError {
    PackError::Damaged { offset, what: what.into() }
}

/// A block with the values of its sections, as a pack has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedBlock {
    /// What it holds; its id means nothing.
    pub meta: BlockMeta,
    /// Values in the order of `meta.sections`.
    pub values: Vec<Rc<Vec<u8>>>,
}

impl PackedBlock {
    /// Bytes of all values.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.meta.bytes()
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = (&SectionMeta, &Rc<Vec<u8>>)> {
        self.meta.sections.iter().zip(&self.values)
    }

    /// The verified payload of a section; `Damaged` where it has none.
    pub(crate) fn payload(&self, kind: SectionKind, part: u16) -> Result<Rc<Payload>, StoreError> {
        let damaged = |fault| StoreError::Damaged { key: SectionKey { block: self.meta.id, kind, part }, fault };
        let found = self.sections().find(|(section, _)| (section.kind, section.part) == (kind, part));
        let (_, value) = found.ok_or_else(|| damaged(Fault::Missing))?;
        envelope::open(kind, value.to_vec()).map(Rc::new).map_err(damaged)
    }
}
