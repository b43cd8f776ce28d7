//! Options and metadata across the boundary; per-node data crosses as one buffer instead.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::{Thrown, fault};

/// 64-bit integers become `bigint`, missing values `null`.
const SERIALIZER: Serializer = Serializer::new()
    .serialize_large_number_types_as_bigints(true)
    .serialize_missing_as_null(true)
    .serialize_maps_as_objects(true);

/// A value for JavaScript.
///
/// # Errors
/// What can't be said in JavaScript.
pub fn to_js(value: &impl Serialize) -> Thrown<JsValue> {
    value.serialize(&SERIALIZER).map_err(JsValue::from)
}

/// A value from JavaScript.
///
/// # Errors
/// `bad-argument`.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Thrown<T> {
    serde_wasm_bindgen::from_value(value).map_err(|error| fault("bad-argument", &error.to_string(), None))
}
