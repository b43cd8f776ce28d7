//! The back ends of this build as one type: a generic engine for each would double the module.

use emberglass_store::{Backend, BackendError, CommitBatch, MemoryBackend, SectionKey, StoredManifest};

use crate::idb::IndexedDbBackend;

/// Memory or IndexedDB.
#[derive(Debug)]
pub(crate) enum AnyBackend {
    /// Gone with the worker.
    Memory(MemoryBackend),
    /// The browser's database.
    IndexedDb(IndexedDbBackend),
}

/// Runs an expression on either back end.
macro_rules! on {
    ($any:expr, $backend:ident => $body:expr) => {
        match $any {
            AnyBackend::Memory($backend) => $body,
            AnyBackend::IndexedDb($backend) => $body,
        }
    };
}

impl AnyBackend {
    /// The name that the page knows it by.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Memory(_) => "memory",
            Self::IndexedDb(_) => "indexeddb",
        }
    }
}

impl Backend for AnyBackend {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        on!(self, backend => backend.load().await)
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        on!(self, backend => backend.get(keys).await)
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        on!(self, backend => backend.commit(batch).await)
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        on!(self, backend => backend.list().await)
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        on!(self, backend => backend.destroy().await)
    }
}
