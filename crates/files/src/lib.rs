//! Files without a store: looked at, merged and written in other formats.
//!
//! - [`OpenedFile`]: what a file holds, member by member, packs included;
//! - [`FileSet`]: decoded files and the questions of the command line; [`FileSet::query`] asks them as a store is asked;
//! - [`Packer`]: files made into one pack;
//! - [`encode`]: profiles in another format; a result of the engine comes here as a batch.

mod cumulative;
mod export;
mod facts;
mod file_set;
mod frame_filter;
mod info;
mod open;
mod packing;
mod query;
mod query_costs;
mod query_heat_map;
mod query_series;
mod rename;
mod reports;
mod shape;
mod stated;

pub use emberglass_engine::EngineError;
pub use emberglass_formats::Encoded;
pub use export::{EncodeOptions, OutputFormat, encode, output_formats};
pub use file_set::{FileSelection, FileSet, Place};
pub use open::{OpenedFile, OpenedPack};
pub use packing::Packer;
pub use query::QueryOptions;
