//! What the engine answers, as it crosses to the page (`www/engine/protocol.ts` is the other side).
//!
//! 64-bit fields (`i64`) become `bigint`; counts are `u32` or `f64` and become `number`.

use emberglass_query::{LabelValues, Missing, SeriesGroup, Widened};
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

/// What is stored; see `Catalog`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogAnswer {
    /// Generation of the manifest.
    pub generation: f64,
    /// Profiles in all.
    pub profiles: u32,
    /// Bytes of all sections.
    pub stored_bytes: f64,
    /// Services by name.
    pub services: Vec<ServiceAnswer>,
    /// What can't be read, one sentence a block; its profiles are not among the services.
    pub damaged: Vec<String>,
}

/// One service; see `CatalogService`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAnswer {
    /// `service_name`.
    pub name: String,
    /// Its profiles.
    pub profiles: u32,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// Its profile types by id.
    pub types: Vec<TypeAnswer>,
}

/// One profile type of a service; see `CatalogType`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeAnswer {
    /// Profile type id.
    pub id: String,
    /// Its sample type.
    pub sample_type: String,
    /// Base unit.
    pub unit: String,
    /// `sum` or `average`.
    pub aggregation: &'static str,
    /// Profiles of this type.
    pub profiles: u32,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// The type to show first.
    pub is_default: bool,
}

/// One input that profiles come from; see `Upload`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadAnswer {
    /// Names it.
    pub id: String,
    /// Path as dropped, or the file's name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Size of the file as it was.
    pub bytes: f64,
    /// When the import began, ms since the epoch.
    pub imported_ms: f64,
    /// `file`, `modified` or `imported`: what dates its profiles.
    pub time_source: &'static str,
    /// Profiles that are stored of it.
    pub profiles: u32,
    /// Their types, sorted.
    pub types: Vec<String>,
    /// Labels that all of them have, with the same value.
    pub labels: Vec<(String, String)>,
    /// Names of labels of some of them, or with different values.
    pub varying: Vec<String>,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// What was noticed on decoding it.
    pub warnings: Vec<WarningAnswer>,
}

/// A remark about an input; see `Warning`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WarningAnswer {
    /// Stable, kebab-case.
    pub code: String,
    /// In words.
    pub message: String,
    /// Byte offset into the inflated input.
    pub offset: Option<f64>,
    /// How often.
    pub count: f64,
}

/// Values of a label, or of a key of metadata; see `LabelValues`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelAnswer {
    /// Label name, or key.
    pub name: String,
    /// Its values.
    pub values: Vec<LabelValueAnswer>,
}

/// One value of a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelValueAnswer {
    /// The value.
    pub value: String,
    /// Profiles that carry it.
    pub profiles: u32,
}

impl From<LabelValues> for LabelAnswer {
    fn from(LabelValues { name, values }: LabelValues) -> Self {
        let value = |(value, profiles): (String, u64)| LabelValueAnswer { value, profiles: profiles as u32 };
        Self { name, values: values.into_iter().map(value).collect() }
    }
}

/// A page of the top table; see `TopPage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopAnswer {
    /// Rows of the page.
    pub rows: Vec<TopRowAnswer>,
    /// Rows in all.
    pub count: u32,
}

/// One function; see `TopRow`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopRowAnswer {
    /// Row in the result.
    pub function: u32,
    /// Name as displayed.
    pub name: String,
    /// File, empty where unknown.
    pub file: String,
    /// Line, 0 where unknown.
    pub line: u32,
    /// Package.
    pub package: String,
    /// Colour bucket.
    pub color: u16,
    /// Self value.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total value.
    pub total: i64,
}

