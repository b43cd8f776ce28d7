//! Files of the host, read where the decoder wants to.

use emberglass_formats::Source;
use emberglass_profile::{ErrorCode, InputError};
use js_sys::{Error, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen]
extern "C" {
    /// `FileAccess` in protocol.ts.
    pub type FileAccess;

    /// Size in bytes.
    #[wasm_bindgen(method, getter)]
    fn size(this: &FileAccess) -> f64;

    /// The bytes from `offset` on, `length` of them or what is left.
    #[wasm_bindgen(method, catch)]
    fn read(this: &FileAccess, offset: f64, length: f64) -> Result<Uint8Array, JsValue>;
}

/// A file of the host as decoders see it.
pub struct HostFile {
    access: FileAccess,
    len: u64,
}

impl From<FileAccess> for HostFile {
    fn from(access: FileAccess) -> Self {
        let len = access.size() as u64;
        Self { access, len }
    }
}

impl Source for HostFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = into.len().min(left);
        if length == 0 {
            return Ok(0);
        }
        let bytes = self.access.read(offset as f64, length as f64).map_err(|thrown| {
            let words = thrown.dyn_ref::<Error>().map_or_else(String::new, |error| String::from(error.message()));
            let message = if words.is_empty() { "the file could not be read".to_owned() } else { words };
            InputError::at(ErrorCode::Unreadable, offset, message)
        })?;
        let count = (bytes.length() as usize).min(length);
        bytes.subarray(0, count as u32).copy_to(&mut into[..count]);
        Ok(count)
    }
}
