//! Copies of a storage that this version can't read: all of it is in the file, and comes in where it can be read.

use emberglass_columns::framed_checksum;
use emberglass_store::{
    Backend, BackendError, CommitBatch, ExportSelection, FORMAT_VERSION, MANIFEST_VERSION, Manifest, MemoryBackend,
    PackError, PackItem, SectionKey, SectionKind, StorageCopy, Store, StoreError, StoredManifest,
};

use crate::common::{compact, contents};
use crate::packs::{copy, filled, import, items, pack};

/// Another manifest in the place of the stored one, and without these sections.
async fn replace(backend: &MemoryBackend, bytes: Vec<u8>, deletes: Vec<SectionKey>) {
    let StoredManifest { generation, .. } = backend.load().await.unwrap().unwrap();
    let manifest = StoredManifest { generation: generation + 1, bytes };
    let batch = CommitBatch { expected_generation: generation, manifest, puts: Vec::new(), deletes };
    backend.commit(batch).await.unwrap();
}

/// The manifest with the version of a later software.
async fn age(backend: &MemoryBackend) {
    let mut bytes = backend.load().await.unwrap().unwrap().bytes;
    bytes[4..6].copy_from_slice(&(MANIFEST_VERSION + 1).to_le_bytes());
    replace(backend, bytes, Vec::new()).await;
}

/// A section as a later version of the format has it, which its envelope says at the fifth byte.
async fn age_section(store: &Store<MemoryBackend>, key: SectionKey) {
    let backend = store.backend();
    let mut value = backend.get(&[key]).await.unwrap().remove(0).unwrap();
    value[4] = FORMAT_VERSION + 1;
    let sum = framed_checksum(&value[..16], &value[20..]).0;
    value[16..20].copy_from_slice(&sum.to_le_bytes());
    backend.damage(key, |stored| *stored = value);
    let mut manifest = Manifest::clone(&store.manifest());
    let block = manifest.blocks.iter_mut().find(|block| block.id == key.block).unwrap();
    block.sections.iter_mut().find(|of| (of.kind, of.part) == (key.kind, key.part)).unwrap().checksum = sum;
    replace(backend, manifest.encode(), Vec::new()).await;
}

#[test]
fn what_only_a_later_version_reads_is_copied_whole() {
    pollster::block_on(async {
        let (store, expected) = filled(5).await;
        let backend = store.backend().clone();
        let original = backend.load().await.unwrap().unwrap().bytes;
        age(&backend).await;
        let later = MANIFEST_VERSION + 1;
        let (found, supported) = (u32::from(later), u32::from(MANIFEST_VERSION));
        let refused = Store::open(backend.clone()).await.unwrap_err();
        assert_eq!(refused, StoreError::NewerVersion { found, supported });
        let bytes = copy(&backend).await;
        assert_eq!(items(&bytes, 100), (Vec::new(), Err(PackError::NewerStorage { found, supported })));

        // The later version is this one, with the manifest that it can read.
        replace(&backend, original, Vec::new()).await;
        let readable = copy(&backend).await;
        assert_eq!(readable.len(), bytes.len());
        let differing = readable.iter().zip(&bytes).filter(|(a, b)| a != b).count();
        assert!(differing < 16, "{differing} bytes: the version, the generation and checksums");
        let other = Store::open(MemoryBackend::default()).await.unwrap();
        assert_eq!(import(&other, &readable).await, (expected.len() as u64, 0));
        assert_eq!(contents(&other).await.unwrap(), expected);
        assert_eq!(import(&other, &readable).await, (0, expected.len() as u64));
    });
}

#[test]
fn pieces_of_any_size_read_alike() {
    pollster::block_on(async {
        let (store, _) = filled(5).await;
        let bytes = copy(store.backend()).await;
        let whole = items(&bytes, usize::MAX);
        assert_eq!((whole.0.len(), &whole.1), (4, &Ok(())), "three blocks and the end");
        for piece in [1, 7, 100, 4096] {
            assert_eq!(items(&bytes, piece), whole);
        }
    });
}

#[test]
fn a_cut_copy_gives_what_came_whole() {
    pollster::block_on(async {
        let (store, _) = filled(6).await;
        let bytes = copy(store.backend()).await;
        let whole = items(&bytes, usize::MAX).0;
        for cut in 0..bytes.len() {
            let (some, end) = items(&bytes[..cut], 4096);
            let blocks = some.len() as u64;
            // Behind the end's item everything came; that it is the end is told by the last bytes.
            assert!(whole.starts_with(&some) && some.len() < whole.len(), "cut at {cut}");
            match end.unwrap_err() {
                PackError::Truncated { offset, blocks: told, .. } => assert_eq!((offset, told), (cut as u64, blocks)),
                PackError::Magic(_) => assert!(cut < 4),
                other => panic!("cut at {cut}: {other}"),
            }
        }
    });
}

