//! The part of a trie below a call site.

use emberglass_profile::{Batch, FunctionId, ProfileType, StackId};
use emberglass_trie::{Granularity, MergedTrie, Merger, TreeOverflow};

/// The stacks that start with the functions of `path`, from the root on. The trie is one by name.
pub(super) fn below(trie: &MergedTrie, path: &[String]) -> Result<MergedTrie, TreeOverflow> {
    let mut node = 0;
    for name in path {
        let is_named = |&child: &u32| {
            trie.function(child)
                .and_then(|id: FunctionId| trie.symbols.functions.get(id))
                .is_some_and(|function| trie.symbols.text(function.name) == name)
        };
        match trie.tree.children(node).find(is_named) {
            Some(child) => node = child,
            None => return Merger::new(Granularity::Name).finish(),
        }
    }
    let end = trie.tree.end.get(node as usize).copied().unwrap_or(0);
    let mut batch: Batch = trie.to_batch(ProfileType::default())?;
    for table in &mut batch.tables {
        let stacks = &table.stack;
        for column in &mut table.columns {
            for (value, &StackId(stack)) in column.values.iter_mut().zip(stacks) {
                if !(node..end).contains(&stack) {
                    *value = 0;
                }
            }
        }
    }
    let mut merger = Merger::new(Granularity::Name);
    for entry in &batch.profiles {
        merger.add_profile(&batch, entry)?;
    }
    merger.finish()
}
