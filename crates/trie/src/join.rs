//! Several batches as one.
//!
//! Profiles of equal type and labels add up, the nth of a batch with the nth of another; all else stands beside
//! each other. Nothing is dropped but what contradicts: of facts of which a batch has one only, the first
//! that is stated stays.

use std::collections::BTreeMap;

use emberglass_columns::PackedInts;
use emberglass_profile::{
    Absorbed, Attribute, AttributeSetId, AttributeValue, Batch, ErrorCode, FrameId, FunctionCosts, FunctionId,
    InputError, ProfileEntry, ProfileType, SampleTable, SampleTableBuilder, StackId, StringId, Timeline, Warnings,
};

use crate::StackBuilder;

/// Type and labels of a profile.
type Name<'a> = (&'a ProfileType, &'a [(String, String)]);
/// What makes profiles of different batches the same one: the how manieth of its name it is.
type Key<'a> = (Name<'a>, usize);

/// Joins profiles of batches: symbols and stacks are shared, values of equal profiles added.
///
/// Times of records stay where all batches have a wall clock. Start is the earliest, durations add up, the
/// period is the largest, as google/pprof merges them.
///
/// # Errors
/// `value-overflow` when a sum leaves the 64-bit range.
pub fn join_batches(parts: &[(&Batch, Vec<&ProfileEntry>)]) -> Result<Batch, InputError> {
    let plan = Plan::new(parts);
    let mut joined = Batch::default();
    let mut stacks = StackBuilder::default();
    let mut tables: Vec<Table> = plan.tables.iter().map(|columns| Table::new(&plan, columns)).collect();
    for ((batch, _), part) in parts.iter().zip(&plan.parts) {
        let rows = Rows::absorb(batch, &mut joined, &mut stacks);
        for (&(source, to), target) in part {
            if let (Some(samples), Some(table)) = (batch.tables.get(source as usize), tables.get_mut(to as usize)) {
                table.add(samples, target, &rows)?;
            }
        }
        rows.add_costs(batch, part, &plan, &mut joined)?;
        join_facts(batch, &mut joined);
    }
    joined.stacks = stacks.finish();
    let mut warnings = Warnings::default();
    for table in tables {
        joined.tables.push(table.finish(&mut warnings));
    }
    joined.profiles = plan.entries;
    for warning in parts.iter().flat_map(|(batch, _)| batch.warnings.as_slice()).chain(warnings.as_slice()) {
        joined.warnings.add_many(&warning.code, warning.count, None, || warning.message.clone());
    }
    joined.default_entry = plan.default_entry;
    Ok(joined)
}

/// Where columns of one table of a batch go, by that table and the joined one.
type Targets = BTreeMap<(u32, u32), Target>;

#[derive(Default)]
struct Target {
    /// Column here, and column there.
    columns: Vec<(u32, u32)>,
    without_clock: bool,
}

/// Which profile becomes which.
struct Plan {
    entries: Vec<ProfileEntry>,
    /// Scale of each entry.
    scales: Vec<u8>,
    /// Entries that are the columns of each joined table.
    tables: Vec<Vec<u32>>,
    /// One for each batch.
    parts: Vec<Targets>,
    default_entry: Option<u32>,
}

impl Plan {
    fn new(parts: &[(&Batch, Vec<&ProfileEntry>)]) -> Self {
        let mut plan = Self {
            entries: Vec::new(),
            scales: Vec::new(),
            tables: Vec::new(),
            parts: Vec::new(),
            default_entry: None,
        };
        let mut known: BTreeMap<Key<'_>, u32> = BTreeMap::new();
        for (batch, entries) in parts {
            let mut count: BTreeMap<Name<'_>, usize> = BTreeMap::new();
            let mut targets = Targets::new();
            // New columns stand beside known ones of their table, else in a table of their own.
            let mut of_table: BTreeMap<u32, u32> = BTreeMap::new();
            let keys: Vec<Key<'_>> = entries
                .iter()
                .map(|entry| {
                    let name: Name<'_> = (&entry.profile_type, &entry.labels);
                    let nth = count.entry(name).or_default();
                    *nth += 1;
                    (name, *nth)
                })
                .collect();
            for (entry, key) in entries.iter().zip(&keys) {
                if let Some(&row) = known.get(key)
                    && let Some(joined) = plan.entries.get(row as usize)
                {
                    of_table.entry(entry.table).or_insert(joined.table);
                }
            }
            for (entry, key) in entries.iter().zip(keys) {
                let row = match known.get(&key) {
                    Some(&row) => {
                        plan.add_to(row, entry);
                        row
                    }
                    None => {
                        let tables = plan.tables.len() as u32;
                        let table = *of_table.entry(entry.table).or_insert(tables);
                        let row = plan.push(entry, table);
                        known.insert(key, row);
                        row
                    }
                };
                let scale = batch.total(entry).map_or(0, |(_, scale)| scale);
                plan.scales[row as usize] = plan.scales[row as usize].max(scale);
                let is_default = batch.default_entry.and_then(|at| batch.profiles.get(at as usize)) == Some(*entry);
                if is_default && plan.default_entry.is_none() {
                    plan.default_entry = Some(row);
                }
                plan.aim(&mut targets, entry, row);
            }
            plan.parts.push(targets);
        }
        plan
    }

