//! Batches from one worker to the other.

use emberglass_profile::Batch;
use js_sys::{Array, Function, Reflect, Uint8Array, global};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::{Thrown, fault};

/// The bytes of a batch outside of wasm's memory, where they can be transferred; wasm holds a MiB of them at a time.
///
/// # Errors
/// `too-large` where JavaScript has no room for them.
pub fn wire_of(batch: &Batch) -> Thrown<Uint8Array> {
    let mut len = 0;
    batch.write_wire(&mut |piece| len += piece.len());
    let constructor: Function = Reflect::get(&global(), &JsValue::from_str("Uint8Array"))?.unchecked_into();
    let made = Reflect::construct(&constructor, &Array::of1(&JsValue::from_f64(len as f64)));
    let wire: Uint8Array = match made {
        Ok(wire) => wire.unchecked_into(),
        Err(_range) => {
            return Err(fault("too-large", &format!("there is no memory for the {len} bytes of the result"), None));
        }
    };
    let mut at = 0;
    batch.write_wire(&mut |piece| {
        let end = at + piece.len() as u32;
        // A copy, never a view: a view would carry all of wasm memory with it.
        wire.subarray(at, end).copy_from(piece);
        at = end;
    });
    Ok(wire)
}
