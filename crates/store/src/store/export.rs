//! Handing out blocks, to be carried elsewhere.
//!
//! Invariants: every profile of the selection that is stored when the export begins and not deleted meanwhile is handed
//! out once, by its identity, whatever compactions do to blocks in between; a block that can't be read is left out and
//! named.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use emberglass_labels::Matchers;
use emberglass_profile::ProfileType;
use rustc_hash::FxHashSet;

use super::Store;
use super::compact::DEFLATE_LEVEL;
use crate::block::Encoder;
use crate::envelope::is_intact;
use crate::pack::{PackWriter, PackedBlock};
use crate::{
    Backend, BlockBuilder, BlockDirectory, BlockId, BlockMeta, BlockOptions, Compression, EncodedBlock, Fault,
    Identity, SourceKey, StoreError,
};

/// Which profiles to hand out; all without any of it.
#[derive(Clone, Debug, Default)]
pub struct ExportSelection {
    /// Only this type.
    pub profile_type: Option<ProfileType>,
    /// Only series whose labels match.
    pub matchers: Matchers,
    /// Only profiles that start at this time or later, ns since the epoch.
    pub from: Option<i64>,
    /// Only profiles that start before this time.
    pub until: Option<i64>,
    /// Only profiles of these inputs.
    pub sources: Option<BTreeSet<SourceKey>>,
}

impl ExportSelection {
    fn is_everything(&self) -> bool {
        let Self { profile_type, matchers, from, until, sources } = self;
        profile_type.is_none() && matchers.is_empty() && from.is_none() && until.is_none() && sources.is_none()
    }
}

/// A block that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The block.
    pub block: BlockId,
    /// Its profiles, at most so many of the selection.
    pub profiles: u64,
    /// Why.
    pub error: StoreError,
}

/// What an export handed out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Blocks.
    pub blocks: u64,
    /// Profiles.
    pub profiles: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// What is missing.
    pub left_out: Vec<LeftOut>,
}

/// An export under way: [`Store::export_step`] until it is done.
#[derive(Debug, Default)]
pub struct Export {
    selection: ExportSelection,
    /// Blocks that are next, first first.
    blocks: VecDeque<BlockId>,
    /// Bytes of the blocks that are next or done, to tell how far it is.
    total: u64,
    done: u64,
    seen: FxHashSet<Identity>,
    writer: PackWriter,
    left_out: Vec<LeftOut>,
    /// Blocks that are not stored, and next.
    staged: VecDeque<Rc<EncodedBlock>>,
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Header,
    Next,
    Encode(Box<BlockBuilder>, Box<Encoder>),
    Values(VecDeque<Rc<Vec<u8>>>),
    Done,
}

/// What a block of the selection becomes.
enum Picked {
    Nothing,
    Whole(PackedBlock),
    Part(Box<BlockBuilder>, u8),
}

impl Export {
    /// How far it is: bytes of blocks done, and of all of them.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.done, self.total)
    }

    /// True once the end was handed out.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// What was handed out so far.
    #[must_use]
    pub fn report(&self) -> ExportReport {
        let totals = self.writer.totals();
        let bytes = self.writer.bytes() + if self.is_done() { self.writer.end().len() as u64 } else { 0 };
        ExportReport { blocks: totals.blocks, profiles: totals.profiles, bytes, left_out: self.left_out.clone() }
    }
}

impl<B: Backend> Store<B> {
    /// Begins to hand out what is stored of a selection.
    pub fn plan_export(&self, selection: ExportSelection) -> Export {
        let mut export = Export { selection, ..Export::default() };
        self.plan(&mut export);
        export
    }

    /// Begins to hand out what is staged, and nothing else: what a storage that fails keeps from being stored. Reads nothing
    /// of it.
    ///
    /// # Errors
    /// `TooLarge` where the format's numbers end.
    pub fn plan_export_of_staged(&self) -> Result<Export, StoreError> {
        let staged: VecDeque<Rc<EncodedBlock>> = self.state.borrow_mut().encode(self.options.block)?.into();
        let total = staged.iter().map(|block| block.meta(BlockId::default()).bytes()).sum();
        Ok(Export { total, staged, ..Export::default() })
    }

    /// Begins again with the blocks there are now; what was handed out is left out.
    fn plan(&self, export: &mut Export) {
        let manifest = self.manifest();
        let Export { selection, blocks, total, done, left_out, .. } = export;
        let inside = |meta: &&BlockMeta| {
            meta.overlaps(selection.from, selection.until) && left_out.iter().all(|of| of.block != meta.id)
        };
        let mut found: Vec<&BlockMeta> = manifest.blocks.iter().filter(inside).collect();
        emberglass_columns::heap_sort_by(&mut found, |a, b| (a.first_start, a.id).cmp(&(b.first_start, b.id)));
        *total = *done + found.iter().map(|meta| meta.bytes()).sum::<u64>();
        *blocks = found.into_iter().map(|meta| meta.id).collect();
    }

