//! A store that the host reads: that of an engine in another module.

use emberglass_store::{Backend, BackendError, CommitBatch, MemoryBackend, SectionKey, StoredManifest};
use js_sys::{Array, Float64Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen]
extern "C" {
    /// `StoreAccess` in www/engine/pyroscope-protocol.ts.
    pub type StoreAccess;

    /// `{ generation, bytes }`, or null.
    #[wasm_bindgen(method, catch)]
    async fn manifest(this: &StoreAccess) -> Result<JsValue, JsValue>;

    /// Uint8Arrays or nulls; block, kind and part of each in turn.
    #[wasm_bindgen(method, catch)]
    async fn sections(this: &StoreAccess, keys: Float64Array) -> Result<JsValue, JsValue>;
}

/// The back ends of this build as one type: a generic handler for each would double the module.
pub(crate) enum AnyBackend {
    Memory(MemoryBackend),
    Host(StoreAccess),
}

fn other(thrown: &JsValue) -> BackendError {
    let message = Reflect::get(thrown, &JsValue::from_str("message")).ok().and_then(|message| message.as_string());
    BackendError::Other(message.unwrap_or_else(|| "the store of the page can't be read".to_owned()))
}

fn foreign() -> BackendError {
    BackendError::Other("the page gave what is no part of a store".to_owned())
}

fn read_only() -> BackendError {
    BackendError::Denied("the store of the page is read only".to_owned())
}

async fn load(access: &StoreAccess) -> Result<Option<StoredManifest>, BackendError> {
    let value = access.manifest().await.map_err(|thrown| other(&thrown))?;
    if value.is_null() {
        return Ok(None);
    }
    let field = |name: &str| Reflect::get(&value, &JsValue::from_str(name)).map_err(|thrown| other(&thrown));
    let generation = field("generation")?.as_f64().ok_or_else(foreign)? as u64;
    let bytes: Uint8Array = field("bytes")?.dyn_into().map_err(|_value| foreign())?;
    Ok(Some(StoredManifest { generation, bytes: bytes.to_vec() }))
}

async fn get(access: &StoreAccess, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
    let numbers = |key: &SectionKey| [key.block.0 as f64, f64::from(key.kind.code()), f64::from(key.part)];
    let numbers: Vec<f64> = keys.iter().flat_map(numbers).collect();
    let value = access.sections(Float64Array::from(numbers.as_slice())).await.map_err(|thrown| other(&thrown))?;
    let values: Array = value.dyn_into().map_err(|_value| foreign())?;
    if values.length() as usize != keys.len() {
        return Err(foreign());
    }
    let bytes = |value: JsValue| match value.is_null() {
        true => Ok(None),
        false => value.dyn_into().map(|bytes: Uint8Array| Some(bytes.to_vec())).map_err(|_value| foreign()),
    };
    values.iter().map(bytes).collect()
}

impl Backend for AnyBackend {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        match self {
            Self::Memory(memory) => memory.load().await,
            Self::Host(access) => load(access).await,
        }
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        match self {
            Self::Memory(memory) => memory.get(keys).await,
            Self::Host(access) => get(access, keys).await,
        }
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        match self {
            Self::Memory(memory) => memory.commit(batch).await,
            Self::Host(_) => Err(read_only()),
        }
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        match self {
            Self::Memory(memory) => memory.list().await,
            Self::Host(_) => Err(read_only()),
        }
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        match self {
            Self::Memory(memory) => memory.destroy().await,
            Self::Host(_) => Err(read_only()),
        }
    }
}
