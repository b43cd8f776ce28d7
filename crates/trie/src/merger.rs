//! Merges layers of samples into one trie.

use emberglass_labels::StackEnds;
use emberglass_profile::{Batch, Frame, FrameId, FunctionId, ProfileEntry, StackId, StackTable, Symbols};

use crate::functions::FunctionUnion;
use crate::layer::{LayerValues, TagKeys, add_rows};
use crate::sums::Sums;
use crate::{ChildIndex, Finishing, Granularity, MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once};

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
        at_once(Self::of_nodes(of, FunctionUnion::of(of), (parents, keys), values, &NoYield))
    }

    /// As [`Self::within`], in slices, over `functions`, which are those of `of`.
    pub(crate) async fn of_nodes(
        of: &MergedTrie,
        functions: FunctionUnion,
        (parents, keys): (&[u32], &[u32]),
        values: &[i64],
        pause: &impl YieldNow,
    ) -> Result<Self, TreeOverflow> {
        let last = functions.len().saturating_sub(1) as u32;
        let mut merger = Self { functions, index: ChildIndex::with_capacity(parents.len()), sums: Sums::default() };
        let layer = LayerValues { values, scale: of.scale, divisor: of.divisor };
        let key_of = |row: usize| keys.get(row).map_or(last, |&key| key.min(last));
        let (rows, ends) = (parents.len().max(1), TagKeys::default());
        let into = (&mut merger.index, &mut merger.sums);
        add_rows(into, rows, |row| parents[row], key_of, (&layer, &ends), &mut Work::default(), pause).await?;
        Ok(merger)
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
        let ends = StackEnds::default();
        at_once(self.add_layer(&ends, symbols, (parents, frames), &values, &mut Work::default(), &NoYield))
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
        values: &LayerValues<'_>,
    ) -> Result<(), TreeOverflow> {
        at_once(self.add_with_ends_sliced(ends, symbols, stacks, values, &mut Work::default(), &NoYield))
    }

    /// As [`Self::add_with_ends`], in slices. Given up before its end it leaves a part of the layer in the merger.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn add_with_ends_sliced(
        &mut self,
        ends: &StackEnds,
        symbols: &Symbols,
        stacks: &StackTable,
        values: &LayerValues<'_>,
        work: &mut Work,
        pause: &impl YieldNow,
    ) -> Result<(), TreeOverflow> {
        self.add_layer(ends, symbols, (stacks.parents(), stacks.frames()), values, work, pause).await
    }

    async fn add_layer(
        &mut self,
        ends: &StackEnds,
        symbols: &Symbols,
        (parents, frames): (&[StackId], &[FrameId]),
        values: &LayerValues<'_>,
        work: &mut Work,
        pause: &impl YieldNow,
    ) -> Result<(), TreeOverflow> {
        let Self { functions, index, sums } = self;
        let [roots, leaves] =
            [&ends.roots, &ends.leaves].map(|of| of.iter().map(|frame| functions.tag_key(frame)).collect::<Vec<u32>>());
        let function_of_frame = symbols.frames.functions();
        let mut layer = functions.layer(symbols);
        let mut key_of_frame = vec![NONE; function_of_frame.len()];
        let key_of = |row: usize| {
            let frame = frames.get(row).copied().unwrap_or(FrameId(NONE));
            let known = key_of_frame.get(frame.index()).copied().unwrap_or(NONE);
            if known != NONE {
                return known;
            }
            let function = function_of_frame.get(frame.index()).copied().unwrap_or(FunctionId(NONE));
            let known = symbols.frames.get(frame);
            let key = layer.key_at(function, known.map_or(0, |known| known.line));
            if let Some(Frame { line, mapping, .. }) = known {
                layer.see(key, line, mapping);
                key_of_frame[frame.index()] = key;
            }
            key
        };
        let (rows, ends) = (parents.len().max(1), TagKeys { roots, leaves });
        add_rows((index, sums), rows, |row| parents[row].0, key_of, (values, &ends), work, pause).await
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
        let (rows, ends, mut work) = (parents.len().max(1), TagKeys::default(), Work::default());
        let into = (index, sums);
        at_once(add_rows(into, rows, |row| parents[row], key_of, (&values, &ends), &mut work, &NoYield))
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
