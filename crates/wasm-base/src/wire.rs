//! Batches from one worker to the other.

use emberglass_profile::Batch;
use emberglass_trie::at_once;
use js_sys::{Array, Function, Reflect, Uint8Array, global};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::{Thrown, fault};

/// The bytes of a batch outside of wasm's memory, where they can be transferred; wasm holds a MiB of them at a time.
///
/// # Errors
/// `too-large` where JavaScript has no room for them.
pub fn wire_of(batch: &Batch) -> Thrown<Uint8Array> {
    at_once(wire_in_pieces(batch, async || ()))
}

/// As [`wire_of`], with a `pause` after each MiB.
///
/// # Errors
/// As [`wire_of`].
pub async fn wire_in_pieces(batch: &Batch, pause: impl AsyncFn()) -> Thrown<Uint8Array> {
    let mut len = 0;
    let mut pieces = batch.wire_pieces();
    while let Some(piece) = pieces.next_piece() {
        len += piece.len();
        pause().await;
    }
    let mut room = Room::of(len)?;
    let mut pieces = batch.wire_pieces();
    while let Some(piece) = pieces.next_piece() {
        room.put(piece);
        pause().await;
    }
    Ok(room.wire)
}

/// Bytes of JavaScript that are filled piece by piece.
struct Room {
    wire: Uint8Array,
    filled: u32,
}

impl Room {
    fn of(len: usize) -> Thrown<Self> {
        let constructor: Function = Reflect::get(&global(), &JsValue::from_str("Uint8Array"))?.unchecked_into();
        match Reflect::construct(&constructor, &Array::of1(&JsValue::from_f64(len as f64))) {
            Ok(wire) => Ok(Self { wire: wire.unchecked_into(), filled: 0 }),
            Err(_range) => {
                Err(fault("too-large", &format!("there is no memory for the {len} bytes of the result"), None))
            }
        }
    }

    fn put(&mut self, piece: &[u8]) {
        let end = self.filled + piece.len() as u32;
        // A copy, never a view: a view would carry all of wasm memory with it.
        self.wire.subarray(self.filled, end).copy_from(piece);
        self.filled = end;
    }
}
