//! Two copies of one storage.
//!
//! Invariants:
//! - while both copies answer, a commit is acknowledged when both have it;
//! - when one fails, the other goes on alone: it is acknowledged only once that copy says so of itself ([`mark`]), so that
//!   whoever opens the two next knows which one holds;
//! - a copy that holds something acknowledged that the other lacks is never written over, unless [`ReplicatedBackend::keep`]
//!   says so;
//! - a copy that fell behind is not read from until [`ReplicatedBackend::resync`] made it equal.

mod mark;
mod resync;

use std::cell::RefCell;
use std::rc::Rc;

use self::mark::{Found, MARK, Mark, Standing, Verdict, judge};
pub use self::resync::Resync;
use crate::lock::Lock;
use crate::{Backend, BackendError, CommitBatch, SectionKey, StoredManifest, envelope};

/// One of the two copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that is read from.
    Primary,
    /// The one beside it.
    Replica,
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Primary => Self::Replica,
            Self::Replica => Self::Primary,
        }
    }
}

/// How the two copies stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplicaHealth {
    /// Both have everything.
    InStep,
    /// One lacks something: the other one stands alone.
    Behind {
        /// The one that lacks something.
        side: Side,
        /// What it failed with.
        fault: BackendError,
        /// Since when, in the time of the pairing's clock.
        since: i64,
    },
    /// Each has something that the other lacks. The primary is used; the replica is left as it is.
    Parted {
        /// Since when.
        since: i64,
    },
}

/// What makes two back ends one.
#[derive(Clone, Copy, Debug)]
pub struct Pairing {
    /// A random number, kept with the first commit to both.
    pub pair: u64,
    /// The time, in whatever unit the host shows.
    pub clock: fn() -> i64,
}

/// A primary and its replica.
#[derive(Debug)]
pub struct ReplicatedBackend<P, R> {
    primary: P,
    replica: R,
    clock: fn() -> i64,
    lock: Lock,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    health: ReplicaHealth,
    pair: u64,
    /// The last generation in both copies, while one stands alone.
    common: u64,
    /// The latest generation seen: a copy that has less is not the one to go on with.
    seen: u64,
}

impl<P: Backend, R: Backend> ReplicatedBackend<P, R> {
    /// Takes two back ends, and looks which of them holds what. One that does not answer is behind.
    ///
    /// # Errors
    /// That neither answers, or that the only one that does was being copied into.
    pub async fn open(primary: P, replica: R, pairing: Pairing) -> Result<Self, BackendError> {
        let state = State { health: ReplicaHealth::InStep, pair: pairing.pair, common: 0, seen: 0 };
        let (lock, state) = (Lock::default(), RefCell::new(state));
        let backend = Self { primary, replica, clock: pairing.clock, lock, state };
        backend.settle().await?;
        Ok(backend)
    }

    /// How the copies stand.
    pub fn health(&self) -> ReplicaHealth {
        self.state.borrow().health.clone()
    }

    /// The primary.
    pub const fn primary(&self) -> &P {
        &self.primary
    }

    /// The replica.
    pub const fn replica(&self) -> &R {
        &self.replica
    }

    async fn load_from(&self, side: Side) -> Result<Option<StoredManifest>, BackendError> {
        match side {
            Side::Primary => self.primary.load().await,
            Side::Replica => self.replica.load().await,
        }
    }

    async fn get_from(&self, side: Side, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        match side {
            Side::Primary => self.primary.get(keys).await,
            Side::Replica => self.replica.get(keys).await,
        }
    }

    async fn commit_to(&self, side: Side, batch: CommitBatch) -> Result<(), BackendError> {
        match side {
            Side::Primary => self.primary.commit(batch).await,
            Side::Replica => self.replica.commit(batch).await,
        }
    }

    async fn list_of(&self, side: Side) -> Result<Vec<SectionKey>, BackendError> {
        let mut keys = match side {
            Side::Primary => self.primary.list().await?,
            Side::Replica => self.replica.list().await?,
        };
        keys.retain(|&key| key != MARK);
        Ok(keys)
    }

    async fn destroy_of(&self, side: Side) -> Result<(), BackendError> {
        match side {
            Side::Primary => self.primary.destroy().await,
            Side::Replica => self.replica.destroy().await,
        }
    }

    /// The copy that stands alone; `None` while both are in step.
    fn alone(&self) -> Option<Side> {
        match &self.state.borrow().health {
            ReplicaHealth::InStep => None,
            ReplicaHealth::Behind { side, .. } => Some(side.other()),
            ReplicaHealth::Parted { .. } => Some(Side::Primary),
        }
    }

