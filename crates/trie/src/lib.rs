//! The compressed prefix tree of stacks: insertion with a memo, merging, totals.
//!
//! Invariants: a parent's row is smaller than its child's; a (parent, key) pair has one row; every walk is
//! a loop over columns, so that depth is bounded by memory only.

mod batch;
mod builder;
mod children;
mod finishing;
mod functions;
mod join;
mod layer;
mod merged;
mod merger;
mod prune;
mod sums;
mod tree;
mod wire;
mod yielding;

pub use builder::StackBuilder;
pub use children::ChildIndex;
pub use finishing::Finishing;
pub use join::join_batches;
pub use layer::LayerValues;
pub use merged::{Granularity, MergedTrie, output_value};
pub use merger::Merger;
pub use prune::prune;
pub use tree::{Tree, TreeOverflow};
pub use wire::WireError;
pub use yielding::{
    NoYield, Work, YieldNow, at_once, finish, merge_unsorted, merge_within, slices, slices_back, sorted,
};
