//! Which profiles.

use emberglass_labels::{Matchers, TagFilter, TagFrames};
use emberglass_profile::{Aggregation, ProfileType};

/// Profiles of one type whose labels match and that start in [`from`, `until`), ns since the epoch; `None` is open.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The type.
    pub profile_type: ProfileType,
    /// Conditions on the labels.
    pub matchers: Matchers,
    /// Further conditions on the labels, all of which must hold.
    pub tags: Vec<TagFilter>,
    /// Labels whose values stand in the stacks as frames.
    pub tag_frames: TagFrames,
    /// First start.
    pub from: Option<i64>,
    /// One past the last start.
    pub until: Option<i64>,
    /// Of a profile that has a time for each sample only those count whose time is in [`from`, `until`), wherever it starts.
    /// Only what merges stacks ([`crate::run`], [`crate::plan`], [`crate::estimate`]) takes it.
    pub cut_samples: bool,
    /// Keys of metadata that profiles of a series are told apart by, as if they were labels `__meta_KEY`. Only answers by
    /// series ([`crate::density`], [`crate::stack_totals`]) take them.
    pub metadata: Vec<String>,
    /// How the values of several profiles become one; `None` for what suits the type.
    pub aggregate: Option<Aggregation>,
}

impl Selection {
    /// True if samples may have to be cut.
    pub(crate) const fn cuts(&self) -> bool {
        self.cut_samples && (self.from.is_some() || self.until.is_some())
    }

    /// How the values of several profiles become one.
    #[must_use]
    pub fn aggregation(&self) -> Aggregation {
        self.aggregate.unwrap_or_else(|| self.profile_type.aggregation())
    }
}
