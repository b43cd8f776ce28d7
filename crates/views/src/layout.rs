//! Where every node lies: widths, offsets, and the nodes of each level from left to right.

use std::ops::Range;

use emberglass_trie::{MergedTrie, NoYield, Tree, TreeOverflow, Work, YieldNow, at_once, slices, slices_back};

/// Nodes of a level that are summed and bounded together.
const BLOCK: usize = 64;
/// Units of work of a node in one of the sweeps over all.
const NODE: usize = 2;
/// Units of work of a node in a sweep by level, which looks at nodes far apart.
const FAR: usize = 6;

/// Geometry of one trie, independent of zoom and screen.
///
/// A node is as wide as its weight: its total, or, where some value is negative, the sum of the absolute self
/// values of its subtree. Children lie side by side from their parent's left edge in the order of their keys; what is
/// left at the right is the parent's own. So the nodes of one level are sorted by offset and never overlap, and
/// the children of a node are neighbours in their level.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Left edge of each node.
    x: Vec<u64>,
    /// Weight of each node where it is not the total.
    absolute: Option<Vec<u64>>,
    /// Nodes by level, within a level from left to right.
    order: Vec<u32>,
    /// One past the last position of each level.
    level_ends: Vec<u32>,
    /// Largest weight of each block of positions.
    max_weight: Vec<u64>,
    /// Sums of self values and totals of each block of positions.
    sums: Vec<(i128, i128)>,
}

impl Layout {
    /// Lays out a trie.
    ///
    /// # Errors
    /// [`TreeOverflow`] when absolute values add up beyond 64 bits.
    pub fn new(trie: &MergedTrie) -> Result<Self, TreeOverflow> {
        at_once(Self::sliced(trie, &NoYield))
    }

