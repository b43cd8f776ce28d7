//! The facade: what a host (a worker, the command line) does with Emberglass.
//!
//! [`Database`]: ingest, group commit, catalogue, queries and the views of their results, by handle.
//!
//! Hosts give time and storage; nothing here knows a clock, a thread or a browser.

mod answers;
mod completion;
mod costing;
mod costs;
mod database;
mod derive;
mod direct;
mod error;
mod group;
mod naming;
mod pack;
mod results;
mod shaping;
mod source;
mod storage;
mod stored_files;
mod timeline;
mod uploads;
mod view_answers;
mod views;

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
pub use pack::{ExportAnswer, ImportAnswer, block_of_pack, export_answer};
pub use results::{aggregation_name, top_sort};
pub use shaping::Shaping;
pub use source::{SourceInfo, path_labels};
pub use storage::*;
pub use stored_files::FileName;
pub use timeline::PAGE_RECORDS;
pub use view_answers::*;

pub use emberglass_query::{
    NoYield, ProfileTotal, QueryOutput, Selection, SeriesSelection, StackCondition, StackTotal, StackTotals, YieldNow,
};