    /// As [`Self::alone`], after a look whether another tab brought the copies in step.
    async fn still_alone(&self) -> Result<Option<Side>, BackendError> {
        let Some(side) = self.alone() else { return Ok(None) };
        let mark = self.get_from(side, &[MARK]).await?.pop().flatten();
        match mark.and_then(|mark| Mark::decode(&mark)) {
            Some(mark) if mark.standing == Standing::Together => {
                self.settle().await?;
            }
            Some(mark) => self.state.borrow_mut().common = mark.common,
            None => {}
        }
        Ok(self.alone())
    }

    fn set_behind(&self, side: Side, fault: BackendError, common: u64) {
        let mut state = self.state.borrow_mut();
        let since = match &state.health {
            ReplicaHealth::Behind { side: before, since, .. } if *before == side => *since,
            _ => (self.clock)(),
        };
        state.health = ReplicaHealth::Behind { side, fault, since };
        state.common = common;
    }

    fn set_in_step(&self, generation: u64) {
        let mut state = self.state.borrow_mut();
        state.health = ReplicaHealth::InStep;
        state.seen = generation;
    }

    async fn find(&self, side: Side) -> Result<Found, BackendError> {
        loop {
            let manifest = self.load_from(side).await?;
            let mark = self.get_from(side, &[MARK]).await?.pop().flatten();
            // Of one moment, should another tab commit meanwhile.
            if self.load_from(side).await? == manifest {
                return Ok(Found { manifest, mark: mark.and_then(|mark| Mark::decode(&mark)) });
            }
        }
    }

    /// Under the lock, or before there is one: looks at both copies.
    async fn settle(&self) -> Result<Verdict, BackendError> {
        let found = (self.find(Side::Primary).await, self.find(Side::Replica).await);
        let (primary, replica) = match found {
            (Ok(primary), Ok(replica)) => (primary, replica),
            (Ok(found), Err(fault)) => return self.go_on_with(Side::Primary, &found, fault),
            (Err(fault), Ok(found)) => return self.go_on_with(Side::Replica, &found, fault),
            (Err(fault), Err(_)) => return Err(fault),
        };
        if let Some(mark) = primary.mark.or(replica.mark) {
            self.state.borrow_mut().pair = mark.pair;
        }
        let verdict = judge(&primary, &replica);
        match verdict {
            Verdict::Same => self.set_in_step(primary.generation()),
            Verdict::Ahead(side) => {
                let (holds, lacks) = match side {
                    Side::Primary => (primary, replica),
                    Side::Replica => (replica, primary),
                };
                let fault = BackendError::Other("it lacks some of what is stored".to_owned());
                let common = holds.common().min(lacks.generation());
                if let Some(manifest) = &holds.manifest {
                    // What it holds may be taken for acknowledged from now on.
                    self.mark_only(side, manifest, Standing::Alone, common).await?;
                }
                self.set_behind(side.other(), fault, common);
                self.state.borrow_mut().seen = holds.generation();
            }
            Verdict::Parted => {
                let mut state = self.state.borrow_mut();
                if !matches!(state.health, ReplicaHealth::Parted { .. }) {
                    state.health = ReplicaHealth::Parted { since: (self.clock)() };
                }
                state.common = primary.common();
                state.seen = primary.generation();
            }
        }
        Ok(verdict)
    }

    fn go_on_with(&self, side: Side, found: &Found, fault: BackendError) -> Result<Verdict, BackendError> {
        let seen = self.state.borrow().seen;
        if found.incomplete() || found.generation() < seen {
            return Err(fault);
        }
        if let Some(mark) = found.mark {
            self.state.borrow_mut().pair = mark.pair;
        }
        self.set_behind(side.other(), fault, found.common());
        self.state.borrow_mut().seen = found.generation();
        Ok(Verdict::Ahead(side))
    }

    fn mark(&self, standing: Standing, generation: u64, common: u64) -> (SectionKey, Rc<Vec<u8>>) {
        let mark = Mark { standing, pair: self.state.borrow().pair, generation, common };
        (MARK, Rc::new(mark.encode()))
    }

    /// A batch with the mark that belongs to it.
    fn marked(&self, batch: &CommitBatch, standing: Standing, common: u64) -> CommitBatch {
        let mut batch = batch.clone();
        batch.deletes.retain(|&key| key != MARK);
        batch.puts.push(self.mark(standing, batch.manifest.generation, common));
        batch
    }

    /// Writes nothing but the mark.
    async fn mark_only(
        &self,
        side: Side,
        of: &StoredManifest,
        standing: Standing,
        common: u64,
    ) -> Result<(), BackendError> {
        let puts = vec![self.mark(standing, of.generation, common)];
        let batch = CommitBatch { expected_generation: of.generation, manifest: of.clone(), puts, deletes: Vec::new() };
        self.commit_to(side, batch).await
    }

