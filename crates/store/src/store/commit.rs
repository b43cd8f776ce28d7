//! The group commit: what is staged becomes blocks, in one transaction.

use std::cell::RefCell;

use super::{MAX_ATTEMPTS, State, Store};
use crate::{Backend, BackendError, BlockId, CommitBatch, Manifest, StoreError, StoredManifest};

/// What a commit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitReport {
    /// Generation that is stored now.
    pub generation: u64,
    /// Blocks written.
    pub blocks: Vec<BlockId>,
    /// Profiles written.
    pub profiles: u64,
    /// Bytes written in sections.
    pub bytes: u64,
}

/// Marks every group while a transaction with them is under way.
struct InFlight<'a> {
    state: &'a RefCell<State>,
}

impl<'a> InFlight<'a> {
    fn new(state: &'a RefCell<State>) -> Self {
        state.borrow_mut().groups.iter_mut().for_each(|group| group.in_flight = true);
        Self { state }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.state.borrow_mut().groups.iter_mut().for_each(|group| group.in_flight = false);
    }
}

impl<B: Backend> Store<B> {
    /// Stores what is staged. When it returns `Ok`, every profile staged before the call is stored, once.
    ///
    /// Where the storage is full and the policy allows it, the oldest blocks make room, once.
    ///
    /// After any error the profiles stay staged: the next commit sends them again, and recognises those that were
    /// stored although an error was reported.
    ///
    /// # Errors
    /// Those of the back end; `Contention` if other tabs commit again and again.
    pub async fn commit(&self) -> Result<CommitReport, StoreError> {
        let _guard = self.lock.acquire().await;
        let mut has_made_room = false;
        for _attempt in 0..MAX_ATTEMPTS {
            if self.staged_profiles() > 0 {
                self.load_identities().await?;
            }
            let (manifest, blocks) = {
                let mut state = self.state.borrow_mut();
                (state.manifest.clone(), state.encode(self.options.block)?)
            };
            let mut report = CommitReport { generation: manifest.generation, ..CommitReport::default() };
            if blocks.is_empty() {
                return Ok(report);
            }
            let mut next = Manifest::clone(&manifest);
            let mut puts = Vec::new();
            for block in &blocks {
                let id = next.take_id()?;
                let meta = block.meta(id);
                report.blocks.push(id);
                report.profiles += u64::from(meta.profiles);
                report.bytes += meta.bytes();
                next.blocks.push(meta);
                puts.extend(block.sections(id));
            }
            let in_flight = InFlight::new(&self.state);
            let done = self.transact(&manifest, &mut next, puts, Vec::new()).await;
            drop(in_flight);
            if !has_made_room
                && matches!(done, Err(StoreError::Backend(BackendError::Quota(_))))
                && self.make_room(report.bytes).await?
            {
                has_made_room = true;
                continue;
            }
            if done? {
                report.generation = next.generation;
                self.state.borrow_mut().acknowledge(next, &report.blocks);
                return Ok(report);
            }
            self.catch_up().await?;
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }

    /// Under the lock: one transaction from `before` to `next`; false if another commit came first.
    pub(super) async fn transact(
        &self,
        before: &Manifest,
        next: &mut Manifest,
        puts: Vec<(crate::SectionKey, std::rc::Rc<Vec<u8>>)>,
        deletes: Vec<crate::SectionKey>,
    ) -> Result<bool, StoreError> {
        next.generation = before.generation + 1;
        let manifest = StoredManifest { generation: next.generation, bytes: next.encode() };
        let batch = CommitBatch { expected_generation: before.generation, manifest, puts, deletes };
        match self.backend.commit(batch).await {
            Ok(()) => Ok(true),
            Err(BackendError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Under the lock: takes over what others committed, and drops what they stored from what is staged.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        self.reload().await?;
        self.load_identities().await
    }
}

impl Manifest {
    /// Gives out the next block id.
    pub(super) fn take_id(&mut self) -> Result<BlockId, StoreError> {
        let id = BlockId(self.next_block);
        if id >= BlockId::MAX {
            return Err(StoreError::TooLarge("2^53 blocks"));
        }
        self.next_block += 1;
        Ok(id)
    }
}

impl State {
    /// The groups that were in flight are stored: the first `blocks.len()` ones, in order.
    fn acknowledge(&mut self, manifest: Manifest, blocks: &[BlockId]) {
        let stored = self.groups.drain(..blocks.len().min(self.groups.len())).zip(blocks);
        for (group, &id) in stored {
            group.builder.each_identity(|identity| {
                self.staged.remove(&identity);
                self.stored.insert(identity, id);
            });
            self.known.insert(id);
        }
        self.manifest = std::rc::Rc::new(manifest);
    }
}
