//! Queries before, beside and after compactions.

#![cfg(test)]

use emberglass_query::{NoYield, QueryOutput, QueryRun, catalog, labels, profiles as list, run, time_series};
use emberglass_store::{Backend, CompactStep, Compaction, Store, Urgency};
use emberglass_trie::Granularity;
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{add, profiles, selection, store_of};

const MATCHERS: &str = r#"\{\}|\{service_name="s1"\}|\{region!="r0"\}|\{service_name=~"s[02]", region="r1"\}"#;

/// What a result says, whatever blocks it came from.
fn said(output: &QueryOutput) -> (u64, u64, Vec<u32>, Vec<u32>, Vec<i64>, Vec<String>) {
    let trie = &output.trie;
    let names = trie.symbols.functions.iter().map(|function| trie.symbols.text(function.name).to_owned());
    let tree = &trie.tree;
    let names = names.collect();
    (output.profiles, trie.divisor, tree.parent.clone(), tree.key.clone(), tree.self_value.clone(), names)
}

/// Steps until the compaction is stored; true if it merged something.
fn finish<B: Backend>(store: &Store<B>, compaction: &mut Compaction, budget: usize) -> bool {
    loop {
        if let CompactStep::Done(report) = block_on(store.compact_step(compaction, budget)).unwrap() {
            return report.blocks > 0;
        }
    }
}

proptest! {
    #[test]
    fn no_compaction_changes_an_answer(
        first in profiles(), second in profiles(), group in 1usize..4, budget in 1usize..600, merge_first: bool,
        profile_type in 0usize..2, matchers in MATCHERS, from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..45),
    ) {
        let plain = store_of(&first, group);
        add(&plain, &second, group, first.len());
        // The same, with a compaction between the two halves or not.
        let store = store_of(&first, group);
        if merge_first && let Some(mut compaction) = store.plan_compaction(Urgency::All) {
            prop_assert!(finish(&store, &mut compaction, budget));
        }
        add(&store, &second, group, first.len());
        let selection = selection(profile_type, &matchers, from, until);
        let expected = said(&block_on(run(&plain, &selection, Granularity::Function, &NoYield)).unwrap());
        let series = block_on(time_series(&plain, &selection, 50, &NoYield)).unwrap();
        let of_labels = block_on(labels(&plain, &selection, &NoYield)).unwrap();
        let each = block_on(list(&plain, &selection, 0, 1000, &NoYield)).unwrap();
        let services = block_on(catalog(&plain, &NoYield)).unwrap().services;

        let mut compactions = 0;
        while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
            compactions += 1;
            prop_assert!(compactions < 50, "compaction does not end");
            // A query under way sees the old blocks or starts again with the new one.
            let mut query = block_on(QueryRun::start(&store, selection.clone(), Granularity::Function, &NoYield)).unwrap();
            let more = block_on(query.step(&store, &NoYield)).unwrap();
            prop_assert!(finish(&store, &mut compaction, budget));
            if more {
                while block_on(query.step(&store, &NoYield)).unwrap() {}
            }
            prop_assert_eq!(said(&block_on(query.finish(&NoYield)).unwrap()), expected.clone());
            prop_assert_eq!(&block_on(time_series(&store, &selection, 50, &NoYield)).unwrap(), &series);
            prop_assert_eq!(&block_on(labels(&store, &selection, &NoYield)).unwrap(), &of_labels);
            prop_assert_eq!(&block_on(list(&store, &selection, 0, 1000, &NoYield)).unwrap(), &each);
            prop_assert_eq!(&block_on(catalog(&store, &NoYield)).unwrap().services, &services);
        }
        if !first.is_empty() || !second.is_empty() {
            prop_assert_eq!(store.manifest().blocks.len(), 1);
        }
        prop_assert_eq!(said(&block_on(run(&store, &selection, Granularity::Function, &NoYield)).unwrap()), expected);
    }
}
