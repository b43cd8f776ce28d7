//! The verbs as one sweep over rows of stacks each.
//!
//! A parent's row is smaller than its child's, so that what holds for a stack follows from what holds for its caller's. Each
//! sweep spells the stacks that are left, callers first; whoever takes them makes equal ones one.

use emberglass_labels::StackEnds;
use emberglass_profile::StackTable;
use emberglass_trie::{Tree, Work, YieldNow, slices, slices_back};

use super::{SWEPT, Verb};
use crate::layout::filled;

pub(super) const NONE: u32 = u32::MAX;
/// Rows between two looks at the [`Work`] that was done.
const PART: usize = 1 << 14;

/// Stacks under way: each row a frame, told by its key, below its caller's row. Row 0 is the root.
#[derive(Clone, Debug)]
pub(super) struct StackRows {
    pub(super) parent: Vec<u32>,
    pub(super) key: Vec<u32>,
    /// By row of the stacks that these were made of, where each is; [`NONE`] if it is gone.
    pub(super) to: Vec<u32>,
}

impl StackRows {
    /// Stacks as they are.
    pub(super) fn of(parent: impl Iterator<Item = u32>, key: impl Iterator<Item = u32>) -> Self {
        let (parent, key): (Vec<u32>, Vec<u32>) = (parent.collect(), key.collect());
        Self { to: (0..parent.len() as u32).collect(), parent, key }
    }

    /// The stacks of a tree.
    pub(super) async fn of_tree(tree: &Tree, pause: &impl YieldNow) -> Self {
        let [mut parent, mut key, mut to] = [(); 3].map(|()| Vec::with_capacity(tree.len()));
        let mut work = Work::default();
        for rows in slices(0..tree.len()) {
            work.done(rows.len() * SWEPT, pause).await;
            parent.extend_from_slice(&tree.parent[rows.clone()]);
            key.extend_from_slice(&tree.key[rows.clone()]);
            to.extend(rows.map(|row| row as u32));
        }
        Self { parent, key, to }
    }

    /// Stacks with the frames of labels around them, whose keys begin at `first`: outermost ones, then innermost ones.
    pub(super) fn between(stacks: &StackTable, ends: &StackEnds, first: u32) -> Self {
        let (outer, inner) = (ends.roots.len() as u32, ends.leaves.len() as u32);
        let mut rows = Self { parent: vec![0], key: vec![NONE], to: Vec::new() };
        for at in 0..outer {
            rows.push(at, first + at);
        }
        for (parent, frame) in stacks.parents().iter().zip(stacks.frames()).skip(1) {
            rows.push(outer + parent.0, frame.0);
        }
        rows.to = (0..stacks.len() as u32).map(|stack| outer + stack).collect();
        for at in 0..inner {
            for stack in 0..stacks.len() {
                rows.to[stack] = rows.push(rows.to[stack], first + outer + at);
            }
        }
        rows
    }

    /// Applies a verb; `matching` says by key which frames it is about. False if no stack with frames changed.
    pub(super) async fn apply(&mut self, verb: Verb, matching: &[bool], pause: &impl YieldNow) -> bool {
        let changes = matching.contains(&true) || matches!(verb, Verb::Focus | Verb::Show | Verb::ShowFrom);
        if changes {
            self.change(verb, matching, pause).await;
        }
        if verb.needs_frames() {
            self.move_each(&|to| if to == 0 { NONE } else { to }, pause).await;
        }
        changes
    }

    async fn move_each(&mut self, to: &dyn Fn(u32) -> u32, pause: &impl YieldNow) {
        let mut work = Work::default();
        for part in self.to.chunks_mut(PART) {
            work.done(part.len(), pause).await;
            part.iter_mut().for_each(|row| *row = to(*row));
        }
    }