#[test]
fn a_changed_byte_costs_one_block_or_is_told() {
    pollster::block_on(async {
        let (store, _) = filled(6).await;
        let bytes = copy(store.backend()).await;
        let whole = items(&bytes, usize::MAX).0;
        let mut skipped = 0;
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            let (some, end) = items(&changed, 5000);
            let damaged = some.iter().filter(|item| matches!(item, PackItem::Damaged { .. })).count();
            let others = some.iter().filter(|item| !matches!(item, PackItem::Damaged { .. }));
            assert!(others.clone().all(|item| whole.contains(item)), "byte {at}");
            match end {
                Ok(()) => assert_eq!((damaged, some.len()), (1, whole.len()), "byte {at}"),
                Err(_) => assert!(damaged <= 1, "byte {at}"),
            }
            skipped += damaged;
        }
        assert!(skipped > 10);
    });
}

#[test]
fn what_the_storage_lacks_is_named() {
    pollster::block_on(async {
        let (store, _) = filled(6).await;
        let backend = store.backend();
        let [first, second, third] = backend_blocks(&store);
        let stored = backend.load().await.unwrap().unwrap().bytes;
        backend.damage(SectionKey { block: first, kind: SectionKind::Stacks, part: 0 }, |value| value[25] ^= 1);
        let gone = SectionKey { block: third, kind: SectionKind::Profiles, part: 0 };
        replace(backend, stored, vec![gone]).await;
        let (all, end) = items(&copy(backend).await, 1000);
        assert_eq!(end, Ok(()));
        let kinds: Vec<Option<u64>> = all
            .iter()
            .filter_map(|item| match item {
                PackItem::Block(_) => Some(None),
                PackItem::Damaged { profiles, .. } => Some(Some(*profiles)),
                _ => None,
            })
            .collect();
        let profiles = |id| store.manifest().block(id).map(|block| u64::from(block.profiles));
        assert_eq!(kinds, [profiles(first), None, profiles(third)]);
        assert!(store.manifest().block(second).is_some());
    });
}

fn backend_blocks(store: &Store<MemoryBackend>) -> [emberglass_store::BlockId; 3] {
    let blocks: Vec<_> = store.manifest().blocks.iter().map(|block| block.id).collect();
    blocks.try_into().unwrap()
}

#[test]
fn a_storage_that_changes_meanwhile_is_no_copy() {
    pollster::block_on(async {
        let (store, _) = filled(4).await;
        let backend = store.backend();
        let mut under_way = StorageCopy::begin(backend).await.unwrap().unwrap();
        under_way.next(backend).await.unwrap();
        compact(&store, usize::MAX).await.unwrap();
        let ended = loop {
            match under_way.next(backend).await {
                Ok(Some(_)) => {}
                other => break other,
            }
        };
        let found = store.manifest().generation;
        assert_eq!(ended, Err(BackendError::Conflict { found }));
        assert!(StorageCopy::begin(&MemoryBackend::default()).await.unwrap().is_none());
    });
}

/// A block whose sections a later version wrote goes out as it is.
#[test]
fn blocks_of_a_later_version_are_exported_with_everything() {
    pollster::block_on(async {
        let (store, expected) = filled(4).await;
        let [first, ..] = store.manifest().blocks.iter().map(|block| block.id).collect::<Vec<_>>()[..] else {
            panic!()
        };
        let key = SectionKey { block: first, kind: SectionKind::Profiles, part: 0 };
        let backend = store.backend().clone();
        age_section(&store, key).await;
        let reopened = Store::open(backend).await.unwrap();
        let bytes = pack(&reopened, ExportSelection::default()).await;
        let (all, end) = items(&bytes, 1000);
        assert_eq!((all.len(), end), (3, Ok(())));
        // This version can't take it, says so, and takes the other one.
        let other = Store::open(MemoryBackend::default()).await.unwrap();
        let mut stored = 0;
        let mut refused = Vec::new();
        for item in all {
            let PackItem::Block(block) = item else { continue };
            match other.import_block(&block).await {
                Ok(report) => stored += report.profiles,
                Err(error) => refused.push(error.code()),
            }
        }
        assert_eq!(refused, ["storage-newer-version"]);
        let lost = u64::from(reopened.manifest().block(first).unwrap().profiles);
        assert_eq!(stored, expected.len() as u64 - lost);
    });
}
