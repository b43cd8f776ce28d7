//! Files of the source and their lines across the boundary.

use emberglass_wasm_base::{Thrown, to_js};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::Engine;
use crate::watch::CallWatch;

#[wasm_bindgen]
impl Engine {
    /// Files of the source of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `value-overflow`, or what the storage says.
    pub async fn source_files(&self, handle: u32, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().source_files(handle, &watch)).await?)
    }

    /// Lines of a file of the source.
    ///
    /// # Errors
    /// As [`Self::source_files`].
    pub async fn source_lines(&self, handle: u32, file: String, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().source_lines(handle, &file, &watch)).await?)
    }
}
