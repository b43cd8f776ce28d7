//! Decoded files and the questions of the command line.

use std::ops::ControlFlow;

use emberglass_files::{OpenedFile, Packer, Place};
use emberglass_formats::{Member, Progress};
use emberglass_wasm_base::{FileAccess, HostFile, Thrown, fault, from_js, memory_bytes, to_js};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

fn thrown(error: emberglass_files::EngineError) -> JsValue {
    fault(&error.code, &error.message, error.offset)
}

/// Watches nothing but the memory.
struct Memory;

impl Progress for Memory {
    fn report(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn memory(&self) -> u64 {
        memory_bytes() as u64
    }
}

/// One file under decoding.
#[wasm_bindgen]
pub struct OpenFile {
    opened: OpenedFile<'static>,
}

#[wasm_bindgen]
impl OpenFile {
    /// Opens a file; what is wrong with it shows when it is added.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(file: FileAccess, name: &str) -> Self {
        Self { opened: OpenedFile::new(HostFile::from(file), name) }
    }

    /// Decodes the file, or its next member if it is an archive; undefined behind the last.
    #[wasm_bindgen(js_name = next)]
    pub fn next_member(&mut self) -> Option<FoundFile> {
        self.opened.next(&mut Memory).map(|member| FoundFile { member })
    }
}

/// A file, or a member of an archive, decoded or refused.
#[wasm_bindgen]
pub struct FoundFile {
    member: Member,
}

#[wasm_bindgen]
impl FoundFile {
    /// Name of the file, with the path in the archive.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.member.name.clone()
    }

    /// True for a member of an archive.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn archived(&self) -> bool {
        self.member.is_archived
    }
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

    /// Keeps a decoded file.
    ///
    /// # Errors
    /// Why it could not be decoded.
    pub fn add(&mut self, found: FoundFile) -> Thrown<()> {
        self.files.add_member(found.member).map_err(thrown)
    }

    /// Keeps a decoded file, and where it comes from: the path that labels are read from, its modification in ms since the
    /// epoch, and whether it is of the side that is compared with the base.
    ///
    /// # Errors
    /// Why it could not be decoded.
    #[wasm_bindgen(js_name = addFrom)]
    pub fn add_from(&mut self, found: FoundFile, path: String, modified_ms: f64, is_head: bool) -> Thrown<()> {
        self.files.add_member_of(found.member, Place { path, modified_ms, is_head }).map_err(thrown)
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

    /// JSON text of the array of the files' warnings.
    ///
    /// # Errors
    /// None in practice.
    #[wasm_bindgen(js_name = fileWarnings)]
    pub fn file_warnings(&self) -> Thrown<String> {
        self.files.file_warnings().map_err(thrown)
    }

    /// Drops the frames that the files themselves say to drop.
    ///
    /// # Errors
    /// `bad-frame-filter`, `value-overflow`.
    #[wasm_bindgen(js_name = dropFrames)]
    pub fn drop_frames(&mut self) -> Thrown<()> {
        self.files.drop_frames().map_err(thrown)
    }

    /// Applies frame filters and a granularity to the files; see `Files.filter` in `www/cli/engine.ts`.
    ///
    /// # Errors
    /// `bad-filter`, `bad-argument`, `bad-path-template`, `value-overflow`.
    pub fn filter(
        &mut self,
        filters: Vec<String>,
        granularity: Option<String>,
        template: Option<String>,
    ) -> Thrown<()> {
        self.files.filter(&filters, granularity.as_deref(), template.as_deref()).map_err(thrown)
    }

    /// JSON text of the top table.
    ///
    /// # Errors
    /// A selection that the files can't answer.
    pub fn top(&self, selection: JsValue) -> Thrown<String> {
        self.files.top(&from_js(selection)?).map_err(thrown)
    }

    /// JSON text of the answer to a question.
    ///
    /// # Errors
    /// A question that can't be read, or that the files can't answer.
    pub fn query(&self, options: JsValue) -> Thrown<String> {
        self.files.query(&from_js(options)?).map_err(thrown)
    }

    /// JSON text of the functions of both sides.
    ///
    /// # Errors
    /// A selection that the files can't answer.
    pub fn diff(&self, selection: JsValue) -> Thrown<String> {
        self.files.diff(&from_js(selection)?).map_err(thrown)
    }

    /// The formats that [`Self::convert`] writes.
    ///
    /// # Errors
    /// None in practice.
    pub fn output_formats(&self) -> Thrown<JsValue> {
        to_js(&emberglass_files::output_formats())
    }

    /// The files merged, in another format.
    ///
    /// # Errors
    /// A selection that the files can't answer, or `unknown-format`.
    pub fn convert(&self, selection: JsValue) -> Thrown<Uint8Array> {
        let bytes = self.files.convert(&from_js(selection)?).map_err(thrown)?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// JSON text of the array of warnings of the last answer.
    ///
    /// # Errors
    /// None in practice.
    pub fn warnings(&self) -> Thrown<String> {
        self.files.warnings().map_err(thrown)
    }
}

/// Files that become one pack.
#[wasm_bindgen]
pub struct FilePacker {
    packer: Packer,
}

#[wasm_bindgen]
impl FilePacker {
    /// Nothing yet; `template` names labels in the leading folders of paths.
    ///
    /// # Errors
    /// None in practice.
    #[wasm_bindgen(constructor)]
    pub fn new(template: Option<String>) -> Thrown<FilePacker> {
        Ok(Self { packer: Packer::new(template.as_deref()).map_err(thrown)? })
    }

    /// Takes a decoded file under the path that the template is for.
    ///
    /// # Errors
    /// Why it could not be decoded or stored, `bad-path-template`.
    pub fn add(&mut self, found: FoundFile, path: &str, modified_ms: f64) -> Thrown<()> {
        self.packer.add(found.member, path, modified_ms).map_err(thrown)
    }

    /// Works on, and gives the next bytes: none where there is more to do first; undefined behind the last.
    ///
    /// # Errors
    /// `no-profiles`.
    pub fn step(&mut self) -> Thrown<Option<Uint8Array>> {
        if self.packer.is_done() {
            return Ok(None);
        }
        let bytes = self.packer.step().map_err(thrown)?;
        Ok(Some(Uint8Array::from(bytes.as_slice())))
    }

    /// Bytes merged, bytes there are, profiles, files, files that were added before.
    #[must_use]
    pub fn counts(&self) -> Vec<f64> {
        let ((merged, total), (profiles, files, duplicates)) = (self.packer.progress(), self.packer.counts());
        [merged, total, profiles, files, duplicates].map(|count| count as f64).to_vec()
    }
}
