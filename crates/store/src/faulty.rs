//! A back end that fails when it is told to.

use std::cell::Cell;
use std::rc::Rc;

use crate::{Backend, BackendError, CommitBatch, SectionKey, StoredManifest};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultMode {
    /// An error before anything happened.
    ErrorBefore,
    /// The transaction is aborted at its end: nothing of it is stored. Other operations fail before they happen.
    AbortAtCommit,
    /// It happens, and its reply is lost.
    AppliedButLost,
    /// No room left.
    Quota,
    /// The connection is lost before anything happened, and stays lost for every later operation.
    ConnectionLost,
}

impl FaultMode {
    /// Every mode.
    pub const ALL: [Self; 5] =
        [Self::ErrorBefore, Self::AbortAtCommit, Self::AppliedButLost, Self::Quota, Self::ConnectionLost];

    fn error(self) -> BackendError {
        match self {
            Self::ErrorBefore => BackendError::Other("injected error".to_owned()),
            Self::AbortAtCommit => BackendError::Aborted("injected abort".to_owned()),
            Self::AppliedButLost => BackendError::ConnectionLost("injected loss of the reply".to_owned()),
            Self::Quota => BackendError::Quota("injected lack of room".to_owned()),
            Self::ConnectionLost => BackendError::ConnectionLost("injected loss".to_owned()),
        }
    }
}

/// Passes every operation on, but for the ones it was told to fail. Clones share the count and the fault.
#[derive(Clone, Debug)]
pub struct FaultyBackend<B> {
    inner: B,
    control: Rc<Control>,
}

#[derive(Debug, Default)]
struct Control {
    operations: Cell<u64>,
    fault: Cell<Option<(u64, FaultMode)>>,
    disconnected: Cell<bool>,
}

impl<B> FaultyBackend<B> {
    /// Without faults for now.
    pub fn new(inner: B) -> Self {
        Self { inner, control: Rc::default() }
    }

    /// Fails the `nth` operation from the first, counted from 0.
    pub fn fail(&self, nth: u64, mode: FaultMode) {
        self.control.fault.set(Some((nth, mode)));
    }

    /// Operations so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.control.operations.get()
    }

    /// Ends a lost connection.
    pub fn reconnect(&self) {
        self.control.disconnected.set(false);
    }

    /// What fails this operation, if anything.
    fn next(&self) -> Result<Option<FaultMode>, BackendError> {
        if self.control.disconnected.get() {
            return Err(FaultMode::ConnectionLost.error());
        }
        let nth = self.control.operations.get();
        self.control.operations.set(nth + 1);
        match self.control.fault.get() {
            Some((at, mode)) if at == nth => {
                self.control.disconnected.set(mode == FaultMode::ConnectionLost);
                Ok(Some(mode))
            }
            _ => Ok(None),
        }
    }

    async fn run<T>(&self, operation: impl Future<Output = Result<T, BackendError>>) -> Result<T, BackendError> {
        match self.next()? {
            None => operation.await,
            Some(mode @ FaultMode::AppliedButLost) => {
                let _lost = operation.await?;
                Err(mode.error())
            }
            Some(mode) => Err(mode.error()),
        }
    }
}

impl<B: Backend> Backend for FaultyBackend<B> {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        self.run(self.inner.load()).await
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        self.run(self.inner.get(keys)).await
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        self.run(self.inner.commit(batch)).await
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        self.run(self.inner.list()).await
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        self.run(self.inner.destroy()).await
    }
}
