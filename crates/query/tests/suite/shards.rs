//! A query whose shards several engines merge against one that is merged as a whole.

#![cfg(test)]

use emberglass_query::{NoYield, QueryOutput, QueryRun, Selection, Shard, run};
use emberglass_store::{MemoryBackend, SectionKey, SectionKind, Store};
use emberglass_trie::Granularity;
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, add, profiles, selected, selection, store_in, store_of};

/// What becomes of a part on its way.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    Lost,
    Cut(usize),
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![4 => Just(Fate::Arrives), 1 => Just(Fate::Lost), 1 => (0usize..200).prop_map(Fate::Cut)];
    proptest::collection::vec(fate, 3)
}

fn step_all(run: &mut QueryRun, store: &Store<MemoryBackend>) {
    while block_on(run.step(store, &NoYield)).unwrap() {}
}

/// The part of an engine that opens the storage for itself.
fn part_of(memory: &MemoryBackend, of: &Selection, shard: Shard, generation: u64) -> Option<Vec<u8>> {
    let store = store_in(memory.clone());
    let asked = (shard, generation);
    let run = block_on(QueryRun::start_shard(&store, of.clone(), Granularity::Function, asked, &NoYield)).unwrap();
    let mut run = run?;
    step_all(&mut run, &store);
    block_on(run.part(&NoYield))
}

fn whole(store: &Store<MemoryBackend>, of: &Selection) -> QueryOutput {
    block_on(run(store, of, Granularity::Function, &NoYield)).unwrap()
}

fn same(a: &QueryOutput, b: &QueryOutput) {
    assert_eq!(a.trie.tree, b.trie.tree);
    let names = |of: &QueryOutput| -> Vec<String> {
        let symbols = &of.trie.symbols;
        symbols.functions.iter().map(|function| symbols.text(function.name).to_owned()).collect()
    };
    assert_eq!(names(a), names(b));
    assert_eq!(
        (a.trie.divisor, a.trie.output_digits, a.trie.scale),
        (b.trie.divisor, b.trie.output_digits, b.trie.scale)
    );
    assert_eq!((a.profiles, a.aggregation, a.missing, a.widened), (b.profiles, b.aggregation, b.missing, b.widened));
}

proptest! {
    #[test]
    fn shards_add_up_to_the_whole_whatever_becomes_of_parts(
        profiles in profiles(), group in 1usize..4, profile_type in 0usize..2, shards in 1u32..5, fates in fates(),
        until in proptest::option::of(0i64..45),
    ) {
        let store = store_of(&profiles, group);
        let of = selection(profile_type, "", None, until);
        let mut run = block_on(QueryRun::start(&store, of.clone(), Granularity::Function, &NoYield)).unwrap();
        let generation = run.plan().generation;
        let kept = run.keep_shard(&store, Shard { index: 0, of: shards });
        prop_assert!(kept);
        step_all(&mut run, &store);
        let mut done = run.progress().0;
        for index in 1..shards {
            let part = part_of(store.backend(), &of, Shard { index, of: shards }, generation);
            let part = part.and_then(|mut part| match fates[index as usize - 1] {
                Fate::Arrives => Some(part),
                Fate::Lost => None,
                Fate::Cut(at) => {
                    part.truncate(part.len().saturating_sub(1).min(at));
                    Some(part)
                }
            });
            block_on(run.take_part(index, part.as_deref(), &NoYield)).unwrap();
            prop_assert!(run.progress().0 >= done || run.shard() == Shard::WHOLE);
            done = run.progress().0;
        }
        if fates.iter().take(shards as usize - 1).all(|fate| matches!(fate, Fate::Arrives)) {
            // Nothing is merged twice, and nothing is left.
            prop_assert_eq!(run.progress().0, run.progress().1);
        }
        step_all(&mut run, &store);
        let chosen = selected(&profiles, &of).len() as u64;
        prop_assert_eq!(run.progress(), (chosen, chosen));
        same(&block_on(run.finish(&NoYield)).unwrap(), &whole(&store, &of));
    }
}

fn profile(start: i64, value: i64) -> Profile {
    Profile { service: 0, region: 0, start, samples: vec![(vec![1, start as u8], value, value)] }
}

