//! Collects profiles for a block that is not written yet.

use std::ops::Range;

use emberglass_profile::{Absorbed, AttributeSetId, AttributeSets, Batch, FrameId, StackId, Symbols};
use emberglass_trie::ChildIndex;
use rustc_hash::FxHashMap;

use super::layout::{UNUSED, graft, graft_rows};
use super::split::{Share, split};
use super::{Block, Costs, Identity, Records, Rollup, Rows, SampleAttributes, Series};
use crate::{Metadata, Origin, Source, StoreError, TimeSource};

/// Collects profiles; their symbols and stacks share tables. Nothing is in any particular order yet.
#[derive(Debug, Default)]
pub struct BlockBuilder {
    pub(crate) symbols: Symbols,
    pub(crate) tree: ChildIndex,
    pub(crate) attributes: SampleAttributes,
    pub(crate) series: Vec<Series>,
    series_rows: FxHashMap<Series, u32>,
    pub(crate) sources: Vec<Source>,
    pub(crate) profiles: Vec<Draft>,
    /// Sums that can't be made again: some of their profiles have no samples.
    pub(crate) carried: Vec<Carried>,
    rows: usize,
}

/// A roll-up of a block that is written anew.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) rollup: Rollup,
    /// Drafts whose sum it is.
    pub(crate) drafts: Range<usize>,
    pub(crate) rows: Rows,
}

/// A profile of a block to be. Rows refer to the builder's tree and attributes.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) identity: Identity,
    pub(crate) series: u32,
    pub(crate) source: u32,
    pub(crate) entry: u32,
    pub(crate) start: i64,
    pub(crate) duration: i64,
    pub(crate) period: i64,
    pub(crate) total: i64,
    pub(crate) scale: u8,
    pub(crate) records: u64,
    pub(crate) content: Content,
}

/// What a profile holds. Stacks, attribute sets and functions are rows of tables that its owner knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) rows: Rows,
    /// Empty where the format has no time for each record.
    pub(crate) timeline: Records,
    /// What the format states for each function, if it does.
    pub(crate) costs: Option<Costs>,
    /// The rows are gone, and only roll-ups hold their sums.
    pub(crate) is_summed: bool,
}

impl Content {
    /// Stacks that it refers to.
    pub(crate) fn stacks(&self) -> impl Iterator<Item = u32> {
        self.rows.stacks.iter().chain(&self.timeline.stacks).copied()
    }

    /// Attribute sets that it refers to.
    pub(crate) fn sets(&self) -> impl Iterator<Item = u32> {
        self.rows.attributes.iter().chain(&self.timeline.attributes).copied()
    }

    /// The same in terms of other tables.
    fn translate(self, stacks: &[u32], sets: &[u32], functions: &[u32]) -> Result<Self, StoreError> {
        Ok(Self {
            rows: translate(&self.rows, stacks, sets)?,
            timeline: self.timeline.translate(stacks, sets)?,
            costs: self.costs.map(|costs| costs.translate(functions)).transpose()?,
            is_summed: self.is_summed,
        })
    }

    /// Rows and records, to estimate sizes.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() + self.timeline.len() + self.costs.as_ref().map_or(0, |costs| costs.functions.len())
    }
}

/// Rows in the builder of what a block's profiles refer to.
#[derive(Debug)]
pub(crate) struct Grafted {
    stacks: Vec<u32>,
    frames: Vec<FrameId>,
    sets: Vec<u32>,
    functions: Vec<u32>,
    sources: Vec<u32>,
    pub(crate) identities: Vec<Identity>,
}

/// What adding a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Profiles added, one per series.
    pub profiles: u32,
    /// Profiles that were there before.
    pub duplicates: u32,
    /// Starts of the first and the last profile of the batch, duplicates included; `None` if it has none.
    pub starts: Option<(i64, i64)>,
    /// Identities of the profiles added.
    pub identities: Vec<Identity>,
}

