//! Taking over blocks that another store wrote.

use rustc_hash::FxHashSet;

use super::content::BlockContent;
use super::{MAX_ATTEMPTS, Store};
use crate::pack::PackedBlock;
use crate::{Backend, BlockBuilder, BlockId, BlockMeta, EncodedBlock, Identity, Manifest, StoreError};

/// What importing a block did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Profiles stored.
    pub profiles: u64,
    /// Profiles that were stored before.
    pub duplicates: u64,
    /// Bytes of the sections written.
    pub bytes: u64,
}

impl<B: Backend> Store<B> {
    /// Stores the profiles of a block that are not stored yet, in one transaction: as it is if that is all of them.
    /// Importing it again stores nothing.
    ///
    /// # Errors
    /// `Damaged` for a block that can't be read, of which nothing is stored; those of the back end.
    pub async fn import_block(&self, packed: &PackedBlock) -> Result<ImportReport, StoreError> {
        let content = BlockContent::unpack(packed)?;
        let identities = content.identities();
        for row in 0..content.block().profiles.len() {
            content.of(row)?;
        }
        let _guard = self.lock.acquire().await;
        self.catch_up().await?;
        for _attempt in 0..MAX_ATTEMPTS {
            let mut seen: FxHashSet<Identity> = FxHashSet::default();
            let mut fresh: Vec<bool> = {
                let state = self.state.borrow();
                identities.iter().map(|of| !state.stored.contains_key(of) && seen.insert(*of)).collect()
            };
            // A sum of which some profiles are here is one that they would count twice in.
            content.settle(&mut fresh, false);
            let count = fresh.iter().filter(|fresh| **fresh).count() as u64;
            let duplicates = identities.len() as u64 - count;
            if count == 0 {
                return Ok(ImportReport { duplicates, ..ImportReport::default() });
            }
            let block = match duplicates {
                0 => whole(packed, content.block()),
                _ => {
                    let mut builder = BlockBuilder::default();
                    content.add_to(&mut builder, &fresh)?;
                    self.encode_again(&builder)?.ok_or(StoreError::BadBatch("a block without its profiles"))?
                }
            };
            let manifest = self.manifest();
            let mut next = Manifest::clone(&manifest);
            let id = next.take_id()?;
            let meta = block.meta(id);
            let report = ImportReport { profiles: count, duplicates, bytes: meta.bytes() };
            next.blocks.push(meta);
            if self.transact(&manifest, &mut next, block.sections(id).collect(), Vec::new()).await? {
                let mut state = self.state.borrow_mut();
                state.take_manifest(next);
                let stored = identities.iter().zip(&fresh).filter(|(_, fresh)| **fresh);
                state.stored.extend(stored.map(|(&identity, _)| (identity, id)));
                state.known.insert(id);
                // What is staged and came with the block is stored now.
                state.drop_stored();
                return Ok(report);
            }
            self.catch_up().await?;
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }
}

/// The block as it is; what its row says follows from what it holds.
fn whole(packed: &PackedBlock, block: &crate::Block) -> EncodedBlock {
    let starts = &block.profiles.start;
    let meta = BlockMeta {
        id: BlockId::default(),
        first_start: starts.iter().min().copied().unwrap_or_default(),
        last_start: starts.iter().max().copied().unwrap_or_default(),
        profiles: block.profiles.len() as u32,
        series: block.series.len() as u32,
        ..packed.meta.clone()
    };
    EncodedBlock::written(meta, packed.values.clone())
}
