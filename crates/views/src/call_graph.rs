//! Who calls whom: functions and the calls between them, over all stacks.

use emberglass_columns::{CountingSort, sorted_rows};
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once, slices};

use crate::TopTable;

/// Nodes that are sorted between two looks at the [`Work`] that was done, and units of one.
const PART: usize = 1 << 14;
const SORTED: usize = 3;
/// Units of work of a node whose call is counted.
const COUNTED: usize = 20;

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
    /// Who calls, and the value of the calls: those of a callee one after the other.
    callers: Vec<FunctionId>,
    values: Vec<i64>,
    /// By function, where the calls of it end.
    ends: Vec<u32>,
}

/// The nodes of each function one after the other, those of one function in ascending order.
async fn nodes_by_function(trie: &MergedTrie, pause: &impl YieldNow) -> Vec<u32> {
    let keyed = |node: usize| trie.function(node as u32).map(|FunctionId(key)| (node as u32, key));
    let mut work = Work::default();
    let mut sort = CountingSort::new(trie.symbols.functions.len());
    while sort.step(PART, trie.tree.len(), keyed) {
        work.done(PART * SORTED, pause).await;
    }
    sort.finish().0
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
        let functions = TopTable::sliced(trie, pause).await?;
        let nodes = nodes_by_function(trie, pause).await;
        let (mut callers, mut values, mut ends) = (Vec::new(), Vec::new(), vec![0u32; functions.len()]);
        // By caller one more than the row of its calls, of this callee where it is beyond `first`, else of one before.
        let mut row_of = vec![0u32; functions.len()];
        let (mut first, mut open_until, mut last) = (0, Vec::new(), None);
        let mut work = Work::default();
        for part in slices(0..nodes.len()) {
            let units = part.len() * COUNTED;
            for &node in &nodes[part] {
                let at = node as usize;
                let callee = trie.function(node);
                let (Some(of), Some(caller)) = (callee, trie.function(tree.parent[at])) else { continue };
                if callee != last {
                    (first, last) = (values.len() as u32, callee);
                    open_until.clear();
                }
                let known = &mut row_of[caller.index()];
                if *known <= first {
                    callers.push(caller);
                    values.push(0i64);
                    open_until.push(0);
                    *known = values.len() as u32;
                    ends[of.index()] = *known;
                }
                let row = *known - 1;
                let open_until = &mut open_until[(row - first) as usize];
                if node >= *open_until {
                    *open_until = tree.end[at];
                    let sum = &mut values[row as usize];
                    *sum = sum.checked_add(tree.total[at]).ok_or(TreeOverflow)?;
                }
            }
            work.done(units, pause).await;
        }
        let mut end = 0;
        for of in &mut ends {
            end = end.max(*of);
            *of = end;
        }
        Ok(Self { functions, callers, values, ends })
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
        self.values.len()
    }

    /// The calls of a function.
    fn calls_of(&self, callee: FunctionId) -> impl Iterator<Item = CallEdge> {
        let end = |of: usize| self.ends.get(of).map_or(0, |&end| end as usize);
        let rows = callee.index().checked_sub(1).map_or(0, end)..end(callee.index());
        rows.map(move |row| CallEdge { caller: self.callers[row], callee, value: self.values[row] })
    }

    /// The calls among functions, by falling value, then by caller and callee.
    #[must_use]
    pub fn among(&self, functions: &[bool]) -> Vec<CallEdge> {
        let is_among = |of: FunctionId| functions.get(of.index()) == Some(&true);
        let callees = (0..self.ends.len() as u32).map(FunctionId).filter(|&callee| is_among(callee));
        let among = callees.flat_map(|callee| self.calls_of(callee)).filter(|edge| is_among(edge.caller));
        let among: Vec<CallEdge> = among.collect();
        let order = sorted_rows(among.len(), &mut |a, b| {
            let [a, b] = [a, b].map(|row| among[row as usize]);
            b.value.cmp(&a.value).then((a.caller, a.callee).cmp(&(b.caller, b.callee)))
        });
        order.into_iter().map(|row| among[row as usize]).collect()
    }
}