impl BlockBuilder {
    /// Adds the profiles of `batch`, but for those whose identity is `known`. Either all of them or, with an error, none.
    ///
    /// # Errors
    /// `ValueOverflow`, or `BadBatch` for rows that refer to nothing.
    pub fn add(
        &mut self,
        batch: &Batch,
        origin: &Origin,
        known: impl Fn(Identity) -> bool,
    ) -> Result<Added, StoreError> {
        let mut rests = AttributeSets::default();
        let mut added = Added::default();
        let mut fresh: Vec<(usize, i64, Identity, Series, Share)> = Vec::new();
        let mut ordinals: FxHashMap<(Series, i64), u32> = FxHashMap::default();
        for (at, entry) in batch.profiles.iter().enumerate() {
            let start = entry.start.unwrap_or(origin.fallback_start);
            let (first, last) = added.starts.unwrap_or((start, start));
            added.starts = Some((first.min(start), last.max(start)));
            for share in split(batch, entry, origin, &mut rests)? {
                let series = Series { profile_type: entry.profile_type.clone(), labels: share.labels.clone() };
                let ordinal = ordinals.entry((series.clone(), start)).or_default();
                let identity = Identity::new(batch.content_hash, &series, start, *ordinal);
                *ordinal += 1;
                if known(identity) {
                    added.duplicates += 1;
                } else {
                    fresh.push((at, start, identity, series, share));
                }
            }
        }
        if fresh.is_empty() {
            return Ok(added);
        }

        let absorbed = self.symbols.absorb(&batch.symbols);
        let mut used = vec![false; batch.stacks.len()];
        for stack in fresh.iter().flat_map(|(.., share)| share.content.stacks()) {
            used[stack as usize] = true;
        }
        let stack_rows = graft(&mut self.tree, batch.stacks.parents(), batch.stacks.frames(), &absorbed.frames, used)?;
        let functions = rows_of(&absorbed);
        let text = |id| batch.symbols.text(id);
        let sets: Vec<u32> =
            (0..rests.len() as u32).map(|set| self.attributes.intern(rests.get(AttributeSetId(set)), text).0).collect();

        let mut drafts = Vec::with_capacity(fresh.len());
        for (at, start, identity, series, share) in fresh {
            let Share { content, records, total, scale, .. } = share;
            let entry = &batch.profiles[at];
            drafts.push(Draft {
                identity,
                series: self.series_row(series),
                source: self.sources.len() as u32,
                entry: at as u32,
                start,
                duration: entry.duration,
                period: entry.period,
                total,
                scale,
                records,
                content: content.translate(&stack_rows, &sets, &functions)?,
            });
        }
        self.sources.push(source(batch, origin));
        added.profiles = drafts.len() as u32;
        added.identities = drafts.iter().map(|draft| draft.identity).collect();
        self.rows += drafts.iter().map(|draft| draft.content.len()).sum::<usize>();
        self.profiles.extend(drafts);
        Ok(added)
    }

    /// Adds the profiles of a block for which `keep` holds, by row. `content` gives what a profile holds, `sums` are the
    /// roll-ups where some profiles are in these alone; of such a roll-up all profiles are kept, or none.
    ///
    /// # Errors
    /// Those of `content`.
    pub(crate) fn add_block(
        &mut self,
        block: &Block,
        attributes: &SampleAttributes,
        keep: impl Fn(usize) -> bool,
        content: impl Fn(usize) -> Result<Content, StoreError>,
        sums: &[(Rollup, Rows)],
    ) -> Result<(), StoreError> {
        let mut grafted = self.graft(block, attributes);
        self.graft_stacks(block, &mut grafted, usize::MAX)?;
        // Of each row the draft that is next.
        let mut drafts = Vec::with_capacity(block.profiles.len() + 1);
        for row in 0..block.profiles.len() {
            drafts.push(self.profiles.len());
            if keep(row) {
                self.add_profile(block, &mut grafted, row, content(row)?)?;
            }
        }
        drafts.push(self.profiles.len());
        for (rollup, rows) in sums {
            let of = rollup.rows();
            if let (Some(&first), Some(&end)) = (drafts.get(of.start as usize), drafts.get(of.end as usize))
                && end - first == of.len()
            {
                let rows = translate(rows, &grafted.stacks, &[0])?;
                self.rows += rows.len();
                self.carried.push(Carried { rollup: *rollup, drafts: first..end, rows });
            }
        }
        Ok(())
    }

    /// Adds the symbols and attributes of a block; its stacks follow with [`Self::graft_stacks`], then its profiles.
    pub(crate) fn graft(&mut self, block: &Block, attributes: &SampleAttributes) -> Grafted {
        let absorbed = self.symbols.absorb(&block.symbols);
        let sets = (0..attributes.sets.len() as u32).map(|set| {
            let set = attributes.sets.get(AttributeSetId(set));
            self.attributes.intern(set, |id| attributes.strings.get(id)).0
        });
        Grafted {
            stacks: Vec::new(),
            sets: sets.collect(),
            functions: rows_of(&absorbed),
            frames: absorbed.frames,
            sources: vec![UNUSED; block.sources.len()],
            identities: super::identity::identities(&block.series, &block.profiles, &block.sources),
        }
    }

    /// Adds at most `limit` more of the block's stacks; false once all are there.
    ///
    /// # Errors
    /// `BadBatch` for stacks that refer to nothing.
    pub(crate) fn graft_stacks(
        &mut self,
        block: &Block,
        grafted: &mut Grafted,
        limit: usize,
    ) -> Result<bool, StoreError> {
        let (parents, keys) = (block.stacks.parents(), block.stacks.frames());
        let Grafted { stacks, frames, .. } = grafted;
        graft_rows(&mut self.tree, stacks, parents, keys, frames, |_| true, limit)
    }

