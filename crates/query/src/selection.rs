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
    /// How the values of several profiles become one; `None` for what suits the type.
    pub aggregate: Option<Aggregation>,
}

impl Selection {
    /// How the values of several profiles become one.
    #[must_use]
    pub fn aggregation(&self) -> Aggregation {
        self.aggregate.unwrap_or_else(|| self.profile_type.aggregation())
    }
}
