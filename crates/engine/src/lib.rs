//! The facade: what a host (a worker, the command line) does with Emberglass.
//!
//! [`Database`]: ingest, group commit, catalogue, queries and the views of their results, by handle.
//!
//! Hosts give time and storage; nothing here knows a clock, a thread or a browser.

mod ahead;
mod answers;
mod asking;
mod completion;
mod costing;
mod costs;
mod database;
mod derive;
mod direct;
mod error;
mod group;
mod heat_map;
mod lane_folds;
mod looking;
mod merges;
mod naming;
mod pack;
mod results;
mod shaping;
mod significance;
mod sorted_nodes;
mod source;
mod source_files;
mod storage;
mod stored_files;
mod time_chart;
mod timeline;
mod uploads;
mod views;
mod watch;

pub use ahead::Ahead;
pub use answers::*;
pub use completion::{CandidateAnswer, CompletionAnswer, CompletionText};
pub use costing::{
    CardinalityAnswer, EstimateAnswer, LabelCardinalityAnswer, ProfilesPerSeries, SeriesProfilesAnswer,
    ValueCardinalityAnswer,
};
pub use costs::{CostRow, CostTable, costs_of};
pub use database::{Database, GROUP_BYTES, StagedInput};
pub use error::EngineError;
pub use group::Ticket;
pub use heat_map::{HeatMapAnswer, HeatMapRequest, HeatMapRow};
pub use lane_folds::{FoldRequestText, FoldedChartAnswer, TimeLaneAnswer};
pub use pack::{ExportAnswer, ImportAnswer, block_of_pack, export_answer};
pub use results::{aggregation_name, top_sort};
pub use shaping::Shaping;
pub use significance::{SIGNIFICANT, Significance};
pub use source::{SourceInfo, path_labels};
pub use source_files::{SourceFileAnswer, SourceLineAnswer};
pub use storage::*;
pub use stored_files::FileName;
pub use time_chart::TimeChartAnswer;
pub use timeline::PAGE_RECORDS;
pub use watch::Watch;

pub use emberglass_query::{
    NoYield, ProfileTotal, QueryOutput, Selection, SeriesGroup, SeriesSelection, Shard, StackCondition, StackTotal,
    StackTotals, YieldNow,
};
