//! Merging against a map from stack to value.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_profile::{Frame, FrameId, Function, FunctionId, ProfileType, StackTable, Symbols};
use emberglass_trie::{Granularity, MergedTrie, Merger, NoYield, StackBuilder, TreeOverflow, WireError, Work, at_once};
use proptest::prelude::*;

/// Functions of the model: few names, so that names meet in different files.
type Key = (String, String, String);

#[derive(Clone, Debug)]
struct Sample {
    stack: Vec<(u32, u32)>,
    value: i64,
}

#[derive(Clone, Debug)]
struct Layer {
    samples: Vec<Sample>,
    scale: u8,
    shift: u32,
}

struct Columns {
    symbols: Symbols,
    stacks: StackTable,
    values: Vec<i64>,
}

fn key(function: u32) -> Key {
    (format!("f{}", function % 4), format!("file{}", function / 4 % 2), format!("s{}", function / 8))
}

impl Layer {
    /// Interned in an order of its own (`shift`), so that rows differ between layers.
    fn columns(&self) -> Columns {
        let mut symbols = Symbols::default();
        for at in 0..12 {
            symbols.strings.intern(&key((at + self.shift) % 12).0);
        }
        let mut builder = StackBuilder::default();
        let mut rows = Vec::new();
        for sample in &self.samples {
            let frames: Vec<FrameId> = sample
                .stack
                .iter()
                .map(|&(function, line)| {
                    let (name, file, system_name) = key(function);
                    let function = symbols.functions.intern(Function {
                        name: symbols.strings.intern(&name),
                        system_name: symbols.strings.intern(&system_name),
                        file: symbols.strings.intern(&file),
                        start_line: 0,
                    });
                    symbols.frames.intern(Frame { function, line, ..Frame::default() })
                })
                .collect();
            rows.push((builder.insert(frames), sample.value));
        }
        let stacks = builder.finish();
        let mut values = vec![0; stacks.len()];
        for (stack, value) in rows {
            values[stack.index()] += value;
        }
        Columns { symbols, stacks, values }
    }

    fn add_to(&self, merger: &mut Merger, divisor: u64) -> Result<(), TreeOverflow> {
        let Columns { symbols, stacks, values } = self.columns();
        merger.add(&symbols, stacks.parents(), stacks.frames(), &values, self.scale, divisor)
    }
}

fn merge(layers: &[Layer], granularity: Granularity) -> MergedTrie {
    let mut merger = Merger::new(granularity);
    for layer in layers {
        layer.add_to(&mut merger, 1).unwrap();
    }
    merger.finish().unwrap()
}

fn name_of(trie: &MergedTrie, function: u32) -> Key {
    let function = trie.symbols.functions.get(FunctionId(function)).unwrap();
    let text = |id| trie.symbols.text(id).to_owned();
    (text(function.name), text(function.file), text(function.system_name))
}

/// Self values by path, zeros left out.
fn map_of(trie: &MergedTrie) -> BTreeMap<Vec<Key>, i64> {
    let tree = &trie.tree;
    let mut paths: Vec<Vec<Key>> = vec![Vec::new()];
    for node in 1..tree.len() {
        let mut path = paths[tree.parent[node] as usize].clone();
        path.push(name_of(trie, tree.key[node]));
        paths.push(path);
    }
    paths.into_iter().zip(tree.self_value.iter().copied()).filter(|&(_, value)| value != 0).collect()
}

fn wire_of(merger: &Merger) -> Vec<u8> {
    at_once(merger.to_wire(&mut Work::default(), &NoYield))
}

fn naive(layers: &[Layer], granularity: Granularity) -> BTreeMap<Vec<Key>, i64> {
    let scale = layers.iter().filter(|layer| layer.columns().values.iter().any(|&v| v != 0)).map(|l| l.scale).max();
    let mut map: BTreeMap<Vec<Key>, i64> = BTreeMap::new();
    for layer in layers {
        for sample in &layer.samples {
            let stack = sample.stack.iter().map(|&(function, _)| match (key(function), granularity) {
                ((name, _, _), Granularity::Name) => (name, String::new(), String::new()),
                (whole, _) => whole,
            });
            let factor = 10i64.pow(u32::from(scale.unwrap_or(0).saturating_sub(layer.scale)));
            *map.entry(stack.collect()).or_default() += sample.value * factor;
        }
    }
    map.retain(|_, value| *value != 0);
    map
}

