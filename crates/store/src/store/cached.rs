//! What of the blocks is in memory.

use super::Store;
use super::read::{CacheKey, Cached};
use crate::{Backend, BlockId, SectionKey, SectionKind};

impl<B: Backend> Store<B> {
    /// True if what a section holds is in memory.
    pub fn is_cached(&self, key: SectionKey) -> bool {
        let SectionKey { block, kind, part } = key;
        let cached = match kind {
            SectionKind::Series | SectionKind::Profiles | SectionKind::Sources => CacheKey::Directory(block),
            SectionKind::Symbols | SectionKind::Stacks => CacheKey::Block(block),
            SectionKind::Attributes => CacheKey::Attributes(block),
            SectionKind::Rollups if part == 0 => CacheKey::Rollups(block),
            kind => CacheKey::Part(block, kind, part),
        };
        self.state.borrow().cache.peek(cached).is_some()
    }

    /// Number of stacks of a block, the empty one among them, if they are in memory.
    pub fn cached_stacks(&self, id: BlockId) -> Option<usize> {
        match self.state.borrow().cache.peek(CacheKey::Block(id)) {
            Some(Cached::Block(block)) => Some(block.stacks.len()),
            _ => None,
        }
    }
}
