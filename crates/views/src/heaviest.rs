//! Whole stacks by their value.

use emberglass_columns::sorted_rows;
use emberglass_trie::MergedTrie;

/// Nodes in which stacks end, by falling self value; equal ones in the order of the tree. The stack of a node is its
/// [`crate::path`].
#[must_use]
pub fn heaviest_stacks(trie: &MergedTrie) -> Vec<u32> {
    let values = &trie.tree.self_value;
    let ends: Vec<u32> = (0..trie.tree.len() as u32).filter(|&node| values[node as usize] != 0).collect();
    let value = |at: u32| values[ends[at as usize] as usize];
    sorted_rows(ends.len(), &mut |a, b| value(b).cmp(&value(a))).into_iter().map(|at| ends[at as usize]).collect()
}
