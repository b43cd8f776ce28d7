//! Writes a block: from what a builder collected to the values of its sections.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_columns::{sort_rows, sorted_rows};
use emberglass_profile::AttributeSetId;

use super::layout::Layout;
use super::parts::{self, PartWriter, Place, Places};
use super::rolling::{Placed, Rolling};
use super::{
    BlockBuilder, Content, ProfileTable, Rows, Series, attributes, costs, profiles, records, series, sources, stacks,
    symbols,
};
use crate::envelope::{Sealer, stated_checksum};
use crate::{BlockId, BlockMeta, Compression, SectionKey, SectionKind, SectionMeta, Source, StoreError};

/// Work of a sample row, and of a profile beside its rows, in units of a sample row that a query adds up.
const ROWS_A_ROW: usize = 10;
const ROWS_A_PROFILE: usize = 100;
/// Work of a row that is laid out: sorted with the others of its table, or walked. In the same.
pub(crate) const ROWS_A_LAID: usize = 20;
/// Work of deflating a byte, in the same.
const ROWS_A_BYTE: usize = 40;

/// How blocks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockOptions {
    /// Samples go to the next part at this many bytes; a profile is never torn apart.
    pub part_bytes: usize,
    /// How payloads are stored. Sample rows of deflated blocks are packed.
    pub compression: Compression,
    /// What a step of time must otherwise be read as, profiles or finer steps, to be summed up. Blocks that come from
    /// no compaction have no sums.
    pub rollup_pieces: usize,
}

impl Default for BlockOptions {
    fn default() -> Self {
        Self { part_bytes: 1 << 20, compression: Compression::None, rollup_pieces: 16 }
    }
}

/// The sections of a block that has no id yet.
#[derive(Clone, Debug)]
pub struct EncodedBlock {
    meta: BlockMeta,
    values: Vec<Rc<Vec<u8>>>,
}

impl EncodedBlock {
    /// A block that was written before.
    pub(crate) const fn written(meta: BlockMeta, values: Vec<Rc<Vec<u8>>>) -> Self {
        Self { meta, values }
    }

    /// Values in the order of the sections.
    pub(crate) fn values(self) -> Vec<Rc<Vec<u8>>> {
        self.values
    }

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
}

/// A block that is being written, in slices; the builder must stay the same meanwhile.
#[derive(Debug)]
pub(crate) struct Encoder {
    options: BlockOptions,
    meta: BlockMeta,
    /// Until symbols and stacks are in their order.
    laying: Option<Laying>,
    layout: Placement,
    series: Vec<u8>,
    sources: Vec<u8>,
    /// Drafts in the order of their sources: samples lie so, that what one source says about the same stacks is together.
    by_source: Vec<u32>,
    /// Drafts in the order of the profile table.
    by_series: Vec<u32>,
    next: usize,
    samples: Parts,
    timelines: Parts,
    costs: Parts,
    /// From the moment on at which all profiles are written.
    rolling: Option<Rolling>,
    /// Sections that are not sealed yet, last first, once all profiles are written.
    unsealed: Option<Vec<(SectionKind, u16, Vec<u8>)>>,
    sealing: Option<(u16, Sealer)>,
    values: Vec<Rc<Vec<u8>>>,
}

/// What is not laid out yet.
#[derive(Debug)]
enum Laying {
    Tables(Layout),
    Symbols(Layout),
    /// Which stacks rows refer to.
    Sampled(Layout),
    Stacks(Layout, Vec<u32>),
    BySource,
    BySeries,
}

/// Rows in the block of what drafts refer to.
#[derive(Debug)]
struct Placement {
    symbols: Vec<u8>,
    stacks: Vec<u8>,
    attributes: Option<Vec<u8>>,
    stack_rows: Vec<u32>,
    /// Place among the sampled stacks by row of the block, of packed blocks.
    places: Option<Vec<u32>>,
    set_rows: Vec<u32>,
    function_rows: Vec<u32>,
    series_rows: Vec<u32>,
    source_rows: Vec<u32>,
}

