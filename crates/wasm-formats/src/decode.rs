//! Bytes of a file to a batch for the engine.

use std::ops::ControlFlow;

use emberglass_formats::Progress;
use emberglass_profile::InputError;
use emberglass_wasm_base::{Thrown, fault, to_js};
use js_sys::{Function, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::warning::WarningShape;

/// Tells a JavaScript function how far decoding is; a function that returns `false` cancels.
struct Report(Option<Function>);

impl Progress for Report {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        let Some(function) = &self.0 else { return ControlFlow::Continue(()) };
        match function.call2(&JsValue::NULL, &JsValue::from_f64(done as f64), &JsValue::from_f64(total as f64)) {
            Ok(answer) if answer == JsValue::FALSE => ControlFlow::Break(()),
            Ok(_) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

fn thrown(error: InputError) -> JsValue {
    fault(error.code.as_str(), &error.message, error.offset)
}

#[derive(Serialize)]
struct DecodedShape<'a> {
    format: &'a str,
    profiles: u32,
    warnings: Vec<WarningShape<'a>>,
}

/// Decodes one file; gives `{ batch, format, profiles, warnings }` (`Decoded` in protocol.ts).
///
/// # Errors
/// `{ code, message, offset }` of the input's fault.
#[wasm_bindgen]
pub fn decode(bytes: &[u8], name: &str, progress: Option<Function>) -> Thrown<JsValue> {
    let batch = emberglass_formats::decode(bytes, name, &mut Report(progress)).map_err(thrown)?;
    let shape = DecodedShape {
        format: &batch.format,
        profiles: batch.profiles.len() as u32,
        warnings: batch.warnings.as_slice().iter().map(WarningShape::from).collect(),
    };
    let decoded = to_js(&shape)?;
    // A copy, never a view: a view would carry all of wasm memory with it.
    let wire = Uint8Array::from(batch.to_wire().as_slice());
    Reflect::set(decoded.unchecked_ref(), &JsValue::from_str("batch"), &wire)?;
    Ok(decoded)
}