    /// As [`Self::new`], in slices.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn sliced(trie: &MergedTrie, pause: &impl YieldNow) -> Result<Self, TreeOverflow> {
        let absolute = if trie.negative {
            Some(subtree_sums(&trie.tree, |node| trie.tree.self_value[node].unsigned_abs(), pause).await?)
        } else {
            None
        };
        Ok(Self::weighted(trie, absolute, pause).await)
    }

    /// Lays out a trie whose nodes are as wide as `absolute` says; without it as their totals.
    pub(crate) async fn weighted(trie: &MergedTrie, absolute: Option<Vec<u64>>, pause: &impl YieldNow) -> Self {
        let x = offsets(&trie.tree, absolute.as_deref(), pause).await;
        Self::new_of(trie, x, absolute, pause).await
    }

    /// Lays out a trie whose nodes begin at `x` and are as wide as `weight` says. Nodes of one level must not overlap, and
    /// must lie from left to right in the order of their rows.
    pub(crate) fn placed(trie: &MergedTrie, x: Vec<u64>, weight: Vec<u64>) -> Self {
        at_once(Self::placed_sliced(trie, x, weight, &NoYield))
    }

    /// As [`Self::placed`], in slices.
    pub(crate) async fn placed_sliced(trie: &MergedTrie, x: Vec<u64>, weight: Vec<u64>, pause: &impl YieldNow) -> Self {
        Self::new_of(trie, x, Some(weight), pause).await
    }

    async fn new_of(trie: &MergedTrie, x: Vec<u64>, absolute: Option<Vec<u64>>, pause: &impl YieldNow) -> Self {
        let tree = &trie.tree;
        let (order, level_ends) = levels(tree, pause).await;
        let mut layout = Self { x, absolute, order, level_ends, ..Self::empty() };
        let blocks = tree.len().div_ceil(BLOCK);
        layout.max_weight.reserve_exact(blocks);
        layout.sums.reserve_exact(blocks);
        let mut work = Work::default();
        for block in layout.order.chunks(BLOCK) {
            work.done(block.len() * FAR, pause).await;
            let mut max = 0;
            let mut sums = (0, 0);
            for &node in block {
                max = max.max(layout.weight(tree, node));
                sums.0 += i128::from(tree.self_value[node as usize]);
                sums.1 += i128::from(tree.total[node as usize]);
            }
            layout.max_weight.push(max);
            layout.sums.push(sums);
        }
        layout
    }

    const fn empty() -> Self {
        Self {
            x: Vec::new(),
            absolute: None,
            order: Vec::new(),
            level_ends: Vec::new(),
            max_weight: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Left edge of a node, in weights from the root's.
    #[must_use]
    pub fn x(&self, node: u32) -> u64 {
        self.x.get(node as usize).copied().unwrap_or(0)
    }

    /// Width of a node.
    #[must_use]
    pub fn weight(&self, tree: &Tree, node: u32) -> u64 {
        let at = node as usize;
        match &self.absolute {
            Some(absolute) => absolute.get(at).copied().unwrap_or(0),
            None => tree.total.get(at).map_or(0, |total| total.unsigned_abs()),
        }
    }

    /// Where a node is, as shares of the root's width; `None` for rows that are not there.
    #[must_use]
    pub fn shares(&self, tree: &Tree, node: u32) -> Option<[f64; 2]> {
        let x = self.x.get(node as usize).copied()?;
        let all = self.weight(tree, 0).max(1) as f64;
        Some([x as f64 / all, (x + self.weight(tree, node)) as f64 / all])
    }

    /// Number of levels, the root's included.
    #[must_use]
    pub fn levels(&self) -> u32 {
        self.level_ends.len() as u32
    }

    /// Deepest level, counted from the root, that `node` or a node below it lies on.
    #[must_use]
    pub fn deepest_below(&self, tree: &Tree, node: u32) -> u32 {
        let own = tree.depth.get(node as usize).copied().unwrap_or(0);
        // A subtree that reaches a level reaches all above: look for the first that it does not.
        let (mut low, mut high) = (own + 1, self.levels().max(own + 1));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.span(tree, node, middle).is_empty() { high = middle } else { low = middle + 1 }
        }
        low - 1
    }

    /// The node at a position.
    pub(crate) fn at(&self, position: usize) -> u32 {
        self.order[position]
    }

    /// Positions of the nodes of `node`'s subtree on a level.
    pub(crate) fn span(&self, tree: &Tree, node: u32, level: u32) -> Range<usize> {
        let level = level as usize;
        let Some(&end) = self.level_ends.get(level) else { return 0..0 };
        let start = if level == 0 { 0 } else { self.level_ends[level - 1] };
        let nodes = &self.order[start as usize..end as usize];
        let first = nodes.partition_point(|&other| other < node);
        let last = nodes.partition_point(|&other| other < tree.end[node as usize]);
        start as usize + first..start as usize + last
    }

    /// The first position of `span` whose node ends right of `x`.
    pub(crate) fn first_right_of(&self, tree: &Tree, span: &Range<usize>, x: f64) -> usize {
        let right = |node: u32| (self.x(node) + self.weight(tree, node)) as f64;
        span.start + self.order[span.clone()].partition_point(|&node| right(node) <= x)
    }

    /// The first position of `span` whose node begins at `x` or right of it.
    pub(crate) fn first_from(&self, span: &Range<usize>, x: u64) -> usize {
        span.start + self.order[span.clone()].partition_point(|&node| self.x(node) < x)
    }

    /// The first position of `span` with a weight of at least `min`, or its end.
    pub(crate) fn next_wide(&self, tree: &Tree, span: Range<usize>, min: u64) -> usize {
        let mut at = span.start;
        while at < span.end {
            if at.is_multiple_of(BLOCK) && at + BLOCK <= span.end && self.max_weight[at / BLOCK] < min {
                at += BLOCK;
            } else if self.weight(tree, self.order[at]) >= min {
                return at;
            } else {
                at += 1;
            }
        }
        span.end
    }

    /// The first position of `span` from which on all weights are below `min`.
    pub(crate) fn narrow_from(&self, tree: &Tree, span: Range<usize>, min: u64) -> usize {
        let mut at = span.end;
        while at > span.start {
            if at.is_multiple_of(BLOCK) && at - BLOCK >= span.start && self.max_weight[at / BLOCK - 1] < min {
                at -= BLOCK;
            } else if self.weight(tree, self.order[at - 1]) >= min {
                return at;
            } else {
                at -= 1;
            }
        }
        span.start
    }

    /// Sums of the self values and totals of a span.
    pub(crate) fn sums(&self, tree: &Tree, span: Range<usize>) -> Result<(i64, i64), TreeOverflow> {
        let mut sums = (0i128, 0i128);
        let mut at = span.start;
        while at < span.end {
            if at.is_multiple_of(BLOCK) && at + BLOCK <= span.end {
                let block = self.sums[at / BLOCK];
                sums = (sums.0 + block.0, sums.1 + block.1);
                at += BLOCK;
            } else {
                let node = self.order[at] as usize;
                sums = (sums.0 + i128::from(tree.self_value[node]), sums.1 + i128::from(tree.total[node]));
                at += 1;
            }
        }
        let narrow = |sum: i128| i64::try_from(sum).map_err(|_overflow| TreeOverflow);
        Ok((narrow(sums.0)?, narrow(sums.1)?))
    }
}

