//! The inverted tree, callers and callees against a map from stack to value.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_trie::{MergedTrie, NoYield, at_once};
use emberglass_views::{
    DrawRequest, FLAG_MATCH, FLAG_MERGED, FunctionPackages, InvertedTree, Names, Pattern, Search, callees, callers,
    inverted_draw_list,
};
use proptest::prelude::*;

use crate::common::{Sample, file, name, samples, trie_of};

type Stack = Vec<u32>;

/// Value by stack, without those that come to nothing.
fn naive(samples: &[Sample]) -> BTreeMap<Stack, i64> {
    let mut all: BTreeMap<Stack, i64> = BTreeMap::new();
    for (stack, value) in samples {
        *all.entry(stack.clone()).or_default() += value;
    }
    all.retain(|_, value| *value != 0);
    all
}

/// Number that [`common`] gives a function of a trie.
fn number(trie: &MergedTrie, key: u32) -> u32 {
    let function = trie.symbols.functions.iter().nth(key as usize).unwrap();
    let is = |of: &u32| name(*of) == trie.symbols.text(function.name) && file(*of) == trie.symbols.text(function.file);
    (0..8).find(is).unwrap()
}

/// Self value and total by path, root first; sums of all that begins with the path.
fn sums(stacks: &BTreeMap<Stack, i64>) -> BTreeMap<Stack, (i64, i64)> {
    let mut sums: BTreeMap<Stack, (i64, i64)> = BTreeMap::from([(Vec::new(), (0, 0))]);
    for (stack, value) in stacks {
        for until in 0..=stack.len() {
            sums.entry(stack[..until].to_vec()).or_default().1 += value;
        }
        sums.entry(stack.clone()).or_default().0 += value;
    }
    sums
}

fn reversed(stacks: &BTreeMap<Stack, i64>) -> BTreeMap<Stack, i64> {
    stacks.iter().map(|(stack, &value)| (stack.iter().rev().copied().collect(), value)).collect()
}

fn all_of_inverted(trie: &MergedTrie, tree: &mut InvertedTree) -> BTreeMap<Stack, (i64, i64)> {
    let mut all = BTreeMap::new();
    let mut open = vec![(0u32, Vec::new())];
    while let Some((node, path)) = open.pop() {
        let of = *tree.get(node).unwrap();
        assert_eq!(of.depth as usize, path.len());
        let children = tree.children(trie, node).unwrap();
        let mut x = of.x;
        let mut last = None;
        for child in children {
            let below = *tree.get(child).unwrap();
            assert_eq!((below.parent, below.x), (node, x));
            assert!(last < Some(below.key));
            last = Some(below.key);
            x += below.weight;
            let mut path = path.clone();
            path.push(number(trie, below.key));
            open.push((child, path));
        }
        assert!(x <= of.x + of.weight);
        assert!(all.insert(path, (of.self_value, of.total)).is_none());
    }
    all
}

fn all_of_trie(trie: &MergedTrie) -> BTreeMap<Stack, (i64, i64)> {
    let mut paths: Vec<Stack> = Vec::new();
    let mut all = BTreeMap::new();
    for node in 0..trie.tree.len() {
        let mut path = Vec::new();
        if node > 0 {
            path.clone_from(&paths[trie.tree.parent[node] as usize]);
            path.push(number(trie, trie.tree.key[node]));
        }
        all.insert(path.clone(), (trie.tree.self_value[node], trie.tree.total[node]));
        paths.push(path);
    }
    all
}

fn found(trie: &MergedTrie, pattern: &str) -> Vec<bool> {
    Pattern::parse(pattern).unwrap().functions(trie, &Names::default())
}

const WHOLE: DrawRequest =
    DrawRequest { focus: 0, x0: 0.0, x1: 1.0, depth0: 0, depth1: 99, width: 300.0, min_width: 1.0, name_width: 9.0 };

struct Drawn {
    total: i64,
    node: u32,
    depth: u32,
    count: u32,
    flags: u16,
}

