//! Which boxes are visible.

use std::cmp::Reverse;
use std::ops::Range;

use emberglass_columns::sorted_rows;
use emberglass_trie::{MergedTrie, TreeOverflow};

use crate::viewport::Viewport;
use crate::{COLOR_BUCKETS, FunctionPackages, Layout, Search};

/// Several narrow siblings in one box.
pub const FLAG_MERGED: u16 = 1;
/// Matches the search; a box that stands for nodes not drawn matches if any of them does.
pub const FLAG_MATCH: u16 = 2;
/// An ancestor of the focused node, or the focused node.
pub const FLAG_ANCESTOR: u16 = 4;

/// Calls over time are put together over at least so many times the least width, and less than twice that.
const RUN_WIDTHS: u64 = 4;
/// The colour of calls that are put together is that of so many of them, spread over the run: it may hold thousands.
const COLOR_SAMPLE: usize = 32;
/// Of each part of a run another place is looked at, as calls often alternate (Knuth's multiplicative hash).
const SCATTER: u32 = 0x9e37_79b1;

/// The visible part of a flame graph.
#[derive(Clone, Copy, Debug)]
pub struct DrawRequest {
    /// Zoomed node; rows that are not there count as the root.
    pub focus: u32,
    /// Left edge of the visible share of the focused node, 0 <= x0 < x1.
    pub x0: f64,
    /// Right edge, x1 <= 1.
    pub x1: f64,
    /// First visible level; the root's is 0.
    pub depth0: u32,
    /// One past the last visible level.
    pub depth1: u32,
    /// Width of the drawing area, CSS pixels.
    pub width: f64,
    /// Boxes narrower than this are merged with narrow neighbours, CSS pixels.
    pub min_width: f64,
    /// Boxes narrower than this carry no name, CSS pixels.
    pub name_width: f64,
}

/// One box. `self_value` and `total` are output values ([`MergedTrie::output`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawBox {
    /// The node; of a merged box its first.
    pub node: u32,
    /// Level.
    pub depth: u32,
    /// Siblings in the box.
    pub count: u32,
    /// Left edge, CSS pixels, cut at the edges of the drawing area.
    pub x: f32,
    /// Width, CSS pixels, cut at the edges of the drawing area.
    pub width: f32,
    /// Self value; of a merged box the sum.
    pub self_value: i64,
    /// Total; of a merged box the sum.
    pub total: i64,
    /// Of a diff, the base's total; else 0.
    pub base: i64,
    /// Colour of the package; 0 for the run time and the root. Of a merged box in a chart over time that of the larger part
    /// of its time, in other graphs 0. Of a diff the bucket of change, also of a merged box ([`crate::DiffTree::color`]).
    pub color: u16,
    /// `FLAG_*` bits.
    pub flags: u16,
}

struct Drawing<'a> {
    trie: &'a MergedTrie,
    layout: &'a Layout,
    packages: &'a FunctionPackages,
    search: Option<&'a Search>,
    view: Viewport,
    boxes: Vec<DrawBox>,
}