    async fn change(&mut self, verb: Verb, matching: &[bool], pause: &impl YieldNow) {
        let is_match = |row: usize| row > 0 && matching.get(self.key[row] as usize).copied().unwrap_or(false);
        let next = match verb {
            Verb::Focus | Verb::Ignore | Verb::Drop => {
                let mut met = vec![false; self.parent.len()];
                let mut work = Work::default();
                for rows in slices(1..met.len()) {
                    work.done(rows.len() * SWEPT, pause).await;
                    for row in rows {
                        met[row] = met[self.parent[row] as usize] || is_match(row);
                    }
                }
                let keeps = verb == Verb::Focus;
                self.move_each(&|to| if met.get(to as usize) == Some(&keeps) { to } else { NONE }, pause).await;
                None
            }
            Verb::Hide | Verb::Merge | Verb::Show => {
                let hides = verb != Verb::Show;
                Some(self.hide(|row| is_match(row) == hides, pause).await)
            }
            Verb::ShowFrom => Some(self.show_from(is_match, pause).await),
            Verb::CollapseFunction => Some(self.collapse_function(is_match, pause).await),
            Verb::Collapse => Some(self.collapse_recursion(matching.len(), is_match, pause).await),
        };
        if let Some(next) = next {
            let Self { parent, key, to: of_rows } = next;
            self.move_each(&|to| of_rows.get(to as usize).copied().unwrap_or(NONE), pause).await;
            (self.parent, self.key) = (parent, key);
        }
    }

    /// No stacks yet, with room for as many.
    fn begin(&self) -> Self {
        let [mut parent, mut key, to] = [(); 3].map(|()| Vec::with_capacity(self.parent.len()));
        parent.push(0);
        key.push(NONE);
        Self { parent, key, to }
    }

    /// New stacks, row by row: `to` adds what is left of a row, if anything, and says where that is.
    async fn spelled(&self, to: &mut dyn FnMut(&mut Self, usize) -> u32, pause: &impl YieldNow) -> Self {
        let mut stacks = self.begin();
        let mut work = Work::default();
        for rows in slices(0..self.parent.len()) {
            work.done(rows.len() * SWEPT, pause).await;
            for row in rows {
                let to = to(&mut stacks, row);
                stacks.to.push(to);
            }
        }
        stacks
    }

    pub(super) fn push(&mut self, parent: u32, key: u32) -> u32 {
        self.parent.push(parent);
        self.key.push(key);
        self.parent.len() as u32 - 1
    }

    async fn hide(&self, is_match: impl Fn(usize) -> bool, pause: &impl YieldNow) -> Self {
        let mut to = |stacks: &mut Self, row: usize| {
            let caller = if row == 0 { 0 } else { stacks.to[self.parent[row] as usize] };
            if row == 0 || is_match(row) { caller } else { stacks.push(caller, self.key[row]) }
        };
        self.spelled(&mut to, pause).await
    }

    async fn show_from(&self, is_match: impl Fn(usize) -> bool, pause: &impl YieldNow) -> Self {
        let mut to = |stacks: &mut Self, row: usize| {
            let caller = if row == 0 { NONE } else { stacks.to[self.parent[row] as usize] };
            match (caller, is_match(row)) {
                (NONE, false) => NONE,
                (NONE, true) => stacks.push(0, self.key[row]),
                _ => stacks.push(caller, self.key[row]),
            }
        };
        self.spelled(&mut to, pause).await
    }

    async fn collapse_function(&self, is_match: impl Fn(usize) -> bool, pause: &impl YieldNow) -> Self {
        let mut is_inside = vec![false; self.parent.len()];
        let mut to = |stacks: &mut Self, row: usize| {
            let above = self.parent[row] as usize;
            let caller = if row == 0 { 0 } else { stacks.to[above] };
            is_inside[row] = is_match(row) || is_inside[above];
            if row == 0 || is_inside[above] { caller } else { stacks.push(caller, self.key[row]) }
        };
        self.spelled(&mut to, pause).await
    }

