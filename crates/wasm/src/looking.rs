//! What is seen of a result by its handle.

use emberglass_engine::{Ahead, DeriveRequestText, DiffTopRequestText, DrawRequestText, YieldNow as _};
use emberglass_wasm_base::{Thrown, from_js, to_js, wire_in_pieces};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::Engine;
use crate::error::thrown;
use crate::watch::CallWatch;

#[wasm_bindgen]
impl Engine {
    /// A page of the top table.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`.
    #[allow(clippy::too_many_arguments, reason = "the parameters of `EngineMethods`, and who watches")]
    pub async fn top(
        &self,
        handle: u32,
        sort: String,
        descending: bool,
        offset: u32,
        limit: u32,
        search: String,
        watch: JsValue,
    ) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::Top { sort: &sort, descending, search: &search }, &watch).await?;
        to_js(&self.db().top(handle, &sort, descending, offset, limit, &search).map_err(thrown)?)
    }

    /// The visible part of the flame graph as a draw list.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`.
    pub async fn draw(&self, handle: u32, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DrawRequestText = from_js(request)?;
        self.prepare(handle, Ahead::Draw(&request.search), &watch).await?;
        let bytes = self.db().draw(handle, &request).map_err(thrown)?;
        // A copy, never a view: its buffer is transferred.
        Ok(Uint8Array::from(bytes.as_slice()).buffer().into())
    }

    /// Searches a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`.
    pub async fn search(&self, handle: u32, pattern: String, watch: JsValue) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::Search(&pattern), &watch).await?;
        to_js(&self.db().search(handle, &pattern).map_err(thrown)?)
    }

    /// What is known of a node.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`.
    pub fn node(&self, handle: u32, node: u32) -> Thrown<JsValue> {
        to_js(&self.db().node(handle, node).map_err(thrown)?)
    }

    /// The path from the root to a node.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn path(&self, handle: u32, node: u32) -> Thrown<JsValue> {
        to_js(&self.db().path(handle, node).map_err(thrown)?)
    }

    /// The node that a path of function names leads to, or null.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn resolve(&self, handle: u32, names: JsValue) -> Thrown<JsValue> {
        let names: Vec<String> = from_js(names)?;
        let node = self.db().resolve(handle, &names).map_err(thrown)?;
        Ok(node.map_or(JsValue::NULL, JsValue::from))
    }

    /// Another view of a result, as a result of its own.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub async fn derive(&self, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DeriveRequestText = from_js(request)?;
        let watch = CallWatch::new(&watch);
        let mut answer = watch.run(self.db().derive(&request, &watch)).await?;
        answer.elapsed_ms = watch.elapsed_ms();
        to_js(&answer)
    }

    /// A page of the functions of a diff.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub async fn diff_top(&self, handle: u32, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DiffTopRequestText = from_js(request)?;
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().diff_top(handle, &request, &watch)).await?)
    }

    /// A page of the nodes of a diff.
    ///
    /// # Errors
    /// As `diff_top`.
    pub async fn diff_nodes(&self, handle: u32, request: JsValue, watch: JsValue) -> Thrown<JsValue> {
        let request: DiffTopRequestText = from_js(request)?;
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().diff_nodes(handle, &request, &watch)).await?)
    }

    /// Finds out how sure the changes of a diff are.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, or what the storage says.
    pub async fn significance(&self, handle: u32, watch: JsValue) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().significance(handle, &watch)).await?)
    }

    /// A page of the children of a node.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`, `bad-argument`, `too-large`.
    pub fn children(&self, handle: u32, node: u32, sort: &str, offset: u32, limit: u32) -> Thrown<JsValue> {
        to_js(&self.db().children(handle, node, sort, offset, limit).map_err(thrown)?)
    }

    /// A page of whole stacks, the heaviest first.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub async fn stacks(&self, handle: u32, offset: u32, limit: u32, watch: JsValue) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::Stacks, &watch).await?;
        to_js(&self.db().stacks(handle, offset, limit).map_err(thrown)?)
    }

    /// A page of the lines of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, or what the storage says.
    pub async fn lines(
        &self,
        handle: u32,
        file: Option<String>,
        offset: u32,
        limit: u32,
        watch: JsValue,
    ) -> Thrown<JsValue> {
        let watch = CallWatch::new(&watch);
        to_js(&watch.run(self.db().lines(handle, file.as_deref(), offset, limit, &watch)).await?)
    }

    /// Functions and the calls between them.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub async fn call_graph(&self, handle: u32, limit: u32, watch: JsValue) -> Thrown<JsValue> {
        self.prepare(handle, Ahead::CallGraph, &watch).await?;
        to_js(&self.db().call_graph(handle, limit).map_err(thrown)?)
    }

    /// Whether names are shown demangled or as they are stored.
    pub fn set_demangle(&self, demangle: bool) {
        self.db().set_demangle(demangle);
    }

    /// Names of C++ in a result that nothing is known about yet, at most `limit`, from row `from` on.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn mangled_names(&self, handle: u32, from: u32, limit: u32) -> Thrown<JsValue> {
        to_js(&self.db().mangled_names(handle, from, limit as usize).map_err(thrown)?)
    }

    /// Takes what became of `names`; the empty text for one that stays as it is.
    pub fn set_demangled(&self, names: Vec<String>, shown: Vec<String>) {
        let shown = shown.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
        self.db().set_demangled(names.into_iter().zip(shown));
    }

    /// A result as the bytes of a batch, for `encode` of the formats module.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub async fn batch(&self, handle: u32, watch: JsValue) -> Thrown<Uint8Array> {
        let watch = CallWatch::new(&watch);
        let written = async {
            let batch = self.db().batch(handle, &watch).await.map_err(thrown)?;
            wire_in_pieces(&batch, || watch.yield_now()).await
        };
        watch.run_thrown(written).await
    }
}
