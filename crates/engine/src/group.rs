//! Group commit: many inputs wait for one transaction.
//!
//! Every staged input takes a ticket; a commit covers all tickets taken before it began. Commits run one at
//! a time. A failed commit fails those who wait for it; what they staged stays staged, so that a later
//! commit may still store it: not acknowledged is not the same as not stored, and sending it again is safe.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::EngineError;

/// Number of a staged input; a commit covers all numbers up to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

#[derive(Debug, Default)]
struct Inner {
    taken: u64,
    committed: u64,
    busy: bool,
    attempts: u64,
    last_failure: Option<(u64, EngineError)>,
    waiters: Vec<Waker>,
}

/// The tickets and those who wait.
#[derive(Debug, Default)]
pub(crate) struct CommitGroup {
    inner: RefCell<Inner>,
}

impl CommitGroup {
    pub(crate) fn take_ticket(&self) -> Ticket {
        let mut inner = self.inner.borrow_mut();
        inner.taken += 1;
        Ticket(inner.taken)
    }

    /// True if something is staged that no finished commit covers.
    pub(crate) fn is_pending(&self) -> bool {
        let inner = self.inner.borrow();
        inner.taken > inner.committed
    }

    /// Waits for its turn; the commit that follows covers the ticket returned. Must be followed by
    /// [`Self::finish`].
    pub(crate) async fn begin(&self) -> Ticket {
        poll_fn(|context| {
            let mut inner = self.inner.borrow_mut();
            if inner.busy {
                inner.waiters.push(context.waker().clone());
                return Poll::Pending;
            }
            inner.busy = true;
            Poll::Ready(Ticket(inner.taken))
        })
        .await
    }

    pub(crate) fn finish(&self, covered: Ticket, result: Result<(), EngineError>) {
        let waiters = {
            let mut inner = self.inner.borrow_mut();
            inner.busy = false;
            inner.attempts += 1;
            match result {
                Ok(()) => {
                    inner.committed = inner.committed.max(covered.0);
                    inner.last_failure = None;
                }
                Err(error) => inner.last_failure = Some((covered.0, error)),
            }
            std::mem::take(&mut inner.waiters)
        };
        for waker in waiters {
            waker.wake();
        }
    }

    /// Waits until a commit that covers `ticket` has finished.
    pub(crate) async fn committed(&self, ticket: Ticket) -> Result<(), EngineError> {
        let attempts_before = self.inner.borrow().attempts;
        poll_fn(|context| {
            let mut inner = self.inner.borrow_mut();
            if inner.committed >= ticket.0 {
                return Poll::Ready(Ok(()));
            }
            match &inner.last_failure {
                Some((covered, error)) if *covered >= ticket.0 && inner.attempts > attempts_before => {
                    Poll::Ready(Err(error.clone()))
                }
                _ => {
                    inner.waiters.push(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_commit_covers_the_tickets_taken_before_it_began() {
        let group = CommitGroup::default();
        let early = group.take_ticket();
        let covered = pollster::block_on(group.begin());
        let late = group.take_ticket();
        let mut early_waits = pin!(group.committed(early));
        let mut late_waits = pin!(group.committed(late));
        assert!(poll(early_waits.as_mut()).is_pending());
        group.finish(covered, Ok(()));
        assert_eq!(poll(early_waits.as_mut()), Poll::Ready(Ok(())));
        assert!(poll(late_waits.as_mut()).is_pending());
        assert!(group.is_pending());
    }

    #[test]
    fn commits_run_one_at_a_time() {
        let group = CommitGroup::default();
        let first = pollster::block_on(group.begin());
        let mut second = pin!(group.begin());
        assert!(poll(second.as_mut()).is_pending());
        group.finish(first, Ok(()));
        assert!(poll(second.as_mut()).is_ready());
    }

    #[test]
    fn a_failure_reaches_those_who_wait_and_no_one_later() {
        let group = CommitGroup::default();
        let ticket = group.take_ticket();
        let mut waits = pin!(group.committed(ticket));
        assert!(poll(waits.as_mut()).is_pending());
        let covered = pollster::block_on(group.begin());
        group.finish(covered, Err(EngineError::new("quota", "full")));
        assert!(matches!(poll(waits.as_mut()), Poll::Ready(Err(_))));
        let mut again = pin!(group.committed(ticket));
        assert!(poll(again.as_mut()).is_pending());
        let covered = pollster::block_on(group.begin());
        group.finish(covered, Ok(()));
        assert_eq!(poll(again.as_mut()), Poll::Ready(Ok(())));
    }
}
