//! Charts over time against a list of what runs at each nanosecond.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_trie::{MergedTrie, NoYield, at_once};
use emberglass_views::{
    DrawBox, DrawRequest, FunctionPackages, LaneRecords, Names, TimeChart, TimeCharting, fold_lanes, resolve,
    time_boxes,
};
use proptest::prelude::*;

use crate::common::{name, trie_of};

/// Time after the one before, how long it lasts, functions from the root.
type Record = (i64, i64, Vec<u32>);

const FIRST: i64 = 1000;

fn lane() -> impl Strategy<Value = Vec<Record>> {
    proptest::collection::vec((0i64..6, 1i64..6, proptest::collection::vec(0u32..3, 0..5)), 1..12)
}

fn trie_of_lanes(lanes: &[Vec<Record>]) -> MergedTrie {
    let samples: Vec<_> = lanes.iter().flatten().map(|(_, _, stack)| (stack.clone(), 1)).collect();
    trie_of(&samples)
}

struct Columns {
    time: Vec<i64>,
    lasts: Vec<i64>,
    node: Vec<u32>,
}

fn columns(trie: &MergedTrie, lane: &[Record]) -> Columns {
    let mut now = FIRST;
    let time = lane.iter().map(|(after, ..)| {
        now += after;
        now
    });
    let names = |stack: &[u32]| stack.iter().map(|&function| name(function)).collect::<Vec<_>>();
    Columns {
        time: time.collect(),
        lasts: lane.iter().map(|(_, lasts, _)| *lasts).collect(),
        node: lane.iter().map(|(.., stack)| resolve(trie, &names(stack)).unwrap()).collect(),
    }
}

fn chart_of(trie: &MergedTrie, lanes: &[Columns], slice: usize) -> TimeChart {
    let records: Vec<_> =
        lanes.iter().map(|Columns { time, lasts, node }| LaneRecords { name: "lane", time, node, lasts }).collect();
    let mut charting = TimeCharting::new(trie, &records);
    while charting.step(slice) {}
    charting.finish()
}

/// The stack of each nanosecond from `FIRST` on, as the rules say it in words.
fn stacks_by_time(lane: &[Record], Columns { time, lasts, .. }: &Columns) -> Vec<Vec<u32>> {
    let next = |row: usize| time.get(row + 1).copied();
    let fills = (0..lane.len()).filter(|&row| next(row) == Some(time[row] + lasts[row])).count();
    let is_exact = fills * 2 >= lane.len() - 1;
    let mut by_time = Vec::new();
    for (row, (.., stack)) in lane.iter().enumerate() {
        let own = time[row] + lasts[row];
        let until = match next(row) {
            Some(next) if next <= own => next,
            Some(next) if !is_exact && next - time[row] <= 2 * lasts[row] => next,
            _ => own,
        };
        by_time.resize((time[row] - FIRST) as usize, Vec::new());
        by_time.resize((until - FIRST) as usize, stack.clone());
    }
    by_time
}

/// The call on a level of a lane (1 is the outermost) at a nanosecond after the begin of the chart.
fn call_at(chart: &TimeChart, lane: u32, level: u32, at: u64) -> Option<u32> {
    let tree = &chart.trie.tree;
    let depth = tree.depth[lane as usize] + level;
    let mut calls = (lane + 1..tree.end[lane as usize]).filter(|&node| {
        let from = chart.layout.x(node);
        tree.depth[node as usize] == depth && (from..from + chart.layout.weight(tree, node)).contains(&at)
    });
    let found = calls.next();
    assert_eq!(calls.next(), None, "calls of a level do not overlap");
    found
}

