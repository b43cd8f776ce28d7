//! Top table, search and paths against plain lists of samples.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use emberglass_profile::FunctionId;
use emberglass_trie::MergedTrie;
use emberglass_views::{
    FunctionPackages, Names, Pattern, Search, TopRequest, TopSort, TopTable, node_info, path, resolve,
};
use proptest::prelude::*;

use crate::common::{Sample, file, name, samples, trie_of};

/// Names as they are stored.
static NAMES: LazyLock<Names> = LazyLock::new(Names::default);

const ALL: TopRequest<'static> =
    TopRequest { sort: TopSort::Total, descending: true, offset: 0, limit: usize::MAX, filter: None };

type Values = BTreeMap<(String, String), (i64, i64)>;

fn naive_top(samples: &[Sample]) -> Values {
    let mut values = Values::new();
    for (stack, value) in samples {
        for function in stack.iter().copied().collect::<BTreeSet<u32>>() {
            values.entry((name(function), file(function))).or_default().1 += value;
        }
        if let Some(&leaf) = stack.last() {
            values.entry((name(leaf), file(leaf))).or_default().0 += value;
        }
    }
    values
}

fn function_key(trie: &MergedTrie, node: u32) -> (String, String) {
    let function = trie.symbols.functions.get(trie.function(node).unwrap()).unwrap();
    (trie.symbols.text(function.name).to_owned(), trie.symbols.text(function.file).to_owned())
}

