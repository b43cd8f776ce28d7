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
                merger.add_profile(batch, entry)?;
            }
        }
    }
    merger.finish()
}
