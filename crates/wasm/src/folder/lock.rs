//! Web Locks: one holder of a name at a time, among all tabs and workers of the origin; a holder that dies gives it back
//! (<https://www.w3.org/TR/web-locks/>).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emberglass_store::BackendError;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::idb::error::from_thrown;

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks.request(name, callback)`; only secure contexts have it.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, callback: &JsValue) -> Result<Promise, JsValue>;
}

#[derive(Default)]
struct Hold {
    /// Ends the hold.
    release: RefCell<Option<Function>>,
    /// Nobody waits any more.
    abandoned: Cell<bool>,
}

/// Held, or waited for, until it is dropped.
pub struct WebLock {
    hold: Rc<Hold>,
}

impl std::fmt::Debug for WebLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebLock").finish_non_exhaustive()
    }
}

impl Drop for WebLock {
    fn drop(&mut self) {
        self.hold.abandoned.set(true);
        if let Some(release) = self.hold.release.take() {
            let _released = release.call0(&JsValue::NULL);
        }
    }
}

impl WebLock {
    /// Waits until this is the holder of `name`.
    ///
    /// # Errors
    /// That the browser has no locks here.
    pub(crate) async fn acquire(name: &str) -> Result<Self, BackendError> {
        let lock = Self { hold: Rc::default() };
        let granted = Promise::new(&mut |granted: Function, refused: Function| {
            let hold = Rc::clone(&lock.hold);
            let callback = Closure::once_into_js(move |_lock: JsValue| {
                Promise::new(&mut |release: Function, _| {
                    if hold.abandoned.get() {
                        let _released = release.call0(&JsValue::NULL);
                        return;
                    }
                    *hold.release.borrow_mut() = Some(release);
                    let _told = granted.call0(&JsValue::NULL);
                })
            });
            let failure = match request(name, &callback) {
                Ok(requested) => Reflect::get(&requested, &"catch".into())
                    .and_then(|catch| catch.unchecked_into::<Function>().call1(&requested, &refused))
                    .err(),
                Err(thrown) => Some(thrown),
            };
            if let Some(thrown) = failure {
                let _told = refused.call1(&JsValue::NULL, &thrown);
            }
        });
        JsFuture::from(granted).await.map_err(|thrown| from_thrown(&thrown))?;
        Ok(lock)
    }
}
