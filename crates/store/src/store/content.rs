//! All that a block holds, to write it anew.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Store;
use crate::block::{
    Content, Place, Places, identities, read_attributes, read_directory, read_places, read_stacks_and_symbols,
};
use crate::envelope::Payload;
use crate::pack::PackedBlock;
use crate::{Backend, Block, BlockBuilder, BlockId, Identity, SampleAttributes, SectionKind, StoreError};

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
        for kind in BY_PROFILE {
            let numbers: Vec<u16> = parts.keys().filter(|(of, _)| *of == kind).map(|&(_, part)| part).collect();
            let read = self.parts(id, kind, &numbers).await?;
            parts.extend(numbers.into_iter().map(|part| (kind, part)).zip(read));
        }
        Ok(BlockContent { block, attributes, timelines, costs, parts })
    }
}

impl BlockContent {
    /// Reads a block that is in no store.
    pub(crate) fn unpack(packed: &PackedBlock) -> Result<Self, StoreError> {
        let id = packed.meta.id;
        let of_kind = |kind| packed.payload(kind, 0);
        let block = read_stacks_and_symbols(&read_directory(id, &of_kind)?, &of_kind)?;
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
        let mut parts = BTreeMap::new();
        for (section, _) in packed.sections().filter(|(section, _)| BY_PROFILE.contains(&section.kind)) {
            parts.insert((section.kind, section.part), packed.payload(section.kind, section.part)?);
        }
        Ok(Self { block: Rc::new(block), attributes: Rc::new(attributes), timelines, costs, parts })
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

    /// Adds the profiles for which `keep` holds.
    pub(super) fn add_to(&self, builder: &mut BlockBuilder, keep: impl Fn(usize) -> bool) -> Result<(), StoreError> {
        builder.add_block(&self.block, &self.attributes, keep, |row| self.of(row))
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
        })
    }
}
