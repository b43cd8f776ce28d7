//! Call graphs: what formats state that know functions and calls, but no stacks.
//!
//! A graph becomes two things: a function table with exact values (own; total = own and calls to other
//! functions, or what the format states), and samples whose stacks are put together from the calls. Own values
//! by function and the profile's total are exact in the samples, too; which callers they came through is
//! an estimate wherever a function has several.

mod graph;
mod stacks;

pub(crate) use graph::{CallGraph, NodeId};
pub(crate) use stacks::sample_table;

use emberglass_profile::Warnings;

/// Marks the profiles of a graph.
pub(crate) fn warn(warnings: &mut Warnings) {
    warnings.add("stacks-estimated", None, || {
        "the format has calls between functions, but no stacks: stacks are put together from the calls in proportion; \
         values by function are exact"
            .to_owned()
    });
}
