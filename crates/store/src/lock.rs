//! A lock for one thread: who waits gets it in turn.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Held by one [`Guard`] at a time.
#[derive(Debug, Default)]
pub struct Lock {
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    held: bool,
    next_ticket: u64,
    waiting: VecDeque<(u64, Option<Waker>)>,
}

/// Gives the lock back when dropped.
#[derive(Debug)]
pub struct Guard<'a> {
    lock: &'a Lock,
}

/// A place in the queue; leaves it when dropped.
struct Ticket<'a> {
    lock: &'a Lock,
    number: u64,
}

impl Lock {
    /// Waits for the lock.
    pub async fn acquire(&self) -> Guard<'_> {
        let ticket = {
            let mut state = self.state.borrow_mut();
            let number = state.next_ticket;
            state.next_ticket += 1;
            state.waiting.push_back((number, None));
            Ticket { lock: self, number }
        };
        poll_fn(|context| {
            let mut state = self.state.borrow_mut();
            let first = state.waiting.front().is_some_and(|(number, _)| *number == ticket.number);
            if first && !state.held {
                state.held = true;
                return Poll::Ready(());
            }
            if let Some((_, waker)) = state.waiting.iter_mut().find(|(number, _)| *number == ticket.number) {
                *waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        Guard { lock: self }
    }

    fn wake_next(&self) {
        let next = self.state.borrow_mut().waiting.front_mut().and_then(|(_, waker)| waker.take());
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.lock.state.borrow_mut().waiting.retain(|(number, _)| *number != self.number);
        if !self.lock.state.borrow().held {
            self.lock.wake_next();
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.lock.state.borrow_mut().held = false;
        self.lock.wake_next();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn waiters_get_it_in_turn_and_may_leave() {
        let lock = Lock::default();
        let order = RefCell::new(Vec::new());
        let go = Cell::new(false);
        let work = async |name: char| {
            let _guard = lock.acquire().await;
            poll_fn(|_| if go.get() { Poll::Ready(()) } else { Poll::Pending }).await;
            order.borrow_mut().push(name);
        };
        let mut context = Context::from_waker(Waker::noop());
        let (mut a, mut c) = (pin!(work('a')), pin!(work('c')));
        assert!(a.as_mut().poll(&mut context).is_pending());
        {
            let mut b = pin!(work('b'));
            assert!(b.as_mut().poll(&mut context).is_pending());
            assert!(c.as_mut().poll(&mut context).is_pending());
        }
        go.set(true);
        assert!(c.as_mut().poll(&mut context).is_pending());
        assert!(a.as_mut().poll(&mut context).is_ready());
        assert!(c.as_mut().poll(&mut context).is_ready());
        assert_eq!(*order.borrow(), ['a', 'c']);
    }
}
