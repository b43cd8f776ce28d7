//! Taking profiles out: whole blocks go, others are written anew without them, all in one transaction.

use emberglass_columns::heap_sort_by;

use super::compact::{DEFLATE_LEVEL, SUMMED_LEVEL};
use super::{MAX_ATTEMPTS, Store};
use crate::block::settle;
use crate::{
    Backend, BlockBuilder, BlockDirectory, BlockId, BlockMeta, BlockOptions, Compression, EncodedBlock, Manifest,
    StoreError,
};

/// What a removal did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteReport {
    /// Stored profiles deleted.
    pub profiles: u64,
    /// Staged profiles deleted.
    pub staged: u64,
    /// Blocks deleted whole.
    pub dropped_blocks: u64,
    /// Blocks written anew without what was deleted.
    pub rewritten_blocks: u64,
    /// Profiles whose samples went, and whose sums stay.
    pub summed: u64,
    /// Bytes of sections freed, less those written anew.
    pub freed_bytes: u64,
}

/// What becomes of a block before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    Kept,
    Dropped,
    /// Its profiles have to be looked at.
    Looked,
    /// It is written anew, and nothing goes.
    Anew,
}

/// What goes of profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// All; of those that only a sum is left of, all go where one does.
    ProfilesAndWholeSums,
    /// All; of those that only a sum is left of, none goes where one stays.
    Profiles,
    /// Their samples, where a sum stays.
    Samples,
}

/// Which profiles go.
pub(super) struct Removal<'r> {
    pub(super) touch: &'r dyn Fn(&BlockMeta) -> Touch,
    /// Marks the profiles of a block that go.
    pub(super) mark: &'r dyn Fn(&BlockDirectory, &mut [bool]),
    pub(super) takes: Takes,
    /// Blocks that can't be read stay as they are; else they fail the removal.
    pub(super) skips_damaged: bool,
}

/// What becomes of a block.
enum Fate {
    Kept,
    Dropped,
    /// What is left of it, and of how many more profiles that is only sums.
    Rewritten(Box<BlockBuilder>, u64),
}

impl<B: Backend> Store<B> {
    /// Under the lock: takes profiles out, however often another commit comes first.
    pub(super) async fn removed(&self, removal: &Removal<'_>) -> Result<DeleteReport, StoreError> {
        self.catch_up().await?;
        for _attempt in 0..MAX_ATTEMPTS {
            match self.remove(removal).await {
                Ok(Some(report)) => return Ok(report),
                Ok(None) | Err(StoreError::Stale { .. }) => self.catch_up().await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }

    /// Under the lock: takes profiles out; `None` if another commit came first.
    pub(super) async fn remove(&self, removal: &Removal<'_>) -> Result<Option<DeleteReport>, StoreError> {
        let manifest = self.manifest();
        let mut report = DeleteReport::default();
        let mut next = Manifest { blocks: Vec::new(), ..Manifest::clone(&manifest) };
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        let mut rewritten: Vec<(BlockId, Box<BlockBuilder>)> = Vec::new();
        for meta in &manifest.blocks {
            let fate = match (removal.touch)(meta) {
                Touch::Kept => Fate::Kept,
                Touch::Dropped => Fate::Dropped,
                touch @ (Touch::Looked | Touch::Anew) => match self.fate(meta, touch, removal).await {
                    Err(error @ StoreError::Damaged { .. }) if removal.skips_damaged => {
                        self.quarantine(&error);
                        Fate::Kept
                    }
                    fate => fate?,
                },
            };
            match fate {
                Fate::Kept => next.blocks.push(meta.clone()),
                Fate::Dropped => {
                    report.profiles += u64::from(meta.profiles);
                    report.dropped_blocks += 1;
                    report.freed_bytes += meta.bytes();
                    deletes.extend(meta.keys());
                }
                Fate::Rewritten(builder, summed) => {
                    let Some(block) = self.encode_again(&builder)? else { continue };
                    let id = next.take_id()?;
                    let new = block.meta(id);
                    report.profiles += u64::from(meta.profiles) - u64::from(new.profiles).min(u64::from(meta.profiles));
                    report.summed += summed;
                    report.rewritten_blocks += 1;
                    report.freed_bytes += meta.bytes().saturating_sub(new.bytes());
                    deletes.extend(meta.keys());
                    puts.extend(block.sections(id));
                    next.blocks.push(new);
                    rewritten.push((id, builder));
                }
            }
        }
        if deletes.is_empty() {
            return Ok(Some(report));
        }
        heap_sort_by(&mut next.blocks, |a, b| a.id.cmp(&b.id));
        if !self.transact(&manifest, &mut next, puts, deletes).await? {
            return Ok(None);
        }
        let mut state = self.state.borrow_mut();
        state.take_manifest(next);
        for (id, builder) in rewritten {
            builder.each_identity(|identity| {
                state.stored.insert(identity, id);
            });
            state.known.insert(id);
        }
        Ok(Some(report))
    }

    /// What is left of a block: of level 0, so that a compaction packs it; in its last form where it has sums that can't
    /// be made again.
    pub(super) fn encode_again(&self, builder: &BlockBuilder) -> Result<Option<EncodedBlock>, StoreError> {
        if builder.carried.is_empty() {
            return builder.encode(0, self.options.block);
        }
        let compression = Compression::Deflate(DEFLATE_LEVEL);
        builder.encode(SUMMED_LEVEL, BlockOptions { compression, ..self.options.block })
    }

    async fn fate(&self, meta: &BlockMeta, touch: Touch, removal: &Removal<'_>) -> Result<Fate, StoreError> {
        let directory = self.directory(meta.id).await?;
        let mut gone = vec![false; directory.profiles.len()];
        (removal.mark)(&directory, &mut gone);
        if removal.takes == Takes::Samples {
            let thinned = self.thinned(&directory, &gone).await?;
            return Ok(thinned.map_or(Fate::Kept, |(builder, summed)| Fate::Rewritten(Box::new(builder), summed)));
        }
        if directory.profiles.has_summed() {
            let takes_whole_sums = removal.takes == Takes::ProfilesAndWholeSums;
            settle(&mut gone, takes_whole_sums, &directory.profiles, &self.rollups(&directory).await?);
        }
        if gone.iter().all(|&gone| gone) {
            return Ok(Fate::Dropped);
        }
        if !gone.contains(&true) && touch != Touch::Anew {
            return Ok(Fate::Kept);
        }
        let keep: Vec<bool> = gone.into_iter().map(|gone| !gone).collect();
        let content = self.content(meta.id, &keep).await?;
        let mut builder = BlockBuilder::default();
        content.add_to(&mut builder, &keep)?;
        Ok(Fate::Rewritten(Box::new(builder), 0))
    }
}
