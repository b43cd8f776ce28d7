//! The connection to one database, as [`Connection`] decides: opened when it is needed, given up when another tab needs it
//! or the browser loses it.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use emberglass_store::{BackendError, Connection, ConnectionEvent, ConnectionStep, Lock};
use idb::event::VersionChangeEvent;
use idb::{Database, DatabaseEvent as _, Factory, ObjectStoreParams};
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{IdbDatabase, IdbVersionChangeEvent};

use super::error::from_idb;
use super::{MANIFEST_STORE, SECTIONS_STORE};
use crate::host::sleep;

/// Version of the database's schema: which object stores there are.
pub(super) const SCHEMA_VERSION: u32 = 1;
/// How long other tabs may block an upgrade, ms.
const BLOCKED_MS: i32 = 5000;

/// Hears of changes.
type Observer = Rc<dyn Fn(&Connection)>;

/// Performs what the state machine decides.
pub(super) struct Link {
    name: String,
    /// Version of the schema to open it with; that which there is without one.
    version: Option<u32>,
    /// One operation opens, the others wait for it.
    opening: Lock,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: RefCell<Connection>,
    open: RefCell<Option<Rc<Open>>>,
    observer: RefCell<Option<Observer>>,
    /// What the browser said when it gave an empty database in place of one that it could not read.
    dropped: RefCell<Option<String>>,
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
    /// Tells the state machine, and whoever watches it.
    fn on(&self, event: ConnectionEvent) -> ConnectionStep {
        let (step, now) = {
            let mut state = self.state.borrow_mut();
            let before = state.clone();
            let step = state.on(event);
            (step, (*state != before).then(|| state.clone()))
        };
        let observer = self.observer.borrow().clone();
        if let (Some(observer), Some(now)) = (observer, now) {
            observer(&now);
        }
        step
    }

    /// Gives the connection up from one of its own handlers.
    fn give_up(weak: &Weak<Self>, event: ConnectionEvent) {
        let Some(shared) = weak.upgrade() else { return };
        let open = shared.open.borrow_mut().take();
        if let Some(open) = open {
            open.raw.close();
            // The handler that runs now belongs to it.
            spawn_local(async move { drop(open) });
            shared.on(event);
        }
    }
}

impl Link {
    pub(super) fn new(name: &str) -> Self {
        Self::with(name, Some(SCHEMA_VERSION))
    }

    /// Opens whatever version there is.
    pub(super) fn to_any_version(name: &str) -> Self {
        Self::with(name, None)
    }

    fn with(name: &str, version: Option<u32>) -> Self {
        Self { name: name.to_owned(), version, opening: Lock::default(), shared: Rc::default() }
    }

    pub(super) fn observe(&self, observer: impl Fn(&Connection) + 'static) {
        *self.shared.observer.borrow_mut() = Some(Rc::new(observer));
    }

    pub(super) fn state(&self) -> Connection {
        self.shared.state.borrow().clone()
    }

    /// Why the browser dropped what was stored; `None` where it did not, or does not tell.
    pub(super) fn dropped(&self) -> Option<String> {
        self.shared.dropped.borrow().clone()
    }

    /// Closes it; the next operation opens it again.
    pub(super) fn close(&self) {
        if self.shared.open.borrow_mut().take().is_some() {
            self.shared.on(ConnectionEvent::Lost);
        }
    }

    /// Gives up a connection that turned out to be lost.
    pub(super) fn lost(&self, lost: &Rc<Open>) {
        let mut open = self.shared.open.borrow_mut();
        if open.as_ref().is_some_and(|open| Rc::ptr_eq(open, lost)) {
            *open = None;
            drop(open);
            self.shared.on(ConnectionEvent::Lost);
        }
    }

    fn current(&self) -> Option<Rc<Open>> {
        self.shared.open.borrow().clone()
    }

    /// The open connection; opens it, with some patience, if there is none.
    pub(super) async fn get(&self) -> Result<Rc<Open>, BackendError> {
        if let Some(open) = self.current() {
            return Ok(open);
        }
        let _one = self.opening.acquire().await;
        let mut step = self.shared.on(ConnectionEvent::Wanted);
        loop {
            step = match step {
                ConnectionStep::Use => match self.current() {
                    Some(open) => return Ok(open),
                    // Lost again since.
                    None => self.shared.on(ConnectionEvent::Lost),
                },
                ConnectionStep::Close => self.shared.on(ConnectionEvent::Wanted),
                ConnectionStep::Fail(fault) => return Err(fault),
                ConnectionStep::Wait(pause) => {
                    sleep(i32::try_from(pause).unwrap_or(i32::MAX)).await;
                    self.shared.on(ConnectionEvent::Waited)
                }
                ConnectionStep::Open => match open(&self.name, self.version).await {
                    Ok((database, dropped)) => {
                        if dropped.is_some() {
                            *self.shared.dropped.borrow_mut() = dropped;
                        }
                        self.adopt(database);
                        self.shared.on(ConnectionEvent::Opened)
                    }
                    Err(fault) => self.shared.on(ConnectionEvent::Failed(fault)),
                },
            };
        }
    }

    fn adopt(&self, database: Database) {
        let raw = IdbDatabase::from(database);
        let mut database = Database::from(raw.clone());
        let weak = Rc::downgrade(&self.shared);
        database.on_version_change(move |_event| Shared::give_up(&weak, ConnectionEvent::Released));
        let weak = Rc::downgrade(&self.shared);
        database.on_close(move |_event| Shared::give_up(&weak, ConnectionEvent::Lost));
        *self.shared.open.borrow_mut() = Some(Rc::new(Open { _database: database, raw }));
    }
}

/// Opens the database, and creates its object stores if it is new; with why the browser dropped the one that was there, if it did.
async fn open(name: &str, version: Option<u32>) -> Result<(Database, Option<String>), BackendError> {
    let factory = Factory::new().map_err(|error| from_idb(&error))?;
    let mut request = factory.open(name, version).map_err(|error| from_idb(&error))?;
    let failure = Rc::new(RefCell::new(None));
    let in_upgrade = Rc::clone(&failure);
    let dropped = Rc::new(RefCell::new(None));
    let in_drop = Rc::clone(&dropped);
    request.on_upgrade_needed(move |event| {
        *in_drop.borrow_mut() = data_loss(&event);
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
            None => Ok((database, dropped.take())),
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

/// Why the browser could not read the database that was there, where it made an empty one in its place: Chromium tells,
/// in fields of its own, `dataLoss` and `dataLossMessage`.
fn data_loss(event: &VersionChangeEvent) -> Option<String> {
    let event: IdbVersionChangeEvent = event.clone().into();
    let get = |key: &str| Reflect::get(&event, &JsValue::from_str(key)).ok().and_then(|value| value.as_string());
    (get("dataLoss").as_deref() == Some("total")).then(|| get("dataLossMessage").unwrap_or_default())
}

/// Deletes a whole database.
pub(super) async fn delete(name: &str) -> Result<(), BackendError> {
    let factory = Factory::new().map_err(|error| from_idb(&error))?;
    let request = factory.delete(name).map_err(|error| from_idb(&error))?;
    request.await.map_err(|error| from_idb(&error))
}