    fn push(&mut self, entry: &ProfileEntry, table: u32) -> u32 {
        let row = self.entries.len() as u32;
        if table as usize == self.tables.len() {
            self.tables.push(Vec::new());
        }
        let columns = &mut self.tables[table as usize];
        self.entries.push(ProfileEntry { table, column: columns.len() as u32, ..entry.clone() });
        self.scales.push(0);
        columns.push(row);
        row
    }

    fn add_to(&mut self, row: u32, entry: &ProfileEntry) {
        let joined = &mut self.entries[row as usize];
        joined.start = match (joined.start, entry.start) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        joined.duration = joined.duration.saturating_add(entry.duration);
        joined.period = joined.period.max(entry.period);
    }

    fn aim(&self, targets: &mut Targets, entry: &ProfileEntry, row: u32) {
        let joined = &self.entries[row as usize];
        let target = targets.entry((entry.table, joined.table)).or_default();
        target.columns.push((entry.column, joined.column));
        target.without_clock |= entry.start.is_none();
    }
}

/// Rows of a batch's tables by their rows in the joined one.
struct Rows {
    stacks: Vec<StackId>,
    attributes: Vec<AttributeSetId>,
    functions: Vec<FunctionId>,
}

impl Rows {
    fn absorb(batch: &Batch, joined: &mut Batch, stacks: &mut StackBuilder) -> Self {
        let Absorbed { functions, frames } = joined.symbols.absorb(&batch.symbols);
        let mut rows: Vec<StackId> = Vec::with_capacity(batch.stacks.len());
        for (parent, frame) in batch.stacks.parents().iter().zip(batch.stacks.frames()) {
            let row = if rows.is_empty() {
                StackId::ROOT
            } else {
                let parent = rows.get(parent.index()).copied().unwrap_or_default();
                stacks.child(parent, frames.get(frame.index()).copied().unwrap_or(FrameId(u32::MAX)))
            };
            rows.push(row);
        }
        let mut string = |id: StringId| joined.symbols.strings.intern(batch.symbols.text(id));
        let mut attributes = Vec::with_capacity(batch.attributes.len());
        for row in 0..batch.attributes.len() as u32 {
            let set = batch.attributes.get(AttributeSetId(row)).iter();
            let mut set: Vec<Attribute> = set
                .map(|&Attribute { key, value }| Attribute {
                    key: string(key),
                    value: match value {
                        AttributeValue::Text(text) => AttributeValue::Text(string(text)),
                        AttributeValue::Number(number, unit) => AttributeValue::Number(number, string(unit)),
                    },
                })
                .collect();
            attributes.push(joined.attributes.intern(&mut set));
        }
        Self { stacks: rows, attributes, functions }
    }

