//! Which blocks each of several engines merges of one query.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_store::{BlockId, Manifest};

/// One of several parts of the blocks of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one, the first is 0.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// All blocks.
    pub const WHOLE: Self = Self { index: 0, of: 1 };
}

/// Which shard each block is of: from the largest on, each goes to the shard that has the fewest bytes.
pub(crate) fn shard_of_block(manifest: &Manifest, of: u32) -> BTreeMap<BlockId, usize> {
    let mut blocks: Vec<(u64, BlockId)> = manifest.blocks.iter().map(|block| (block.bytes(), block.id)).collect();
    heap_sort_by(&mut blocks, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut bytes = vec![0u64; of.max(1) as usize];
    let shards = blocks.into_iter().map(|(size, id)| {
        let (least, sum) = bytes.iter_mut().enumerate().min_by_key(|(_, sum)| **sum)?;
        *sum += size;
        Some((id, least))
    });
    shards.flatten().collect()
}
