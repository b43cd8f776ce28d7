//! One IndexedDB transaction, from its first request to its end.
//!
//! Every request is issued before anything is awaited: a transaction that waits for something else ends by itself.
//! Requests carry no handlers and are kept until the transaction ended, so that no event finds its handler gone; their
//! results are read afterwards. The end is the `complete` or the `abort` event, whose `error` tells why, quota at commit
//! included.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Poll, Waker};

use emberglass_store::BackendError;
use idb::{ObjectStore, Transaction};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DomException, IdbDatabase, IdbTransaction};

use super::error::{from_exception, from_idb, from_thrown};

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    /// Writes that are flushed before the transaction completes.
    WriteStrictly,
}

/// A transaction that has not ended yet. Dropped before its end, it is aborted.
pub(super) struct Running {
    transaction: Transaction,
    raw: IdbTransaction,
    end: Rc<RefCell<End>>,
}

#[derive(Default)]
struct End {
    outcome: Option<Result<(), Option<DomException>>>,
    waker: Option<Waker>,
}

impl End {
    fn reach(end: &Rc<RefCell<Self>>, outcome: Result<(), Option<DomException>>) {
        let waker = {
            let mut end = end.borrow_mut();
            end.outcome = Some(outcome);
            end.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Running {
    /// Begins a transaction over `stores`.
    pub(super) fn begin(database: &IdbDatabase, stores: &[&str], mode: Mode) -> Result<Self, BackendError> {
        let raw = open(database, stores, mode).map_err(|thrown| from_thrown(&thrown))?;
        let mut transaction = Transaction::from(raw.clone());
        let end = Rc::new(RefCell::new(End::default()));
        let completed = Rc::clone(&end);
        transaction.on_complete(move |_event| End::reach(&completed, Ok(())));
        let aborted = Rc::clone(&end);
        let of = raw.clone();
        transaction.on_abort(move |_event| End::reach(&aborted, Err(of.error())));
        Ok(Self { transaction, raw, end })
    }

    /// One of its object stores.
    pub(super) fn store(&self, name: &str) -> Result<ObjectStore, BackendError> {
        self.transaction.object_store(name).map_err(|error| from_idb(&error))
    }

    /// For handlers of its requests.
    pub(super) fn raw(&self) -> IdbTransaction {
        self.raw.clone()
    }

    /// Waits for the end; `requests` are what was issued, or why that went wrong.
    ///
    /// # Errors
    /// Why it was aborted, or what went wrong before.
    pub(super) async fn end<T>(self, requests: Result<T, BackendError>) -> Result<T, BackendError> {
        if requests.is_err() {
            abort(&self.raw);
        }
        let outcome = std::future::poll_fn(|context| {
            let mut end = self.end.borrow_mut();
            match end.outcome.take() {
                Some(outcome) => {
                    // Kept for the destructor.
                    end.outcome = Some(Ok(()));
                    Poll::Ready(outcome)
                }
                None => {
                    end.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await;
        let requests = requests?;
        match outcome {
            Ok(()) => Ok(requests),
            Err(Some(exception)) => Err(from_exception(&exception)),
            Err(None) => Err(BackendError::Aborted("the transaction was aborted".to_owned())),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.end.borrow().outcome.is_none() {
            // Its events are still to come and must find their handlers.
            self.transaction.forget_callbacks();
            abort(&self.raw);
        }
    }
}

/// Aborts; one that ended already stays as it is.
pub(super) fn abort(transaction: &IdbTransaction) {
    let _ended = transaction.abort();
}

/// `database.transaction(stores, mode, { durability })`, which the bindings lack.
fn open(database: &IdbDatabase, stores: &[&str], mode: Mode) -> Result<IdbTransaction, JsValue> {
    let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
    let options = Object::new();
    let mode = match mode {
        Mode::Read => "readonly",
        Mode::WriteStrictly => {
            Reflect::set(&options, &"durability".into(), &"strict".into())?;
            "readwrite"
        }
    };
    let function: Function = Reflect::get(database, &"transaction".into())?.dyn_into()?;
    function.call3(database, &names, &mode.into(), &options)?.dyn_into()
}
