//! All that a block holds, to write it anew.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_trie::{NoYield, at_once};

use super::Store;
use crate::block::{
    Content, Place, Places, identities, read_attributes, read_directory, read_places, read_rollups,
    read_stacks_and_symbols, settle,
};
use crate::envelope::Payload;
use crate::pack::PackedBlock;
use crate::{Backend, Block, BlockBuilder, BlockId, Identity, Rollup, Rows, SampleAttributes, SectionKind, StoreError};

/// What the sections of a block are read for, part by part.
const BY_PROFILE: [SectionKind; 3] = [SectionKind::Samples, SectionKind::Timelines, SectionKind::FunctionCosts];

/// A block with what its profiles hold.
#[derive(Debug)]
pub(crate) struct BlockContent {
    block: Rc<Block>,
    attributes: Rc<SampleAttributes>,
    timelines: Places,
    costs: Places,
    parts: BTreeMap<(SectionKind, u16), Rc<Payload>>,
    /// The roll-ups with their sums, where samples of some profiles are gone.
    sums: Vec<(Rollup, Rows)>,
}

impl<B: Backend> Store<B> {
    /// Reads all that the profiles of a block hold for which `keep` is true, by row.
    pub(super) async fn content(&self, id: BlockId, keep: &[bool]) -> Result<BlockContent, StoreError> {
        let block = self.block(id).await?;
        let attributes = self.attributes(id).await?;
        let profiles = block.profiles.len();
        let timelines = self.places(id, SectionKind::Timelines, profiles).await?;
        let costs = self.places(id, SectionKind::FunctionCosts, profiles).await?;
        let mut parts = BTreeMap::new();
        let has_samples = |row: &usize| keep.get(*row) == Some(&true) && !block.profiles.is_summed(*row);
        for row in (0..profiles).filter(has_samples) {
            if let Some(&part) = block.profiles.sample_part.get(row) {
                parts.insert((SectionKind::Samples, part), Rc::default());
            }
            for (kind, places) in [(SectionKind::Timelines, &timelines), (SectionKind::FunctionCosts, &costs)] {
                if let Some(place) = places.get(row) {
                    parts.insert((kind, place.part), Rc::default());
                }
            }
        }
        for kind in BY_PROFILE {
            let numbers: Vec<u16> = parts.keys().filter(|(of, _)| *of == kind).map(|&(_, part)| part).collect();
            let read = self.parts(id, kind, &numbers).await?;
            parts.extend(numbers.into_iter().map(|part| (kind, part)).zip(read));
        }
        let sums = if block.profiles.has_summed() { self.sums(&block).await? } else { Vec::new() };
        Ok(BlockContent { block, attributes, timelines, costs, parts, sums })
    }

    /// All roll-ups of a block with their sums.
    pub(super) async fn sums(&self, block: &Block) -> Result<Vec<(Rollup, Rows)>, StoreError> {
        let rollups = self.rollups(&*self.directory(block.id).await?).await?;
        let mut sums = Vec::with_capacity(rollups.len());
        let mut held = None;
        for rollup in rollups.iter() {
            let part = match held.take().filter(|(number, _)| *number == rollup.part()) {
                Some((_, part)) => part,
                None => self
                    .rollup_parts(block.id, &[rollup.part()])
                    .await?
                    .pop()
                    .ok_or(StoreError::Stale { block: block.id })?,
            };
            sums.push((*rollup, block.rollup_rows(rollup, &part)?));
            held = Some((rollup.part(), part));
        }
        Ok(sums)
    }
}