/// The boxes of a request, sorted by (flags, colour, level, x).
///
/// Below the focus a node is drawn as it is if it is at least `min_width` wide. A longest run of narrower
/// siblings is one box with the sums of all of them, also of those outside the visible range, so that it stays the same
/// while the range moves; nothing is drawn below it. A run (or a single narrow node) is drawn at least `min_width`
/// wide, moved left where it would leave its parent; it may cover the edge of a neighbour, but nothing is
/// left out: the boxes under a drawn node hold what its total has over its self value.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs in one box add up beyond 64 bits.
pub fn visible_boxes(
    trie: &MergedTrie,
    layout: &Layout,
    packages: &FunctionPackages,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<DrawBox>, TreeOverflow> {
    let tree = &trie.tree;
    if tree.is_empty() {
        return Ok(Vec::new());
    }
    let focus = if (request.focus as usize) < tree.len() { request.focus } else { 0 };
    let view = Viewport::new(request, layout.x(focus), layout.weight(tree, focus));
    let mut drawing = Drawing { trie, layout, packages, search, view, boxes: Vec::new() };
    let levels = request.depth0..request.depth1;
    drawing.ancestors(focus, &levels);
    drawing.below(focus, &levels)?;
    Ok(sorted(drawing.boxes))
}

/// The boxes of a chart over time ([`crate::TimeChart`]), sorted as those of [`visible_boxes`]; the focus is always the root.
///
/// Lanes are boxes as wide as all of it. In a lane each level is drawn for itself: calls that are narrower than `min_width`
/// are one box with their neighbours on the level, over a few pixels at most, so that no pause is covered and what is below
/// a narrow call is seen, too. How they are put together does not change while the range moves.
///
/// # Errors
/// As [`visible_boxes`].
pub fn time_boxes(
    trie: &MergedTrie,
    layout: &Layout,
    lanes: &[u32],
    packages: &FunctionPackages,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<DrawBox>, TreeOverflow> {
    let tree = &trie.tree;
    if tree.is_empty() {
        return Ok(Vec::new());
    }
    let view = Viewport::new(request, 0, layout.weight(tree, 0));
    let mut drawing = Drawing { trie, layout, packages, search, view, boxes: Vec::new() };
    drawing.full_width(0, 0);
    for &lane in lanes {
        let own = tree.depth[lane as usize];
        let levels = request.depth0.max(own)..request.depth1.min(layout.deepest_below(tree, lane) + 1);
        if levels.contains(&own) {
            drawing.full_width(lane, 0);
        }
        for level in levels.start.max(own + 1)..levels.end {
            drawing.level(lane, level)?;
        }
    }
    drawing.boxes.retain(|of| of.depth >= request.depth0 && of.depth < request.depth1);
    Ok(sorted(drawing.boxes))
}

/// Boxes by (flags, colour, level, x).
pub(crate) fn sorted(boxes: Vec<DrawBox>) -> Vec<DrawBox> {
    let order = sorted_rows(boxes.len(), &mut |a, b| {
        let (a, b) = (&boxes[a as usize], &boxes[b as usize]);
        let by_run = (a.flags, a.color, a.depth).cmp(&(b.flags, b.color, b.depth));
        by_run.then(a.x.total_cmp(&b.x)).then(a.node.cmp(&b.node))
    });
    order.into_iter().map(|at| boxes[at as usize]).collect()
}

impl Drawing<'_> {
    /// The path from the root to the focus, full width.
    fn ancestors(&mut self, focus: u32, levels: &Range<u32>) {
        let tree = &self.trie.tree;
        let mut at = focus;
        loop {
            let depth = tree.depth[at as usize];
            if levels.contains(&depth) {
                self.full_width(at, self.color(at));
            }
            if at == 0 || depth <= levels.start {
                return;
            }
            at = tree.parent[at as usize];
        }
    }

    fn full_width(&mut self, node: u32, color: u16) {
        let tree = &self.trie.tree;
        let matches = self.search.is_some_and(|search| search.is_match(node));
        self.boxes.push(DrawBox {
            node,
            depth: tree.depth[node as usize],
            count: 1,
            x: 0.0,
            width: self.view.width as f32,
            self_value: self.trie.output(tree.self_value[node as usize]),
            total: self.trie.output(tree.total[node as usize]),
            base: 0,
            color,
            flags: FLAG_ANCESTOR | if matches { FLAG_MATCH } else { 0 },
        });
    }

    /// Levels below the focus, each from the wide nodes of the level above.
    fn below(&mut self, focus: u32, levels: &Range<u32>) -> Result<(), TreeOverflow> {
        let tree = &self.trie.tree;
        let first = levels.start.max(tree.depth[focus as usize] + 1);
        let mut parents = self.wide_on_level(focus, first - 1);
        for level in first..levels.end.min(self.layout.levels()) {
            let mut wide = Vec::new();
            for parent in parents {
                self.children(parent, level, &mut wide)?;
            }
            parents = wide;
            if parents.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Visible nodes of the focus's subtree on a level that are not narrow. Nodes above them are wider.
    fn wide_on_level(&self, focus: u32, level: u32) -> Vec<u32> {
        let (tree, layout) = (&self.trie.tree, self.layout);
        let span = layout.span(tree, focus, level);
        let mut at = layout.first_right_of(tree, &span, self.view.visible.start);
        let mut wide = Vec::new();
        loop {
            at = layout.next_wide(tree, at..span.end, self.view.min_weight);
            if at >= span.end || layout.x(layout.at(at)) as f64 >= self.view.visible.end {
                return wide;
            }
            wide.push(layout.at(at));
            at += 1;
        }
    }

    /// Boxes of the visible children of `parent`; those that are not narrow are added to `wide`.
    fn children(&mut self, parent: u32, level: u32, wide: &mut Vec<u32>) -> Result<(), TreeOverflow> {
        let (tree, layout, min) = (&self.trie.tree, self.layout, self.view.min_weight);
        let span = layout.span(tree, parent, level);
        let mut at = layout.first_right_of(tree, &span, self.view.visible.start);
        while at < span.end && (layout.x(layout.at(at)) as f64) < self.view.visible.end {
            let node = layout.at(at);
            if layout.weight(tree, node) >= min {
                let matches = self.search.is_some_and(|search| search.is_match(node));
                self.push(at..at + 1, parent, level, self.color(node), matches)?;
                wide.push(node);
                at += 1;
            } else {
                let start = layout.narrow_from(tree, span.start..at, min);
                let end = layout.next_wide(tree, at..span.end, min);
                let rows = layout.at(start)..tree.end[layout.at(end - 1) as usize];
                let matches = self.search.is_some_and(|search| search.any_in(rows.start, rows.end));
                let color = if end - start > 1 { 0 } else { self.color(node) };
                self.push(start..end, parent, level, color, matches)?;
                at = end;
            }
        }
        Ok(())
    }

    /// Boxes of all visible nodes of a level of a lane.
    fn level(&mut self, lane: u32, level: u32) -> Result<(), TreeOverflow> {
        let (tree, layout, min) = (&self.trie.tree, self.layout, self.view.min_weight);
        let span = layout.span(tree, lane, level);
        let piece = min.saturating_mul(RUN_WIDTHS).checked_next_power_of_two().unwrap_or(u64::MAX);
        let mut at = layout.first_right_of(tree, &span, self.view.visible.start);
        while at < span.end && (layout.x(layout.at(at)) as f64) < self.view.visible.end {
            if layout.weight(tree, layout.at(at)) >= min {
                self.push(at..at + 1, lane, level, self.color(layout.at(at)), self.is_found(at..at + 1))?;
                at += 1;
                continue;
            }
            let begin = layout.x(layout.at(at)) / piece * piece;
            let first = layout.first_from(&(span.start..at), begin);
            let last = layout.first_from(&(at..span.end), begin.saturating_add(piece)).max(at + 1);
            let start = layout.narrow_from(tree, first..at, min);
            let end = layout.next_wide(tree, at..last, min);
            self.push(start..end, lane, level, self.prevailing_color(start..end), self.is_found(start..end))?;
            at = end;
        }
        Ok(())
    }

    /// True if the search finds a node of a run, whatever is below them.
    fn is_found(&self, mut run: Range<usize>) -> bool {
        let key = |at: usize| self.trie.tree.key[self.layout.at(at) as usize];
        self.search.is_some_and(|search| run.any(|at| search.is_function(key(at))))
    }

    /// The colour that the larger part of a run's weight has.
    fn prevailing_color(&self, run: Range<usize>) -> u16 {
        let mut weights = [0u64; COLOR_BUCKETS as usize + 1];
        let step = run.len().div_ceil(COLOR_SAMPLE).max(1);
        for (part, from) in (0u32..).zip(run.clone().step_by(step)) {
            let at = from + (part.wrapping_mul(SCATTER) >> 16) as usize % step.min(run.end - from);
            let node = self.layout.at(at);
            if let Some(weight) = weights.get_mut(usize::from(self.color(node))) {
                *weight = weight.saturating_add(self.layout.weight(&self.trie.tree, node));
            }
        }
        let most = (0u16..).zip(weights).max_by_key(|&(color, weight)| (weight, Reverse(color)));
        most.map_or(0, |(color, _)| color)
    }

    fn push(
        &mut self,
        run: Range<usize>,
        parent: u32,
        depth: u32,
        color: u16,
        matches: bool,
    ) -> Result<(), TreeOverflow> {
        let (tree, layout) = (&self.trie.tree, self.layout);
        let (first, last) = (layout.at(run.start), layout.at(run.end - 1));
        let count = run.len() as u32;
        let (self_value, total) = layout.sums(tree, run)?;
        let edges = |from, until| layout.x(from)..layout.x(until) + layout.weight(tree, until);
        let (x, width) = self.view.place(&edges(first, last), &edges(parent, parent));
        self.boxes.push(DrawBox {
            node: first,
            depth,
            count,
            x,
            width,
            self_value: self.trie.output(self_value),
            total: self.trie.output(total),
            base: 0,
            color,
            flags: if count > 1 { FLAG_MERGED } else { 0 } | if matches { FLAG_MATCH } else { 0 },
        });
        Ok(())
    }

    fn color(&self, node: u32) -> u16 {
        self.trie.function(node).map_or(0, |function| self.packages.color(function))
    }
}
