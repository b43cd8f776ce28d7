//! speedscope: the file format of <https://www.speedscope.app>.
//!
//! Specification: <https://github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts>, all versions
//! (the files' `version` and `exporter` don't change the meaning of anything here).
//!
//! Semantics:
//! - one profile per entry of `profiles`, in order; the entry's name is the label `profile`; `activeProfileIndex`
//!   names the default one, without it the last is;
//! - time units become nanoseconds, as sample type `time`; `bytes` is `space`, in bytes; `none` is `samples`,
//!   a count; other units keep their name. Values are exact up to nine places below the base unit and within
//!   64 bits in all; what loses places is counted as `rounded-values`;
//! - a sampled profile's records are its samples; `weights` that are missing count 1 without a unit, else 0,
//!   with a warning. Their times are the sums of the weights before them, from `startValue`, unless some are negative;
//! - an evented profile's records are its events; the time between two events counts to the open frames,
//!   time under no frame to nothing; frames open at the end close with the last event. Events whose times run
//!   backwards are sorted, stably; the end of a frame that is not the innermost ends those inside of it, too,
//!   and one that is not open is left out, both with a warning;
//! - there is no wall clock: no start.
//!
//! Left out: `startValue` and `endValue` of evented profiles (the events say it), unknown keys.

mod build;
mod encode;
mod profile;
mod read;

use emberglass_profile::{Batch, InputError};

use crate::extension::named;
use crate::json::{Reader, Shape};
use crate::{Confidence, Context, Format, Input};

/// The speedscope decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Speedscope;

impl Format for Speedscope {
    fn name(&self) -> &'static str {
        "speedscope"
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix) else { return Confidence::No };
        if shape.text("$schema").is_some_and(|schema| schema.contains("speedscope")) {
            return Confidence::Certain;
        }
        let has_frames = shape.has("shared") && shape.has_under("shared", "frames");
        let has_profiles = shape.has("profiles") && shape.has_under("profiles", "startValue");
        named(!shape.is_array && (has_frames || has_profiles) && !shape.has("meta"), file_name, &[".speedscope.json"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let file = read::read(&mut reader)?;
        reader.finish(warnings)?;
        build::build(file, warnings)
    }
}
