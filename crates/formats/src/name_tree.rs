//! Merged tries by the names that an encoder writes: one tree, with a column of values for each trie.
//!
//! Encoders change names (`;` in folded stacks, type parameters in flamebearer), which can make siblings
//! equal: they are merged here. Siblings are sorted by the bytes of their names, no two are equal.

use emberglass_columns::{sort_rows, sorted_rows};
use emberglass_profile::{ErrorCode, FunctionId, InputError, StringId, StringTable};
use emberglass_trie::{ChildIndex, MergedTrie};

/// Nodes in columns; row 0 is the root, a parent's row is smaller than its child's.
pub(crate) struct NameTree {
    pub(crate) names: StringTable,
    name: Vec<StringId>,
    /// Children of all nodes, those of one node together and in order.
    children: Vec<u32>,
    /// Where the children of each node start; one more at the end.
    first_child: Vec<usize>,
    /// One column a trie.
    self_value: Vec<Vec<i128>>,
    total: Vec<Vec<i128>>,
}

impl NameTree {
    /// The tree of `tries` with each name passed through `rename`; every trie's nodes are in it.
    pub(crate) fn new(tries: &[&MergedTrie], mut rename: impl FnMut(&str) -> String) -> Self {
        let mut names = StringTable::default();
        let mut index = ChildIndex::default();
        let mut self_value = vec![vec![0i128]; tries.len()];
        for (trie, self_value) in tries.iter().zip(&mut self_value) {
            let MergedTrie { symbols, tree, .. } = trie;
            let by_function: Vec<StringId> =
                symbols.functions.iter().map(|function| names.intern(&rename(symbols.text(function.name)))).collect();
            let mut rows = Vec::with_capacity(tree.len());
            let nodes = tree.parent.iter().zip(&tree.key).zip(&tree.self_value);
            for (node, ((&parent, &key), &value)) in nodes.enumerate() {
                let row = if node == 0 {
                    0
                } else {
                    let name = by_function.get(FunctionId(key).index()).copied().unwrap_or_default();
                    index.child(rows.get(parent as usize).copied().unwrap_or(0), name.0).0
                };
                self_value.resize(self_value.len().max(row as usize + 1), 0);
                self_value[row as usize] += i128::from(value);
                rows.push(row);
            }
        }
        self_value.iter_mut().for_each(|column| column.resize(index.len(), 0));
        let total = self_value.iter().map(|column| totals(index.parents(), column)).collect();
        let (children, first_child) = sorted_children(&index, &names);
        let name = index.keys().iter().map(|&key| StringId(key)).collect();
        Self { names, name, children, first_child, self_value, total }
    }

    /// Name of a node; meaningless for the root.
    pub(crate) fn name(&self, node: u32) -> StringId {
        self.name[node as usize]
    }

    /// Children in the order of their names.
    pub(crate) fn children(&self, node: u32) -> &[u32] {
        &self.children[self.first_child[node as usize]..self.first_child[node as usize + 1]]
    }

    /// Value of the samples that end in a node, of one of the tries.
    pub(crate) fn self_value(&self, trie: usize, node: u32) -> i128 {
        self.self_value[trie][node as usize]
    }

    /// Value of the samples that pass a node, of one of the tries.
    pub(crate) fn total(&self, trie: usize, node: u32) -> i128 {
        self.total[trie][node as usize]
    }

    /// The smallest total that is kept of a tree that may have `max_nodes` nodes, of several tries the largest of each
    /// node; `None` keeps all.
    pub(crate) fn threshold(&self, max_nodes: Option<usize>) -> Option<i128> {
        let max_nodes = max_nodes.filter(|&max_nodes| max_nodes > 0)?;
        let largest = |node: usize| self.total.iter().map(|column| column[node]).max().unwrap_or(0);
        let mut totals: Vec<i128> = (1..self.name.len()).map(largest).collect();
        if totals.len() <= max_nodes {
            return None;
        }
        let (_, smallest, _) = totals.select_nth_unstable_by(max_nodes - 1, |a, b| b.cmp(a));
        Some(*smallest)
    }
}

fn totals(parents: &[u32], self_value: &[i128]) -> Vec<i128> {
    let mut total = self_value.to_vec();
    for node in (1..total.len()).rev() {
        total[parents[node] as usize] += total[node];
    }
    total
}

fn sorted_children(index: &ChildIndex, names: &StringTable) -> (Vec<u32>, Vec<usize>) {
    let by_name = sorted_rows(names.len(), &mut |a, b| names.get(StringId(a)).cmp(names.get(StringId(b))));
    let mut rank = vec![0u32; names.len()];
    for (at, &id) in by_name.iter().enumerate() {
        rank[id as usize] = at as u32;
    }
    let (parents, keys) = (index.parents(), index.keys());
    let mut children: Vec<u32> = (1..index.len() as u32).collect();
    let place = |node: u32| (parents[node as usize], rank[keys[node as usize] as usize]);
    sort_rows(&mut children, &mut |a, b| place(a).cmp(&place(b)));
    let mut first_child = vec![0; index.len() + 1];
    for &parent in &parents[1..] {
        first_child[parent as usize + 1] += 1;
    }
    for node in 0..index.len() {
        first_child[node + 1] += first_child[node];
    }
    (children, first_child)
}

/// `value` / `divisor`, rounded half away from zero.
pub(crate) fn rounded(value: i128, divisor: i128) -> i128 {
    let half = divisor / 2;
    let shifted = if value < 0 { value - half } else { value + half };
    // For an odd divisor half is rounded down, and no value lies exactly between two results.
    shifted / divisor
}

/// A value that must fit 64 bits to be written.
pub(crate) fn fit(value: i128) -> Result<i64, InputError> {
    i64::try_from(value).map_err(|_overflow| {
        InputError::new(ErrorCode::ValueOverflow, format!("the sum of the values, {value}, is beyond 64 bits"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn halves_round_away_from_zero(value in -1000i128..1000, divisor in 1i128..50) {
            let exact = value as f64 / divisor as f64;
            prop_assert_eq!(rounded(value, divisor), exact.round() as i128);
        }
    }
}
