//! Bindings: demangling of C++, loaded when a mangled name of C++ is to be shown.
//!
//! A trap leaves the instance unusable; the host starts a new one and shows the name as it is.

use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_arch = "wasm32")]
pub use emberglass_wasm_base::start;

/// A mangled name of C++ as people write it; null for every other name.
#[wasm_bindgen]
#[must_use]
pub fn demangle(name: &str) -> Option<String> {
    emberglass_demangle::cpp(name)
}
