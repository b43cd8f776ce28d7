//! Lays a trie out in flamebearer's levels.

use std::borrow::Cow;

use emberglass_profile::{InputError, StringId, Warnings};
use emberglass_trie::MergedTrie;

use crate::name_tree::{NameTree, fit, rounded};

/// Integers per bar.
const BAR: usize = 4;
const NONE: u32 = u32::MAX;
const ROOT_NAME: &str = "total";
const OTHER_NAME: &str = "other";

/// A flame graph in levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flamebearer {
    /// Names by index; 0 is the root's.
    pub names: Vec<String>,
    /// Per level, root first: bars from left to right, four integers each.
    pub levels: Vec<Vec<i64>>,
    /// Total of the root.
    pub num_ticks: i64,
    /// Largest own value.
    pub max_self: i64,
    /// `rounded-values`: values that are no whole numbers once divided.
    pub warnings: Warnings,
}

/// A bar to lay out: at which exact offset, on which level.
struct Bar {
    /// A node of the tree; `None` for what was cut off below a node.
    node: Option<u32>,
    x: i128,
    self_value: i128,
    total: i128,
    level: usize,
}

impl Flamebearer {
    /// Lays `trie` out.
    ///
    /// With `max_nodes` (0 is no limit) a trie of more nodes keeps those whose total is among the `max_nodes`
    /// largest, equal ones included; what is cut off below a node is one bar `other` right of its siblings.
    /// Go's type parameters `[go.shape...]` are cut to `[...]`, and what becomes equal by it is merged.
    ///
    /// Values are whole numbers: where the trie has a divisor or a scale, the edges of the bars are rounded
    /// (half away from zero), so that children never pass their parents and the total is right.
    ///
    /// # Errors
    /// `value-overflow` for a value beyond 64 bits.
    pub fn new(trie: &MergedTrie, max_nodes: Option<usize>) -> Result<Self, InputError> {
        let tree = NameTree::new(trie, |name| cut_type_parameters(name).into_owned());
        let unit = i128::from(trie.divisor.max(1)) * 10i128.pow(u32::from(trie.scale));
        let threshold = threshold(tree.totals(), max_nodes);
        let mut names = Names::new(&tree);
        let mut laid = Self::default();
        let mut inexact = 0;
        let mut stack =
            vec![Bar { node: Some(0), x: 0, self_value: tree.self_value(0), total: tree.total(0), level: 0 }];
        while let Some(Bar { node, x, self_value, total, level }) = stack.pop() {
            let left = fit(rounded(x, unit))?;
            let own = fit(rounded(x + self_value, unit))? - left;
            let width = fit(rounded(x + total, unit))? - left;
            inexact += u64::from(self_value % unit != 0);
            laid.max_self = laid.max_self.max(own);
            let name = match node {
                Some(node) => names.of_node(node),
                None => names.of_other(),
            };
            if level == laid.levels.len() {
                laid.levels.push(Vec::new());
            }
            // Bars of a level come from right to left; the whole level is turned round at the end.
            laid.levels[level].extend([i64::from(name), own, width, left]);
            let Some(node) = node else { continue };
            let mut x = x + self_value;
            let mut cut_off = 0;
            for &child in tree.children(node) {
                let total = tree.total(child);
                if threshold.is_some_and(|threshold| total < threshold) {
                    cut_off += total;
                    continue;
                }
                stack.push(Bar { node: Some(child), x, self_value: tree.self_value(child), total, level: level + 1 });
                x += total;
            }
            if cut_off != 0 {
                stack.push(Bar { node: None, x, self_value: cut_off, total: cut_off, level: level + 1 });
            }
        }
        for level in &mut laid.levels {
            level.reverse();
            encode_offsets(level);
        }
        laid.num_ticks = fit(rounded(tree.total(0), unit))?;
        laid.names = names.list;
        laid.warnings.add_many("rounded-values", inexact, None, || {
            "values that are no whole numbers were rounded: flamebearer has integers only".to_owned()
        });
        Ok(laid)
    }
}

/// Offsets from the end of the bar before instead of from the left edge.
fn encode_offsets(level: &mut [i64]) {
    let mut end = 0;
    for bar in level.chunks_exact_mut(BAR) {
        let x = bar[0];
        bar[0] = x - end;
        end = x + bar[1];
    }
}

/// The smallest total that is kept; `None` keeps all.
fn threshold(totals: &[i128], max_nodes: Option<usize>) -> Option<i128> {
    let max_nodes = max_nodes.filter(|&max_nodes| max_nodes > 0 && max_nodes < totals.len())?;
    let mut totals = totals.to_vec();
    let (_, smallest, _) = totals.select_nth_unstable_by(max_nodes - 1, |a, b| b.cmp(a));
    Some(*smallest)
}

/// Numbers names as bars come. The root's name is `total`, and so is a frame's that is called `total`;
/// a frame without a name is an entry of its own.
struct Names<'t> {
    tree: &'t NameTree,
    list: Vec<String>,
    by_id: Vec<u32>,
    other: Option<StringId>,
    /// Number of `other` where no frame has that name.
    made_other: u32,
}

impl<'t> Names<'t> {
    fn new(tree: &'t NameTree) -> Self {
        let mut by_id = vec![NONE; tree.names.len()];
        if let Some(total) = tree.names.find(ROOT_NAME) {
            by_id[total.index()] = 0;
        }
        let other = tree.names.find(OTHER_NAME);
        Self { tree, list: vec![ROOT_NAME.to_owned()], by_id, other, made_other: NONE }
    }

    fn of_node(&mut self, node: u32) -> u32 {
        if node == 0 { 0 } else { self.of_name(self.tree.name(node)) }
    }

    fn of_name(&mut self, id: StringId) -> u32 {
        if self.by_id[id.index()] == NONE {
            self.by_id[id.index()] = self.list.len() as u32;
            self.list.push(self.tree.names.get(id).to_owned());
        }
        self.by_id[id.index()]
    }

    fn of_other(&mut self) -> u32 {
        if let Some(id) = self.other {
            return self.of_name(id);
        }
        if self.made_other == NONE {
            self.made_other = self.list.len() as u32;
            self.list.push(OTHER_NAME.to_owned());
        }
        self.made_other
    }
}

/// `name` with Go's type parameters, from `[go.shape.` to the last bracket of the line, cut to `[...]`.
#[must_use]
pub fn cut_type_parameters(name: &str) -> Cow<'_, str> {
    const START: &str = "[go.shape.";
    if !name.contains(START) {
        return Cow::Borrowed(name);
    }
    let mut cut = String::with_capacity(name.len());
    for line in name.split_inclusive('\n') {
        let start = line.find(START).unwrap_or(line.len());
        match line[start..].rfind(']') {
            Some(end) => cut.extend([&line[..start], "[...]", &line[start + end + 1..]]),
            None => cut.push_str(line),
        }
    }
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_parameters_are_cut_to_the_last_bracket() {
        for (name, cut) in [
            ("main.f[go.shape.int_0]", "main.f[...]"),
            ("a.(*T[go.shape.struct { X []int }]).m", "a.(*T[...]).m"),
            ("f[go.shape.int].g[go.shape.string]", "f[...]"),
            ("f[go.shape.int", "f[go.shape.int"),
            ("f[int]", "f[int]"),
            ("", ""),
        ] {
            assert_eq!(cut_type_parameters(name), cut);
        }
    }
}
