//! The union of two tries, and the call graph, against maps from stack to value.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_profile::FunctionId;
use emberglass_trie::MergedTrie;
use emberglass_views::{
    CallGraph, Change, DiffRequest, DiffSort, DiffTree, DrawRequest, FunctionDiff, Names, diff_draw_list, diff_nodes,
    diff_page, heaviest_stacks, share_change,
};
use proptest::prelude::*;

use crate::common;
use crate::common::{Sample, name, samples, trie_of};

type Path = Vec<(String, String)>;

/// Self value and total by path of names and files.
fn by_path(trie: &MergedTrie, self_values: &[i64], totals: &[i64]) -> BTreeMap<Path, (i64, i64)> {
    let mut paths: Vec<Path> = Vec::new();
    let mut all = BTreeMap::new();
    for node in 0..trie.tree.len() {
        let mut path = Vec::new();
        if let Some(id) = trie.function(node as u32) {
            path.clone_from(&paths[trie.tree.parent[node] as usize]);
            let function = trie.symbols.functions.get(id).unwrap();
            path.push((trie.symbols.text(function.name).to_owned(), trie.symbols.text(function.file).to_owned()));
        }
        paths.push(path.clone());
        assert!(all.insert(path, (self_values[node], totals[node])).is_none(), "siblings are distinct");
    }
    all
}

fn of(trie: &MergedTrie) -> BTreeMap<Path, (i64, i64)> {
    by_path(trie, &trie.tree.self_value, &trie.tree.total)
}

const WHOLE: DrawRequest =
    DrawRequest { focus: 0, x0: 0.0, x1: 1.0, depth0: 0, depth1: 99, width: 90.0, min_width: 3.0, name_width: 9.0 };

