//! All that a block holds, to write it anew.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Store;
use crate::block::{Content, Place, Places};
use crate::envelope::Payload;
use crate::{Backend, Block, BlockBuilder, BlockId, SampleAttributes, SectionKind, StoreError};

/// A block with what its profiles hold.
#[derive(Debug)]
pub(super) struct BlockContent {
    block: Rc<Block>,
    attributes: Rc<SampleAttributes>,
    timelines: Places,
    costs: Places,
    parts: BTreeMap<(SectionKind, u16), Rc<Payload>>,
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
        for row in (0..profiles).filter(|&row| keep.get(row) == Some(&true)) {
            if let Some(&part) = block.profiles.sample_part.get(row) {
                parts.insert((SectionKind::Samples, part), Rc::default());
            }
            for (kind, places) in [(SectionKind::Timelines, &timelines), (SectionKind::FunctionCosts, &costs)] {
                if let Some(place) = places.get(row) {
                    parts.insert((kind, place.part), Rc::default());
                }
            }
        }
        for kind in [SectionKind::Samples, SectionKind::Timelines, SectionKind::FunctionCosts] {
            let numbers: Vec<u16> = parts.keys().filter(|(of, _)| *of == kind).map(|&(_, part)| part).collect();
            let read = self.parts(id, kind, &numbers).await?;
            parts.extend(numbers.into_iter().map(|part| (kind, part)).zip(read));
        }
        Ok(BlockContent { block, attributes, timelines, costs, parts })
    }
}

impl BlockContent {
    pub(super) fn block(&self) -> &Block {
        &self.block
    }

    pub(super) fn attributes(&self) -> &SampleAttributes {
        &self.attributes
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

    /// Adds the profiles for which `keep` holds.
    pub(super) fn add_to(&self, builder: &mut BlockBuilder, keep: impl Fn(usize) -> bool) -> Result<(), StoreError> {
        builder.add_block(&self.block, &self.attributes, keep, |row| self.of(row))
    }

    /// What the profile at `row` holds; its parts must be there.
    pub(super) fn of(&self, row: usize) -> Result<Content, StoreError> {
        let Self { block, timelines, costs, .. } = self;
        let part = |kind, number: u16| self.parts.get(&(kind, number)).map_or(&[][..], |part| part.bytes.as_slice());
        let sample_part = block.profiles.sample_part.get(row).copied().unwrap_or_default();
        let records = |place: Place| block.records(place, part(SectionKind::Timelines, place.part));
        let table = |place: Place| block.costs(place, part(SectionKind::FunctionCosts, place.part));
        Ok(Content {
            rows: block.rows(row, part(SectionKind::Samples, sample_part))?,
            timeline: timelines.get(row).map(records).transpose()?.unwrap_or_default(),
            costs: costs.get(row).map(table).transpose()?,
        })
    }
}
