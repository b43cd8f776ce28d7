//! From a selection of profiles to an answer: which blocks and rows, then their sums.
//!
//! Invariants:
//! - a profile belongs to a selection by its type, its labels, its metadata and its start, [from, until) in nanoseconds;
//! - cumulative types add up; of instant types each series counts with the mean of its profiles in the selection, kept
//!   as sums and counts and divided only at output;
//! - what formats of call graphs state for each function is added up beside their stacks, which are estimates;
//! - where samples are to be cut, a profile that has a time for each of them counts with those in the range, if it has any there;
//! - a range is read as sums of whole steps of time where there are any, and as profiles; the answer is the same. Where only
//!   sums are left, a range is widened to whole steps, and the answer says so;
//! - work is done in slices with a [`YieldNow`] between them, so that a host can answer others; dropping the future
//!   cancels;
//! - what is stored and can't be read is left out, and the answer says how much that is;
//! - a block that was replaced in the meantime, by another tab or a compaction, makes the work start again with the new
//!   manifest, a few times at most.

mod batches;
mod cardinality;
mod catalog;
mod clock;
mod completion;
mod cover;
mod cut;
mod directories;
mod error;
mod estimate;
mod heat_map;
mod labels;
mod lanes;
mod missing;
mod moment;
mod plan;
mod profiles;
mod run;
mod selection;
mod series;
mod shard;
mod shard_parts;
mod shares;
mod stack_totals;
mod stated;
mod time_series;
mod timeline;
mod told_apart;
mod yielding;

pub use batches::merge_batches;
pub use cardinality::{Cardinality, LabelCardinality, SeriesProfiles, ValueCardinality, cardinality};
pub use catalog::{Catalog, CatalogService, CatalogType, catalog};
pub use completion::{Candidate, CandidateKind, Completion, CompletionRequest, complete};
pub use emberglass_trie::{NoYield, YieldNow};
pub use error::QueryError;
pub use estimate::{Estimate, estimate};
pub use heat_map::{Density, HeatMap, Observation, ValueRange, density, kept_density};
pub use labels::{LabelValues, labels, metadata};
pub use lanes::{Lane, Lanes, lanes};
pub use missing::Missing;
pub use moment::{MomentError, parse_moment, parse_span};
pub use plan::{Plan, Widened, plan};
pub use profiles::{StoredProfile, profiles};
pub use run::{QueryOutput, QueryRun, run};
pub use selection::Selection;
pub use series::{ProfileTotal, SeriesSelection, series};
pub use shard::Shard;
pub use shares::{FunctionShares, ShareSums, function_shares};
pub use stack_totals::{StackCondition, StackTotal, StackTotals, kept_totals, stack_totals};
pub use stated::{StatedCosts, StatedFunction};
pub use time_series::{
    GroupedSeries, SeriesGroup, TimeSeries, grouped_series, kept_grouped_series, kept_time_series, time_series,
};
pub use timeline::{NO_NODE, Timeline, timeline};
