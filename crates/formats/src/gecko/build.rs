//! From what the file says to a batch.

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeValue, Batch, ErrorCode, FrameId, InputError, ProfileEntry, SampleTableBuilder,
    StackId, Warnings, base_unit,
};
use emberglass_trie::StackBuilder;

use super::frames::{Binaries, View, bad, resolve};
use super::process::{Meta, Process};
use super::samples::{Samples, WeightType};
use super::table::NONE;
use super::thread::{Tables, Thread, frame, stack};

use crate::profile_types::type_without_period;

/// The newest version of the processed format that is known.
const NEWEST_VERSION: i64 = 75;

pub(super) fn build(
    mut processes: Vec<Process>,
    shared: &Tables,
    warnings: &mut Warnings,
) -> Result<Batch, InputError> {
    let root = processes.first_mut().map(|process| std::mem::take(&mut process.meta)).unwrap_or_default();
    if root.processed_version > NEWEST_VERSION {
        warnings.add("newer-version", None, || {
            let version = root.processed_version;
            format!("the file has version {version} of its format and is read as {NEWEST_VERSION}, the newest known")
        });
    }
    let mut builder = Builder { batch: Batch::default(), stacks: StackBuilder::default(), categories: Vec::new() };
    builder.intern_categories(&root.categories);
    for (at, process) in processes.into_iter().enumerate() {
        let Process { meta, libs, threads } = process;
        let meta = Clock::of(if at == 0 { &root } else { &meta }, &root);
        let binaries = Binaries::new(&libs, &mut builder.batch.symbols);
        for thread in threads {
            warnings.add_many("markers-skipped", thread.markers, None, || "markers are left out".to_owned());
            let own = (!thread.libs.is_empty()).then(|| Binaries::new(&thread.libs, &mut builder.batch.symbols));
            builder.add(thread, shared, own.as_ref().unwrap_or(&binaries), &meta, warnings)?;
        }
    }
    let Builder { mut batch, stacks, .. } = builder;
    batch.stacks = stacks.finish();
    batch.metadata = root.facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(batch)
}

/// Start of a process, and the unit of its processor times.
struct Clock<'m> {
    start: Option<i64>,
    cpu_unit: &'m str,
}

impl<'m> Clock<'m> {
    fn of(meta: &'m Meta, root: &'m Meta) -> Self {
        let cpu_unit = if meta.cpu_unit.is_empty() { &root.cpu_unit } else { &meta.cpu_unit };
        Self { start: meta.start.or(root.start), cpu_unit }
    }
}

struct Builder {
    batch: Batch,
    stacks: StackBuilder,
    /// Attribute set of each category.
    categories: Vec<AttributeSetId>,
}

/// Stack and category of each row of a stack table.
struct Rows {
    stacks: Vec<StackId>,
    categories: Vec<u32>,
}

impl Builder {
    fn intern_categories(&mut self, names: &[String]) {
        let Batch { symbols, attributes, .. } = &mut self.batch;
        let key = symbols.strings.intern("category");
        for name in names {
            let value = AttributeValue::Text(symbols.strings.intern(name));
            self.categories.push(attributes.intern(&mut [Attribute { key, value }]));
        }
    }

    fn add(
        &mut self,
        thread: Thread,
        shared: &Tables,
        binaries: &Binaries,
        clock: &Clock<'_>,
        warnings: &mut Warnings,
    ) -> Result<(), InputError> {
        let Thread { name, process_name, process_type, process_id, thread_id, samples, allocations, tables, .. } =
            thread;
        if samples.stack.is_empty() && allocations.is_empty() {
            return Ok(());
        }
        let view = View { own: &tables, shared };
        let frames = resolve(&view, binaries, &mut self.batch.symbols)?;
        let rows = self.rows(&view, &frames)?;
        let process = if process_name.is_empty() { process_type } else { process_name };
        let labels: Vec<(String, String)> =
            [("process", process), ("process_id", process_id), ("thread", name), ("thread_id", thread_id)]
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
        for (source, samples) in allocations {
            self.add_samples(samples, Some(source), &rows, clock, &labels, warnings)?;
        }
        if !samples.stack.is_empty() {
            self.add_samples(samples, None, &rows, clock, &labels, warnings)?;
        }
        Ok(())
    }

