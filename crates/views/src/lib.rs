//! How to look at a merged trie: top table, flame graph, inverted tree, callers and callees, diff, call graph, search, paths,
//! reports.
//!
//! Every view is built from a [`MergedTrie`](emberglass_trie::MergedTrie) by a pure function or kept beside it as
//! columns. Invariants: values handed out are output values (averages divided, see
//! [`MergedTrie::output`](emberglass_trie::MergedTrie::output)); sums are exact or an error; walks are loops.

mod call_graph;
mod diff;
mod diff_table;
mod diff_tree;
mod display;
mod draw;
mod draw_list;
mod expression;
pub mod filter;
mod functions;
mod heaviest;
mod inverted;
mod inverted_draw;
mod inverted_path;
mod lane_folds;
mod layout;
mod lines;
mod names;
mod package;
mod package_native;
mod package_path;
mod path;
mod pivot;
pub mod report;
mod search;
mod significance;
mod source_files;
mod time_chart;
mod top;
mod viewport;

pub use call_graph::{CallEdge, CallGraph};
pub use diff::{DiffRow, FunctionDiff, share_change};
pub use diff_table::{
    DiffNode, DiffPage, DiffRequest, DiffSort, diff_nodes, diff_nodes_sliced, diff_page, diff_page_sliced,
};
pub use diff_tree::{Change, DIFF_COLORS, DiffTree};
pub use display::display_name;
pub use draw::{DrawBox, DrawRequest, FLAG_ANCESTOR, FLAG_MATCH, FLAG_MERGED, time_boxes, visible_boxes};
pub use draw_list::{
    DRAW_LIST_MAGIC, DRAW_LIST_VERSION, DRAW_LIST_VERSION_DIFF, diff_draw_list, draw_list, inverted_draw_list,
    time_draw_list,
};
pub use expression::PatternError;
pub use functions::FunctionPackages;
pub use heaviest::{heaviest_stacks, heaviest_stacks_sliced};
pub use inverted::{InvertedError, InvertedNode, InvertedTree};
pub use inverted_path::{inverted_node_info, inverted_path, inverted_resolve};
pub use lane_folds::{FoldedLanes, fold_lanes};
pub use layout::Layout;
pub use lines::{LineRow, lines, lines_sliced};
pub use names::Names;
pub use package::{COLOR_BUCKETS, Package, color_of, package_of};
pub use path::{NodeInfo, NodeValues, PathStep, ROOT_NAME, node_info, node_info_of, path, resolve};
pub use pivot::{callees, callers};
pub use search::{Pattern, Search};
pub use significance::{FEWEST, Spread, adjusted, welch};
pub use source_files::{SourceFile, SourceLine, source_files, source_lines};
pub use time_chart::{LaneRecords, MOST_CALLS, TimeChart, TimeCharting};
pub use top::{TopPage, TopRequest, TopRow, TopSort, TopTable};
