//! Bindings: Pyroscope's HTTP interface over a store in memory, or over that of a page.
//!
//! No logic lives here. Errors are thrown as `{ code, message, offset }`.

#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod server;

#[cfg(target_arch = "wasm32")]
pub use self::host::StoreAccess;
#[cfg(target_arch = "wasm32")]
pub use self::server::{Answer, Server};
#[cfg(target_arch = "wasm32")]
pub use emberglass_wasm_base::{memory_bytes, start};
