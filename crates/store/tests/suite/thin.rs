//! Samples that go while their sums stay: at every fault the old or the new state, and the same sums in both.

use std::collections::BTreeMap;

use emberglass_labels::Matchers;
use emberglass_profile::StackId;
use emberglass_store::{
    Backend, Block, BlockOptions, Export, ExportSelection, FaultyBackend, Limits, MemoryBackend, PackItem, PackReader,
    RetentionPolicy, Store, StoreError, StoreOptions,
};

use crate::common::{batch, compact as compact_in_steps, every_fault, ingest, input, origin};

async fn open<B: Backend>(backend: B) -> Result<Store<B>, StoreError> {
    let block = BlockOptions { rollup_pieces: 2, ..BlockOptions::default() };
    Store::open_with(backend, StoreOptions { block, ..StoreOptions::default() }).await
}

async fn compact<B: Backend>(store: &Store<B>) -> Result<(), StoreError> {
    store.refresh().await?;
    compact_in_steps(store, 1).await
}

/// Lets the samples go that are older than `age` at 1,000.
async fn thin<B: Backend>(store: &Store<B>, limits: Limits) -> Result<u64, StoreError> {
    store.set_policy(RetentionPolicy { all: limits, ..RetentionPolicy::default() }).await?;
    let report = store.retain(1000).await?;
    assert_eq!(report.profiles, 0);
    store.set_policy(RetentionPolicy::default()).await?;
    Ok(report.summed)
}

/// What a store says, whatever it keeps of it.
#[derive(Debug, PartialEq)]
struct Said {
    /// Starts and totals.
    profiles: Vec<(i64, i64)>,
    /// Value by stack.
    sums: BTreeMap<String, i64>,
}

fn spelt(block: &Block, stack: u32) -> String {
    let frame = |frame| block.symbols.function_name(block.symbols.frames.get(frame).unwrap().function).to_owned();
    let mut frames: Vec<String> = block.stacks.leaf_to_root(StackId(stack)).map(frame).collect();
    frames.reverse();
    frames.join(";")
}

/// Profiles and sums, and of how many profiles only sums are left.
async fn said<B: Backend>(store: &Store<B>) -> (Said, usize) {
    let mut said = Said { profiles: Vec::new(), sums: BTreeMap::new() };
    let mut summed = 0;
    for meta in &store.manifest().blocks {
        let block = store.block(meta.id).await.unwrap();
        let table = &block.profiles;
        said.profiles.extend(table.start.iter().copied().zip(table.total.iter().copied()));
        let mut add = |stacks: &[u32], values: &[i64]| {
            for (&stack, value) in stacks.iter().zip(values) {
                *said.sums.entry(spelt(&block, stack)).or_default() += value;
            }
        };
        let mut seen = vec![false; table.len()];
        // The first that holds a profile holds all that the others do.
        for rollup in store.rollups(&store.directory(meta.id).await.unwrap()).await.unwrap().iter() {
            let rows = rollup.rows().start as usize..rollup.rows().end as usize;
            if seen[rows.start] {
                continue;
            }
            let part = store.rollup_parts(meta.id, &[rollup.part()]).await.unwrap().pop().unwrap();
            let rows_of_sum = block.rollup_rows(rollup, &part).unwrap();
            add(&rows_of_sum.stacks, &rows_of_sum.values);
            seen[rows].fill(true);
        }
        for (row, seen) in seen.into_iter().enumerate() {
            summed += usize::from(table.is_summed(row));
            assert!(seen || !table.is_summed(row), "a sum for each profile without samples");
            if !seen {
                let part = store.samples(meta.id, table.sample_part[row]).await.unwrap();
                let rows = block.rows(row, &part).unwrap();
                add(&rows.stacks, &rows.values);
            }
        }
    }
    said.profiles.sort_unstable();
    (said, summed)
}

async fn filled() -> MemoryBackend {
    let memory = MemoryBackend::default();
    let store = open(memory.clone()).await.unwrap();
    for n in 0..6 {
        ingest(&store, n).await.unwrap();
    }
    compact(&store).await.unwrap();
    memory
}

const OLD: Limits = Limits { max_age: None, max_sample_age: Some(10), max_bytes: None };

