//! Views of a result.

use emberglass_views::LineRow;
use serde::{Deserialize, Serialize};

/// What to make of a result; see `DeriveRequest`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeriveRequestText {
    /// The result.
    pub handle: u32,
    /// `inverted`, `callers`, `callees` or `diff`.
    pub kind: String,
    /// Of callers and callees: which functions.
    pub pattern: String,
    /// Of a diff: the result to compare with.
    pub base: u32,
    /// Of a diff: whether shares are compared, or values.
    pub normalised: bool,
}

/// Which rows of a diff's functions; see `DiffTopRequest`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiffTopRequestText {
    /// `totalChange`, `selfChange`, `self`, `total`, `baseSelf`, `baseTotal`, `name` or, of functions, `totalP`.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Rows to skip.
    pub offset: u32,
    /// Most rows.
    pub limit: u32,
    /// Which functions; all if empty.
    pub pattern: String,
    /// `all`, `new`, `gone`, `grown` or `shrunk`.
    pub filter: String,
    /// Only functions that changed significantly, once that was asked.
    pub significant: bool,
}

/// A page of a diff's functions; see `DiffTopPage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DiffTopAnswer {
    /// Rows of the page.
    pub rows: Vec<DiffTopRowAnswer>,
    /// Rows in all.
    pub count: u32,
}

/// What became of a function or a node: what the rows of a diff share.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeAnswer {
    /// Name as displayed.
    pub name: String,
    /// File of the function; empty if unknown.
    pub file: String,
    /// Its line; 0 if unknown.
    pub line: u32,
    /// Package; empty if unknown.
    pub package: String,
    /// `new`, `gone`, `grown`, `shrunk` or `same`.
    pub change: &'static str,
    /// Self value of the base.
    pub base_self: i64,
    /// Self value of the head.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total of the base.
    pub base_total: i64,
    /// Total of the head.
    pub total: i64,
    /// Share of the head's total minus share of the base's, of the self value.
    pub self_change: f64,
    /// The same of the total.
    pub total_change: f64,
}

/// One function name on both sides; see `DiffTopRow`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffTopRowAnswer {
    /// First of its functions in the result.
    pub function: u32,
    /// What became of it.
    #[serde(flatten)]
    pub of: ChangeAnswer,
    /// Adjusted probability that the self value's share changed as much by chance, once that was asked.
    pub self_p: Option<f64>,
    /// The same of the total.
    pub total_p: Option<f64>,
}

/// A page of a diff's nodes; see `DiffNodesPage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DiffNodesAnswer {
    /// Rows of the page.
    pub rows: Vec<DiffNodeAnswer>,
    /// Rows in all.
    pub count: u32,
}

/// One node of a diff; see `DiffNodeRow`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DiffNodeAnswer {
    /// Row in the result.
    pub node: u32,
    /// What became of it.
    #[serde(flatten)]
    pub of: ChangeAnswer,
}

/// How sure the changes of a diff are; see `SignificanceAnswer` in protocol.ts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignificanceAnswer {
    /// Inputs of the base.
    pub base_inputs: u32,
    /// Inputs of the head.
    pub head_inputs: u32,
    /// Fewest on each side.
    pub fewest: u32,
    /// True if there are enough on both sides.
    pub enough: bool,
    /// Functions that changed significantly.
    pub changed: u32,
}

/// A page of the children of a node; see `ChildrenPage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChildrenAnswer {
    /// Rows of the page.
    pub rows: Vec<ChildAnswer>,
    /// Children in all.
    pub count: u32,
}

/// One child of a node; see `ChildRow`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildAnswer {
    /// Node.
    pub node: u32,
    /// Function name as displayed.
    pub name: String,
    /// File.
    pub file: String,
    /// Line, 0 where unknown.
    pub line: u32,
    /// Package.
    pub package: String,
    /// Colour as in a draw list.
    pub color: u16,
    /// Self value.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total.
    pub total: i64,
    /// Whether there is something below it.
    pub has_children: bool,
    /// Of a diff, the base's self value.
    pub base_self: Option<i64>,
    /// Of a diff, the base's total.
    pub base_total: Option<i64>,
}

/// A page of whole stacks; see `StacksPage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StacksAnswer {
    /// Rows of the page.
    pub rows: Vec<StackAnswer>,
    /// Stacks in all.
    pub count: u32,
}

/// One whole stack; see `StackRow`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StackAnswer {
    /// Node in which it ends; `None` in views from the leaves.
    pub node: Option<u32>,
    /// Names as displayed, outermost first: of a deep stack the innermost ones.
    pub stack: Vec<String>,
    /// Functions in the stack.
    pub depth: u32,
    /// Its value.
    #[serde(rename = "self")]
    pub self_value: i64,
}

/// A page of lines of the source; see `LinesPage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinesAnswer {
    /// Rows of the page.
    pub rows: Vec<LineAnswer>,
    /// Lines in all.
    pub count: u32,
}

/// One line of a function; see `LineRow`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineAnswer {
    /// File, empty where unknown.
    pub file: String,
    /// Line, 0 where unknown.
    pub line: u32,
    /// Stored name of the function.
    pub function: String,
    /// Self value.
    #[serde(rename = "self")]
    pub self_value: i64,
    /// Total.
    pub total: i64,
}

impl From<LineRow<'_>> for LineAnswer {
    fn from(row: LineRow<'_>) -> Self {
        Self {
            file: row.file.to_owned(),
            line: row.line,
            function: row.function.to_owned(),
            self_value: row.self_value,
            total: row.total,
        }
    }
}

/// Functions and the calls between them; see `CallGraphResult`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallGraphAnswer {
    /// The functions with the largest totals.
    pub functions: Vec<crate::TopRowAnswer>,
    /// Calls among them.
    pub edges: Vec<CallEdgeAnswer>,
    /// Functions that are left out.
    pub functions_left_out: u32,
    /// Calls that are left out with them.
    pub edges_left_out: u32,
}

/// Calls of one function by another; see `CallEdge`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CallEdgeAnswer {
    /// Row of the function that calls.
    pub caller: u32,
    /// Row of the function that is called.
    pub callee: u32,
    /// Value of the stacks with such a call.
    pub value: i64,
}
