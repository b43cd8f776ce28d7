//! Merging decoded files without storing them.

use std::collections::BTreeSet;

use emberglass_profile::{Batch, ContentHash, ProfileEntry};
use emberglass_trie::{Granularity, MergedTrie, Merger, TreeOverflow};

/// Adds up profiles of batches, whatever their type: cumulative or instant. A batch whose content came before is
/// left out. Entries without a table or column of their batch hold nothing.
///
/// # Errors
/// [`TreeOverflow`] when a sum leaves the 64-bit range.
pub fn merge_batches(
    parts: &[(&Batch, Vec<&ProfileEntry>)],
    granularity: Granularity,
) -> Result<MergedTrie, TreeOverflow> {
    let mut merger = Merger::new(granularity);
    let mut seen: BTreeSet<ContentHash> = BTreeSet::new();
    for (batch, entries) in parts {
        if seen.insert(batch.content_hash) {
            for entry in entries {
                add_entry(&mut merger, batch, entry)?;
            }
        }
    }
    merger.finish()
}

fn add_entry(merger: &mut Merger, batch: &Batch, entry: &ProfileEntry) -> Result<(), TreeOverflow> {
    let Some(table) = batch.tables.get(entry.table as usize) else { return Ok(()) };
    let Some(column) = table.columns.get(entry.column as usize) else { return Ok(()) };
    let mut dense = vec![0i64; batch.stacks.len()];
    let mut flush = |dense: &mut [i64]| {
        merger.add(&batch.symbols, batch.stacks.parents(), batch.stacks.frames(), dense, column.scale, 1)?;
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
