//! Nodes of an inverted tree: what is known of one, the path to it, and back.

use emberglass_trie::MergedTrie;

use crate::path::functions_named;
use crate::{FunctionPackages, InvertedError, InvertedTree, Names, NodeInfo, NodeValues, PathStep, node_info_of};

/// As [`crate::node_info`]; refines the node.
///
/// # Errors
/// [`InvertedError`].
pub fn inverted_node_info<'a>(
    trie: &'a MergedTrie,
    inverted: &mut InvertedTree,
    names: &'a Names,
    packages: &'a FunctionPackages,
    node: u32,
) -> Result<Option<NodeInfo<'a>>, InvertedError> {
    let children = inverted.children(trie, node)?.len();
    let Some(of) = inverted.get(node) else { return Ok(None) };
    let function = inverted.function(node);
    let values = NodeValues { function, depth: of.depth, self_value: of.self_value, total: of.total, children };
    Ok(Some(node_info_of(trie, names, packages, node, &values)))
}

/// As [`crate::path`].
#[must_use]
pub fn inverted_path<'a>(
    trie: &'a MergedTrie,
    inverted: &InvertedTree,
    names: &'a Names,
    node: u32,
) -> Vec<PathStep<'a>> {
    let mut steps = Vec::new();
    let mut at = node;
    while let (Some(function), Some(of)) = (inverted.function(at), inverted.get(at)) {
        let name = trie.symbols.function_name(function);
        steps.push(PathStep { node: at, name, shown: names.get(trie, function), total: trie.output(of.total) });
        at = of.parent;
    }
    steps.reverse();
    steps
}

/// As [`crate::resolve`]; refines what lies on the way.
///
/// # Errors
/// [`InvertedError`].
pub fn inverted_resolve<S: AsRef<str>>(
    trie: &MergedTrie,
    inverted: &mut InvertedTree,
    names: &[S],
) -> Result<Option<u32>, InvertedError> {
    let mut nodes = vec![0u32];
    for name in names {
        let functions = functions_named(trie, name.as_ref());
        let mut next = Vec::new();
        for node in nodes {
            let children = inverted.children(trie, node)?;
            next.extend(children.filter(|&child| inverted.get(child).is_some_and(|of| functions.contains(&of.key))));
        }
        nodes = next;
    }
    Ok(nodes.first().copied())
}