impl Encoder {
    /// Begins a block; `None` without profiles.
    pub(crate) fn new(builder: &BlockBuilder, level: u8, options: BlockOptions) -> Option<Self> {
        if builder.is_empty() {
            return None;
        }
        let drafts = &builder.profiles;
        let mut used = vec![false; builder.tree.len()];
        let of_sums = builder.carried.iter().flat_map(|carried| carried.rows.stacks.iter().copied());
        for stack in drafts.iter().flat_map(|draft| draft.content.stacks()).chain(of_sums) {
            used[stack as usize] = true;
        }
        let costs = drafts.iter().filter_map(|draft| draft.content.costs.as_ref());
        let costs = costs.flat_map(|costs| costs.functions.iter().copied());
        let laying = Laying::Tables(Layout::new(&builder.symbols, &builder.tree, used, costs));
        let (mut has_series, mut has_source) = (vec![false; builder.series.len()], vec![false; builder.sources.len()]);
        for draft in drafts {
            has_series[draft.series as usize] = true;
            has_source[draft.source as usize] = true;
        }
        let (series_order, series_rows) = order(&has_series, |row| &builder.series[row as usize]);
        let (source_order, source_rows) = order(&has_source, |row| row);
        let (sets, set_rows) = builder.set_order();
        let all_series: Vec<&Series> = series_order.iter().map(|&row| &builder.series[row as usize]).collect();
        let all_sources: Vec<&Source> = source_order.iter().map(|&row| &builder.sources[row as usize]).collect();
        let starts = || drafts.iter().map(|draft| draft.start);
        Some(Self {
            options,
            meta: BlockMeta {
                id: BlockId(0),
                level,
                first_start: starts().min().unwrap_or_default(),
                last_start: starts().max().unwrap_or_default(),
                profiles: drafts.len() as u32,
                series: all_series.len() as u32,
                sections: Vec::new(),
            },
            series: series::write(&all_series),
            sources: sources::write(&all_sources),
            laying: Some(laying),
            by_source: Vec::new(),
            by_series: Vec::new(),
            layout: Placement {
                symbols: Vec::new(),
                stacks: Vec::new(),
                attributes: (!sets.is_empty()).then(|| attributes::write(&builder.attributes, &sets)),
                stack_rows: Vec::new(),
                places: None,
                set_rows,
                function_rows: Vec::new(),
                series_rows,
                source_rows,
            },
            next: 0,
            samples: Parts::default(),
            timelines: Parts::default(),
            costs: Parts::default(),
            rolling: None,
            unsealed: None,
            sealing: None,
            values: Vec::new(),
        })
    }

    /// Does work of about `budget` sample rows; true when the block is written.
    pub(crate) fn step(&mut self, builder: &BlockBuilder, budget: usize) -> Result<bool, StoreError> {
        let mut done = 0;
        while done < budget {
            if let Some(laying) = self.laying.take() {
                let rows = self.lay_out(laying, builder, (budget - done) / ROWS_A_LAID);
                done = done.saturating_add(rows.saturating_mul(ROWS_A_LAID));
                continue;
            }
            if let Some(&at) = self.by_source.get(self.next) {
                let content = &builder.profiles[at as usize].content;
                self.write_profile(at, content)?;
                self.next += 1;
                done = done.saturating_add(ROWS_A_PROFILE + content.len() * ROWS_A_ROW);
                continue;
            }
            if self.rolling.is_none() {
                done = done.saturating_add(builder.len());
                self.rolling = Some(self.plan_rollups(builder));
            }
            let Some(rolling) = &mut self.rolling else { continue };
            let placed = Placed {
                builder,
                by_series: &self.by_series,
                stack_rows: &self.layout.stack_rows,
                places: self.layout.places.as_deref(),
            };
            if let Some(rows) = rolling.step(&placed)? {
                done = done.saturating_add(rows);
                continue;
            }
            if self.unsealed.is_none() {
                self.unsealed = Some(self.sections(builder)?);
                done = done.saturating_add(builder.len());
                continue;
            }
            let Some((part, mut sealer)) = self.sealing.take() else {
                let Some((kind, part, payload)) = self.unsealed.as_mut().and_then(Vec::pop) else { return Ok(true) };
                let sealer = Sealer::new(kind, payload, self.options.compression);
                let sealer = sealer.ok_or(StoreError::TooLarge("a section of more than 512 MiB"))?;
                self.sealing = Some((part, sealer));
                continue;
            };
            let before = sealer.taken();
            let is_sealed = sealer.step(((budget - done) / ROWS_A_BYTE).max(64));
            done = done.saturating_add((sealer.taken() - before).saturating_mul(ROWS_A_BYTE));
            if is_sealed {
                let kind = sealer.kind();
                let value = sealer.finish();
                done = done.saturating_add(value.len() / 16);
                let (len, checksum) = (value.len() as u32, stated_checksum(&value));
                self.meta.sections.push(SectionMeta { kind, part, len, checksum });
                self.values.push(Rc::new(value));
            } else {
                self.sealing = Some((part, sealer));
            }
        }
        Ok(false)
    }

