//! The draw list against a walk over every node.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_trie::MergedTrie;
use emberglass_views::{
    DrawBox, DrawRequest, FLAG_ANCESTOR, FLAG_MATCH, FLAG_MERGED, FunctionPackages, Layout, Names, Pattern, Search,
    draw_list, visible_boxes,
};
use proptest::prelude::*;

use crate::common::{Sample, samples, trie_of};

/// What a box says apart from its place.
type Facts = (u32, u32, i64, i64, u16);

struct View {
    trie: MergedTrie,
    layout: Layout,
    packages: FunctionPackages,
    search: Search,
}

impl View {
    fn new(samples: &[Sample], pattern: &str) -> Self {
        let trie = trie_of(samples);
        let layout = Layout::new(&trie).unwrap();
        let packages = FunctionPackages::new(&trie, &Names::default());
        let search = Search::new(&trie, &Names::default(), &Pattern::parse(pattern).unwrap()).unwrap();
        Self { trie, layout, packages, search }
    }

    fn boxes(&self, request: &DrawRequest) -> Vec<DrawBox> {
        visible_boxes(&self.trie, &self.layout, &self.packages, Some(&self.search), request).unwrap()
    }

    fn bytes(&self, request: &DrawRequest) -> Vec<u8> {
        draw_list(&self.trie, &self.layout, &Names::default(), &self.packages, Some(&self.search), request).unwrap()
    }

    /// Weight by definition: absolute self values of the subtree.
    fn weight(&self, node: u32) -> u64 {
        let subtree = node as usize..self.trie.tree.end[node as usize] as usize;
        self.trie.tree.self_value[subtree].iter().map(|value| value.unsigned_abs()).sum()
    }

    /// Left edges by definition.
    fn lefts(&self) -> Vec<u64> {
        let mut left = vec![0; self.trie.tree.len()];
        for node in 0..self.trie.tree.len() as u32 {
            let mut at = left[node as usize];
            for child in self.trie.tree.children(node) {
                left[child as usize] = at;
                at += self.weight(child);
            }
        }
        left
    }

    fn naive(&self, request: &DrawRequest) -> BTreeMap<u32, Facts> {
        let tree = &self.trie.tree;
        let left = self.lefts();
        let focus = request.focus;
        let mut boxes = BTreeMap::new();
        let own = |node: u32, flags: u16| {
            let flags = flags | if self.search.is_match(node) { FLAG_MATCH } else { 0 };
            (tree.depth[node as usize], 1, tree.self_value[node as usize], tree.total[node as usize], flags)
        };
        let levels = request.depth0..request.depth1;
        let mut at = focus;
        loop {
            if levels.contains(&tree.depth[at as usize]) {
                boxes.insert(at, own(at, FLAG_ANCESTOR));
            }
            if at == 0 {
                break;
            }
            at = tree.parent[at as usize];
        }
        let weight = self.weight(focus) as f64;
        let edge = left[focus as usize] as f64;
        let (from, until) = (edge + request.x0 * weight, edge + request.x1 * weight);
        let shown = (request.x1 - request.x0) * weight;
        let narrow = |node: u32| (self.weight(node) as f64) * request.width < request.min_width * shown;
        let shows = |node: u32| {
            let x = left[node as usize] as f64;
            x < until && x + self.weight(node) as f64 > from
        };
        let mut open = vec![focus];
        while let Some(parent) = open.pop() {
            let children: Vec<u32> = tree.children(parent).collect();
            for run in children.chunk_by(|&a, &b| narrow(a) && narrow(b)) {
                if !run.iter().any(|&node| shows(node)) {
                    continue;
                }
                let first = run[0];
                if !narrow(first) {
                    open.push(first);
                    if levels.contains(&tree.depth[first as usize]) {
                        boxes.insert(first, own(first, 0));
                    }
                    continue;
                }
                let sum = |column: &[i64]| run.iter().map(|&node| column[node as usize]).sum();
                let last = *run.last().unwrap();
                let matches = (first..tree.end[last as usize]).any(|node| self.search.is_match(node));
                let flags = if run.len() > 1 { FLAG_MERGED } else { 0 } | if matches { FLAG_MATCH } else { 0 };
                let facts =
                    (tree.depth[first as usize], run.len() as u32, sum(&tree.self_value), sum(&tree.total), flags);
                if levels.contains(&facts.0) {
                    boxes.insert(first, facts);
                }
            }
        }
        boxes
    }
}

fn facts(boxes: &[DrawBox]) -> BTreeMap<u32, Facts> {
    boxes.iter().map(|of| (of.node, (of.depth, of.count, of.self_value, of.total, of.flags))).collect()
}

const WHOLE: DrawRequest = DrawRequest {
    focus: 0,
    x0: 0.0,
    x1: 1.0,
    depth0: 0,
    depth1: u32::MAX,
    width: 512.0,
    min_width: 2.0,
    name_width: 20.0,
};

