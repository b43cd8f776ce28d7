//! Packs: what goes out comes in, once, whatever happens in between.

use emberglass_labels::Matchers;
use emberglass_store::{
    BlockMeta, ExportSelection, FaultMode, FaultyBackend, MemoryBackend, PACK_VERSION, PackError, PackItem, PackWriter,
    SectionKind, SectionMeta, Store, packed_files,
};
use proptest::prelude::*;

use crate::common;
use crate::common::{Kept, batch, compact, contents, origin};
use crate::packs::{copy, drain, filled, import, items, pack, profile};

#[test]
fn what_is_staged_is_handed_out_while_the_storage_fails() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let stored = Store::open(memory.clone()).await.unwrap();
        common::ingest(&stored, 1).await.unwrap();
        let faulty = FaultyBackend::new(memory.clone());
        let store = Store::open(faulty.clone()).await.unwrap();
        // From here on nothing can be read or written.
        faulty.fail(faulty.operations(), FaultMode::ConnectionLost);
        for n in [1, 2, 3] {
            let (hash, profiles) = common::input(n);
            store.stage(&batch(hash, &profiles), &origin("a", 0)).await.unwrap();
        }
        assert!(store.commit().await.is_err());
        let mut export = store.plan_export_of_staged().unwrap();
        let (items, end) = items(&drain(&store, &mut export).await, 100);
        assert_eq!(end, Ok(()));
        let elsewhere = Store::open(MemoryBackend::default()).await.unwrap();
        for item in items {
            if let PackItem::Block(block) = item {
                elsewhere.import_block(&block).await.unwrap();
            }
        }
        let mut expected: Vec<_> = [1, 2, 3].into_iter().flat_map(common::profiles).collect();
        expected.sort();
        assert_eq!(contents(&elsewhere).await.unwrap(), expected);
        // What was stored before is not stored twice when the storage is back.
        faulty.reconnect();
        store.commit().await.unwrap();
        assert_eq!(contents(&store).await.unwrap(), expected);
    });
}

#[test]
fn what_is_exported_comes_in_once() {
    pollster::block_on(async {
        let (store, expected) = filled(5).await;
        let bytes = pack(&store, ExportSelection::default()).await;
        let (all, end) = items(&bytes, usize::MAX);
        assert_eq!(end, Ok(()));
        assert_eq!(all.len(), 4);
        let other = Store::open(MemoryBackend::default()).await.unwrap();
        assert_eq!(import(&other, &bytes).await, (expected.len() as u64, 0));
        assert_eq!(contents(&other).await.unwrap(), expected);
        let generation = other.manifest().generation;
        assert_eq!(import(&other, &bytes).await, (0, expected.len() as u64));
        assert_eq!(other.manifest().generation, generation);
        compact(&other, usize::MAX).await.unwrap();
        assert_eq!(contents(&other).await.unwrap(), expected);
        assert_eq!(import(&other, &bytes).await, (0, expected.len() as u64));
        // The same profiles as files are known, too.
        let again = [profile("count", 0, "x", 5), profile("time", 0, "y", 70)];
        assert_eq!(other.stage(&batch(0, &again), &origin("even", 1)).await.unwrap().profiles, 0);
    });
}

#[test]
fn what_is_stored_in_part_is_completed() {
    pollster::block_on(async {
        let (store, expected) = filled(6).await;
        let bytes = pack(&store, ExportSelection::default()).await;
        let (other, some) = filled(3).await;
        compact(&other, usize::MAX).await.unwrap();
        assert_eq!(import(&other, &bytes).await, ((expected.len() - some.len()) as u64, some.len() as u64));
        assert_eq!(contents(&other).await.unwrap(), expected);
    });
}

#[test]
fn a_selection_has_what_matches() {
    pollster::block_on(async {
        let (store, expected) = filled(6).await;
        compact(&store, usize::MAX).await.unwrap();
        let selection = ExportSelection {
            profile_type: Some("plain:time:count::".parse().unwrap()),
            matchers: Matchers::parse("{service_name=\"odd\", thread=~\"a|c\"}").unwrap(),
            from: Some(1_000_000_000),
            until: Some(5_000_000_000),
            sources: None,
        };
        let bytes = pack(&store, selection).await;
        let other = Store::open(MemoryBackend::default()).await.unwrap();
        import(&other, &bytes).await;
        let matching = expected.iter().filter(|of| {
            let label = |name| of.labels.get(name).unwrap_or_default();
            of.profile_type.contains("time")
                && (label("service_name"), label("thread")) == ("odd", "a")
                && (1_000_000_000..5_000_000_000).contains(&of.start)
        });
        let matching: Vec<Kept> = matching.cloned().collect();
        assert_eq!(matching.len(), 2);
        assert_eq!(contents(&other).await.unwrap(), matching);
    });
}

