//! Where profiles come from.

use emberglass_labels::LabelSet;
use emberglass_profile::{ContentHash, Warning};

/// What dates the profiles of a source that has no wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimeSource {
    /// The file itself.
    #[default]
    File,
    /// The file's modification time.
    Modified,
    /// The time of the import.
    Imported,
}

impl TimeSource {
    /// The number it is stored as.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::File => 0,
            Self::Modified => 1,
            Self::Imported => 2,
        }
    }

    /// The value of a stored number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::File),
            1 => Some(Self::Modified),
            2 => Some(Self::Imported),
            _ => None,
        }
    }
}

/// What the importer knows of a batch beside the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Path as dropped, or the file's name.
    pub name: String,
    /// Size of the file as it was.
    pub bytes: u64,
    /// Labels of every profile of the batch, `service_name` among them. They win over what the file says.
    pub labels: LabelSet,
    /// When the import began, ns since the epoch.
    pub imported: i64,
    /// Start of profiles that have none, ns since the epoch.
    pub fallback_start: i64,
    /// Where `fallback_start` comes from.
    pub fallback_source: TimeSource,
}

/// What names an input: its bytes and the name that it came under.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceKey {
    /// Hash of its inflated bytes.
    pub content_hash: ContentHash,
    /// Path as dropped, or the file's name.
    pub name: String,
}

/// One input that profiles of a block come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Hash of its inflated bytes.
    pub content_hash: ContentHash,
    /// Path as dropped, or the file's name.
    pub name: String,
    /// Name of its format.
    pub format: String,
    /// Size of the file as it was.
    pub bytes: u64,
    /// What dates its profiles.
    pub time_source: TimeSource,
    /// When the import began, ns since the epoch.
    pub imported: i64,
    /// Sample type it names as default, empty where it names none.
    pub default_sample_type: String,
    /// Comments, in order.
    pub comments: Vec<String>,
    /// Further facts it states.
    pub metadata: Vec<(String, String)>,
    /// Regular expression of frames to drop, empty for none. Kept, not applied.
    pub drop_frames: String,
    /// Regular expression of frames to keep all the same, empty for none.
    pub keep_frames: String,
    /// What was noticed on decoding it.
    pub warnings: Vec<Warning>,
    /// Its own name of the service or process, empty where it has none.
    pub service_name: String,
    /// The profile that it shows first, by its place among its profiles, where it names one so.
    pub default_entry: Option<u32>,
}

impl Source {
    /// What names it, in whatever block it is.
    #[must_use]
    pub fn key(&self) -> SourceKey {
        SourceKey { content_hash: self.content_hash, name: self.name.clone() }
    }
}
