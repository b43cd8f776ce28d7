//! A trie seen from some of its functions: their callers above, what they call below.
//!
//! A stack with several of the functions, or with one that recurs, is cut once, at the outermost of them: so that
//! callers and callees put together are the stacks, and both totals are the functions' total in the top table.

use emberglass_trie::{MergedTrie, Tree, TreeOverflow, Work, YieldNow, merge_within, slices, slices_back};

use crate::layout::filled;

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

async fn outermost_of(trie: &MergedTrie, functions: &[bool], pause: &impl YieldNow) -> Vec<u32> {
    let tree = &trie.tree;
    let (mut matching, mut work) = (Vec::new(), Work::default());
    for nodes in slices(1..tree.len()) {
        work.done(nodes.len(), pause).await;
        matching.extend(nodes.map(|node| node as u32).filter(|&node| matches_at(functions, tree, node)));
    }
    outermost(tree, matching.into_iter()).collect()
}

/// Rows over the functions of a trie.
struct Rows {
    parents: Vec<u32>,
    keys: Vec<u32>,
    values: Vec<i64>,
}

impl Rows {
    fn with_capacity(rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self { parents: column(), keys: column(), values: Vec::with_capacity(rows) }
    }

    fn push(&mut self, parent: u32, key: u32, value: i64) {
        self.parents.push(parent);
        self.keys.push(key);
        self.values.push(value);
    }

    async fn merge(&self, of: &MergedTrie, pause: &impl YieldNow) -> Result<MergedTrie, TreeOverflow> {
        let merged = merge_within(of, &self.parents, &self.keys, &self.values, pause).await?;
        Ok(MergedTrie { scale: of.scale, divisor: of.divisor, output_digits: of.output_digits, ..merged })
    }
}

/// The stacks from the functions down: below the root the functions, below them what they call.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
pub async fn callees(trie: &MergedTrie, functions: &[bool], pause: &impl YieldNow) -> Result<MergedTrie, TreeOverflow> {
    let mut work = Work::default();
    let tree = &trie.tree;
    let tops = outermost_of(trie, functions, pause).await;
    let mut rows =
        Rows::with_capacity(1 + tops.iter().map(|&top| (tree.end[top as usize] - top) as usize).sum::<usize>());
    rows.push(0, u32::MAX, 0);
    for top in tops {
        // Rows of a subtree follow each other here as there.
        let moved = rows.parents.len() as u32;
        for nodes in slices(top as usize..tree.end[top as usize] as usize) {
            work.done(nodes.len(), pause).await;
            for at in nodes {
                let parent = if at == top as usize { 0 } else { tree.parent[at] - top + moved };
                rows.push(parent, tree.key[at], tree.self_value[at]);
            }
        }
    }
    rows.merge(trie, pause).await
}

/// The stacks down to the functions: all of a stack's value lies where it meets the first of them. Seen from the leaves
/// ([`crate::InvertedTree`]) it has the functions below the root, and below them their callers.
///
/// # Errors
/// As [`callees`].
pub async fn callers(trie: &MergedTrie, functions: &[bool], pause: &impl YieldNow) -> Result<MergedTrie, TreeOverflow> {
    let mut work = Work::default();
    let tree = &trie.tree;
    let mut values = filled(tree.len(), 0i64, pause).await;
    for node in outermost_of(trie, functions, pause).await {
        values[node as usize] = tree.total[node as usize];
    }
    let mut is_kept: Vec<bool> = Vec::with_capacity(tree.len());
    for nodes in slices(0..tree.len()) {
        work.done(nodes.len(), pause).await;
        is_kept.extend(values[nodes].iter().map(|&value| value != 0));
    }
    for nodes in slices_back(1..tree.len()) {
        work.done(nodes.len(), pause).await;
        for node in nodes {
            if is_kept[node] {
                is_kept[tree.parent[node] as usize] = true;
            }
        }
    }
    let mut rows = Rows::with_capacity(is_kept.iter().filter(|&&kept| kept).count());
    rows.push(0, u32::MAX, 0);
    let mut row_of = filled(tree.len(), 0u32, pause).await;
    for nodes in slices(1..tree.len()) {
        let units = nodes.len();
        for node in nodes.filter(|&node| is_kept[node]) {
            row_of[node] = rows.parents.len() as u32;
            rows.push(row_of[tree.parent[node] as usize], tree.key[node], values[node]);
        }
        work.done(units, pause).await;
    }
    rows.merge(trie, pause).await
}
