//! Stacks out of calls.
//!
//! A walk from the functions that nobody calls, the most expensive first: a function on a path gets its share of
//! what all calls to it cost, and hands its calls on in the same proportion. A function that is on the path
//! already is not entered again; paths stop at limits of depth and number. What a function then still has of its
//! own values goes to the first, most expensive path to it. So every sum by function is exact, and so is the total.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use emberglass_profile::{
    AttributeSetId, Frame, FrameId, InputError, SampleTable, SampleTableBuilder, StackId, Symbols,
};
use emberglass_trie::StackBuilder;

use super::graph::{CallGraph, NodeId};

/// Paths walked in all, and paths that wait, beyond one for each function.
const MAX_PATHS: usize = 200_000;
const MAX_DEPTH: u32 = 500;
/// Calls looked at and frames walked up, until only functions without a path get one.
const MAX_STEPS: u64 = 4_000_000;
/// The least share of the whole that a path is walked for, but for the first one to a function: bounds what waits.
const MIN_WEIGHT: f64 = 1e-5;

/// The samples of a graph; `records` is for the caller to set.
pub(crate) fn sample_table(
    graph: &CallGraph,
    symbols: &mut Symbols,
    stacks: &mut StackBuilder,
) -> Result<SampleTable, InputError> {
    let mut walk = Walk::new(graph)?;
    walk.run();
    let mut table = SampleTableBuilder::new(&vec![0; graph.columns()]);
    let mut stack_of = Vec::with_capacity(walk.paths.len());
    for path in &walk.paths {
        let parent = path.parent.map_or(StackId::ROOT, |parent| stack_of[parent as usize]);
        stack_of.push(stacks.child(parent, frame(graph, symbols, path.node, 0)));
    }
    for Share { path, item, values } in walk.shares() {
        let (node, line) = graph.items[item as usize];
        let stack = if line == 0 {
            stack_of[path as usize]
        } else {
            let parent = walk.paths[path as usize].parent.map_or(StackId::ROOT, |parent| stack_of[parent as usize]);
            stacks.child(parent, frame(graph, symbols, node, line))
        };
        table.add(stack, AttributeSetId::EMPTY, &values)?;
    }
    Ok(table.finish())
}

fn frame(graph: &CallGraph, symbols: &mut Symbols, node: NodeId, line: u32) -> FrameId {
    let (function, mapping) = graph.nodes[node.index()];
    symbols.frames.intern(Frame { function, mapping, line, ..Frame::default() })
}

/// A function at the end of a path.
struct Path {
    parent: Option<u32>,
    node: NodeId,
    depth: u32,
    /// Own values that this path got, by column.
    own: Vec<i64>,
}

/// Own values of one line on one path.
struct Share {
    path: u32,
    item: u32,
    values: Vec<i64>,
}

/// A path to walk, with what it costs by column.
struct Open {
    weight: f64,
    order: u32,
    parent: Option<u32>,
    node: NodeId,
    cost: Vec<i64>,
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        self.weight.total_cmp(&other.weight).then(other.order.cmp(&self.order))
    }
}

struct Walk<'g> {
    graph: &'g CallGraph,
    /// Own values by column and node that no path has got yet.
    own_left: Vec<Vec<i64>>,
    /// Own values and calls to other nodes, by column and node.
    inclusive: Vec<Vec<i128>>,
    /// What of it no path has got yet.
    inclusive_left: Vec<Vec<i128>>,
    /// Edges by caller: ends in `edges`.
    ends: Vec<u32>,
    edges: Vec<u32>,
    /// What a column's sum is, for weighing columns against each other.
    sums: Vec<f64>,
    paths: Vec<Path>,
    first_path: Vec<Option<u32>>,
    /// Nodes that a path was opened to.
    is_reached: Vec<bool>,
    steps_left: u64,
    open: BinaryHeap<Open>,
    order: u32,
}