const FIVE: [i64; 5] = [1, 2, 3, 4, 5];

fn five() -> Store<MemoryBackend> {
    store_of(&FIVE.map(|at| profile(at, 10 * at)), 1)
}

#[test]
fn blocks_are_spread_over_the_shards() {
    let (store, of) = (five(), selection(0, "", None, None));
    let generation = store.manifest().generation;
    let profiles = [0, 1].map(|index| {
        let asked = (Shard { index, of: 2 }, generation);
        let run = block_on(QueryRun::start_shard(&store, of.clone(), Granularity::Function, asked, &NoYield)).unwrap();
        let mut run = run.unwrap();
        step_all(&mut run, &store);
        run.progress()
    });
    assert!(profiles == [(3, 5), (2, 5)] || profiles == [(2, 5), (3, 5)], "{profiles:?}");
}

#[test]
fn an_engine_that_sees_another_generation_has_no_part() {
    let (store, of) = (five(), selection(0, "", None, None));
    let other = store_in(store.backend().clone());
    let seen = other.manifest().generation;
    add(&store, &[profile(6, 60)], 1, 5);
    let shard = Shard { index: 1, of: 2 };
    let ask = |generation| {
        let asked = (shard, generation);
        block_on(QueryRun::start_shard(&other, of.clone(), Granularity::Function, asked, &NoYield)).unwrap().is_some()
    };
    // It catches up where it is behind, and can't go back.
    assert!(ask(store.manifest().generation));
    assert!(!ask(seen));
    assert!(!ask(store.manifest().generation + 1));
}

#[test]
fn a_part_without_what_only_its_engine_can_not_read_is_merged_here() {
    let (store, of) = (five(), selection(0, "", None, None));
    let shard = Shard { index: 1, of: 2 };
    // The other reads of a storage in which the samples are damaged of one block after the other.
    let mut refused = 0;
    for at in 0..FIVE.len() {
        let damaged = five();
        let key = SectionKey { block: damaged.manifest().blocks[at].id, kind: SectionKind::Samples, part: 0 };
        assert!(damaged.backend().damage(key, |bytes| bytes[0] ^= 1));
        let other = store_in(damaged.backend().clone());
        let asked = (shard, other.manifest().generation);
        let theirs = block_on(QueryRun::start_shard(&other, of.clone(), Granularity::Function, asked, &NoYield));
        let mut theirs = theirs.unwrap().unwrap();
        let mut part = Some(Vec::new());
        while part.is_some() {
            match block_on(theirs.step(&other, &NoYield)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_damaged) => {
                    part = None;
                    refused += 1;
                }
            }
        }
        if part.is_some() {
            part = block_on(theirs.part(&NoYield));
        }
        let mut run = block_on(QueryRun::start(&store, of.clone(), Granularity::Function, &NoYield)).unwrap();
        assert!(run.keep_shard(&store, Shard { index: 0, of: 2 }));
        step_all(&mut run, &store);
        block_on(run.take_part(1, part.as_deref(), &NoYield)).unwrap();
        step_all(&mut run, &store);
        same(&block_on(run.finish(&NoYield)).unwrap(), &whole(&store, &of));
    }
    assert!((2..=3).contains(&refused), "{refused}");
}

#[test]
fn a_query_that_is_planned_anew_takes_no_part_of_the_old_plan() {
    let (store, of) = (five(), selection(0, "", None, None));
    let mut run = block_on(QueryRun::start(&store, of.clone(), Granularity::Function, &NoYield)).unwrap();
    let generation = run.plan().generation;
    assert!(run.keep_shard(&store, Shard { index: 0, of: 2 }));
    let part = part_of(store.backend(), &of, Shard { index: 1, of: 2 }, generation);
    // Another tab replaces every block.
    let other = store_in(store.backend().clone());
    block_on(other.clear()).unwrap();
    add(&other, &[profile(7, 70)], 1, 6);
    step_all(&mut run, &store);
    assert_eq!(run.shard(), Shard::WHOLE);
    block_on(run.take_part(1, part.as_deref(), &NoYield)).unwrap();
    step_all(&mut run, &store);
    assert_eq!(block_on(run.finish(&NoYield)).unwrap().trie.total(), 70);
}
