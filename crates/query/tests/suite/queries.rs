//! Queries against plain lists of profiles.

#![cfg(test)]

use std::cell::Cell;
use std::collections::BTreeMap;

use emberglass_labels::GroupBy;
use emberglass_labels::Matchers;
use emberglass_profile::{Aggregation, Batch, FunctionId, ProfileEntry};
use emberglass_query::{
    Missing, NoYield, QueryRun, YieldNow, catalog, grouped_series, labels, merge_batches, plan, run, time_series,
};
use emberglass_store::{MemoryBackend, SectionKey, SectionKind, Store};
use emberglass_trie::{Granularity, MergedTrie};
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, SECOND, add, profiles, selected, selection, store_of, types};

/// Multiple of every number of profiles that a series can have here (up to 14).
const COMMON: i64 = 360_360;

fn map_of(trie: &MergedTrie) -> BTreeMap<Vec<String>, i64> {
    let tree = &trie.tree;
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    for node in 1..tree.len() {
        let mut path = paths[tree.parent[node] as usize].clone();
        path.push(trie.symbols.function_name(FunctionId(tree.key[node])).to_owned());
        paths.push(path);
    }
    paths.into_iter().zip(tree.self_value.iter().copied()).filter(|&(_, value)| value != 0).collect()
}

fn names(stack: &[u8]) -> Vec<String> {
    stack.iter().map(|function| format!("f{function}")).collect()
}

/// Values times `COMMON`: sums, or sums over series of the means.
fn naive(profiles: &[&Profile], profile_type: usize) -> BTreeMap<Vec<String>, i64> {
    let mut counts: BTreeMap<(u8, u8), i64> = BTreeMap::new();
    for profile in profiles {
        *counts.entry((profile.service, profile.region)).or_default() += 1;
    }
    let mut map: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    for profile in profiles {
        let count = if profile_type == 0 { 1 } else { counts[&(profile.service, profile.region)] };
        for (stack, alloc, inuse) in &profile.samples {
            let value = if profile_type == 0 { alloc } else { inuse };
            *map.entry(names(stack)).or_default() += value * COMMON / count;
        }
    }
    map.retain(|_, value| *value != 0);
    map
}

fn scaled(trie: &MergedTrie) -> BTreeMap<Vec<String>, i64> {
    let map = map_of(trie).into_iter();
    map.map(|(stack, value)| (stack, value * COMMON / trie.divisor as i64)).collect()
}

fn ranges() -> impl Strategy<Value = (Option<i64>, Option<i64>)> {
    (proptest::option::of(0i64..40), proptest::option::of(0i64..45))
}

const MATCHERS: &str =
    r#"\{\}|\{service_name="s1"\}|\{region!="r0"\}|\{service_name=~"s[02]", region="r1"\}|\{x="y"\}"#;

