//! A trie seen from some of its functions: their callers above, what they call below.
//!
//! A stack with several of the functions, or with one that recurs, is cut once, at the outermost of them: so that
//! callers and callees put together are the stacks, and both totals are the functions' total in the top table.

use emberglass_trie::{MergedTrie, Merger, Tree, TreeOverflow};

/// True if `functions` (by row) has the function of a node.
pub(crate) fn matches_at(functions: &[bool], tree: &Tree, node: u32) -> bool {
    node != 0 && functions.get(tree.key[node as usize] as usize).copied().unwrap_or(false)
}

/// Those of `nodes` (ascending) that lie below none of the others.
pub(crate) fn outermost(tree: &Tree, nodes: impl Iterator<Item = u32>) -> impl Iterator<Item = u32> {
    let mut open_until = 0;
    nodes.filter(move |&node| {
        let is_outermost = node >= open_until;
        if is_outermost {
            open_until = tree.end[node as usize];
        }
        is_outermost
    })
}

fn outermost_of(trie: &MergedTrie, functions: &[bool]) -> Vec<u32> {
    let tree = &trie.tree;
    outermost(tree, (1..tree.len() as u32).filter(|&node| matches_at(functions, tree, node))).collect()
}

/// Rows over the functions of a trie.
#[derive(Default)]
struct Rows {
    parents: Vec<u32>,
    keys: Vec<u32>,
    values: Vec<i64>,
}

impl Rows {
    fn push(&mut self, parent: u32, key: u32, value: i64) {
        self.parents.push(parent);
        self.keys.push(key);
        self.values.push(value);
    }

    fn merge(&self, of: &MergedTrie) -> Result<MergedTrie, TreeOverflow> {
        let mut merger = Merger::new(of.granularity);
        merger.add_part(of, &self.parents, &self.keys, &self.values)?;
        let merged = merger.finish()?;
        Ok(MergedTrie { scale: of.scale, divisor: of.divisor, output_digits: of.output_digits, ..merged })
    }
}

/// The stacks from the functions down: below the root the functions, below them what they call.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
pub fn callees(trie: &MergedTrie, functions: &[bool]) -> Result<MergedTrie, TreeOverflow> {
    let tree = &trie.tree;
    let mut rows = Rows::default();
    rows.push(0, u32::MAX, 0);
    for top in outermost_of(trie, functions) {
        // Rows of a subtree follow each other here as there.
        let moved = rows.parents.len() as u32;
        for node in top..tree.end[top as usize] {
            let at = node as usize;
            let parent = if node == top { 0 } else { tree.parent[at] - top + moved };
            rows.push(parent, tree.key[at], tree.self_value[at]);
        }
    }
    rows.merge(trie)
}

/// The stacks down to the functions: all of a stack's value lies where it meets the first of them. Seen from the leaves
/// ([`crate::InvertedTree`]) it has the functions below the root, and below them their callers.
///
/// # Errors
/// As [`callees`].
pub fn callers(trie: &MergedTrie, functions: &[bool]) -> Result<MergedTrie, TreeOverflow> {
    let tree = &trie.tree;
    let mut values = vec![0i64; tree.len()];
    for node in outermost_of(trie, functions) {
        values[node as usize] = tree.total[node as usize];
    }
    let mut is_kept: Vec<bool> = values.iter().map(|&value| value != 0).collect();
    for node in (1..tree.len()).rev() {
        if is_kept[node] {
            is_kept[tree.parent[node] as usize] = true;
        }
    }
    let mut rows = Rows::default();
    rows.push(0, u32::MAX, 0);
    let mut row_of = vec![0u32; tree.len()];
    for node in (1..tree.len()).filter(|&node| is_kept[node]) {
        row_of[node] = rows.parents.len() as u32;
        rows.push(row_of[tree.parent[node] as usize], tree.key[node], values[node]);
    }
    rows.merge(trie)
}
