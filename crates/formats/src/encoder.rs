//! The encoders, and what they write.
//!
//! A new output format is one file that implements [`Encoder`] and one line in [`encoders`].

use emberglass_profile::{InputError, Warnings};

use crate::{Export, folded, gecko, pprof, pyroscope, speedscope};

/// Most bytes of one output: every stack of a folded, speedscope or pprof file is spelt out, so that deep tries
/// grow with the square of their depth.
pub(crate) const MAX_OUTPUT: usize = 1 << 30;

/// A file that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// What the format could not carry as it was: `renamed-frames`, `rounded-values`, ... What a format has no place
    /// for at all (times in folded stacks) is said in its module, not here.
    pub warnings: Warnings,
}

/// One output format.
pub trait Encoder: Sync {
    /// Name as users see it, lower case: what `--to` takes.
    fn name(&self) -> &'static str;

    /// What a person calls such a file: `folded stacks`.
    fn description(&self) -> &'static str;

    /// Endings of file names, without the first dot; the first is given to new files.
    fn extensions(&self) -> &'static [&'static str];

    /// Media type of the bytes.
    fn media_type(&self) -> &'static str;

    /// True where one file holds profiles of several types, threads and processes; false where an export must be
    /// of one type, whose profiles are added up.
    fn holds_many(&self) -> bool;

    /// Writes the profiles of an export. The same export gives the same bytes.
    ///
    /// # Errors
    /// `too-large` for more than 1 GiB, `value-overflow` for a sum beyond 64 bits.
    fn encode(&self, export: &Export<'_>) -> Result<Encoded, InputError>;
}

/// The encoders of formats that hold whole stacks.
#[must_use]
pub fn encoders() -> &'static [&'static dyn Encoder] {
    &[&pprof::Pprof, &folded::Folded, &speedscope::Speedscope, &gecko::Gecko, &pyroscope::flamebearer::Flamebearer]
}