fn boxes(bytes: &[u8]) -> Vec<Drawn> {
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let n = u32_at(8) as usize;
    assert_eq!(u32_at(4), 1);
    let flags_at = 32 + n * 40 + (n * 2).next_multiple_of(4);
    let read = |at: usize| Drawn {
        total: i64::from_le_bytes(bytes[32 + n * 8 + at * 8..][..8].try_into().unwrap()),
        node: u32_at(32 + n * 24 + at * 4),
        depth: u32_at(32 + n * 28 + at * 4),
        count: u32_at(32 + n * 32 + at * 4),
        flags: u16::from_le_bytes(bytes[flags_at + at * 2..][..2].try_into().unwrap()),
    };
    (0..n).map(read).collect()
}

proptest! {
    #[test]
    fn an_inverted_tree_holds_every_suffix(samples in prop_oneof![samples(1), samples(-60)]) {
        let trie = trie_of(&samples);
        let mut tree = InvertedTree::new(&trie).unwrap();
        prop_assert_eq!(all_of_inverted(&trie, &mut tree), sums(&reversed(&naive(&samples))));
    }

    #[test]
    fn each_level_of_a_drawing_adds_up(samples in samples(1), pattern in "f[0-3]", focus in 0u32..40) {
        let trie = trie_of(&samples);
        let stacks = reversed(&naive(&samples));
        let (packages, names) = (FunctionPackages::default(), Names::default());
        let search = Search::new(&trie, &names, &Pattern::parse(&pattern).unwrap()).unwrap();
        let mut tree = InvertedTree::new(&trie).unwrap();
        for focus in [0, focus, 0] {
            let request = DrawRequest { focus, ..WHOLE };
            let bytes = inverted_draw_list(&trie, &mut tree, &names, &packages, Some(&search), &request).unwrap();
            let boxes = boxes(&bytes);
            let focus = if (focus as usize) < tree.len() { focus } else { 0 };
            let top = *tree.get(focus).unwrap();
            let mut path = Vec::new();
            let mut at = focus;
            while at != 0 {
                path.insert(0, number(&trie, tree.get(at).unwrap().key));
                at = tree.get(at).unwrap().parent;
            }
            // What a level shows and what merged boxes above hold: all stacks that are so long.
            for depth in top.depth + 1..9 {
                let shown: i64 = boxes.iter().filter(|of| of.depth == depth).map(|of| of.total).sum();
                let long = stacks.iter().filter(|(stack, _)| stack.starts_with(&path) && stack.len() >= depth as usize);
                let below_narrow: i64 = {
                    let narrow = boxes.iter().filter(|of| of.depth < depth && of.depth > top.depth);
                    let narrow = narrow.filter(|of| tree.get(of.node).unwrap().weight < min_weight(top.weight));
                    let nodes: Vec<u32> = narrow.flat_map(|of| of.node..of.node + of.count).collect();
                    nodes.into_iter().map(|node| longer(&trie, &mut tree, node, depth)).sum()
                };
                prop_assert_eq!(shown + below_narrow, long.map(|(_, value)| value).sum::<i64>());
            }
            let wanted: u32 = pattern[1..].parse().unwrap();
            for of in &boxes {
                prop_assert_eq!(of.flags & FLAG_MERGED != 0, of.count > 1);
                let is_wide = tree.get(of.node).unwrap().weight >= min_weight(top.weight) || of.depth <= top.depth;
                let expected = (of.node..of.node + of.count).any(|node| {
                    let mut path = Vec::new();
                    let mut at = node;
                    while at != 0 {
                        path.insert(0, number(&trie, tree.get(at).unwrap().key));
                        at = tree.get(at).unwrap().parent;
                    }
                    let own = path.last().is_some_and(|of| of % 4 == wanted);
                    own || (!is_wide && stacks.keys().any(|stack| {
                        stack.starts_with(&path) && stack[path.len()..].iter().any(|of| of % 4 == wanted)
                    }))
                });
                prop_assert_eq!(of.flags & FLAG_MATCH != 0, expected);
            }
        }
    }

    #[test]
    fn callers_and_callees_are_the_stacks_cut_at_the_outermost(samples in prop_oneof![samples(1), samples(-60)], of in 0u32..4) {
        let trie = trie_of(&samples);
        let functions = found(&trie, &format!("\"f{of}\""));
        let mut above: BTreeMap<Stack, i64> = BTreeMap::new();
        let mut below: BTreeMap<Stack, i64> = BTreeMap::new();
        for (stack, value) in naive(&samples) {
            let Some(at) = stack.iter().position(|function| function % 4 == of) else { continue };
            *above.entry(stack[..=at].to_vec()).or_default() += value;
            *below.entry(stack[at..].to_vec()).or_default() += value;
        }
        above.retain(|_, value| *value != 0);
        below.retain(|_, value| *value != 0);
        let callers = at_once(callers(&trie, &functions, &NoYield)).unwrap();
        prop_assert_eq!(all_of_trie(&callers), sums(&above));
        let mut tree = InvertedTree::new(&callers).unwrap();
        prop_assert_eq!(all_of_inverted(&callers, &mut tree), sums(&reversed(&above)));
        prop_assert_eq!(all_of_trie(&at_once(callees(&trie, &functions, &NoYield)).unwrap()), sums(&below));
    }
}

