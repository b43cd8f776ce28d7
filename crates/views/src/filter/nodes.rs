//! Filters over stacks whose values are elsewhere, such as beside each record of a time chart.

use emberglass_trie::{MergedTrie, Tree, YieldNow};

use super::rows::{NONE, StackRows};
use super::{FastMap, Filters, Subject};
use crate::Names;

impl Filters {
    /// Applies the filters by frames to the stacks of a trie, whatever their values. Gives the trie of what is left, without
    /// values, and by node of `trie` where its stack is: [`u32::MAX`] if it was left out, 0 if it has no frames any more.
    pub async fn apply_to_nodes(
        &self,
        trie: MergedTrie,
        names: &Names,
        pause: &impl YieldNow,
    ) -> (MergedTrie, Vec<u32>) {
        let mut rows = StackRows::of_tree(&trie.tree, pause).await;
        self.sweep(&mut rows, &Subject::functions(&trie, names), pause).await;
        let (tree, node_of_row) = tree_of(&rows, pause).await;
        let node_of = |row: &u32| node_of_row.get(*row as usize).copied().unwrap_or(NONE);
        let to = rows.to.iter().map(node_of).collect();
        pause.yield_now().await;
        (MergedTrie { tree, ..trie }, to)
    }
}

/// The tree of rows, in which siblings of one key are one node, and by row which.
async fn tree_of(rows: &StackRows, pause: &impl YieldNow) -> (Tree, Vec<u32>) {
    let mut known: FastMap<(u32, u32), u32> = FastMap::default();
    let mut single = StackRows { parent: vec![0], key: vec![NONE], to: Vec::new() };
    let mut of_row = vec![0u32; rows.parent.len()];
    for row in 1..rows.parent.len() {
        let (parent, key) = (of_row[rows.parent[row] as usize], rows.key[row]);
        of_row[row] = *known.entry((parent, key)).or_insert_with(|| single.push(parent, key));
    }
    let (order, end) = single.depth_first(pause).await;
    let mut node_of = vec![0u32; order.len()];
    order.iter().zip(0..).for_each(|(&row, node)| node_of[row as usize] = node);
    let mut tree = Tree {
        parent: order.iter().map(|&row| node_of[single.parent[row as usize] as usize]).collect(),
        key: order.iter().map(|&row| single.key[row as usize]).collect(),
        end,
        self_value: vec![0; order.len()],
        total: vec![0; order.len()],
        depth: vec![0; order.len()],
    };
    for node in 1..tree.depth.len() {
        tree.depth[node] = tree.depth[tree.parent[node] as usize] + 1;
    }
    of_row.iter_mut().for_each(|row| *row = node_of[*row as usize]);
    (tree, of_row)
}
