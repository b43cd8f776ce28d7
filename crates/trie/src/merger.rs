//! Merges layers of samples into one trie.

use emberglass_labels::StackEnds;
use emberglass_profile::{Batch, FrameId, FunctionId, ProfileEntry, StackId, StackTable, Symbols};

use crate::adding::Adding;
use crate::functions::FunctionUnion;
use crate::layer::{LayerValues, index_rows, live_rows, sum_rows};
use crate::sums::Sums;
use crate::{ChildIndex, Finishing, Granularity, MergedTrie, TreeOverflow, Within};

const NONE: u32 = u32::MAX;

/// Adds up layers: the samples of one block or batch over its own symbols and stacks.
///
/// Cost of a layer: two sweeps over its stacks, and one look-up in the union for each stack that has a value
/// in its subtree. Sums are kept in 128 bits and checked once, at the end.
#[derive(Clone, Debug)]
pub struct Merger {
    pub(crate) functions: FunctionUnion,
    pub(crate) index: ChildIndex,
    pub(crate) sums: Sums,
}

impl Merger {
    /// A merger without layers.
    #[must_use]
    pub fn new(granularity: Granularity) -> Self {
        Self { functions: FunctionUnion::new(granularity), index: ChildIndex::default(), sums: Sums::default() }
    }

    /// A merger of nodes over the functions of a finished trie, whose keys stay what they are: row 0 the root, a parent's row
    /// smaller than its child's. Siblings of one key are one node then. Costs no look at a name.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn within(of: &MergedTrie, parents: &[u32], keys: &[u32], values: &[i64]) -> Result<Self, TreeOverflow> {
        let mut within = Within::new(of, parents, keys, values);
        while within.step(usize::MAX)? {}
        Ok(within.finish())
    }

    /// Adds one layer.
    ///
    /// `parents` and `frames` are the columns of its stacks (row 0 the root, a parent's row smaller than its
    /// child's), `values` holds one value for each stack, times 10^-`scale`; missing values are 0. Each value
    /// counts as a `count_divisor`-th: 1 to add, the number of profiles for their mean.
    ///
    /// # Errors
    /// [`TreeOverflow`] when a sum leaves 128 bits.
    pub fn add(
        &mut self,
        symbols: &Symbols,
        parents: &[StackId],
        frames: &[FrameId],
        values: &[i64],
        scale: u8,
        count_divisor: u64,
    ) -> Result<(), TreeOverflow> {
        let values = LayerValues { values, scale, divisor: count_divisor };
        whole(Adding::new(self, &StackEnds::default(), symbols, (parents, frames), values))
    }

    /// As [`Self::add`], with the frames of labels around each stack.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_with_ends(
        &mut self,
        ends: &StackEnds,
        symbols: &Symbols,
        stacks: &StackTable,
        values: &[i64],
        scale: u8,
        count_divisor: u64,
    ) -> Result<(), TreeOverflow> {
        whole(self.adding(ends, symbols, stacks, values, scale, count_divisor))
    }

    /// As [`Self::add_with_ends`], step by step.
    #[must_use]
    pub fn adding<'a>(
        &'a mut self,
        ends: &StackEnds,
        symbols: &'a Symbols,
        stacks: &'a StackTable,
        values: &'a [i64],
        scale: u8,
        count_divisor: u64,
    ) -> Adding<'a> {
        let values = LayerValues { values, scale, divisor: count_divisor };
        Adding::new(self, ends, symbols, (stacks.parents(), stacks.frames()), values)
    }

    /// Adds one profile of a batch, to add up. An entry without a table or column of its batch holds nothing.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_profile(&mut self, batch: &Batch, entry: &ProfileEntry) -> Result<(), TreeOverflow> {
        let Some(table) = batch.tables.get(entry.table as usize) else { return Ok(()) };
        let Some(column) = table.columns.get(entry.column as usize) else { return Ok(()) };
        let mut dense = vec![0i64; batch.stacks.len()];
        let mut flush = |dense: &mut [i64]| {
            self.add(&batch.symbols, batch.stacks.parents(), batch.stacks.frames(), dense, column.scale, 1)?;
            dense.fill(0);
            Ok(())
        };
        for (stack, &value) in table.stack.iter().zip(&column.values) {
            let Some(sum) = dense.get(stack.index()).copied() else { continue };
            let added = sum.checked_add(value);
            if added.is_none() {
                // The merger's sums are wider.
                flush(&mut dense)?;
            }
            dense[stack.index()] = added.unwrap_or(value);
        }
        flush(&mut dense)
    }

    /// Adds a finished trie: merging merged parts gives what merging all layers would.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_merged(&mut self, trie: &MergedTrie) -> Result<(), TreeOverflow> {
        let tree = &trie.tree;
        self.add_part(trie, &tree.parent, &tree.key, &tree.self_value)
    }

    /// Adds nodes over the functions of a finished trie: row 0 the root, a parent's row smaller than its child's. Siblings
    /// of one key are one node then.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_part(
        &mut self,
        of: &MergedTrie,
        parents: &[u32],
        keys: &[u32],
        values: &[i64],
    ) -> Result<(), TreeOverflow> {
        let MergedTrie { symbols, line, mapping, scale, divisor, .. } = of;
        let Self { functions, index, sums } = self;
        let mut layer = functions.layer(symbols);
        let mut known = vec![NONE; line.len()];
        let key_of = |row: usize| {
            let function = keys.get(row).copied().unwrap_or(NONE);
            let at = function as usize;
            if let Some(&key) = known.get(at)
                && key != NONE
            {
                return key;
            }
            let key = layer.key(FunctionId(function));
            if let (Some(known), Some(&line), Some(&mapping)) = (known.get_mut(at), line.get(at), mapping.get(at)) {
                layer.see(key, line, mapping);
                *known = key;
            }
            key
        };
        let values = LayerValues { values, scale: *scale, divisor: *divisor };
        add_rows(index, sums, parents.len().max(1), |row| parents[row], key_of, &values)
    }

    /// The merged trie.
    ///
    /// # Errors
    /// [`TreeOverflow`] when a self value or a total leaves the 64-bit range.
    pub fn finish(self) -> Result<MergedTrie, TreeOverflow> {
        self.finishing().finish()
    }

    /// Number of nodes so far, the root included.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.index.len()
    }

    /// Begins to make the trie of what was added so far; the merger can go on afterwards.
    #[must_use]
    pub fn finishing(&self) -> Finishing<'_> {
        Finishing::new(self)
    }
}

fn whole(mut adding: Adding<'_>) -> Result<(), TreeOverflow> {
    while adding.step(usize::MAX)? {}
    Ok(())
}

/// Adds the rows whose subtree holds a value to the union, and their values to the column of the divisor.
fn add_rows(
    index: &mut ChildIndex,
    sums: &mut Sums,
    rows: usize,
    parent_of: impl Fn(usize) -> u32,
    key_of: impl FnMut(usize) -> u32,
    layer: &LayerValues<'_>,
) -> Result<(), TreeOverflow> {
    let Some(mut node_of) = live_rows(rows, &parent_of, layer) else { return Ok(()) };
    node_of[0] = 0;
    index_rows(index, &mut node_of, 1..rows, &parent_of, key_of);
    sum_rows(sums, index.len(), &node_of, 0..rows, layer)
}
