//! What runs when the module is loaded.

use wasm_bindgen::prelude::wasm_bindgen;

/// Version of the protocol between page and engine; `PROTOCOL_VERSION` in `www/engine/protocol.ts`.
#[wasm_bindgen]
#[must_use]
pub fn protocol_version() -> u32 {
    1
}

/// Makes panics readable in the console before they trap.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