/// The colour that most of the time of a merged box has.
fn prevailing(chart: &TimeChart, packages: &FunctionPackages, of: &DrawBox) -> u16 {
    let tree = &chart.trie.tree;
    let mut weights: BTreeMap<u16, u64> = BTreeMap::new();
    let of_level = (of.node..tree.len() as u32).filter(|&node| tree.depth[node as usize] == of.depth);
    for node in of_level.take(of.count as usize) {
        let color = packages.color(chart.trie.function(node).unwrap());
        *weights.entry(color).or_default() += chart.layout.weight(tree, node);
    }
    let most = *weights.values().max().unwrap();
    weights.into_iter().find(|&(_, weight)| weight == most).unwrap().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn each_nanosecond_shows_the_stack_that_runs(lanes in proptest::collection::vec(lane(), 1..4), slice in 1usize..9) {
        let trie = trie_of_lanes(&lanes);
        let of: Vec<_> = lanes.iter().map(|lane| columns(&trie, lane)).collect();
        let chart = chart_of(&trie, &of, slice);
        let tree = &chart.trie.tree;
        prop_assert_eq!(chart.lanes.len(), lanes.len());
        prop_assert_eq!(chart.first, of.iter().map(|of| of.time[0]).min().unwrap());
        let mut busy = 0;
        let mut deepest = 0;
        for ((records, of), &lane) in lanes.iter().zip(&of).zip(&chart.lanes) {
            prop_assert_eq!(tree.depth[lane as usize], deepest + 1, "a lane stands below the one before");
            let by_time = stacks_by_time(records, of);
            deepest += 1 + by_time.iter().map(Vec::len).max().unwrap_or(0) as u32;
            let mut of_lane = 0;
            for (at, stack) in by_time.iter().enumerate() {
                let shift = (chart.first - FIRST) as u64;
                let Some(time) = (at as u64).checked_sub(shift) else { continue };
                for level in 0..6u32 {
                    let call = call_at(&chart, lane, level + 1, time);
                    let found = call.and_then(|call| chart.trie.function(call));
                    let found = found.map(|function| chart.trie.symbols.function_name(function).to_owned());
                    prop_assert_eq!(found, stack.get(level as usize).map(|&function| name(function)));
                    let prefix = |of: &[u32]| of.get(..=level as usize).map(<[u32]>::to_vec);
                    let next = by_time.get(at + 1).and_then(|next| prefix(next));
                    if let (Some(own), Some(next)) = (prefix(stack), next) {
                        let following = call_at(&chart, lane, level + 1, time + 1);
                        prop_assert_eq!(own == next, call == following, "equal neighbours are one call");
                    }
                }
                of_lane += i64::from(!stack.is_empty());
            }
            prop_assert_eq!(tree.total[lane as usize], of_lane);
            busy += of_lane;
        }
        prop_assert_eq!(chart.trie.total(), busy);
        for node in 1..tree.len() as u32 {
            if !chart.lanes.contains(&node) {
                prop_assert_eq!(tree.total[node as usize], chart.layout.weight(tree, node) as i64);
            }
        }
    }

    #[test]
    fn a_drawing_of_all_leaves_nothing_out(
        lanes in proptest::collection::vec(lane(), 1..4),
        width in 4f64..200.0,
        depth0 in 0u32..6,
    ) {
        let trie = trie_of_lanes(&lanes);
        let of: Vec<_> = lanes.iter().map(|lane| columns(&trie, lane)).collect();
        let chart = chart_of(&trie, &of, 1000);
        let tree = &chart.trie.tree;
        let names = Names::default();
        let packages = FunctionPackages::new(&chart.trie, &names);
        let request = |min_width| DrawRequest {
            focus: 0, x0: 0.0, x1: 1.0, depth0, depth1: depth0 + 5, width, min_width, name_width: 30.0,
        };
        let draw = |request| time_boxes(&chart.trie, &chart.layout, &chart.lanes, &packages, None, &request).unwrap();
        // All levels at once: each node is in one box, and each box has the sums of what it holds.
        for min_width in [0.1, 3.0] {
            let boxes = draw(request(min_width));
            for level in (0..=tree.max_depth()).filter(|level| (depth0..depth0 + 5).contains(level)) {
                let nodes = (0..tree.len()).filter(|&node| tree.depth[node] == level);
                let of_level = || boxes.iter().filter(|of| of.depth == level);
                prop_assert_eq!(of_level().map(|of| of.count as usize).sum::<usize>(), nodes.clone().count());
                let total: i64 = nodes.map(|node| tree.total[node]).sum();
                prop_assert_eq!(of_level().map(|of| of.total).sum::<i64>(), total);
                for of in of_level() {
                    prop_assert!(of.x >= 0.0 && f64::from(of.x + of.width) <= width + 1e-3);
                    let own = chart.layout.shares(tree, of.node).unwrap();
                    prop_assert!(of.count == 1 || f64::from(of.width) <= 9.0 * min_width + 4.0 * width / chart.layout.weight(tree, 0) as f64);
                    prop_assert!(f64::from(of.x) <= own[0] * width + 1e-3);
                    if of.count > 1 {
                        prop_assert_eq!(of.color, prevailing(&chart, &packages, of));
                    }
                }
            }
        }
    }

    #[test]
    fn a_folded_lane_has_its_outermost_calls(
        lanes in proptest::collection::vec(lane(), 1..5),
        folds in proptest::collection::vec(any::<bool>(), 5),
    ) {
        let trie = trie_of_lanes(&lanes);
        let of: Vec<_> = lanes.iter().map(|lane| columns(&trie, lane)).collect();
        let chart = chart_of(&trie, &of, 1000);
        let is_folded = |lane: u32| chart.lanes.iter().position(|&of| of == lane).is_some_and(|at| folds[at]);
        let folded = at_once(fold_lanes(&chart.trie, &chart.layout, &chart.lanes, is_folded, &NoYield));
        let (tree, whole) = (&folded.trie.tree, &chart.trie.tree);
        prop_assert_eq!(folded.trie.total(), chart.trie.total());
        prop_assert_eq!(tree.end[0] as usize, tree.len());
        let mut level = 0;
        for (&lane, &own) in chart.lanes.iter().zip(&folded.lanes) {
            level += 1;
            prop_assert_eq!(tree.depth[own as usize], level, "a lane stands below the one before");
            let lowest = if is_folded(lane) { 1 } else { u32::MAX };
            let lower = whole.depth[lane as usize];
            let left = (lane..whole.end[lane as usize]).filter(|&node| whole.depth[node as usize] - lower <= lowest);
            let rows: Vec<u32> = (own..tree.end[own as usize]).collect();
            prop_assert_eq!(left.clone().count(), rows.len());
            for (node, &row) in left.zip(&rows) {
                let (of, at) = (node as usize, row as usize);
                prop_assert_eq!(tree.depth[at], whole.depth[of] - lower + tree.depth[own as usize]);
                prop_assert_eq!((tree.key[at], tree.self_value[at], tree.total[at]), (whole.key[of], whole.self_value[of], whole.total[of]));
                prop_assert_eq!(folded.layout.x(row), chart.layout.x(node));
                prop_assert_eq!(folded.layout.weight(tree, row), chart.layout.weight(whole, node));
                let parent = tree.parent[at] as usize;
                prop_assert!(parent < at && (tree.end[parent] >= tree.end[at] || row == 0));
                prop_assert_eq!(tree.depth[parent] + 1, if row == own { 1 } else { tree.depth[at] });
                level = level.max(tree.depth[at]);
            }
        }
    }

    #[test]
    fn boxes_of_a_part_are_boxes_of_all(lane in lane(), from in 0f64..0.9, span in 0.05f64..1.0, width in 8f64..60.0) {
        let trie = trie_of_lanes(std::slice::from_ref(&lane));
        let chart = chart_of(&trie, &[columns(&trie, &lane)], 1000);
        let names = Names::default();
        let packages = FunctionPackages::new(&chart.trie, &names);
        let span = span.min(1.0 - from);
        let draw = |x0: f64| {
            let request = DrawRequest {
                focus: 0, x0, x1: x0 + span, depth0: 0, depth1: 20, width, min_width: 2.0, name_width: 30.0,
            };
            time_boxes(&chart.trie, &chart.layout, &chart.lanes, &packages, None, &request).unwrap()
        };
        // What is put together is the same wherever the window is.
        let moved: BTreeMap<u32, u32> = draw((from - span / 3.0).max(0.0)).iter().map(|of| (of.node, of.count)).collect();
        for of in draw(from) {
            if let Some(&count) = moved.get(&of.node) {
                prop_assert_eq!(of.count, count);
            }
        }
    }
}

