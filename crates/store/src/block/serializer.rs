//! Writes a block: from what a builder collected to the values of its sections.

use std::rc::Rc;

use emberglass_columns::{sort_rows, sorted_rows};
use emberglass_profile::AttributeSetId;

use super::layout::lay_out;
use super::rows::PartWriter;
use super::{BlockBuilder, ProfileTable, Rows, Series, attributes, profiles, series, sources, stacks, symbols};
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
        for &stack in self.profiles.iter().flat_map(|draft| &draft.rows.stacks) {
            used[stack as usize] = true;
        }
        let layout = lay_out(&self.symbols, &self.tree, used);
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
        let mut parts = vec![PartWriter::default()];
        let mut places = vec![(0u16, 0u32, 0u32); self.profiles.len()];
        for at in by_source {
            let at = at as usize;
            let rows = &self.profiles[at].rows;
            let mut translated = Rows::default();
            for (stack, set, value) in rows.iter() {
                translated.push(layout.stack_rows[stack.index()], set_rows[set.index()], value);
            }
            let translated = translated.normalize().ok_or(StoreError::ValueOverflow)?;
            places[at] = push_rows(&mut parts, &translated, options.part_bytes)?;
        }

        let by_series_key = |at: u32| {
            let draft = &self.profiles[at as usize];
            (series_rows[draft.series as usize], draft.start, source_rows[draft.source as usize], draft.entry)
        };
        let rows = sorted_rows(self.profiles.len(), &mut |a, b| by_series_key(a).cmp(&by_series_key(b)));
        let mut table = ProfileTable::default();
        for at in rows {
            let at = at as usize;
            let draft = &self.profiles[at];
            table.series.push(series_rows[draft.series as usize]);
            table.start.push(draft.start);
            table.duration.push(draft.duration);
            table.period.push(draft.period);
            table.source.push(source_rows[draft.source as usize]);
            table.entry.push(draft.entry);
            table.total.push(draft.total);
            table.scale.push(draft.scale);
            table.records.push(draft.records);
            table.sample_part.push(places[at].0);
            table.sample_offset.push(places[at].1);
            table.sample_len.push(places[at].2);
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
        for part in &parts {
            block.push(SectionKind::Samples, &part.bytes, compression)?;
        }
        block.push(SectionKind::Sources, &sources::write(&all_sources), compression)?;
        if !sets.is_empty() {
            block.push(SectionKind::Attributes, &attributes::write(&self.attributes, &sets), compression)?;
        }
        Ok(Some(block))
    }

    /// Attribute sets that rows refer to, and their rows in the block.
    fn set_order(&self) -> (Vec<AttributeSetId>, Vec<u32>) {
        let mut used = vec![false; self.attributes.sets.len()];
        for &set in self.profiles.iter().flat_map(|draft| &draft.rows.attributes) {
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

/// Appends rows to the last part, or to a new one if they do not fit; gives part, offset and length.
fn push_rows(parts: &mut Vec<PartWriter>, rows: &Rows, part_bytes: usize) -> Result<(u16, u32, u32), StoreError> {
    const TOO_LARGE: StoreError = StoreError::TooLarge("samples");
    let at = parts.len().saturating_sub(1);
    let Some(last) = parts.last_mut() else { return Err(TOO_LARGE) };
    let (mut offset, mut len) = last.push(rows);
    let mut part = at;
    if offset > 0 && offset + len > part_bytes {
        last.bytes.truncate(offset);
        let mut next = PartWriter::default();
        (offset, len) = next.push(rows);
        parts.push(next);
        part += 1;
    }
    match (u16::try_from(part), u32::try_from(offset), u32::try_from(len)) {
        (Ok(part), Ok(offset), Ok(len)) => Ok((part, offset, len)),
        _ => Err(TOO_LARGE),
    }
}
