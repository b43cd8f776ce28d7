//! A merged trie by the names that an encoder writes.
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
    self_value: Vec<i128>,
    total: Vec<i128>,
}

impl NameTree {
    /// The tree of `trie` with each name passed through `rename`.
    pub(crate) fn new(trie: &MergedTrie, mut rename: impl FnMut(&str) -> String) -> Self {
        let symbols = &trie.symbols;
        let mut names = StringTable::default();
        let by_function: Vec<StringId> =
            symbols.functions.iter().map(|function| names.intern(&rename(symbols.text(function.name)))).collect();
        let mut index = ChildIndex::default();
        let mut self_value = vec![0i128];
        let mut rows = Vec::with_capacity(trie.tree.len());
        let nodes = trie.tree.parent.iter().zip(&trie.tree.key).zip(&trie.tree.self_value);
        for (node, ((&parent, &key), &value)) in nodes.enumerate() {
            let row = if node == 0 {
                0
            } else {
                let name = by_function.get(FunctionId(key).index()).copied().unwrap_or_default();
                index.child(rows.get(parent as usize).copied().unwrap_or(0), name.0).0
            };
            self_value.resize(index.len(), 0);
            self_value[row as usize] += i128::from(value);
            rows.push(row);
        }
        let total = totals(index.parents(), &self_value);
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

    /// Value of the samples that end in a node.
    pub(crate) fn self_value(&self, node: u32) -> i128 {
        self.self_value[node as usize]
    }

    /// Value of the samples that pass a node.
    pub(crate) fn total(&self, node: u32) -> i128 {
        self.total[node as usize]
    }

    /// Totals of all nodes but the root.
    pub(crate) fn totals(&self) -> &[i128] {
        &self.total[1..]
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
