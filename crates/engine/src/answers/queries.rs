//! What goes in: inputs and selections, and the head of a result.

use emberglass_query::{Missing, Widened};
use serde::{Deserialize, Serialize};

/// The answer to an ingest; see `IngestReceipt`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngestReceipt {
    /// False when all of it was stored before.
    pub stored: bool,
    /// The profiles' `service_name`.
    pub service: String,
    /// Type to show first.
    pub default_type: String,
    /// Start of the first profile, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// Profiles written.
    pub profiles: u32,
    /// `file`, `modified` or `imported`: where `from` comes from.
    pub time_source: &'static str,
}

/// Which profiles; see `Selection`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelectionText {
    /// Profile type id; empty only where all types are meant.
    pub profile_type: String,
    /// Matchers.
    pub matchers: String,
    /// Inclusive start, ns.
    pub from: Option<i64>,
    /// Exclusive end, ns.
    pub until: Option<i64>,
    /// Whether samples are cut at the edges of the range; only queries, time charts and estimates take it.
    pub cut_samples: bool,
    /// Ids of uploads; only exports and deletions take them.
    pub uploads: Option<Vec<String>>,
    /// Frame filters in order, as [`crate::Shaping`] reads them; only queries, time charts and series take them.
    pub filters: Vec<String>,
    /// What frames are told apart by; only queries and series take it.
    pub granularity: Option<String>,
}

/// A result in the engine; see `QueryResult`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryAnswer {
    /// Names the result in later calls.
    pub handle: u32,
    /// Profile type id.
    pub profile_type: String,
    /// Its sample type.
    pub sample_type: String,
    /// Base unit of the values.
    pub unit: String,
    /// `sum` or `average`.
    pub aggregation: &'static str,
    /// Profiles merged.
    pub profiles: u32,
    /// Sum of all values.
    pub total: i64,
    /// Values are times 10^-scale.
    pub scale: u8,
    /// Nodes of the merged trie without the root.
    pub nodes: u32,
    /// Functions in its top table.
    pub functions: u32,
    /// Where its top table comes from: `stacks`, `function-costs` or `mixed`.
    pub top_from: &'static str,
    /// Deepest level.
    pub depth: u32,
    /// True where a value is negative.
    pub negative: bool,
    /// `flame`, `inverted`, `callers`, `callees` or `diff`.
    pub view: &'static str,
    /// Of a diff, the base's total, with the scale of the other; else `None`.
    pub base_total: Option<i64>,
    /// What of the selection can't be read, and is not in it.
    pub missing: Option<MissingAnswer>,
    /// The range that it is of, where that is wider than the selection's.
    pub widened: Option<WidenedAnswer>,
    /// Milliseconds; filled in by a host with a clock.
    pub elapsed_ms: f64,
}

/// A range of starts; `widened` of a `QueryResult`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WidenedAnswer {
    /// First start, ns.
    pub from: i64,
    /// One past the last.
    pub until: i64,
}

impl From<Widened> for WidenedAnswer {
    fn from(Widened { from, until }: Widened) -> Self {
        Self { from, until }
    }
}

/// What an answer had to leave out; see `Missing` in protocol.ts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingAnswer {
    /// Profiles.
    pub profiles: f64,
    /// True if some of them may not belong to the selection.
    pub at_most: bool,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
}

impl From<Missing> for MissingAnswer {
    fn from(missing: Missing) -> Self {
        let Missing { profiles, at_most, from, until } = missing;
        Self { profiles: profiles as f64, at_most, from, until }
    }
}
