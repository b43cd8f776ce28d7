//! Lays a trie out in flamebearer's levels.

use std::borrow::Cow;

use emberglass_profile::{InputError, StringId, Warnings};
use emberglass_trie::MergedTrie;

use crate::name_tree::{NameTree, fit, rounded};

/// Integers per bar and side; the bar's name is one more.
const OF_SIDE: usize = 3;
/// Most sides: before and after.
const SIDES: usize = 2;
const NONE: u32 = u32::MAX;
const ROOT_NAME: &str = "total";
const OTHER_NAME: &str = "other";

/// A flame graph in levels, of one trie or of two side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flamebearer {
    /// Names by index; 0 is the root's.
    pub names: Vec<String>,
    /// Per level, root first: bars from left to right, four integers each, or seven where there are two sides.
    pub levels: Vec<Vec<i64>>,
    /// Total of the root, by side.
    pub ticks: Vec<i64>,
    /// Largest own value of both sides.
    pub max_self: i64,
    /// `rounded-values`: values that are no whole numbers once divided. `negative-values`: bars that can't be drawn.
    pub warnings: Warnings,
}

/// A bar to lay out: at which exact offset on each side, on which level.
#[derive(Clone, Copy)]
struct Bar {
    /// A node of the tree; `None` for what was cut off below a node.
    node: Option<u32>,
    level: usize,
    sides: [Side; SIDES],
}

#[derive(Clone, Copy, Default)]
struct Side {
    x: i128,
    self_value: i128,
    total: i128,
}

impl Flamebearer {
    /// Lays `tries` out, one or two. Of two, a node of either is a bar of both.
    ///
    /// With `max_nodes` (0 is no limit) a tree of more nodes keeps those whose total (of two sides the larger) is
    /// among the `max_nodes` largest, equal ones included; what is cut off below a node is one bar `other` right of
    /// its siblings. Go's type parameters `[go.shape...]` are cut to `[...]`, and what becomes equal by it is merged.
    ///
    /// Values are whole numbers: where a trie has a divisor or a scale, the edges of the bars are rounded
    /// (half away from zero), so that children never pass their parents and the total is right.
    ///
    /// # Errors
    /// `value-overflow` for a value beyond 64 bits.
    pub fn new(tries: &[&MergedTrie], max_nodes: Option<usize>) -> Result<Self, InputError> {
        let tries = tries.get(..SIDES).unwrap_or(tries);
        let tree = NameTree::new(tries, |name| cut_type_parameters(name).into_owned());
        let units: Vec<i128> =
            tries.iter().map(|trie| i128::from(trie.divisor.max(1)) * 10i128.pow(u32::from(trie.scale))).collect();
        let threshold = tree.threshold(max_nodes);
        let mut names = Names::new(&tree);
        let mut laid = Self::default();
        let (mut inexact, mut negative) = (0, 0);
        let mut open = vec![Bar::of(&tree, tries.len(), 0, 0)];
        while let Some(bar) = open.pop() {
            let name = match bar.node {
                Some(node) => names.of_node(node),
                None => names.of_other(),
            };
            if bar.level == laid.levels.len() {
                laid.levels.push(Vec::new());
            }
            // Bars of a level come from right to left; the whole level is turned round at the end.
            laid.levels[bar.level].push(i64::from(name));
            for (side, &unit) in bar.sides.iter().zip(&units).rev() {
                let left = fit(rounded(side.x, unit))?;
                let own = fit(rounded(side.x + side.self_value, unit))? - left;
                let width = fit(rounded(side.x + side.total, unit))? - left;
                inexact += u64::from(side.self_value % unit != 0);
                negative += u64::from(side.self_value < 0);
                laid.max_self = laid.max_self.max(own);
                laid.levels[bar.level].extend([own, width, left]);
            }
            let Some(node) = bar.node else { continue };
            let mut end = bar.sides.map(|side| side.x + side.self_value);
            let mut cut_off = Bar { node: None, level: bar.level + 1, sides: [Side::default(); SIDES] };
            for &child in tree.children(node) {
                let mut child = Bar::of(&tree, tries.len(), child, bar.level + 1);
                let total = child.sides.iter().take(tries.len()).map(|side| side.total).max();
                let is_kept = threshold.is_none_or(|threshold| total.is_some_and(|total| total >= threshold));
                let sides = child.sides.iter_mut().zip(&mut end).zip(&mut cut_off.sides).take(tries.len());
                for ((side, end), cut_off) in sides {
                    if is_kept {
                        side.x = *end;
                        *end += side.total;
                    } else {
                        cut_off.self_value += side.total;
                        cut_off.total += side.total;
                    }
                }
                if is_kept {
                    open.push(child);
                }
            }
            if cut_off.sides.iter().any(|side| side.total != 0) {
                cut_off.sides.iter_mut().zip(end).for_each(|(side, end)| side.x = end);
                open.push(cut_off);
            }
        }
        for level in &mut laid.levels {
            level.reverse();
            encode_offsets(level, tries.len());
        }
        for (side, &unit) in units.iter().enumerate() {
            laid.ticks.push(fit(rounded(tree.total(side, 0), unit))?);
        }
        laid.names = names.list;
        laid.warnings.add_many("rounded-values", inexact, None, || {
            "values that are no whole numbers were rounded: flamebearer has integers only".to_owned()
        });
        laid.warnings.add_many("negative-values", negative, None, || {
            "some values are negative: flamebearer has no bars for them".to_owned()
        });
        Ok(laid)
    }
}

impl Bar {
    fn of(tree: &NameTree, sides: usize, node: u32, level: usize) -> Self {
        let mut bar = Self { node: Some(node), level, sides: [Side::default(); SIDES] };
        for (at, side) in bar.sides.iter_mut().enumerate().take(sides) {
            *side = Side { x: 0, self_value: tree.self_value(at, node), total: tree.total(at, node) };
        }
        bar
    }
}

/// Offsets from the end of the bar before instead of from the left edge.
fn encode_offsets(level: &mut [i64], sides: usize) {
    let mut end = [0; SIDES];
    for bar in level.chunks_exact_mut(OF_SIDE * sides + 1) {
        for (side, end) in bar.chunks_exact_mut(OF_SIDE).zip(&mut end) {
            let x = side[0];
            side[0] = x - *end;
            *end = x + side[1];
        }
    }
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