proptest! {
    #[test]
    fn a_union_holds_the_nodes_of_both(base in prop_oneof![samples(1), samples(-60)], head in samples(1)) {
        let (base, head) = (trie_of(&base), trie_of(&head));
        let diff = DiffTree::new(&base, &head, false).unwrap();
        let tree = &diff.trie.tree;
        let of_both: BTreeSet<Path> = of(&base).into_keys().chain(of(&head).into_keys()).collect();
        for (side, all) in [(of(&base), by_path(&diff.trie, &diff.base_self, &diff.base_total)), (of(&head), of(&diff.trie))] {
            prop_assert_eq!(all.keys().cloned().collect::<BTreeSet<_>>(), of_both.clone());
            for (path, values) in all {
                prop_assert_eq!(values, side.get(&path).copied().unwrap_or_default());
            }
        }
        // Depth first, siblings by function, functions by name.
        for node in 1..tree.len() as u32 {
            let parent = tree.parent[node as usize];
            prop_assert!(parent < node && node < tree.end[parent as usize]);
            prop_assert_eq!(tree.depth[node as usize], tree.depth[parent as usize] + 1);
        }
        for node in 0..tree.len() as u32 {
            let keys: Vec<u32> = tree.children(node).map(|child| tree.key[child as usize]).collect();
            prop_assert!(keys.is_sorted_by(|a, b| a < b));
        }
        let names: Vec<&str> =
            diff.trie.symbols.functions.iter().map(|function| diff.trie.symbols.text(function.name)).collect();
        prop_assert!(names.is_sorted());
    }

    #[test]
    fn boxes_hold_both_sides(base in samples(1), head in samples(1), normalised in any::<bool>()) {
        let diff = DiffTree::new(&trie_of(&base), &trie_of(&head), normalised).unwrap();
        let layout = diff.layout().unwrap();
        let boxes = diff.visible_boxes(&layout, None, &WHOLE).unwrap();
        let tree = &diff.trie.tree;
        for of in &boxes {
            let mut nodes = vec![of.node];
            while (nodes.len() as u32) < of.count {
                nodes.push(tree.end[*nodes.last().unwrap() as usize]);
            }
            let sum = |column: &[i64]| nodes.iter().map(|&node| column[node as usize]).sum::<i64>();
            prop_assert_eq!((of.base, of.total), (sum(&diff.base_total), sum(&tree.total)));
            let change = diff.change([of.base, of.total]);
            prop_assert_eq!(of.color.cmp(&8), match change {
                Change::New | Change::Grown => std::cmp::Ordering::Greater,
                Change::Gone | Change::Shrunk => std::cmp::Ordering::Less,
                Change::Same => std::cmp::Ordering::Equal,
            });
            prop_assert!((change == Change::New) <= (of.color == 15) && (change == Change::Gone) <= (of.color == 1));
        }
        let bytes = diff_draw_list(&diff, &layout, &Names::default(), None, &WHOLE).unwrap();
        let n = boxes.len();
        prop_assert_eq!(&bytes[..12], [b"EGDL".as_slice(), &2u32.to_le_bytes(), &(n as u32).to_le_bytes()].concat());
        let bases: Vec<u8> = boxes.iter().flat_map(|of| of.base.to_le_bytes()).collect();
        prop_assert_eq!(&bytes[32 + n * 16..32 + n * 24], bases.as_slice());
    }

    #[test]
    fn functions_are_told_apart_by_what_became_of_them(base in samples(1), head in samples(1), offset in 0usize..3) {
        let diff = DiffTree::new(&trie_of(&base), &trie_of(&head), true).unwrap();
        let functions = FunctionDiff::of_tree(&diff).unwrap();
        let names = Names::default();
        let request = DiffRequest {
            sort: DiffSort::TotalChange, descending: true, offset: 0, limit: 99, filter: None, change: None, probabilities: None,
        };
        let mut seen = 0;
        for change in [Change::New, Change::Gone, Change::Grown, Change::Shrunk, Change::Same] {
            let all = diff_page(&diff, &functions, &names, &DiffRequest { change: Some(change), ..request });
            seen += all.count;
            for (row, _) in &all.rows {
                let [base, head] = row.total;
                let share = share_change(row.total, functions.totals);
                let expected = match (base, head) {
                    (0, _) => Change::New,
                    (_, 0) => Change::Gone,
                    _ if share > 0.0 => Change::Grown,
                    _ if share < 0.0 => Change::Shrunk,
                    _ => Change::Same,
                };
                prop_assert_eq!(expected, change);
            }
            let part = diff_page(&diff, &functions, &names, &DiffRequest { change: Some(change), offset, limit: 1, ..request });
            prop_assert_eq!(part.count, all.count);
            prop_assert_eq!(part.rows, all.rows.iter().skip(offset).take(1).cloned().collect::<Vec<_>>());
        }
        prop_assert_eq!(seen, functions.rows.len());
        let by_name = diff_page(&diff, &functions, &names, &DiffRequest { sort: DiffSort::Name, descending: false, ..request });
        prop_assert!(by_name.rows.is_sorted_by(|a, b| a.1 < b.1));
        let by_base = diff_page(&diff, &functions, &names, &DiffRequest { sort: DiffSort::BaseTotal, ..request });
        prop_assert!(by_base.rows.is_sorted_by(|a, b| a.0.total[0] >= b.0.total[0]));
    }

    #[test]
    fn nodes_are_told_apart_too(base in samples(1), head in samples(1), offset in 0usize..3) {
        let diff = DiffTree::new(&trie_of(&base), &trie_of(&head), true).unwrap();
        let names = Names::default();
        let request = DiffRequest {
            sort: DiffSort::Total, descending: true, offset: 0, limit: 99_999, filter: None, change: None, probabilities: None,
        };
        let mut seen = std::collections::BTreeSet::new();
        for change in [Change::New, Change::Gone, Change::Grown, Change::Shrunk, Change::Same] {
            let all = diff_nodes(&diff, &names, &DiffRequest { change: Some(change), ..request });
            prop_assert!(all.rows.is_sorted_by(|a, b| a.0.total[1] >= b.0.total[1]));
            for (row, name) in &all.rows {
                let at = row.node as usize;
                prop_assert_eq!(diff.change(row.total), change);
                prop_assert_eq!(row.total, [diff.base_total[at], diff.trie.tree.total[at]]);
                prop_assert_eq!(row.self_value, [diff.base_self[at], diff.trie.tree.self_value[at]]);
                prop_assert_eq!(*name, diff.trie.symbols.function_name(row.function));
                prop_assert!(seen.insert(row.node));
            }
            let part = diff_nodes(&diff, &names, &DiffRequest { change: Some(change), offset, limit: 1, ..request });
            prop_assert_eq!(part.rows, all.rows.iter().skip(offset).take(1).copied().collect::<Vec<_>>());
        }
        prop_assert_eq!(seen.len() + 1, diff.trie.tree.len());
    }

    #[test]
    fn rows_are_sorted_by_what_is_compared(base in samples(1), head in samples(1), normalised in any::<bool>()) {
        let diff = DiffTree::new(&trie_of(&base), &trie_of(&head), normalised).unwrap();
        let growth = |[base, head]: [i64; 2]| match normalised {
            true => share_change([base, head], diff.totals()),
            false => (head - base) as f64,
        };
        let names = Names::default();
        let request = DiffRequest {
            sort: DiffSort::TotalChange, descending: true, offset: 0, limit: 99_999, filter: None, change: None, probabilities: None,
        };
        let nodes = diff_nodes(&diff, &names, &request);
        prop_assert!(nodes.rows.is_sorted_by(|a, b| growth(a.0.total) >= growth(b.0.total)));
        let functions = FunctionDiff::of_tree(&diff).unwrap();
        let own = diff_page(&diff, &functions, &names, &DiffRequest { sort: DiffSort::SelfChange, ..request });
        prop_assert!(own.rows.is_sorted_by(|a, b| growth(a.0.self_value) >= growth(b.0.self_value)));
    }

    #[test]
    fn what_has_no_probability_comes_last(base in samples(1), head in samples(1), known in proptest::collection::vec(proptest::option::of(0.0f64..1.0), 64)) {
        let diff = DiffTree::new(&trie_of(&base), &trie_of(&head), true).unwrap();
        let functions = FunctionDiff::of_tree(&diff).unwrap();
        let names = Names::default();
        for descending in [false, true] {
            let request = DiffRequest {
                sort: DiffSort::TotalP, descending, offset: 0, limit: 99_999, filter: None, change: None, probabilities: Some(&known),
            };
            let rows = diff_page(&diff, &functions, &names, &request).rows;
            prop_assert_eq!(rows.len(), functions.rows.len());
            let of: Vec<Option<f64>> = rows.iter().map(|(row, _)| known.get(row.functions.start as usize).copied().flatten()).collect();
            let told: Vec<f64> = of.iter().map_while(|p| *p).collect();
            prop_assert!(of[told.len()..].iter().all(Option::is_none));
            let is_sorted = told.is_sorted_by(|a, b| if descending { a >= b } else { a <= b });
            prop_assert!(is_sorted);
        }
    }

    #[test]
    fn a_call_counts_once_in_a_stack(samples in samples(1)) {
        let trie = trie_of(&samples);
        let graph = CallGraph::new(&trie).unwrap();
        let mut expected: BTreeMap<(u32, u32), i64> = BTreeMap::new();
        for (stack, value) in &samples {
            for pair in stack.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>() {
                *expected.entry(pair).or_default() += value;
            }
        }
        let number = |id: FunctionId| {
            let function = trie.symbols.functions.get(id).unwrap();
            let (name_of, file) = (trie.symbols.text(function.name), trie.symbols.text(function.file));
            (0..8).find(|&of| name(of) == name_of && common::file(of) == file).unwrap()
        };
        let all = graph.among(&vec![true; graph.functions.len()]);
        let edges = all.iter().map(|edge| ((number(edge.caller), number(edge.callee)), edge.value));
        prop_assert_eq!(edges.collect::<BTreeMap<_, _>>(), expected.clone());
        prop_assert_eq!(graph.calls(), expected.len());
        prop_assert!(all.is_sorted_by(|a, b| a.value >= b.value));
    }

    #[test]
    fn heaviest_stacks_are_all_stacks(samples in samples(1)) {
        let trie = trie_of(&samples);
        let mut expected: BTreeMap<Vec<u32>, i64> = BTreeMap::new();
        samples.iter().for_each(|(stack, value)| *expected.entry(stack.clone()).or_default() += value);
        let mut expected: Vec<i64> = expected.into_values().collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        let values: Vec<i64> = heaviest_stacks(&trie).into_iter().map(|node| trie.tree.self_value[node as usize]).collect();
        prop_assert_eq!(values, expected);
    }
}

