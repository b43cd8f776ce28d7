//! Duration events by thread, and the names of processes and threads.

use std::collections::HashMap;

use emberglass_profile::{Batch, Frame, FrameId, Function, InputError, ProfileEntry, SampleTable, Symbols, Warnings};
use emberglass_trie::StackBuilder;

use super::event::Event;
use crate::profile_types::type_without_period;
use crate::raw_stacks::check_size;
use crate::replay::Replay;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What an event does on its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Begin,
    End,
    /// Begins, and ends by itself at this time.
    Whole(i64),
}

#[derive(Clone, Copy)]
struct Duration {
    time: i64,
    act: Act,
    frame: FrameId,
}

struct Thread {
    process: String,
    thread: String,
    events: Vec<Duration>,
}

/// All threads, in order of their first duration event.
#[derive(Default)]
pub(super) struct Threads {
    rows: Map<(String, String), u32>,
    threads: Vec<Thread>,
    last: usize,
    process_names: Map<String, String>,
    thread_names: Map<(String, String), String>,
}

impl Threads {
    /// Takes a duration event; one without a time is left out, with a warning.
    pub(super) fn add(&mut self, event: &Event, symbols: &mut Symbols, warnings: &mut Warnings) {
        let Some(time) = event.time else {
            warnings.add("events-without-time", None, || "events without a time are left out".to_owned());
            return;
        };
        let act = match event.phase {
            b'B' => Act::Begin,
            b'E' => Act::End,
            _ => Act::Whole(time.saturating_add(event.duration.unwrap_or(0).max(0))),
        };
        let frame = if act == Act::End { FrameId(0) } else { frame(event, symbols) };
        self.thread(event).events.push(Duration { time, act, frame });
    }

    fn thread(&mut self, event: &Event) -> &mut Thread {
        let is_last = self
            .threads
            .get(self.last)
            .is_some_and(|last| last.thread == event.thread && last.process == event.process);
        if !is_last {
            let key = (event.process.clone(), event.thread.clone());
            let threads = &mut self.threads;
            let row = *self.rows.entry(key).or_insert_with(|| {
                threads.push(Thread {
                    process: event.process.clone(),
                    thread: event.thread.clone(),
                    events: Vec::new(),
                });
                threads.len() as u32 - 1
            });
            self.last = row as usize;
        }
        &mut self.threads[self.last]
    }

    /// Takes a metadata event.
    pub(super) fn name(&mut self, event: &Event) {
        let name = || event.args.name.clone();
        match event.name.as_str() {
            "process_name" => {
                self.process_names.insert(event.process.clone(), name());
            }
            "thread_name" => {
                self.thread_names.insert((event.process.clone(), event.thread.clone()), name());
            }
            _ => {}
        }
    }

