//! The verbs as one sweep over the rows of a trie each.
//!
//! Rows are in depth-first order, so that what holds for a stack follows from what holds for its caller's. Each sweep spells
//! the stacks that are left, callers first; the merger makes equal ones one.

use emberglass_trie::{MergedTrie, Merger, Tree, TreeOverflow};

use super::Verb;

const NONE: u32 = u32::MAX;

/// Stacks under way: a new row for each frame that stays.
struct Stacks {
    parent: Vec<u32>,
    key: Vec<u32>,
    value: Vec<i64>,
    /// Where the value of each old row goes; [`NONE`] for nowhere.
    to: Vec<u32>,
}

impl Stacks {
    fn new(rows: usize) -> Self {
        Self { parent: vec![0], key: vec![NONE], value: vec![0], to: Vec::with_capacity(rows) }
    }

    fn push(&mut self, parent: u32, key: u32) -> u32 {
        self.parent.push(parent);
        self.key.push(key);
        self.value.push(0);
        self.parent.len() as u32 - 1
    }
}

/// Applies a verb; `matching` says by function which frames it is about.
pub(super) fn apply(trie: &MergedTrie, verb: Verb, matching: &[bool]) -> Result<MergedTrie, TreeOverflow> {
    let tree = &trie.tree;
    let is_match = |row: usize| row > 0 && matching.get(tree.key[row] as usize).copied().unwrap_or(false);
    let mut merger = Merger::new(trie.granularity);
    match verb {
        Verb::Focus | Verb::Ignore | Verb::Drop => {
            let mut met = vec![false; tree.len()];
            for row in 1..tree.len() {
                met[row] = met[tree.parent[row] as usize] || is_match(row);
            }
            let keeps = verb == Verb::Focus;
            let mut values: Vec<i64> =
                tree.self_value.iter().zip(&met).map(|(&value, &met)| if met == keeps { value } else { 0 }).collect();
            if let Some(without_frames) = values.first_mut().filter(|_| verb.needs_frames()) {
                *without_frames = 0;
            }
            merger.add_part(trie, &tree.parent, &tree.key, &values)?;
        }
        Verb::Hide | Verb::Merge | Verb::ShowFrom | Verb::CollapseFunction | Verb::Collapse => {
            let mut stacks = match verb {
                Verb::ShowFrom => show_from(tree, is_match),
                Verb::CollapseFunction => collapse_function(tree, is_match),
                Verb::Collapse => collapse_recursion(tree, matching.len(), is_match),
                _ => hide(tree, is_match),
            };
            if verb.needs_frames() {
                stacks.to.iter_mut().filter(|to| **to == 0).for_each(|to| *to = NONE);
            }
            for (&to, &value) in stacks.to.iter().zip(&tree.self_value) {
                if let Some(sum) = stacks.value.get_mut(to as usize) {
                    *sum = sum.checked_add(value).ok_or(TreeOverflow)?;
                }
            }
            merger.add_part(trie, &stacks.parent, &stacks.key, &stacks.value)?;
        }
    }
    merger.finish()
}

fn hide(tree: &Tree, is_match: impl Fn(usize) -> bool) -> Stacks {
    let mut stacks = Stacks::new(tree.len());
    for row in 0..tree.len() {
        let caller = if row == 0 { 0 } else { stacks.to[tree.parent[row] as usize] };
        let to = if row == 0 || is_match(row) { caller } else { stacks.push(caller, tree.key[row]) };
        stacks.to.push(to);
    }
    stacks
}

fn show_from(tree: &Tree, is_match: impl Fn(usize) -> bool) -> Stacks {
    let mut stacks = Stacks::new(tree.len());
    for row in 0..tree.len() {
        let caller = if row == 0 { NONE } else { stacks.to[tree.parent[row] as usize] };
        let to = match (caller, is_match(row)) {
            (NONE, false) => NONE,
            (NONE, true) => stacks.push(0, tree.key[row]),
            _ => stacks.push(caller, tree.key[row]),
        };
        stacks.to.push(to);
    }
    stacks
}

fn collapse_function(tree: &Tree, is_match: impl Fn(usize) -> bool) -> Stacks {
    let mut stacks = Stacks::new(tree.len());
    let mut is_inside = vec![false; tree.len()];
    for row in 0..tree.len() {
        let above = tree.parent[row] as usize;
        let caller = if row == 0 { 0 } else { stacks.to[above] };
        is_inside[row] = is_match(row) || is_inside[above];
        let to = if row == 0 || is_inside[above] { caller } else { stacks.push(caller, tree.key[row]) };
        stacks.to.push(to);
    }
    stacks
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

/// Where a function that matches stands on what is left of the stack already, the stack is cut back to it.
fn collapse_recursion(tree: &Tree, functions: usize, is_match: impl Fn(usize) -> bool) -> Stacks {
    let mut stacks = Stacks::new(tree.len());
    let mut ancestry = Ancestry { depth: vec![0], jump: vec![0] };
    // By function its last new row above the old one at hand, and what it was before: put back behind the subtree.
    let mut last: Vec<u32> = vec![NONE; functions];
    let mut open: Vec<(u32, u32, u32)> = Vec::new();
    for row in 0..tree.len() {
        if row == 0 {
            stacks.to.push(0);
            continue;
        }
        while let Some(&(end, function, before)) = open.last()
            && end as usize <= row
        {
            last[function as usize] = before;
            open.pop();
        }
        let (key, caller) = (tree.key[row], stacks.to[tree.parent[row] as usize]);
        let known = if is_match(row) { last.get(key as usize).copied().unwrap_or(NONE) } else { NONE };
        let to = match known {
            known if known != NONE && ancestry.is_on_path(&stacks.parent, known, caller) => known,
            known => {
                let new = stacks.push(caller, key);
                ancestry.push(caller);
                if let Some(last) = last.get_mut(key as usize).filter(|_| is_match(row)) {
                    open.push((tree.end[row], key, known));
                    *last = new;
                }
                new
            }
        };
        stacks.to.push(to);
    }
    stacks
}
