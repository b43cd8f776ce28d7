//! The storage, put in order.

use emberglass_engine::RetentionText;
use emberglass_wasm_base::{Thrown, from_js, to_js};
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, selection};
use crate::error::thrown;
use crate::host::now_ns;
use crate::watch::CallWatch;

#[wasm_bindgen]
impl Engine {
    /// Merges blocks: with `idle` only where it is worth it, else all.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn compact(&self, idle: bool) -> Thrown<JsValue> {
        to_js(&self.db().compact(idle, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What is stored, in numbers.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn storage(&self) -> Thrown<JsValue> {
        to_js(&self.db().storage(&CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Says what may be dropped from now on, and drops it.
    ///
    /// # Errors
    /// `bad-argument`, or what the storage says.
    pub async fn set_retention(&self, policy: JsValue) -> Thrown<JsValue> {
        let policy: RetentionText = from_js(policy)?;
        to_js(&self.db().set_retention(&policy, now_ns()).await.map_err(thrown)?)
    }

    /// Drops what the policy of retention says.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn retain(&self) -> Thrown<JsValue> {
        to_js(&self.db().retain(now_ns()).await.map_err(thrown)?)
    }

    /// Reads everything that is stored and says what is damaged; `progress` hears of bytes read, and of how many, and ends
    /// it with `false`, then the answer is null.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn verify(&self, progress: Function) -> Thrown<JsValue> {
        let told = |done: u64, of: u64| {
            let answer = progress.call2(&JsValue::NULL, &JsValue::from(done as f64), &JsValue::from(of as f64));
            answer.is_ok_and(|answer| answer != JsValue::FALSE)
        };
        to_js(&self.db().verify(now_ns, told, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Deletes the blocks that have sections which can't be used, with all their profiles.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn discard_damaged(&self) -> Thrown<JsValue> {
        to_js(&self.db().discard_damaged().await.map_err(thrown)?)
    }

    /// Deletes the profiles of a selection, whatever their type.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn delete_profiles(&self, of: JsValue) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db().delete(&of).await.map_err(thrown)?)
    }

    /// Deletes everything.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn clear(&self) -> Thrown<()> {
        self.db().clear().await.map_err(thrown)
    }

    /// Raises a wasm trap, so that recovery from one can be tested.
    pub fn trap(&self) {
        core::arch::wasm32::unreachable()
    }
}
