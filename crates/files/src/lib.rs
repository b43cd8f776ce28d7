//! Files without a store: looked at, merged and written in other formats.
//!
//! - [`FileSet`]: decoded files and the questions of the command line;
//! - [`encode`]: profiles in another format; a result of the engine comes here as a batch.

mod costs;
mod export;
mod file_set;
mod info;
mod rename;

pub use emberglass_engine::EngineError;
pub use export::{EncodeOptions, Encoded, encode};
pub use file_set::{FileSelection, FileSet};
