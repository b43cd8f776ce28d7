//! Packs for tests.

use emberglass_store::{
    Backend, Export, ExportSelection, MemoryBackend, PackError, PackItem, PackReader, StorageCopy, Store,
};

use crate::common::{Kept, Plain, batch, kept, origin};

pub(crate) fn profile(sample_type: &str, start: i64, zone: &str, value: i64) -> Plain {
    let stack = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 7)).collect::<Vec<_>>();
    let text = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Plain {
        sample_type: sample_type.to_owned(),
        labels: vec![text("zone", zone)],
        start: Some(start),
        samples: vec![
            (stack(&["main", "work"]), vec![text("thread", "a")], value),
            (stack(&["main", "wait"]), vec![text("thread", "b"), text("bytes", "512")], value + 1),
        ],
        ..Plain::default()
    }
}

/// A store of `files` inputs in blocks of two each, and what it holds.
pub(crate) async fn filled(files: u8) -> (Store<MemoryBackend>, Vec<Kept>) {
    let store = Store::open(MemoryBackend::default()).await.unwrap();
    let mut expected = Vec::new();
    for file in 0..files {
        let at = i64::from(file) * 1_000_000_000;
        let profiles = [profile("count", at, "x", 5), profile("time", at, "y", 70)];
        let origin = origin(if file % 2 == 0 { "even" } else { "odd" }, 1);
        store.stage(&batch(file.into(), &profiles), &origin).await.unwrap();
        expected.extend(kept(file.into(), &profiles, &origin));
        if file % 2 == 1 {
            store.commit().await.unwrap();
        }
    }
    store.commit().await.unwrap();
    expected.sort();
    (store, expected)
}

pub(crate) async fn drain<B: Backend>(store: &Store<B>, export: &mut Export) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !export.is_done() {
        bytes.extend(store.export_step(export, 1000).await.unwrap());
    }
    bytes
}

pub(crate) async fn pack<B: Backend>(store: &Store<B>, selection: ExportSelection) -> Vec<u8> {
    let mut export = store.plan_export(selection);
    let bytes = drain(store, &mut export).await;
    let report = export.report();
    assert_eq!((report.bytes, report.left_out.len()), (bytes.len() as u64, 0));
    bytes
}

/// Everything that can be read, in pieces of `piece` bytes, and how it ended.
pub(crate) fn items(bytes: &[u8], piece: usize) -> (Vec<PackItem>, Result<(), PackError>) {
    let mut reader = PackReader::default();
    let mut all = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece);
        loop {
            match reader.next_item() {
                Ok(Some(item)) => all.push(item),
                Ok(None) => break,
                Err(error) => return (all, Err(error)),
            }
        }
    }
    (all, reader.finish())
}

pub(crate) async fn import<B: Backend>(store: &Store<B>, bytes: &[u8]) -> (u64, u64) {
    let (mut profiles, mut duplicates) = (0, 0);
    for item in items(bytes, 777).0 {
        if let PackItem::Block(block) = item {
            let report = store.import_block(&block).await.unwrap();
            profiles += report.profiles;
            duplicates += report.duplicates;
        }
    }
    (profiles, duplicates)
}

/// A copy of what a back end holds, as it is.
pub(crate) async fn copy(backend: &impl Backend) -> Vec<u8> {
    let mut copy = StorageCopy::begin(backend).await.unwrap().unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = copy.next(backend).await.unwrap() {
        bytes.extend(piece);
        assert_eq!(copy.bytes(), bytes.len() as u64);
    }
    bytes
}
