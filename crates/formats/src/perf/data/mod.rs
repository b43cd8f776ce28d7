//! `perf.data`: what `perf record` writes.
//!
//! Format: <https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/perf.data-file-format.txt>, its
//! records <https://man7.org/linux/man-pages/man2/perf_event_open.2.html>; as a file or as a pipe.
//!
//! Semantics, beside those of `perf script`'s text:
//! - records are taken in order of time, whatever processor wrote them, so that comms and mappings are those of the
//!   sample's moment; forks hand both on;
//! - a frame is its address in lower-case hexadecimal, relative to its file where it lies in one (as
//!   `perf script` prints it), with the file and its build id as mapping: the file carries no symbols but those of
//!   code that the kernel made while recording (BPF programs), whose frames have these names;
//! - records compressed with zstd (`perf record -z`) are those that they hold;
//! - the period is the sample's, or the event's fixed one; call chains are those of frame pointers (or of the
//!   hardware), without the marks between kernel and user; a sample without a call chain is its own address.
//!
//! Memory follows the samples: each is 48 bytes and its call chain, which equal ones share, until all are there, and
//! 32 Mi records (samples, mappings, names) are the most of one recording.
//!
//! Left out, with counted warnings: `lost-samples`, `truncated-record`, and without one user stacks and registers
//! (what DWARF unwinding starts from), branch stacks, raw data of tracepoints. Refused: big-endian files.

mod attrs;
mod header;
mod queue;
mod record;
mod records;
mod replay;
mod sample;
mod spaces;
mod unpack;

use emberglass_profile::{Batch, InputError};

use crate::window::Window;
use crate::{About, Confidence, Context, Format, Input};
use header::Head;
use records::Records;

/// The decoder of `perf.data`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerfData;

const MAGIC: &[u8] = b"PERFILE2";
const MAGIC_BIG_ENDIAN: &[u8] = b"2ELIFREP";

impl Format for PerfData {
    fn name(&self) -> &'static str {
        "perf.data"
    }

    fn about() -> About {
        About {
            title: "What `perf record` writes, as a file or a pipe",
            files: &["*perf.data"],
            specifications: &[
                "https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/perf.data-file-format.txt",
                "https://man7.org/linux/man-pages/man2/perf_event_open.2.html",
            ],
            recognised: "The magic number `PERFILE2`",
            kept: "Events, samples and periods, times, comms, process, thread and processor, call chains as addresses in their files, build ids, records compressed with zstd, names of code that the kernel made, facts of the header",
            dropped: "User stacks and registers, branch stacks, raw data: no view shows them",
            limits: "Read in slices; 32 million records; 65,536 events; 16 million mapped ranges. Refused: big-endian recordings",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        if prefix.starts_with(MAGIC) || prefix.starts_with(MAGIC_BIG_ENDIAN) {
            Confidence::Certain
        } else if file_name.to_lowercase().trim_end_matches(".gz").ends_with("perf.data") {
            Confidence::Name
        } else {
            Confidence::No
        }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let told = decode(input, context);
        // A record that was compressed has no bytes of its own in the file: its faults lie at the one that held it, and no
        // further than the file goes.
        let end = input.inflated_len();
        told.map_err(|error| InputError { offset: error.offset.map(|at| end.map_or(at, |end| at.min(end))), ..error })
    }
}

fn decode(input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
    let Context { meter, warnings, .. } = context;
    // Records are read first, and brought in order then.
    meter.stage(input.file_len() / 2, input.file_len());
    let mut head = Head::default();
    let place = head.read(input, meter, warnings)?;
    input.seek(place.from);
    let queue = Records::new(&mut head).read(&mut Window::new(input, meter), place.to, warnings)?;
    head.read_features(&place, input, meter)?;
    let mut batch = replay::replay(&head.attrs, queue, head.spaces, meter)?;
    batch.metadata = head.facts;
    Ok(batch)
}
