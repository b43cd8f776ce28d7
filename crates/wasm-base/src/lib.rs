//! What all bindings share: values, errors, files and batches across the boundary, the start of a module.
//!
//! Errors are thrown as `{ code, message, offset }`.

#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(target_arch = "wasm32")]
mod error;
#[cfg(target_arch = "wasm32")]
mod file;
#[cfg(target_arch = "wasm32")]
mod start;
#[cfg(target_arch = "wasm32")]
mod wire;

#[cfg(target_arch = "wasm32")]
pub use self::{
    convert::{from_js, to_js},
    error::{Thrown, fault},
    file::{FileAccess, HostFile},
    start::{memory_bytes, protocol_version, start},
    wire::{wire_in_pieces, wire_of},
};
