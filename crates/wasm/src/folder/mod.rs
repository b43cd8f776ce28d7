//! Folders as the store's [`Files`]: one of the browser's private file system, or one that the user picked.
//!
//! In the private one a file is written through a sync access handle, flushed before it is closed; a picked one has no
//! such handles for pages, there a file is written beside the old one and put in its place when it is closed.

mod lock;

use emberglass_store::{BackendError, FileRange, Files};
use js_sys::{ArrayBuffer, AsyncIterator, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemSyncAccessHandle, FileSystemWritableFileStream,
};

pub use self::lock::WebLock;
use crate::host::sleep;
use crate::idb::error::from_thrown;

/// Waits for other tabs that read a file, ms.
const BUSY_MS: [i32; 6] = [0, 1, 4, 16, 64, 256];

#[wasm_bindgen]
extern "C" {
    /// `navigator.storage.getDirectory()`.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "storage"], js_name = getDirectory)]
    fn private_root() -> Result<Promise, JsValue>;

    /// `createSyncAccessHandle({ mode })`, whose options the bindings lack.
    type WithOptions;
    #[wasm_bindgen(method, catch, js_name = createSyncAccessHandle)]
    fn create_sync_access_handle(this: &WithOptions, options: &JsValue) -> Result<Promise, JsValue>;
}

/// A folder of files.
#[derive(Debug)]
pub struct Folder {
    handle: FileSystemDirectoryHandle,
    lock: String,
    /// It has sync access handles.
    private: bool,
}

/// What a promise of the file system comes to.
async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(promise?).await
}

fn is_named(thrown: &JsValue, name: &str) -> bool {
    thrown.dyn_ref::<DomException>().is_some_and(|exception| exception.name() == name)
}

/// `None` where there is no such file.
fn found(result: Result<JsValue, JsValue>) -> Result<Option<JsValue>, BackendError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(thrown) if is_named(&thrown, "NotFoundError") => Ok(None),
        Err(thrown) => Err(from_thrown(&thrown)),
    }
}

impl Folder {
    /// The folder `name` of the private file system, made if it does not exist.
    ///
    /// # Errors
    /// That the browser has none, or refuses it.
    pub async fn private(name: &str) -> Result<Self, BackendError> {
        let open = async {
            let root: FileSystemDirectoryHandle = settled(private_root()).await?.dyn_into()?;
            let options = FileSystemGetDirectoryOptions::new();
            options.set_create(true);
            let folder = format!("emberglass-{name}");
            settled(Ok(root.get_directory_handle_with_options(&folder, &options))).await?.dyn_into()
        };
        let handle = open.await.map_err(|thrown: JsValue| from_thrown(&thrown))?;
        Ok(Self { handle, lock: format!("emberglass:opfs:{name}"), private: true })
    }

    /// A folder that the page got from the user; `name` is that of the database.
    #[must_use]
    pub fn picked(handle: FileSystemDirectoryHandle, name: &str) -> Self {
        Self { handle, lock: format!("emberglass:directory:{name}"), private: false }
    }

    async fn file(&self, name: &str, create: bool) -> Result<Option<FileSystemFileHandle>, BackendError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(create);
        let handle = settled(Ok(self.handle.get_file_handle_with_options(name, &options))).await;
        Ok(found(handle)?.map(JsValue::unchecked_into))
    }

    /// Writes through a sync access handle, and waits for its bytes to be on the disk.
    async fn write_private(file: &FileSystemFileHandle, parts: &[&[u8]]) -> Result<(), BackendError> {
        let handle = opened(file, "readwrite").await.map_err(|thrown| from_thrown(&thrown))?;
        let write = || -> Result<(), JsValue> {
            handle.0.truncate_with_f64(0.0)?;
            let options = FileSystemReadWriteOptions::new();
            let mut at = 0.0;
            for part in parts {
                options.set_at(at);
                let written = handle.0.write_with_u8_array_and_options(part, &options)?;
                if written != part.len() as f64 {
                    return Err(JsValue::from_str("the disk took less than it was given"));
                }
                at += written;
            }
            handle.0.flush()
        };
        write().map_err(|thrown| from_thrown(&thrown))
    }

    async fn write_picked(file: &FileSystemFileHandle, parts: &[&[u8]]) -> Result<(), BackendError> {
        let write = async || -> Result<(), JsValue> {
            let stream: FileSystemWritableFileStream = settled(Ok(file.create_writable())).await?.dyn_into()?;
            for part in parts {
                // A copy: the instance's memory may move while the browser writes.
                settled(stream.write_with_js_u8_array(&Uint8Array::from(*part))).await?;
            }
            settled(Ok(stream.close())).await.map(|_closed| ())
        };
        write().await.map_err(|thrown| from_thrown(&thrown))
    }
}

