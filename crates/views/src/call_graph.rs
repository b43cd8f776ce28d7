//! Who calls whom: functions and the calls between them, over all stacks.

use std::collections::HashMap;

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, TreeOverflow};
use rustc_hash::FxBuildHasher;

use crate::TopTable;

/// Calls of one function by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEdge {
    /// Who calls.
    pub caller: FunctionId,
    /// Who is called.
    pub callee: FunctionId,
    /// Value of the stacks in which the call stands, each counted once however often it recurs; not yet divided.
    pub value: i64,
}

/// See the module. Functions that recur directly call themselves.
#[derive(Clone, Debug)]
pub struct CallGraph {
    /// Self and total of each function.
    pub functions: TopTable,
    /// By falling value, then by caller and callee.
    pub edges: Vec<CallEdge>,
}

impl CallGraph {
    /// The graph of a trie.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
    pub fn new(trie: &MergedTrie) -> Result<Self, TreeOverflow> {
        let tree = &trie.tree;
        let mut row_of: HashMap<(u32, u32), u32, FxBuildHasher> = HashMap::default();
        let mut edges: Vec<CallEdge> = Vec::new();
        let mut open_until: Vec<u32> = Vec::new();
        for node in 1..tree.len() as u32 {
            let at = node as usize;
            let (Some(caller), Some(callee)) = (trie.function(tree.parent[at]), trie.function(node)) else { continue };
            let row = *row_of.entry((caller.0, callee.0)).or_insert_with(|| {
                edges.push(CallEdge { caller, callee, value: 0 });
                open_until.push(0);
                edges.len() as u32 - 1
            }) as usize;
            if node >= open_until[row] {
                open_until[row] = tree.end[at];
                let sum = &mut edges[row].value;
                *sum = sum.checked_add(tree.total[at]).ok_or(TreeOverflow)?;
            }
        }
        let order = sorted_rows(edges.len(), &mut |a, b| {
            let [a, b] = [a, b].map(|row| edges[row as usize]);
            b.value.cmp(&a.value).then((a.caller, a.callee).cmp(&(b.caller, b.callee)))
        });
        let edges = order.into_iter().map(|row| edges[row as usize]).collect();
        Ok(Self { functions: TopTable::new(trie)?, edges })
    }

    /// The `limit` functions with the largest totals, by row.
    #[must_use]
    pub fn shown(&self, limit: usize) -> Vec<bool> {
        let mut shown = vec![false; self.functions.len()];
        let total = |row: u32| self.functions.values(FunctionId(row)).1;
        let order = sorted_rows(shown.len(), &mut |a, b| total(b).cmp(&total(a)));
        order.into_iter().take(limit).for_each(|row| shown[row as usize] = true);
        shown
    }
}