fn check_invariants(trie: &MergedTrie) {
    let tree = &trie.tree;
    for node in 1..tree.len() {
        let parent = tree.parent[node] as usize;
        assert!(parent < node);
        assert_eq!(tree.depth[node], tree.depth[parent] + 1);
        assert!(tree.end[node] <= tree.end[parent]);
    }
    let mut used = vec![false; trie.line.len()];
    for node in 0..tree.len() as u32 {
        let children: Vec<u32> = tree.children(node).collect();
        assert!(children.windows(2).all(|pair| tree.key[pair[0] as usize] < tree.key[pair[1] as usize]));
        assert!(children.iter().all(|&child| tree.parent[child as usize] == node));
        let below: i64 = children.iter().map(|&child| tree.total[child as usize]).sum();
        assert_eq!(tree.total[node as usize], tree.self_value[node as usize] + below);
        if node > 0 {
            used[tree.key[node as usize] as usize] = true;
            let subtree = node as usize..tree.end[node as usize] as usize;
            assert!(tree.self_value[subtree].iter().any(|&value| value != 0));
        }
    }
    assert!(used.into_iter().all(|used| used));
    assert_eq!(trie.symbols.functions.len(), trie.line.len());
    let names: Vec<Key> = (0..trie.line.len() as u32).map(|function| name_of(trie, function)).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(trie.negative, tree.self_value.iter().any(|&value| value < 0));
}

fn same(a: &MergedTrie, b: &MergedTrie) {
    assert_eq!(a.tree, b.tree);
    assert_eq!(a.line, b.line);
    assert_eq!((a.scale, a.divisor, a.negative), (b.scale, b.divisor, b.negative));
    assert_eq!(a.symbols.functions.len(), b.symbols.functions.len());
    for function in 0..a.line.len() as u32 {
        assert_eq!(name_of(a, function), name_of(b, function));
    }
}

fn layers() -> impl Strategy<Value = Vec<Layer>> {
    let stack = proptest::collection::vec((0u32..12, 1u32..4), 0..6);
    let sample = (stack, -3i64..9).prop_map(|(stack, value)| Sample { stack, value });
    let layer = (proptest::collection::vec(sample, 0..25), 0u8..3, 0u32..12)
        .prop_map(|(samples, scale, shift)| Layer { samples, scale, shift });
    proptest::collection::vec(layer, 0..5)
}

