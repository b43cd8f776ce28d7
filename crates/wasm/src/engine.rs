//! The engine for a worker: one method for each of `EngineMethods` in `www/engine/protocol.ts`. Those that may take long have
//! a last parameter, [`CallWatch`].

use std::rc::Rc;

use emberglass_engine::{
    Ahead, CompletionText, Database, DeriveRequestText, DiffTopRequestText, DrawRequestText, EngineError, FileName,
    FoldRequestText, GROUP_BYTES, RetentionText, SelectionText, Shard, SourceInfo, YieldNow as _, path_labels,
};
use emberglass_profile::Batch;
use emberglass_store::{Backend as _, BlockId, ReplicaHealth, SectionKey, SectionKind, Side, StoredManifest};
use emberglass_wasm_base::{Thrown, from_js, memory_bytes, to_js, wire_in_pieces};
use js_sys::{Array, BigInt64Array, Function, Object, Reflect, Uint8Array, Uint32Array};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::FileSystemDirectoryHandle;

use crate::backend::{AnyBackend, OneBackend};
use crate::error::thrown;
use crate::host::{now_ns, sleep};
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

    async fn prepare(&self, handle: u32, ahead: Ahead<'_>, watch: &JsValue) -> Thrown<()> {
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

    /// What is stored.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn catalog(&self, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db.catalog(&watch)).await?)
    }

    /// The inputs that stored profiles come from.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn uploads(&self, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db.uploads(&watch)).await?)
    }

    /// Labels that a template takes from a path, as pairs.
    ///
    /// # Errors
    /// `bad-path-template`.
    pub fn labels_from_path(&self, template: &str, path: &str) -> Thrown<JsValue> {
        to_js(&path_labels(template, path).map_err(thrown)?)
    }

    /// Labels and values among the series of a selection.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn labels(&self, of: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        to_js(&watch.run(self.db.labels(&of, &watch)).await?)
    }

    /// Metadata of the profiles of a selection, by key.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn metadata(&self, of: JsValue) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db.metadata(&of, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What a query would read.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn estimate(&self, of: JsValue) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db.estimate(&of, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What the series of a selection are told apart by.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn cardinality(&self, of: JsValue, limit: u32) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db.cardinality(&of, limit, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What can stand at a position of a selector.
    ///
    /// # Errors
    /// A bad type, or what the storage says.
    pub async fn complete(&self, of: JsValue) -> Thrown<JsValue> {
        let of: CompletionText = from_js(of)?;
        to_js(&self.db.complete(&of, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Merges a selection; the result is kept under a handle.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn query(&self, of: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let mut answer = watch.run(self.db.query(&of, &watch)).await?;
        answer.elapsed_ms = watch.elapsed_ms();
        to_js(&answer)
    }

    /// The part of another engine's query over the same storage: bytes for that one, or null where there is none.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn part(&self, of: JsValue, shard: u32, shards: u32, generation: f64, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let shard = Shard { index: shard, of: shards };
        let part = watch.run(self.db.part(&of, shard, generation as u64, &watch)).await?;
        Ok(part.map_or(JsValue::NULL, |bytes| Uint8Array::from(bytes.as_slice()).into()))
    }

    /// Forgets a result.
    pub fn release(&self, handle: u32) {
        self.db.release(handle);
    }

    /// A page of the profiles of a selection.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn profiles(&self, of: JsValue, offset: u32, limit: u32, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        to_js(&watch.run(self.db.profiles(&of, offset, limit, &watch)).await?)
    }

    /// One profile with its records in order of time, or null.
    ///
    /// # Errors
    /// A bad selection or id, or what the storage says.
    pub async fn timeline(&self, of: JsValue, id: String, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let mut answer = watch.run(self.db.timeline(&of, &id, &watch)).await?;
        if let Some(answer) = &mut answer {
            answer.result.elapsed_ms = watch.elapsed_ms();
        }
        to_js(&answer)
    }

    /// A selection as stacks over time, or null.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn time_chart(&self, of: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let mut answer = watch.run(self.db.time_chart(&of, &watch)).await?;
        if let Some(answer) = &mut answer {
            answer.result.elapsed_ms = watch.elapsed_ms();
        }
        to_js(&answer)
    }

    /// A chart over time with lanes folded.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`.
    pub async fn fold_lanes(&self, handle: u32, folds: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let folds: FoldRequestText = from_js(folds)?;
        let watch = CallWatch::new(&watch);
        let mut answer = watch.run(self.db.fold_lanes(handle, &folds, &watch)).await?;
        answer.result.elapsed_ms = watch.elapsed_ms();
        to_js(&answer)
    }

    /// A page of records in order of time.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`.
    pub fn timeline_page(&self, handle: u32, offset: u32, limit: u32) -> Thrown<JsValue> {
        let page = self.db.timeline_page(handle, offset, limit).map_err(thrown)?;
        let object = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&object, &JsValue::from_str(name), value);
        set("time", &BigInt64Array::from(page.time.as_slice()))?;
        set("node", &Uint32Array::from(page.node.as_slice()))?;
        set("value", &BigInt64Array::from(page.value.as_slice()))?;
        Ok(object.into())
    }

    /// A page of the top table.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`.
    #[allow(clippy::too_many_arguments, reason = "the parameters of `EngineMethods`, and who watches")]
    pub async fn top(
        &self,
        handle: u32,
        sort: String,
        descending: bool,
        offset: u32,
        limit: u32,
        search: String,
        watch: JsValue,
    ) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::Top { sort: &sort, descending, search: &search }, &watch).await?;
        to_js(&self.db.top(handle, &sort, descending, offset, limit, &search).map_err(thrown)?)
    }

    /// The visible part of the flame graph as a draw list.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`.
    pub async fn draw(&self, handle: u32, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DrawRequestText = from_js(request)?;
        self.prepare(handle, Ahead::Draw(&request.search), &watch).await?;
        let bytes = self.db.draw(handle, &request).map_err(thrown)?;
        // A copy, never a view: its buffer is transferred.
        Ok(Uint8Array::from(bytes.as_slice()).buffer().into())
    }

    /// Searches a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`.
    pub async fn search(&self, handle: u32, pattern: String, watch: JsValue) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::Search(&pattern), &watch).await?;
        to_js(&self.db.search(handle, &pattern).map_err(thrown)?)
    }

    /// What is known of a node.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`.
    pub fn node(&self, handle: u32, node: u32) -> Thrown<JsValue> {
        to_js(&self.db.node(handle, node).map_err(thrown)?)
    }

    /// The path from the root to a node.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn path(&self, handle: u32, node: u32) -> Thrown<JsValue> {
        to_js(&self.db.path(handle, node).map_err(thrown)?)
    }

    /// The node that a path of function names leads to, or null.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn resolve(&self, handle: u32, names: JsValue) -> Thrown<JsValue> {
        let names: Vec<String> = from_js(names)?;
        let node = self.db.resolve(handle, &names).map_err(thrown)?;
        Ok(node.map_or(JsValue::NULL, JsValue::from))
    }

    /// Another view of a result, as a result of its own.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub async fn derive(&self, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DeriveRequestText = from_js(request)?;
        let watch = CallWatch::new(&watch);
        let mut answer = watch.run(self.db.derive(&request, &watch)).await?;
        answer.elapsed_ms = watch.elapsed_ms();
        to_js(&answer)
    }

    /// A page of the functions of a diff.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub async fn diff_top(&self, handle: u32, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DiffTopRequestText = from_js(request)?;
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db.diff_top(handle, &request, &watch)).await?)
    }

    /// A page of the nodes of a diff.
    ///
    /// # Errors
    /// As `diff_top`.
    pub async fn diff_nodes(&self, handle: u32, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DiffTopRequestText = from_js(request)?;
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db.diff_nodes(handle, &request, &watch)).await?)
    }

    /// Finds out how sure the changes of a diff are.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, or what the storage says.
    pub async fn significance(&self, handle: u32, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db.significance(handle, &watch)).await?)
    }

    /// A page of the children of a node.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`, `bad-argument`, `too-large`.
    pub fn children(&self, handle: u32, node: u32, sort: &str, offset: u32, limit: u32) -> Thrown<JsValue> {
        to_js(&self.db.children(handle, node, sort, offset, limit).map_err(thrown)?)
    }

    /// A page of whole stacks, the heaviest first.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub async fn stacks(&self, handle: u32, offset: u32, limit: u32, watch: JsValue) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::Stacks, &watch).await?;
        to_js(&self.db.stacks(handle, offset, limit).map_err(thrown)?)
    }

    /// A page of the lines of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, or what the storage says.
    pub async fn lines(
        &self,
        handle: u32,
        file: Option<String>,
        offset: u32,
        limit: u32,
        watch: JsValue,
    ) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db.lines(handle, file.as_deref(), offset, limit, &watch)).await?)
    }

    /// Functions and the calls between them.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub async fn call_graph(&self, handle: u32, limit: u32, watch: JsValue) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::CallGraph, &watch).await?;
        to_js(&self.db.call_graph(handle, limit).map_err(thrown)?)
    }

    /// Whether names are shown demangled or as they are stored.
    pub fn set_demangle(&self, demangle: bool) {
        self.db.set_demangle(demangle);
    }

    /// Names of C++ in a result that nothing is known about yet, at most `limit`.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn mangled_names(&self, handle: u32, limit: u32) -> Thrown<Vec<String>> {
        self.db.mangled_names(handle, limit as usize).map_err(thrown)
    }

    /// Takes what became of `names`; the empty text for one that stays as it is.
    pub fn set_demangled(&self, names: Vec<String>, shown: Vec<String>) {
        let shown = shown.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
        self.db.set_demangled(names.into_iter().zip(shown));
    }

    /// A result as the bytes of a batch, for `encode` of the formats module.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub async fn batch(&self, handle: u32, watch: JsValue) -> Thrown<Uint8Array> {
        let watch = CallWatch::new(&watch);
        let written = async {
            let batch = self.db.batch(handle, &watch).await.map_err(thrown)?;
            wire_in_pieces(&batch, || watch.yield_now()).await
        };
        watch.run_thrown(written).await
    }

    /// Merges blocks: with `idle` only where it is worth it, else all.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn compact(&self, idle: bool) -> Thrown<JsValue> {
        to_js(&self.db.compact(idle, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What is stored, in numbers.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn storage(&self) -> Thrown<JsValue> {
        to_js(&self.db.storage(&CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Says what may be dropped from now on, and drops it.
    ///
    /// # Errors
    /// `bad-argument`, or what the storage says.
    pub async fn set_retention(&self, policy: JsValue) -> Thrown<JsValue> {
        let policy: RetentionText = from_js(policy)?;
        to_js(&self.db.set_retention(&policy, now_ns()).await.map_err(thrown)?)
    }

    /// Drops what the policy of retention says.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn retain(&self) -> Thrown<JsValue> {
        to_js(&self.db.retain(now_ns()).await.map_err(thrown)?)
    }

    /// Reads everything that is stored and says what is damaged; `progress` hears of bytes read, and of how many, and ends
    /// it with `false`, then the answer is null.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn verify(&self, progress: Function) -> Thrown<JsValue> {
        let told = |done: u64, of: u64| {
            let answer = progress.call2(&JsValue::NULL, &JsValue::from(done as f64), &JsValue::from(of as f64));
            answer.is_ok_and(|answer| answer != JsValue::FALSE)
        };
        to_js(&self.db.verify(now_ns, told, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Deletes the blocks that have sections which can't be used, with all their profiles.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn discard_damaged(&self) -> Thrown<JsValue> {
        to_js(&self.db.discard_damaged().await.map_err(thrown)?)
    }

    /// Deletes the profiles of a selection, whatever their type.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn delete_profiles(&self, of: JsValue) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db.delete(&of).await.map_err(thrown)?)
    }

    /// Deletes everything.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn clear(&self) -> Thrown<()> {
        self.db.clear().await.map_err(thrown)
    }

    /// Raises a wasm trap, so that recovery from one can be tested.
    pub fn trap(&self) {
        core::arch::wasm32::unreachable()
    }
}
