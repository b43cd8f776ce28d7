//! A batch, of a file or of a result of the engine, to the bytes of a file.

use emberglass_files::{Encoded, EngineError};
use emberglass_profile::Batch;
use emberglass_wasm_base::{Thrown, fault, from_js, to_js};
use js_sys::{Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::warning::WarningShape;

#[derive(Serialize)]
struct EncodedShape<'a> {
    warnings: Vec<WarningShape<'a>>,
}

fn thrown(error: impl Into<EngineError>) -> JsValue {
    let EngineError { code, message, offset } = error.into();
    fault(&code, &message, offset)
}

/// The formats that [`encode`] writes (`OutputFormat` in protocol.ts).
///
/// # Errors
/// None in practice.
#[wasm_bindgen]
pub fn output_formats() -> Thrown<JsValue> {
    to_js(&emberglass_files::output_formats())
}

/// Writes a batch as a file of `format`; gives `{ bytes, warnings }` (`Encoded` in protocol.ts).
///
/// # Errors
/// `{ code, message, offset }`: a format that is not known or can't carry the data.
#[wasm_bindgen]
pub fn encode(batch: &[u8], format: &str, options: JsValue) -> Thrown<JsValue> {
    let batch = Batch::from_wire(batch).map_err(thrown)?;
    let Encoded { bytes, warnings } = emberglass_files::encode(&batch, format, &from_js(options)?).map_err(thrown)?;
    let shape = EncodedShape { warnings: warnings.as_slice().iter().map(WarningShape::from).collect() };
    let encoded = to_js(&shape)?;
    Reflect::set(encoded.unchecked_ref(), &JsValue::from_str("bytes"), &Uint8Array::from(bytes.as_slice()))?;
    Ok(encoded)
}
