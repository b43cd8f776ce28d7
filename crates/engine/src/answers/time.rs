//! Over time: totals, single profiles and their records.

use emberglass_query::SeriesGroup;
use serde::Serialize;

use super::{MissingAnswer, QueryAnswer};

/// Totals over time; see `SeriesResult`.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesAnswer {
    /// Start of the first step, ns.
    pub start: i64,
    /// Step, ns.
    pub step: i64,
    /// Sum or average of each step.
    pub values: Vec<f64>,
    /// Profiles of each step.
    pub profiles: Vec<u32>,
    /// What of the selection can't be read.
    pub missing: Option<MissingAnswer>,
}

/// Totals over time by labels; see `GroupedSeries`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupedSeriesAnswer {
    /// Start of the first step, ns.
    pub start: i64,
    /// Step, ns.
    pub step: i64,
    /// Groups by falling sum.
    pub groups: Vec<SeriesGroup>,
    /// The other groups together, and how many they are.
    pub rest: Option<(u32, SeriesGroup)>,
    /// What of the selection can't be read.
    pub missing: Option<MissingAnswer>,
}

/// A page of the profiles of a selection; see `ProfilePage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfilePageAnswer {
    /// Rows of the page, by start.
    pub rows: Vec<ProfileAnswer>,
    /// Profiles in all.
    pub count: u32,
}

/// One stored profile; see `StoredProfile`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileAnswer {
    /// Names it, whatever is stored beside it.
    pub id: String,
    /// Labels of its series.
    pub labels: Vec<(String, String)>,
    /// Start, ns.
    pub start: i64,
    /// Duration, ns; 0 where unknown.
    pub duration: i64,
    /// Sum of the values.
    pub total: i64,
    /// Values are times 10^-scale.
    pub scale: u8,
    /// Sample records.
    pub records: f64,
    /// Name of the input.
    pub source: String,
}

/// One profile with its records in order of time; see `Timeline`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineAnswer {
    /// The profile as a result.
    pub result: QueryAnswer,
    /// Records.
    pub records: u32,
    /// `epoch`, or `source` for the source's own clock.
    pub clock: &'static str,
    /// Time of the first record, ns.
    pub first: i64,
    /// Time of the last record.
    pub last: i64,
}

/// Records in order of time; see `TimelinePage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelinePage {
    /// Time of each record, ns.
    pub time: Vec<i64>,
    /// Node of the result, or `0xffffffff`.
    pub node: Vec<u32>,
    /// Value.
    pub value: Vec<i64>,
}
