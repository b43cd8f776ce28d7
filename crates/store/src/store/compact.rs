//! Compaction: blocks that lie side by side in time become one of the next level, packed and deflated.
//!
//! Invariants:
//! - nothing is stored before the end: then one transaction puts the new block in and takes the old ones out, if they
//!   are still what they were, so that at any moment either the old or the new blocks are there;
//! - a profile is in the new block if and only if it is in one of the old ones, once, by its identity;
//! - work is done in slices: between them queries run, and a compaction that is dropped leaves nothing behind.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::content::BlockContent;
use super::{MAX_ATTEMPTS, Store};
use crate::block::{Encoder, Grafted};
use crate::{
    Backend, BlockBuilder, BlockId, BlockMeta, BlockOptions, Compression, EncodedBlock, Identity, Manifest,
    SectionKind, StoreError,
};

/// The last level: blocks of it are not merged any more.
const LAST_LEVEL: u8 = 2;
/// The level of blocks in which only sums are left of some profiles: they are merged no more.
pub(super) const SUMMED_LEVEL: u8 = 3;
/// How well blocks are deflated: higher levels take twice the time for a hundredth of the bytes.
pub(super) const DEFLATE_LEVEL: u8 = 6;
/// Bytes of the blocks merged into one, by the level they come from.
const MOST_BYTES: [u64; 2] = [16 << 20, 32 << 20];
/// Blocks farther apart than this in time are not merged, by level, ns.
const GAP: [i64; 2] = [DAY, 30 * DAY];
const DAY: i64 = 86_400_000_000_000;
/// Blocks of a level that are worth merging.
const ENOUGH: usize = 4;
/// Bytes of blocks of level 0 that are worth packing, however few they are.
const WORTH_PACKING: u64 = 1 << 20;

/// What to compact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urgency {
    /// Only where enough blocks came together.
    #[default]
    Idle,
    /// Everything that is not in its last form.
    All,
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactReport {
    /// Blocks merged; 0 if others changed them meanwhile, and nothing was done.
    pub blocks: u64,
    /// Profiles in the new block.
    pub profiles: u64,
    /// Bytes of sections before.
    pub bytes_before: u64,
    /// Bytes of the new block's sections.
    pub bytes_after: u64,
}

/// What a slice of work came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactStep {
    /// There is more to do.
    More,
    /// The compaction is stored, or was given up.
    Done(CompactReport),
}

/// A compaction under way: [`Store::compact_step`] until it is done. Dropping it ends it without a trace.
#[derive(Debug)]
pub struct Compaction {
    inputs: Vec<BlockMeta>,
    level: u8,
    builder: BlockBuilder,
    seen: FxHashSet<Identity>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The block that is next.
    Open(usize),
    /// A block whose symbols are next.
    Graft(usize, Box<BlockContent>),
    /// A block, and its profile that is next.
    Read(usize, Box<BlockContent>, Box<Grafted>, usize),
    Encode(Box<Encoder>),
    Commit(Box<EncodedBlock>),
    Done(CompactReport),
}

impl<B: Backend> Store<B> {
    /// The next compaction that is due; `None` if none is.
    pub fn plan_compaction(&self, urgency: Urgency) -> Option<Compaction> {
        let state = self.state.borrow();
        let due = |level| due(&state.manifest, level, urgency, &state.unmergeable).map(|of| (of, level + 1));
        let (inputs, level) = (0..LAST_LEVEL).find_map(due)?;
        let (builder, seen) = (BlockBuilder::default(), FxHashSet::default());
        Some(Compaction { inputs, level, builder, seen, stage: Stage::Open(0) })
    }

    /// Does a slice of work: about as much as a query does for `budget` sample rows, 10 ns each. Reading,
    /// sorting or writing one table of symbols or stacks is not divided.
    ///
    /// # Errors
    /// Those of the back end: the same step may be tried again. `Damaged` and others for blocks that can't be merged:
    /// they stay as they are, and this store does not plan with them again.
    pub async fn compact_step(&self, of: &mut Compaction, budget: usize) -> Result<CompactStep, StoreError> {
        match self.slice(of, budget).await {
            Err(StoreError::Stale { .. }) => {
                of.stage = Stage::Done(CompactReport::default());
                Ok(CompactStep::Done(CompactReport::default()))
            }
            Err(error @ (StoreError::Backend(_) | StoreError::Contention(_))) => Err(error),
            Err(error) => {
                let mut state = self.state.borrow_mut();
                match error {
                    StoreError::Damaged { key, .. } => state.unmergeable.extend([key.block]),
                    _ => state.unmergeable.extend(of.inputs()),
                }
                of.stage = Stage::Done(CompactReport::default());
                Err(error)
            }
            Ok(step) => Ok(step),
        }
    }

