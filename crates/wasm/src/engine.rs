//! The engine for a worker: one method for each of `EngineMethods` in `www/engine/protocol.ts`, here and in the files for each
//! subject. Those that may take long have a last parameter, [`CallWatch`].

use std::rc::Rc;

use emberglass_engine::{Ahead, Database, EngineError, FileName, GROUP_BYTES, SelectionText, SourceInfo};
use emberglass_profile::Batch;
use emberglass_store::{Backend as _, BlockId, ReplicaHealth, SectionKey, SectionKind, Side, StoredManifest};
use emberglass_wasm_base::{Thrown, from_js, memory_bytes, to_js};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::FileSystemDirectoryHandle;

use crate::backend::{AnyBackend, OneBackend};
use crate::error::thrown;
use crate::host::sleep;
use crate::patience::Patience;
use crate::watch::CallWatch;

/// A group commit waits this long for company.
const GROUP_MS: i32 = 500;

/// Where profiles are kept: the part of the configuration that is no handle.
#[derive(Deserialize)]
pub(crate) struct Kept {
    pub(crate) backend: String,
    pub(crate) name: String,
    replica: Option<KeptTwice>,
}

#[derive(Deserialize)]
struct KeptTwice {
    backend: String,
}

/// A database of profiles.
#[wasm_bindgen]
pub struct Engine {
    db: Rc<Database<AnyBackend>>,
    patience: Rc<Patience>,
}

impl Engine {
    pub(crate) const fn db(&self) -> &Rc<Database<AnyBackend>> {
        &self.db
    }

    pub(crate) async fn prepare(&self, handle: u32, ahead: Ahead<'_>, watch: &JsValue) -> Thrown<()> {
        let watch = CallWatch::new(watch);
        watch.run(self.db.prepare(handle, ahead, &watch)).await
    }
}

pub(crate) fn selection(value: JsValue) -> Thrown<SelectionText> {
    from_js(value)
}

/// The folder that the user picked, where there is one.
pub(crate) fn directory(of: &JsValue) -> Option<FileSystemDirectoryHandle> {
    let handle = Reflect::get(of, &JsValue::from_str("directory")).ok()?;
    handle.is_object().then(|| handle.unchecked_into())
}

async fn open(kept: Kept, config: &JsValue) -> Result<Database<AnyBackend>, EngineError> {
    let Kept { backend, name, replica } = kept;
    let backend = match replica {
        None => AnyBackend::One(OneBackend::open(&backend, &name, directory(config)).await?),
        Some(replica) => {
            let of_replica = Reflect::get(config, &JsValue::from_str("replica")).unwrap_or_default();
            let first = OneBackend::open_of_two(&backend, &name, directory(config)).await;
            let second = OneBackend::open_of_two(&replica.backend, &name, directory(&of_replica)).await;
            AnyBackend::replicated(first, second).await?
        }
    };
    Database::open(backend).await
}

#[wasm_bindgen]
impl Engine {
    /// Opens a database, made if it does not exist: `config` says where and under which name, as `EngineMethods` does.
    ///
    /// # Errors
    /// Why the storage can't be opened.
    pub async fn open(config: JsValue) -> Thrown<Engine> {
        let kept: Kept = from_js(config.clone())?;
        let db = Rc::new(open(kept, &config).await.map_err(thrown)?);
        Ok(Self { patience: Patience::new(&db), db })
    }

    /// Calls `changed` when the status may be another one without a call having been made.
    pub fn observe(&self, changed: Function) {
        self.patience.observe(changed);
    }

    /// Numbers for the status line.
    ///
    /// # Errors
    /// None in practice.
    pub fn status(&self) -> Thrown<JsValue> {
        let mut status = self.db.status();
        let backend = self.db.backend();
        status.backend = backend.name();
        status.connection = backend.connection().name();
        status.dropped = backend.dropped();
        status.replica = backend.replica();
        status.unsaved = self.patience.unsaved();
        status.wasm_bytes = memory_bytes();
        if status.unsaved.is_some() || status.replica.as_ref().is_some_and(|replica| replica.state != "in-step") {
            status.state = "degraded";
        }
        to_js(&status)
    }

