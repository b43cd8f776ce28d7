//! The handler for a host with a network.

use emberglass_engine::{Database, EngineError, NoYield};
use emberglass_pyroscope::{Handler, Request, Response};
use emberglass_store::MemoryBackend;
use emberglass_wasm_base::{Thrown, fault};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::host::{AnyBackend, StoreAccess};

fn thrown(error: EngineError) -> JsValue {
    fault(&error.code, &error.message, error.offset)
}

/// Answers requests from a store.
#[wasm_bindgen]
pub struct Server {
    handler: Handler<AnyBackend>,
}

/// A response.
#[wasm_bindgen]
pub struct Answer {
    response: Response,
}

#[wasm_bindgen]
impl Answer {
    /// Status code.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Media type, empty without a body.
    #[wasm_bindgen(getter)]
    pub fn content_type(&self) -> String {
        self.response.content_type.to_owned()
    }

    /// The body.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Uint8Array {
        Uint8Array::from(self.response.body.as_slice())
    }
}

#[wasm_bindgen]
impl Server {
    /// A server without profiles, bounded to `max_bytes` of blocks.
    ///
    /// # Errors
    /// None in practice.
    pub async fn open(max_bytes: f64) -> Thrown<Server> {
        let db = Database::open(AnyBackend::Memory(MemoryBackend::default())).await.map_err(thrown)?;
        Ok(Self { handler: Handler::new(db, Some(max_bytes as u64)).await.map_err(thrown)? })
    }

    /// A server over a store that is written elsewhere.
    ///
    /// # Errors
    /// Why it can't be read.
    pub async fn open_page(access: StoreAccess) -> Thrown<Server> {
        let db = Database::open(AnyBackend::Host(access)).await.map_err(thrown)?;
        Ok(Self { handler: Handler::read_only(db) })
    }

    /// Reads the manifest anew: somebody else committed.
    ///
    /// # Errors
    /// Why it can't be read.
    pub async fn refresh(&self) -> Thrown<bool> {
        self.handler.database().refresh().await.map_err(thrown)
    }

    /// Answers a request that came at `now_ms`; `headers` are names and values in turn.
    pub async fn handle(
        &self,
        method: String,
        target: String,
        headers: Vec<String>,
        body: Vec<u8>,
        now_ms: f64,
    ) -> Answer {
        let pairs = headers.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        let request = Request { method, target, headers: pairs.collect(), body };
        let now = (now_ms as i64).saturating_mul(1_000_000);
        Answer { response: self.handler.handle(&request, now, &NoYield).await }
    }

    /// The answer to a request whose body is larger than the `bytes` that the host takes.
    pub fn too_large(&self, bytes: f64) -> Answer {
        Answer { response: self.handler.too_large(bytes as u64) }
    }

    /// Merges blocks that came together.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn compact(&self) -> Thrown<u32> {
        let answer = self.handler.database().compact(true, &NoYield).await.map_err(thrown)?;
        Ok(answer.blocks)
    }
}
