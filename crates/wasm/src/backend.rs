//! The back ends of this build as one type: a generic engine for each would double the module.

use emberglass_engine::ReplicaAnswer;
use emberglass_store::{
    Backend, BackendError, CommitBatch, Connection, FilesBackend, MemoryBackend, Pairing, ReplicaHealth,
    ReplicatedBackend, SectionKey, Side, StoredManifest,
};
use js_sys::{Date, Math};
use web_sys::FileSystemDirectoryHandle;

use crate::folder::Folder;
use crate::idb::IndexedDbBackend;

const KINDS: [&str; 4] = ["memory", "indexeddb", "opfs", "directory"];

/// One of two copies that could not be opened.
#[derive(Debug)]
pub(crate) struct Unavailable {
    name: &'static str,
    fault: BackendError,
}

/// Where one copy is kept.
#[derive(Debug)]
pub(crate) enum OneBackend {
    /// Gone with the worker.
    Memory(MemoryBackend),
    /// The browser's database.
    IndexedDb(IndexedDbBackend),
    /// Files of the browser's private file system.
    Opfs(FilesBackend<Folder>),
    /// Files of a folder that the user picked.
    Directory(FilesBackend<Folder>),
    /// Of two, the one that is not there.
    Unavailable(Unavailable),
}

/// One copy, or two.
#[derive(Debug)]
pub(crate) enum AnyBackend {
    /// One.
    One(OneBackend),
    /// Two.
    Replicated(Box<ReplicatedBackend<OneBackend, OneBackend>>),
}

/// Runs an expression on whichever back end it is.
macro_rules! on {
    ($any:expr, $backend:ident => $body:expr) => {
        match $any {
            OneBackend::Memory($backend) => $body,
            OneBackend::IndexedDb($backend) => $body,
            OneBackend::Opfs($backend) | OneBackend::Directory($backend) => $body,
            OneBackend::Unavailable($backend) => $body,
        }
    };
}

/// As `on`, for one copy or two.
macro_rules! on_any {
    ($any:expr, $backend:ident => $body:expr) => {
        match $any {
            AnyBackend::One($backend) => $body,
            AnyBackend::Replicated($backend) => $body,
        }
    };
}

impl OneBackend {
    /// Opens the back end that the page calls `kind`.
    ///
    /// # Errors
    /// That there is none of this kind, or that it can't be opened.
    pub(crate) async fn open(
        kind: &str,
        name: &str,
        directory: Option<FileSystemDirectoryHandle>,
    ) -> Result<Self, BackendError> {
        Ok(match (kind, directory) {
            ("memory", _) => Self::Memory(MemoryBackend::default()),
            ("indexeddb", _) => Self::IndexedDb(IndexedDbBackend::open(name).await?),
            ("opfs", _) => Self::Opfs(FilesBackend::open(Folder::private(name).await?).await?),
            ("directory", Some(handle)) => Self::Directory(FilesBackend::open(Folder::picked(handle, name)).await?),
            ("directory", None) => return Err(BackendError::Other("no folder was picked".to_owned())),
            _ => return Err(BackendError::Other(format!("no storage back end {kind:?}"))),
        })
    }

    /// As [`Self::open`], for a storage that a later version made: to be read only.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) async fn open_any_version(
        kind: &str,
        name: &str,
        directory: Option<FileSystemDirectoryHandle>,
    ) -> Result<Self, BackendError> {
        match kind {
            "indexeddb" => Ok(Self::IndexedDb(IndexedDbBackend::open_any_version(name).await?)),
            _ => Self::open(kind, name, directory).await,
        }
    }

    /// As [`Self::open`], for one of two: what can't be opened fails at every operation.
    pub(crate) async fn open_of_two(kind: &str, name: &str, directory: Option<FileSystemDirectoryHandle>) -> Self {
        let opened = Self::open(kind, name, directory).await;
        let name = KINDS.into_iter().find(|&of| of == kind).unwrap_or("memory");
        opened.unwrap_or_else(|fault| Self::Unavailable(Unavailable { name, fault }))
    }

    /// The name that the page knows it by.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Unavailable(of) => of.name,
            Self::Memory(_) => "memory",
            Self::IndexedDb(_) => "indexeddb",
            Self::Opfs(_) => "opfs",
            Self::Directory(_) => "directory",
        }
    }
}

