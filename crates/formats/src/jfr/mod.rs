//! JFR: recordings of Java Flight Recorder, and of async-profiler.
//!
//! Format: chunks with metadata and constant pools of their own, as
//! <https://github.com/openjdk/jdk/tree/master/src/jdk.jfr/share/classes/jdk/jfr/internal/consumer> reads them
//! (versions 1 and 2).
//!
//! Semantics:
//! - a table for each event type, named by the label `event`; first the number of events, then what they
//!   measure: bytes of allocations (`weight`, `tlabSize` where the object began a buffer, `allocationSize`),
//!   nanoseconds of monitors and parking; time of execution samples where the recording states their period;
//! - read are execution and native samples, allocations (in and outside of buffers, sampled, `malloc`, live
//!   objects), monitor enter, thread park and async-profiler's wall-clock samples, each of which counts as often
//!   as it says;
//! - a frame is `package.Class.method` with its line; frames of the type `Inlined` are inlined;
//! - `thread`, `thread_id`, `state`, the `class` of an allocation and Pyroscope's `context_id` are attributes;
//! - every event keeps its time, in ns since the epoch; an event without a stack counts.
//!
//! Left out: all other events, with the counted warning `other-event`; signatures of methods, so that
//! overloads are one function. A last chunk that is cut off is left out with the warning `truncated-chunk`.

mod bytes;
mod events;
mod kinds;
mod metadata;
mod pools;
mod program;

use emberglass_profile::{Batch, ErrorCode, InputError};

use crate::{About, Confidence, Context, Format, Input};
use bytes::Bytes;
use events::Events;

/// The decoder of JFR recordings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jfr;

const MAGIC: &[u8] = b"FLR\0";
/// Size of a chunk's header.
const HEADER_LEN: usize = 68;

impl Format for Jfr {
    fn name(&self) -> &'static str {
        "jfr"
    }

    fn about() -> About {
        About {
            title: "Java Flight Recorder and async-profiler",
            files: &["*.jfr"],
            specifications: &[
                "https://github.com/openjdk/jdk/tree/master/src/jdk.jfr/share/classes/jdk/jfr/internal/consumer",
            ],
            recognised: "The magic number `FLR`",
            kept: "Execution, native and wall-clock samples, allocations, live objects, monitors and parking as profiles of their own; times, threads, states, classes of allocated objects, lines, inlining",
            dropped: "All other events (they carry no stack that a view shows), counted; signatures of methods, so that overloads are one function",
            limits: "Read chunk by chunk; 64 million stacks; 1 GiB of names. Versions 1 and 2",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        if prefix.starts_with(MAGIC) {
            Confidence::Certain
        } else if file_name.to_lowercase().trim_end_matches(".gz").ends_with(".jfr") {
            Confidence::Name
        } else {
            Confidence::No
        }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let bytes = input.read_all(input.whole_limit().min(u64::from(u32::MAX)), &mut context.meter)?;
        context.meter.last_stage(bytes.len() as u64);
        let mut events = Events::default();
        let mut at = 0;
        while at < bytes.len() {
            let chunk = match Chunk::read(&bytes, at) {
                Ok(chunk) => chunk,
                Err(error) if at > 0 && error.code == ErrorCode::Truncated => {
                    context.warnings.add("truncated-chunk", Some(at as u64), || {
                        "the last chunk of the recording is cut off and left out".to_owned()
                    });
                    break;
                }
                Err(error) => return Err(error),
            };
            events.read_chunk(&chunk, context)?;
            at += chunk.bytes.len();
        }
        events.finish(context)
    }
}

/// One chunk: a recording of its own, with its clock.
pub(super) struct Chunk<'a> {
    bytes: &'a [u8],
    /// Where it starts in the file.
    base: usize,
    pools_at: usize,
    metadata_at: usize,
    start: i64,
    duration: i64,
    start_ticks: i64,
    ticks_per_second: i64,
    is_compressed: bool,
}

impl<'a> Chunk<'a> {
    fn read(file: &'a [u8], base: usize) -> Result<Self, InputError> {
        let rest = &file[base..];
        if !rest.starts_with(MAGIC) && rest.len() >= MAGIC.len() {
            let message = "no chunk of a recording begins here";
            return Err(InputError::at(ErrorCode::Malformed, base as u64, message));
        }
        let truncated =
            || InputError::at(ErrorCode::Truncated, file.len() as u64, "a chunk of the recording is cut off");
        let header = rest.get(..HEADER_LEN).ok_or_else(truncated)?;
        let mut reader = Bytes::new(header, base, false);
        reader.seek(4)?;
        let major = reader.fixed(2)?;
        let _minor = reader.fixed(2)?;
        if !(1..=2).contains(&major) {
            let message = format!("version {major} of JFR is not read, only 1 and 2");
            return Err(InputError::at(ErrorCode::UnsupportedVersion, base as u64 + 4, message));
        }
        let mut next = || reader.fixed(8);
        let (size, pools_at, metadata_at) = (next()?, next()?, next()?);
        let (start, duration, start_ticks, ticks_per_second) = (next()?, next()?, next()?, next()?);
        let features = reader.fixed(4)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        // A recording that was not finished has no size yet.
        let bytes = rest.get(..size).filter(|bytes| bytes.len() >= HEADER_LEN).ok_or_else(truncated)?;
        let offset = |value: i64| match usize::try_from(value) {
            Ok(value) if (HEADER_LEN..size).contains(&value) => Ok(value),
            _ => Err(InputError::at(
                ErrorCode::Malformed,
                base as u64,
                format!("an offset of {value} is beyond the chunk"),
            )),
        };
        Ok(Self {
            pools_at: offset(pools_at)?,
            metadata_at: offset(metadata_at)?,
            bytes,
            base,
            start,
            duration,
            start_ticks,
            ticks_per_second: ticks_per_second.max(1),
            is_compressed: features & 1 != 0,
        })
    }

    fn reader(&self, at: usize) -> Result<Bytes<'a>, InputError> {
        let mut reader = Bytes::new(self.bytes, self.base, self.is_compressed);
        reader.seek(at)?;
        Ok(reader)
    }

    /// A number of ticks in ns.
    fn nanos(&self, ticks: i64) -> i64 {
        let nanos = i128::from(ticks) * 1_000_000_000 / i128::from(self.ticks_per_second);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// A time in ticks as ns since the epoch.
    fn time(&self, ticks: i64) -> i64 {
        self.start.saturating_add(self.nanos(ticks.saturating_sub(self.start_ticks)))
    }
}
