//! Chrome traces: what the Performance panel, `chrome://tracing` and many tools save.
//!
//! Specification: the Trace Event Format,
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>; the CPU profiles in it are
//! those of <https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile>, in pieces.
//!
//! Semantics:
//! - both forms: an object with `traceEvents`, or the array alone. What is cut off in the middle of the events is
//!   read up to the last whole one, with the warning `truncated`;
//! - each thread with duration events (`B`, `E`, `X`) is one profile `wall:time`: the time between two of them
//!   counts to the open ones, time under none to nothing; its records are those events. An `E` ends the innermost
//!   `B`; one without a `B` is left out, events open at the end close with the last one, a piece of an `X` that
//!   passes the end of the event it is in is cut, all with a warning. `args.filename` and `args.line` are the
//!   frame's file and line, as py-spy writes them;
//! - each CPU profile (`Profile` and `ProfileChunk` of one process and id, or one `CpuProfile`) is two, `samples`
//!   (count) and then `cpu` (nanoseconds), as in `.cpuprofile`; its pieces are put in order of their times;
//! - labels: `process`, `process_id`, `thread`, `thread_id`, names where metadata events tell them;
//! - times are microseconds on a clock without a date, kept in whole nanoseconds: no start.
//!
//! Left out, counted as `skipped-events`: asynchronous, flow, instant, counter, object, mark and memory events.
//! Left out: arguments, categories, thread clocks, `stackFrames`, the lines of samples.

mod cpu_profiles;
mod event;
mod threads;

use emberglass_profile::{Batch, ErrorCode, InputError, Symbols, Warnings};
use emberglass_trie::StackBuilder;

use crate::extension::named;
use crate::json::{Kind, Reader, Shape};
use crate::{About, Confidence, Context, Format, Input};
use cpu_profiles::CpuProfiles;
use event::Event;
use threads::Threads;

/// The Chrome trace decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChromeTrace;

impl Format for ChromeTrace {
    fn name(&self) -> &'static str {
        "chrome-trace"
    }

    fn about() -> About {
        About {
            title: "Chrome traces: the Performance panel, `chrome://tracing`, and tools that write the format",
            files: &["*.trace.json", "*.trace", "*.chrometrace.json"],
            specifications: &[
                "https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU",
                "https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile",
            ],
            recognised: "An object with `traceEvents` or `displayTimeUnit`, or an array of objects with `ph`",
            kept: "Duration events as stacks over time, a profile for each thread; CPU profiles in chunks, put together; names of processes and threads; what was written of a trace that is cut off",
            dropped: "Asynchronous, flow, instant, counter, object, mark and memory events (counted: they have no stack), arguments, categories, thread clocks",
            limits: "Read in slices; no more stacks than the file has events and nodes",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix) else { return Confidence::No };
        let fits = if shape.is_array {
            shape.has_under("", "ph")
        } else {
            shape.has("traceEvents") || shape.has("displayTimeUnit")
        };
        named(fits, file_name, &[".chrometrace.json", ".trace.json", ".trace"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let mut trace = Trace::default();
        match trace.read(&mut reader, warnings) {
            Ok(()) => reader.finish(warnings)?,
            Err(error) if error.code == ErrorCode::Truncated && trace.is_in_events => {
                reader.report_replaced(warnings);
                warnings.add("truncated", error.offset, || {
                    "the trace ends in the middle; what came before is here".to_owned()
                });
            }
            Err(error) => return Err(error),
        }
        trace.build(warnings)
    }
}

#[derive(Default)]
struct Trace {
    symbols: Symbols,
    threads: Threads,
    profiles: CpuProfiles,
    skipped: u64,
    is_in_events: bool,
}

impl Trace {
    fn read(&mut self, reader: &mut Reader<'_, '_, '_>, warnings: &mut Warnings) -> Result<(), InputError> {
        if reader.peek()? == Kind::Array {
            return self.read_events(reader, warnings);
        }
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                "traceEvents" => self.read_events(reader, warnings)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_events(&mut self, reader: &mut Reader<'_, '_, '_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let mut event = Event::default();
        reader.begin_array()?;
        self.is_in_events = true;
        while reader.next_element()? {
            if reader.peek()? != Kind::Object {
                reader.skip()?;
                self.skipped += 1;
                continue;
            }
            event.read(reader, &mut self.symbols)?;
            self.take(&mut event, warnings)?;
        }
        self.is_in_events = false;
        Ok(())
    }

    fn take(&mut self, event: &mut Event, warnings: &mut Warnings) -> Result<(), InputError> {
        match event.phase {
            b'B' | b'E' | b'X' => self.threads.add(event, &mut self.symbols, warnings),
            b'M' => self.threads.name(event),
            _ if matches!(event.name.as_str(), "Profile" | "ProfileChunk" | "CpuProfile") => self.profiles.add(event),
            _ => self.skipped += 1,
        }
        Ok(())
    }

    fn build(self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        let Self { symbols, mut threads, profiles, skipped, .. } = self;
        warnings.add_many("skipped-events", skipped, None, || {
            "events that have no duration on one thread are left out".to_owned()
        });
        let mut batch = Batch { symbols, ..Batch::default() };
        let mut stacks = StackBuilder::default();
        threads.build(&mut batch, &mut stacks, warnings)?;
        profiles.build(&threads, &mut batch, &mut stacks, warnings)?;
        batch.stacks = stacks.finish();
        Ok(batch)
    }
}
