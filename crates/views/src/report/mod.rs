//! Reports: a result as a file for people, programs and language models.
//!
//! | report | for | carries |
//! |---|---|---|
//! | [`csv`] | spreadsheets | every function with its exact values |
//! | [`json`] | programs | the same object as `emberglass top --json` |
//! | [`tree_json`], [`stacks_json`], [`diff_json`] | programs | nodes, whole stacks, two selections side by side |
//! | [`lines_json`], [`call_graph_json`] | programs | lines of the source; functions and the calls between them |
//! | [`call_graph_dot`] | Graphviz | the same graph |
//! | [`markdown`] | pull requests, language models | totals, first functions, packages, heaviest stacks, warnings; bounded in size |
//! | [`svg`] | documents | the flame graph as a picture, without script |
//! | [`payload`] | the page with the interactive flame graph | functions and stacks, exactly; it can be imported again |
//!
//! Invariants: a report depends on its arguments only; text of a profile is escaped for the format it is written to,
//! and control characters and direction marks of names are shown, not obeyed, wherever people read them; values that
//! are written as numbers are exact decimals, divided where the trie has a divisor.

mod calls;
mod cut;
mod facts;
mod markdown;
mod markdown_text;
mod numbers;
mod page;
mod paint;
mod stacks;
mod summary;
mod svg;
mod table;
mod text;

pub use calls::{call_graph_dot, call_graph_json, lines_json};
pub use facts::Facts;
pub use markdown::markdown;
pub use page::{PAYLOAD_VERSION, payload};
pub use paint::{Paint, paint};
pub use stacks::{DiffOptions, DiffSureness, diff_json, stacks_json, tree_json};
pub use svg::{SVG_WIDTH, svg};
pub use table::{FunctionRow, FunctionTable, csv, json};
