//! The events of all chunks.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, Batch, ErrorCode, Frame, Function, FunctionId,
    InputError, ProfileEntry, ProfileType, SampleTableBuilder, StackId, StringId, Symbols,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::kinds::{KINDS, Kind, Measure};
use super::metadata::Metadata;
use super::pools::Pools;
use super::program::{Program, Value};
use super::{Chunk, HEADER_LEN};
use crate::Context;

/// Most stacks (nodes of the trie) of one file.
const MAX_STACKS: usize = 64 << 20;
/// Frames spelt out in all, beyond so many per byte of input, are refused: chunks name stacks again.
const MAX_NAMES: usize = 1 << 30;

type Map<K, V> = HashMap<K, V, FixedState>;

/// All events so far.
#[derive(Default)]
pub(super) struct Events {
    symbols: Symbols,
    stacks: StackBuilder,
    attributes: AttributeSets,
    tables: Vec<Option<Table>>,
    others: Map<String, u64>,
    start: Option<i64>,
    end: i64,
    facts: Vec<(String, String)>,
}

struct Table {
    rows: SampleTableBuilder,
    /// Period of the samples, in ns.
    period: i64,
    has_period: bool,
    is_wall: bool,
}

/// What a chunk's events resolve to; the numbers are the chunk's own.
struct Resolved<'p> {
    pools: &'p Pools,
    functions: Map<i64, FunctionId>,
    stacks: Map<i64, StackId>,
    attributes: Map<[i64; 4], AttributeSetId>,
}

/// The fields of an event that are read, in the order of [`WANTED`].
#[derive(Clone, Copy, Default)]
struct Fields {
    start: i64,
    thread: i64,
    trace: i64,
    state: i64,
    class: i64,
    context: i64,
    value: Option<i64>,
}

const WANTED: [&str; 7] =
    ["startTime", "sampledThread", "eventThread", "stackTrace", "state", "objectClass", "contextId"];

/// What an event type is in a chunk.
enum Use {
    Sample(usize, Program),
    Setting(Program),
    Other(String, u64),
}

impl Events {
    pub(super) fn read_chunk(&mut self, chunk: &Chunk<'_>, context: &mut Context<'_>) -> Result<(), InputError> {
        let metadata = Metadata::read(chunk)?;
        let pools = Pools::read(chunk, &metadata)?;
        self.tables.resize_with(KINDS.len(), || None);
        self.start = Some(self.start.map_or(chunk.start, |start| start.min(chunk.start)));
        self.end = self.end.max(chunk.start.saturating_add(chunk.duration.max(0)));
        let mut uses: Map<i64, Use> = Map::default();
        let mut resolved =
            Resolved { pools: &pools, functions: Map::default(), stacks: Map::default(), attributes: Map::default() };
        // Settings come among the events; the period must be known before the first sample.
        for is_first in [true, false] {
            let mut at = HEADER_LEN;
            while at < chunk.bytes.len() {
                let mut reader = chunk.reader(at)?;
                let size = reader.number(4)?;
                let id = reader.long()?;
                let end = usize::try_from(size).ok().filter(|&size| size > 0).and_then(|size| at.checked_add(size));
                let Some(end) = end.filter(|&end| end <= chunk.bytes.len()) else {
                    return Err(reader.malformed(format!("an event of {size} bytes passes the end of its chunk")));
                };
                if !is_first {
                    context.meter.reach((chunk.base + at) as u64)?;
                }
                at = end;
                if id <= 1 {
                    continue;
                }
                let used = match uses.entry(id) {
                    Entry::Occupied(used) => used.into_mut(),
                    Entry::Vacant(slot) => slot.insert(use_of(&metadata, id)?),
                };
                match used {
                    Use::Setting(program) if is_first => {
                        self.setting(program, &mut reader, &pools, &metadata)?;
                    }
                    Use::Sample(row, program) if !is_first => {
                        let (row, fields) = (*row, read_fields(program, &mut reader)?);
                        self.sample(row, fields, chunk, &mut resolved)?;
                    }
                    Use::Other(_, count) if !is_first => *count += 1,
                    _ => {}
                }
            }
        }
        for used in uses.into_values() {
            if let Use::Other(name, count) = used {
                *self.others.entry(name).or_default() += count;
            }
        }
        Ok(())
    }

    fn table(&mut self, row: usize) -> &mut Table {
        self.tables[row].get_or_insert_with(|| Table {
            rows: SampleTableBuilder::new(&[0, 0]),
            period: 0,
            has_period: false,
            is_wall: false,
        })
    }

