//! What to do while the storage fails: keep what came in, try again with growing pauses, and say so.
//!
//! An input is answered once it is durable. While the storage can't be reached it waits in memory; the status says how
//! much waits, why, and since when. Faults that waiting can't help are answered at once.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emberglass_engine::{Database, EngineError, UnsavedAnswer};
use js_sys::{Date, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::backend::AnyBackend;
use crate::host::sleep;

/// Codes of faults that may pass.
const PASSING: [&str; 5] =
    ["storage-connection-lost", "storage-closed", "storage-aborted", "storage-blocked", "storage-conflict"];
/// First and longest pause, ms.
const FIRST_PAUSE_MS: i32 = 500;
const LONGEST_PAUSE_MS: i32 = 30_000;

/// Inputs under way, and the fault that keeps them.
pub(crate) struct Patience {
    db: Rc<Database<AnyBackend>>,
    inputs: Cell<u32>,
    bytes: Cell<f64>,
    trouble: RefCell<Option<Trouble>>,
    retrying: Cell<bool>,
    changed: RefCell<Option<Function>>,
}

struct Trouble {
    error: EngineError,
    since_ms: f64,
}

/// An input under way; counts back when dropped.
pub(crate) struct Waiting {
    of: Rc<Patience>,
    bytes: f64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.of.inputs.set(self.of.inputs.get().saturating_sub(1));
        self.of.bytes.set(self.of.bytes.get() - self.bytes);
    }
}

impl Patience {
    pub(crate) fn new(db: &Rc<Database<AnyBackend>>) -> Rc<Self> {
        let new = Rc::new(Self {
            db: Rc::clone(db),
            inputs: Cell::new(0),
            bytes: Cell::new(0.0),
            trouble: RefCell::new(None),
            retrying: Cell::new(false),
            changed: RefCell::new(None),
        });
        let weak = Rc::downgrade(&new);
        db.backend().observe(move || {
            if let Some(of) = weak.upgrade() {
                of.tell();
            }
        });
        new
    }

    pub(crate) fn observe(&self, changed: Function) {
        *self.changed.borrow_mut() = Some(changed);
    }

    /// Tells whoever observes.
    pub(crate) fn tell(&self) {
        let changed = self.changed.borrow().clone();
        if let Some(changed) = changed {
            let _told = changed.call0(&JsValue::NULL);
        }
    }

    pub(crate) fn begin(self: &Rc<Self>, bytes: f64) -> Waiting {
        self.inputs.set(self.inputs.get() + 1);
        self.bytes.set(self.bytes.get() + bytes);
        Waiting { of: Rc::clone(self), bytes }
    }

    /// What waits, while something fails.
    pub(crate) fn unsaved(&self) -> Option<UnsavedAnswer> {
        let trouble = self.trouble.borrow();
        let Trouble { error, since_ms } = trouble.as_ref()?;
        Some(UnsavedAnswer {
            inputs: self.inputs.get(),
            bytes: self.bytes.get(),
            code: error.code.clone(),
            why: error.message.clone(),
            since_ms: *since_ms,
        })
    }

    /// Notes a fault that may pass.
    ///
    /// # Errors
    /// The fault, if it may not.
    fn note(&self, error: EngineError) -> Result<(), EngineError> {
        if !PASSING.contains(&error.code.as_str()) {
            return Err(error);
        }
        let since_ms = self.trouble.borrow().as_ref().map_or_else(Date::now, |trouble| trouble.since_ms);
        *self.trouble.borrow_mut() = Some(Trouble { error, since_ms });
        self.tell();
        Ok(())
    }

    /// Waits for the storage to answer again.
    ///
    /// # Errors
    /// The fault, if waiting can't help.
    pub(crate) async fn wait(self: &Rc<Self>, error: EngineError) -> Result<(), EngineError> {
        self.retry(error)?;
        while self.retrying.get() {
            sleep(FIRST_PAUSE_MS).await;
        }
        Ok(())
    }

    /// Sees to it that the storage is tried again.
    ///
    /// # Errors
    /// The fault, if that can't help.
    pub(crate) fn retry(self: &Rc<Self>, error: EngineError) -> Result<(), EngineError> {
        self.note(error)?;
        if !self.retrying.replace(true) {
            let of = Rc::clone(self);
            spawn_local(async move { of.retry_until_stored().await });
        }
        Ok(())
    }

    async fn retry_until_stored(&self) {
        let mut pause = FIRST_PAUSE_MS;
        loop {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE_MS);
            // A look first: what waits may not be staged yet.
            let tried = match self.db.refresh().await {
                Ok(_changed) => self.db.flush().await,
                Err(error) => Err(error),
            };
            match tried {
                Err(error) if self.note(error.clone()).is_ok() => {}
                // Stored, or a fault that those who wait are told.
                Ok(()) | Err(_) => break,
            }
        }
        *self.trouble.borrow_mut() = None;
        self.retrying.set(false);
        self.tell();
    }
}
