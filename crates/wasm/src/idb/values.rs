//! Keys and values as IndexedDB holds them.
//!
//! Values are ArrayBuffers made by copying: storing a view would store the whole buffer below it, that is all of the
//! instance's memory.

use emberglass_store::{BackendError, BlockId, SectionKey, SectionKind, StoredManifest};
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};

const GENERATION: &str = "generation";
const BYTES: &str = "bytes";

/// `[block, kind, part]`.
pub(super) fn key_to_js(key: SectionKey) -> JsValue {
    let SectionKey { block, kind, part } = key;
    Array::of3(&JsValue::from_f64(block.0 as f64), &kind.code().into(), &part.into()).into()
}

pub(super) fn key_from_js(value: &JsValue) -> Result<SectionKey, BackendError> {
    let foreign = || BackendError::Corrupt(format!("a key that is not of a section: {value:?}"));
    let array: &Array = value.dyn_ref().ok_or_else(foreign)?;
    let number = |at: u32, max: u64| {
        let number = array.get(at).as_f64().filter(|&n| n >= 0.0 && n <= max as f64 && n.fract() == 0.0);
        number.map(|number| number as u64).ok_or_else(foreign)
    };
    Ok(SectionKey {
        block: BlockId(number(0, BlockId::MAX.0)?),
        kind: SectionKind::from_code(number(1, u64::from(u8::MAX))? as u8),
        part: number(2, u64::from(u16::MAX))? as u16,
    })
}

/// A buffer with a copy of `bytes` and nothing else.
pub(super) fn bytes_to_js(bytes: &[u8]) -> Result<JsValue, BackendError> {
    let buffer = Uint8Array::from(bytes).buffer();
    if buffer.byte_length() as usize == bytes.len() {
        Ok(buffer.into())
    } else {
        Err(BackendError::Other("a buffer of another length than its bytes".to_owned()))
    }
}

pub(super) fn bytes_from_js(value: &JsValue) -> Result<Vec<u8>, BackendError> {
    match value.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => Ok(Uint8Array::new(buffer).to_vec()),
        None => Err(BackendError::Corrupt("a value that is not an ArrayBuffer".to_owned())),
    }
}

/// `{ generation, bytes }`.
pub(super) fn manifest_to_js(manifest: &StoredManifest) -> Result<JsValue, BackendError> {
    let object = Object::new();
    let fields = [(GENERATION, JsValue::from_f64(manifest.generation as f64)), (BYTES, bytes_to_js(&manifest.bytes)?)];
    for (name, value) in fields {
        Reflect::set(&object, &name.into(), &value).map_err(|thrown| super::error::from_thrown(&thrown))?;
    }
    Ok(object.into())
}

/// Generation of a stored manifest; 0 where none is stored.
pub(super) fn generation_from_js(value: &JsValue) -> Result<u64, BackendError> {
    if value.is_undefined() {
        return Ok(0);
    }
    let generation = Reflect::get(value, &GENERATION.into()).ok().and_then(|number| number.as_f64());
    let generation = generation.filter(|&number| number >= 1.0 && number.fract() == 0.0);
    generation
        .map(|number| number as u64)
        .ok_or_else(|| BackendError::Corrupt("a manifest without its generation".to_owned()))
}

pub(super) fn manifest_from_js(value: &JsValue) -> Result<Option<StoredManifest>, BackendError> {
    if value.is_undefined() {
        return Ok(None);
    }
    let bytes = Reflect::get(value, &BYTES.into()).map_err(|thrown| super::error::from_thrown(&thrown))?;
    Ok(Some(StoredManifest { generation: generation_from_js(value)?, bytes: bytes_from_js(&bytes)? }))
}