fn requests() -> impl Strategy<Value = (u32, DrawRequest)> {
    // Sixty-fourths and powers of two keep the naive model's arithmetic exact.
    (any::<u32>(), 0u32..64, 1u32..=64, 0u32..9, 0u32..9, 4u32..10, 0u32..6).prop_map(
        |(focus, from, len, depth0, levels, width, min)| {
            let x0 = f64::from(from) / 64.0;
            let x1 = f64::from((from + len).min(64)) / 64.0;
            let request = DrawRequest {
                x0,
                x1,
                depth0,
                depth1: depth0 + levels,
                width: f64::from(1u32 << width),
                min_width: f64::from(1u32 << min) / 2.0,
                ..WHOLE
            };
            (focus, request)
        },
    )
}

proptest! {
    #[test]
    fn equals_a_walk_over_every_node(samples in samples(1), (focus, request) in requests()) {
        let view = View::new(&samples, "/f1|file1/");
        let request = DrawRequest { focus: focus % view.trie.tree.len() as u32, ..request };
        let boxes = view.boxes(&request);
        prop_assert_eq!(facts(&boxes), view.naive(&request));
        prop_assert_eq!(facts(&boxes).len(), boxes.len());
    }

    #[test]
    fn negative_values_take_their_absolute_width(samples in samples(-40), (focus, request) in requests()) {
        let view = View::new(&samples, "f2");
        let request = DrawRequest { focus: focus % view.trie.tree.len() as u32, ..request };
        prop_assert_eq!(facts(&view.boxes(&request)), view.naive(&request));
    }

    #[test]
    fn the_boxes_under_a_node_hold_all_of_its_total(samples in samples(1), (_, request) in requests()) {
        let view = View::new(&samples, "");
        let request = DrawRequest { x0: 0.0, x1: 1.0, depth0: 0, depth1: u32::MAX, ..request };
        let boxes = view.boxes(&request);
        let tree = &view.trie.tree;
        for of in boxes.iter().filter(|of| of.count == 1 && f64::from(of.width) > request.min_width) {
            let below = boxes.iter().filter(|child| child.node != of.node && tree.parent[child.node as usize] == of.node);
            let below: i64 = below.map(|child| child.total).sum();
            prop_assert_eq!(of.self_value + below, of.total);
        }
    }

    #[test]
    fn boxes_lie_where_their_weight_says(samples in samples(1), (focus, request) in requests()) {
        let view = View::new(&samples, "");
        let request = DrawRequest { focus: focus % view.trie.tree.len() as u32, ..request };
        let left = view.lefts();
        let weight = view.weight(request.focus) as f64;
        let scale = request.width / ((request.x1 - request.x0) * weight);
        for of in view.boxes(&request) {
            let (x, width) = (f64::from(of.x), f64::from(of.width));
            prop_assert!(x >= 0.0 && width >= 0.0 && x + width <= request.width + 0.01);
            if of.flags & FLAG_ANCESTOR != 0 {
                prop_assert_eq!((x, width), (0.0, request.width));
            } else if of.count == 1 && view.weight(of.node) as f64 * scale >= request.min_width {
                let from = (left[of.node as usize] - left[request.focus as usize]) as f64 - request.x0 * weight;
                let until = from + view.weight(of.node) as f64;
                prop_assert!((x - (from * scale).max(0.0)).abs() < 0.01);
                prop_assert!((x + width - (until * scale).min(request.width)).abs() < 0.01);
            }
        }
    }

    #[test]
    fn bytes_hold_the_boxes_in_the_order_of_the_table(samples in samples(-5), (focus, request) in requests()) {
        let view = View::new(&samples, "f0");
        let request = DrawRequest { focus: focus % view.trie.tree.len() as u32, ..request };
        let boxes = view.boxes(&request);
        let bytes = view.bytes(&request);
        let mut at = 0;
        let mut take = |len: usize| { at += len; &bytes[at - len..at] };
        let header: Vec<u32> = take(32).chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
        let (n, m) = (header[2] as usize, header[3] as usize);
        prop_assert_eq!(&header[..2], &[u32::from_le_bytes(*b"EGDL"), 1]);
        let tree = &view.trie.tree;
        let subtree = request.focus as usize..tree.end[request.focus as usize] as usize;
        prop_assert_eq!(header[5], tree.depth[subtree].iter().copied().max().unwrap());
        prop_assert_eq!(n, boxes.len());
        let mut column = |width: usize| -> Vec<u64> {
            let raw = take((n * width).next_multiple_of(4)).chunks(width).take(n);
            raw.map(|chunk| chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))).collect()
        };
        let (self_value, total) = (column(8), column(8));
        let (x, width, node, depth, count, name) = (column(4), column(4), column(4), column(4), column(4), column(4));
        let (color, flags) = (column(2), column(2));
        let ends: Vec<usize> =
            take(m * 4).chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap()) as usize).collect();
        let names = take(header[4] as usize).to_vec();
        prop_assert_eq!(at, bytes.len());
        let mut texts = Vec::new();
        for (row, &end) in ends.iter().enumerate() {
            let start = if row == 0 { 0 } else { ends[row - 1] };
            texts.push(std::str::from_utf8(&names[start..end]).unwrap());
        }
        let distinct: std::collections::BTreeSet<&str> = texts.iter().copied().collect();
        prop_assert!(distinct.len() * 2 >= texts.len(), "two files share a name, more don't");
        for (row, of) in boxes.iter().enumerate() {
            prop_assert_eq!((self_value[row] as i64, total[row] as i64), (of.self_value, of.total));
            prop_assert_eq!((x[row], width[row]), (u64::from(of.x.to_bits()), u64::from(of.width.to_bits())));
            prop_assert_eq!((node[row], depth[row]), (u64::from(of.node), u64::from(of.depth)));
            prop_assert_eq!((color[row], flags[row]), (u64::from(of.color), u64::from(of.flags)));
            prop_assert_eq!(count[row], u64::from(of.count));
            let named = of.count == 1 && f64::from(of.width) >= request.name_width;
            prop_assert_eq!(name[row] != u64::from(u32::MAX), named);
            if named {
                let function = view.trie.function(of.node);
                let expected = function.map_or("total", |function| view.trie.symbols.function_name(function));
                prop_assert_eq!(texts[name[row] as usize], expected);
            }
        }
        let order = |of: &DrawBox| (of.flags, of.color, of.depth);
        prop_assert!(boxes.windows(2).all(|pair| (order(&pair[0]), pair[0].x) <= (order(&pair[1]), pair[1].x)));
    }
}