    /// `period` (Flight Recorder) and `interval` (async-profiler) of samples, and what async-profiler samples.
    fn setting(
        &mut self,
        program: &Program,
        reader: &mut super::bytes::Bytes<'_>,
        pools: &Pools,
        metadata: &Metadata,
    ) -> Result<(), InputError> {
        let (mut id, mut name, mut value) = (0, String::new(), String::new());
        program.read(reader, |slot, found| match (slot, found) {
            (0, Value::Number(number)) => id = number,
            (1, text) => name = pools.event_text(text),
            (_, text) => value = pools.event_text(text),
        })?;
        let event = metadata.classes.get(&id).map_or("", |class| class.name.as_str());
        let is_sample =
            |kind: &Kind| kind.measure == Measure::Period && (kind.event == event || event == "jdk.ActiveRecording");
        for (row, _) in KINDS.iter().enumerate().filter(|(_, kind)| is_sample(kind)) {
            let nanos = match name.as_str() {
                "period" => parse_period(&value),
                "interval" => value.trim().parse().ok(),
                "event" => {
                    self.table(row).is_wall |= value == "wall";
                    None
                }
                _ => None,
            };
            if let Some(nanos) = nanos.filter(|&nanos| nanos > 0) {
                self.table(row).period = nanos;
            }
        }
        if event == "jdk.ActiveRecording" && !value.is_empty() && self.facts.len() < 64 {
            let fact = (name, value);
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
        }
        Ok(())
    }

    fn sample(
        &mut self,
        row: usize,
        fields: Fields,
        chunk: &Chunk<'_>,
        resolved: &mut Resolved<'_>,
    ) -> Result<(), InputError> {
        let stack = self.stack(fields.trace, resolved)?;
        let attributes = self.attributes(fields, resolved);
        let kind = KINDS[row];
        let table = self.table(row);
        let (count, value) = match kind.measure {
            Measure::Period => {
                let count = if kind.field.is_empty() { 1 } else { fields.value.unwrap_or(1) };
                table.has_period |= table.period > 0;
                let time = count.checked_mul(table.period).ok_or_else(|| {
                    InputError::new(ErrorCode::ValueOverflow, "the time of a sample is beyond 64 bits")
                })?;
                (count, time)
            }
            Measure::Bytes => (1, fields.value.unwrap_or(0)),
            Measure::Duration => (1, chunk.nanos(fields.value.unwrap_or(0))),
        };
        table.rows.add_at(chunk.time(fields.start), stack, attributes, &[count, value])
    }

    fn stack(&mut self, trace: i64, resolved: &mut Resolved<'_>) -> Result<StackId, InputError> {
        if let Some(&stack) = resolved.stacks.get(&trace) {
            return Ok(stack);
        }
        let Self { symbols, stacks, .. } = self;
        let mut stack = StackId::ROOT;
        for raw in resolved.pools.trace(trace).iter().rev() {
            let function = *resolved.functions.entry(raw.method).or_insert_with(|| {
                let name = symbols.strings.intern(&resolved.pools.method_name(raw.method));
                symbols.functions.intern(Function { name, ..Function::default() })
            });
            // An unknown line is -1, which a compressed 32-bit integer holds as 2^32 - 1.
            let line = u32::try_from(raw.line as i32).unwrap_or(0);
            let inlined = resolved.pools.is_inlined(raw.kind);
            let frame = symbols.frames.intern(Frame { function, line, inlined, ..Frame::default() });
            stack = stacks.child(stack, frame);
        }
        if stacks.len() > MAX_STACKS || symbols.strings.text_bytes() > MAX_NAMES {
            return Err(InputError::new(ErrorCode::TooLarge, "the stacks of the recording are too many to hold"));
        }
        resolved.stacks.insert(trace, stack);
        Ok(stack)
    }

    fn attributes(&mut self, fields: Fields, resolved: &mut Resolved<'_>) -> AttributeSetId {
        let Self { symbols, attributes, .. } = self;
        let pools = resolved.pools;
        let Fields { thread, state, class, context, .. } = fields;
        *resolved.attributes.entry([thread, state, class, context]).or_insert_with(|| {
            let (name, id) = pools.thread(thread);
            let texts = [
                ("thread", name.to_owned()),
                ("thread_id", if id == 0 { String::new() } else { id.to_string() }),
                ("state", pools.state(state).to_owned()),
                ("class", pools.class_name(class)),
                ("context_id", if context == 0 { String::new() } else { context.to_string() }),
            ];
            let mut set: Vec<Attribute> = Vec::new();
            for (key, text) in texts {
                let value = symbols.strings.intern(&text);
                if value != StringId::EMPTY {
                    set.push(Attribute { key: symbols.strings.intern(key), value: AttributeValue::Text(value) });
                }
            }
            attributes.intern(&mut set)
        })
    }

