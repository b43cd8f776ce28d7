//! A database of profiles over any back end: ingest, commit, compaction, deletion. What it is asked is in `asking`, what is done with
//! results in `looking`.
//!
//! Everything takes `&self`: a host may run an ingest, a commit and several queries at once. State is
//! never borrowed across an await.

use std::cell::{Cell, RefCell};

use emberglass_labels::{Matchers, SERVICE_NAME};
use emberglass_profile::Batch;
use emberglass_query::{QueryError, YieldNow};
use emberglass_store::{Backend, BackendError, CompactStep, Store, StoreError, TimeSource, Urgency};

use crate::answers::{CompactAnswer, DeleteAnswer, IngestReceipt, SelectionText, StatusAnswer};
use crate::group::CommitGroup;
use crate::merges::Merges;
use crate::naming::Naming;
use crate::results::Results;
use crate::{EngineError, SourceInfo, Ticket};

/// Staged bytes that are worth a commit of their own.
pub const GROUP_BYTES: usize = 4 << 20;

/// Work of a slice of a compaction: a few milliseconds in wasm.
const SLICE_ROWS: usize = 300_000;
/// Yields that a compaction leaves to queries before each slice.
const QUERY_YIELDS: u32 = 64;

/// Counts what is under way; counts back when dropped.
pub(crate) struct Running<'a>(&'a Cell<u32>);

impl<'a> Running<'a> {
    pub(crate) fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }

    /// `None` if there is one.
    fn exclusive(count: &'a Cell<u32>) -> Option<Self> {
        (count.get() == 0).then(|| Self::new(count))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The database.
#[derive(Debug)]
pub struct Database<B> {
    pub(crate) store: Store<B>,
    group: CommitGroup,
    pub(crate) results: Results,
    pub(crate) naming: RefCell<Naming>,
    pub(crate) merges: Merges,
    /// Queries under way.
    pub(crate) queries: Cell<u32>,
    /// Compactions under way: at most one.
    compactions: Cell<u32>,
    /// Why the last commit failed; `None` once one succeeded.
    failure: RefCell<Option<EngineError>>,
}

/// An input that is staged: durable once its ticket is committed.
#[derive(Clone, Debug, PartialEq)]
pub struct StagedInput {
    /// What to tell the user then.
    pub receipt: IngestReceipt,
    /// What to wait for.
    pub ticket: Ticket,
}

pub(crate) const fn time_source_name(source: TimeSource) -> &'static str {
    match source {
        TimeSource::File => "file",
        TimeSource::Modified => "modified",
        TimeSource::Imported => "imported",
    }
}

