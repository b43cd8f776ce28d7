//! The compressed prefix tree of stacks: insertion with a memo, merging, totals.
//!
//! Invariants: a parent's row is smaller than its child's; a (parent, key) pair has one row; every walk is
//! a loop over columns, so that depth is bounded by memory only.

mod adding;
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
mod within;
mod yielding;

pub use adding::Adding;
pub use builder::StackBuilder;
pub use children::ChildIndex;
pub use finishing::Finishing;
pub use join::join_batches;
pub use merged::{Granularity, MergedTrie, output_value};
pub use merger::Merger;
pub use prune::prune;
pub use tree::{Tree, TreeOverflow};
pub use within::Within;
pub use yielding::{NoYield, Work, YieldNow, add, at_once, finish, merge, merge_within, slices, sorted};
