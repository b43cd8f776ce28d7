//! Bindings: the engine for a worker, decoding for its helpers, files for the command line.
//!
//! No logic lives here. Errors are thrown as `{ code, message, offset }`; a trap leaves the instance unusable, and
//! the host starts a new one.

#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(target_arch = "wasm32")]
mod decode;
#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(target_arch = "wasm32")]
mod error;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
pub mod idb;

#[cfg(target_arch = "wasm32")]
mod start;

#[cfg(target_arch = "wasm32")]
pub use self::{
    decode::decode,
    engine::{Engine, FileSet},
    host::memory_bytes,
    start::{protocol_version, start},
};
