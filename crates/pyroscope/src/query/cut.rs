//! Parts of a trie: below a call site, and without what Pyroscope leaves out of names.

use std::borrow::Cow;

use emberglass_formats::flamebearer::cut_type_parameters;
use emberglass_profile::{Batch, Function, FunctionId, FunctionTable, ProfileType, StackId};
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
    by_name(&batch)
}

fn by_name(batch: &Batch) -> Result<MergedTrie, TreeOverflow> {
    let mut merger = Merger::new(Granularity::Name);
    for entry in &batch.profiles {
        merger.add_profile(batch, entry)?;
    }
    merger.finish()
}

/// A name as flame graphs show it: that of a Go generic function without its type parameters.
pub(super) fn shown(name: &str) -> Cow<'_, str> {
    match cut_type_parameters(name) {
        Cow::Borrowed(name) => Cow::Borrowed(name),
        Cow::Owned(name) => Cow::Owned(name.replace("[...]", "")),
    }
}

/// The same with names as they are shown; what is equal then is one.
pub(super) fn without_type_parameters(trie: MergedTrie) -> Result<MergedTrie, TreeOverflow> {
    let names = |trie: &MergedTrie| -> Vec<Option<String>> {
        let all = trie.symbols.functions.iter().map(|function| shown(trie.symbols.text(function.name)));
        let changed = |name: Cow<'_, str>| match name {
            Cow::Borrowed(_) => None,
            Cow::Owned(name) => Some(name),
        };
        all.map(changed).collect()
    };
    let names = names(&trie);
    if names.iter().all(Option::is_none) {
        return Ok(trie);
    }
    let mut batch = trie.to_batch(ProfileType::default())?;
    let mut functions = FunctionTable::default();
    for (function, renamed) in batch.symbols.functions.iter().zip(&names) {
        let name = renamed.as_ref().map_or(function.name, |name| batch.symbols.strings.intern(name));
        functions.push(Function { name, ..function });
    }
    batch.symbols.functions = functions;
    by_name(&batch)
}
