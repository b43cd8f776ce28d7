//! Who calls whom: functions and the calls between them, over all stacks.

use std::collections::HashMap;

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once, slices};
use rustc_hash::FxBuildHasher;

use crate::TopTable;

/// Units of work of a node, see [`Work`].
const UNITS: usize = 15;

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
    edges: Vec<CallEdge>,
}

impl CallGraph {
    /// The graph of a trie.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
    pub fn new(trie: &MergedTrie) -> Result<Self, TreeOverflow> {
        at_once(Self::sliced(trie, &NoYield))
    }

    /// As [`Self::new`], in slices.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn sliced(trie: &MergedTrie, pause: &impl YieldNow) -> Result<Self, TreeOverflow> {
        let tree = &trie.tree;
        let mut work = Work::default();
        let mut row_of: HashMap<(u32, u32), u32, FxBuildHasher> = HashMap::default();
        let mut edges: Vec<CallEdge> = Vec::new();
        let mut open_until: Vec<u32> = Vec::new();
        for nodes in slices(1..tree.len()) {
            let units = nodes.len() * UNITS;
            for at in nodes {
                let node = at as u32;
                let caller = trie.function(tree.parent[at]);
                let (Some(caller), Some(callee)) = (caller, trie.function(node)) else { continue };
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
            work.done(units, pause).await;
        }
        Ok(Self { functions: TopTable::sliced(trie, pause).await?, edges })
    }

    /// The `limit` functions with the largest totals, by row.
    #[must_use]
    pub fn shown(&self, limit: usize) -> Vec<bool> {
        let mut shown = vec![false; self.functions.len()];
        let total = |row: u32| self.functions.values(FunctionId(row)).1;
        let mut rows: Vec<u32> = (0..shown.len() as u32).collect();
        if limit < rows.len() {
            rows.select_nth_unstable_by(limit, |&a, &b| total(b).cmp(&total(a)).then(a.cmp(&b)));
        }
        rows.into_iter().take(limit).for_each(|row| shown[row as usize] = true);
        shown
    }

    /// Number of calls in all.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.edges.len()
    }

    /// The calls among functions, by falling value, then by caller and callee.
    #[must_use]
    pub fn among(&self, functions: &[bool]) -> Vec<CallEdge> {
        let is_among = |of: FunctionId| functions.get(of.index()) == Some(&true);
        let among = self.edges.iter().filter(|edge| is_among(edge.caller) && is_among(edge.callee));
        let among: Vec<CallEdge> = among.copied().collect();
        let order = sorted_rows(among.len(), &mut |a, b| {
            let [a, b] = [a, b].map(|row| among[row as usize]);
            b.value.cmp(&a.value).then((a.caller, a.callee).cmp(&(b.caller, b.callee)))
        });
        order.into_iter().map(|row| among[row as usize]).collect()
    }
}