    async fn commit_both(&self, batch: CommitBatch) -> Result<(), BackendError> {
        let (before, generation) = (batch.expected_generation, batch.manifest.generation);
        let together = self.marked(&batch, Standing::Together, before);
        match self.primary.commit(together.clone()).await {
            Ok(()) => match self.replica.commit(together).await {
                Ok(()) => {}
                Err(BackendError::Conflict { .. }) => {
                    // Another tab went on with the replica alone. What was written here is acknowledged to nobody.
                    self.settle().await?;
                    return Err(BackendError::Conflict { found: self.state.borrow().seen });
                }
                Err(fault) => {
                    self.mark_only(Side::Primary, &batch.manifest, Standing::Alone, before).await?;
                    self.set_behind(Side::Replica, fault, before);
                }
            },
            // Nothing was written, and whoever asked knows what to do.
            Err(refusal @ (BackendError::Conflict { .. } | BackendError::Quota(_))) => return Err(refusal),
            Err(fault) => match self.replica.commit(self.marked(&batch, Standing::Alone, before)).await {
                Ok(()) => self.set_behind(Side::Primary, fault, before),
                Err(BackendError::Conflict { found }) if found > before => {
                    // An earlier commit whose reply was lost, or another tab's.
                    self.set_behind(Side::Primary, fault, before);
                    return Err(BackendError::Conflict { found });
                }
                Err(_) => return Err(fault),
            },
        }
        self.state.borrow_mut().seen = generation;
        Ok(())
    }
}

impl<P: Backend, R: Backend> Backend for ReplicatedBackend<P, R> {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        let _guard = self.lock.acquire().await;
        if let Some(side) = self.still_alone().await? {
            return self.load_from(side).await;
        }
        let seen = self.state.borrow().seen;
        let generation = |of: &Option<StoredManifest>| of.as_ref().map_or(0, |manifest| manifest.generation);
        let loaded = match (self.primary.load().await, self.replica.load().await) {
            (Ok(primary), Ok(replica)) if primary == replica => primary,
            (Ok(_), Ok(_)) => {
                self.settle().await?;
                self.load_from(self.alone().unwrap_or(Side::Primary)).await?
            }
            (Ok(loaded), Err(fault)) if generation(&loaded) >= seen => {
                self.set_behind(Side::Replica, fault, generation(&loaded));
                loaded
            }
            (Err(fault), Ok(loaded)) if generation(&loaded) >= seen => {
                self.set_behind(Side::Primary, fault, generation(&loaded));
                loaded
            }
            (Err(fault), _) | (_, Err(fault)) => return Err(fault),
        };
        self.state.borrow_mut().seen = generation(&loaded);
        Ok(loaded)
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        if let Some(side) = self.alone() {
            return self.get_from(side, keys).await;
        }
        match self.primary.get(keys).await {
            Ok(values) => Ok(values),
            Err(fault) => self.replica.get(keys).await.map_err(|_also_failed| fault),
        }
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        let _guard = self.lock.acquire().await;
        let Some(side) = self.still_alone().await? else { return self.commit_both(batch).await };
        let generation = batch.manifest.generation;
        let common = self.state.borrow().common;
        self.commit_to(side, self.marked(&batch, Standing::Alone, common)).await?;
        self.state.borrow_mut().seen = generation;
        Ok(())
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        self.list_of(self.alone().unwrap_or(Side::Primary)).await
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        let _guard = self.lock.acquire().await;
        // What is not destroyed would be taken for the copy that holds: so the one in use goes last.
        let last = self.alone().unwrap_or(Side::Primary);
        self.destroy_of(last.other()).await?;
        self.destroy_of(last).await?;
        self.set_in_step(0);
        Ok(())
    }

    async fn repair(&self, key: SectionKey, len: u32, checksum: u32) -> Result<Option<Vec<u8>>, BackendError> {
        let _guard = self.lock.acquire().await;
        let mut good = None;
        let mut bad = None;
        for side in [Side::Primary, Side::Replica] {
            // A copy that does not answer has nothing to give and can't be written to.
            let Ok(mut values) = self.get_from(side, &[key]).await else { continue };
            match values.pop().flatten() {
                Some(value) if envelope::is_intact(&value, len, checksum) => good = Some(value),
                _ => bad = Some(side),
            }
        }
        let Some(good) = good else { return Ok(None) };
        if let Some(side) = bad.filter(|&side| self.alone().is_none_or(|alone| alone == side)) {
            let Some(manifest) = self.load_from(side).await? else { return Ok(Some(good)) };
            let puts = vec![(key, Rc::new(good.clone()))];
            let expected_generation = manifest.generation;
            self.commit_to(side, CommitBatch { expected_generation, manifest, puts, deletes: Vec::new() }).await?;
        }
        Ok(Some(good))
    }
}
