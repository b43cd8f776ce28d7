//! Decoded files and the questions of the command line.

use emberglass_wasm_base::{Thrown, fault, from_js};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

fn thrown(error: emberglass_files::EngineError) -> JsValue {
    fault(&error.code, &error.message, error.offset)
}

/// Files looked at without storing them, for the command line.
#[wasm_bindgen]
#[derive(Default)]
pub struct FileSet {
    files: emberglass_files::FileSet,
}

#[wasm_bindgen]
impl FileSet {
    /// No files.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes a file and keeps it.
    ///
    /// # Errors
    /// The input's fault.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Thrown<()> {
        self.files.add(name, bytes, &mut emberglass_formats::NoProgress).map_err(thrown)
    }

    /// Mangled names of C++ in the files, each once.
    #[must_use]
    pub fn mangled_names(&self) -> Vec<String> {
        self.files.mangled_names()
    }

    /// From now on answers with demangled names; `shown` has what `names` of C++ stand for, the empty text where one
    /// stays as it is.
    pub fn demangle(&mut self, names: Vec<String>, shown: Vec<String>) {
        self.files.demangle(&names.into_iter().zip(shown).filter(|(_, shown)| !shown.is_empty()).collect());
    }

    /// JSON text of the array of files.
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn info(&self) -> Thrown<String> {
        self.files.info().map_err(thrown)
    }

    /// JSON text of the top table.
    ///
    /// # Errors
    /// A selection that the files can't answer.
    pub fn top(&self, selection: JsValue) -> Thrown<String> {
        self.files.top(&from_js(selection)?).map_err(thrown)
    }

    /// The files merged, in another format.
    ///
    /// # Errors
    /// A selection that the files can't answer, or `unknown-format`.
    pub fn convert(&mut self, selection: JsValue) -> Thrown<Uint8Array> {
        let bytes = self.files.convert(&from_js(selection)?).map_err(thrown)?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// JSON text of the array of warnings of the last conversion.
    ///
    /// # Errors
    /// None in practice.
    pub fn warnings(&self) -> Thrown<String> {
        self.files.warnings().map_err(thrown)
    }
}
