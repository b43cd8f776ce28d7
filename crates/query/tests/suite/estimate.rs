//! What a query would cost against what it then reads and says, and what series are told apart by.

#![cfg(test)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use emberglass_query::{NoYield, Selection, cardinality, estimate, run};
use emberglass_store::{Backend, BackendError, CommitBatch, MemoryBackend, SectionKey, Store, StoredManifest};
use emberglass_trie::Granularity;
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, compact, profiles, selected, selection, store_of};

/// A back end that remembers what was read of it.
#[derive(Clone, Default)]
struct Watched {
    inner: MemoryBackend,
    read: Rc<RefCell<BTreeSet<SectionKey>>>,
}

impl Backend for Watched {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        self.inner.load().await
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        self.read.borrow_mut().extend(keys);
        self.inner.get(keys).await
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        self.inner.commit(batch).await
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        self.inner.list().await
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        self.inner.destroy().await
    }
}

const MATCHERS: &str = r#"\{\}|\{service_name="s1"\}|\{region!="r0"\}|\{x="y"\}"#;

/// Opened anew: nothing of it is in memory.
fn opened(inner: &MemoryBackend) -> Store<Watched> {
    block_on(Store::open(Watched { inner: inner.clone(), ..Watched::default() })).unwrap()
}

fn bytes_of(store: &Store<Watched>, keys: &BTreeSet<SectionKey>) -> u64 {
    let manifest = store.manifest();
    let len =
        |key: &SectionKey| manifest.block(key.block)?.section(key.kind, key.part).map(|section| u64::from(section.len));
    keys.iter().filter_map(len).sum()
}

proptest! {
    #[test]
    fn an_estimate_says_what_the_query_then_does(
        profiles in profiles(), group in 1usize..6, profile_type in 0usize..2, matchers in MATCHERS, compacts: bool,
        from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..45),
    ) {
        let store = store_of(&profiles, group);
        if compacts {
            compact(&store, 100);
        }
        let selection = selection(profile_type, &matchers, from, until);
        let store = opened(store.backend());
        let before = block_on(estimate(&store, &selection, &NoYield)).unwrap();
        let expected = selected(&profiles, &selection);
        prop_assert_eq!(before.profiles, expected.len() as u64);
        prop_assert_eq!(before.series, expected.iter().map(|profile| profile.labels()).collect::<BTreeSet<_>>().len() as u64);
        prop_assert!(before.rolled_up <= before.profiles && before.cached_bytes <= before.bytes);
        prop_assert!(before.nodes.is_none() || before.blocks == 0, "stacks are not read for an estimate");

        let asked = opened(&store.backend().inner);
        let output = block_on(run(&asked, &selection, Granularity::Function, &NoYield)).unwrap();
        prop_assert_eq!(output.profiles, before.profiles);
        let read = asked.backend().read.borrow().clone();
        let of_answer: BTreeSet<SectionKey> = {
            // What was read to see that nothing in a block is selected is no part of the cost.
            let blocks: BTreeSet<_> = read.iter().filter(|key| !DIRECTORY.contains(&key.kind.code())).map(|key| key.block).collect();
            read.iter().filter(|key| blocks.contains(&key.block)).copied().collect()
        };
        let answered = of_answer.iter().map(|key| key.block).collect::<BTreeSet<_>>().len() as u64;
        prop_assert_eq!((answered, bytes_of(&asked, &of_answer)), (before.blocks, before.bytes));

        let after = block_on(estimate(&asked, &selection, &NoYield)).unwrap();
        prop_assert_eq!((after.profiles, after.bytes, after.row_bytes), (before.profiles, before.bytes, before.row_bytes));
        prop_assert_eq!(after.cached_bytes, after.bytes, "it was all read");
        prop_assert!(after.nodes.is_some_and(|nodes| nodes >= output.trie.tree.len() as u64 - 1));
    }

    #[test]
    fn series_are_counted_by_their_labels(
        profiles in profiles(), group in 1usize..6, matchers in MATCHERS, limit in 0usize..4, all_types: bool,
    ) {
        let store = store_of(&profiles, group);
        let mut selection = selection(0, &matchers, None, None);
        let chosen = selected(&profiles, &selection);
        let types = if all_types { 2 } else { 1 };
        if all_types {
            selection = Selection { profile_type: Default::default(), ..selection };
        }
        let found = block_on(cardinality(&store, &selection, limit, &NoYield)).unwrap();
        let mut series: BTreeMap<(u8, u8), u64> = BTreeMap::new();
        chosen.iter().for_each(|profile| *series.entry((profile.service, profile.region)).or_default() += 1);
        prop_assert_eq!((found.series, found.profiles), (series.len() as u64 * types, chosen.len() as u64 * types));
        let mut counts: Vec<u64> = series.values().copied().collect();
        counts.sort_unstable();
        let median = counts.len().checked_sub(1).map_or(0, |last| counts[last / 2]);
        prop_assert_eq!(
            found.profiles_per_series,
            [counts.first().copied().unwrap_or(0), median, counts.last().copied().unwrap_or(0)]
        );
        prop_assert_eq!(found.largest.len(), limit.min(series.len() * types as usize));
        for largest in &found.largest {
            let naive = chosen.iter().filter(|profile| profile.labels() == largest.labels).count() as u64;
            prop_assert_eq!(largest.profiles, naive);
        }
        prop_assert!(found.largest.is_sorted_by(|a, b| a.profiles >= b.profiles));
        prop_assert!(found.labels.is_sorted_by(|a, b| (b.values, &a.name) <= (a.values, &b.name)));
        let label = |of: &dyn Fn(&Profile) -> u8| {
            let mut by_value: BTreeMap<u8, (BTreeSet<(u8, u8)>, u64)> = BTreeMap::new();
            for profile in &chosen {
                let value = by_value.entry(of(profile)).or_default();
                value.0.insert((profile.service, profile.region));
                value.1 += types;
            }
            by_value
        };
        for (name, prefix, values) in [
            ("service_name", "s", label(&|profile| profile.service)), ("region", "r", label(&|profile| profile.region)),
        ] {
            let Some(of_label) = found.labels.iter().find(|of| of.name == name) else {
                prop_assert!(values.is_empty());
                continue;
            };
            prop_assert_eq!((of_label.values, of_label.series), (values.len() as u64, found.series));
            prop_assert_eq!(of_label.top.len(), limit.min(values.len()));
            prop_assert!(of_label.top.is_sorted_by(|a, b| a.series >= b.series));
            for of_value in &of_label.top {
                let (series, profiles) = &values[&of_value.value.strip_prefix(prefix).unwrap().parse::<u8>().unwrap()];
                prop_assert_eq!((of_value.series, of_value.profiles), (series.len() as u64 * types, *profiles));
            }
        }
    }
}

/// Series, profiles, sources: read of every block in the range.
const DIRECTORY: [u8; 3] = [3, 4, 6];