#[test]
fn a_compaction_in_between_changes_nothing() {
    pollster::block_on(async {
        for steps in 0..12 {
            let (store, expected) = filled(6).await;
            let mut export = store.plan_export(ExportSelection::default());
            let mut bytes = Vec::new();
            for _ in 0..steps {
                bytes.extend(store.export_step(&mut export, 1000).await.unwrap());
            }
            compact(&store, usize::MAX).await.unwrap();
            bytes.extend(drain(&store, &mut export).await);
            assert_eq!(items(&bytes, 100).1, Ok(()));
            let other = Store::open(MemoryBackend::default()).await.unwrap();
            assert_eq!(import(&other, &bytes).await, (expected.len() as u64, 0), "after {steps} steps");
            assert_eq!(contents(&other).await.unwrap(), expected);
        }
    });
}

#[test]
fn a_cut_file_gives_what_came_whole() {
    pollster::block_on(async {
        let (store, expected) = filled(6).await;
        let bytes = pack(&store, ExportSelection::default()).await;
        let whole = items(&bytes, usize::MAX).0;
        let mut most = 0;
        for cut in 0..bytes.len() {
            let (some, end) = items(&bytes[..cut], 4096);
            assert!(whole.starts_with(&some) && some.len() < whole.len(), "cut at {cut}");
            most = most.max(some.len());
            match end.unwrap_err() {
                PackError::Truncated { offset, blocks, .. } => {
                    assert_eq!((offset, blocks), (cut as u64, some.len() as u64));
                }
                PackError::Magic(_) => assert!(cut < 4),
                other => panic!("cut at {cut}: {other}"),
            }
        }
        assert_eq!(most, 3);
        let other = Store::open(MemoryBackend::default()).await.unwrap();
        let (first, _) = import(&other, &bytes[..bytes.len() / 2]).await;
        assert!(first > 0 && first < expected.len() as u64);
        assert_eq!(import(&other, &bytes).await, (expected.len() as u64 - first, first));
        assert_eq!(contents(&other).await.unwrap(), expected);
    });
}

#[test]
fn an_import_goes_on_after_any_failure() {
    pollster::block_on(async {
        let (store, expected) = filled(6).await;
        let bytes = pack(&store, ExportSelection::default()).await;
        let blocks: Vec<_> = items(&bytes, usize::MAX).0;
        for mode in FaultMode::ALL {
            for at in 0..60 {
                let memory = MemoryBackend::default();
                let faulty = FaultyBackend::new(memory.clone());
                faulty.fail(at, mode);
                let mut acknowledged = 0;
                if let Ok(first) = Store::open(faulty).await {
                    for item in &blocks {
                        let PackItem::Block(block) = item else { continue };
                        match first.import_block(block).await {
                            Ok(report) => acknowledged += report.profiles,
                            Err(_) => break,
                        }
                    }
                }
                let again = Store::open(memory).await.unwrap();
                assert!(again.manifest().profiles() >= acknowledged, "{mode:?} at {at}");
                import(&again, &bytes).await;
                assert_eq!(contents(&again).await.unwrap(), expected, "{mode:?} at {at}");
            }
        }
    });
}

#[test]
fn damaged_blocks_are_left_out_and_named() {
    pollster::block_on(async {
        let (store, _) = filled(6).await;
        let bytes = pack(&store, ExportSelection::default()).await;
        let whole = items(&bytes, usize::MAX).0;
        let mut skipped = 0;
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            let (some, end) = items(&changed, 5000);
            assert!(end.is_err() || some != whole, "byte {at}");
            for item in &some {
                assert!(matches!(item, PackItem::Damaged { .. }) || whole.contains(item), "byte {at}");
            }
            skipped += some.iter().filter(|item| matches!(item, PackItem::Damaged { .. })).count();
        }
        assert!(skipped > 10);
    });
}

