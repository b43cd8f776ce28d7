//! Decoding in a worker of its own: no database, one file a call.

use std::ops::ControlFlow;

use emberglass_formats::Progress;
use emberglass_profile::Warning;
use js_sys::{Function, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::convert::to_js;
use crate::error::thrown;

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

#[derive(Serialize)]
struct DecodedShape<'a> {
    format: &'a str,
    profiles: u32,
    warnings: Vec<WarningShape<'a>>,
}

#[derive(Serialize)]
struct WarningShape<'a> {
    code: &'a str,
    message: &'a str,
    offset: Option<f64>,
    count: f64,
}

impl<'a> From<&'a Warning> for WarningShape<'a> {
    fn from(warning: &'a Warning) -> Self {
        let Warning { code, message, offset, count } = warning;
        Self { code, message, offset: offset.map(|offset| offset as f64), count: *count as f64 }
    }
}

/// Decodes one file; gives `{ batch, format, profiles, warnings }` (`Decoded` in protocol.ts).
///
/// # Errors
/// `{ code, message, offset }` of the input's fault.
#[wasm_bindgen]
pub fn decode(bytes: &[u8], name: &str, progress: Option<Function>) -> Result<JsValue, JsValue> {
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
