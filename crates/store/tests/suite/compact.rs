//! What is merged when, and what is left alone.

use emberglass_store::{CompactStep, MemoryBackend, SectionKind, Store, StoreError, Urgency};

use crate::common::{Plain, batch, contents, origin};

const HOUR: i64 = 3_600_000_000_000;

/// A block for each start.
async fn store_of(memory: &MemoryBackend, starts: &[i64]) -> Store<MemoryBackend> {
    let store = Store::open(memory.clone()).await.unwrap();
    for (at, &start) in starts.iter().enumerate() {
        let samples = vec![(vec![("main".to_owned(), 1), (format!("f{at}"), 2)], vec![], 5)];
        let plain = Plain { sample_type: "cpu".to_owned(), start: Some(start), samples, ..Plain::default() };
        store.stage(&batch(at as u128 + 1, &[plain]), &origin("a", 0)).await.unwrap();
        store.commit().await.unwrap();
    }
    store
}

/// Runs what is due; gives how many blocks each compaction merged, and the errors.
async fn compact(store: &Store<MemoryBackend>, urgency: Urgency) -> (Vec<u64>, Vec<StoreError>) {
    let (mut merged, mut errors) = (Vec::new(), Vec::new());
    while let Some(mut compaction) = store.plan_compaction(urgency) {
        loop {
            match store.compact_step(&mut compaction, 50).await {
                Ok(CompactStep::More) => {}
                Ok(CompactStep::Done(report)) => {
                    merged.push(report.blocks);
                    break;
                }
                Err(error) => {
                    errors.push(error);
                    break;
                }
            }
        }
    }
    (merged, errors)
}

fn levels(store: &Store<MemoryBackend>) -> Vec<u8> {
    store.manifest().blocks.iter().map(|block| block.level).collect()
}

#[test]
fn idle_work_waits_for_company_and_the_rest_does_not() {
    pollster::block_on(async {
        let three = store_of(&MemoryBackend::default(), &[1, 2, 3]).await;
        assert!(three.plan_compaction(Urgency::Idle).is_none());
        let four = store_of(&MemoryBackend::default(), &[4, 1, 3, 2]).await;
        let before = contents(&four).await.unwrap();
        assert_eq!(compact(&four, Urgency::Idle).await, (vec![4], vec![]));
        assert_eq!((levels(&four), contents(&four).await.unwrap()), (vec![1], before));
        assert_eq!(compact(&three, Urgency::All).await, (vec![3], vec![]));
        assert_eq!(compact(&three, Urgency::All).await, (vec![], vec![]));
    });
}

#[test]
fn blocks_far_apart_in_time_stay_apart() {
    pollster::block_on(async {
        let starts = [0, HOUR / 2, 900 * HOUR, 900 * HOUR + 1];
        let store = store_of(&MemoryBackend::default(), &starts).await;
        let before = contents(&store).await.unwrap();
        assert_eq!(compact(&store, Urgency::All).await, (vec![2, 2], vec![]));
        assert_eq!((levels(&store), contents(&store).await.unwrap()), (vec![1, 1], before));
        // Two days apart: together at the second level only.
        let store = store_of(&MemoryBackend::default(), &[0, 48 * HOUR]).await;
        assert_eq!(compact(&store, Urgency::All).await, (vec![1, 1, 2], vec![]));
        assert_eq!(levels(&store), [2]);
    });
}

#[test]
fn a_damaged_block_stays_as_it_is_and_stops_nobody() {
    pollster::block_on(async {
        for kind in [SectionKind::Samples, SectionKind::Stacks, SectionKind::Series] {
            let memory = MemoryBackend::default();
            store_of(&memory, &[1, 2, 3]).await;
            let store = Store::open(memory.clone()).await.unwrap();
            let damaged = store.manifest().blocks[1].id;
            let key = store.manifest().blocks[1].section(kind, 0).unwrap().key(damaged);
            assert!(memory.damage(key, |value| {
                let last = value.len() - 1;
                value[last] ^= 1;
            }));
            let (merged, errors) = compact(&store, Urgency::All).await;
            assert_eq!(merged, [2]);
            assert!(matches!(errors.as_slice(), [StoreError::Damaged { key: of, .. }] if *of == key), "{errors:?}");
            let manifest = store.manifest();
            assert_eq!(manifest.blocks.len(), 2);
            assert!(manifest.block(damaged).is_some_and(|block| block.level == 0));
        }
    });
}

#[test]
fn a_compaction_gives_up_where_another_tab_changed_its_blocks() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let store = store_of(&memory, &[1, 2, 3]).await;
        let mut compaction = store.plan_compaction(Urgency::All).unwrap();
        let other = Store::open(memory.clone()).await.unwrap();
        for step in 0.. {
            if step == 4 {
                other.delete(&emberglass_labels::Matchers::default(), Some(2), Some(3)).await.unwrap();
            }
            if let CompactStep::Done(report) = store.compact_step(&mut compaction, 1).await.unwrap() {
                assert_eq!(report.blocks, 0);
                break;
            }
        }
        store.refresh().await.unwrap();
        let starts: Vec<i64> = contents(&store).await.unwrap().iter().map(|profile| profile.start).collect();
        assert_eq!(starts, [1, 3]);
        assert_eq!(compact(&store, Urgency::All).await, (vec![2], vec![]));
        assert_eq!(contents(&store).await.unwrap().len(), 2);
    });
}
