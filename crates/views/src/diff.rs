//! Two selections side by side, function by function.

use std::ops::Range;

use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, YieldNow, at_once, sorted};

use crate::top::sums_by;
use crate::{Change, DiffTree};

/// Values of one function name on both sides, not yet divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffRow {
    /// Its name; empty where unknown.
    pub name: String,
    /// Rows of the functions of that name in the union tree.
    pub functions: Range<u32>,
    /// Values of samples that end in it: base, head.
    pub self_value: [i64; 2],
    /// Values of samples that pass through it, each counted once: base, head.
    pub total: [i64; 2],
    /// What became of its total: where shares are compared, of its share.
    pub change: Change,
}

/// All functions of two tries, those whose share of their side's total grew most first.
#[derive(Clone, Debug)]
pub struct FunctionDiff {
    /// Total of each side, not yet divided.
    pub totals: [i64; 2],
    /// The functions.
    pub rows: Vec<DiffRow>,
}

/// `part[1]` / `whole[1]` - `part[0]` / `whole[0]`: how a share changed. A side without a total has no shares: 0.
#[must_use]
pub fn share_change(part: [i64; 2], whole: [i64; 2]) -> f64 {
    let [base, head] = part.map(i128::from);
    let [of_base, of_head] = whole.map(i128::from);
    match (of_base, of_head) {
        (0, 0) => 0.0,
        (0, _) => head as f64 / of_head as f64,
        (_, 0) => -(base as f64 / of_base as f64),
        // One division: a change of exactly a twentieth is exactly 0.05.
        _ => (head * of_base - base * of_head) as f64 / (of_base * of_head) as f64,
    }
}

impl FunctionDiff {
    /// Compares two tries by function name ([`emberglass_trie::Granularity::Name`]).
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
    pub fn new(base: &MergedTrie, head: &MergedTrie) -> Result<Self, TreeOverflow> {
        Self::of_tree(&DiffTree::new(base, head, true)?)
    }

