//! Writes packs, piece by piece.

use emberglass_columns::{checksum, framed_checksum};

use super::stored::StoredValue;
use super::{BLOCKS_VERSION, END_MAGIC, HEADER_LEN, ITEM_LEN, PACK_MAGIC, PACK_VERSION, row};
use crate::BlockMeta;

/// What the end of a pack says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackEnd {
    /// Blocks.
    pub blocks: u64,
    /// Profiles of all blocks.
    pub profiles: u64,
}

/// Says what to write between the values of sections: [`Self::header`], for each block [`Self::block`] and then its
/// values, and last [`Self::end`].
#[derive(Debug)]
pub struct PackWriter {
    version: u16,
    /// Bytes of each block.
    blocks: Vec<u64>,
    profiles: u64,
    /// Bytes of what is no block.
    stored: u64,
}

impl Default for PackWriter {
    fn default() -> Self {
        Self { version: BLOCKS_VERSION, blocks: Vec::new(), profiles: 0, stored: 0 }
    }
}

fn item(tag: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![tag, 0, 0, 0];
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    let sum = framed_checksum(&out, payload).0;
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(payload);
    out
}

impl PackWriter {
    /// For a copy of a storage.
    pub(super) fn of_storage() -> Self {
        Self { version: PACK_VERSION, ..Self::default() }
    }

    /// What comes first.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        let mut out = PACK_MAGIC.to_vec();
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        let sum = checksum(&out).0;
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// What comes before the values of a block, which follow in the order of `meta.sections`.
    pub fn block(&mut self, meta: &BlockMeta) -> Vec<u8> {
        let out = item(1, &row::put_block(meta));
        self.blocks.push(out.len() as u64 + meta.bytes());
        self.profiles += u64::from(meta.profiles);
        out
    }

    /// What comes before a value as a storage has it, which follows.
    pub(super) fn stored(&mut self, what: StoredValue, value: &[u8]) -> Vec<u8> {
        let out = item(3, &row::put_stored(what, value));
        self.stored += out.len() as u64 + value.len() as u64;
        out
    }

    /// Bytes of all that was written, the values included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        HEADER_LEN as u64 + self.stored + self.blocks.iter().sum::<u64>()
    }

    /// What the end will say.
    #[must_use]
    pub fn totals(&self) -> PackEnd {
        PackEnd { blocks: self.blocks.len() as u64, profiles: self.profiles }
    }

    /// What comes last.
    #[must_use]
    pub fn end(&self) -> Vec<u8> {
        let offset = self.bytes().to_le_bytes();
        let mut out = item(2, &row::put_end(&self.blocks, self.profiles));
        debug_assert!(out.len() >= ITEM_LEN);
        out.extend_from_slice(&offset);
        out.extend_from_slice(&checksum(&offset).0.to_le_bytes());
        out.extend_from_slice(END_MAGIC);
        out
    }
}