    pub(super) fn finish(self, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut others: Vec<(String, u64)> = self.others.into_iter().collect();
        others.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let count = others.iter().map(|(_, count)| count).sum();
        context.warnings.add_many("other-event", count, None, || {
            let named: Vec<String> = others.iter().take(5).map(|(name, count)| format!("{name} ({count})")).collect();
            format!("events of {} other types are left out, most of them {}", others.len(), named.join(", "))
        });
        let mut batch = Batch {
            symbols: self.symbols,
            stacks: self.stacks.finish(),
            attributes: self.attributes,
            metadata: self.facts,
            ..Batch::default()
        };
        for (kind, table) in KINDS.iter().zip(self.tables) {
            let Some(table) = table else { continue };
            let Table { rows, period, has_period, is_wall } = table;
            let mut rows = rows.finish();
            if rows.records == 0 {
                continue;
            }
            let columns = if kind.measure == Measure::Period && !has_period { 1 } else { 2 };
            rows.columns.truncate(columns);
            if let Some(timeline) = &mut rows.timeline {
                timeline.values.truncate(columns);
            }
            let unit = if kind.measure == Measure::Bytes { "bytes" } else { "nanoseconds" };
            let value = if is_wall { "wall" } else { kind.value };
            let profile = if is_wall { "wall" } else { kind.profile };
            for (column, (sample_type, sample_unit)) in
                [(kind.count, "count"), (value, unit)].into_iter().take(columns).enumerate()
            {
                let (period_type, period_unit) = if has_period { (value, "nanoseconds") } else { ("", "") };
                batch.profiles.push(ProfileEntry {
                    profile_type: ProfileType {
                        name: profile.to_owned(),
                        sample_type: sample_type.to_owned(),
                        sample_unit: sample_unit.to_owned(),
                        period_type: period_type.to_owned(),
                        period_unit: period_unit.to_owned(),
                    },
                    table: batch.tables.len() as u32,
                    column: column as u32,
                    labels: vec![("event".to_owned(), kind.event.to_owned())],
                    start: self.start,
                    duration: self.start.map_or(0, |start| self.end.saturating_sub(start)),
                    period: if has_period { period } else { 0 },
                });
            }
            batch.tables.push(rows);
        }
        Ok(batch)
    }
}

fn use_of(metadata: &Metadata, id: i64) -> Result<Use, InputError> {
    let name = metadata.classes.get(&id).map_or("", |class| class.name.as_str());
    if name == "jdk.ActiveSetting" {
        return Ok(Use::Setting(Program::new(metadata, id, &["id", "name", "value"])?));
    }
    let Some(row) = KINDS.iter().position(|kind| kind.event == name) else {
        return Ok(Use::Other(name.to_owned(), 0));
    };
    let mut wanted = WANTED.to_vec();
    if !KINDS[row].field.is_empty() {
        wanted.push(KINDS[row].field);
    }
    Ok(Use::Sample(row, Program::new(metadata, id, &wanted)?))
}

fn read_fields(program: &Program, reader: &mut super::bytes::Bytes<'_>) -> Result<Fields, InputError> {
    let mut fields = Fields::default();
    program.read(reader, |slot, value| {
        let Value::Number(value) = value else { return };
        match slot {
            0 => fields.start = value,
            // An event has one of them: who was sampled, or who it happened to.
            1 | 2 => fields.thread = value,
            3 => fields.trace = value,
            4 => fields.state = value,
            5 => fields.class = value,
            6 => fields.context = value,
            _ => fields.value = Some(value),
        }
    })?;
    Ok(fields)
}

/// `20 ms`, as Flight Recorder states periods.
fn parse_period(text: &str) -> Option<i64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let (base, factor) = emberglass_profile::base_unit(unit);
    if base != "nanoseconds" {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_times_with_units() {
        assert_eq!(parse_period("20 ms"), Some(20_000_000));
        assert_eq!(parse_period("everyChunk"), None);
        assert_eq!(parse_period("5 bananas"), None);
    }
}
