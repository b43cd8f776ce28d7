//! Questions to what is stored.

use emberglass_engine::{CompletionText, FoldRequestText, Shard, path_labels};
use emberglass_wasm_base::{Thrown, from_js, to_js};
use js_sys::{BigInt64Array, Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, selection};
use crate::error::thrown;
use crate::watch::CallWatch;

#[wasm_bindgen]
impl Engine {
    /// What is stored.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn catalog(&self, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().catalog(&watch)).await?)
    }

    /// The inputs that stored profiles come from.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn uploads(&self, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().uploads(&watch)).await?)
    }

    /// Labels that a template takes from a path, as pairs.
    ///
    /// # Errors
    /// `bad-path-template`.
    pub fn labels_from_path(&self, template: &str, path: &str) -> Thrown<JsValue> {
        to_js(&path_labels(template, path).map_err(thrown)?)
    }

    /// Labels and values among the series of a selection.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn labels(&self, of: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        to_js(&watch.run(self.db().labels(&of, &watch)).await?)
    }

    /// Metadata of the profiles of a selection, by key.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn metadata(&self, of: JsValue) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db().metadata(&of, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What a query would read.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn estimate(&self, of: JsValue) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db().estimate(&of, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What the series of a selection are told apart by.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn cardinality(&self, of: JsValue, limit: u32) -> Thrown<JsValue> {
        let of = selection(of)?;
        to_js(&self.db().cardinality(&of, limit, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// What can stand at a position of a selector.
    ///
    /// # Errors
    /// A bad type, or what the storage says.
    pub async fn complete(&self, of: JsValue) -> Thrown<JsValue> {
        let of: CompletionText = from_js(of)?;
        to_js(&self.db().complete(&of, &CallWatch::nobody()).await.map_err(thrown)?)
    }

    /// Merges a selection; the result is kept under a handle.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn query(&self, of: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let mut answer = watch.run(self.db().query(&of, &watch)).await?;
        answer.elapsed_ms = watch.elapsed_ms();
        to_js(&answer)
    }

    /// The part of another engine's query over the same storage: bytes for that one, or null where there is none.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn part(&self, of: JsValue, shard: u32, shards: u32, generation: f64, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let shard = Shard { index: shard, of: shards };
        let part = watch.run(self.db().part(&of, shard, generation as u64, &watch)).await?;
        Ok(part.map_or(JsValue::NULL, |bytes| Uint8Array::from(bytes.as_slice()).into()))
    }

    /// Forgets a result.
    pub fn release(&self, handle: u32) {
        self.db().release(handle);
    }

    /// A page of the profiles of a selection.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn profiles(&self, of: JsValue, offset: u32, limit: u32, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        to_js(&watch.run(self.db().profiles(&of, offset, limit, &watch)).await?)
    }

    /// One profile with its records in order of time, or null.
    ///
    /// # Errors
    /// A bad selection or id, or what the storage says.
    pub async fn timeline(&self, of: JsValue, id: String, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let mut answer = watch.run(self.db().timeline(&of, &id, &watch)).await?;
        if let Some(answer) = &mut answer {
            answer.result.elapsed_ms = watch.elapsed_ms();
        }
        to_js(&answer)
    }

    /// A selection as stacks over time, or null.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn time_chart(&self, of: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let (of, watch) = (selection(of)?, CallWatch::new(&watch));
        let mut answer = watch.run(self.db().time_chart(&of, &watch)).await?;
        if let Some(answer) = &mut answer {
            answer.result.elapsed_ms = watch.elapsed_ms();
        }
        to_js(&answer)
    }

    /// A chart over time with lanes folded.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`.
    pub async fn fold_lanes(&self, handle: u32, folds: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let folds: FoldRequestText = from_js(folds)?;
        let watch = CallWatch::new(&watch);
        let mut answer = watch.run(self.db().fold_lanes(handle, &folds, &watch)).await?;
        answer.result.elapsed_ms = watch.elapsed_ms();
        to_js(&answer)
    }

    /// A page of records in order of time.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`.
    pub fn timeline_page(&self, handle: u32, offset: u32, limit: u32) -> Thrown<JsValue> {
        let page = self.db().timeline_page(handle, offset, limit).map_err(thrown)?;
        let object = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&object, &JsValue::from_str(name), value);
        set("time", &BigInt64Array::from(page.time.as_slice()))?;
        set("node", &Uint32Array::from(page.node.as_slice()))?;
        set("value", &BigInt64Array::from(page.value.as_slice()))?;
        Ok(object.into())
    }
}
