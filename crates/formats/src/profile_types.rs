//! Types of profiles whose formats state no period.

use emberglass_profile::ProfileType;

/// The type of that name and sample type, with a base unit and without a period.
pub(crate) fn type_without_period(name: &str, sample_type: &str, sample_unit: &str) -> ProfileType {
    ProfileType {
        name: name.to_owned(),
        sample_type: sample_type.to_owned(),
        sample_unit: sample_unit.to_owned(),
        ..ProfileType::default()
    }
}
