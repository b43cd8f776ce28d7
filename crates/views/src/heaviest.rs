//! Whole stacks by their value.

use emberglass_trie::{MergedTrie, NoYield, YieldNow, at_once, sorted};

/// Nodes in which stacks end, by falling self value; equal ones in the order of the tree. The stack of a node is its
/// [`crate::path`].
#[must_use]
pub fn heaviest_stacks(trie: &MergedTrie) -> Vec<u32> {
    at_once(heaviest_stacks_sliced(trie, &NoYield))
}

/// As [`heaviest_stacks`], in slices.
pub async fn heaviest_stacks_sliced(trie: &MergedTrie, pause: &impl YieldNow) -> Vec<u32> {
    let values = &trie.tree.self_value;
    let ends: Vec<u32> = (0..trie.tree.len() as u32).filter(|&node| values[node as usize] != 0).collect();
    let value = |at: u32| values[ends[at as usize] as usize];
    let order = sorted(ends.len(), &mut |a, b| value(b).cmp(&value(a)), pause).await;
    order.into_iter().map(|at| ends[at as usize]).collect()
}