impl<B: Backend> Database<B> {
    /// Opens what a back end holds.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn open(backend: B) -> Result<Self, EngineError> {
        Ok(Self {
            store: Store::open(backend).await?,
            group: CommitGroup::default(),
            results: Results::default(),
            naming: RefCell::default(),
            merges: Merges::default(),
            queries: Cell::new(0),
            compactions: Cell::new(0),
            failure: RefCell::new(None),
        })
    }

    /// The back end.
    pub const fn backend(&self) -> &B {
        self.store.backend()
    }

    /// Lets queries that are under way go first.
    pub(crate) async fn after_queries(&self, pause: &impl YieldNow) {
        for _ in 0..QUERY_YIELDS {
            pause.yield_now().await;
            if self.queries.get() == 0 {
                break;
            }
        }
    }

    /// Numbers for the status line; the host adds the back end's name and its memory.
    pub fn status(&self) -> StatusAnswer {
        let manifest = self.store.manifest();
        let state = match &*self.failure.borrow() {
            Some(_) => "degraded",
            None if self.group.is_pending() => "saving",
            None => "saved",
        };
        StatusAnswer {
            state,
            backend: "",
            replica: None,
            connection: "open",
            dropped: None,
            unsaved: None,
            last_scrub_ms: manifest.scrub.as_ref().map(|scrub| scrub.at as f64 / 1e6),
            quarantined: self.store.quarantined().len() as u32,
            generation: manifest.generation as f64,
            blocks: manifest.blocks.len() as u32,
            stored_bytes: manifest.bytes() as f64,
            wasm_bytes: 0.0,
        }
    }

    /// Reads the manifest anew; true if another tab changed it.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn refresh(&self) -> Result<bool, EngineError> {
        Ok(self.store.refresh().await?)
    }

    /// Stages a batch for the next commit.
    ///
    /// # Errors
    /// What is wrong with the batch or the source, or what the storage says.
    pub async fn stage(&self, batch: &Batch, source: &SourceInfo) -> Result<StagedInput, EngineError> {
        let default = batch.default_profile();
        let origin = source.origin(batch)?;
        let report = self.store.stage(batch, &origin).await?;
        let (from, last) = report.starts.unwrap_or((origin.fallback_start, origin.fallback_start));
        let has_own_time = default.is_some_and(|entry| entry.start.is_some());
        let receipt = IngestReceipt {
            stored: report.profiles > 0,
            service: origin.labels.get(SERVICE_NAME).unwrap_or_default().to_owned(),
            default_type: default.map(|entry| entry.profile_type.to_string()).unwrap_or_default(),
            from,
            until: last.saturating_add(1),
            profiles: report.profiles,
            time_source: time_source_name(if has_own_time { TimeSource::File } else { origin.fallback_source }),
        };
        Ok(StagedInput { receipt, ticket: self.group.take_ticket() })
    }

    /// Bytes that wait for a commit.
    pub fn staged_bytes(&self) -> usize {
        self.store.staged_bytes()
    }

    /// Commits what is staged; waits for its turn if a commit is under way.
    ///
    /// # Errors
    /// What the storage says. The staged data stays staged.
    pub async fn flush(&self) -> Result<(), EngineError> {
        if !self.group.is_pending() {
            return Ok(());
        }
        let covered = self.group.begin().await;
        let result = self.store.commit().await.map(|_report| ()).map_err(EngineError::from);
        *self.failure.borrow_mut() = result.clone().err();
        self.group.finish(covered, result.clone());
        result
    }

    /// Waits until a staged input is durable.
    ///
    /// # Errors
    /// Why the commit that should have stored it failed.
    pub async fn committed(&self, ticket: Ticket) -> Result<(), EngineError> {
        self.group.committed(ticket).await
    }

    /// Merges blocks that came together, in slices: all that are not in their last form, or with `idle` only where it is
    /// worth it. Queries go first. Does nothing while another compaction is under way.
    ///
    /// # Errors
    /// What the storage says. Blocks that can't be read stay as they are.
    pub async fn compact(&self, idle: bool, pause: &impl YieldNow) -> Result<CompactAnswer, EngineError> {
        let mut answer = CompactAnswer::default();
        let Some(_running) = Running::exclusive(&self.compactions) else { return Ok(answer) };
        let urgency = if idle { Urgency::Idle } else { Urgency::All };
        while let Some(mut compaction) = self.store.plan_compaction(urgency) {
            loop {
                self.after_queries(pause).await;
                match self.store.compact_step(&mut compaction, SLICE_ROWS).await {
                    Ok(CompactStep::More) => {}
                    Ok(CompactStep::Done(report)) => {
                        answer.blocks += report.blocks as u32;
                        answer.bytes_before += report.bytes_before as f64;
                        answer.bytes_after += report.bytes_after as f64;
                        break;
                    }
                    // The store does not plan with these blocks again, and the catalogue names what is damaged.
                    Err(error) if !matches!(error, StoreError::Backend(_) | StoreError::Contention(_)) => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(answer)
    }

    /// Deletes the profiles that match, whatever their type; or, where it names uploads, those of these uploads.
    ///
    /// # Errors
    /// A bad selector, or what the storage says.
    pub async fn delete(&self, of: &SelectionText) -> Result<DeleteAnswer, EngineError> {
        if let Some(uploads) = &of.uploads {
            return self.delete_uploads(uploads).await;
        }
        let report = self.store.delete(&Matchers::parse(&of.matchers)?, of.from, of.until).await?;
        Ok(DeleteAnswer { profiles: (report.profiles + report.staged) as u32, summed: 0 })
    }

    /// Deletes everything.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn clear(&self) -> Result<(), EngineError> {
        self.store.clear().await?;
        self.merges.clear();
        Ok(())
    }
}

impl From<QueryError> for EngineError {
    fn from(error: QueryError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<BackendError> for EngineError {
    fn from(error: BackendError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