    /// Adds a profile of a block that is grafted.
    ///
    /// # Errors
    /// `BadBatch` for a content that refers to nothing, `ValueOverflow`.
    pub(crate) fn add_profile(
        &mut self,
        block: &Block,
        grafted: &mut Grafted,
        row: usize,
        content: Content,
    ) -> Result<(), StoreError> {
        let table = &block.profiles;
        let Grafted { stacks, sets, functions, sources, identities, .. } = grafted;
        let (Some(series), Some(source), Some(&identity)) = (
            block.series.get(table.series[row] as usize),
            block.sources.get(table.source[row] as usize),
            identities.get(row),
        ) else {
            return Ok(());
        };
        let content = content.translate(stacks, sets, functions)?;
        let source_row = &mut sources[table.source[row] as usize];
        if *source_row == UNUSED {
            *source_row = self.sources.len() as u32;
            self.sources.push(source.clone());
        }
        self.rows += content.len();
        let source = *source_row;
        let draft = Draft {
            identity,
            series: self.series_row(series.clone()),
            source,
            entry: table.entry[row],
            start: table.start[row],
            duration: table.duration[row],
            period: table.period[row],
            total: table.total[row],
            scale: table.scale[row],
            records: table.records[row],
            content,
        };
        self.profiles.push(draft);
        Ok(())
    }

    fn series_row(&mut self, series: Series) -> u32 {
        let Self { series: all, series_rows, .. } = self;
        *series_rows.entry(series).or_insert_with_key(|series| {
            all.push(series.clone());
            all.len() as u32 - 1
        })
    }

    /// Keeps the profiles for which `keep` holds, given their series and metadata, start and identity; returns the others'
    /// identities.
    pub fn retain(&mut self, keep: impl Fn(Metadata<'_>, i64, Identity) -> bool) -> Vec<Identity> {
        let Self { series, sources, profiles, rows, .. } = self;
        let mut dropped = Vec::new();
        profiles.retain(|draft| {
            let of = series.get(draft.series as usize).zip(sources.get(draft.source as usize));
            let metadata = of.map(|(series, source)| Metadata { source, series, period: draft.period });
            let kept = metadata.is_some_and(|metadata| keep(metadata, draft.start, draft.identity));
            if !kept {
                dropped.push(draft.identity);
                *rows -= draft.content.len();
            }
            kept
        });
        dropped
    }

    /// Profiles collected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.profiles.len()
    }

    /// True without profiles.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// Estimate of the bytes of the block, within a factor of two or so.
    #[must_use]
    pub fn estimated_bytes(&self) -> usize {
        let Self { symbols, tree, profiles, rows, .. } = self;
        symbols.strings.text_bytes() / 2 + symbols.frames.len() * 4 + tree.len() * 3 + rows * 3 + profiles.len() * 40
    }

    /// Calls `each` with the identity of every profile collected.
    pub fn each_identity(&self, each: impl FnMut(Identity)) {
        self.profiles.iter().map(|draft| draft.identity).for_each(each);
    }
}

fn source(batch: &Batch, origin: &Origin) -> Source {
    let dated = batch.profiles.iter().all(|entry| entry.start.is_some());
    Source {
        content_hash: batch.content_hash,
        name: origin.name.clone(),
        format: batch.format.clone(),
        bytes: origin.bytes,
        time_source: if dated { TimeSource::File } else { origin.fallback_source },
        imported: origin.imported,
        default_sample_type: batch.default_sample_type.clone(),
        comments: batch.comments.clone(),
        metadata: batch.metadata.clone(),
        drop_frames: batch.drop_frames.clone(),
        keep_frames: batch.keep_frames.clone(),
        warnings: batch.warnings.as_slice().to_vec(),
        service_name: batch.service_name.clone(),
        default_entry: batch.default_entry,
    }
}

fn rows_of(absorbed: &Absorbed) -> Vec<u32> {
    absorbed.functions.iter().map(|function| function.0).collect()
}

/// Rows of another table in terms of this one.
fn translate(rows: &Rows, stacks: &[u32], sets: &[u32]) -> Result<Rows, StoreError> {
    let mut out = Rows::default();
    for (StackId(stack), AttributeSetId(set), value) in rows.iter() {
        match (stacks.get(stack as usize), sets.get(set as usize)) {
            (Some(&stack), Some(&set)) => out.push(stack, set, value),
            _ => return Err(StoreError::BadBatch("a sample without its stack or attributes")),
        }
    }
    out.normalize().ok_or(StoreError::ValueOverflow)
}
