//! Errors as plain objects: `{ code, message, offset }`.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::to_js;

/// What an export gives or throws.
pub type Thrown<T> = Result<T, JsValue>;

#[derive(Serialize)]
struct ErrorShape<'a> {
    code: &'a str,
    message: &'a str,
    offset: Option<f64>,
}

/// The object that a failing export throws.
#[must_use]
pub fn fault(code: &str, message: &str, offset: Option<u64>) -> JsValue {
    let shape = ErrorShape { code, message, offset: offset.map(|offset| offset as f64) };
    to_js(&shape).unwrap_or_else(|_failed| JsValue::from_str(message))
}
