//! What a decoder is told besides its input.

use emberglass_profile::{Warnings, base_name};

use crate::Meter;

/// The surroundings of one decoding.
pub struct Context<'p> {
    /// Name of the file, possibly with a path; empty where there is none.
    pub file_name: &'p str,
    /// Where progress goes. Knows the limit of memory: its `reach`, called while reading, refuses what has
    /// passed the limit, its `reserve` what is about to.
    pub meter: Meter<'p>,
    /// What is noticed on the way; ends up in the batch.
    pub warnings: Warnings,
}

impl<'p> Context<'p> {
    /// A context without warnings.
    #[must_use]
    pub fn new(file_name: &'p str, meter: Meter<'p>) -> Self {
        Self { file_name, meter, warnings: Warnings::default() }
    }

    /// The file's name without its path, in lower case.
    #[must_use]
    pub fn lower_base_name(&self) -> String {
        base_name(self.file_name).to_lowercase()
    }
}