fn wide_root(children: u32) -> MergedTrie {
    use emberglass_profile::{Frame, Function, StackId, Symbols};
    use emberglass_trie::{Granularity, Merger, StackBuilder};
    let mut symbols = Symbols::default();
    let mut builder = StackBuilder::default();
    for child in 0..children {
        let name = symbols.strings.intern(&format!("{child:08}"));
        let function = symbols.functions.intern(Function { name, ..Function::default() });
        let frame = symbols.frames.intern(Frame { function, ..Frame::default() });
        builder.child(StackId::ROOT, frame);
    }
    let stacks = builder.finish();
    let mut values = vec![1; stacks.len()];
    values[children as usize / 2] = i64::from(children);
    let mut merger = Merger::new(Granularity::Function);
    merger.add(&symbols, stacks.parents(), stacks.frames(), &values, 0, 1).unwrap();
    merger.finish().unwrap()
}

#[test]
fn narrow_siblings_are_two_boxes_beside_a_wide_one() {
    let trie = wide_root(50_000);
    let layout = Layout::new(&trie).unwrap();
    let packages = FunctionPackages::new(&trie, &Names::default());
    let boxes = visible_boxes(&trie, &layout, &packages, None, &WHOLE).unwrap();
    let counts: Vec<u32> = boxes.iter().filter(|of| of.depth == 1).map(|of| of.count).collect();
    assert_eq!(counts, [1, 24_999, 25_000]);
    assert_eq!(boxes.iter().filter(|of| of.depth == 1).map(|of| of.total).sum::<i64>() + 1, trie.total());
    assert!(boxes.iter().all(|of| of.count == 1 || of.flags == FLAG_MERGED));
    // Deep in the run every child is wide enough again.
    let deep = DrawRequest { x0: 0.1, x1: 0.1 + 1.0 / 1024.0, ..WHOLE };
    let boxes = visible_boxes(&trie, &layout, &packages, None, &deep).unwrap();
    assert!(boxes.len() > 90 && boxes.iter().all(|of| of.count == 1));
}

#[test]
fn strange_requests_are_answered() {
    let view = View::new(&[(vec![0, 1], 5), (vec![2], 3)], "");
    for (x0, x1) in [(f64::NAN, 0.5), (0.7, 0.2), (-3.0, 9.0), (0.5, 0.5), (f64::INFINITY, f64::NEG_INFINITY)] {
        for width in [0.0, -1.0, f64::NAN, 1e300] {
            let request = DrawRequest { focus: 99, x0, x1, width, min_width: f64::NAN, depth0: 3, depth1: 1, ..WHOLE };
            assert!(view.boxes(&request).is_empty());
            let levels = DrawRequest { depth0: 0, depth1: 9, ..request };
            assert!(!view.boxes(&levels).is_empty());
            assert!(!view.boxes(&DrawRequest { min_width: 0.0, ..levels }).is_empty());
        }
    }
    let empty = View::new(&[], "");
    assert_eq!(empty.boxes(&WHOLE).len(), 1);
}

#[test]
fn a_deep_tree_is_drawn_at_any_level() {
    let view = View::new(&[((0..100_000).map(|at| at % 8).collect(), 3)], "");
    let boxes = view.boxes(&DrawRequest { depth0: 90_000, depth1: 90_040, ..WHOLE });
    assert_eq!(boxes.len(), 40);
    assert_eq!(view.layout.deepest_below(&view.trie.tree, 0), 100_000);
}
