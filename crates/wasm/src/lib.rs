//! Bindings: the engine for a worker. Decoders and encoders live in `crates/wasm-formats`.
//!
//! No logic lives here, but for what only a browser can do: its storages as back ends ([`idb`], [`folder`]), and patience with
//! them. Errors are thrown as `{ code, message, offset }`; a trap leaves the instance unusable, and
//! the host starts a new one.

#[cfg(target_arch = "wasm32")]
mod asking;
#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(target_arch = "wasm32")]
mod error;
#[cfg(target_arch = "wasm32")]
pub mod folder;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
pub mod idb;
#[cfg(target_arch = "wasm32")]
mod looking;
#[cfg(target_arch = "wasm32")]
mod over_time;
#[cfg(target_arch = "wasm32")]
mod pack;
#[cfg(target_arch = "wasm32")]
mod patience;
#[cfg(target_arch = "wasm32")]
mod source_files;
#[cfg(target_arch = "wasm32")]
mod storage;
#[cfg(target_arch = "wasm32")]
mod watch;

#[cfg(target_arch = "wasm32")]
pub use self::engine::Engine;
#[cfg(target_arch = "wasm32")]
pub use self::pack::{PackExport, PackFile, StorageCopyExport};
#[cfg(target_arch = "wasm32")]
pub use emberglass_wasm_base::{memory_bytes, protocol_version, start};