/// Closes when dropped.
struct Opened(FileSystemSyncAccessHandle);

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A sync access handle; waits a little for other tabs that have one.
async fn opened(file: &FileSystemFileHandle, mode: &str) -> Result<Opened, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &mode.into())?;
    let mut refusal = JsValue::UNDEFINED;
    for wait in BUSY_MS {
        if wait > 0 {
            sleep(wait).await;
        }
        match settled(file.unchecked_ref::<WithOptions>().create_sync_access_handle(&options)).await {
            Ok(handle) => return Ok(Opened(handle.dyn_into()?)),
            Err(thrown) if is_named(&thrown, "NoModificationAllowedError") => refusal = thrown,
            Err(thrown) => return Err(thrown),
        }
    }
    Err(refusal)
}

/// What lies in a file of `size` bytes of a range.
fn within((offset, len): FileRange, size: f64) -> (f64, f64) {
    let from = (offset as f64).min(size);
    (from, (offset as f64 + len as f64).min(size))
}

fn read_handle(handle: &Opened, ranges: &[FileRange]) -> Result<Vec<Vec<u8>>, JsValue> {
    let size = handle.0.get_size()?;
    let options = FileSystemReadWriteOptions::new();
    let mut parts = Vec::with_capacity(ranges.len());
    for &range in ranges {
        let (from, until) = within(range, size);
        let mut part = vec![0; (until - from) as usize];
        options.set_at(from);
        let read = handle.0.read_with_u8_array_and_options(&mut part, &options)?;
        part.truncate(read as usize);
        parts.push(part);
    }
    Ok(parts)
}

async fn read_file(file: &File, ranges: &[FileRange]) -> Result<Vec<Vec<u8>>, JsValue> {
    let size = file.size();
    let mut parts = Vec::with_capacity(ranges.len());
    for &range in ranges {
        let (from, until) = within(range, size);
        let slice = file.slice_with_f64_and_f64(from, until)?;
        let buffer: ArrayBuffer = settled(Ok(slice.array_buffer())).await?.dyn_into()?;
        parts.push(Uint8Array::new(&buffer).to_vec());
    }
    Ok(parts)
}

impl Files for Folder {
    type Guard = WebLock;

    async fn lock(&self) -> Result<WebLock, BackendError> {
        WebLock::acquire(&self.lock).await
    }

    async fn read(&self, name: &str, ranges: &[FileRange]) -> Result<Option<Vec<Vec<u8>>>, BackendError> {
        let Some(handle) = self.file(name, false).await? else { return Ok(None) };
        if self.private {
            match opened(&handle, "read-only").await {
                Ok(opened) => return read_handle(&opened, ranges).map(Some).map_err(|thrown| from_thrown(&thrown)),
                // Another tab has it open where the browser does not share them: then as any page reads.
                Err(thrown) if is_named(&thrown, "NoModificationAllowedError") => {}
                Err(thrown) => return found(Err(thrown)).map(|_gone| None),
            }
        }
        let Some(file) = found(settled(Ok(handle.get_file())).await)? else { return Ok(None) };
        match read_file(file.unchecked_ref(), ranges).await {
            Ok(parts) => Ok(Some(parts)),
            Err(thrown) => found(Err(thrown)).map(|_gone| None),
        }
    }

    async fn write(&self, name: &str, parts: &[&[u8]]) -> Result<(), BackendError> {
        let Some(file) = self.file(name, true).await? else {
            return Err(BackendError::Corrupt("its folder is gone".to_owned()));
        };
        if self.private { Self::write_private(&file, parts).await } else { Self::write_picked(&file, parts).await }
    }

    async fn remove(&self, name: &str) -> Result<(), BackendError> {
        found(settled(Ok(self.handle.remove_entry(name))).await).map(|_removed| ())
    }

    async fn names(&self) -> Result<Vec<String>, BackendError> {
        let keys: AsyncIterator = self.handle.keys();
        let mut names = Vec::new();
        loop {
            let next = settled(keys.next()).await.map_err(|thrown| from_thrown(&thrown))?;
            let field = |name: &str| Reflect::get(&next, &name.into()).map_err(|thrown| from_thrown(&thrown));
            if field("done")?.is_truthy() {
                return Ok(names);
            }
            names.extend(field("value")?.as_string());
        }
    }
}
