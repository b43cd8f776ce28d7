//! A file, or the members of an archive, to batches for the engine.

use std::ops::ControlFlow;

use emberglass_formats::{Member, Members, Progress};
use emberglass_wasm_base::{FileAccess, HostFile, Thrown, fault, memory_bytes, to_js, wire_of};
use js_sys::{Function, Reflect};
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

    fn memory(&self) -> u64 {
        memory_bytes() as u64
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberShape<'a> {
    name: &'a str,
    bytes: f64,
    modified_ms: Option<f64>,
    archived: bool,
}

#[derive(Serialize)]
struct DecodedShape<'a> {
    format: &'a str,
    profiles: u32,
    warnings: Vec<WarningShape<'a>>,
}

/// One file under decoding.
#[wasm_bindgen]
pub struct Decoder {
    members: Members<'static>,
}

#[wasm_bindgen]
impl Decoder {
    /// Opens a file; what is wrong with it the first member tells.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(file: FileAccess, name: &str) -> Self {
        Self { members: Members::new(HostFile::from(file), name) }
    }

    /// Decodes the file, or the next member if it is an archive: `Member` in protocol.ts, null behind the last.
    ///
    /// # Errors
    /// None in practice: what is wrong with a member is part of the answer.
    pub fn next(&mut self, progress: Option<Function>) -> Thrown<JsValue> {
        self.members.next(&mut Report(progress)).map_or(Ok(JsValue::NULL), |member| shape(&member))
    }
}

fn shape(member: &Member) -> Thrown<JsValue> {
    let Member { name, bytes, modified, is_archived, result } = member;
    let modified_ms = modified.map(|seconds| seconds as f64 * 1000.0);
    let shaped = to_js(&MemberShape { name, bytes: *bytes as f64, modified_ms, archived: *is_archived })?;
    let (decoded, error) = match result {
        Ok(batch) => {
            let warnings = batch.warnings.as_slice().iter().map(WarningShape::from).collect();
            let shape = DecodedShape { format: &batch.format, profiles: batch.profiles.len() as u32, warnings };
            let decoded = to_js(&shape)?;
            let wire = wire_of(batch)?;
            Reflect::set(decoded.unchecked_ref(), &JsValue::from_str("batch"), &wire)?;
            (decoded, JsValue::NULL)
        }
        Err(error) => (JsValue::NULL, fault(error.code.as_str(), &error.message, error.offset)),
    };
    Reflect::set(shaped.unchecked_ref(), &JsValue::from_str("decoded"), &decoded)?;
    Reflect::set(shaped.unchecked_ref(), &JsValue::from_str("error"), &error)?;
    Ok(shaped)
}