/// One box; see `NodeInfo`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeAnswer {
    /// Node.
    pub node: u32,
    /// Function name as displayed.
    pub name: String,
    /// Linker's name.
    pub system_name: String,
    /// File.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Package.
    pub package: String,
    /// Binary.
    pub binary: String,
    /// Level.
    pub depth: u32,
    /// Self value.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total value.
    pub total: i64,
    /// Number of children.
    pub children: u32,
    /// Of a diff, the base's self value.
    pub base_self: Option<i64>,
    /// Of a diff, the base's total.
    pub base_total: Option<i64>,
    /// In a chart over time, begin and end as shares of its width.
    pub span: Option<[f64; 2]>,
}

/// A step of a path; see `PathStep`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathStepAnswer {
    /// Node.
    pub node: u32,
    /// Stored name of the function: what leads here again.
    pub name: String,
    /// Its name as it is shown.
    pub shown: String,
    /// Total value.
    pub total: i64,
}

/// What a search found; see `SearchResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SearchAnswer {
    /// Functions that match.
    pub functions: u32,
    /// Their nodes.
    pub nodes: u32,
    /// Sum of matching stacks, each once.
    pub sum: i64,
}

/// The visible part of the flame graph; see `DrawRequest`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DrawRequestText {
    /// Zoomed node.
    pub focus: u32,
    /// Visible share of the focus, from.
    pub x0: f64,
    /// Visible share of the focus, to.
    pub x1: f64,
    /// First visible level.
    pub depth0: u32,
    /// One past the last visible level.
    pub depth1: u32,
    /// Width in CSS pixels.
    pub width: f64,
    /// Narrower boxes are merged.
    pub min_width: f64,
    /// Narrower boxes carry no name.
    pub name_width: f64,
    /// Marks matches.
    pub search: String,
}

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

/// Numbers for the status line; see `EngineStatus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusAnswer {
    /// `saved`, `saving`, `degraded`, `read-only`.
    pub state: &'static str,
    /// `indexeddb`, `opfs`, `directory` or `memory`.
    pub backend: &'static str,
    /// The second copy; `None` where there is one only.
    pub replica: Option<ReplicaAnswer>,
    /// What the connection to the storage is doing: `open` where all is well.
    pub connection: &'static str,
    /// What the browser said when it found the stored database unreadable and made an empty one in its place; `None`
    /// where it did not, or does not tell.
    pub dropped: Option<String>,
    /// What waits for storage that fails; `None` while it does not.
    pub unsaved: Option<UnsavedAnswer>,
    /// When the last walk over everything ended, ms since the epoch; `None` before the first.
    pub last_scrub_ms: Option<f64>,
    /// Sections that can't be used.
    pub quarantined: u32,
    /// Generation of the manifest.
    pub generation: f64,
    /// Blocks.
    pub blocks: u32,
    /// Bytes of all sections.
    pub stored_bytes: f64,
    /// Size of wasm memory; 0 elsewhere.
    pub wasm_bytes: f64,
}

/// How the second copy stands to the first; see `ReplicaStatus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaAnswer {
    /// As the back end of the status.
    pub backend: &'static str,
    /// `in-step`, `behind`, `primary-behind`, `parted`.
    pub state: &'static str,
    /// What is wrong; empty where nothing is.
    pub why: String,
    /// Since when, ms since the epoch; 0 where nothing is.
    pub since_ms: f64,
}

/// What is in memory only, and why; see `UnsavedStatus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnsavedAnswer {
    /// Inputs that wait.
    pub inputs: u32,
    /// Their bytes, as decoded.
    pub bytes: f64,
    /// Code of what fails.
    pub code: String,
    /// What fails.
    pub why: String,
    /// Since when, ms since the epoch.
    pub since_ms: f64,
}

/// What compacting did; see `CompactResult`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompactAnswer {
    /// Blocks that became fewer ones.
    pub blocks: u32,
    /// Bytes of their sections before.
    pub bytes_before: f64,
    /// Bytes of the new ones.
    pub bytes_after: f64,
}

/// What a deletion did; see `DeleteResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DeleteAnswer {
    /// Profiles deleted.
    pub profiles: u32,
    /// Profiles of which only the samples went, and sums over steps of time stay.
    pub summed: u32,
}