    /// Does a step of the layout, where it can be divided of about `limit` rows; returns how many it went through.
    fn lay_out(&mut self, laying: Laying, builder: &BlockBuilder, limit: usize) -> usize {
        let BlockBuilder { symbols: all, tree, profiles: drafts, .. } = builder;
        let Self { layout, options, .. } = self;
        let (next, rows) = match laying {
            Laying::Tables(mut laid) => match laid.step(all, tree, limit) {
                Some(rows) => (Some(Laying::Tables(laid)), rows),
                None => (Some(Laying::Symbols(laid)), 0),
            },
            Laying::Symbols(laid) => {
                layout.symbols = symbols::write(&laid.symbols(all));
                (Some(Laying::Sampled(laid)), all.frames.len() + all.strings.len())
            }
            Laying::Sampled(laid) => {
                let packed = options.compression != Compression::None;
                let sampled = if packed { sampled(builder, &laid.stack_rows) } else { Vec::new() };
                layout.places = packed.then(|| {
                    let mut places = vec![0; laid.pops.len() + 1];
                    sampled.iter().zip(0..).for_each(|(&stack, place)| places[stack as usize] = place);
                    places
                });
                (Some(Laying::Stacks(laid, sampled)), tree.len())
            }
            Laying::Stacks(laid, sampled) => {
                layout.stacks = stacks::write(&laid.pops, &laid.frames, &sampled);
                (layout.stack_rows, layout.function_rows) = (laid.stack_rows, laid.function_rows);
                (Some(Laying::BySource), layout.stack_rows.len())
            }
            Laying::BySource => {
                let key = |at: u32| {
                    let draft = &drafts[at as usize];
                    let (series, source) = (draft.series as usize, draft.source as usize);
                    (layout.source_rows[source], draft.entry, layout.series_rows[series], draft.start)
                };
                self.by_source = sorted_rows(drafts.len(), &mut |a, b| key(a).cmp(&key(b)));
                (Some(Laying::BySeries), drafts.len())
            }
            Laying::BySeries => {
                let key = |at: u32| {
                    let draft = &drafts[at as usize];
                    let (series, source) = (draft.series as usize, draft.source as usize);
                    (layout.series_rows[series], draft.start, layout.source_rows[source], draft.entry)
                };
                self.by_series = sorted_rows(drafts.len(), &mut |a, b| key(a).cmp(&key(b)));
                (None, drafts.len())
            }
        };
        self.laying = next;
        rows
    }

    /// The block, once it is written.
    pub(crate) fn finish(self) -> EncodedBlock {
        EncodedBlock { meta: self.meta, values: self.values }
    }

    fn write_profile(&mut self, at: u32, content: &Content) -> Result<(), StoreError> {
        let Self { layout, options, .. } = self;
        let Content { rows, timeline, costs: of_functions, is_summed } = content;
        if *is_summed {
            return Ok(());
        }
        let mut translated = Rows::default();
        for (stack, set, value) in rows.iter() {
            let stack = layout.stack_rows[stack.index()];
            let stack = layout.places.as_ref().map_or(stack, |places| places[stack as usize]);
            translated.push(stack, layout.set_rows[set.index()], value);
        }
        let translated = translated.normalize().ok_or(StoreError::ValueOverflow)?;
        let packed = layout.places.is_some();
        self.samples.push(at, options.part_bytes, |part| part.push(&translated, packed))?;
        if !timeline.is_empty() {
            let timeline = timeline.clone().translate(&layout.stack_rows, &layout.set_rows)?;
            self.timelines.push(at, options.part_bytes, |part| records::write(part, &timeline))?;
        }
        if let Some(of_functions) = of_functions {
            let of_functions = of_functions.translate(&layout.function_rows)?;
            self.costs.push(at, options.part_bytes, |part| costs::write(part, &of_functions))?;
        }
        Ok(())
    }