    /// The manifest as it is stored, `{ generation, bytes }`, or null: for a reader of this store in another module.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn stored_manifest(&self) -> Thrown<JsValue> {
        let stored = self.db.backend().load().await.map_err(|error| thrown(EngineError::from(error)))?;
        let Some(StoredManifest { generation, bytes }) = stored else { return Ok(JsValue::NULL) };
        let answer = Object::new();
        Reflect::set(&answer, &JsValue::from_str("generation"), &JsValue::from_f64(generation as f64))?;
        Reflect::set(&answer, &JsValue::from_str("bytes"), &Uint8Array::from(bytes.as_slice()))?;
        Ok(answer.into())
    }

    /// Sections as they are stored, null for one that is not: `keys` are block, kind and part of each in turn.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn stored_sections(&self, keys: Vec<f64>) -> Thrown<Array> {
        let (keys, _) = keys.as_chunks();
        let key = |&[block, kind, part]: &[f64; 3]| SectionKey {
            block: BlockId(block as u64),
            kind: SectionKind::from_code(kind as u8),
            part: part as u16,
        };
        let keys: Vec<SectionKey> = keys.iter().map(key).collect();
        let found = self.db.backend().get(&keys).await.map_err(|error| thrown(EngineError::from(error)))?;
        let value =
            |bytes: Option<Vec<u8>>| bytes.map_or(JsValue::NULL, |bytes| Uint8Array::from(bytes.as_slice()).into());
        Ok(found.into_iter().map(value).collect())
    }

    /// Makes two copies equal that are not; true if they are now, or if there is one only.
    ///
    /// # Errors
    /// Why they are not.
    pub async fn resync(&self) -> Thrown<bool> {
        let Some(both) = self.db.backend().both() else { return Ok(true) };
        both.resync().await.map_err(|error| thrown(EngineError::from(error)))?;
        self.patience.tell();
        Ok(both.health() == ReplicaHealth::InStep)
    }

    /// Makes the other copy equal to this one, whatever it holds: `primary` or `replica`.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn keep_copy(&self, which: String) -> Thrown<()> {
        let Some(both) = self.db.backend().both() else { return Ok(()) };
        let side = if which == "replica" { Side::Replica } else { Side::Primary };
        both.keep(side).await.map_err(|error| thrown(EngineError::from(error)))?;
        self.db.refresh().await.map_err(thrown)?;
        self.patience.tell();
        Ok(())
    }

    /// Reads the manifest anew; true if it changed.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn refresh(&self) -> Thrown<bool> {
        self.db.refresh().await.map_err(thrown)
    }

    /// Stores a decoded batch; resolves once it is durable.
    ///
    /// # Errors
    /// What is wrong with the batch, or what the storage says.
    pub async fn ingest(&self, batch: Uint8Array, source: JsValue) -> Thrown<JsValue> {
        let source: SourceInfo = from_js(source)?;
        Batch::check_wire(batch.length() as usize).map_err(thrown)?;
        let batch = Batch::from_wire(&batch.to_vec()).map_err(thrown)?;
        let waiting = self.patience.begin(source.bytes);
        let staged = loop {
            match self.db.stage(&batch, &source).await {
                Ok(staged) => break staged,
                Err(error) => self.patience.wait(error).await.map_err(thrown)?,
            }
        };
        drop(batch);
        if self.db.staged_bytes() >= GROUP_BYTES {
            let _told_to_those_who_wait = self.db.flush().await;
        } else {
            self.flush_later();
        }
        while let Err(error) = self.db.committed(staged.ticket).await {
            self.patience.retry(error).map_err(thrown)?;
        }
        drop(waiting);
        to_js(&staged.receipt)
    }

    /// Commits when the group has waited long enough. Those who wait for the commit are told how it went.
    fn flush_later(&self) {
        let db = Rc::clone(&self.db);
        spawn_local(async move {
            sleep(GROUP_MS).await;
            let _told_to_those_who_wait = db.flush().await;
        });
    }

    /// For each file whether profiles of it are stored.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn stored_files(&self, files: JsValue) -> Thrown<JsValue> {
        let files: Vec<FileName> = from_js(files)?;
        to_js(&self.db.stored_files(&files, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Commits what is staged.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn flush(&self) -> Thrown<()> {
        self.db.flush().await.map_err(thrown)
    }
}
