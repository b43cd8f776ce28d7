//! Bindings: files without a store, for the command line.
//!
//! No logic lives here. Errors are thrown as `{ code, message, offset }`.

#[cfg(target_arch = "wasm32")]
mod file_set;

#[cfg(target_arch = "wasm32")]
pub use self::file_set::{FilePacker, FileSet, FoundFile, OpenFile};
#[cfg(target_arch = "wasm32")]
pub use emberglass_wasm_base::start;
