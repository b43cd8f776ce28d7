//! How to look at a merged trie: top table, flame graph, search, paths, reports.
//!
//! Every view is built from a [`MergedTrie`](emberglass_trie::MergedTrie) by a pure function or kept beside it as
//! columns. Invariants: values handed out are output values (averages divided, see
//! [`MergedTrie::output`](emberglass_trie::MergedTrie::output)); sums are exact or an error; walks are loops.

mod diff;
mod display;
mod draw;
mod draw_list;
pub mod filter;
mod functions;
mod layout;
mod names;
mod package;
mod package_native;
mod package_path;
mod path;
pub mod report;
mod search;
mod top;

pub use diff::{DiffRow, FunctionDiff, share_change};
pub use display::display_name;
pub use draw::{DrawBox, DrawRequest, FLAG_ANCESTOR, FLAG_MATCH, FLAG_MERGED, visible_boxes};
pub use draw_list::{DRAW_LIST_MAGIC, DRAW_LIST_VERSION, draw_list};
pub use functions::FunctionPackages;
pub use layout::Layout;
pub use names::Names;
pub use package::{COLOR_BUCKETS, Package, color_of, package_of};
pub use path::{NodeInfo, PathStep, ROOT_NAME, node_info, path, resolve};
pub use search::{Pattern, PatternError, Search};
pub use top::{TopPage, TopRequest, TopRow, TopSort, TopTable};