    fn rows(&mut self, view: &View<'_>, frames: &[Option<FrameId>]) -> Result<Rows, InputError> {
        let mut rows = Rows { stacks: Vec::new(), categories: Vec::new() };
        let Some(table) = view.stacks() else { return Ok(rows) };
        let frame_table = view.frames();
        rows.stacks.reserve(table.len());
        rows.categories.reserve(table.len());
        let by_offset = table.columns[stack::PREFIX_OFFSET].iter().any(|&offset| offset != NONE);
        for row in 0..table.len() {
            let prefix = if by_offset {
                match table.get(stack::PREFIX_OFFSET, row) {
                    0 | NONE => None,
                    offset => Some(row.checked_sub(offset as usize).ok_or_else(|| bad("prefix of stack", row as u32))?),
                }
            } else {
                match table.get(stack::PREFIX, row) {
                    NONE => None,
                    prefix => Some(prefix as usize),
                }
            };
            let (parent, outer) = match prefix {
                None => (StackId::ROOT, NONE),
                // Only rows before this one are known: the others would be its own ancestors.
                Some(at) => match (rows.stacks.get(at), rows.categories.get(at)) {
                    (Some(&parent), Some(&outer)) => (parent, outer),
                    _ => return Err(bad("prefix", at as u32)),
                },
            };
            let frame_row = table.get(stack::FRAME, row);
            let Some(frame) = frames.get(frame_row as usize) else { return Err(bad("frame", frame_row)) };
            rows.stacks.push(match *frame {
                Some(frame) => self.stacks.child(parent, frame),
                None => parent,
            });
            let own = table.get(stack::CATEGORY, row);
            let of_frame = frame_table.map_or(NONE, |table| table.get(frame::CATEGORY, frame_row as usize));
            rows.categories.push([own, of_frame].into_iter().find(|&category| category != NONE).unwrap_or(outer));
        }
        Ok(rows)
    }

    fn add_samples(
        &mut self,
        mut samples: Samples,
        source: Option<&str>,
        rows: &Rows,
        clock: &Clock<'_>,
        labels: &[(String, String)],
        warnings: &mut Warnings,
    ) -> Result<(), InputError> {
        let times = samples.times();
        let Samples { stack, mut cpu, has_cpu, mut weight, weight_type, weight_is_shifted, .. } = samples;
        let has_weight = weight.len() > 0;
        let is_milliseconds = weight_type == WeightType::Milliseconds && !weight_is_shifted;
        weight.multiply(if is_milliseconds { 1_000_000 } else { 1 })?;
        let (cpu_unit, factor) = base_unit(clock.cpu_unit);
        cpu.multiply(factor)?;
        warnings.add_many("rounded-values", weight.rounded() + cpu.rounded(), None, || {
            "values with more decimal places than can be kept were rounded".to_owned()
        });
        let scales = [weight.scale(), cpu.scale()];
        let columns = if has_cpu { 2 } else { 1 };
        let mut table = SampleTableBuilder::new(scales.get(..columns).unwrap_or(&scales));
        for (at, &row) in stack.iter().enumerate() {
            let (stack, attributes) = match row {
                NONE => (StackId::ROOT, AttributeSetId::EMPTY),
                row => {
                    let stack = rows.stacks.get(row as usize).copied().ok_or_else(|| bad("stack", row))?;
                    let category = rows.categories.get(row as usize).copied().unwrap_or(NONE);
                    (stack, self.categories.get(category as usize).copied().unwrap_or_default())
                }
            };
            let one = if has_weight { weight.values().get(at).unwrap_or(0) } else { 1 };
            let values = [one, cpu.values().get(at).unwrap_or(0)];
            let values = values.get(..columns).unwrap_or(&values);
            match times.get(at) {
                Some(time) => {
                    let time = clock.start.unwrap_or(0).saturating_add(time);
                    table.add_at(time, stack, attributes, values)?;
                }
                None => table.add(stack, attributes, values)?,
            }
        }
        let first = times.iter().min().unwrap_or(0);
        let last = times.iter().max().unwrap_or(0);
        let table_row = u32::try_from(self.batch.tables.len())
            .map_err(|_too_many| InputError::new(ErrorCode::TooLarge, "there are more threads than can be counted"))?;
        self.batch.tables.push(table.finish());
        let (name, kind, unit) = match (source, weight_type) {
            (Some(source), _) => ("memory", source, "bytes"),
            (None, WeightType::Samples) => ("samples", "samples", "count"),
            (None, WeightType::Milliseconds) => ("samples", "time", "nanoseconds"),
            (None, WeightType::Bytes) => ("memory", "space", "bytes"),
        };
        let types =
            [(name, kind, unit), ("process_cpu", "cpu", if cpu_unit.is_empty() { "nanoseconds" } else { cpu_unit })];
        for (column, (name, sample_type, sample_unit)) in types.into_iter().take(columns).enumerate() {
            self.batch.profiles.push(ProfileEntry {
                profile_type: type_without_period(name, sample_type, sample_unit),
                table: table_row,
                column: column as u32,
                labels: labels.to_vec(),
                start: clock.start,
                duration: last.saturating_sub(first),
                ..ProfileEntry::default()
            });
        }
        Ok(())
    }
}
