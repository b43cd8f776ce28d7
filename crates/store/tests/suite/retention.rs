//! Retention drops what its policy says, and nothing else.

use std::collections::BTreeMap;

use emberglass_store::{Backend, FaultMode, FaultyBackend, Limits, MemoryBackend, RetentionPolicy, Store, StoreError};
use proptest::prelude::*;

use crate::common::{Kept, Plain, batch, compact, contents, kept, origin};

const SERVICES: [&str; 3] = ["a", "b", "c"];

fn plain(start: i64, value: i64) -> Plain {
    Plain {
        sample_type: "cpu".to_owned(),
        start: Some(start),
        samples: vec![(vec![("main".to_owned(), 1), (format!("f{}", value % 7), 2)], vec![], value)],
        ..Plain::default()
    }
}

/// Commits each group of (service, start) and merges those that come together.
async fn filled(memory: &MemoryBackend, groups: &[Vec<(usize, i64)>], compacts: bool) -> Vec<Kept> {
    let store = Store::open(memory.clone()).await.unwrap();
    let mut all = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        for (row, &(service, start)) in group.iter().enumerate() {
            let (hash, origin) = ((at * 100 + row) as u128, origin(SERVICES[service], 0));
            let profiles = [plain(start, (at + row + 1) as i64)];
            store.stage(&batch(hash, &profiles), &origin).await.unwrap();
            all.extend(kept(hash, &profiles, &origin));
        }
        store.commit().await.unwrap();
    }
    if compacts {
        compact(&store, 1000).await.unwrap();
    }
    all.sort();
    all
}

fn service_of(profile: &Kept) -> &str {
    profile.labels.get("service_name").unwrap()
}

fn groups() -> impl Strategy<Value = Vec<Vec<(usize, i64)>>> {
    proptest::collection::vec(proptest::collection::vec((0usize..3, 0i64..60), 1..6), 0..6)
}

fn age() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(0i64..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn ages_equal_a_filtered_list(
        groups in groups(), compacts: bool, of_all in age(), of_services in proptest::collection::btree_map(0usize..3, age(), 0..3), now in 0i64..80,
    ) {
        pollster::block_on(async {
            let memory = MemoryBackend::default();
            let mut expected = filled(&memory, &groups, compacts).await;
            let before = expected.len();
            let store = Store::open(memory.clone()).await.unwrap();
            let limits = |max_age| Limits { max_age, ..Limits::default() };
            let policy = RetentionPolicy {
                all: limits(of_all),
                services: of_services.iter().map(|(&at, &age)| (SERVICES[at].to_owned(), limits(age))).collect(),
                evict_when_full: false,
            };
            store.set_policy(policy).await.unwrap();
            let report = store.retain(now).await.unwrap();
            let ages: BTreeMap<&str, i64> =
                of_services.iter().filter_map(|(&at, age)| Some((SERVICES[at], (*age)?))).collect();
            expected.retain(|profile| {
                let age = ages.get(service_of(profile)).copied().or(of_all);
                age.is_none_or(|age| profile.start >= now - age)
            });
            prop_assert_eq!(report.profiles, (before - expected.len()) as u64);
            let again = Store::open(memory).await.unwrap();
            prop_assert_eq!(contents(&again).await.unwrap(), expected);
            prop_assert_eq!(again.retain(now).await.unwrap(), emberglass_store::DeleteReport::default());
            Ok(())
        })?;
    }

    #[test]
    fn bytes_take_the_oldest_first(groups in groups(), compacts: bool, most in 0u64..6000, own in proptest::option::of(0u64..1500)) {
        pollster::block_on(async {
            let memory = MemoryBackend::default();
            let before = filled(&memory, &groups, compacts).await;
            let store = Store::open(memory.clone()).await.unwrap();
            let policy = RetentionPolicy {
                all: Limits { max_bytes: own.is_none().then_some(most), ..Limits::default() },
                services: own.map(|own| ("b".to_owned(), Limits { max_bytes: Some(own), ..Limits::default() })).into_iter().collect(),
                evict_when_full: false,
            };
            store.set_policy(policy).await.unwrap();
            store.retain(100).await.unwrap();
            let after = contents(&Store::open(memory).await.unwrap()).await.unwrap();
            prop_assert!(after.iter().all(|profile| before.contains(profile)));
            let gone: Vec<&Kept> = before.iter().filter(|profile| !after.contains(profile)).collect();
            match own {
                None => {
                    prop_assert!(store.manifest().bytes() <= most);
                    // Whole blocks go: those that stay end no earlier than any that went.
                    let last_gone = gone.iter().map(|profile| profile.start).min();
                    prop_assert!(last_gone.is_none_or(|start| after.iter().all(|p| p.start >= start) || store.manifest().blocks.iter().all(|b| b.last_start >= start)));
                }
                Some(_) => {
                    prop_assert!(gone.iter().all(|profile| service_of(profile) == "b"));
                    let newest_gone = gone.iter().map(|profile| profile.start).max();
                    let of_b = after.iter().filter(|profile| service_of(profile) == "b");
                    prop_assert!(of_b.clone().all(|profile| newest_gone.is_none_or(|start| profile.start > start)));
                }
            }
            Ok(())
        })?;
    }
}

