//! What a decoder makes of one input.

use crate::{AttributeSets, FunctionCosts, InputError, ProfileType, SampleTable, StackTable, Symbols, Warnings};

/// 128-bit xxHash3 of an input's bytes after decompression: the same bytes are the same input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub u128);

/// All profiles of one input with the tables that they share.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Name of the format, e.g. `pprof`.
    pub format: String,
    /// Hash of the decompressed bytes.
    pub content_hash: ContentHash,
    /// Strings, functions, mappings, frames.
    pub symbols: Symbols,
    /// Stacks over the frames.
    pub stacks: StackTable,
    /// Attribute sets of the samples; their strings are in `symbols`.
    pub attributes: AttributeSets,
    /// Sample rows.
    pub tables: Vec<SampleTable>,
    /// Function tables, of formats that carry no full stacks: where a sample table has one, values by function
    /// come from it and not from the stacks.
    pub function_tables: Vec<FunctionCosts>,
    /// The profiles, in the order of the source.
    pub profiles: Vec<ProfileEntry>,
    /// Sample type that the source names as default, empty where it names none.
    pub default_sample_type: String,
    /// The profile that the source shows first, a row of `profiles`, where it names one by its place.
    pub default_entry: Option<u32>,
    /// The source's own name of the service or process, empty where it has none.
    pub service_name: String,
    /// Comments, in order.
    pub comments: Vec<String>,
    /// Further facts the source states: agent, architecture, documentation link, ...
    pub metadata: Vec<(String, String)>,
    /// Regular expression of frames to drop (pprof `drop_frames`), empty for none. Kept, not applied.
    pub drop_frames: String,
    /// Regular expression of frames to keep all the same (pprof `keep_frames`), empty for none.
    pub keep_frames: String,
    /// What was noticed on the way.
    pub warnings: Warnings,
}

/// One profile: a column of a sample table, and what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileEntry {
    /// Its type.
    pub profile_type: ProfileType,
    /// Which of [`Batch::tables`].
    pub table: u32,
    /// Which column of the table.
    pub column: u32,
    /// What tells this profile from the others of the input: thread, process, event.
    pub labels: Vec<(String, String)>,
    /// Start, ns since the epoch; `None` where the format has no wall clock.
    pub start: Option<i64>,
    /// Duration in ns; 0 where unknown.
    pub duration: i64,
    /// Sampling period in the period's unit; 0 where unknown.
    pub period: i64,
}

impl ProfileEntry {
    /// Value of the label of this name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Batch {
    /// Sum of a profile's values, with the scale of its column.
    ///
    /// # Errors
    /// `value-overflow` when the sum leaves the 64-bit range.
    pub fn total(&self, entry: &ProfileEntry) -> Result<(i64, u8), InputError> {
        match self.tables.get(entry.table as usize).and_then(|table| table.columns.get(entry.column as usize)) {
            Some(column) => Ok((column.total()?, column.scale)),
            None => Ok((0, 0)),
        }
    }

    /// The profile to show first: the one the source names by its place, else the last of the default sample
    /// type, else the last of all.
    #[must_use]
    pub fn default_profile(&self) -> Option<&ProfileEntry> {
        if let Some(entry) = self.default_entry.and_then(|at| self.profiles.get(at as usize)) {
            return Some(entry);
        }
        let named = |entry: &&ProfileEntry| entry.profile_type.sample_type == self.default_sample_type;
        self.profiles.iter().rfind(named).or_else(|| self.profiles.last())
    }
}
