//! The back ends in folders, in a dedicated worker of a real browser. A folder that a user would pick is stood in for by
//! one of the private file system: the handle is of the same type, and needs no picker.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use emberglass_store::{
    Backend, BackendError, BlockId, CommitBatch, Files, FilesBackend, Pairing, ReplicaHealth, ReplicatedBackend,
    SectionKey, SectionKind, StoredManifest, conformance,
};
use emberglass_wasm::folder::Folder;
use emberglass_wasm::idb::IndexedDbBackend;
use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{FileSystemDirectoryHandle, FileSystemGetDirectoryOptions, FileSystemRemoveOptions, StorageManager};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

async fn root() -> FileSystemDirectoryHandle {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap();
    let storage: StorageManager = Reflect::get(&navigator, &"storage".into()).unwrap().unchecked_into();
    JsFuture::from(storage.get_directory()).await.unwrap().unchecked_into()
}

/// Removes a folder that an earlier run left.
async fn without(name: &str) {
    let options = FileSystemRemoveOptions::new();
    options.set_recursive(true);
    let promise: Promise = root().await.remove_entry_with_options(name, &options);
    let _absent = JsFuture::from(promise).await;
}

async fn private(name: &str) -> Result<FilesBackend<Folder>, BackendError> {
    FilesBackend::open(Folder::private(name).await?).await
}

async fn picked(name: &str) -> Result<FilesBackend<Folder>, BackendError> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    let handle = JsFuture::from(root().await.get_directory_handle_with_options(name, &options)).await.unwrap();
    FilesBackend::open(Folder::picked(handle.unchecked_into(), name)).await
}

fn one_put(expected_generation: u64, bytes: Vec<u8>) -> (SectionKey, CommitBatch) {
    let key = SectionKey { block: BlockId(expected_generation + 1), kind: SectionKind::Samples, part: 0 };
    let manifest = StoredManifest { generation: expected_generation + 1, bytes: vec![1, 2, 3] };
    (key, CommitBatch { expected_generation, manifest, puts: vec![(key, Rc::new(bytes))], deletes: Vec::new() })
}

#[wasm_bindgen_test]
async fn the_private_file_system_conforms() {
    without("emberglass-conformance").await;
    conformance::check(async || private("conformance").await).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_picked_folder_conforms() {
    without("picked-conformance").await;
    conformance::check(async || picked("picked-conformance").await).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_replica_beside_indexeddb_conforms() {
    without("emberglass-replica").await;
    IndexedDbBackend::delete_database("test-replica").await.unwrap();
    let open = async || {
        let primary = IndexedDbBackend::open("test-replica").await?;
        let pairing = Pairing { pair: 1, clock: || 0 };
        let pair = ReplicatedBackend::open(primary, private("replica").await?, pairing).await?;
        assert_eq!(pair.health(), ReplicaHealth::InStep);
        Ok(pair)
    };
    conformance::check(open).await.unwrap();
}

#[wasm_bindgen_test]
async fn of_two_that_commit_at_once_one_wins() {
    for (name, private_one) in [("emberglass-race", true), ("picked-race", false)] {
        without(name).await;
        let open = async || if private_one { private("race").await } else { picked("picked-race").await };
        let (a, b) = (open().await.unwrap(), open().await.unwrap());
        for generation in 0..8 {
            let (key, commit) = one_put(generation, vec![generation as u8; 50_000]);
            let both = Promise::all(&js_sys::Array::of2(
                &wasm_bindgen_futures::future_to_promise({
                    let (commit, backend) = (commit.clone(), open().await.unwrap());
                    async move { Ok(JsValue::from(backend.commit(commit).await.is_ok())) }
                }),
                &wasm_bindgen_futures::future_to_promise({
                    let backend = open().await.unwrap();
                    async move { Ok(JsValue::from(backend.commit(commit).await.is_ok())) }
                }),
            ));
            let won = js_sys::Array::from(&JsFuture::from(both).await.unwrap());
            assert_eq!(won.iter().filter(|won| won.is_truthy()).count(), 1);
            for backend in [&a, &b] {
                assert_eq!(backend.load().await.unwrap().unwrap().generation, generation + 1);
                let value = backend.get(&[key]).await.unwrap().remove(0);
                assert_eq!(value, Some(vec![generation as u8; 50_000]));
            }
        }
    }
}

#[wasm_bindgen_test]
async fn a_file_that_is_being_read_elsewhere_can_be_read_and_written() {
    without("emberglass-shared").await;
    let (a, b) = (Folder::private("shared").await.unwrap(), Folder::private("shared").await.unwrap());
    a.write("one", &[&[1; 1000], &[2; 1000]]).await.unwrap();
    for round in 0..20 {
        let reading = async { b.read("one", &[(0, 2000), (999, 2), (1999, 10), (5000, 1)]).await };
        let parts = reading.await.unwrap().unwrap();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2000, 2, 1, 0], "{round}");
        assert_eq!(parts[1].iter().map(|&byte| byte > 0).collect::<Vec<_>>(), [true, true]);
        a.write("one", &[&[round + 1; 1500], &[round + 1; 500]]).await.unwrap();
    }
    assert_eq!(a.read("two", &[(0, 1)]).await, Ok(None));
    a.remove("two").await.unwrap();
    assert_eq!(a.names().await.unwrap(), ["one"]);
}
