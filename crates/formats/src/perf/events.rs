//! Samples of perf by event: a table for each, with its two profiles.
//!
//! Conventions: `samples:count` for each event, and the sum of the periods as a second profile where the
//! source states them, in nanoseconds for clocks; threads, processes and processors are attributes. The process that most
//! of the samples are of names the batch.

use std::collections::HashMap;

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, Batch, ErrorCode, FrameId, InputError, ProfileEntry,
    ProfileType, SampleTable, SampleTableBuilder, StackId, StringId, Symbols,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::process::{Ran, name_of_process};

/// Most stacks (nodes of the trie) of one file.
const MAX_STACKS: usize = 64 << 20;
/// Most different events of one file.
const MAX_EVENTS: usize = 1 << 16;

/// One sample.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample<'a> {
    /// Name of the event; empty where the source names none.
    pub(super) event: &'a str,
    /// Who ran.
    pub(super) task: Task<'a>,
    /// Time in ns.
    pub(super) time: Option<i64>,
    /// What the sample stands for.
    pub(super) period: Option<i64>,
}

/// Who ran, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Task<'a> {
    pub(super) comm: &'a str,
    pub(super) process_id: Option<i64>,
    pub(super) thread_id: Option<i64>,
    pub(super) cpu: Option<i64>,
}

type TaskKey = (StringId, Option<i64>, Option<i64>, Option<i64>);

/// Adds samples up.
#[derive(Default)]
pub(super) struct Events {
    pub(super) symbols: Symbols,
    pub(super) stacks: StackBuilder,
    attributes: AttributeSets,
    /// Attributes of each task, and how many samples it has.
    tasks: HashMap<TaskKey, (AttributeSetId, u64), FixedState>,
    rows: HashMap<String, usize, FixedState>,
    events: Vec<Event>,
}

struct Event {
    name: String,
    table: SampleTableBuilder,
    has_period: bool,
    samples: u64,
    timed: u64,
    /// The period of every sample, 0 once they differ.
    period: Option<i64>,
}

impl Events {
    /// Adds one sample; `frames` leaf first.
    pub(super) fn add(&mut self, sample: Sample<'_>, frames: &[u32]) -> Result<(), InputError> {
        let stack = self.stacks.stack_of(frames, |out| out.extend(frames.iter().rev().map(|&frame| FrameId(frame))));
        if self.stacks.len() > MAX_STACKS {
            return Err(InputError::new(ErrorCode::TooLarge, "the stacks of the file are too many to hold"));
        }
        let comm = self.symbols.strings.intern(sample.task.comm);
        self.add_stack(sample, comm, stack)
    }

    /// As [`Self::add`], for a stack of `self.stacks` and a name of `self.symbols`.
    pub(super) fn add_stack(&mut self, sample: Sample<'_>, comm: StringId, stack: StackId) -> Result<(), InputError> {
        let attributes = self.attributes_of(sample.task, comm);
        let row = self.event(sample.event)?;
        let event = &mut self.events[row];
        event.samples += 1;
        let period = sample.period.unwrap_or(0);
        event.has_period |= sample.period.is_some();
        let constant = event.period.get_or_insert(period);
        if *constant != period {
            *constant = 0;
        }
        match sample.time {
            Some(time) => {
                event.timed += 1;
                event.table.add_at(time, stack, attributes, &[1, period])
            }
            None => event.table.add(stack, attributes, &[1, period]),
        }
    }

