//! The verbs as one sweep over rows of stacks each.
//!
//! A parent's row is smaller than its child's, so that what holds for a stack follows from what holds for its caller's. Each
//! sweep spells the stacks that are left, callers first; whoever takes them makes equal ones one.

use emberglass_labels::StackEnds;
use emberglass_profile::StackTable;
use emberglass_trie::{Work, YieldNow};

use super::Verb;

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
            self.to.iter_mut().filter(|to| **to == 0).for_each(|to| *to = NONE);
        }
        changes
    }

    async fn change(&mut self, verb: Verb, matching: &[bool], pause: &impl YieldNow) {
        let is_match = |row: usize| row > 0 && matching.get(self.key[row] as usize).copied().unwrap_or(false);
        let next = match verb {
            Verb::Focus | Verb::Ignore | Verb::Drop => {
                let mut met = vec![false; self.parent.len()];
                for row in 1..met.len() {
                    met[row] = met[self.parent[row] as usize] || is_match(row);
                }
                let keeps = verb == Verb::Focus;
                self.to.iter_mut().filter(|to| met.get(**to as usize) != Some(&keeps)).for_each(|to| *to = NONE);
                None
            }
            Verb::Hide | Verb::Merge => Some(self.hide(is_match)),
            Verb::Show => Some(self.hide(|row| !is_match(row))),
            Verb::ShowFrom => Some(self.show_from(is_match)),
            Verb::CollapseFunction => Some(self.collapse_function(is_match)),
            Verb::Collapse => Some(self.collapse_recursion(matching.len(), is_match, pause).await),
        };
        if let Some(next) = next {
            let Self { parent, key, to: of_rows } = next;
            self.to.iter_mut().for_each(|to| *to = of_rows.get(*to as usize).copied().unwrap_or(NONE));
            (self.parent, self.key) = (parent, key);
        }
    }

    fn begin(&self) -> Self {
        Self { parent: vec![0], key: vec![NONE], to: Vec::with_capacity(self.parent.len()) }
    }

    pub(super) fn push(&mut self, parent: u32, key: u32) -> u32 {
        self.parent.push(parent);
        self.key.push(key);
        self.parent.len() as u32 - 1
    }

    fn hide(&self, is_match: impl Fn(usize) -> bool) -> Self {
        let mut stacks = self.begin();
        for row in 0..self.parent.len() {
            let caller = if row == 0 { 0 } else { stacks.to[self.parent[row] as usize] };
            let to = if row == 0 || is_match(row) { caller } else { stacks.push(caller, self.key[row]) };
            stacks.to.push(to);
        }
        stacks
    }

    fn show_from(&self, is_match: impl Fn(usize) -> bool) -> Self {
        let mut stacks = self.begin();
        for row in 0..self.parent.len() {
            let caller = if row == 0 { NONE } else { stacks.to[self.parent[row] as usize] };
            let to = match (caller, is_match(row)) {
                (NONE, false) => NONE,
                (NONE, true) => stacks.push(0, self.key[row]),
                _ => stacks.push(caller, self.key[row]),
            };
            stacks.to.push(to);
        }
        stacks
    }

    fn collapse_function(&self, is_match: impl Fn(usize) -> bool) -> Self {
        let mut stacks = self.begin();
        let mut is_inside = vec![false; self.parent.len()];
        for row in 0..self.parent.len() {
            let above = self.parent[row] as usize;
            let caller = if row == 0 { 0 } else { stacks.to[above] };
            is_inside[row] = is_match(row) || is_inside[above];
            let to = if row == 0 || is_inside[above] { caller } else { stacks.push(caller, self.key[row]) };
            stacks.to.push(to);
        }
        stacks
    }

    /// Rows in depth-first order, callers first, each with the place behind its last descendant.
    pub(super) fn depth_first(&self) -> (Vec<u32>, Vec<u32>) {
        let rows = self.parent.len();
        let (mut first_child, mut next_sibling) = (vec![NONE; rows], vec![NONE; rows]);
        let mut size = vec![1u32; rows];
        for row in (1..rows).rev() {
            let parent = self.parent[row] as usize;
            next_sibling[row] = first_child[parent];
            first_child[parent] = row as u32;
            size[parent] += size[row];
        }
        let mut order = Vec::with_capacity(rows);
        let mut open: Vec<u32> = vec![0];
        while let Some(row) = open.pop() {
            order.push(row);
            open.extend(Some(next_sibling[row as usize]).filter(|&next| next != NONE));
            open.extend(Some(first_child[row as usize]).filter(|&child| child != NONE));
        }
        let end = order.iter().enumerate().map(|(at, &row)| at as u32 + size[row as usize]).collect();
        (order, end)
    }

    /// Where a function that matches stands on what is left of the stack already, the stack is cut back to it.
    async fn collapse_recursion(&self, keys: usize, is_match: impl Fn(usize) -> bool, pause: &impl YieldNow) -> Self {
        let mut work = Work::default();
        let mut stacks = self.begin();
        stacks.to.resize(self.parent.len(), 0);
        let mut ancestry = Ancestry { depth: vec![0], jump: vec![0] };
        // By key its last new row above the old one at hand, and what it was before: put back behind the subtree.
        let mut last: Vec<u32> = vec![NONE; keys];
        let mut open: Vec<(u32, u32, u32)> = Vec::new();
        let (order, end) = self.depth_first();
        work.done(order.len() * super::SWEPT, pause).await;
        for (at, (&row, &end)) in order.iter().zip(&end).enumerate().skip(1) {
            let row = row as usize;
            if at.is_multiple_of(PART) {
                work.done(PART * super::SWEPT, pause).await;
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
