//! Errors as plain objects: `{ code, message, offset }`.

use emberglass_engine::EngineError;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::convert::to_js;

#[derive(Serialize)]
struct ErrorShape<'a> {
    code: &'a str,
    message: &'a str,
    offset: Option<f64>,
}

/// What a failing export throws.
pub(crate) fn thrown(error: impl Into<EngineError>) -> JsValue {
    let EngineError { code, message, offset } = error.into();
    let shape = ErrorShape { code: &code, message: &message, offset: offset.map(|offset| offset as f64) };
    to_js(&shape).unwrap_or_else(|_failed| JsValue::from_str(&message))
}
