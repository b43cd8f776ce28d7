//! Where sections and the manifest are kept.
//!
//! Invariants every back end keeps (`conformance` tests them):
//! - [`Backend::commit`] is one transaction: all of it is there afterwards, or nothing;
//! - it happens only if the stored generation is the expected one;
//! - when it returns `Ok`, what it wrote survives the end of the process;
//! - when it returns an error other than `Conflict`, the caller does not know whether it happened: a reply may get
//!   lost after the transaction completed.

use std::rc::Rc;

use crate::SectionKey;

/// The manifest as a back end keeps it: opaque bytes and the generation that commits compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredManifest {
    /// Counts commits, from 1.
    pub generation: u64,
    /// The encoded manifest.
    pub bytes: Vec<u8>,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitBatch {
    /// Generation that must be stored for this to happen; 0 for an empty back end.
    pub expected_generation: u64,
    /// The manifest to store.
    pub manifest: StoredManifest,
    /// Sections to write.
    pub puts: Vec<(SectionKey, Rc<Vec<u8>>)>,
    /// Sections to delete; those that do not exist are no fault.
    pub deletes: Vec<SectionKey>,
}

/// Why a back end could not do its work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// Somebody else committed: the stored generation is `found`. Nothing was written.
    #[error("another commit came first: the stored generation is {found}")]
    Conflict {
        /// Generation that is stored; 0 for none.
        found: u64,
    },
    /// No room left.
    #[error("no storage left: {0}")]
    Quota(String),
    /// The connection to the storage was lost, and opening it again did not help.
    #[error("the connection to the storage was lost: {0}")]
    ConnectionLost(String),
    /// The storage was closed, because another tab needs it so.
    #[error("the storage was closed: {0}")]
    Closed(String),
    /// The transaction was given up.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// What is stored can't be read.
    #[error("the storage is damaged: {0}")]
    Corrupt(String),
    /// Another tab keeps an older version open.
    #[error("the storage is blocked by another tab: {0}")]
    Blocked(String),
    /// Written by a later version of the software.
    #[error("the storage was written by a later version: {0}")]
    NewerVersion(String),
    /// The browser or its user does not allow it.
    #[error("access to the storage was refused: {0}")]
    Denied(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl BackendError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "storage-conflict",
            Self::Quota(_) => "storage-quota",
            Self::ConnectionLost(_) => "storage-connection-lost",
            Self::Closed(_) => "storage-closed",
            Self::Aborted(_) => "storage-aborted",
            Self::Corrupt(_) => "storage-corrupt",
            Self::Blocked(_) => "storage-blocked",
            Self::NewerVersion(_) => "storage-newer-version",
            Self::Denied(_) => "storage-denied",
            Self::Other(_) => "storage-error",
        }
    }
}

/// Storage of one store. Futures need not be `Send`: everything runs on one thread.
#[allow(async_fn_in_trait)]
pub trait Backend {
    /// The manifest, if anything was committed yet.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError>;

    /// The values of `keys` in their order, all of one moment; `None` where there is none.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError>;

    /// One transaction; deletes come before puts.
    ///
    /// # Errors
    /// `Conflict` if another generation is stored; after any other error it is open whether it happened.
    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError>;

    /// Every key that has a value, sorted.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn list(&self) -> Result<Vec<SectionKey>, BackendError>;

    /// Deletes everything, the manifest included. The next commit expects generation 0.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn destroy(&self) -> Result<(), BackendError>;

    /// A section that reads otherwise than it was written, from another copy, which is also put in its place; `None`
    /// where there is no other copy, or none that is intact.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn repair(&self, _key: SectionKey, _len: u32, _checksum: u32) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(None)
    }
}