fn min_weight(weight: u64) -> u64 {
    ((weight as f64 / WHOLE.width).ceil() as u64).max(1)
}

/// Value of the stacks below a node that reach a level.
fn longer(trie: &MergedTrie, tree: &mut InvertedTree, node: u32, depth: u32) -> i64 {
    let of = *tree.get(node).unwrap();
    if of.depth >= depth {
        return of.total;
    }
    let children: BTreeSet<u32> = tree.children(trie, node).unwrap().collect();
    children.into_iter().map(|child| longer(trie, tree, child, depth)).sum()
}

#[test]
fn recursion_counts_once_and_is_kept_below() {
    let samples: Vec<Sample> = vec![(vec![0, 1, 2, 1, 3], 5), (vec![1, 1], 2), (vec![0, 3], 7)];
    let trie = trie_of(&samples);
    let functions = found(&trie, "\"f1\"");
    let of_callees = at_once(callees(&trie, &functions, &NoYield)).unwrap();
    assert_eq!(of_callees.total(), 7);
    assert_eq!(all_of_trie(&of_callees)[&vec![1, 1]], (2, 2));
    assert_eq!(all_of_trie(&of_callees)[&vec![1, 2, 1, 3]], (5, 5));
    let of_callers = at_once(callers(&trie, &functions, &NoYield)).unwrap();
    assert_eq!(all_of_trie(&of_callers)[&vec![1]], (2, 2));
    assert_eq!(all_of_trie(&of_callers)[&vec![0, 1]], (5, 5));
    assert_eq!(at_once(callees(&trie, &found(&trie, "nothing"), &NoYield)).unwrap().total(), 0);
}

#[test]
fn deep_stacks_are_refined_where_they_are_seen() {
    let deep: Stack = (0..100_000).map(|at| at % 8).collect();
    let trie = trie_of(&[(deep, 3), (vec![1], 1)]);
    let mut tree = InvertedTree::new(&trie).unwrap();
    let names = Names::default();
    let request = DrawRequest { depth1: 50, ..WHOLE };
    inverted_draw_list(&trie, &mut tree, &names, &FunctionPackages::default(), None, &request).unwrap();
    assert!(tree.len() < 100, "{} nodes", tree.len());
    assert_eq!(tree.deepest_below(0), 100_000);
    let callees = at_once(callees(&trie, &found(&trie, "\"f0\""), &NoYield)).unwrap();
    assert_eq!(callees.tree.len(), 100_001);
}