proptest! {
    #[test]
    fn a_query_is_the_sum_or_mean_of_its_profiles(
        profiles in profiles(), group in 1usize..6, profile_type in 0usize..2, matchers in MATCHERS, (from, until) in ranges(),
    ) {
        let store = store_of(&profiles, group);
        let selection = selection(profile_type, &matchers, from, until);
        let expected = selected(&profiles, &selection);
        let output = block_on(run(&store, &selection, Granularity::Function, &NoYield)).unwrap();
        prop_assert_eq!(scaled(&output.trie), naive(&expected, profile_type));
        prop_assert_eq!(output.profiles, expected.len() as u64);
        prop_assert_eq!(output.aggregation, [Aggregation::Sum, Aggregation::Average][profile_type]);
        let planned = block_on(plan(&store, &selection, &NoYield)).unwrap();
        prop_assert_eq!(planned.profiles, expected.len() as u64);
        let series: std::collections::BTreeSet<_> = expected.iter().map(|profile| profile.labels()).collect();
        prop_assert_eq!(planned.series, series.len() as u64);
    }

    #[test]
    fn how_profiles_are_spread_over_blocks_changes_nothing(profiles in profiles(), profile_type in 0usize..2) {
        let selection = selection(profile_type, "", None, None);
        let tries = [1, 3, 100].map(|group| {
            let output = block_on(run(&store_of(&profiles, group), &selection, Granularity::Name, &NoYield));
            output.unwrap().trie
        });
        prop_assert_eq!(&tries[0].tree, &tries[1].tree);
        prop_assert_eq!(&tries[0].tree, &tries[2].tree);
        prop_assert_eq!(tries[0].divisor, tries[2].divisor);
    }

    #[test]
    fn steps_hold_the_totals_of_their_profiles(
        profiles in profiles(), profile_type in 0usize..2, matchers in MATCHERS, (from, until) in ranges(), steps in 2u32..60,
    ) {
        let store = store_of(&profiles, 4);
        let selection = selection(profile_type, &matchers, from, until);
        let series = block_on(time_series(&store, &selection, steps, &NoYield)).unwrap();
        let chosen = selected(&profiles, &selection);
        prop_assert!(series.values.len() <= steps as usize);
        prop_assert_eq!(series.values.len(), series.profiles.len());
        prop_assert_eq!(series.profiles.iter().sum::<u32>() as usize, chosen.len());
        for (at, (&value, &count)) in series.values.iter().zip(&series.profiles).enumerate() {
            let start = series.start + at as i64 * series.step;
            let inside = chosen.iter().copied().filter(|profile| (start..start + series.step).contains(&(profile.start * SECOND)));
            let inside: Vec<&Profile> = inside.collect();
            prop_assert_eq!(count as usize, inside.len());
            let total: i64 = naive(&inside, profile_type).values().sum();
            prop_assert!((value - total as f64 / COMMON as f64).abs() < 1e-6, "{} and {}", value, total);
        }
        if !series.values.is_empty() {
            prop_assert_eq!(series.start % series.step, 0);
            prop_assert!(from.is_none_or(|from| from * SECOND >= series.start && from * SECOND < series.start + series.step));
        }
    }

    #[test]
    fn groups_are_the_series_of_their_labels(
        profiles in profiles(), profile_type in 0usize..2, matchers in MATCHERS, (from, until) in ranges(), limit in 0usize..4,
    ) {
        let store = store_of(&profiles, 4);
        let of = selection(profile_type, &matchers, from, until);
        let group_by = GroupBy::parse("region").unwrap();
        let found = block_on(grouped_series(&store, &of, &group_by, 30, limit, &NoYield)).unwrap();
        let whole = block_on(time_series(&store, &of, 30, &NoYield)).unwrap();
        prop_assert_eq!((found.start, found.step), (whole.start, whole.step));
        let regions: std::collections::BTreeSet<String> =
            selected(&profiles, &of).iter().map(|profile| format!("r{}", profile.region)).collect();
        prop_assert_eq!(found.groups.len(), limit.min(regions.len()));
        prop_assert_eq!(found.rest.as_ref().map_or(0, |(count, _)| *count as usize), regions.len() - found.groups.len());
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        prop_assert!(found.groups.is_sorted_by(|a, b| sum(&a.values) >= sum(&b.values)));
        for group in &found.groups {
            let region = group.labels.get("region").unwrap();
            let of_region = format!("{{region=\"{region}\"{}", match matchers.as_str() {
                "" | "{}" => "}".to_owned(),
                more => format!(",{}", &more[1..]),
            });
            // The same steps: the range of all.
            let last = whole.start + whole.step * whole.values.len() as i64;
            let mut alone = selection(profile_type, &of_region, None, None);
            (alone.from, alone.until) = (of.from.or(Some(whole.start)), of.until.or(Some(last)));
            let alone = block_on(time_series(&store, &alone, 30, &NoYield)).unwrap();
            prop_assert_eq!(&group.profiles, &alone.profiles);
            for (a, b) in group.values.iter().zip(&alone.values) {
                prop_assert!((a - b).abs() < 1e-6);
            }
        }
        for at in 0..whole.values.len() {
            let all = found.groups.iter().chain(found.rest.as_ref().map(|(_, rest)| rest));
            let (value, count) = all.fold((0.0, 0), |(v, n), group| (v + group.values[at], n + group.profiles[at]));
            prop_assert!((value - whole.values[at]).abs() < 1e-6);
            prop_assert_eq!(count, whole.profiles[at]);
        }
    }

    #[test]
    fn labels_count_the_profiles_that_carry_them(
        profiles in profiles(), profile_type in 0usize..2, matchers in MATCHERS, (from, until) in ranges(),
    ) {
        let store = store_of(&profiles, 3);
        let selection = selection(profile_type, &matchers, from, until);
        let mut expected: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for profile in selected(&profiles, &selection) {
            for (name, value) in profile.labels().iter() {
                *expected.entry(name.to_owned()).or_default().entry(value.to_owned()).or_default() += 1;
            }
        }
        let got = block_on(labels(&store, &selection, &NoYield)).unwrap().into_iter();
        let got: Vec<_> = got.map(|label| (label.name, label.values)).collect();
        let expected: Vec<_> =
            expected.into_iter().map(|(name, values)| (name, values.into_iter().collect::<Vec<_>>())).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn the_catalog_counts_every_profile(profiles in profiles(), group in 1usize..6) {
        let store = store_of(&profiles, group);
        let catalog = block_on(catalog(&store, &NoYield)).unwrap();
        prop_assert_eq!(catalog.generation, store.manifest().generation);
        prop_assert_eq!(catalog.stored_bytes, store.manifest().bytes());
        prop_assert_eq!(catalog.profiles, profiles.len() as u64 * 2);
        let mut services: BTreeMap<String, Vec<&Profile>> = BTreeMap::new();
        for profile in &profiles {
            services.entry(format!("s{}", profile.service)).or_default().push(profile);
        }
        prop_assert_eq!(catalog.services.len(), services.len());
        for (service, (name, of_service)) in catalog.services.iter().zip(services) {
            prop_assert_eq!(&service.name, &name);
            prop_assert_eq!(service.profiles, of_service.len() as u64 * 2);
            let ids: Vec<_> = service.types.iter().map(|of| of.profile_type.clone()).collect();
            prop_assert_eq!(ids, types());
            for of in &service.types {
                prop_assert_eq!(of.profiles, of_service.len() as u64);
                prop_assert_eq!(Some(of.from), of_service.iter().map(|profile| profile.start * SECOND).min());
                prop_assert_eq!(Some(of.until), of_service.iter().map(|profile| profile.start * SECOND + 1).max());
                // The source names none: its last.
                prop_assert_eq!(of.is_default, of.profile_type.sample_type == "inuse_space");
            }
        }
    }

    #[test]
    fn files_add_up_whatever_their_type(profiles in profiles(), profile_type in 0usize..2) {
        let batches: Vec<Batch> = profiles.iter().enumerate().map(|(number, profile)| profile.batch(number)).collect();
        let twice = batches.iter().chain(&batches);
        let parts: Vec<(&Batch, Vec<&ProfileEntry>)> =
            twice.map(|batch| (batch, vec![&batch.profiles[profile_type]])).collect();
        let merged = merge_batches(&parts, Granularity::Function).unwrap();
        let mut expected: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        for (stack, alloc, inuse) in profiles.iter().flat_map(|profile| &profile.samples) {
            *expected.entry(names(stack)).or_default() += [alloc, inuse][profile_type];
        }
        expected.retain(|_, value| *value != 0);
        prop_assert_eq!(map_of(&merged), expected);
        prop_assert_eq!(merged.divisor, 1);
    }
}

fn profile(service: u8, start: i64, value: i64) -> Profile {
    Profile { service, region: 0, start, samples: vec![(vec![1, 2], value, value)] }
}

#[test]
fn a_block_replaced_by_another_tab_makes_the_query_start_again() {
    let backend = MemoryBackend::default();
    let ours = block_on(Store::open(backend.clone())).unwrap();
    add(&ours, &[profile(0, 1, 5), profile(0, 2, 7), profile(1, 3, 11)], 3, 0);
    let theirs = block_on(Store::open(backend)).unwrap();
    let all = selection(0, "", None, None);
    let mut run = block_on(QueryRun::start(&ours, all.clone(), Granularity::Function, &NoYield)).unwrap();
    block_on(theirs.delete(&Matchers::parse(r#"{service_name="s1"}"#).unwrap(), None, None)).unwrap();
    while block_on(run.step(&ours, &NoYield)).unwrap() {}
    assert_eq!(run.progress(), (2, 2));
    assert_eq!(block_on(run.partial(&NoYield)).unwrap().trie.total(), 12);
    assert_eq!(block_on(run.finish(&NoYield)).unwrap().trie.total(), 12);

    block_on(theirs.delete(&Matchers::parse(r#"{service_name="s0"}"#).unwrap(), None, Some(2 * SECOND))).unwrap();
    let [third, fourth] = [(); 2].map(|()| block_on(Store::open(theirs.backend().clone())).unwrap());
    block_on(theirs.clear()).unwrap();
    assert_eq!(block_on(catalog(&third, &NoYield)).unwrap().profiles, 0);
    assert_eq!(block_on(self::run(&fourth, &all, Granularity::Function, &NoYield)).unwrap().trie.total(), 0);
}

fn flip(backend: &MemoryBackend, key: SectionKey) {
    assert!(backend.damage(key, |bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    }));
}

proptest! {
    #[test]
    fn what_is_damaged_is_left_out_and_the_answer_says_how_much(
        profiles in profiles(), group in 1usize..5, hits in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..4), profile_type in 0usize..2,
    ) {
        let store = store_of(&profiles, group);
        let backend = store.backend().clone();
        let blocks = store.manifest().blocks.clone();
        let mut lost = vec![false; profiles.len()];
        let mut has_lost_labels = false;
        let mut hit = std::collections::BTreeSet::new();
        for (block, section) in hits {
            let Some(at) = usize::from(block).checked_rem(blocks.len()) else { continue };
            let meta = &blocks[at];
            let section = &meta.sections[usize::from(section) % meta.sections.len()];
            if !hit.insert(section.key(meta.id)) {
                continue;
            }
            flip(&backend, section.key(meta.id));
            lost.iter_mut().skip(at * group).take(group).for_each(|lost| *lost = true);
            has_lost_labels |= matches!(section.kind, SectionKind::Series | SectionKind::Profiles | SectionKind::Sources);
        }
        let all = selection(profile_type, "", None, None);
        let left: Vec<&Profile> = profiles.iter().zip(&lost).filter(|(_, lost)| !**lost).map(|(profile, _)| profile).collect();
        let gone: Vec<&Profile> = profiles.iter().zip(&lost).filter(|(_, lost)| **lost).map(|(profile, _)| profile).collect();
        let fresh = block_on(Store::open(backend)).unwrap();
        // The first asks, the second knows.
        for _ in 0..2 {
            let output = block_on(run(&fresh, &all, Granularity::Function, &NoYield)).unwrap();
            prop_assert_eq!(scaled(&output.trie), naive(&left, profile_type));
            prop_assert_eq!(output.profiles as usize, left.len());
            match output.missing {
                None => prop_assert!(gone.is_empty()),
                Some(missing) => {
                    prop_assert_eq!(missing.at_most, has_lost_labels);
                    // Of a block whose labels are lost both types count.
                    prop_assert!(missing.profiles as usize >= gone.len() && missing.profiles as usize <= 2 * gone.len());
                    let starts = gone.iter().map(|profile| profile.start * SECOND);
                    prop_assert_eq!((missing.from, missing.until - 1), (starts.clone().min().unwrap(), starts.max().unwrap()));
                }
            }
        }
        let catalog = block_on(catalog(&fresh, &NoYield)).unwrap();
        prop_assert_eq!(catalog.damaged.len(), fresh.quarantined().len());
        prop_assert!(fresh.quarantined().len() <= hit.len() && fresh.quarantined().is_empty() == hit.is_empty());
        let series = block_on(time_series(&fresh, &all, 100, &NoYield)).unwrap();
        prop_assert_eq!(series.missing.is_some(), has_lost_labels);
    }
}

#[test]
fn damage_outside_of_the_range_is_no_matter() {
    let backend = MemoryBackend::default();
    let store = block_on(Store::open(backend.clone())).unwrap();
    add(&store, &[profile(0, 1, 5), profile(0, 20, 7)], 1, 0);
    let bad = store.manifest().blocks[1].id;
    let key = SectionKey { block: bad, kind: SectionKind::Profiles, part: 0 };
    flip(&backend, key);
    let store = block_on(Store::open(backend)).unwrap();
    let before = block_on(run(&store, &selection(0, "", None, Some(10)), Granularity::Function, &NoYield)).unwrap();
    assert_eq!((before.trie.total(), before.missing), (5, None));
    let all = block_on(run(&store, &selection(0, "", None, None), Granularity::Function, &NoYield)).unwrap();
    let missing = Missing { profiles: 2, at_most: true, from: 20 * SECOND, until: 20 * SECOND + 1 };
    assert_eq!((all.trie.total(), all.missing), (5, Some(missing)));
    let catalog = block_on(catalog(&store, &NoYield)).unwrap();
    assert_eq!((catalog.profiles, catalog.damaged.len()), (2, 1));
    assert!(catalog.damaged[0].starts_with(&format!("{key} is damaged: expected checksum")), "{:?}", catalog.damaged);
}

#[test]
fn sums_of_a_block_may_pass_64_bits_on_the_way() {
    let store = store_of(&[profile(0, 1, i64::MAX), profile(0, 2, i64::MAX), profile(1, 3, -i64::MAX)], 3);
    let all = selection(0, "", None, None);
    let output = block_on(run(&store, &all, Granularity::Function, &NoYield)).unwrap();
    assert_eq!(output.trie.total(), i64::MAX);
    let first = selection(0, r#"{service_name="s0"}"#, None, None);
    let error = block_on(run(&store, &first, Granularity::Function, &NoYield)).unwrap_err();
    assert_eq!(error.code(), "value-overflow");
    let mean = selection(1, r#"{service_name="s0"}"#, None, None);
    assert!(block_on(run(&store, &mean, Granularity::Function, &NoYield)).is_err(), "sum and count are kept");
}

#[test]
fn long_work_yields_and_short_work_does_not() {
    struct Count(Cell<u32>);
    impl YieldNow for Count {
        async fn yield_now(&self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let yields = |profiles: &[Profile]| {
        let store = store_of(profiles, 1);
        let count = Count(Cell::new(0));
        block_on(run(&store, &selection(0, "", None, None), Granularity::Function, &count)).unwrap();
        count.0.get()
    };
    let short: Vec<Profile> = (0..20).map(|start| profile(0, start, 1)).collect();
    assert_eq!(yields(&short), 0);
    let stack = |at: u32| (0..4).map(|digit| (at / 20u32.pow(digit) % 20) as u8).collect();
    let long = |start| Profile { samples: (0..60_000).map(|at| (stack(at), 1, 1)).collect(), ..profile(0, start, 1) };
    assert!(yields(&[long(1), long(2), long(3)]) >= 1);

    // So does making one tree of what was merged.
    let store = store_of(&[long(1)], 1);
    let mut run =
        block_on(QueryRun::start(&store, selection(0, "", None, None), Granularity::Function, &NoYield)).unwrap();
    while block_on(run.step(&store, &NoYield)).unwrap() {}
    let (of_partial, of_all) = (Count(Cell::new(0)), Count(Cell::new(0)));
    let partial = block_on(run.partial(&of_partial)).unwrap().trie;
    assert_eq!(map_of(&block_on(run.finish(&of_all)).unwrap().trie), map_of(&partial));
    assert_eq!((partial.total(), of_partial.0.get()), (60_000, of_all.0.get()));
    assert!(of_all.0.get() >= 4);
}

#[test]
fn the_default_type_is_the_one_the_latest_source_names() {
    let store = block_on(Store::open(MemoryBackend::default())).unwrap();
    let mut batch = profile(0, 1, 5).batch(0);
    batch.default_sample_type = "alloc_space".to_owned();
    let origin = emberglass_store::Origin { labels: profile(0, 1, 5).labels(), ..Default::default() };
    block_on(store.stage(&batch, &origin)).unwrap();
    block_on(store.commit()).unwrap();
    let default_of = |store: &Store<MemoryBackend>| {
        let catalog = block_on(catalog(store, &NoYield)).unwrap();
        let types = &catalog.services[0].types;
        let defaults: Vec<String> =
            types.iter().filter(|of| of.is_default).map(|of| of.profile_type.sample_type.clone()).collect();
        defaults.join(",")
    };
    assert_eq!(default_of(&store), "alloc_space");
    add(&store, &[profile(0, 2, 5)], 1, 1);
    assert_eq!(default_of(&store), "inuse_space");
}
