//! What every module has.

use wasm_bindgen::prelude::wasm_bindgen;

/// Version of the protocol between page and workers; `PROTOCOL_VERSION` in `www/engine/protocol.ts`.
#[wasm_bindgen]
#[must_use]
pub fn protocol_version() -> u32 {
    1
}

/// Bytes of this instance's memory.
#[wasm_bindgen]
#[must_use]
pub fn memory_bytes() -> f64 {
    const PAGE: f64 = 65_536.0;
    core::arch::wasm32::memory_size(0) as f64 * PAGE
}

/// Makes panics readable in the console before they trap.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
