//! What a decoder is told besides its input.

use emberglass_profile::{ErrorCode, InputError, Warnings, base_name};

use crate::{HOLD_LIMIT, Input, Meter};

/// The surroundings of one decoding.
pub struct Context<'p> {
    /// Name of the file, possibly with a path; empty where there is none.
    pub file_name: &'p str,
    /// Where progress goes. Knows the limit of memory: its `reach`, called while reading, refuses what has
    /// passed the limit, its `reserve` what is about to.
    pub meter: Meter<'p>,
    /// What is noticed on the way; ends up in the batch.
    pub warnings: Warnings,
    /// Most inflated bytes of the input that a decoder may hold in one piece; more than that is read in slices.
    pub hold_limit: u64,
}

impl<'p> Context<'p> {
    /// A context without warnings.
    #[must_use]
    pub fn new(file_name: &'p str, meter: Meter<'p>) -> Self {
        Self { file_name, meter, warnings: Warnings::default(), hold_limit: HOLD_LIMIT }
    }

    /// All of an input that may be held in one piece; `None` for a larger one, which is at its start again.
    ///
    /// # Errors
    /// As [`Input::read_all`].
    pub(crate) fn hold(&mut self, input: &mut Input<'_>) -> Result<Option<Vec<u8>>, InputError> {
        match input.read_all(self.hold_limit, &mut self.meter) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.code == ErrorCode::TooLarge => {
                input.rewind();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The file's name without its path, in lower case.
    #[must_use]
    pub fn lower_base_name(&self) -> String {
        base_name(self.file_name).to_lowercase()
    }
}