async fn stage(store: &Store<FaultyBackend<MemoryBackend>>, n: i64) {
    store.stage(&batch(n as u128, &[plain(n * 10, n + 1)]), &origin("a", 0)).await.unwrap();
}

#[test]
fn a_full_storage_evicts_the_oldest_only_where_the_policy_says_so() {
    pollster::block_on(async {
        for evicts in [false, true] {
            let memory = MemoryBackend::default();
            let faulty = FaultyBackend::new(memory.clone());
            let store = Store::open(faulty.clone()).await.unwrap();
            for n in 0..3 {
                stage(&store, n).await;
                store.commit().await.unwrap();
            }
            let policy = RetentionPolicy { evict_when_full: evicts, ..RetentionPolicy::default() };
            store.set_policy(policy).await.unwrap();
            stage(&store, 9).await;
            faulty.fail(faulty.operations(), FaultMode::Quota);
            let result = store.commit().await;
            let starts: Vec<i64> = contents(&Store::open(memory.clone()).await.unwrap())
                .await
                .unwrap()
                .iter()
                .map(|profile| profile.start)
                .collect();
            if evicts {
                result.unwrap();
                assert_eq!(starts, [20, 90], "as many of the oldest went as the newest needs");
            } else {
                assert_eq!(result.unwrap_err().code(), "storage-quota");
                assert_eq!(starts, [0, 10, 20], "nothing that was acknowledged goes");
                // And nothing that was staged is lost: with room again it is stored.
                store.commit().await.unwrap();
                assert_eq!(contents(&Store::open(memory).await.unwrap()).await.unwrap().len(), 4);
            }
        }
    });
}

#[test]
fn a_storage_that_stays_full_is_told_once_room_was_made_in_vain() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let faulty = FaultyBackend::new(memory.clone());
        let store = Store::open(faulty.clone()).await.unwrap();
        stage(&store, 0).await;
        store.commit().await.unwrap();
        store.set_policy(RetentionPolicy { evict_when_full: true, ..RetentionPolicy::default() }).await.unwrap();
        stage(&store, 1).await;
        faulty.fail(faulty.operations(), FaultMode::Quota);
        // The eviction succeeds; the second attempt is full again.
        let commit = async {
            let result = store.commit().await;
            result.map(|_| ())
        };
        assert_eq!(commit.await, Ok(()));
        stage(&store, 2).await;
        let manifest = store.manifest();
        assert_eq!(manifest.blocks.len(), 1);
        store.clear().await.unwrap();
        stage(&store, 3).await;
        faulty.fail(faulty.operations(), FaultMode::Quota);
        let error: StoreError = store.commit().await.unwrap_err();
        assert_eq!(error.code(), "storage-quota", "there was nothing to evict");
        assert!(memory.list().await.unwrap().is_empty());
    });
}
