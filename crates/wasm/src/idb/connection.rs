//! The connection to one database: opened when it is needed, given up when another tab needs it or the browser loses it.
//!
//! ```text
//! Closed --open--> Open --versionchange--> Closed   (another tab upgrades or deletes: it must not wait for this one)
//!                       --close, InvalidStateError, UnknownError--> Closed   (lost: the next operation opens again)
//! ```

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use emberglass_store::BackendError;
use idb::event::VersionChangeEvent;
use idb::{Database, DatabaseEvent as _, Factory, ObjectStoreParams};
use wasm_bindgen_futures::spawn_local;
use web_sys::IdbDatabase;

use super::error::from_idb;
use super::{MANIFEST_STORE, SECTIONS_STORE};
use crate::host::sleep;

/// Version of the database's schema: which object stores there are.
pub(super) const SCHEMA_VERSION: u32 = 1;
/// Waits before each attempt to open, ms.
const BACKOFF_MS: [i32; 4] = [0, 50, 250, 1000];
/// How long other tabs may block an upgrade, ms.
const BLOCKED_MS: i32 = 5000;

/// What happened to a connection without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// Another tab upgrades or deletes the database; this one gave it up.
    Released,
    /// The browser lost it.
    Lost,
    /// It was opened again.
    Reopened,
}

/// Hears of events.
type Observer = Rc<dyn Fn(ConnectionEvent)>;

pub(super) struct Connection {
    name: String,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    open: RefCell<Option<Rc<Open>>>,
    observer: RefCell<Option<Observer>>,
    given_up: Cell<bool>,
}

/// An open connection; closed when the last operation on it ends.
pub(super) struct Open {
    /// Holds the event handlers.
    _database: Database,
    pub(super) raw: IdbDatabase,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.raw.close();
        // A `close` event may be on its way.
        self.raw.set_onclose(None);
        self.raw.set_onversionchange(None);
    }
}

impl Shared {
    fn tell(&self, event: ConnectionEvent) {
        let observer = self.observer.borrow().clone();
        if let Some(observer) = observer {
            observer(event);
        }
    }

    /// Gives the connection up from one of its own handlers.
    fn give_up(weak: &Weak<Self>, event: ConnectionEvent) {
        let Some(shared) = weak.upgrade() else { return };
        let open = shared.open.borrow_mut().take();
        if let Some(open) = open {
            shared.given_up.set(true);
            open.raw.close();
            // The handler that runs now belongs to it.
            spawn_local(async move { drop(open) });
            shared.tell(event);
        }
    }
}

impl Connection {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), shared: Rc::default() }
    }

    pub(super) fn observe(&self, observer: impl Fn(ConnectionEvent) + 'static) {
        *self.shared.observer.borrow_mut() = Some(Rc::new(observer));
    }

    /// Closes it; the next operation opens it again.
    pub(super) fn close(&self) {
        self.shared.open.borrow_mut().take();
    }

    /// Gives up a connection that turned out to be lost.
    pub(super) fn lost(&self, lost: &Rc<Open>) {
        let mut open = self.shared.open.borrow_mut();
        if open.as_ref().is_some_and(|open| Rc::ptr_eq(open, lost)) {
            *open = None;
            drop(open);
            self.shared.given_up.set(true);
            self.shared.tell(ConnectionEvent::Lost);
        }
    }

    /// The open connection; opens it, with some patience, if there is none.
    pub(super) async fn get(&self) -> Result<Rc<Open>, BackendError> {
        let mut last = None;
        for wait in BACKOFF_MS {
            if let Some(open) = &*self.shared.open.borrow() {
                return Ok(Rc::clone(open));
            }
            if wait > 0 {
                sleep(wait).await;
            }
            match open(&self.name).await {
                Ok(database) => return Ok(self.adopt(database)),
                Err(error @ (BackendError::ConnectionLost(_) | BackendError::Aborted(_))) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last.unwrap_or_else(|| BackendError::ConnectionLost("it can't be opened".to_owned())))
    }

    fn adopt(&self, database: Database) -> Rc<Open> {
        let raw = IdbDatabase::from(database);
        let mut database = Database::from(raw.clone());
        if let Some(open) = &*self.shared.open.borrow() {
            // Another operation was faster.
            raw.close();
            return Rc::clone(open);
        }
        let weak = Rc::downgrade(&self.shared);
        database.on_version_change(move |_event| Shared::give_up(&weak, ConnectionEvent::Released));
        let weak = Rc::downgrade(&self.shared);
        database.on_close(move |_event| Shared::give_up(&weak, ConnectionEvent::Lost));
        let open = Rc::new(Open { _database: database, raw });
        *self.shared.open.borrow_mut() = Some(Rc::clone(&open));
        if self.shared.given_up.replace(false) {
            self.shared.tell(ConnectionEvent::Reopened);
        }
        open
    }
}

/// Opens the database, and creates its object stores if it is new.
async fn open(name: &str) -> Result<Database, BackendError> {
    let factory = Factory::new().map_err(|error| from_idb(&error))?;
    let mut request = factory.open(name, Some(SCHEMA_VERSION)).map_err(|error| from_idb(&error))?;
    let failure = Rc::new(RefCell::new(None));
    let in_upgrade = Rc::clone(&failure);
    request.on_upgrade_needed(move |event| {
        if let Err(error) = upgrade(&event) {
            *in_upgrade.borrow_mut() = Some(from_idb(&error));
        }
    });
    let blocked = Rc::new(Cell::new(false));
    let in_blocked = Rc::clone(&blocked);
    request.on_blocked(move |_event| in_blocked.set(true));

    let mut opened = Box::pin(request.into_future());
    let mut patience = pin!(sleep(BLOCKED_MS));
    let mut waiting = true;
    let result = std::future::poll_fn(|context| {
        if let Poll::Ready(result) = opened.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        if waiting && patience.as_mut().poll(context).is_ready() {
            waiting = false;
        }
        if !waiting && blocked.get() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await;
    match result {
        Some(Ok(database)) => match failure.take() {
            Some(error) => {
                database.close();
                Err(error)
            }
            None => Ok(database),
        },
        Some(Err(error)) => Err(failure.take().unwrap_or_else(|| from_idb(&error))),
        None => {
            // The request stays: what it opens one day must not block others in turn.
            spawn_local(async move {
                if let Ok(database) = opened.await {
                    database.close();
                }
            });
            Err(BackendError::Blocked("it keeps an older version open".to_owned()))
        }
    }
}

/// Creates what a schema version adds, from the version found on.
fn upgrade(event: &VersionChangeEvent) -> Result<(), idb::Error> {
    let database = event.database()?;
    if event.old_version()? < 1 {
        for store in [MANIFEST_STORE, SECTIONS_STORE] {
            database.create_object_store(store, ObjectStoreParams::new())?;
        }
    }
    Ok(())
}

/// Deletes a whole database.
pub(super) async fn delete(name: &str) -> Result<(), BackendError> {
    let factory = Factory::new().map_err(|error| from_idb(&error))?;
    let request = factory.delete(name).map_err(|error| from_idb(&error))?;
    request.await.map_err(|error| from_idb(&error))
}
