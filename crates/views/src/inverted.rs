//! The tree of all stacks seen from their leaves, refined where somebody looks.
//!
//! Below the root are the functions that stacks end in, below each the functions that called it, and so on. Written out
//! whole such a tree has a node for every suffix of every stack. Here each node that is not refined holds the stacks that
//! share its suffix as a range of two columns; refining it sorts that range by the next function up and hands the parts to
//! the children. So the columns never grow, and only nodes that were looked at are there. Nodes are numbered in the order
//! in which they came; the children of a node are neighbours, ordered by function.

use std::ops::Range;

use emberglass_columns::heap_sort;
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once, slices};

/// Nodes that one tree may grow to: 60 bytes each.
const MAX_NODES: usize = 1 << 22;
/// Units of work of a stack that is counted to its function, and that is moved there.
const COUNTED: usize = 4;
const MOVED: usize = 8;
const NONE: u32 = u32::MAX;

/// Why a tree can't be refined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvertedError {
    /// Values of different signs add up beyond 64 bits.
    #[error(transparent)]
    Overflow(#[from] TreeOverflow),
    /// Too many nodes were looked at.
    #[error("the inverted tree has {MAX_NODES} nodes already: narrow the selection")]
    TooLarge,
}

/// Values of a node, not yet divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvertedNode {
    /// Node nearer to the root; the root is its own.
    pub parent: u32,
    /// Row of the function; meaningless for the root.
    pub key: u32,
    /// Level; the root's is 0.
    pub depth: u32,
    /// Value of stacks that begin here: those without a further caller.
    pub self_value: i64,
    /// Value of stacks that end in this path.
    pub total: i64,
    /// Width: the total, or the sum of absolute values where some value of the trie is negative.
    pub weight: u64,
    /// Left edge.
    pub x: u64,
    /// Deepest level below it.
    deepest: u32,
    /// Its stacks.
    stacks: (u32, u32),
    /// First child, and how many; [`NONE`] before it is refined.
    children: (u32, u32),
}

impl InvertedNode {
    /// True if there is something below it, refined or not.
    #[must_use]
    pub const fn has_children(&self) -> bool {
        self.deepest > self.depth
    }
}

/// See the module. Always used with the trie it was made of.
#[derive(Clone, Debug)]
pub struct InvertedTree {
    nodes: Vec<InvertedNode>,
    /// Of each stack the node of the trie that comes next; 0 at its end.
    next: Vec<u32>,
    value: Vec<i64>,
    signed: bool,
    scratch: Scratch,
}

#[derive(Clone, Debug, Default)]
struct Scratch {
    /// By function, with counts of 0 between uses.
    groups: Vec<Group>,
    found: Vec<u32>,
    next: Vec<u32>,
    value: Vec<i64>,
}

/// The stacks of one child while its parent is refined.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    count: u32,
    start: u32,
    end: u32,
    /// Deepest node of the trie that comes next.
    above: u32,
    total: i128,
    self_value: i128,
    weight: u64,
}