#[test]
fn inputs_are_what_they_were() {
    pollster::block_on(async {
        let (store, expected) = filled(4).await;
        compact(&store, usize::MAX).await.unwrap();
        let bytes = pack(&store, ExportSelection::default()).await;
        // Stored as inputs of their own again, they are the same profiles.
        let other = Store::open(MemoryBackend::default()).await.unwrap();
        let mut files = 0;
        for item in items(&bytes, usize::MAX).0 {
            let PackItem::Block(block) = item else { continue };
            for file in packed_files(&block).unwrap() {
                files += 1;
                assert_eq!(file.batch.profiles.len(), 2, "shares are one profile again");
                let origin = emberglass_store::Origin { name: file.name, ..Default::default() };
                other.stage(&file.batch, &origin).await.unwrap();
            }
        }
        other.commit().await.unwrap();
        assert_eq!(files, 4);
        assert_eq!(contents(&other).await.unwrap(), expected);
    });
}

fn fixtures() -> std::path::PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../tests/fixtures/packs"].iter().collect()
}

/// Files of every version of the format: they stay readable. `EMBERGLASS_WRITE_FIXTURES=1` writes that of a new one.
#[test]
fn packs_of_every_version_are_read() {
    pollster::block_on(async {
        let folder = fixtures();
        let (store, expected) = filled(4).await;
        compact(&store, usize::MAX).await.unwrap();
        let bytes = copy(store.backend()).await;
        let current = folder.join(format!("v{PACK_VERSION}.emberglass"));
        if std::env::var_os("EMBERGLASS_WRITE_FIXTURES").is_some() && !current.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&current, &bytes).unwrap();
        }
        for version in 1..=PACK_VERSION {
            let golden = std::fs::read(folder.join(format!("v{version}.emberglass"))).unwrap();
            let other = Store::open(MemoryBackend::default()).await.unwrap();
            assert_eq!(import(&other, &golden).await, (expected.len() as u64, 0));
            assert_eq!(contents(&other).await.unwrap(), expected);
        }
    });
}

/// The frame around the blocks, byte for byte; what blocks are is the block format's matter.
#[test]
fn the_frame_is_what_the_specification_says() {
    let mut writer = PackWriter::default();
    let mut bytes = writer.header();
    let section = SectionMeta { kind: SectionKind::Series, part: 0, len: 20, checksum: 0x0403_0201 };
    bytes.extend(writer.block(&BlockMeta {
        level: 2,
        first_start: 5,
        last_start: -3,
        profiles: 300,
        series: 1,
        sections: vec![section],
        ..BlockMeta::default()
    }));
    bytes.extend([0xee; 20]);
    bytes.extend(writer.end());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    assert_eq!(hex(&bytes[..12]), "45 47 50 4b 01 00 00 00 dd 5e e2 1e");
    assert_eq!(hex(&bytes[12..38]), "01 00 00 00 0e 00 00 00 8c 67 01 9a 02 0a 05 ac 02 01 01 03 00 14 01 02 03 04");
    assert_eq!(
        hex(&bytes[58..]),
        "02 00 00 00 04 00 00 00 95 df 5a 28 01 ac 02 2e 3a 00 00 00 00 00 00 00 dc 90 2f 71 45 47 50 45"
    );
}

#[test]
fn a_later_version_is_refused() {
    let mut bytes = PackWriter::default().header();
    bytes[4..6].copy_from_slice(&(PACK_VERSION + 1).to_le_bytes());
    let (_, end) = items(&bytes, usize::MAX);
    assert_eq!(end, Err(PackError::NewerVersion { found: PACK_VERSION + 1 }));
    assert_eq!(items(b"PK\x03\x04....", usize::MAX).1, Err(PackError::Magic(b"PK\x03\x04".to_vec())));
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes: Vec<u8>, piece in 1usize..50, header in 0..3) {
        let mut all = match header {
            0 => Vec::new(),
            1 => PackWriter::default().header(),
            _ => std::fs::read(fixtures().join("v2.emberglass")).unwrap()[..60].to_vec(),
        };
        all.extend(bytes);
        let (some, end) = items(&all, piece);
        prop_assert!(some.is_empty() && end.is_err());
    }

    #[test]
    fn pieces_of_any_size_read_alike(piece in 1usize..3000) {
        pollster::block_on(async {
            let (store, _) = filled(3).await;
            let bytes = pack(&store, ExportSelection::default()).await;
            assert_eq!(items(&bytes, piece), items(&bytes, usize::MAX));
        });
    }
}
