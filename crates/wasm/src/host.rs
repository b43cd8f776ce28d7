//! What the worker gives: a clock, a timer, and a way to let other messages through.

use emberglass_engine::YieldNow;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

#[wasm_bindgen]
extern "C" {
    /// `performance.now()`, in windows, workers and Node alike.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn now_ms() -> f64;
}

/// Nanoseconds since the epoch.
pub(crate) fn now_ns() -> i64 {
    (js_sys::Date::now() * 1e6) as i64
}

/// Waits `ms` milliseconds.
pub(crate) async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve: Function, _reject: Function| {
        let global = js_sys::global();
        let timer = Reflect::get(&global, &JsValue::from_str("setTimeout"));
        if let Some(set_timeout) = timer.ok().and_then(|timer| timer.dyn_into::<Function>().ok()) {
            // Without timers the promise would never resolve: go on at once then.
            if set_timeout.call2(&global, &resolve, &JsValue::from(ms)).is_ok() {
                return;
            }
        }
        let _resolved = resolve.call0(&JsValue::NULL);
    });
    let _elapsed = JsFuture::from(promise).await;
}

/// Yields by a message to itself: a timer would be clamped to 4 ms, a microtask would let nothing through.
pub(crate) struct WorkerYield;

impl YieldNow for WorkerYield {
    async fn yield_now(&self) {
        let Ok(channel) = MessageChannel::new() else { return };
        let port = channel.port1();
        let promise = Promise::new(&mut |resolve: Function, _reject: Function| {
            port.set_onmessage(Some(&resolve));
        });
        if channel.port2().post_message(&JsValue::NULL).is_ok() {
            let _message = JsFuture::from(promise).await;
        }
        channel.port1().close();
    }
}
