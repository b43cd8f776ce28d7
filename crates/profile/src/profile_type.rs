//! Profile types, named as Pyroscope names them.

use std::fmt;
use std::str::FromStr;

/// `name:sample_type:sample_unit:period_type:period_unit`; the period parts may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileType {
    /// What was profiled: `process_cpu`, `memory`, ...
    pub name: String,
    /// What the values count: `cpu`, `inuse_space`, ...
    pub sample_type: String,
    /// Base unit of the values: `nanoseconds`, `bytes`, `count`, or the source's own.
    pub sample_unit: String,
    /// What triggers a sample.
    pub period_type: String,
    /// Unit of the period.
    pub period_unit: String,
}

/// Whether values of a type add up over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregation {
    /// Cumulative types: values of different times add up.
    Sum,
    /// Instant types: values are a state, averaged over the profiles of a range.
    Average,
}

/// Why a text is not a profile type id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a profile type id: expected five parts, name:sample_type:sample_unit:period_type:period_unit, \
     found {parts}"
)]
pub struct ProfileTypeError {
    /// The text.
    pub text: String,
    /// Parts found.
    pub parts: usize,
}

impl ProfileType {
    /// Instant are `inuse_*`, `goroutine`, `goroutines`, `live` and `threadcreate`; everything else adds.
    #[must_use]
    pub fn aggregation(&self) -> Aggregation {
        match self.sample_type.as_str() {
            "goroutine" | "goroutines" | "live" | "threadcreate" => Aggregation::Average,
            other if other.starts_with("inuse_") => Aggregation::Average,
            _ => Aggregation::Sum,
        }
    }

    /// True for what Go's run time counts from the start of a process on: allocations, and waits for locks and channels
    /// (<https://pkg.go.dev/runtime/pprof#Profile>). A profile of these that has no duration holds all of it.
    #[must_use]
    pub fn counts_from_start(&self) -> bool {
        let period = (self.period_type.as_str(), self.period_unit.as_str());
        match self.sample_type.as_str() {
            "alloc_objects" | "alloc_space" => period == ("space", "bytes"),
            "contentions" | "delay" => period == ("contentions", "count"),
            _ => false,
        }
    }

    /// True if `text` is the full id or just the sample type.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        text == self.sample_type || text == self.to_string()
    }
}

impl fmt::Display for ProfileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, sample_type, sample_unit, period_type, period_unit } = self;
        write!(f, "{name}:{sample_type}:{sample_unit}:{period_type}:{period_unit}")
    }
}

impl FromStr for ProfileType {
    type Err = ProfileTypeError;

    fn from_str(text: &str) -> Result<Self, ProfileTypeError> {
        let parts: Vec<&str> = text.split(':').collect();
        let [name, sample_type, sample_unit, period_type, period_unit] = parts[..] else {
            return Err(ProfileTypeError { text: text.to_owned(), parts: parts.len() });
        };
        Ok(Self {
            name: name.to_owned(),
            sample_type: sample_type.to_owned(),
            sample_unit: sample_unit.to_owned(),
            period_type: period_type.to_owned(),
            period_unit: period_unit.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip() {
        for id in ["process_cpu:cpu:nanoseconds:cpu:nanoseconds", "samples:ticks:count::"] {
            assert_eq!(id.parse::<ProfileType>().unwrap().to_string(), id);
        }
        assert_eq!("memory:inuse_space".parse::<ProfileType>().unwrap_err().parts, 2);
    }

    #[test]
    fn go_counts_allocations_and_waits_from_the_start() {
        let counts = |id: &str| id.parse::<ProfileType>().unwrap().counts_from_start();
        for id in ["memory:alloc_space:bytes:space:bytes", "mutex:delay:nanoseconds:contentions:count"] {
            assert!(counts(id), "{id}");
        }
        for id in
            ["memory:inuse_space:bytes:space:bytes", "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "x:delay:ms::"]
        {
            assert!(!counts(id), "{id}");
        }
    }

    #[test]
    fn states_are_averaged_and_costs_added() {
        let aggregation = |sample_type: &str| {
            ProfileType { sample_type: sample_type.to_owned(), ..ProfileType::default() }.aggregation()
        };
        for state in ["inuse_space", "inuse_objects", "goroutine", "goroutines", "live", "threadcreate"] {
            assert_eq!(aggregation(state), Aggregation::Average, "{state}");
        }
        for cost in ["cpu", "samples", "alloc_space", "delay", "contentions", "liveness"] {
            assert_eq!(aggregation(cost), Aggregation::Sum, "{cost}");
        }
    }
}
