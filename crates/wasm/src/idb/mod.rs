//! The back end in IndexedDB.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `manifest` | `"current"` | `{ generation: number, bytes: ArrayBuffer }` |
//! | `sections` | `[block, kind, part]`, numbers | ArrayBuffer |
//!
//! Invariants: a commit is one transaction over both stores, flushed before it completes; the generation is compared
//! inside it. A transaction that could not begin because the connection is gone is begun again on a new one; one that
//! began is never repeated here.

mod connection;
pub(crate) mod error;
mod transaction;
mod values;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use emberglass_store::{Backend, BackendError, CommitBatch, Connection, SectionKey, StoredManifest};
use idb::request::{GetStoreRequest, PutStoreRequest};
use idb::{ObjectStore, Request as _, StoreEvent as _};
use wasm_bindgen::JsValue;
use web_sys::IdbTransaction;

use self::connection::{Link, Open};
use self::error::from_idb;
use self::transaction::{Mode, Running, abort};
use self::values::{
    bytes_from_js, bytes_to_js, generation_from_js, key_from_js, key_to_js, manifest_from_js, manifest_to_js,
};

const MANIFEST_STORE: &str = "manifest";
const SECTIONS_STORE: &str = "sections";
const CURRENT: &str = "current";
/// Attempts to begin a transaction on a connection that turns out to be lost.
const MAX_ATTEMPTS: u32 = 3;

/// A database of IndexedDB.
pub struct IndexedDbBackend {
    link: Link,
}

impl fmt::Debug for IndexedDbBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedDbBackend").finish_non_exhaustive()
    }
}

impl IndexedDbBackend {
    /// Opens the database `name`, made if it does not exist.
    ///
    /// # Errors
    /// `NewerVersion`, `Blocked`, or that it can't be opened.
    pub async fn open(name: &str) -> Result<Self, BackendError> {
        let link = Link::new(name);
        link.get().await?;
        Ok(Self { link })
    }

    /// Opens the database `name` even if a later version made it: to be read only.
    ///
    /// # Errors
    /// As [`Self::open`], without `NewerVersion`.
    pub async fn open_any_version(name: &str) -> Result<Self, BackendError> {
        let link = Link::to_any_version(name);
        link.get().await?;
        Ok(Self { link })
    }

    /// Deletes the database `name`. Waits until other tabs gave it up.
    ///
    /// # Errors
    /// That it can't be deleted.
    pub async fn delete_database(name: &str) -> Result<(), BackendError> {
        connection::delete(name).await
    }

    /// Tells `observer` of every change of the connection's state.
    pub fn observe(&self, observer: impl Fn(&Connection) + 'static) {
        self.link.observe(observer);
    }

    /// Where the connection is.
    pub fn connection(&self) -> Connection {
        self.link.state()
    }

    /// What the browser said when it found the stored database unreadable and made an empty one in its place; `None` where
    /// it did not, or does not tell. Chromium tells.
    pub fn dropped(&self) -> Option<String> {
        self.link.dropped()
    }

    /// Closes the connection; the next operation opens it again.
    pub fn close(&self) {
        self.link.close();
    }

    /// One transaction: `issue` issues every request, `finish` reads their results after it completed.
    async fn transact<T, R>(
        &self,
        stores: &[&str],
        mode: Mode,
        issue: impl FnOnce(&Running) -> Result<T, BackendError>,
        finish: impl FnOnce(T) -> Result<R, BackendError>,
    ) -> Result<R, BackendError> {
        let (open, running) = self.begin(stores, mode).await?;
        let requests = issue(&running);
        let ended = running.end(requests).await;
        if let Err(BackendError::ConnectionLost(_)) = &ended {
            self.link.lost(&open);
        }
        finish(ended?)
    }

    async fn begin(&self, stores: &[&str], mode: Mode) -> Result<(Rc<Open>, Running), BackendError> {
        let mut attempt = 1;
        loop {
            let open = self.link.get().await?;
            match Running::begin(&open.raw, stores, mode) {
                Ok(running) => return Ok((open, running)),
                Err(BackendError::ConnectionLost(_)) if attempt < MAX_ATTEMPTS => self.link.lost(&open),
                Err(error) => return Err(error),
            }
            attempt += 1;
        }
    }
}

fn get(store: &ObjectStore, key: JsValue) -> Result<GetStoreRequest, BackendError> {
    store.get(key).map_err(|error| from_idb(&error))
}

fn put(store: &ObjectStore, key: &JsValue, value: &JsValue) -> Result<PutStoreRequest, BackendError> {
    store.put(value, Some(key)).map_err(|error| from_idb(&error))
}