proptest! {
    #[test]
    fn a_function_counts_once_per_stack(samples in samples(-20)) {
        let trie = trie_of(&samples);
        let packages = FunctionPackages::new(&trie, &NAMES);
        let page = TopTable::new(&trie).unwrap().page(&trie, &NAMES, &packages, &ALL).rows.into_iter();
        let got: Values =
            page.map(|row| ((row.name.to_owned(), row.file.to_owned()), (row.self_value, row.total))).collect();
        let mut expected = naive_top(&samples);
        // Functions all of whose stacks cancel out have no node.
        expected.retain(|key, values| got.contains_key(key) || *values != (0, 0));
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn pages_are_cuts_of_the_sorted_rows(
        samples in samples(0), sort in 0usize..3, descending: bool, offset in 0usize..9, limit in 0usize..9, filtered: bool,
    ) {
        let trie = trie_of(&samples);
        let packages = FunctionPackages::new(&trie, &NAMES);
        let table = TopTable::new(&trie).unwrap();
        let sort = [TopSort::SelfValue, TopSort::Total, TopSort::Name][sort];
        let filter = Pattern::parse("/[12]$|file1/").unwrap().functions(&trie, &NAMES);
        let filter = filtered.then_some(filter.as_slice());
        let page = table.page(&trie, &NAMES, &packages, &TopRequest { sort, descending, offset, limit, filter });
        let mut rows = table.page(&trie, &NAMES, &packages, &ALL).rows;
        rows.retain(|row| !filtered || row.name.ends_with(['1', '2']) || row.file.contains("file1"));
        rows.sort_by(|a, b| (a.name, a.file).cmp(&(b.name, b.file)));
        match (sort, descending) {
            (TopSort::Name, false) => {}
            (TopSort::Name, true) => rows.reverse(),
            (TopSort::SelfValue, false) => rows.sort_by_key(|row| row.self_value),
            (TopSort::SelfValue, true) => rows.sort_by_key(|row| std::cmp::Reverse(row.self_value)),
            (TopSort::Total, false) => rows.sort_by_key(|row| row.total),
            (TopSort::Total, true) => rows.sort_by_key(|row| std::cmp::Reverse(row.total)),
        }
        prop_assert_eq!(page.count, rows.len());
        let expected: Vec<_> = rows.into_iter().skip(offset).take(limit).collect();
        prop_assert_eq!(page.rows, expected);
    }

    #[test]
    fn a_search_counts_every_matching_stack_once(samples in samples(-20), pattern in "f[0-3]|/[fe][01]/|FILE1|x|é|") {
        let trie = trie_of(&samples);
        let pattern = Pattern::parse(&pattern).unwrap();
        let search = Search::new(&trie, &NAMES, &pattern).unwrap();
        let matches = |function: &u32| pattern.matches(&name(*function)) || pattern.matches(&file(*function));
        let sum: i64 = samples.iter().filter(|(stack, _)| stack.iter().any(matches)).map(|(_, value)| value).sum();
        prop_assert_eq!(search.sum(), sum);
        let mut nodes = Vec::new();
        let mut functions = BTreeSet::new();
        for node in 1..trie.tree.len() as u32 {
            let (name, file) = function_key(&trie, node);
            let matches = pattern.matches(&name) || pattern.matches(&file);
            prop_assert_eq!(search.is_match(node), matches);
            if matches {
                nodes.push(node);
                functions.insert((name, file));
            }
        }
        prop_assert_eq!(search.functions(), functions.len());
        for from in 0..trie.tree.len() as u32 {
            let until = trie.tree.end[from as usize];
            prop_assert_eq!(search.any_in(from, until), nodes.iter().any(|node| (from..until).contains(node)));
        }
        prop_assert_eq!(search.nodes(), nodes);
    }

    #[test]
    fn paths_lead_back_to_their_node(samples in samples(1)) {
        let trie = trie_of(&samples);
        let packages = FunctionPackages::new(&trie, &NAMES);
        for node in 0..trie.tree.len() as u32 {
            let steps = path(&trie, &NAMES, node);
            let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
            let info = node_info(&trie, &NAMES, &packages, node).unwrap();
            prop_assert_eq!(names.len() as u32, info.depth);
            prop_assert_eq!(info.children, (1..trie.tree.len()).filter(|&at| trie.tree.parent[at] == node).count());
            if let Some(last) = steps.last() {
                prop_assert_eq!((last.node, last.name, last.total), (node, info.name, info.total));
            }
            let found = resolve(&trie, &names).unwrap();
            let again: Vec<&str> = path(&trie, &NAMES, found).iter().map(|step| step.name).collect();
            prop_assert_eq!(&names, &again);
            prop_assert!(found <= node);
        }
    }
}

#[test]
fn a_path_follows_every_sibling_of_a_name() {
    // f0 of file0 has f1 below it, f0 of file1 has f2.
    let trie = trie_of(&[(vec![0, 1], 1), (vec![4, 2], 1)]);
    let node = resolve(&trie, &["f0", "f2"]).unwrap();
    assert_eq!(function_key(&trie, trie.tree.parent[node as usize]), ("f0".to_owned(), "file1.go".to_owned()));
    assert_eq!(resolve(&trie, &["f0"]), Some(1));
    assert_eq!(resolve(&trie, &["f0", "f3"]), None);
    assert_eq!(resolve::<&str>(&trie, &[]), Some(0));
    assert_eq!(node_info(&trie, &NAMES, &FunctionPackages::new(&trie, &NAMES), 99), None);
    assert!(path(&trie, &NAMES, 99).is_empty());
}

#[test]
fn totals_of_different_signs_beyond_64_bits_are_errors() {
    // f0 is reached twice outside itself, by way of f1 and f2, with i64::MAX each.
    let samples = [(vec![1, 0], i64::MAX), (vec![1], -i64::MAX), (vec![2, 0], i64::MAX), (vec![2], -i64::MAX)];
    let trie = trie_of(&samples);
    assert!(TopTable::new(&trie).is_err());
    assert!(Search::new(&trie, &NAMES, &Pattern::parse("f0").unwrap()).is_err());
    assert_eq!(trie.total(), 0);
}

#[test]
fn deep_stacks_are_walked_in_loops() {
    let trie = trie_of(&[((0..100_000).map(|at| at % 8).collect(), 3)]);
    let table = TopTable::new(&trie).unwrap();
    assert!((0..8).all(|function| table.values(FunctionId(function)).1 == 3));
    let names: Vec<String> = path(&trie, &NAMES, 100_000).into_iter().map(|step| step.name.to_owned()).collect();
    assert_eq!(names.len(), 100_000);
    assert_eq!(resolve(&trie, &names), Some(100_000));
}

#[test]
fn shown_names_are_listed_sorted_searched_and_coloured() {
    let trie = trie_of(&[(vec![0, 1], 1), (vec![2], 2), (vec![3], 4)]);
    // f0 and f3 are shown as something else.
    let names = Names::new(&trie.symbols, |stored| match stored {
        "f0" => Some("zoo.last".into()),
        "f3" => Some("ape.First".into()),
        _ => None,
    });
    let packages = FunctionPackages::new(&trie, &names);
    let table = TopTable::new(&trie).unwrap();
    let by_name = |descending| {
        let page = table.page(&trie, &names, &packages, &TopRequest { sort: TopSort::Name, descending, ..ALL });
        page.rows.iter().map(|row| row.name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(by_name(false), ["ape.First", "f1", "f2", "zoo.last"]);
    assert_eq!(by_name(true), ["zoo.last", "f2", "f1", "ape.First"]);
    for (pattern, sum) in [("first", 4), ("/^f3$/", 4), ("/^f/", 7), ("ZOO", 1), ("/first/", 0)] {
        let search = Search::new(&trie, &names, &Pattern::parse(pattern).unwrap()).unwrap();
        assert_eq!(search.sum(), sum, "{pattern}");
    }
    let node = resolve(&trie, &["f0", "f1"]).unwrap();
    let steps = path(&trie, &names, node);
    assert_eq!(
        steps.iter().map(|step| (step.name, step.shown)).collect::<Vec<_>>(),
        [("f0", "zoo.last"), ("f1", "f1")]
    );
    let info = node_info(&trie, &names, &packages, steps[0].node).unwrap();
    assert_eq!((info.name, info.package), ("zoo.last", "zoo"));
    assert_eq!(resolve(&trie, &["zoo.last"]), None, "paths are of stored names");
}