    /// Does a slice of work, and hands out the next bytes of the file: none where there is more to do first.
    /// `budget` is as for [`Self::compact_step`].
    ///
    /// # Errors
    /// Those of the back end: the same step may be tried again.
    pub async fn export_step(&self, of: &mut Export, budget: usize) -> Result<Vec<u8>, StoreError> {
        match &mut of.stage {
            Stage::Header => {
                of.stage = Stage::Next;
                Ok(of.writer.header())
            }
            Stage::Next => {
                if let Some(block) = of.staged.pop_front() {
                    let meta = block.meta(BlockId::default());
                    of.done += meta.bytes();
                    of.stage = Stage::Values(EncodedBlock::clone(&block).values().into());
                    return Ok(of.writer.block(&meta));
                }
                let Some(&id) = of.blocks.front() else {
                    of.stage = Stage::Done;
                    return Ok(of.writer.end());
                };
                let picked = match self.pick(id, of).await {
                    Err(StoreError::Stale { .. }) => {
                        self.refresh().await?;
                        self.plan(of);
                        return Ok(Vec::new());
                    }
                    Err(error @ (StoreError::Backend(_) | StoreError::Contention(_))) => return Err(error),
                    Err(error) => {
                        let profiles = self.manifest().block(id).map_or(0, |meta| meta.profiles.into());
                        of.left_out.push(LeftOut { block: id, profiles, error });
                        Picked::Nothing
                    }
                    Ok(picked) => picked,
                };
                of.blocks.pop_front();
                of.done += self.manifest().block(id).map_or(0, BlockMeta::bytes);
                match picked {
                    Picked::Nothing => {}
                    Picked::Whole(PackedBlock { meta, values }) => {
                        of.stage = Stage::Values(values.into());
                        return Ok(of.writer.block(&meta));
                    }
                    Picked::Part(builder, level) => {
                        let options =
                            BlockOptions { compression: Compression::Deflate(DEFLATE_LEVEL), ..self.options.block };
                        if let Some(encoder) = Encoder::new(&builder, level, options) {
                            of.stage = Stage::Encode(builder, Box::new(encoder));
                        }
                    }
                }
                Ok(Vec::new())
            }
            Stage::Encode(builder, encoder) => {
                if !encoder.step(builder, budget)? {
                    return Ok(Vec::new());
                }
                let Stage::Encode(_, encoder) = std::mem::replace(&mut of.stage, Stage::Next) else {
                    return Ok(Vec::new());
                };
                let block = encoder.finish();
                let item = of.writer.block(&block.meta(BlockId::default()));
                of.stage = Stage::Values(block.values().into());
                Ok(item)
            }
            Stage::Values(values) => match values.pop_front() {
                Some(value) => Ok(Rc::unwrap_or_clone(value)),
                None => {
                    of.stage = Stage::Next;
                    Ok(Vec::new())
                }
            },
            Stage::Done => Ok(Vec::new()),
        }
    }

    /// What the selection takes of a block. What it takes counts as seen.
    async fn pick(&self, id: BlockId, of: &mut Export) -> Result<Picked, StoreError> {
        let manifest = self.manifest();
        let meta = manifest.block(id).ok_or(StoreError::Stale { block: id })?;
        let directory = match self.directory(id).await {
            // It can't be looked into here, but read where it is carried to.
            Err(StoreError::Damaged { fault: Fault::NewerVersion(_), .. }) if of.selection.is_everything() => {
                return Ok(Picked::Whole(self.packed(meta).await?));
            }
            directory => directory?,
        };
        let identities = directory.identities();
        let mut keep = inside(&directory, &of.selection);
        for (keep, identity) in keep.iter_mut().zip(&identities) {
            *keep &= !of.seen.contains(identity);
        }
        let picked = if !keep.contains(&true) {
            Picked::Nothing
        } else if keep.iter().all(|&keep| keep) {
            Picked::Whole(self.packed(meta).await?)
        } else {
            let content = self.content(id, &keep).await?;
            content.settle(&mut keep, true);
            let mut builder = BlockBuilder::default();
            content.add_to(&mut builder, &keep)?;
            Picked::Part(Box::new(builder), meta.level)
        };
        of.seen.extend(identities.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(&identity, _)| identity));
        Ok(picked)
    }

    /// A block as it is stored, verified.
    async fn packed(&self, meta: &BlockMeta) -> Result<PackedBlock, StoreError> {
        let mut values = Vec::with_capacity(meta.sections.len());
        for section in &meta.sections {
            let key = section.key(meta.id);
            let stored = self.backend.get(&[key]).await?.pop().flatten();
            let value = match stored {
                Some(value) if is_intact(&value, section.len, section.checksum) => value,
                other => {
                    if other.is_none() && self.refresh().await? && self.manifest().block(meta.id) != Some(meta) {
                        return Err(StoreError::Stale { block: meta.id });
                    }
                    let repaired = self.backend.repair(key, section.len, section.checksum).await?;
                    repaired.ok_or(StoreError::Damaged {
                        key,
                        fault: match other {
                            Some(_) => Fault::Invariant("it is not what was written"),
                            None => Fault::Missing,
                        },
                    })?
                }
            };
            values.push(Rc::new(value));
        }
        Ok(PackedBlock { meta: BlockMeta { id: BlockId::default(), ..meta.clone() }, values })
    }
}

/// Which profiles of a block a selection takes, by row.
fn inside(directory: &BlockDirectory, selection: &ExportSelection) -> Vec<bool> {
    let ExportSelection { profile_type, matchers, from, until, sources } = selection;
    let BlockDirectory { profiles, series, .. } = directory;
    let of_sources = sources.as_ref().map(|sources| directory.rows_of_sources(sources));
    let mut keep = vec![false; profiles.len()];
    for (row, rows) in directory.select(matchers, *from, *until) {
        let of_type = series.get(row as usize).is_some_and(|series| {
            profile_type.as_ref().is_none_or(|profile_type| series.profile_type == *profile_type)
        });
        if of_type {
            for row in rows {
                keep[row] = of_sources.as_ref().is_none_or(|of_sources| of_sources.get(row) == Some(&true));
            }
        }
    }
    keep
}