impl<'g> Walk<'g> {
    fn new(graph: &'g CallGraph) -> Result<Self, InputError> {
        let nodes = graph.nodes.len();
        let own_left = graph.own()?;
        let mut inclusive: Vec<Vec<i128>> =
            own_left.iter().map(|column| column.iter().map(|&value| i128::from(value)).collect()).collect();
        for (column, values) in inclusive.iter_mut().zip(&graph.edge_values) {
            for (&(caller, callee), &value) in graph.edges.iter().zip(values) {
                if caller != callee {
                    column[caller.index()] += i128::from(value);
                }
            }
        }
        let sums = own_left
            .iter()
            .zip(&inclusive)
            .map(|(own, inclusive)| {
                let own: f64 = own.iter().map(|&value| value as f64).sum();
                // Cycles and damage make calls dearer than the whole.
                inclusive.iter().map(|&value| value as f64).fold(own.max(1.0), f64::max)
            })
            .collect();
        let mut edges: Vec<u32> = (0..graph.edges.len() as u32)
            .filter(|&edge| {
                let (caller, callee) = graph.edges[edge as usize];
                caller != callee
            })
            .collect();
        edges.sort_by_key(|&edge| graph.edges[edge as usize].0);
        let mut ends = vec![0u32; nodes];
        for &edge in &edges {
            ends[graph.edges[edge as usize].0.index()] += 1;
        }
        let mut end = 0;
        for slot in &mut ends {
            end += *slot;
            *slot = end;
        }
        let (first_path, is_reached) = (vec![None; nodes], vec![false; nodes]);
        let (paths, open) = (Vec::new(), BinaryHeap::new());
        let inclusive_left = inclusive.clone();
        Ok(Self {
            graph,
            own_left,
            inclusive,
            inclusive_left,
            ends,
            edges,
            sums,
            paths,
            first_path,
            is_reached,
            steps_left: MAX_STEPS,
            open,
            order: 0,
        })
    }

    fn run(&mut self) {
        self.open_roots();
        self.drain();
        // Functions of cycles that no root leads to, the most expensive first.
        let nodes = self.graph.nodes.len();
        let mut rest: Vec<NodeId> = (0..nodes as u32).map(NodeId).collect();
        rest.sort_by(|&a, &b| self.weight(&self.cost_of(b)).total_cmp(&self.weight(&self.cost_of(a))).then(a.cmp(&b)));
        for node in rest {
            let has_own = self.own_left.iter().any(|column| column[node.index()] != 0);
            if self.first_path[node.index()].is_none() && has_own {
                self.push(None, node, self.cost_of(node));
                self.drain();
            }
        }
        for node in 0..nodes {
            let Some(path) = self.first_path[node] else { continue };
            for (own, left) in self.paths[path as usize].own.iter_mut().zip(&mut self.own_left) {
                *own += std::mem::take(&mut left[node]);
            }
        }
    }

    fn cost_of(&self, node: NodeId) -> Vec<i64> {
        self.inclusive.iter().map(|column| clamp(column[node.index()])).collect()
    }

    /// What a function costs beyond all calls to it.
    fn open_roots(&mut self) {
        let mut beyond = self.inclusive.clone();
        for (column, values) in beyond.iter_mut().zip(&self.graph.edge_values) {
            for (&(caller, callee), &value) in self.graph.edges.iter().zip(values) {
                if caller != callee {
                    column[callee.index()] -= i128::from(value);
                }
            }
        }
        for node in 0..self.graph.nodes.len() {
            let cost: Vec<i64> = beyond.iter().map(|column| clamp(column[node].max(0))).collect();
            self.push(None, NodeId(node as u32), cost);
        }
    }

    fn weight(&self, cost: &[i64]) -> f64 {
        cost.iter().zip(&self.sums).map(|(&cost, sum)| cost as f64 / sum).sum()
    }

    fn push(&mut self, parent: Option<u32>, node: NodeId, cost: Vec<i64>) {
        if parent.is_some() && cost.iter().all(|&cost| cost <= 0) || cost.iter().all(|&cost| cost == 0) {
            return;
        }
        let weight = self.weight(&cost);
        let is_reached = std::mem::replace(&mut self.is_reached[node.index()], true);
        if is_reached && (weight < MIN_WEIGHT || self.open.len() >= MAX_PATHS) {
            return;
        }
        self.order = self.order.wrapping_add(1);
        self.open.push(Open { weight, order: self.order, parent, node, cost });
    }

    fn drain(&mut self) {
        while let Some(Open { parent, node, cost, .. }) = self.open.pop() {
            let is_new = self.first_path[node.index()].is_none();
            if self.paths.len() >= MAX_PATHS && !is_new {
                continue;
            }
            let depth = parent.map_or(0, |parent| self.paths[parent as usize].depth + 1);
            let path = self.paths.len() as u32;
            let own = self.take_own(node, &cost);
            self.paths.push(Path { parent, node, depth, own });
            self.first_path[node.index()].get_or_insert(path);
            if depth < MAX_DEPTH && (is_new || self.steps_left > 0) {
                self.open_calls(path, node, &cost);
            }
        }
    }