impl BlockContent {
    /// Reads a block that is in no store.
    pub(crate) fn unpack(packed: &PackedBlock) -> Result<Self, StoreError> {
        let id = packed.meta.id;
        let of_kind = |kind| packed.payload(kind, 0);
        let block = at_once(read_stacks_and_symbols(&read_directory(id, &of_kind)?, &of_kind, &NoYield))?;
        let has = |kind| packed.meta.section(kind, 0).is_some();
        let attributes = match has(SectionKind::Attributes) {
            true => read_attributes(id, &of_kind(SectionKind::Attributes)?.bytes)?,
            false => SampleAttributes::default(),
        };
        let places = |kind| match has(kind) {
            true => read_places(id, kind, &of_kind(kind)?.bytes, block.profiles.len()),
            false => Ok(Places::default()),
        };
        let (timelines, costs) = (places(SectionKind::Timelines)?, places(SectionKind::FunctionCosts)?);
        let mut sums = Vec::new();
        if block.profiles.has_summed() && has(SectionKind::Rollups) {
            for rollup in read_rollups(id, &of_kind(SectionKind::Rollups)?.bytes, &block.profiles)? {
                let part = packed.payload(SectionKind::Rollups, rollup.part())?;
                sums.push((rollup, block.rollup_rows(&rollup, &part.bytes)?));
            }
        }
        let mut parts = BTreeMap::new();
        for (section, _) in packed.sections().filter(|(section, _)| BY_PROFILE.contains(&section.kind)) {
            parts.insert((section.kind, section.part), packed.payload(section.kind, section.part)?);
        }
        Ok(Self { block: Rc::new(block), attributes: Rc::new(attributes), timelines, costs, parts, sums })
    }

    pub(crate) fn block(&self) -> &Block {
        &self.block
    }

    pub(crate) fn attributes(&self) -> &SampleAttributes {
        &self.attributes
    }

    /// What tells each profile from all others, by row.
    pub(crate) fn identities(&self) -> Vec<Identity> {
        identities(&self.block.series, &self.block.profiles, &self.block.sources)
    }

    /// Reads what the profile at `row` lies in, unless it is there.
    pub(super) async fn load<B: Backend>(&mut self, store: &Store<B>, row: usize) -> Result<(), StoreError> {
        let sample_part = self.block.profiles.sample_part.get(row).map(|&part| (SectionKind::Samples, part));
        let timeline = self.timelines.get(row).map(|place| (SectionKind::Timelines, place.part));
        let costs = self.costs.get(row).map(|place| (SectionKind::FunctionCosts, place.part));
        for (kind, part) in [sample_part, timeline, costs].into_iter().flatten() {
            if !self.parts.contains_key(&(kind, part))
                && let Some(read) = store.parts(self.block.id, kind, &[part]).await?.pop()
            {
                self.parts.insert((kind, part), read);
            }
        }
        Ok(())
    }

    /// Adds the profiles for which `keep` holds. Where only sums are left of some, `keep` is [settled](Self::settle).
    pub(super) fn add_to(&self, builder: &mut BlockBuilder, keep: &[bool]) -> Result<(), StoreError> {
        let keep = |row| keep.get(row) == Some(&true);
        builder.add_block(&self.block, &self.attributes, keep, |row| self.of(row), &self.sums)
    }

    /// Makes all profiles of a sum `to` where some and not others are marked, and only the sum is left of them.
    pub(super) fn settle(&self, marked: &mut [bool], to: bool) {
        let rollups: Vec<Rollup> = self.sums.iter().map(|(rollup, _)| *rollup).collect();
        settle(marked, to, &self.block.profiles, &rollups);
    }

    /// True for a profile whose samples are there.
    pub(crate) fn has_samples(&self, row: usize) -> bool {
        !self.block.profiles.is_summed(row)
    }

    /// What the profile at `row` holds; its parts must be there.
    pub(crate) fn of(&self, row: usize) -> Result<Content, StoreError> {
        let Self { block, timelines, costs, .. } = self;
        let part = |kind, number: u16| self.parts.get(&(kind, number)).map_or(&[][..], |part| part.bytes.as_slice());
        let sample_part = block.profiles.sample_part.get(row).copied().unwrap_or_default();
        let records = |place: Place| block.records(place, part(SectionKind::Timelines, place.part));
        let table = |place: Place| block.costs(place, part(SectionKind::FunctionCosts, place.part));
        Ok(Content {
            rows: block.rows(row, part(SectionKind::Samples, sample_part))?,
            timeline: timelines.get(row).map(records).transpose()?.unwrap_or_default(),
            costs: costs.get(row).map(table).transpose()?,
            is_summed: block.profiles.is_summed(row),
        })
    }
}