#[test]
fn names_of_functions_are_found_beside_names_of_lanes() {
    let lanes = vec![vec![(0, 4, vec![0, 2]), (4, 4, vec![0, 1])]];
    let trie = trie_of_lanes(&lanes);
    let chart = chart_of(&trie, &[columns(&trie, &lanes[0])], 1);
    for wanted in ["f0", "f1", "f2", "lane"] {
        let functions = chart.trie.symbols.functions.iter();
        assert_eq!(functions.filter(|of| chart.trie.symbols.text(of.name) == wanted).count(), 1);
    }
    assert_eq!(resolve(&chart.trie, &["lane", "f0", "f1"]), Some(4));
    assert_eq!(chart.trie.tree.total, [8, 8, 8, 4, 4]);
}

#[test]
fn thousands_of_calls_in_one_box_have_the_colour_of_most_of_their_time() {
    // Calls alternate: a look at every so many of them would see one kind only.
    for (lasts, longer) in [([3, 1], "f0"), ([1, 3], "f1")] {
        let lane: Vec<Record> = (0..40_000usize)
            .map(|at| (if at == 0 { 0 } else { lasts[(at - 1) % 2] }, lasts[at % 2], vec![at as u32 % 2]))
            .collect();
        let trie = trie_of_lanes(std::slice::from_ref(&lane));
        let chart = chart_of(&trie, &[columns(&trie, &lane)], 1000);
        let names = Names::default();
        let packages = FunctionPackages::new(&chart.trie, &names);
        let request = DrawRequest {
            focus: 0,
            x0: 0.0,
            x1: 1.0,
            depth0: 0,
            depth1: 9,
            width: 100.0,
            min_width: 2.0,
            name_width: 30.0,
        };
        let boxes = time_boxes(&chart.trie, &chart.layout, &chart.lanes, &packages, None, &request).unwrap();
        let merged: Vec<_> = boxes.iter().filter(|of| of.count > 1).collect();
        assert!(merged.len() > 5 && merged.iter().all(|of| of.count > 1000));
        let longer = chart.trie.function(resolve(&chart.trie, &["lane", longer]).unwrap()).unwrap();
        assert!(merged.iter().all(|of| of.color == packages.color(longer)), "{merged:?}");
    }
}
