//! From a node to its path and back, and what is known about a node.

use emberglass_profile::FunctionId;
use emberglass_trie::MergedTrie;

use crate::{FunctionPackages, Names};

/// One step of a path. `total` is an output value ([`MergedTrie::output`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep<'a> {
    /// The node.
    pub node: u32,
    /// Stored name of its function: what leads here again.
    pub name: &'a str,
    /// Its name as it is shown.
    pub shown: &'a str,
    /// Its total.
    pub total: i64,
}

/// What is known about a node. Values are output values ([`MergedTrie::output`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo<'a> {
    /// The node.
    pub node: u32,
    /// Shown name of its function; [`ROOT_NAME`] for the root.
    pub name: &'a str,
    /// Name as the linker knows it, empty where unknown.
    pub system_name: &'a str,
    /// Source file, empty where unknown.
    pub file: &'a str,
    /// Line to show, 0 where unknown.
    pub line: u32,
    /// Package.
    pub package: &'a str,
    /// Path of the binary, empty where unknown.
    pub binary: &'a str,
    /// Level; the root's is 0.
    pub depth: u32,
    /// Value of samples that end here.
    pub self_value: i64,
    /// Value of samples that pass here.
    pub total: i64,
    /// Number of children.
    pub children: usize,
}

/// Name under which the root is shown.
pub const ROOT_NAME: &str = "total";

/// The way from the root to `node`, root first; the root itself is not part of it. Empty for the root and for
/// rows that are not there.
#[must_use]
pub fn path<'a>(trie: &'a MergedTrie, names: &'a Names, node: u32) -> Vec<PathStep<'a>> {
    let mut steps = Vec::new();
    let mut at = node;
    while let Some(function) = trie.function(at) {
        let total = trie.output(trie.tree.total[at as usize]);
        let name = trie.symbols.function_name(function);
        steps.push(PathStep { node: at, name, shown: names.get(trie, function), total });
        at = trie.tree.parent[at as usize];
    }
    steps.reverse();
    steps
}

/// The first node to which a path of stored function names leads, root first. Siblings of one name in different files
/// are all followed. The empty path leads to the root.
#[must_use]
pub fn resolve<S: AsRef<str>>(trie: &MergedTrie, names: &[S]) -> Option<u32> {
    let mut nodes = vec![0u32];
    for name in names {
        let functions = functions_named(trie, name.as_ref());
        let mut next = Vec::new();
        for node in nodes {
            let children = trie.tree.children(node);
            next.extend(children.filter(|&child| functions.contains(&trie.tree.key[child as usize])));
        }
        if next.is_empty() {
            return None;
        }
        nodes = next;
    }
    nodes.first().copied()
}

/// Rows of the functions of a name: they are sorted by it. An empty name is shown, and found, as `(unknown)`.
pub(crate) fn functions_named(trie: &MergedTrie, name: &str) -> Vec<u32> {
    let symbols = &trie.symbols;
    let count = symbols.functions.len() as u32;
    let mut functions = Vec::new();
    let unnamed = symbols.function_name(FunctionId(u32::MAX));
    for wanted in [Some(name), (name == unnamed).then_some("")].into_iter().flatten() {
        let name_at =
            |row: u32| symbols.functions.get(FunctionId(row)).map_or("", |function| symbols.text(function.name));
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if name_at(middle) < wanted { low = middle + 1 } else { high = middle }
        }
        functions.extend((low..count).take_while(|&row| name_at(row) == wanted));
    }
    functions
}

/// What is known about `node`; `None` for rows that are not there.
#[must_use]
pub fn node_info<'a>(
    trie: &'a MergedTrie,
    names: &'a Names,
    packages: &'a FunctionPackages,
    node: u32,
) -> Option<NodeInfo<'a>> {
    let tree = &trie.tree;
    let at = node as usize;
    let values = NodeValues {
        function: trie.function(node),
        depth: *tree.depth.get(at)?,
        self_value: tree.self_value[at],
        total: tree.total[at],
        children: tree.children(node).count(),
    };
    Some(node_info_of(trie, names, packages, node, &values))
}

/// A node of a tree over the functions of a trie. Values are not yet divided.
#[derive(Clone, Copy, Debug)]
pub struct NodeValues {
    /// Its function; `None` for the root.
    pub function: Option<FunctionId>,
    /// Level; the root's is 0.
    pub depth: u32,
    /// Own value.
    pub self_value: i64,
    /// Own value and that of all nodes below.
    pub total: i64,
    /// Number of children.
    pub children: usize,
}

/// What is known about a node that stands for a function of `trie`.
#[must_use]
pub fn node_info_of<'a>(
    trie: &'a MergedTrie,
    names: &'a Names,
    packages: &'a FunctionPackages,
    node: u32,
    of: &NodeValues,
) -> NodeInfo<'a> {
    let symbols = &trie.symbols;
    let id = of.function;
    let function = id.and_then(|id| symbols.functions.get(id)).unwrap_or_default();
    let mapping = id.and_then(|id| symbols.mappings.get(*trie.mapping.get(id.index())?)).unwrap_or_default();
    NodeInfo {
        node,
        name: id.map_or(ROOT_NAME, |id| names.get(trie, id)),
        system_name: symbols.text(function.system_name),
        file: symbols.text(function.file),
        line: id.and_then(|id| trie.line.get(id.index()).copied()).unwrap_or(0),
        package: id.map_or("", |id| packages.package(id)),
        binary: symbols.text(mapping.file),
        depth: of.depth,
        self_value: trie.output(of.self_value),
        total: trie.output(of.total),
        children: of.children,
    }
}