    /// The share of its own values that a node gets for `cost`.
    fn take_own(&mut self, node: NodeId, cost: &[i64]) -> Vec<i64> {
        let at = node.index();
        let Self { own_left, inclusive_left, .. } = self;
        own_left
            .iter_mut()
            .zip(inclusive_left)
            .zip(cost)
            .map(|((own, inclusive), &cost)| {
                // Both shrink together, so that the shares of all paths add up without a loss by rounding.
                let share = share_of(own[at], cost, inclusive[at]);
                own[at] -= share;
                inclusive[at] -= i128::from(cost.max(0));
                share
            })
            .collect()
    }

    fn open_calls(&mut self, path: u32, node: NodeId, cost: &[i64]) {
        let at = node.index();
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        for slot in start..self.ends[at] {
            let edge = self.edges[slot as usize] as usize;
            let callee = self.graph.edges[edge].1;
            let calls = self.graph.edge_values.iter().zip(&self.inclusive).zip(cost);
            let cost: Vec<i64> =
                calls.map(|((values, inclusive), &cost)| share_of(values[edge], cost, inclusive[at])).collect();
            self.steps_left = self.steps_left.saturating_sub(1);
            let is_worth_it = self.steps_left > 0 && self.weight(&cost) >= MIN_WEIGHT;
            if !self.is_reached[callee.index()] || is_worth_it && !self.is_on(path, callee) {
                self.push(Some(path), callee, cost);
            }
        }
    }

    fn is_on(&mut self, path: u32, node: NodeId) -> bool {
        let mut at = Some(path);
        while let Some(row) = at {
            self.steps_left = self.steps_left.saturating_sub(1);
            let path = &self.paths[row as usize];
            if path.node == node {
                return true;
            }
            at = path.parent;
        }
        false
    }

    /// Own values of the paths by line: each path takes from the lines of its function in order.
    fn shares(&self) -> Vec<Share> {
        let mut items: Vec<u32> = (0..self.graph.items.len() as u32).collect();
        items.sort_by_key(|&item| self.graph.items[item as usize]);
        let mut starts = vec![0usize; self.graph.nodes.len()];
        for (at, &item) in items.iter().enumerate().rev() {
            starts[self.graph.items[item as usize].0.index()] = at;
        }
        let mut shares = Vec::new();
        let mut left = self.graph.item_values.clone();
        let mut wanted: Vec<Vec<i64>> = self.paths.iter().map(|path| path.own.clone()).collect();
        for (row, (path, wanted)) in self.paths.iter().zip(&mut wanted).enumerate() {
            for &item in &items[starts[path.node.index()]..] {
                if self.graph.items[item as usize].0 != path.node {
                    break;
                }
                let values: Vec<i64> = left
                    .iter_mut()
                    .zip(wanted.iter_mut())
                    .map(|(left, wanted)| {
                        let left = &mut left[item as usize];
                        let taken =
                            if (*left < 0) == (*wanted < 0) && left.abs() > wanted.abs() { *wanted } else { *left };
                        let taken = if *wanted == 0 { 0 } else { taken };
                        *left -= taken;
                        *wanted = wanted.saturating_sub(taken);
                        taken
                    })
                    .collect();
                if values.iter().any(|&value| value != 0) {
                    shares.push(Share { path: row as u32, item, values });
                }
            }
        }
        // Lines of different signs may leave something behind: it belongs to the first path of the function.
        for &item in &items {
            let values: Vec<i64> = left.iter_mut().map(|left| std::mem::take(&mut left[item as usize])).collect();
            if let Some(path) = self.first_path[self.graph.items[item as usize].0.index()]
                && values.iter().any(|&value| value != 0)
            {
                shares.push(Share { path, item, values });
            }
        }
        shares
    }
}

fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// `value` x `cost` / `inclusive`, at most `value`; nothing where the proportion makes no sense.
fn share_of(value: i64, cost: i64, inclusive: i128) -> i64 {
    if cost <= 0 || inclusive <= 0 {
        return 0;
    }
    if i128::from(cost) >= inclusive {
        return value;
    }
    clamp(i128::from(value) * i128::from(cost) / inclusive)
}
