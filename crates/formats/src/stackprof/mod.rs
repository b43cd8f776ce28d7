//! stackprof: the JSON of Ruby's sampling profiler, `StackProf.results` with `raw: true` or without.
//!
//! Source of the format: <https://github.com/tmm1/stackprof#all-options>; there is no specification.
//!
//! Semantics:
//! - `samples` (count), and in the modes `cpu` and `wall` then the time in nanoseconds: the sum of
//!   `raw_timestamp_deltas`, without them the interval for each sample; mode `object` counts allocations;
//! - `raw` holds the stacks, root first, each with the times it was seen; `raw_lines`, of the same shape, the lines that
//!   ran, else a frame's line is where its method starts; `raw_sample_timestamps` are the samples' times;
//! - without `raw` there are no stacks: own and total counts by method are kept as a function table, stacks are the
//!   methods alone, and the warning `no-stacks` says so;
//! - there is no wall clock: no start.
//!
//! Left out: `edges` and `lines` of methods, samples that the profiler missed (`missed_samples`, with a warning).

mod build;
mod read;

use emberglass_profile::{Batch, InputError};

use crate::extension::named;
use crate::json::{Reader, Shape};
use crate::{About, Confidence, Context, Format, Input};

/// The stackprof decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stackprof;

impl Format for Stackprof {
    fn name(&self) -> &'static str {
        "stackprof"
    }

    fn about() -> About {
        About {
            title: "stackprof, Ruby's sampling profiler",
            files: &["*.stackprof.json", "*.stackprof"],
            specifications: &["https://github.com/tmm1/stackprof#all-options"],
            recognised: "`mode` with `interval` or `gc_samples`",
            kept: "Raw stacks with times and lines; without raw data own and total counts by method as a function table",
            dropped: "`edges` (calls without stacks), `lines` of methods",
            limits: "Read in slices; 64 million stacks",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let fits = shape.has("mode") && (shape.has("interval") || shape.has("gc_samples"));
        named(fits, file_name, &[".stackprof.json", ".stackprof"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let file = read::read(&mut reader)?;
        reader.finish(warnings)?;
        build::build(file, warnings)
    }
}
