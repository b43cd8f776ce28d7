//! What is seen of a result by its handle.

use serde::{Deserialize, Serialize};

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

/// Names to be demangled by the host; see `MangledNames`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MangledNamesAnswer {
    /// Names, as stored.
    pub names: Vec<String>,
    /// Where to go on; `None` at the end.
    pub next: Option<u32>,
}