proptest! {
    #[test]
    fn merging_is_the_union_of_maps(layers in layers()) {
        for granularity in [Granularity::Function, Granularity::Name] {
            let merged = merge(&layers, granularity);
            check_invariants(&merged);
            prop_assert_eq!(map_of(&merged), naive(&layers, granularity));
        }
    }

    #[test]
    fn a_trie_made_in_steps_is_the_one_made_at_once(
        layers in layers(),
        divisors in proptest::collection::vec(1u64..9, 5),
        limit in 1usize..40,
    ) {
        let mut merger = Merger::new(Granularity::Function);
        for (layer, &divisor) in layers.iter().zip(&divisors) {
            layer.add_to(&mut merger, divisor).unwrap();
            // What is there so far can be looked at, and changes nothing.
            merger.finishing().step(limit).unwrap();
        }
        let mut steps = 0;
        let mut finishing = merger.finishing();
        while finishing.step(limit).unwrap() {
            steps += 1;
        }
        let in_steps = finishing.finish().unwrap();
        prop_assert!(steps * limit >= in_steps.tree.len());
        check_invariants(&in_steps);
        let at_once = merger.finish().unwrap();
        same(&in_steps, &at_once);
        prop_assert_eq!((in_steps.divisor, in_steps.output_digits), (at_once.divisor, at_once.output_digits));
    }

    #[test]
    fn order_and_grouping_of_layers_change_nothing(layers in layers(), cut in 0usize..5) {
        let merged = merge(&layers, Granularity::Function);
        let backwards: Vec<Layer> = layers.iter().rev().cloned().collect();
        same(&merged, &merge(&backwards, Granularity::Function));
        let (left, right) = layers.split_at(cut.min(layers.len()));
        let mut parts = Merger::new(Granularity::Function);
        parts.add_merged(&merge(right, Granularity::Function)).unwrap();
        parts.add_merged(&merge(left, Granularity::Function)).unwrap();
        let parts = parts.finish().unwrap();
        prop_assert_eq!(map_of(&parts), map_of(&merged));
        same(&merged, &parts);
    }

    #[test]
    fn parts_that_cross_as_bytes_add_up_to_the_whole(
        layers in layers(),
        divisors in proptest::collection::vec(1u64..9, 5),
        of in proptest::collection::vec(0usize..3, 5),
        granularity in 0usize..3,
    ) {
        let granularity = [Granularity::Function, Granularity::Name, Granularity::Line][granularity];
        let mut whole = Merger::new(granularity);
        let mut parts = [granularity; 3].map(Merger::new);
        for ((layer, &divisor), &part) in layers.iter().zip(&divisors).zip(&of) {
            layer.add_to(&mut whole, divisor).unwrap();
            layer.add_to(&mut parts[part], divisor).unwrap();
        }
        let [mut first, second, third] = parts;
        for part in [second, third] {
            at_once(first.add_wire(&wire_of(&part), &mut Work::default(), &NoYield)).unwrap();
        }
        let (whole, first) = (whole.finish().unwrap(), first.finish().unwrap());
        check_invariants(&first);
        same(&whole, &first);
        prop_assert_eq!((whole.divisor, whole.output_digits), (first.divisor, first.output_digits));
        let binaries = |trie: &MergedTrie| -> Vec<String> {
            let file = |&id| trie.symbols.mappings.get(id).map(|of| trie.symbols.text(of.file).to_owned());
            trie.mapping.iter().map(|id| file(id).unwrap()).collect()
        };
        prop_assert_eq!(binaries(&whole), binaries(&first));
    }

    #[test]
    fn bytes_that_are_no_part_are_refused(layers in layers(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut merger = Merger::new(Granularity::Function);
        layers.iter().for_each(|layer| layer.add_to(&mut merger, 1).unwrap());
        let mut bytes = wire_of(&merger);
        let at = at.index(bytes.len());
        match cut {
            true => bytes.truncate(at),
            false => bytes[at] = byte,
        }
        let added = at_once(Merger::new(Granularity::Function).add_wire(&bytes, &mut Work::default(), &NoYield));
        // Another value, name or parent may be one that could be.
        prop_assert!(!cut || matches!(added, Err(WireError::Read(_))), "{added:?}");
    }

    #[test]
    fn nodes_over_known_functions_merge_as_those_of_any_layer(
        layers in layers(), granularity in 0usize..3, values in proptest::collection::vec(-3i64..4, 40), moves in proptest::collection::vec(any::<u32>(), 40),
    ) {
        let trie = merge(&layers, [Granularity::Function, Granularity::Name, Granularity::Line][granularity]);
        // Nodes below other nodes than before, with other values.
        let len = trie.tree.len();
        let parents: Vec<u32> = (0..len).map(|row| if row == 0 { 0 } else { moves[row % 40] % row as u32 }).collect();
        let values: Vec<i64> = (0..len).map(|row| values[row % 40]).collect();
        let within = Merger::within(&trie, &parents, &trie.tree.key, &values).unwrap().finish().unwrap();
        let mut merger = Merger::new(trie.granularity);
        merger.add_part(&trie, &parents, &trie.tree.key, &values).unwrap();
        check_invariants(&within);
        same(&within, &merger.finish().unwrap());
    }

    #[test]
    fn regrouping_equals_merging_by_name(layers in layers()) {
        let merged = merge(&layers, Granularity::Function).regroup(Granularity::Name).unwrap();
        check_invariants(&merged);
        same(&merged, &merge(&layers, Granularity::Name));
    }

    #[test]
    fn means_are_exact_fractions(layers in layers(), divisors in proptest::collection::vec(1u64..9, 5)) {
        let mut merger = Merger::new(Granularity::Name);
        for (layer, &divisor) in layers.iter().zip(&divisors) {
            Layer { scale: 0, ..layer.clone() }.add_to(&mut merger, divisor).unwrap();
        }
        let merged = merger.finish().unwrap();
        check_invariants(&merged);
        let mut expected: BTreeMap<Vec<Key>, i64> = BTreeMap::new();
        for (layer, &divisor) in layers.iter().zip(&divisors) {
            for (stack, value) in naive(&[Layer { scale: 0, ..layer.clone() }], Granularity::Name) {
                *expected.entry(stack).or_default() += value * (840 / divisor) as i64;
            }
        }
        expected.retain(|_, value| *value != 0);
        let got: BTreeMap<_, _> =
            map_of(&merged).into_iter().map(|(stack, value)| (stack, value * (840 / merged.divisor) as i64)).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn a_batch_of_a_trie_merges_to_the_same_trie(layers in layers()) {
        for granularity in [Granularity::Function, Granularity::Name] {
            let merged = merge(&layers, granularity);
            let again = merge_again(&merged);
            same(&merged, &again);
            prop_assert_eq!(&merged.mapping, &again.mapping);
        }
    }

    #[test]
    fn a_batch_of_means_adds_up_to_their_total(layers in layers(), divisors in proptest::collection::vec(1u64..9, 5)) {
        let mut merger = Merger::new(Granularity::Function);
        for (layer, &divisor) in layers.iter().zip(&divisors) {
            layer.add_to(&mut merger, divisor).unwrap();
        }
        let merged = merger.finish().unwrap();
        let again = merge_again(&merged);
        prop_assert_eq!(again.total(), merged.output(merged.total()));
        let divided = map_of(&again);
        for (path, value) in map_of(&merged) {
            let got = divided.get(&path).copied().unwrap_or(0);
            prop_assert!((got - merged.output(value)).abs() <= 1);
        }
    }
}

/// What the batch of a trie merges to.
fn merge_again(trie: &MergedTrie) -> MergedTrie {
    let batch = trie.to_batch(ProfileType::default()).unwrap();
    let [table] = batch.tables.as_slice() else { panic!("one table") };
    let [column] = table.columns.as_slice() else { panic!("one column") };
    let mut dense = vec![0; batch.stacks.len()];
    for (stack, &value) in table.stack.iter().zip(&column.values) {
        dense[stack.index()] = value;
    }
    let mut merger = Merger::new(trie.granularity);
    merger.add(&batch.symbols, batch.stacks.parents(), batch.stacks.frames(), &dense, column.scale, 1).unwrap();
    merger.finish().unwrap()
}

fn one(stack: &[u32], value: i64) -> Layer {
    let stack = stack.iter().map(|&function| (function, 1)).collect();
    Layer { samples: vec![Sample { stack, value }], scale: 0, shift: 0 }
}

#[test]
fn samples_with_an_empty_stack_are_the_roots_own() {
    let merged = merge(&[one(&[], 7), one(&[1], 2)], Granularity::Function);
    assert_eq!((merged.tree.self_value[0], merged.total()), (7, 9));
}

#[test]
fn a_merger_without_samples_gives_a_root() {
    let merged = merge(&[], Granularity::Function);
    assert_eq!((merged.tree.len(), merged.total(), merged.divisor, merged.scale), (1, 0, 1, 0));
    assert_eq!(merge(&[one(&[1, 2], 0)], Granularity::Function).tree.len(), 1);
}

#[test]
fn a_part_by_another_granularity_is_refused() {
    let by_name = wire_of(&Merger::new(Granularity::Name));
    let added = at_once(Merger::new(Granularity::Function).add_wire(&by_name, &mut Work::default(), &NoYield));
    assert_eq!(added, Err(WireError::Granularity));
}

#[test]
fn sums_of_parts_keep_128_bits() {
    let of = |value: i64| {
        let mut merger = Merger::new(Granularity::Function);
        for _ in 0..3 {
            let samples = vec![Sample { stack: vec![(1, 1)], value }];
            Layer { samples, scale: 0, shift: 0 }.add_to(&mut merger, 1).unwrap();
        }
        merger
    };
    let mut sum = of(i64::MAX);
    assert_eq!(sum.clone().finish().unwrap_err(), TreeOverflow);
    at_once(sum.add_wire(&wire_of(&of(-i64::MAX + 1)), &mut Work::default(), &NoYield)).unwrap();
    assert_eq!(sum.finish().unwrap().total(), 3);
}

#[test]
fn sums_beyond_64_bits_are_errors_and_cancelling_ones_are_not() {
    let too_much = [one(&[1], i64::MAX), one(&[2], 1)];
    let mut merger = Merger::new(Granularity::Function);
    for layer in &too_much {
        layer.add_to(&mut merger, 1).unwrap();
    }
    assert_eq!(merger.clone().finish().unwrap_err(), TreeOverflow);
    one(&[3], -1).add_to(&mut merger, 1).unwrap();
    assert_eq!(merger.finish().unwrap().total(), i64::MAX);
}

#[test]
fn larger_scales_are_checked_too() {
    let mut merger = Merger::new(Granularity::Function);
    one(&[1], i64::MAX / 10).add_to(&mut merger, 1).unwrap();
    Layer { scale: 2, ..one(&[2], 1) }.add_to(&mut merger, 1).unwrap();
    assert_eq!(merger.finish().unwrap_err(), TreeOverflow);
}

#[test]
fn averages_are_divided_and_rounded_at_output_only() {
    let mut merger = Merger::new(Granularity::Function);
    one(&[1], 7).add_to(&mut merger, 3).unwrap();
    one(&[2], -7).add_to(&mut merger, 3).unwrap();
    let merged = merger.finish().unwrap();
    assert_eq!((merged.divisor, merged.output_scale()), (3, 3));
    assert_eq!((merged.output(7), merged.output(-7), merged.output(3)), (2333, -2333, 1000));
    let sum = merge(&[one(&[1], 7)], Granularity::Function);
    assert_eq!((sum.output(7), sum.output_scale()), (7, 0));
}

#[test]
fn a_stack_of_100_000_frames_is_merged_in_a_loop() {
    let functions: Vec<u32> = (0..100_000).map(|at| at % 12).collect();
    let merged = merge(&[one(&functions, 5), one(&functions[..50_000], 1)], Granularity::Function);
    assert_eq!((merged.tree.len(), merged.tree.max_depth(), merged.total()), (100_001, 100_000, 6));
    assert_eq!(merged.regroup(Granularity::Name).unwrap().tree.len(), 100_001);
}

#[test]
fn a_line_is_the_start_of_its_function_or_else_the_first_seen() {
    let mut symbols = Symbols::default();
    let mut builder = StackBuilder::default();
    for (name, start_line, line) in [("a", 0, 9), ("a", 0, 4), ("b", 3, 7), ("c", 0, 0)] {
        let name = symbols.strings.intern(name);
        let function = symbols.functions.intern(Function { name, start_line, ..Function::default() });
        let frame = symbols.frames.intern(Frame { function, line, ..Frame::default() });
        builder.insert([frame]);
    }
    let stacks = builder.finish();
    let mut merger = Merger::new(Granularity::Function);
    merger.add(&symbols, stacks.parents(), stacks.frames(), &[0, 1, 1, 1, 1], 0, 1).unwrap();
    assert_eq!(merger.finish().unwrap().line, [4, 3, 0]);
}
