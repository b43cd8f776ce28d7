//! The events of all chunks.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use emberglass_profile::{Batch, InputError, Warnings};
use foldhash::fast::FixedState;

use super::bytes::Bytes;
use super::chunk::{Body, Header};
use super::kinds::KINDS;
use super::labels::Labels;
use super::metadata::Metadata;
use super::pools::Pools;
use super::program::{Program, Value};
use super::stacks::{Circumstances, Resolved, Stacks};
use super::tables::Tables;

/// Most settings that are kept as facts of the recording.
const MOST_FACTS: usize = 64;

type Map<K, V> = HashMap<K, V, FixedState>;

/// All events so far.
pub(super) struct Events {
    stacks: Stacks,
    tables: Tables,
    others: Map<String, u64>,
    facts: Vec<(String, String)>,
}

/// The fields of an event that are read, in the order of [`WANTED`].
#[derive(Clone, Copy, Default)]
struct Fields {
    start: i64,
    trace: i64,
    value: Option<i64>,
    of: Circumstances,
}

const WANTED: [&str; 9] = [
    "startTime",
    "sampledThread",
    "eventThread",
    "stackTrace",
    "state",
    "objectClass",
    "contextId",
    "spanId",
    "spanName",
];

/// What an event type is in a chunk.
enum Use {
    Sample(usize, Program),
    Setting(Program),
    Other(String, u64),
}

/// The event types of a chunk that came.
struct Uses<'m> {
    metadata: &'m Metadata,
    by_id: Map<i64, Use>,
}

impl Uses<'_> {
    /// What the event is that `reader` is at the start of, behind whose id it is then; `None` for what describes others.
    fn of(&mut self, reader: &mut Bytes<'_>) -> Result<Option<&mut Use>, InputError> {
        let _size = reader.number(4)?;
        let id = reader.long()?;
        if id <= 1 {
            return Ok(None);
        }
        Ok(Some(match self.by_id.entry(id) {
            Entry::Occupied(used) => used.into_mut(),
            Entry::Vacant(slot) => slot.insert(use_of(self.metadata, id)?),
        }))
    }
}

impl Events {
    /// None, with the labels of contexts that some will name.
    pub(super) fn new(labels: Labels) -> Self {
        let stacks = Stacks { labels, ..Stacks::default() };
        Self { stacks, tables: Tables::new(), others: Map::default(), facts: Vec::new() }
    }

    pub(super) fn read_chunk(&mut self, chunk: &Header, body: &mut dyn Body) -> Result<(), InputError> {
        let metadata = Metadata::read(chunk, body)?;
        let pools = Pools::read(chunk, body, &metadata)?;
        self.tables.cover(chunk);
        let mut uses = Uses { metadata: &metadata, by_id: Map::default() };
        let mut resolved = Resolved::new(&pools);
        // Settings come among the events; the period must be known before the first sample.
        body.each(chunk, &mut |_, mut reader| match uses.of(&mut reader)? {
            Some(Use::Setting(program)) => self.setting(program, &mut reader, &pools, &metadata),
            _ => Ok(()),
        })?;
        body.each(chunk, &mut |_, mut reader| {
            match uses.of(&mut reader)? {
                Some(Use::Sample(row, program)) => {
                    let fields = read_fields(program, &mut reader)?;
                    let stack = self.stacks.stack(fields.trace, &mut resolved)?;
                    let attributes = self.stacks.attributes(fields.of, &mut resolved);
                    self.tables.add(*row, chunk, (fields.start, fields.value), stack, attributes)?;
                }
                Some(Use::Other(_, count)) => *count += 1,
                _ => {}
            }
            Ok(())
        })?;
        for used in uses.by_id.into_values() {
            if let Use::Other(name, count) = used {
                *self.others.entry(name).or_default() += count;
            }
        }
        Ok(())
    }

    fn setting(
        &mut self,
        program: &Program,
        reader: &mut Bytes<'_>,
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
        self.tables.set(event, &name, &value);
        if event == "jdk.ActiveRecording" && !value.is_empty() && self.facts.len() < MOST_FACTS {
            let fact = (name, value);
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
        }
        Ok(())
    }

    pub(super) fn finish(self, warnings: &mut Warnings) -> Batch {
        let mut others: Vec<(String, u64)> = self.others.into_iter().collect();
        others.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let count = others.iter().map(|(_, count)| count).sum();
        warnings.add_many("other-event", count, None, || {
            let named: Vec<String> = others.iter().take(5).map(|(name, count)| format!("{name} ({count})")).collect();
            format!("events of {} other types are left out, most of them {}", others.len(), named.join(", "))
        });
        let Stacks { symbols, stacks, attributes, .. } = self.stacks;
        let mut batch =
            Batch { symbols, stacks: stacks.finish(), attributes, metadata: self.facts, ..Batch::default() };
        self.tables.finish(&mut batch);
        batch
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
    wanted.push(KINDS[row].field);
    Ok(Use::Sample(row, Program::new(metadata, id, &wanted)?))
}

fn read_fields(program: &Program, reader: &mut Bytes<'_>) -> Result<Fields, InputError> {
    let mut fields = Fields::default();
    program.read(reader, |slot, value| {
        let Value::Number(value) = value else { return };
        match slot {
            0 => fields.start = value,
            // An event has one of them: who was sampled, or who it happened to.
            1 | 2 => fields.of.thread = value,
            3 => fields.trace = value,
            4 => fields.of.state = value,
            5 => fields.of.class = value,
            6 => fields.of.context = value,
            7 => fields.of.span = value,
            8 => fields.of.span_name = value,
            _ => fields.value = Some(value),
        }
    })?;
    Ok(fields)
}
