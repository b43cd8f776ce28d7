//! Writes a block: from what a builder collected to the values of its sections.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_columns::{sort_rows, sorted_rows};
use emberglass_profile::AttributeSetId;

use super::layout::lay_out;
use super::parts::{self, PartWriter, Place, Places};
use super::{
    BlockBuilder, Content, ProfileTable, Rows, Series, attributes, costs, profiles, records, series, sources, stacks,
    symbols,
};
use crate::envelope::{seal, stated_checksum};
use crate::{BlockId, BlockMeta, Compression, SectionKey, SectionKind, SectionMeta, Source, StoreError};

/// How blocks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockOptions {
    /// Samples go to the next part at this many bytes; a profile is never torn apart.
    pub part_bytes: usize,
    /// How payloads are stored.
    pub compression: Compression,
}

impl Default for BlockOptions {
    fn default() -> Self {
        Self { part_bytes: 1 << 20, compression: Compression::None }
    }
}

/// The sections of a block that has no id yet.
#[derive(Clone, Debug)]
pub struct EncodedBlock {
    meta: BlockMeta,
    values: Vec<Rc<Vec<u8>>>,
}

impl EncodedBlock {
    /// Its row of the manifest under `id`.
    #[must_use]
    pub fn meta(&self, id: BlockId) -> BlockMeta {
        BlockMeta { id, ..self.meta.clone() }
    }

    /// Keys and values of the sections under `id`.
    pub fn sections(&self, id: BlockId) -> impl Iterator<Item = (SectionKey, Rc<Vec<u8>>)> {
        let keys = self.meta.sections.iter().map(move |section| section.key(id));
        keys.zip(self.values.iter().cloned())
    }

    fn push(&mut self, kind: SectionKind, payload: &[u8], compression: Compression) -> Result<(), StoreError> {
        let part = self.meta.sections.iter().filter(|section| section.kind == kind).count();
        let part = u16::try_from(part).ok().ok_or(StoreError::TooLarge("more than 65,536 parts"))?;
        let value = seal(kind, payload, compression).ok_or(StoreError::TooLarge("a section of more than 512 MiB"))?;
        let len = value.len() as u32;
        self.meta.sections.push(SectionMeta { kind, part, len, checksum: stated_checksum(&value) });
        self.values.push(Rc::new(value));
        Ok(())
    }
}

impl BlockBuilder {
    /// Writes the block; `None` without profiles. The builder stays as it is.
    ///
    /// # Errors
    /// `TooLarge` where the format's numbers end.
    pub fn encode(&self, level: u8, options: BlockOptions) -> Result<Option<EncodedBlock>, StoreError> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut used = vec![false; self.tree.len()];
        for stack in self.profiles.iter().flat_map(|draft| draft.content.stacks()) {
            used[stack as usize] = true;
        }
        let costs = self.profiles.iter().filter_map(|draft| draft.content.costs.as_ref());
        let layout = lay_out(&self.symbols, &self.tree, used, costs.flat_map(|costs| costs.functions.iter().copied()));
        let (mut has_series, mut has_source) = (vec![false; self.series.len()], vec![false; self.sources.len()]);
        for draft in &self.profiles {
            has_series[draft.series as usize] = true;
            has_source[draft.source as usize] = true;
        }
        let (series_order, series_rows) = order(&has_series, |row| &self.series[row as usize]);
        let (source_order, source_rows) = order(&has_source, |row| row);
        let (sets, set_rows) = self.set_order();

        // Samples lie in the order of the sources, so that what one source says about the same stacks is together.
        let by_source_key = |at: u32| {
            let draft = &self.profiles[at as usize];
            (source_rows[draft.source as usize], draft.entry, series_rows[draft.series as usize], draft.start)
        };
        let by_source = sorted_rows(self.profiles.len(), &mut |a, b| by_source_key(a).cmp(&by_source_key(b)));
        let mut parts = Parts::default();
        let mut timelines = Parts::default();
        let mut costs = Parts::default();
        let part_bytes = options.part_bytes;
        for at in by_source {
            let Content { rows, timeline, costs: of_functions } = &self.profiles[at as usize].content;
            let mut translated = Rows::default();
            for (stack, set, value) in rows.iter() {
                translated.push(layout.stack_rows[stack.index()], set_rows[set.index()], value);
            }
            let translated = translated.normalize().ok_or(StoreError::ValueOverflow)?;
            parts.push(at, part_bytes, |part| part.push(&translated))?;
            if !timeline.is_empty() {
                let timeline = timeline.clone().translate(&layout.stack_rows, &set_rows)?;
                timelines.push(at, part_bytes, |part| records::write(part, &timeline))?;
            }
            if let Some(of_functions) = of_functions {
                let of_functions = of_functions.translate(&layout.function_rows)?;
                costs.push(at, part_bytes, |part| costs::write(part, &of_functions))?;
            }
        }