    /// Adds the function tables.
    fn add_costs(&self, batch: &Batch, part: &Targets, plan: &Plan, joined: &mut Batch) -> Result<(), InputError> {
        let aims = batch.function_tables.iter().flat_map(|costs| {
            part.iter()
                .filter(|((source, _), _)| *source == costs.table)
                .map(move |((_, to), target)| (costs, *to, target))
        });
        for (costs, table, target) in aims {
            let Some(columns) = plan.tables.get(table as usize) else { continue };
            let at = joined.function_tables.iter().position(|known| known.table == table);
            let at = at.unwrap_or_else(|| {
                let empty = vec![Vec::new(); columns.len()];
                let new = FunctionCosts { table, function: Vec::new(), own: empty.clone(), total: empty };
                joined.function_tables.push(new);
                joined.function_tables.len() - 1
            });
            let Some(known) = joined.function_tables.get_mut(at) else { continue };
            let mut row_of: BTreeMap<FunctionId, usize> =
                known.function.iter().enumerate().map(|(row, &function)| (function, row)).collect();
            for (row, &id) in costs.function.iter().enumerate() {
                let id = self.functions.get(id.index()).copied().unwrap_or_default();
                let to = *row_of.entry(id).or_insert_with(|| {
                    known.function.push(id);
                    known.own.iter_mut().chain(&mut known.total).for_each(|column| column.push(0));
                    known.function.len() - 1
                });
                for &(from, column) in &target.columns {
                    let scales = (scale_of(batch, costs.table, from), plan.scale(table, column));
                    for (source, sums) in [(&costs.own, &mut known.own), (&costs.total, &mut known.total)] {
                        let value = source.get(from as usize).and_then(|values| values.get(row)).copied();
                        let value = at_scale(value.unwrap_or(0), scales.0, scales.1)?;
                        if let Some(sum) = sums.get_mut(column as usize).and_then(|sums| sums.get_mut(to)) {
                            *sum = sum.checked_add(value).ok_or_else(overflow)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Plan {
    fn scale(&self, table: u32, column: u32) -> u8 {
        let entry = self.tables.get(table as usize).and_then(|columns| columns.get(column as usize));
        entry.and_then(|&entry| self.scales.get(entry as usize)).copied().unwrap_or(0)
    }
}

fn scale_of(batch: &Batch, table: u32, column: u32) -> u8 {
    let table = batch.tables.get(table as usize);
    table.and_then(|table| table.columns.get(column as usize)).map_or(0, |column| column.scale)
}

/// A joined table as it grows.
struct Table {
    rows: SampleTableBuilder,
    scales: Vec<u8>,
    records: u64,
    timeline: Timeline,
    /// Records that have no time, or one of a clock of its own.
    without_time: u64,
}

impl Table {
    fn new(plan: &Plan, columns: &[u32]) -> Self {
        let scales: Vec<u8> = columns.iter().map(|&entry| plan.scales[entry as usize]).collect();
        let timeline = Timeline { values: vec![PackedInts::default(); scales.len()], ..Timeline::default() };
        Self { rows: SampleTableBuilder::new(&scales), scales, records: 0, timeline, without_time: 0 }
    }

    fn add(&mut self, samples: &SampleTable, target: &Target, rows: &Rows) -> Result<(), InputError> {
        self.records += samples.records;
        let mut joined = Vec::with_capacity(samples.stack.len());
        let mut values = vec![0i64; self.scales.len()];
        for (row, (stack, attributes)) in samples.stack.iter().zip(&samples.attributes).enumerate() {
            for &(from, to) in &target.columns {
                let Some(column) = samples.columns.get(from as usize) else { continue };
                let value = column.values.get(row).copied().unwrap_or(0);
                values[to as usize] = at_scale(value, column.scale, self.scales[to as usize])?;
            }
            let stack = rows.stacks.get(stack.index()).copied().unwrap_or_default();
            let attributes = rows.attributes.get(attributes.index()).copied().unwrap_or_default();
            joined.push(self.rows.add_row(stack, attributes, &values)?);
        }
        match &samples.timeline {
            Some(timeline) if !target.without_clock => self.add_times(samples, timeline, target, &joined),
            _ => {
                self.without_time += samples.records;
                Ok(())
            }
        }
    }

    fn add_times(
        &mut self,
        samples: &SampleTable,
        timeline: &Timeline,
        target: &Target,
        joined: &[u32],
    ) -> Result<(), InputError> {
        let mut values = vec![0; self.scales.len()];
        for (at, (time, row)) in timeline.records().enumerate() {
            self.timeline.time.push(time);
            self.timeline.row.push(joined.get(row as usize).copied().unwrap_or(0).into());
            values.fill(0);
            for &(from, to) in &target.columns {
                let value = timeline.values.get(from as usize).and_then(|values| values.get(at));
                let from = samples.columns.get(from as usize).map_or(0, |column| column.scale);
                values[to as usize] = at_scale(value.unwrap_or(0), from, self.scales[to as usize])?;
            }
            self.timeline.values.iter_mut().zip(&values).for_each(|(column, &value)| column.push(value));
        }
        Ok(())
    }

    fn finish(self, warnings: &mut Warnings) -> SampleTable {
        let Self { rows, records, mut timeline, without_time, .. } = self;
        let mut table = rows.finish();
        table.records = records;
        let lost = timeline.time.len() as u64;
        if without_time == 0 && lost > 0 {
            timeline.sort();
            table.timeline = Some(timeline);
        } else {
            warnings.add_many("times-left-out", lost, None, || {
                "times of samples are left out: other samples of the same profile have none, or no common clock"
                    .to_owned()
            });
        }
        table
    }
}

fn join_facts(batch: &Batch, joined: &mut Batch) {
    let is_first = joined.format.is_empty();
    if is_first {
        joined.format.clone_from(&batch.format);
        joined.content_hash = batch.content_hash;
    }
    for (known, new) in [
        (&mut joined.default_sample_type, &batch.default_sample_type),
        (&mut joined.service_name, &batch.service_name),
        (&mut joined.drop_frames, &batch.drop_frames),
        (&mut joined.keep_frames, &batch.keep_frames),
    ] {
        if known.is_empty() {
            known.clone_from(new);
        }
    }
    for comment in &batch.comments {
        if !joined.comments.contains(comment) {
            joined.comments.push(comment.clone());
        }
    }
    for pair in &batch.metadata {
        if !joined.metadata.contains(pair) {
            joined.metadata.push(pair.clone());
        }
    }
}

fn overflow() -> InputError {
    InputError::new(ErrorCode::ValueOverflow, "the values of one stack add up beyond 64 bits")
}

/// A value with more decimal places.
fn at_scale(value: i64, from: u8, to: u8) -> Result<i64, InputError> {
    let power = 10i64.checked_pow(u32::from(to.saturating_sub(from))).ok_or_else(overflow)?;
    value.checked_mul(power).ok_or_else(overflow)
}