    /// True before the first sample.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn event(&mut self, name: &str) -> Result<usize, InputError> {
        if let Some(&row) = self.rows.get(name) {
            return Ok(row);
        }
        if self.events.len() >= MAX_EVENTS {
            return Err(InputError::new(ErrorCode::TooLarge, "the file names too many events"));
        }
        self.rows.insert(name.to_owned(), self.events.len());
        self.events.push(Event {
            name: name.to_owned(),
            table: SampleTableBuilder::new(&[0, 0]),
            has_period: false,
            samples: 0,
            timed: 0,
            period: None,
        });
        Ok(self.events.len() - 1)
    }

    fn attributes_of(&mut self, task: Task<'_>, comm: StringId) -> AttributeSetId {
        let Task { process_id, thread_id, cpu, .. } = task;
        let Self { symbols, attributes, tasks, .. } = self;
        let (set, samples) = tasks.entry((comm, process_id, thread_id, cpu)).or_insert_with(|| {
            let mut set = Vec::with_capacity(4);
            if comm != StringId::EMPTY {
                set.push(Attribute { key: symbols.strings.intern("thread"), value: AttributeValue::Text(comm) });
            }
            for (key, number) in [("process_id", process_id), ("thread_id", thread_id), ("cpu", cpu)] {
                if let Some(number) = number {
                    let value = AttributeValue::Text(symbols.strings.intern(&number.to_string()));
                    set.push(Attribute { key: symbols.strings.intern(key), value });
                }
            }
            (attributes.intern(&mut set), 0)
        });
        *samples += 1;
        *set
    }

    /// The batch; events in order of their first samples.
    pub(super) fn finish(self) -> Batch {
        let ran = |(&(comm, process_id, thread_id, _), &(_, samples)): (&TaskKey, &(AttributeSetId, u64))| Ran {
            comm,
            process_id,
            thread_id,
            samples,
        };
        let process = name_of_process(&self.tasks.iter().map(ran).collect::<Vec<_>>());
        let mut batch = Batch {
            service_name: self.symbols.text(process).to_owned(),
            symbols: self.symbols,
            stacks: self.stacks.finish(),
            attributes: self.attributes,
            ..Batch::default()
        };
        for event in self.events {
            event.finish(&mut batch);
        }
        batch
    }
}

impl Event {
    fn finish(self, batch: &mut Batch) {
        let Self { name, table, has_period, samples, timed, period } = self;
        let mut table: SampleTable = table.finish();
        if timed < samples {
            table.timeline = None;
        }
        let columns = if has_period { 2 } else { 1 };
        table.columns.truncate(columns);
        if let Some(timeline) = &mut table.timeline {
            timeline.values.truncate(columns);
        }
        let duration =
            table.timeline.as_ref().and_then(|timeline| timeline.time.last()?.checked_sub(timeline.time.first()?));
        let own = source_name(&name);
        let unit = if is_clock(&own) { "nanoseconds" } else { "count" };
        let labels = if name.is_empty() { Vec::new() } else { vec![("event".to_owned(), name.clone())] };
        for (column, (sample_type, sample_unit)) in
            [("samples", "count"), (own.as_str(), unit)].into_iter().take(columns).enumerate()
        {
            let sample_type = if sample_type.is_empty() { "period" } else { sample_type };
            let has_type = has_period && !own.is_empty();
            batch.profiles.push(ProfileEntry {
                profile_type: ProfileType {
                    name: if is_cpu(&own) { "process_cpu" } else { "samples" }.to_owned(),
                    sample_type: sample_type.to_owned(),
                    sample_unit: sample_unit.to_owned(),
                    period_type: if has_type { own.clone() } else { String::new() },
                    period_unit: if has_type { unit.to_owned() } else { String::new() },
                },
                table: batch.tables.len() as u32,
                column: column as u32,
                labels: labels.clone(),
                start: None,
                duration: duration.unwrap_or(0),
                period: period.unwrap_or(0),
            });
        }
        batch.tables.push(table);
    }
}

/// The event's name without modifiers (`cycles` for `cycles:u`), and without the colon that separates the
/// parts of a profile type (`sched.sched_switch` for `sched:sched_switch`).
fn source_name(event: &str) -> String {
    let is_modifier = |c: char| "ukhHGpPSDIWeRb".contains(c);
    let stem = match event.rsplit_once(':') {
        Some((stem, modifiers)) if modifiers.chars().all(is_modifier) => stem,
        _ => event,
    };
    stem.replace(':', ".")
}

fn is_clock(name: &str) -> bool {
    matches!(name, "cpu-clock" | "task-clock")
}

fn is_cpu(name: &str) -> bool {
    is_clock(name)
        || matches!(name, "cycles" | "cpu-cycles" | "")
        || name.contains("/cycles")
        || name.contains("/cpu-cycles")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_names_without_modifiers_and_colons() {
        for (event, name) in [
            ("cycles:u", "cycles"),
            ("cycles", "cycles"),
            ("cycles:pppH", "cycles"),
            ("sched:sched_switch", "sched.sched_switch"),
            ("cpu_core/cycles/u", "cpu_core/cycles/u"),
        ] {
            assert_eq!(source_name(event), name);
        }
        assert!(is_cpu("cpu_core/cycles/u") && !is_cpu("sched.sched_switch") && is_clock("cpu-clock"));
    }
}