    /// Rows in depth-first order, callers first, each with the place behind its last descendant.
    pub(super) async fn depth_first(&self, pause: &impl YieldNow) -> (Vec<u32>, Vec<u32>) {
        let rows = self.parent.len();
        let mut first_child = filled(rows, NONE, pause).await;
        let mut next_sibling = filled(rows, NONE, pause).await;
        let mut size = filled(rows, 1u32, pause).await;
        let mut work = Work::default();
        for part in slices_back(1..rows) {
            work.done(part.len() * SWEPT, pause).await;
            for row in part {
                let parent = self.parent[row] as usize;
                next_sibling[row] = first_child[parent];
                first_child[parent] = row as u32;
                size[parent] += size[row];
            }
        }
        let [mut order, mut end] = [(); 2].map(|()| Vec::with_capacity(rows));
        let mut open: Vec<u32> = vec![0];
        while let Some(row) = open.pop() {
            order.push(row);
            end.push(order.len() as u32 - 1 + size[row as usize]);
            open.extend(Some(next_sibling[row as usize]).filter(|&next| next != NONE));
            open.extend(Some(first_child[row as usize]).filter(|&child| child != NONE));
            if order.len().is_multiple_of(PART) {
                work.done(PART * SWEPT, pause).await;
            }
        }
        (order, end)
    }

    /// Where a function that matches stands on what is left of the stack already, the stack is cut back to it.
    async fn collapse_recursion(&self, keys: usize, is_match: impl Fn(usize) -> bool, pause: &impl YieldNow) -> Self {
        let mut work = Work::default();
        let mut stacks = self.begin();
        stacks.to = filled(self.parent.len(), 0, pause).await;
        let mut ancestry = Ancestry::of(self.parent.len());
        // By key its last new row above the old one at hand, and what it was before: put back behind the subtree.
        let mut last: Vec<u32> = vec![NONE; keys];
        let mut open: Vec<(u32, u32, u32)> = Vec::new();
        let (order, end) = self.depth_first(pause).await;
        for (at, (&row, &end)) in order.iter().zip(&end).enumerate().skip(1) {
            let row = row as usize;
            if at.is_multiple_of(PART) {
                work.done(PART * SWEPT, pause).await;
            }
            while let Some(&(end, key, before)) = open.last()
                && end as usize <= at
            {
                last[key as usize] = before;
                open.pop();
            }
            let (key, caller) = (self.key[row], stacks.to[self.parent[row] as usize]);
            let known = if is_match(row) { last.get(key as usize).copied().unwrap_or(NONE) } else { NONE };
            stacks.to[row] = match known {
                known if known != NONE && ancestry.is_on_path(&stacks.parent, known, caller) => known,
                known => {
                    let new = stacks.push(caller, key);
                    ancestry.push(caller);
                    if let Some(last) = last.get_mut(key as usize).filter(|_| is_match(row)) {
                        open.push((end, key, known));
                        *last = new;
                    }
                    new
                }
            };
        }
        stacks
    }
}

/// New rows with their depth and a link far up, so that an ancestor at a depth is found in a logarithm of steps
/// (skew-binary jump pointers, <https://doi.org/10.1016/0020-0190(83)90106-0>).
struct Ancestry {
    depth: Vec<u32>,
    jump: Vec<u32>,
}

impl Ancestry {
    /// Of the root, with room for so many rows.
    fn of(rows: usize) -> Self {
        let [mut depth, mut jump] = [(); 2].map(|()| Vec::with_capacity(rows));
        depth.push(0);
        jump.push(0);
        Self { depth, jump }
    }

    fn push(&mut self, parent: u32) {
        let up = parent as usize;
        let far = self.jump[up] as usize;
        let is_even = self.depth[up] - self.depth[far] == self.depth[far] - self.depth[self.jump[far] as usize];
        self.jump.push(if is_even { self.jump[far] } else { parent });
        self.depth.push(self.depth[up] + 1);
    }

    /// True if `row` is `of` or above it.
    fn is_on_path(&self, parent: &[u32], row: u32, of: u32) -> bool {
        let depth = self.depth[row as usize];
        let mut at = of as usize;
        while self.depth[at] > depth {
            let far = self.jump[at] as usize;
            at = if self.depth[far] >= depth { far } else { parent[at] as usize };
        }
        at == row as usize
    }
}
