//! Bindings: decoding and encoding in a worker of its own; no database, one file a call.
//!
//! No logic lives here. Errors are thrown as `{ code, message, offset }`; a trap leaves the instance unusable, and
//! the host starts a new one.

#[cfg(target_arch = "wasm32")]
mod decode;
#[cfg(target_arch = "wasm32")]
mod encode;
#[cfg(target_arch = "wasm32")]
mod warning;

#[cfg(target_arch = "wasm32")]
pub use self::{
    decode::Decoder,
    encode::{encode, output_formats},
};
#[cfg(target_arch = "wasm32")]
pub use emberglass_wasm_base::{memory_bytes, protocol_version, start};