    /// Labels of a thread.
    pub(super) fn labels(&self, process: &str, thread: &str) -> Vec<(String, String)> {
        let names = [
            ("process", self.process_names.get(process).map_or("", String::as_str)),
            ("process_id", process),
            ("thread", self.thread_names.get(&(process.to_owned(), thread.to_owned())).map_or("", String::as_str)),
            ("thread_id", thread),
        ];
        let known = names.into_iter().filter(|(_, value)| !value.is_empty());
        known.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// One profile a thread.
    pub(super) fn build(
        &mut self,
        batch: &mut Batch,
        stacks: &mut StackBuilder,
        warnings: &mut Warnings,
    ) -> Result<(), InputError> {
        for Thread { process, thread, events } in std::mem::take(&mut self.threads) {
            let (table, duration) = replay(events, stacks, warnings)?;
            let profile_type = type_without_period("wall", "time", "nanoseconds");
            let (labels, row) = (self.labels(&process, &thread), batch.tables.len() as u32);
            batch.profiles.push(ProfileEntry { profile_type, table: row, labels, duration, ..ProfileEntry::default() });
            batch.tables.push(table);
        }
        Ok(())
    }
}

fn frame(event: &Event, symbols: &mut Symbols) -> FrameId {
    let name = symbols.strings.intern(&event.name);
    let file = symbols.strings.intern(&event.args.file);
    let function = symbols.functions.intern(Function { name, file, ..Function::default() });
    symbols.frames.intern(Frame { function, line: event.args.line, ..Frame::default() })
}

/// Sorts by time; of whole events that begin together the longest is the outermost.
fn sort(events: &mut [Duration]) {
    events.sort_by_key(|event| event.time);
    let is_whole = |event: &Duration| matches!(event.act, Act::Whole(_));
    for group in events.chunk_by_mut(|a, b| a.time == b.time) {
        if group.len() > 1 && group.iter().all(is_whole) {
            group.sort_by_key(|event| match event.act {
                Act::Whole(end) => std::cmp::Reverse(end),
                _ => std::cmp::Reverse(event.time),
            });
        }
    }
}

/// When an open frame ends by itself; `None` for one that an event ends.
type End = Option<i64>;

/// The rows of a thread, and the time from its first event to its last.
fn replay(
    mut events: Vec<Duration>,
    stacks: &mut StackBuilder,
    warnings: &mut Warnings,
) -> Result<(SampleTable, i64), InputError> {
    sort(&mut events);
    let mut run = Run { replay: Replay::new(0), whole: Vec::new(), begun: 0, unbalanced: 0 };
    let (mut orphans, mut overlaps) = (0, 0);
    let first = events.first().map_or(0, |event| event.time);
    let mut last = first;
    for event in events {
        run.end_until(event.time)?;
        run.replay.count_event();
        check_size(stacks, None)?;
        run.replay.advance(event.time, |at| at)?;
        last = last.max(event.time);
        match event.act {
            Act::Begin => {
                run.begun += 1;
                run.replay.begin(event.frame, None, stacks);
            }
            Act::Whole(end) => {
                let limit = run.whole.last().map_or(end, |&(_, outer)| outer);
                overlaps += u64::from(end > limit);
                let end = end.min(limit);
                last = last.max(end);
                run.whole.push((run.replay.open().len(), end));
                run.replay.begin(event.frame, Some(end), stacks);
            }
            Act::End if run.begun == 0 => orphans += 1,
            Act::End => {
                if let Some(depth) = run.replay.open().iter().rposition(|open| open.tag.is_none()) {
                    run.end_from(depth);
                }
            }
        }
    }
    run.end_until(i64::MAX)?;
    run.replay.advance(last, |at| at)?;
    let open = run.replay.open().len() as u64;
    for (code, count, words) in [
        ("orphan-events", orphans, "events that end nothing are left out"),
        ("overlapping-events", overlaps, "events that pass the end of the event they are in were cut there"),
        ("unbalanced-events", run.unbalanced, "events were still open inside an event that ended; they ended with it"),
        ("open-frames", open, "some events are open at the end; they end with the last event"),
    ] {
        warnings.add_many(code, count, None, || words.to_owned());
    }
    Ok((run.replay.finish(), last.saturating_sub(first)))
}

struct Run {
    replay: Replay<End>,
    /// Depth and end of the open frames that end by themselves; inner ones never end later.
    whole: Vec<(usize, i64)>,
    /// Open frames that an event ends: without one its end costs no search.
    begun: usize,
    unbalanced: u64,
}

impl Run {
    /// Ends what ends by itself up to `time`.
    fn end_until(&mut self, time: i64) -> Result<(), InputError> {
        while let Some(&(depth, end)) = self.whole.last()
            && end <= time
        {
            self.replay.advance(end, |at| at)?;
            self.end_from(depth);
        }
        Ok(())
    }

    fn end_from(&mut self, depth: usize) {
        self.unbalanced += (self.replay.open().len() - depth).saturating_sub(1) as u64;
        self.begun -= self.replay.open().iter().skip(depth).filter(|open| open.tag.is_none()).count();
        self.replay.end_from(depth);
        while self.whole.last().is_some_and(|&(at, _)| at >= depth) {
            self.whole.pop();
        }
    }
}
