//! The store over one back end.
//!
//! Profiles are staged in memory, then committed as a block in one transaction. Staged profiles stay until a commit
//! is acknowledged, whatever fails; a commit whose reply was lost is recognised by the identities of its profiles.
//! Queries read from a snapshot, the manifest they took; a block that another tab replaced since is
//! [`StoreError::Stale`]: take the manifest anew with [`Store::refresh`] and ask again.
//!
//! Invariants: the state is never borrowed across an await; what changes blocks (commit, delete, clear, the end of a compaction) runs one at a
//! time.

mod cached;
mod commit;
mod compact;
mod content;
mod delete;
mod export;
mod health;
mod import;
mod read;
mod remove;
mod retain;
mod spans;
mod stage;
mod thin;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

pub use self::commit::CommitReport;
pub use self::compact::{CompactReport, CompactStep, Compaction, Urgency};
pub(crate) use self::content::BlockContent;
pub use self::export::{Export, ExportReport, ExportSelection, LeftOut};
pub use self::health::Scrub;
pub use self::import::ImportReport;
pub use self::read::SamplePart;
use self::read::{CacheKey, Cached};
pub use self::remove::DeleteReport;
pub use self::spans::RecordSpan;
pub use self::stage::StageReport;
use crate::lock::Lock;
use crate::lru::Lru;
use crate::{Backend, BlockBuilder, BlockId, BlockOptions, EncodedBlock, Identity, Manifest, SectionKey, StoreError};

/// Attempts of one operation that other tabs' commits may thwart.
const MAX_ATTEMPTS: u32 = 64;

/// How a store works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Bound on what decoded blocks and samples take, bytes.
    pub cache_bytes: usize,
    /// How blocks are written.
    pub block: BlockOptions,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, block: BlockOptions::default() }
    }
}

/// A store. All methods take `&self`: they may be called while others wait.
#[derive(Debug)]
pub struct Store<B> {
    backend: B,
    options: StoreOptions,
    lock: Lock,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    manifest: Rc<Manifest>,
    /// What is staged: at most one group that is being committed, and one that takes more.
    groups: Vec<Group>,
    /// Identities of staged profiles.
    staged: FxHashSet<Identity>,
    /// Identities of stored profiles, and their blocks.
    stored: FxHashMap<Identity, BlockId>,
    /// Blocks whose identities are in `stored`.
    known: BTreeSet<BlockId>,
    /// Blocks that a compaction could not merge.
    unmergeable: BTreeSet<BlockId>,
    /// Sections that are not used, and why.
    quarantine: BTreeMap<SectionKey, String>,
    /// Sections that another copy replaced.
    repaired: u64,
    cache: Lru<CacheKey, Cached>,
}

/// Profiles that will be one block.
#[derive(Debug, Default)]
struct Group {
    builder: BlockBuilder,
    /// The builder's block, until the builder changes.
    encoded: Option<Rc<EncodedBlock>>,
    /// True while a transaction with it is under way: then nothing is added.
    in_flight: bool,
}

impl<B: Backend> Store<B> {
    /// Opens what `backend` holds.
    ///
    /// # Errors
    /// Those of the back end; `NewerVersion` or `DamagedManifest`.
    pub async fn open(backend: B) -> Result<Self, StoreError> {
        Self::open_with(backend, StoreOptions::default()).await
    }

    /// Opens what `backend` holds, with options.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(backend: B, options: StoreOptions) -> Result<Self, StoreError> {
        let manifest = load(&backend).await?;
        let state = State {
            quarantine: State::quarantine_of(&manifest),
            repaired: 0,
            manifest: Rc::new(manifest),
            groups: Vec::new(),
            staged: FxHashSet::default(),
            stored: FxHashMap::default(),
            known: BTreeSet::new(),
            unmergeable: BTreeSet::new(),
            cache: Lru::new(options.cache_bytes),
        };
        Ok(Self { backend, options, lock: Lock::default(), state: RefCell::new(state) })
    }

    /// The blocks of the latest moment this store knows of: the snapshot of a query.
    pub fn manifest(&self) -> Rc<Manifest> {
        Rc::clone(&self.state.borrow().manifest)
    }

    /// Looks whether another tab committed; true if the manifest changed.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        let _guard = self.lock.acquire().await;
        self.reload().await
    }

    /// The back end.
    pub const fn backend(&self) -> &B {
        &self.backend
    }

    /// Bytes that decoded blocks and samples take, estimated.
    pub fn cached_bytes(&self) -> usize {
        self.state.borrow().cache.bytes()
    }

    /// Under the lock: takes the stored manifest; true if it changed.
    async fn reload(&self) -> Result<bool, StoreError> {
        let manifest = load(&self.backend).await?;
        let mut state = self.state.borrow_mut();
        if *state.manifest == manifest {
            return Ok(false);
        }
        state.take_manifest(manifest);
        Ok(true)
    }
}

async fn load(backend: &impl Backend) -> Result<Manifest, StoreError> {
    match backend.load().await? {
        Some(stored) => Manifest::decode(&stored.bytes),
        None => Ok(Manifest::default()),
    }
}

impl State {
    /// Forgets what belongs to blocks that are gone or not the same any more.
    fn take_manifest(&mut self, manifest: Manifest) {
        let before = std::mem::replace(&mut self.manifest, Rc::new(manifest));
        let now = Rc::clone(&self.manifest);
        let same = |id: BlockId| now.block(id).is_some() && now.block(id) == before.block(id);
        self.cache.retain(|key| same(key.block()));
        self.quarantine.retain(|key, _| same(key.block));
        let gone: BTreeSet<BlockId> = self.known.iter().copied().filter(|&id| !same(id)).collect();
        if !gone.is_empty() {
            self.known.retain(|id| !gone.contains(id));
            self.stored.retain(|_, block| !gone.contains(block));
        }
    }
}