impl AnyBackend {
    /// Two copies of one storage.
    ///
    /// # Errors
    /// That neither can be read.
    pub(crate) async fn replicated(primary: OneBackend, replica: OneBackend) -> Result<Self, BackendError> {
        let pair = (Math::random() * 2f64.powi(53)) as u64;
        let pairing = Pairing { pair, clock: || Date::now() as i64 };
        let opened = Box::pin(ReplicatedBackend::open(primary, replica, pairing)).await?;
        Ok(Self::Replicated(Box::new(opened)))
    }

    /// The name of the primary.
    pub(crate) const fn name(&self) -> &'static str {
        self.first().name()
    }

    /// The primary.
    const fn first(&self) -> &OneBackend {
        match self {
            Self::One(one) => one,
            Self::Replicated(both) => both.primary(),
        }
    }

    /// What its connection is doing; what has none is always open.
    pub(crate) fn connection(&self) -> Connection {
        match self.first() {
            OneBackend::IndexedDb(backend) => backend.connection(),
            _ => Connection::Open,
        }
    }

    /// Why the browser dropped what was stored in the primary, where it did and tells.
    pub(crate) fn dropped(&self) -> Option<String> {
        match self.first() {
            OneBackend::IndexedDb(backend) => backend.dropped(),
            _ => None,
        }
    }

    /// Tells of changes of the connection.
    pub(crate) fn observe(&self, observer: impl Fn() + 'static) {
        if let OneBackend::IndexedDb(backend) = self.first() {
            backend.observe(move |_state| observer());
        }
    }

    /// How the second copy stands.
    pub(crate) fn replica(&self) -> Option<ReplicaAnswer> {
        let both = self.both()?;
        let backend = both.replica().name();
        let (state, why, since) = match both.health() {
            ReplicaHealth::InStep => ("in-step", String::new(), 0),
            ReplicaHealth::Behind { side: Side::Replica, fault, since } => ("behind", fault.to_string(), since),
            ReplicaHealth::Behind { side: Side::Primary, fault, since } => ("primary-behind", fault.to_string(), since),
            ReplicaHealth::Parted { since } => {
                ("parted", "each copy has something that the other lacks".to_owned(), since)
            }
            _ => return None,
        };
        Some(ReplicaAnswer { backend, state, why, since_ms: since as f64 })
    }

    /// The two copies, if there are two.
    pub(crate) const fn both(&self) -> Option<&ReplicatedBackend<OneBackend, OneBackend>> {
        match self {
            Self::One(_) => None,
            Self::Replicated(both) => Some(both),
        }
    }
}

impl Backend for Unavailable {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        Err(self.fault.clone())
    }

    async fn get(&self, _keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        Err(self.fault.clone())
    }

    async fn commit(&self, _batch: CommitBatch) -> Result<(), BackendError> {
        Err(self.fault.clone())
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        Err(self.fault.clone())
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        Err(self.fault.clone())
    }
}

impl Backend for OneBackend {
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

impl Backend for AnyBackend {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        on_any!(self, backend => backend.load().await)
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        on_any!(self, backend => backend.get(keys).await)
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        on_any!(self, backend => backend.commit(batch).await)
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        on_any!(self, backend => backend.list().await)
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        on_any!(self, backend => backend.destroy().await)
    }

    async fn repair(&self, key: SectionKey, len: u32, checksum: u32) -> Result<Option<Vec<u8>>, BackendError> {
        on_any!(self, backend => backend.repair(key, len, checksum).await)
    }
}
