//! The engine's errors.

use emberglass_engine::EngineError;
use emberglass_wasm_base::fault;
use wasm_bindgen::JsValue;

/// What a failing export throws.
pub(crate) fn thrown(error: impl Into<EngineError>) -> JsValue {
    let EngineError { code, message, offset } = error.into();
    fault(&code, &message, offset)
}
