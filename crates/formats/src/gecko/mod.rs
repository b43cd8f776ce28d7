//! Firefox profiles: Gecko's own JSON, and the processed format that profiler.firefox.com saves and that samply
//! and other tools write.
//!
//! Specifications: <https://github.com/firefox-devtools/profiler/blob/main/docs-developer/gecko-profile-format.md>,
//! <https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md> and the
//! types in `src/types/profile.ts` there. Tables are read as rows with a schema and as columns; tables that
//! threads share (`shared`) and tables of their own; strings in `stringTable` and `stringArray`; stacks by `prefix`
//! and by `prefixOffset`; times by `time` and by `timeDeltas`; empty cells as `null`, as -1 and by `flags`; libraries
//! of functions' resources and of frames; JSON and JsonSlabs (`.jslb`): versions differ in these alone. The newest
//! processed version known is 75; newer ones are read as that, with the warning `newer-version`.
//!
//! Semantics:
//! - each thread with samples is one profile per value: `samples` (count, or the stored weights; weights in
//!   milliseconds are `time`, in bytes `space`), and `cpu`, where samples tell the processor time since the one
//!   before, which counts to the sample that tells it. `jsAllocations` and `nativeAllocations` are profiles in
//!   bytes, freed ones negative;
//! - labels: `process`, `process_id`, `thread`, `thread_id`; the category of a sample is its label `category`, of
//!   the innermost frame that has one;
//! - times are those of the samples after `meta.startTime`, the start; nested `processes` have their own;
//! - a name with ` (file:line:column)`, ` (file:line)` or ` (file)` at its end is split; a frame without symbols is its
//!   address in hexadecimal, with the library that holds it as its binary; `(root)` is left out; lines and columns
//!   are those of the frame where it has them, else where its function starts;
//! - a sample without a stack counts with the empty stack.
//!
//! Left out: threads without samples; markers (counted as `markers-skipped`), counters, screenshots, pages,
//! implementations (interpreter, compilers), subcategories, delays of events.

mod build;
mod encode;
mod encode_meta;
mod encode_tables;
mod frames;
mod process;
mod samples;
mod slabs;
mod table;
mod thread;

use emberglass_profile::{Batch, InputError, Warnings};

use crate::extension::named;
use crate::json::{Reader, Shape};
use crate::{About, Confidence, Context, Format, Input, Meter};

/// The decoder of both forms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gecko;

impl Format for Gecko {
    fn name(&self) -> &'static str {
        "gecko"
    }

    fn about() -> About {
        About {
            title: "Firefox profiles: Gecko's own and the processed format, also from samply",
            files: &["*.gecko.json", "*.samply.json", "*.profile.json"],
            specifications: &[
                "https://github.com/firefox-devtools/profiler/blob/main/docs-developer/gecko-profile-format.md",
                "https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md",
            ],
            recognised: "`meta` with `preprocessedProfileVersion` or two more of its keys, `libs` with a `breakpadId`, or `threads` with its tables",
            kept: "All processes and threads, weights, processor times, allocations, categories, libraries, native and script frames, inlined frames",
            dropped: "Markers (counted: they have no value), threads without samples, counters, pages, screenshots, subcategories, implementations",
            limits: "Read in slices; 64 columns a table; no more stacks than the file has",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        if prefix.starts_with(slabs::MAGIC) {
            return Confidence::Certain;
        }
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let is_processed = shape.has_under("meta", "preprocessedProfileVersion");
        let has_libs = shape.has("libs") && shape.has_under("libs", "breakpadId");
        let has_meta = shape.has("meta")
            && ["startTime", "processType", "sampleUnits", "markerSchema", "interval"]
                .iter()
                .filter(|key| shape.has_under("meta", key))
                .count()
                >= 2;
        let has_threads = shape.has("threads")
            && ["stackTable", "frameTable", "samples", "funcTable", "stringTable", "registerTime"]
                .iter()
                .any(|key| shape.has_under("threads", key));
        let fits = is_processed || has_libs || has_meta || has_threads;
        named(fits, file_name, &[".gecko.json", ".samply.json", ".profile.json", ".jslb"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        if !input.prefix().starts_with(slabs::MAGIC) {
            return read(input, &mut context.meter, &mut context.warnings);
        }
        let mut text = slabs::text_of(input, &mut context.meter)?;
        // Offsets into the text that is written out are none into the file.
        read(&mut text, &mut context.meter, &mut context.warnings).map_err(|error| InputError { offset: None, ..error })
    }
}

fn read(input: &mut Input<'_>, meter: &mut Meter<'_>, warnings: &mut Warnings) -> Result<Batch, InputError> {
    let mut reader = Reader::new(input, meter)?;
    let (processes, shared) = process::read(&mut reader)?;
    reader.finish(warnings)?;
    build::build(processes, &shared, warnings)
}