fn result(request: &impl idb::Request) -> Result<JsValue, BackendError> {
    request.result().map_err(|error| from_idb(&error))
}

/// Compares the stored generation when it is read, inside the transaction; aborts it if it is another.
struct Comparison {
    request: GetStoreRequest,
    verdict: Rc<RefCell<Option<BackendError>>>,
}

impl Comparison {
    fn issue(store: &ObjectStore, expected: u64, transaction: IdbTransaction) -> Result<Self, BackendError> {
        let mut request = get(store, CURRENT.into())?;
        let verdict = Rc::new(RefCell::new(None));
        let outcome = Rc::clone(&verdict);
        request.on_success(move |event| {
            let stored = event.result().map_err(|error| from_idb(&error));
            let found = stored.and_then(|stored| generation_from_js(&stored.unwrap_or(JsValue::UNDEFINED)));
            let refusal = match found {
                Ok(found) if found == expected => return,
                Ok(found) => BackendError::Conflict { found },
                Err(error) => error,
            };
            *outcome.borrow_mut() = Some(refusal);
            abort(&transaction);
        });
        Ok(Self { request, verdict })
    }
}

impl Drop for Comparison {
    fn drop(&mut self) {
        // Dropped before its answer came, the handler must outlive it.
        if !matches!(self.request.ready_state(), Ok(idb::request::RequestReadyState::Done)) {
            self.request.forget_callbacks();
        }
    }
}

impl Backend for IndexedDbBackend {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        let issue = |running: &Running| get(&running.store(MANIFEST_STORE)?, CURRENT.into());
        self.transact(&[MANIFEST_STORE], Mode::Read, issue, |request| manifest_from_js(&result(&request)?)).await
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let issue = |running: &Running| {
            let store = running.store(SECTIONS_STORE)?;
            keys.iter().map(|&key| get(&store, key_to_js(key))).collect::<Result<Vec<_>, _>>()
        };
        let finish = |requests: Vec<GetStoreRequest>| {
            let value = |request: &GetStoreRequest| {
                let value = result(request)?;
                if value.is_undefined() { Ok(None) } else { bytes_from_js(&value).map(Some) }
            };
            requests.iter().map(value).collect()
        };
        self.transact(&[SECTIONS_STORE], Mode::Read, issue, finish).await
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        let CommitBatch { expected_generation, manifest, puts, deletes } = batch;
        let mut values = Vec::with_capacity(puts.len());
        for (key, value) in &puts {
            values.push((key_to_js(*key), bytes_to_js(value)?));
        }
        let manifest = manifest_to_js(&manifest)?;
        let (open, running) = self.begin(&[MANIFEST_STORE, SECTIONS_STORE], Mode::WriteStrictly).await?;
        let mut comparison = None;
        let mut issue = || {
            let manifests = running.store(MANIFEST_STORE)?;
            comparison = Some(Comparison::issue(&manifests, expected_generation, running.raw())?);
            let sections = running.store(SECTIONS_STORE)?;
            let mut deleted = Vec::with_capacity(deletes.len());
            for &key in &deletes {
                deleted.push(sections.delete(key_to_js(key)).map_err(|error| from_idb(&error))?);
            }
            let mut written = Vec::with_capacity(values.len() + 1);
            for (key, value) in &values {
                written.push(put(&sections, key, value)?);
            }
            written.push(put(&manifests, &CURRENT.into(), &manifest)?);
            Ok((deleted, written))
        };
        let requests = issue();
        let ended = running.end(requests).await;
        if let Some(refusal) = comparison.as_ref().and_then(|comparison| comparison.verdict.take()) {
            return Err(refusal);
        }
        if let Err(BackendError::ConnectionLost(_)) = &ended {
            self.link.lost(&open);
        }
        ended.map(|_requests| ())
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        let issue = |running: &Running| {
            running.store(SECTIONS_STORE)?.get_all_keys(None, None).map_err(|error| from_idb(&error))
        };
        let finish = |request: idb::request::GetAllKeysStoreRequest| {
            let keys = js_sys::Array::from(&result(&request)?);
            let mut keys: Vec<SectionKey> = keys.iter().map(|key| key_from_js(&key)).collect::<Result<_, _>>()?;
            emberglass_columns::heap_sort(&mut keys);
            Ok(keys)
        };
        self.transact(&[SECTIONS_STORE], Mode::Read, issue, finish).await
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        let issue = |running: &Running| {
            let clear = |store| running.store(store)?.clear().map_err(|error| from_idb(&error));
            Ok([clear(MANIFEST_STORE)?, clear(SECTIONS_STORE)?])
        };
        self.transact(&[MANIFEST_STORE, SECTIONS_STORE], Mode::WriteStrictly, issue, |_requests| Ok(())).await
    }
}
