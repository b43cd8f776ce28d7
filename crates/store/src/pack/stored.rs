//! Values as a storage has them, in a copy of it: written where nobody here can read them, read where somebody can.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{MAX_BLOCK, PackError, PackItem, PackedBlock, damaged};
use crate::envelope::is_intact;
use crate::{BlockId, BlockMeta, Manifest, SectionKey, StoreError};

/// What a stored value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoredValue {
    /// The manifest, of this generation.
    Manifest(u64),
    /// A section.
    Section(SectionKey),
}

/// Blocks out of the values of a copy, which come sorted by block.
///
/// Invariant: a block whose sections are all there is handed out once; any other block of the manifest is one that is
/// damaged, once.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    blocks: VecDeque<BlockMeta>,
    /// Values of the first block, in the order of its sections.
    values: Vec<Option<Rc<Vec<u8>>>>,
    ready: VecDeque<PackItem>,
}

impl Assembly {
    /// Of a copy with this manifest, which lies at `offset`.
    ///
    /// # Errors
    /// `NewerStorage` where only a later version can read the copy, `Damaged`.
    pub(super) fn new(manifest: &[u8], offset: u64) -> Result<Self, PackError> {
        let manifest = Manifest::decode(manifest).map_err(|error| match error {
            StoreError::NewerVersion { found, supported } => PackError::NewerStorage { found, supported },
            other => damaged(offset, other.to_string()),
        })?;
        Ok(Self { blocks: manifest.blocks.into(), ..Self::default() })
    }

    /// Takes the section at `offset`; `None` for one that is not what was copied.
    pub(super) fn take(&mut self, key: SectionKey, value: Option<Vec<u8>>, offset: u64) {
        self.pass(Some(key.block), offset);
        let Some(block) = self.blocks.front().filter(|block| block.id == key.block) else { return };
        if block.bytes() > MAX_BLOCK {
            return;
        }
        let count = block.sections.len();
        let found = block.sections.iter().enumerate().find(|(_, of)| (of.kind, of.part) == (key.kind, key.part));
        if let (Some((at, section)), Some(value)) = (found, value)
            && is_intact(&value, section.len, section.checksum)
        {
            self.values.resize(count, None);
            self.values[at] = Some(Rc::new(value));
        }
        if self.values.len() == count && self.values.iter().all(Option::is_some) {
            let values = std::mem::take(&mut self.values).into_iter().flatten().collect();
            if let Some(meta) = self.blocks.pop_front() {
                let meta = BlockMeta { id: BlockId::default(), ..meta };
                self.ready.push_back(PackItem::Block(PackedBlock { meta, values }));
            }
        }
    }

    /// Gives up what is not whole of the blocks before `until`, of all without it.
    pub(super) fn pass(&mut self, until: Option<BlockId>, offset: u64) {
        while let Some(block) = self.blocks.pop_front_if(|block| until.is_none_or(|until| block.id < until)) {
            self.values.clear();
            self.ready.push_back(PackItem::Damaged { offset, profiles: block.profiles.into() });
        }
    }

    /// What is whole, or given up.
    pub(super) fn next(&mut self) -> Option<PackItem> {
        self.ready.pop_front()
    }
}