#[test]
fn every_operation_may_fail_in_every_way() {
    pollster::block_on(async {
        let (expected, none) = said(&open(filled().await).await.unwrap()).await;
        assert_eq!((expected.profiles.len(), none), (6, 0));
        let faults = every_fault(async |nth, mode| {
            let memory = filled().await;
            let faulty = FaultyBackend::new(memory.clone());
            faulty.fail(nth, mode);
            let context = format!("{mode:?} at {nth}");
            for attempt in 0..3 {
                let done = async { thin(&open(faulty.clone()).await?, OLD).await }.await;
                let (found, summed) = said(&open(memory.clone()).await.unwrap()).await;
                assert_eq!(found, expected, "{context}");
                assert!(summed == 0 || summed == 6, "{context}: {summed}");
                if done.is_ok() {
                    assert_eq!(summed, 6, "{context}");
                    break;
                }
                assert!(attempt < 2, "{context} fails again and again");
                faulty.reconnect();
            }
            faulty.operations()
        })
        .await;
        assert!(faults > 20);
        println!("faults {faults}");
    });
}

#[test]
fn what_is_left_is_not_stored_again_and_not_merged() {
    pollster::block_on(async {
        let store = open(filled().await).await.unwrap();
        let (expected, _) = said(&store).await;
        assert_eq!(thin(&store, OLD).await.unwrap(), 6);
        assert_eq!(thin(&store, OLD).await.unwrap(), 0, "nothing is left to go");
        for n in 0..6 {
            let (hash, profiles) = input(n);
            let report = store.stage(&batch(hash, &profiles), &origin("a", 0)).await.unwrap();
            assert_eq!(report.profiles, 0, "it is known");
        }
        ingest(&store, 9).await.unwrap();
        compact(&store).await.unwrap();
        let levels: Vec<u8> = store.manifest().blocks.iter().map(|block| block.level).collect();
        assert_eq!(levels, [3, 1]);
        store.delete(&Matchers::default(), Some(90), None).await.unwrap();
        assert_eq!(said(&store).await, (expected, 6));
        // One of them is all of them.
        let report = store.delete(&Matchers::default(), Some(10), Some(11)).await.unwrap();
        assert_eq!((report.profiles, store.manifest().blocks.len()), (6, 0));
    });
}

#[test]
fn bytes_are_saved_on_samples_first() {
    pollster::block_on(async {
        let store = open(filled().await).await.unwrap();
        let (expected, _) = said(&store).await;
        let bytes = store.manifest().bytes();
        let fits = Limits { max_bytes: Some(bytes - 1), ..Limits::default() };
        assert_eq!(thin(&store, fits).await.unwrap(), 6);
        assert!(store.manifest().bytes() < bytes);
        assert_eq!(said(&store).await.0, expected);
        // Then the profiles go.
        let none = Limits { max_bytes: Some(1), ..Limits::default() };
        store.set_policy(RetentionPolicy { all: none, ..RetentionPolicy::default() }).await.unwrap();
        assert_eq!(store.retain(1000).await.unwrap().profiles, 6);
    });
}

#[test]
fn sums_move_to_another_store() {
    pollster::block_on(async {
        let store = open(filled().await).await.unwrap();
        thin(&store, OLD).await.unwrap();
        let (expected, _) = said(&store).await;
        for selection in [ExportSelection::default(), ExportSelection { from: Some(25), ..ExportSelection::default() }]
        {
            let mut export: Export = store.plan_export(selection);
            let mut pack = Vec::new();
            while !export.is_done() {
                pack.extend(store.export_step(&mut export, 1000).await.unwrap());
            }
            let other = open(MemoryBackend::default()).await.unwrap();
            for _ in 0..2 {
                let mut reader = PackReader::default();
                reader.push(&pack);
                while let Some(item) = reader.next_item().unwrap() {
                    if let PackItem::Block(block) = item {
                        other.import_block(&block).await.unwrap();
                    }
                }
            }
            assert_eq!(
                said(&other).await,
                (Said { profiles: expected.profiles.clone(), sums: expected.sums.clone() }, 6)
            );
        }
    });
}