#[test]
fn sides_of_other_scales_compare() {
    let samples: Vec<Sample> = vec![(vec![1, 2], 10), (vec![3], 5)];
    let (base, mut head) = (trie_of(&samples), trie_of(&samples));
    // The head is an average over 4.
    head.divisor = 4;
    head.output_digits = 3;
    let diff = DiffTree::new(&base, &head, false).unwrap();
    assert_eq!((diff.base_output(15), diff.trie.output(15), diff.trie.output_scale()), (15_000, 3750, 3));
    assert_eq!(diff.change([10, 10]), Change::Shrunk);
    assert_eq!(diff.change([10, 40]), Change::Same);
    assert_eq!(DiffTree::new(&base, &head, true).unwrap().change([10, 10]), Change::Same);
    // As wide as what is more: the base, 4 times the head's values in the head's units.
    assert_eq!(diff.layout().unwrap().weight(&diff.trie.tree, 0), 60);
}

#[test]
fn a_side_without_samples_is_no_fault() {
    let (none, some) = (trie_of(&[]), trie_of(&[(vec![1, 2], 10)]));
    for normalised in [false, true] {
        let diff = DiffTree::new(&none, &some, normalised).unwrap();
        assert_eq!((diff.totals(), diff.change([0, 10]), diff.color([0, 10])), ([0, 10], Change::New, 15));
        let diff = DiffTree::new(&some, &none, normalised).unwrap();
        assert_eq!((diff.totals(), diff.change([10, 0]), diff.color([10, 0])), ([10, 0], Change::Gone, 1));
        assert_eq!(diff.layout().unwrap().weight(&diff.trie.tree, 0), 10);
    }
}
