//! Packs across the boundary: handed out and taken in piece by piece.

use std::rc::Rc;

use emberglass_engine::{Database, EngineError, ExportAnswer, SelectionText, block_of_pack, export_answer};
use emberglass_store::{BackendError, Export, PackItem, PackReader, StorageCopy};
use emberglass_wasm_base::{Thrown, from_js, to_js};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::backend::{AnyBackend, OneBackend};
use crate::engine::{Engine, Kept, directory};
use crate::error::thrown;
use crate::watch::CallWatch;

/// An export under way.
#[wasm_bindgen]
pub struct PackExport {
    db: Rc<Database<AnyBackend>>,
    export: Export,
}

#[wasm_bindgen]
impl PackExport {
    /// The next bytes of the file; undefined behind the last.
    ///
    /// # Errors
    /// What the storage says: the same call may be tried again.
    pub async fn next(&mut self) -> Thrown<Option<Uint8Array>> {
        let chunk = self.db.export_chunk(&mut self.export, &CallWatch::nobody()).await.map_err(thrown)?;
        Ok(chunk.map(|chunk| Uint8Array::from(chunk.as_slice())))
    }

    /// What was handed out so far; `ExportResult`.
    ///
    /// # Errors
    /// None in practice.
    pub fn report(&self) -> Thrown<JsValue> {
        to_js(&export_answer(&self.export))
    }
}

/// A copy of a storage that this version can't read, under way.
#[wasm_bindgen]
pub struct StorageCopyExport {
    backend: OneBackend,
    copy: StorageCopy,
}

#[wasm_bindgen]
impl StorageCopyExport {
    /// Begins to copy what lies where `config` says, as for `Engine.open`: the first of two copies.
    ///
    /// # Errors
    /// What the storage says, or that nothing is stored there.
    pub async fn begin(config: JsValue) -> Thrown<StorageCopyExport> {
        let begin = async |Kept { backend, name, .. }: Kept| {
            let backend = OneBackend::open_any_version(&backend, &name, directory(&config)).await?;
            let copy = StorageCopy::begin(&backend).await?;
            let copy = copy.ok_or_else(|| BackendError::Other("nothing is stored here".to_owned()))?;
            Ok::<_, BackendError>(Self { backend, copy })
        };
        begin(from_js(config.clone())?).await.map_err(|error| thrown(EngineError::from(error)))
    }

    /// The next bytes of the file; undefined behind the last.
    ///
    /// # Errors
    /// What the storage says: the same call may be tried again; `storage-conflict` if something was stored meanwhile.
    pub async fn next(&mut self) -> Thrown<Option<Uint8Array>> {
        let piece = self.copy.next(&self.backend).await.map_err(|error| thrown(EngineError::from(error)))?;
        Ok(piece.map(|piece| Uint8Array::from(piece.as_slice())))
    }

    /// What was handed out so far, as `ExportResult`: how many profiles it has only a later version can tell.
    ///
    /// # Errors
    /// None in practice.
    pub fn report(&self) -> Thrown<JsValue> {
        let bytes = self.copy.bytes() as f64;
        to_js(&ExportAnswer { bytes, done: bytes, total: bytes, ..ExportAnswer::default() })
    }
}

/// A pack that is taken apart.
#[wasm_bindgen]
#[derive(Default)]
pub struct PackFile {
    reader: PackReader,
    damaged: f64,
}

#[wasm_bindgen]
impl PackFile {
    /// Nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.reader.push(bytes);
    }

    /// The next block, for `import_block`; undefined if that takes more bytes.
    ///
    /// # Errors
    /// `not-a-pack`, `pack-newer-version`, `pack-damaged`: nothing more can be read then.
    #[wasm_bindgen(js_name = next)]
    pub fn next_block(&mut self) -> Thrown<Option<Uint8Array>> {
        loop {
            match self.reader.next_item().map_err(|error| thrown(EngineError::from(error)))? {
                None => return Ok(None),
                Some(PackItem::Block(block)) => return Ok(Some(Uint8Array::from(block_of_pack(&block).as_slice()))),
                Some(PackItem::Damaged { profiles, .. }) => self.damaged += profiles as f64,
                Some(_end) => {}
            }
        }
    }

    /// Profiles of damaged blocks, which were left out.
    #[must_use]
    pub fn damaged(&self) -> f64 {
        self.damaged
    }

    /// To be asked behind the last bytes.
    ///
    /// # Errors
    /// `pack-truncated`, `not-a-pack`.
    pub fn finish(&self) -> Thrown<()> {
        self.reader.finish().map_err(|error| thrown(EngineError::from(error)))
    }
}

#[wasm_bindgen]
impl Engine {
    /// Begins to hand out a selection, or everything with null.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn begin_export(&self, of: JsValue) -> Thrown<PackExport> {
        let of: Option<SelectionText> = from_js(of)?;
        let export = self.db().begin_export(of.as_ref()).await.map_err(thrown)?;
        Ok(PackExport { db: Rc::clone(self.db()), export })
    }

    /// Begins to hand out what waits to be stored, and nothing else.
    ///
    /// # Errors
    /// What is staged is too large for a block.
    pub fn begin_export_of_unsaved(&self) -> Thrown<PackExport> {
        let export = self.db().begin_export_of_unsaved().map_err(thrown)?;
        Ok(PackExport { db: Rc::clone(self.db()), export })
    }

    /// Stores what is not stored yet of a block of a pack.
    ///
    /// # Errors
    /// What is wrong with the block, or what the storage says.
    pub async fn import_block(&self, bytes: Uint8Array) -> Thrown<JsValue> {
        to_js(&self.db().import_block(&bytes.to_vec()).await.map_err(thrown)?)
    }
}