        let by_series_key = |at: u32| {
            let draft = &self.profiles[at as usize];
            (series_rows[draft.series as usize], draft.start, source_rows[draft.source as usize], draft.entry)
        };
        let rows = sorted_rows(self.profiles.len(), &mut |a, b| by_series_key(a).cmp(&by_series_key(b)));
        let mut table = ProfileTable::default();
        for &at in &rows {
            let draft = &self.profiles[at as usize];
            let place = parts.places.get(&at).copied().unwrap_or_default();
            table.series.push(series_rows[draft.series as usize]);
            table.start.push(draft.start);
            table.duration.push(draft.duration);
            table.period.push(draft.period);
            table.source.push(source_rows[draft.source as usize]);
            table.entry.push(draft.entry);
            table.total.push(draft.total);
            table.scale.push(draft.scale);
            table.records.push(draft.records);
            table.sample_part.push(place.part);
            table.sample_offset.push(place.offset);
            table.sample_len.push(place.len);
        }

        let all_series: Vec<&Series> = series_order.iter().map(|&row| &self.series[row as usize]).collect();
        let all_sources: Vec<&Source> = source_order.iter().map(|&row| &self.sources[row as usize]).collect();
        let starts = || self.profiles.iter().map(|draft| draft.start);
        let meta = BlockMeta {
            id: BlockId(0),
            level,
            first_start: starts().min().unwrap_or_default(),
            last_start: starts().max().unwrap_or_default(),
            profiles: table.len() as u32,
            series: all_series.len() as u32,
            sections: Vec::new(),
        };
        let mut block = EncodedBlock { meta, values: Vec::new() };
        let compression = options.compression;
        block.push(SectionKind::Symbols, &symbols::write(&layout.symbols), compression)?;
        block.push(SectionKind::Stacks, &stacks::write(&layout.pops, &layout.frames), compression)?;
        block.push(SectionKind::Series, &series::write(&all_series), compression)?;
        block.push(SectionKind::Profiles, &profiles::write(&table), compression)?;
        for part in &parts.parts {
            block.push(SectionKind::Samples, &part.bytes, compression)?;
        }
        block.push(SectionKind::Sources, &sources::write(&all_sources), compression)?;
        if !sets.is_empty() {
            block.push(SectionKind::Attributes, &attributes::write(&self.attributes, &sets), compression)?;
        }
        for (kind, parts) in [(SectionKind::Timelines, timelines), (SectionKind::FunctionCosts, costs)] {
            if !parts.parts.is_empty() {
                block.push(kind, &parts.index(&rows).write(), compression)?;
                for part in &parts.parts {
                    block.push(kind, &part.bytes, compression)?;
                }
            }
        }
        Ok(Some(block))
    }

    /// Attribute sets that rows refer to, and their rows in the block.
    fn set_order(&self) -> (Vec<AttributeSetId>, Vec<u32>) {
        let mut used = vec![false; self.attributes.sets.len()];
        for set in self.profiles.iter().flat_map(|draft| draft.content.sets()) {
            used[set as usize] = true;
        }
        let mut rows = vec![0; used.len()];
        let mut sets = Vec::new();
        for (set, _) in used.iter().enumerate().skip(1).filter(|(_, used)| **used) {
            sets.push(AttributeSetId(set as u32));
            rows[set] = sets.len() as u32;
        }
        (sets, rows)
    }
}

/// The used rows sorted by `key`, and the new row of each old one.
fn order<K: Ord>(used: &[bool], key: impl Fn(u32) -> K) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<u32> = (0..used.len() as u32).filter(|&row| used[row as usize]).collect();
    sort_rows(&mut order, &mut |a, b| key(a).cmp(&key(b)));
    let mut rows = vec![0; used.len()];
    for (new, &old) in order.iter().enumerate() {
        rows[old as usize] = new as u32;
    }
    (order, rows)
}

/// Parts of one kind, and where in them each profile of the builder has something.
#[derive(Default)]
struct Parts {
    parts: Vec<PartWriter>,
    places: BTreeMap<u32, Place>,
}

impl Parts {
    fn push(
        &mut self,
        profile: u32,
        part_bytes: usize,
        write: impl Fn(&mut PartWriter) -> (usize, usize),
    ) -> Result<(), StoreError> {
        self.places.insert(profile, parts::push(&mut self.parts, part_bytes, write)?);
        Ok(())
    }

    /// Places by row of the profile table, whose profiles are `rows`.
    fn index(&self, rows: &[u32]) -> Places {
        let mut places = Places::default();
        for (row, at) in rows.iter().enumerate() {
            if let Some(&place) = self.places.get(at) {
                places.push(row as u32, place);
            }
        }
        places
    }
}
