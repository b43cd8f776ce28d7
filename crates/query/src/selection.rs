//! Which profiles.

use emberglass_labels::Matchers;
use emberglass_profile::ProfileType;

/// Profiles of one type whose labels match and that start in [`from`, `until`), ns since the epoch; `None` is open.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The type.
    pub profile_type: ProfileType,
    /// Conditions on the labels.
    pub matchers: Matchers,
    /// First start.
    pub from: Option<i64>,
    /// One past the last start.
    pub until: Option<i64>,
}
