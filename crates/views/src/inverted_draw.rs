//! Which boxes of an inverted tree are visible.

use std::ops::Range;

use emberglass_trie::{MergedTrie, TreeOverflow};

use crate::draw::sorted;
use crate::inverted::InvertedNode;
use crate::viewport::Viewport;
use crate::{
    DrawBox, DrawRequest, FLAG_ANCESTOR, FLAG_MATCH, FLAG_MERGED, FunctionPackages, InvertedError, InvertedTree, Search,
};

struct Drawing<'a> {
    trie: &'a MergedTrie,
    inverted: &'a mut InvertedTree,
    packages: &'a FunctionPackages,
    search: Option<&'a Search>,
    view: Viewport,
    boxes: Vec<DrawBox>,
}

fn edges(of: &InvertedNode) -> Range<u64> {
    of.x..of.x + of.weight
}

/// As [`crate::visible_boxes`], of an inverted tree: nodes that are wide enough and visible are refined.
pub(crate) fn inverted_boxes(
    trie: &MergedTrie,
    inverted: &mut InvertedTree,
    packages: &FunctionPackages,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<DrawBox>, InvertedError> {
    let focus = if (request.focus as usize) < inverted.len() { request.focus } else { 0 };
    let Some(of) = inverted.get(focus).copied() else { return Ok(Vec::new()) };
    let view = Viewport::new(request, of.x, of.weight);
    let levels = request.depth0..request.depth1;
    let mut drawing = Drawing { trie, inverted, packages, search, view, boxes: Vec::new() };
    drawing.ancestors(focus, &levels);
    let mut parents = vec![focus];
    let mut level = of.depth + 1;
    while level < levels.end && !parents.is_empty() {
        let mut wide = Vec::new();
        for parent in parents {
            drawing.children(parent, levels.contains(&level), &mut wide)?;
        }
        parents = wide;
        level += 1;
    }
    Ok(sorted(drawing.boxes))
}

impl Drawing<'_> {
    fn ancestors(&mut self, focus: u32, levels: &Range<u32>) {
        let mut at = focus;
        while let Some(&of) = self.inverted.get(at) {
            if levels.contains(&of.depth) {
                let is_match = at != 0 && self.search.is_some_and(|search| search.is_function(of.key));
                self.boxes.push(DrawBox {
                    x: 0.0,
                    width: self.view.width as f32,
                    flags: FLAG_ANCESTOR | if is_match { FLAG_MATCH } else { 0 },
                    ..self.drawn(at, &of)
                });
            }
            if at == 0 {
                return;
            }
            at = of.parent;
        }
    }

    fn drawn(&self, node: u32, of: &InvertedNode) -> DrawBox {
        DrawBox {
            node,
            depth: of.depth,
            count: 1,
            x: 0.0,
            width: 0.0,
            self_value: self.trie.output(of.self_value),
            total: self.trie.output(of.total),
            base: 0,
            color: self.inverted.function(node).map_or(0, |function| self.packages.color(function)),
            flags: 0,
        }
    }

    /// Boxes of the visible children of `parent`, where they are `shown`; those that are not narrow are added to `wide`.
    fn children(&mut self, parent: u32, shown: bool, wide: &mut Vec<u32>) -> Result<(), InvertedError> {
        let children = self.inverted.children(self.trie, parent)?;
        let nodes: Vec<InvertedNode> = children.clone().filter_map(|node| self.inverted.get(node).copied()).collect();
        let min = self.view.min_weight;
        let right_of_start = |of: &InvertedNode| (of.x + of.weight) as f64 > self.view.visible.start;
        let mut at = nodes.partition_point(|of| !right_of_start(of));
        while let Some(of) = nodes.get(at) {
            if of.x as f64 >= self.view.visible.end {
                break;
            }
            let is_wide = of.weight >= min;
            let run = if is_wide {
                wide.push(children.start + at as u32);
                at..at + 1
            } else {
                let is_narrow = |of: &&InvertedNode| of.weight < min;
                let before = nodes[..at].iter().rev().take_while(is_narrow).count();
                at - before..at + nodes[at..].iter().take_while(is_narrow).count()
            };
            at = run.end;
            if shown {
                self.push(&nodes[run.clone()], children.start + run.start as u32, parent, !is_wide)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, run: &[InvertedNode], first: u32, parent: u32, narrow: bool) -> Result<(), InvertedError> {
        let (Some(left), Some(right)) = (run.first(), run.last()) else { return Ok(()) };
        let parent_edges = self.inverted.get(parent).map_or(0..0, edges);
        let (x, width) = self.view.place(&(left.x..edges(right).end), &parent_edges);
        let is_match = match self.search {
            None => false,
            Some(search) if narrow => {
                let nodes = first..first + run.len() as u32;
                self.inverted.any_below(nodes, |key| search.is_function(key), search.met(&self.trie.tree))
            }
            Some(search) => search.is_function(left.key),
        };
        let flags = if is_match { FLAG_MATCH } else { 0 };
        let one = DrawBox { x, width, flags, ..self.drawn(first, left) };
        self.boxes.push(if let [_] = run {
            one
        } else {
            let sum = |of: fn(&InvertedNode) -> i64| {
                let sum = run.iter().map(|node| i128::from(of(node))).sum::<i128>();
                i64::try_from(sum).map(|sum| self.trie.output(sum)).map_err(|_overflow| TreeOverflow)
            };
            DrawBox {
                count: run.len() as u32,
                self_value: sum(|node| node.self_value)?,
                total: sum(|node| node.total)?,
                color: 0,
                flags: flags | FLAG_MERGED,
                ..one
            }
        });
        Ok(())
    }
}