/// Sums of own weights over each subtree.
pub(crate) async fn subtree_sums(
    tree: &Tree,
    own: impl Fn(usize) -> u64,
    pause: &impl YieldNow,
) -> Result<Vec<u64>, TreeOverflow> {
    let (mut weights, mut work) = (Vec::with_capacity(tree.len()), Work::default());
    for part in slices(0..tree.len()) {
        work.done(part.len() * NODE, pause).await;
        weights.extend(part.map(&own));
    }
    for part in slices_back(1..weights.len()) {
        work.done(part.len() * NODE, pause).await;
        for node in part {
            let weight: u64 = weights[node];
            let above: &mut u64 = &mut weights[tree.parent[node] as usize];
            *above = above.checked_add(weight).ok_or(TreeOverflow)?;
        }
    }
    Ok(weights)
}

async fn offsets(tree: &Tree, absolute: Option<&[u64]>, pause: &impl YieldNow) -> Vec<u64> {
    let [mut x, mut next] = [(); 2].map(|()| Vec::with_capacity(tree.len()));
    let mut work = Work::default();
    for part in slices(0..tree.len()) {
        work.done(part.len() * NODE, pause).await;
        for node in part {
            let left = if node == 0 {
                0
            } else {
                let weight = absolute.map_or_else(|| tree.total[node].unsigned_abs(), |weights| weights[node]);
                let free: &mut u64 = &mut next[tree.parent[node] as usize];
                let left = *free;
                *free += weight;
                left
            };
            x.push(left);
            next.push(left);
        }
    }
    x
}

/// A column of one value, written in slices: the system gives memory out as it is first written to, so that all of a large
/// column takes longer than a slice.
pub(crate) async fn filled<T: Copy>(len: usize, value: T, pause: &impl YieldNow) -> Vec<T> {
    let mut column = Vec::with_capacity(len);
    let mut work = Work::default();
    for part in slices(0..len) {
        work.done(part.len(), pause).await;
        column.resize(part.end, value);
    }
    column
}

/// Nodes sorted by level, in depth-first order within a level, and the end of each level.
async fn levels(tree: &Tree, pause: &impl YieldNow) -> (Vec<u32>, Vec<u32>) {
    if tree.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut ends = vec![0u32; tree.max_depth() as usize + 1];
    let mut work = Work::default();
    for part in slices(0..tree.len()) {
        work.done(part.len(), pause).await;
        for &depth in &tree.depth[part] {
            ends[depth as usize] += 1;
        }
    }
    let mut next = Vec::with_capacity(ends.len());
    let mut sum = 0;
    for end in &mut ends {
        next.push(sum);
        sum += *end;
        *end = sum;
    }
    let mut order = filled(tree.len(), 0u32, pause).await;
    for part in slices(0..tree.len()) {
        work.done(part.len() * NODE, pause).await;
        for node in part {
            let place = &mut next[tree.depth[node] as usize];
            order[*place as usize] = node as u32;
            *place += 1;
        }
    }
    (order, ends)
}