impl InvertedTree {
    /// The tree with its root only.
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
        let tree = &trie.tree;
        let mut work = Work::default();
        let (mut next, mut value) = (Vec::new(), Vec::new());
        for nodes in slices(0..tree.len()) {
            let units = nodes.len();
            for node in nodes.filter(|&node| tree.self_value[node] != 0) {
                next.push(node as u32);
                value.push(tree.self_value[node]);
            }
            work.done(units, pause).await;
        }
        let weight = value.iter().map(|value: &i64| u128::from(value.unsigned_abs())).sum::<u128>();
        let root = InvertedNode {
            self_value: tree.self_value.first().copied().unwrap_or(0),
            total: trie.total(),
            weight: u64::try_from(weight).map_err(|_overflow| TreeOverflow)?,
            deepest: next.iter().map(|&node| tree.depth[node as usize]).max().unwrap_or(0),
            stacks: (0, next.len() as u32),
            children: (NONE, 0),
            ..InvertedNode::default()
        };
        let groups = vec![Group::default(); trie.symbols.functions.len()];
        let scratch = Scratch { groups, ..Scratch::default() };
        Ok(Self { nodes: vec![root], next, value, signed: trie.negative, scratch })
    }

    /// A node, if it is there.
    #[must_use]
    pub fn get(&self, node: u32) -> Option<&InvertedNode> {
        self.nodes.get(node as usize)
    }

    /// Number of nodes so far, the root included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: the root is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The function of a node; `None` for the root and for nodes that are not there.
    #[must_use]
    pub fn function(&self, node: u32) -> Option<FunctionId> {
        if node == 0 { None } else { self.get(node).map(|of| FunctionId(of.key)) }
    }

    /// Deepest level, counted from the root, at or below a node.
    #[must_use]
    pub fn deepest_below(&self, node: u32) -> u32 {
        self.get(node).or(self.nodes.first()).map_or(0, |of| of.deepest)
    }

    /// The children of a node, refined if it is not yet; none for nodes that are not there.
    ///
    /// # Errors
    /// [`InvertedError`].
    pub fn children(&mut self, trie: &MergedTrie, node: u32) -> Result<Range<u32>, InvertedError> {
        at_once(self.children_sliced(trie, node, &NoYield))
    }

    /// As [`Self::children`], in slices; a tree whose refinement is given up is of no use any more.
    ///
    /// # Errors
    /// [`InvertedError`].
    pub async fn children_sliced(
        &mut self,
        trie: &MergedTrie,
        node: u32,
        pause: &impl YieldNow,
    ) -> Result<Range<u32>, InvertedError> {
        let Some(of) = self.get(node).copied() else { return Ok(0..0) };
        let (first, count) = of.children;
        if first != NONE {
            return Ok(first..first + count);
        }
        let first = self.nodes.len() as u32;
        if let Err(error) = self.refine(trie, node, &of, pause).await {
            self.nodes.truncate(first as usize);
            return Err(error);
        }
        let children = first..self.nodes.len() as u32;
        self.nodes[node as usize].children = (first, children.len() as u32);
        Ok(children)
    }

    async fn refine(
        &mut self,
        trie: &MergedTrie,
        node: u32,
        of: &InvertedNode,
        pause: &impl YieldNow,
    ) -> Result<(), InvertedError> {
        let mut work = Work::default();
        let tree = &trie.tree;
        let Self { nodes, next, value, signed, scratch } = self;
        let Scratch { groups, found, next: old_next, value: old_value } = scratch;
        let span = of.stacks.0 as usize..of.stacks.1 as usize;
        let key_of = |next: u32| tree.key[next as usize] as usize;
        found.clear();
        for stacks in slices(span.clone()) {
            let units = stacks.len() * COUNTED;
            for &up in next[stacks].iter().filter(|&&up| up != 0) {
                let group = &mut groups[key_of(up)];
                if group.count == 0 {
                    found.push(tree.key[up as usize]);
                }
                group.count += 1;
            }
            work.done(units, pause).await;
        }
        if nodes.len() + found.len() > MAX_NODES {
            found.iter().for_each(|&key| groups[key as usize] = Group::default());
            return Err(InvertedError::TooLarge);
        }
        heap_sort(found);
        old_next.clear();
        old_next.extend_from_slice(&next[span.clone()]);
        old_value.clear();
        old_value.extend_from_slice(&value[span.clone()]);
        // Stacks that end here stay in front.
        let mut place = span.start;
        for (&up, &own) in old_next.iter().zip(&*old_value).filter(|&(&up, _)| up == 0) {
            (next[place], value[place]) = (up, own);
            place += 1;
        }
        for &key in &*found {
            let group = &mut groups[key as usize];
            (group.start, group.end) = (place as u32, place as u32);
            place += group.count as usize;
        }
        for stacks in slices(0..old_next.len()) {
            let units = stacks.len() * MOVED;
            let all = old_next[stacks.clone()].iter().zip(&old_value[stacks]);
            for (&up, &own) in all.filter(|&(&up, _)| up != 0) {
                let group = &mut groups[key_of(up)];
                let above = tree.parent[up as usize];
                group.total += i128::from(own);
                if above == 0 {
                    group.self_value += i128::from(own);
                }
                // All absolute values together fit.
                group.weight += own.unsigned_abs();
                group.above = group.above.max(tree.depth[above as usize]);
                let at = group.end as usize;
                // Stacks that share all that is left of them are one.
                if !*signed && group.end > group.start && next[at - 1] == above {
                    value[at - 1] += own;
                } else {
                    (next[at], value[at]) = (above, own);
                    group.end += 1;
                }
            }
            work.done(units, pause).await;
        }
        let mut x = of.x;
        let mut fault = None;
        for &key in &*found {
            let group = std::mem::take(&mut groups[key as usize]);
            let (Ok(total), Ok(self_value)) = (i64::try_from(group.total), i64::try_from(group.self_value)) else {
                fault = Some(InvertedError::Overflow(TreeOverflow));
                continue;
            };
            nodes.push(InvertedNode {
                parent: node,
                key,
                depth: of.depth + 1,
                self_value,
                total,
                weight: group.weight,
                x,
                deepest: of.depth + 1 + group.above,
                stacks: (group.start, group.end),
                children: (NONE, 0),
            });
            x += group.weight;
        }
        let Some(fault) = fault else { return Ok(()) };
        next[span.clone()].copy_from_slice(old_next);
        value[span].copy_from_slice(old_value);
        Err(fault)
    }

    /// True if a function of `is_match` (by row) stands at or below one of `nodes`, refined or not; `met` says of
    /// each node of the trie whether it or one above it has such a function.
    pub(crate) fn any_below(&self, nodes: Range<u32>, is_match: impl Fn(u32) -> bool, met: &[bool]) -> bool {
        let mut open: Vec<u32> = nodes.collect();
        while let Some(node) = open.pop() {
            let Some(of) = self.get(node) else { continue };
            if is_match(of.key) {
                return true;
            }
            let (first, count) = of.children;
            if first == NONE {
                let stacks = &self.next[of.stacks.0 as usize..of.stacks.1 as usize];
                if stacks.iter().any(|&up| met.get(up as usize).copied().unwrap_or(false)) {
                    return true;
                }
            } else {
                open.extend(first..first + count);
            }
        }
        false
    }
}