    async fn slice(&self, of: &mut Compaction, budget: usize) -> Result<CompactStep, StoreError> {
        let Compaction { inputs, level, builder, seen, stage } = of;
        match stage {
            Stage::Open(at) => {
                let at = *at;
                *stage = match inputs.get(at) {
                    Some(meta) => Stage::Graft(at, Box::new(self.content(meta.id, &[]).await?)),
                    None => {
                        let compression = Compression::Deflate(DEFLATE_LEVEL);
                        let options = BlockOptions { compression, ..self.options.block };
                        match Encoder::new(builder, *level, options) {
                            Some(encoder) => Stage::Encode(Box::new(encoder)),
                            None => Stage::Done(CompactReport::default()),
                        }
                    }
                };
            }
            Stage::Graft(at, content) => {
                let grafted = builder.graft(content.block(), content.attributes())?;
                let at = *at;
                if let Stage::Graft(_, content) = std::mem::replace(stage, Stage::Open(at)) {
                    *stage = Stage::Read(at, content, Box::new(grafted), 0);
                }
            }
            Stage::Read(at, content, grafted, next) => {
                let mut done = 0;
                while done < budget && *next < content.block().profiles.len() {
                    content.load(self, *next).await?;
                    let profile = content.of(*next)?;
                    done += 100 + profile.len() * 10;
                    if let Some(&identity) = grafted.identities.get(*next)
                        && !seen.contains(&identity)
                    {
                        builder.add_profile(content.block(), grafted, *next, profile)?;
                        seen.insert(identity);
                    }
                    *next += 1;
                }
                if *next >= content.block().profiles.len() {
                    *stage = Stage::Open(*at + 1);
                }
            }
            Stage::Encode(encoder) => {
                if encoder.step(builder, budget)? {
                    let Stage::Encode(encoder) = std::mem::replace(stage, Stage::Open(0)) else {
                        return Ok(CompactStep::More);
                    };
                    *stage = Stage::Commit(Box::new(encoder.finish()));
                }
            }
            Stage::Commit(block) => {
                let report = self.replace(inputs, block, builder).await?;
                *stage = Stage::Done(report);
            }
            Stage::Done(report) => return Ok(CompactStep::Done(*report)),
        }
        Ok(CompactStep::More)
    }

    /// Puts a block in the place of others, unless they changed meanwhile.
    async fn replace(
        &self,
        inputs: &[BlockMeta],
        block: &EncodedBlock,
        builder: &BlockBuilder,
    ) -> Result<CompactReport, StoreError> {
        let _guard = self.lock.acquire().await;
        for _attempt in 0..MAX_ATTEMPTS {
            let manifest = self.manifest();
            if inputs.iter().any(|input| manifest.block(input.id) != Some(input)) {
                return Ok(CompactReport::default());
            }
            let mut next = Manifest::clone(&manifest);
            next.blocks.retain(|meta| inputs.iter().all(|input| input.id != meta.id));
            let id = next.take_id()?;
            let meta = block.meta(id);
            let report = CompactReport {
                blocks: inputs.len() as u64,
                profiles: u64::from(meta.profiles),
                bytes_before: inputs.iter().map(BlockMeta::bytes).sum(),
                bytes_after: meta.bytes(),
            };
            next.blocks.push(meta);
            let deletes = inputs.iter().flat_map(BlockMeta::keys).collect();
            if self.transact(&manifest, &mut next, block.sections(id).collect(), deletes).await? {
                let mut state = self.state.borrow_mut();
                state.take_manifest(next);
                builder.each_identity(|identity| {
                    state.stored.insert(identity, id);
                });
                state.known.insert(id);
                // Another tab may have stored what is staged here, in a block that only this merged.
                state.drop_stored();
                return Ok(report);
            }
            self.catch_up().await?;
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }
}

/// Blocks of a level to merge: side by side in time, and together not too large.
fn due(manifest: &Manifest, level: u8, urgency: Urgency, kept: &BTreeSet<BlockId>) -> Option<Vec<BlockMeta>> {
    let (most_bytes, gap) = (*MOST_BYTES.get(usize::from(level))?, *GAP.get(usize::from(level))?);
    // What a later version wrote beside what this one knows would be lost.
    let is_known =
        |block: &BlockMeta| block.sections.iter().all(|section| !matches!(section.kind, SectionKind::Unknown(_)));
    let due = |block: &&BlockMeta| block.level == level && is_known(block) && !kept.contains(&block.id);
    let mut blocks: Vec<&BlockMeta> = manifest.blocks.iter().filter(due).collect();
    emberglass_columns::heap_sort_by(&mut blocks, |a, b| {
        (a.first_start, a.last_start, a.id).cmp(&(b.first_start, b.last_start, b.id))
    });
    let enough = match (urgency, level) {
        (Urgency::Idle, _) => ENOUGH,
        // A block that is not packed yet is worth it alone.
        (Urgency::All, 0) => 1,
        (Urgency::All, _) => 2,
    };
    let worth = |run: &[&BlockMeta], bytes: u64, is_full: bool| {
        run.len() >= enough || (is_full && run.len() > 1) || (level == 0 && bytes >= WORTH_PACKING)
    };
    let mut run: Vec<&BlockMeta> = Vec::new();
    let (mut bytes, mut last) = (0, i64::MIN);
    for block in blocks {
        let is_near = block.first_start.saturating_sub(last) <= gap;
        let is_full = bytes + block.bytes() > most_bytes;
        if !run.is_empty() && (!is_near || is_full) {
            if worth(&run, bytes, is_near) {
                return Some(run.into_iter().cloned().collect());
            }
            run.clear();
            (bytes, last) = (0, i64::MIN);
        }
        bytes += block.bytes();
        last = last.max(block.last_start);
        run.push(block);
    }
    worth(&run, bytes, false).then(|| run.into_iter().cloned().collect())
}

impl Compaction {
    /// Blocks that are merged.
    pub fn inputs(&self) -> impl Iterator<Item = BlockId> {
        self.inputs.iter().map(|meta| meta.id)
    }
}