    /// What to sum up, once the order of the profiles is known.
    fn plan_rollups(&self, builder: &BlockBuilder) -> Rolling {
        let BlockOptions { part_bytes, rollup_pieces, .. } = self.options;
        match self.meta.level {
            _ if !builder.carried.is_empty() => Rolling::carry(builder, &self.by_series, part_bytes),
            0 => Rolling::default(),
            _ => Rolling::plan(builder, &self.by_series, part_bytes, rollup_pieces),
        }
    }

    /// Kind, part and payload of all sections, last first.
    fn sections(&mut self, builder: &BlockBuilder) -> Result<Vec<(SectionKind, u16, Vec<u8>)>, StoreError> {
        let table = self.table(builder);
        let Self { layout, by_series, .. } = self;
        let mut payloads = vec![
            (SectionKind::Symbols, std::mem::take(&mut layout.symbols)),
            (SectionKind::Stacks, std::mem::take(&mut layout.stacks)),
            (SectionKind::Series, std::mem::take(&mut self.series)),
            (SectionKind::Profiles, profiles::write(&table)),
        ];
        let samples = std::mem::take(&mut self.samples.parts);
        payloads.extend(samples.into_iter().map(|part| (SectionKind::Samples, part.bytes)));
        payloads.push((SectionKind::Sources, std::mem::take(&mut self.sources)));
        payloads.extend(layout.attributes.take().map(|payload| (SectionKind::Attributes, payload)));
        let attached = [(SectionKind::Timelines, &mut self.timelines), (SectionKind::FunctionCosts, &mut self.costs)];
        for (kind, parts) in attached.into_iter().filter(|(_, parts)| !parts.parts.is_empty()) {
            payloads.push((kind, parts.index(by_series).write()));
            payloads.extend(std::mem::take(&mut parts.parts).into_iter().map(|part| (kind, part.bytes)));
        }
        let rollups = self.rolling.as_mut().map(std::mem::take).unwrap_or_default().finish();
        payloads.extend(rollups.into_iter().map(|payload| (SectionKind::Rollups, payload)));
        let mut sections: Vec<(SectionKind, u16, Vec<u8>)> = Vec::with_capacity(payloads.len());
        for (kind, payload) in payloads {
            let part = match sections.last() {
                Some(&(before, part, _)) if before == kind => part.checked_add(1),
                _ => Some(0),
            };
            sections.push((kind, part.ok_or(StoreError::TooLarge("more than 65,536 parts"))?, payload));
        }
        sections.reverse();
        Ok(sections)
    }

    fn table(&self, builder: &BlockBuilder) -> ProfileTable {
        let mut table = ProfileTable::default();
        for &at in &self.by_series {
            let draft = &builder.profiles[at as usize];
            let place = self.samples.places.get(&at).copied().unwrap_or_default();
            table.series.push(self.layout.series_rows[draft.series as usize]);
            table.start.push(draft.start);
            table.duration.push(draft.duration);
            table.period.push(draft.period);
            table.source.push(self.layout.source_rows[draft.source as usize]);
            table.entry.push(draft.entry);
            table.total.push(draft.total);
            table.scale.push(draft.scale);
            table.records.push(draft.records);
            table.sample_part.push(place.part);
            table.sample_offset.push(place.offset);
            table.sample_len.push(place.len);
        }
        table
    }
}

/// Rows in the block of the stacks that sample rows and sums refer to, ascending.
fn sampled(builder: &BlockBuilder, stack_rows: &[u32]) -> Vec<u32> {
    let mut marked = vec![false; stack_rows.len() + 1];
    let of_sums = builder.carried.iter().flat_map(|carried| &carried.rows.stacks);
    for &stack in builder.profiles.iter().flat_map(|draft| &draft.content.rows.stacks).chain(of_sums) {
        if let Some(mark) = marked.get_mut(stack_rows[stack as usize] as usize) {
            *mark = true;
        }
    }
    marked.iter().enumerate().filter(|(_, marked)| **marked).map(|(row, _)| row as u32).collect()
}

impl BlockBuilder {
    /// Writes the block; `None` without profiles. The builder stays as it is.
    ///
    /// # Errors
    /// `TooLarge` where the format's numbers end.
    pub fn encode(&self, level: u8, options: BlockOptions) -> Result<Option<EncodedBlock>, StoreError> {
        let Some(mut encoder) = Encoder::new(self, level, options) else { return Ok(None) };
        while !encoder.step(self, usize::MAX)? {}
        Ok(Some(encoder.finish()))
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
#[derive(Debug, Default)]
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
