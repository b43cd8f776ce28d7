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
//! - `thread`, `thread_id`, `state`, the `class` of an allocation, `span_id` (hexadecimal) and `span_name` are attributes;
//!   so are the labels of Pyroscope's agent ([`decode_with_labels`]), or, without them, its `context_id`;
//! - every event keeps its time, in ns since the epoch; an event without a stack counts.
//!
//! Left out: all other events, with the counted warning `other-event`; signatures of methods, so that
//! overloads are one function. A chunk is held up to [`Context::hold_limit`]; of a larger one the types and constants,
//! at most 1 GiB, and its events are read one by one, in three passes. A last chunk that is cut off is left out with the warning `truncated-chunk`.

mod bytes;
mod chunk;
mod events;
mod kinds;
mod labels;
mod metadata;
mod pools;
mod program;
mod stacks;
mod tables;

use emberglass_profile::{Batch, ErrorCode, InputError};

use crate::window::Window;
use crate::{Confidence, Context, Format, Input};
use chunk::{HEADER_LEN, Header, Held, Streamed};
use events::Events;
use labels::Labels;

/// The decoder of JFR recordings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jfr;

const MAGIC: &[u8] = b"FLR\0";

impl Format for Jfr {
    fn name(&self) -> &'static str {
        "jfr"
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
        decode_events(input, Labels::default(), context)
    }
}

/// Decodes a recording with the labels that Pyroscope's Java agent sends beside it (`LabelsSnapshot`, compressed or
/// not): the labels of an event's context become attributes of its samples.
///
/// # Errors
/// As [`Format::decode`]; what is wrong with the labels, at an offset of them.
pub fn decode_with_labels(
    input: &mut Input<'_>,
    labels: &[u8],
    context: &mut Context<'_>,
) -> Result<Batch, InputError> {
    let labels = Labels::read(labels, &mut context.meter)?;
    decode_events(input, labels, context)
}

fn decode_events(input: &mut Input<'_>, labels: Labels, context: &mut Context<'_>) -> Result<Batch, InputError> {
    let hold_limit = context.hold_limit;
    let Context { meter, warnings, .. } = context;
    meter.last_stage(input.file_len());
    let mut window = Window::new(input, meter);
    let mut events = Events::new(labels);
    while window.peek()?.is_some() {
        let base = window.offset();
        if !read_chunk(&mut window, hold_limit, &mut events)? {
            if base == 0 {
                let end = window.offset() + window.rest().len() as u64;
                return Err(InputError::at(ErrorCode::Truncated, end, "a chunk of the recording is cut off"));
            }
            warnings.add("truncated-chunk", Some(base), || {
                "the last chunk of the recording is cut off and left out".to_owned()
            });
            break;
        }
    }
    Ok(events.finish(warnings))
}

/// Reads the chunk that comes next; false if it is cut off.
fn read_chunk(window: &mut Window<'_, '_, '_>, hold_limit: u64, events: &mut Events) -> Result<bool, InputError> {
    window.ensure(HEADER_LEN)?;
    let base = window.offset();
    let start = window.rest();
    let Some(header) = Header::read(&start[..start.len().min(HEADER_LEN)], base)? else {
        window.skip(u64::MAX)?;
        return Ok(false);
    };
    if header.size <= hold_limit {
        let Some(bytes) = window.take(header.size as usize)? else { return Ok(false) };
        events.read_chunk(&header, &mut Held(bytes))?;
        return Ok(true);
    }
    let Some(mut body) = Streamed::read(window, &header)? else { return Ok(false) };
    events.read_chunk(&header, &mut body)?;
    window.seek(base + header.size);
    Ok(true)
}
