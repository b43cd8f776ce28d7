//! How the page follows a call that takes long, and gives it up.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use emberglass_engine::{EngineError, QueryAnswer, Shard, Watch, YieldNow};
use emberglass_wasm_base::{Thrown, to_js};
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::error::thrown;
use crate::host::{WorkerYield, now_ms};

/// Nothing is told before this: most calls are over by then.
const QUIET_MS: f64 = 150.0;
/// Between two words on how far it is.
const PROGRESS_MS: f64 = 100.0;
/// What was merged so far is shown after this, and then each time the call took twice as long.
const PARTIAL_MS: f64 = 600.0;

/// `CallWatch` of the worker: `signal` gives the call up, `told` hears `{ done, total }`, sometimes with a `partial` result.
/// `others(bytes)` says how many engines may each merge a shard of it, `part(index, of, generation)` asks one of them. Without one
/// nobody follows the call.
pub(crate) struct CallWatch {
    signal: Option<AbortSignal>,
    told: Option<Function>,
    others: Option<Function>,
    part: Option<Function>,
    start: f64,
    next_progress: Cell<f64>,
    next_partial: Cell<f64>,
    at: Cell<(u64, u64)>,
}

impl CallWatch {
    pub(crate) fn new(of: &JsValue) -> Self {
        let get = |name: &str| Reflect::get(of, &JsValue::from_str(name)).unwrap_or_default();
        let start = now_ms();
        Self {
            signal: get("signal").dyn_into().ok(),
            told: get("told").dyn_into().ok(),
            others: get("others").dyn_into().ok(),
            part: get("part").dyn_into().ok(),
            start,
            next_progress: Cell::new(start + QUIET_MS),
            next_partial: Cell::new(start + PARTIAL_MS),
            at: Cell::new((0, 0)),
        }
    }

    /// For a call that nobody follows: one kind of watch for all of them makes the engine's code once.
    pub(crate) fn nobody() -> Self {
        Self::new(&JsValue::UNDEFINED)
    }

    /// Milliseconds since the call began.
    pub(crate) fn elapsed_ms(&self) -> f64 {
        now_ms() - self.start
    }

    /// Works until it is done, or until the page gave it up: then what was under way is dropped where it next waits.
    ///
    /// # Errors
    /// Those of the work, or `cancelled`.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = Result<T, EngineError>>) -> Thrown<T> {
        self.run_thrown(async { work.await.map_err(thrown) }).await
    }

    /// As [`Self::run`], for work whose errors are thrown as they are.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) async fn run_thrown<T>(&self, work: impl Future<Output = Thrown<T>>) -> Thrown<T> {
        let mut work = pin!(work);
        std::future::poll_fn(|context| {
            if self.signal.as_ref().is_some_and(AbortSignal::aborted) {
                return Poll::Ready(Err(thrown(EngineError::new("cancelled", "given up"))));
            }
            work.as_mut().poll(context)
        })
        .await
    }

    fn tell(&self, partial: Option<&QueryAnswer>) -> Thrown<()> {
        let Some(told) = &self.told else { return Ok(()) };
        let (done, total) = self.at.get();
        let progress = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&progress, &JsValue::from_str(name), value);
        set("done", &JsValue::from_f64(done as f64))?;
        set("total", &JsValue::from_f64(total as f64))?;
        if let Some(partial) = partial {
            set("partial", &to_js(partial)?)?;
        }
        told.call1(&JsValue::NULL, &progress)?;
        Ok(())
    }
}

impl YieldNow for CallWatch {
    async fn yield_now(&self) {
        WorkerYield.yield_now().await;
    }

    fn progress(&self, done: u64, total: u64) {
        self.at.set((done, total));
        let now = now_ms();
        if now >= self.next_progress.get() {
            self.next_progress.set(now + PROGRESS_MS);
            // A page that can't be told has other troubles, and the answer comes all the same.
            let _told = self.tell(None);
        }
    }
}

impl Watch for CallWatch {
    fn wants_partial(&self) -> bool {
        let now = now_ms();
        let due = self.told.is_some() && now >= self.next_partial.get();
        if due {
            self.next_partial.set(self.start + (now - self.start) * 2.0);
        }
        due
    }

    fn partial(&self, mut answer: QueryAnswer) {
        answer.elapsed_ms = self.elapsed_ms();
        let _told = self.tell(Some(&answer));
    }

    fn others(&self, sample_bytes: u64) -> u32 {
        let asked = self
            .others
            .as_ref()
            .and_then(|others| others.call1(&JsValue::NULL, &JsValue::from_f64(sample_bytes as f64)).ok()?.as_f64());
        asked.unwrap_or_default() as u32
    }

    fn part(&self, Shard { index, of }: Shard, generation: u64) -> impl Future<Output = Option<Vec<u8>>> {
        let numbers = [index, of].map(JsValue::from);
        let asked = self.part.as_ref().and_then(|part| {
            let [index, of] = &numbers;
            part.call3(&JsValue::NULL, index, of, &JsValue::from_f64(generation as f64)).ok()
        });
        async move {
            // An engine that fails has no part: its shard is merged here, where what is wrong with it shows.
            let part = JsFuture::from(asked?.dyn_into::<Promise>().ok()?).await.ok()?;
            Some(part.dyn_into::<Uint8Array>().ok()?.to_vec())
        }
    }
}