    /// The functions of a diff by name: a stack that passes functions of one name in several files counts once.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_tree(diff: &DiffTree) -> Result<Self, TreeOverflow> {
        at_once(Self::sliced(diff, &NoYield))
    }

    /// As [`Self::of_tree`], in slices.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn sliced(diff: &DiffTree, pause: &impl YieldNow) -> Result<Self, TreeOverflow> {
        let DiffTree { trie, base_self, base_total, .. } = diff;
        let symbols = &trie.symbols;
        let mut rows: Vec<DiffRow> = Vec::new();
        let mut row_of = Vec::with_capacity(symbols.functions.len());
        let mut last = None;
        // Functions are sorted by name.
        for (at, function) in symbols.functions.iter().enumerate() {
            let at = at as u32;
            if last != Some(function.name) {
                let name = symbols.text(function.name).to_owned();
                rows.push(DiffRow { name, functions: at..at, ..DiffRow::default() });
                last = Some(function.name);
            }
            if let Some(row) = rows.last_mut() {
                row.functions.end = at + 1;
            }
            row_of.push(rows.len() as u32 - 1);
        }
        for (side, [own, total]) in
            [[base_self, base_total], [&trie.tree.self_value, &trie.tree.total]].into_iter().enumerate()
        {
            let (own, total) = sums_by(&trie.tree, own, total, rows.len(), |key| row_of[key as usize], pause).await?;
            for (row, (own, total)) in rows.iter_mut().zip(own.into_iter().zip(total)) {
                row.self_value[side] = own;
                row.total[side] = total;
            }
        }
        rows.iter_mut().for_each(|row| row.change = diff.change(row.total));
        let totals = diff.totals();
        let changes: Vec<[f64; 2]> =
            rows.iter().map(|row| [share_change(row.total, totals), share_change(row.self_value, totals)]).collect();
        let mut compare = |a: u32, b: u32| {
            let [a, b] = [a, b].map(|row| changes[row as usize]);
            b[0].total_cmp(&a[0]).then(b[1].total_cmp(&a[1]))
        };
        let order = sorted(rows.len(), &mut compare, pause).await;
        let rows = order.into_iter().map(|row| std::mem::take(&mut rows[row as usize])).collect();
        Ok(Self { totals, rows })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use emberglass_profile::{AttributeSetId, Batch, Frame, Function, ProfileEntry, SampleTableBuilder};
    use emberglass_trie::{Granularity, Merger, StackBuilder};
    use proptest::prelude::*;

    use super::*;

    type Stacks = BTreeMap<Vec<u32>, i64>;

    fn trie(stacks: &Stacks) -> MergedTrie {
        let mut batch = Batch::default();
        let mut builder = StackBuilder::default();
        let mut table = SampleTableBuilder::new(&[0]);
        for (stack, &value) in stacks {
            let frames: Vec<_> = stack
                .iter()
                .map(|function| {
                    let name = batch.symbols.strings.intern(&format!("f{function}"));
                    // Two files of one name are one function here.
                    let file = batch.symbols.strings.intern(&format!("file{}", stack.len() % 2));
                    let function = batch.symbols.functions.intern(Function { name, file, ..Function::default() });
                    batch.symbols.frames.intern(Frame { function, ..Frame::default() })
                })
                .collect();
            table.add(builder.insert(frames), AttributeSetId::EMPTY, &[value]).unwrap();
        }
        batch.stacks = builder.finish();
        batch.tables = vec![table.finish()];
        let mut merger = Merger::new(Granularity::Function);
        merger.add_profile(&batch, &ProfileEntry::default()).unwrap();
        merger.finish().unwrap()
    }

    fn naive(stacks: &Stacks) -> BTreeMap<String, (i64, i64)> {
        let mut all: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (stack, value) in stacks {
            for function in stack.iter().collect::<BTreeSet<_>>() {
                all.entry(format!("f{function}")).or_default().1 += value;
            }
            if let Some(leaf) = stack.last() {
                all.entry(format!("f{leaf}")).or_default().0 += value;
            }
        }
        all
    }

    fn stacks() -> impl Strategy<Value = Stacks> {
        proptest::collection::btree_map(proptest::collection::vec(0u32..6, 0..5), 1i64..100, 0..20)
    }

    proptest! {
        #[test]
        fn equals_two_maps_side_by_side(base in stacks(), head in stacks()) {
            let diff = FunctionDiff::new(&trie(&base), &trie(&head)).unwrap();
            let sides = [naive(&base), naive(&head)];
            let totals = [base.values().sum::<i64>(), head.values().sum()];
            prop_assert_eq!(diff.totals, totals);
            let names: BTreeSet<&String> = sides.iter().flat_map(BTreeMap::keys).collect();
            prop_assert_eq!(diff.rows.len(), names.len());
            for row in &diff.rows {
                for (side, of) in sides.iter().enumerate() {
                    let expected = of.get(&row.name).copied().unwrap_or_default();
                    prop_assert_eq!((row.self_value[side], row.total[side]), expected);
                }
                let expected = match row.total {
                    [0, _] => Change::New,
                    [_, 0] => Change::Gone,
                    _ if share_change(row.total, totals) > 0.0 => Change::Grown,
                    _ if share_change(row.total, totals) < 0.0 => Change::Shrunk,
                    _ => Change::Same,
                };
                prop_assert_eq!(row.change, expected);
            }
            let changes: Vec<f64> = diff.rows.iter().map(|row| share_change(row.total, totals)).collect();
            prop_assert!(changes.is_sorted_by(|a, b| a >= b));
        }
    }

    #[test]
    fn shares_change_exactly() {
        assert_eq!(share_change([50, 55], [100, 100]), 0.05);
        assert_eq!(share_change([0, 7], [0, 14]), 0.5);
        assert_eq!(share_change([7, 0], [14, 0]), -0.5);
        assert_eq!(share_change([i64::MAX, i64::MAX], [i64::MAX, i64::MAX]), 0.0);
    }
}
