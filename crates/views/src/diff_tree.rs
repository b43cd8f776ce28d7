//! Two tries as one: every node of either, with the values of both.
//!
//! A node is as wide as the larger of its own values on both sides, and all of those below it, together: wherever one side
//! only has grown that is the head's total, and what is gone keeps a box. Normalised, the base counts as if its total were
//! the head's.

use std::cmp::Ordering;
use std::rc::Rc;

use emberglass_profile::{Function, FunctionId, Mapping, MappingId, Symbols};
use emberglass_trie::{
    MergedTrie, NoYield, Tree, TreeOverflow, Work, YieldNow, at_once, output_value, slices, slices_back,
};

use crate::draw::sorted;
use crate::layout::subtree_sums;
use crate::{DrawBox, DrawRequest, FunctionPackages, Layout, Search, share_change, visible_boxes};

/// Colours of a diff: 1 is gone, 8 as it was, 15 new.
pub const DIFF_COLORS: u16 = 15;
const AS_IT_WAS: f64 = 8.0;
/// Functions and nodes of the union between two looks at the [`Work`] that was done, and units of each.
const FUNCTIONS: u32 = 1 << 11;
const FUNCTION: usize = 60;
const PART: u32 = 1 << 14;
const NODE: usize = 4;
/// Units of work of a value that is looked up by row.
const VALUE: usize = 2;
const NONE: u32 = u32::MAX;

/// What became of a node or function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Change {
    /// The base has no value of it.
    New,
    /// The head has no value of it.
    Gone,
    /// Both have it, the head more.
    Grown,
    /// Both have it, the head less.
    Shrunk,
    /// Neither more nor less.
    #[default]
    Same,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Gone, Self::Grown, Self::Shrunk, Self::Same];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Same => "same",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct DiffTree {
    /// The nodes of both with the values of the head; those that only the base has have 0.
    pub trie: Rc<MergedTrie>,
    /// Own values of the base by node, not yet divided.
    pub base_self: Vec<i64>,
    /// Totals of the base by node, not yet divided.
    pub base_total: Vec<i64>,
    /// Whether shares are compared, or values.
    pub normalised: bool,
    base_scale: u8,
    base_divisor: u64,
    base_digits: u8,
}

/// Functions of two tries as one table, and the row of each function of either.
struct FunctionsOfBoth {
    symbols: Symbols,
    line: Vec<u32>,
    mapping: Vec<MappingId>,
    row_of: [Vec<u32>; 2],
}

async fn functions_of_both(sides: [&MergedTrie; 2], pause: &impl YieldNow) -> FunctionsOfBoth {
    let mut work = Work::default();
    let mut both = FunctionsOfBoth {
        symbols: Symbols::default(),
        line: Vec::new(),
        mapping: Vec::new(),
        row_of: sides.map(|side| Vec::with_capacity(side.symbols.functions.len())),
    };
    let texts = |side: usize, row: u32| {
        let symbols = &sides[side].symbols;
        let function = symbols.functions.get(FunctionId(row))?;
        Some([function.name, function.file, function.system_name].map(|id| symbols.text(id)))
    };
    let mut at = [0u32; 2];
    loop {
        // Both are sorted by name, file and system name, and hold nothing twice.
        let order = match (texts(0, at[0]), texts(1, at[1])) {
            (Some(base), Some(head)) => base.cmp(&head),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return both,
        };
        let from = usize::from(order != Ordering::Less);
        let of = sides[from];
        let function = of.symbols.functions.get(FunctionId(at[from])).unwrap_or_default();
        let own = &mut both.symbols;
        let binary = of.mapping.get(at[from] as usize).and_then(|&id| of.symbols.mappings.get(id)).unwrap_or_default();
        let [name, system_name, file] =
            [function.name, function.system_name, function.file].map(|id| own.strings.intern(of.symbols.text(id)));
        let row = own.functions.push(Function { name, system_name, file, start_line: function.start_line });
        let [file, build_id] = [binary.file, binary.build_id].map(|id| own.strings.intern(of.symbols.text(id)));
        both.mapping.push(own.mappings.intern(Mapping { file, build_id, ..Mapping::default() }));
        both.line.push(of.line.get(at[from] as usize).copied().unwrap_or(0));
        for side in [0, 1] {
            if order != [Ordering::Greater, Ordering::Less][side] {
                both.row_of[side].push(row.0);
                at[side] += 1;
            }
        }
        if row.0.is_multiple_of(FUNCTIONS) {
            work.done(FUNCTIONS as usize * FUNCTION, pause).await;
        }
    }
}

/// The nodes of both trees in depth-first order, and the row of each in `[base, head]`.
async fn nodes_of_both(trees: [&Tree; 2], row_of: &[Vec<u32>; 2], pause: &impl YieldNow) -> (Tree, Vec<[u32; 2]>) {
    let mut work = Work::default();
    let key =
        |side: usize, node: u32| row_of[side].get(trees[side].key[node as usize] as usize).copied().unwrap_or(NONE);
    let mut union = Tree::default();
    // As many as there are at most: a list that grows is copied in one go.
    let most = trees[0].len() + trees[1].len();
    let mut rows: Vec<[u32; 2]> = Vec::with_capacity(most);
    for column in [&mut union.parent, &mut union.key, &mut union.depth] {
        column.reserve_exact(most);
    }
    let mut open: Vec<u32> = Vec::new();
    let mut at = [0u32; 2];
    loop {
        let next = [0, 1].map(|side| trees[side].depth.get(at[side] as usize).copied());
        // A deeper node lies below one that is there already; on one level both have the same parent.
        let order = match next {
            [Some(base), Some(head)] if base == 0 && head == 0 => Ordering::Equal,
            [Some(base), Some(head)] => head.cmp(&base).then_with(|| key(0, at[0]).cmp(&key(1, at[1]))),
            [Some(_), None] => Ordering::Less,
            [None, Some(_)] => Ordering::Greater,
            [None, None] => break,
        };
        let from = usize::from(order != Ordering::Less);
        let depth = next[from].unwrap_or(0);
        let node = union.parent.len() as u32;
        open.truncate(depth as usize);
        union.parent.push(open.last().copied().unwrap_or(0));
        union.key.push(if depth == 0 { NONE } else { key(from, at[from]) });
        union.depth.push(depth);
        open.push(node);
        let mut of_sides = [NONE; 2];
        for side in [0, 1] {
            if order != [Ordering::Greater, Ordering::Less][side] {
                of_sides[side] = at[side];
                at[side] += 1;
            }
        }
        rows.push(of_sides);
        if node.is_multiple_of(PART) {
            work.done(PART as usize * NODE, pause).await;
        }
    }
    for column in [&mut union.parent, &mut union.key, &mut union.depth] {
        column.shrink_to_fit();
    }
    let len = rows.len();
    union.end.reserve_exact(len);
    for part in slices(0..len) {
        work.done(part.len(), pause).await;
        union.end.extend(part.map(|node| node as u32 + 1));
    }
    for part in slices_back(1..len) {
        work.done(part.len() * VALUE, pause).await;
        for node in part {
            let parent = union.parent[node] as usize;
            union.end[parent] = union.end[parent].max(union.end[node]);
        }
    }
    (union, rows)
}

impl DiffTree {
    /// Compares two tries node by node; where one tells functions apart by name only, by name.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs add up beyond 64 bits, or do not fit with as many decimal places as
    /// the other side has.
    pub fn new(base: &MergedTrie, head: &MergedTrie, normalised: bool) -> Result<Self, TreeOverflow> {
        at_once(Self::sliced(base, head, normalised, &NoYield))
    }

    /// As [`Self::new`], in slices.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn sliced(
        base: &MergedTrie,
        head: &MergedTrie,
        normalised: bool,
        pause: &impl YieldNow,
    ) -> Result<Self, TreeOverflow> {
        if base.granularity != head.granularity {
            return Self::of_one_granularity(&base.by_name()?, &head.by_name()?, normalised, pause).await;
        }
        Self::of_one_granularity(base, head, normalised, pause).await
    }

    async fn of_one_granularity(
        base: &MergedTrie,
        head: &MergedTrie,
        normalised: bool,
        pause: &impl YieldNow,
    ) -> Result<Self, TreeOverflow> {
        let FunctionsOfBoth { symbols, line, mapping, row_of } = functions_of_both([base, head], pause).await;
        let (mut tree, rows) = nodes_of_both([&base.tree, &head.tree], &row_of, pause).await;
        let column = async |of: &[i64], side: usize| {
            let (mut column, mut work) = (Vec::with_capacity(rows.len()), Work::default());
            for part in slices(0..rows.len()) {
                work.done(part.len() * VALUE, pause).await;
                column.extend(rows[part].iter().map(|row| of.get(row[side] as usize).copied().unwrap_or(0)));
            }
            column
        };
        tree.self_value = column(&head.tree.self_value, 1).await;
        tree.total = column(&head.tree.total, 1).await;
        let scale = base.output_scale().max(head.output_scale());
        let [base_digits, output_digits] = [scale - base.scale, scale - head.scale];
        for (side, digits) in [(base, base_digits), (head, output_digits)] {
            if matches!(output_value(side.total(), side.divisor, digits), i64::MAX | i64::MIN) {
                return Err(TreeOverflow);
            }
        }
        let negative = base.negative || head.negative;
        let trie = MergedTrie { tree, symbols, line, mapping, negative, output_digits, ..slim(head) };
        Ok(Self {
            trie: Rc::new(trie),
            base_self: column(&base.tree.self_value, 0).await,
            base_total: column(&base.tree.total, 0).await,
            normalised,
            base_scale: base.scale,
            base_divisor: base.divisor,
            base_digits,
        })
    }

    /// A value of the base as it is shown, times 10^-[`MergedTrie::output_scale`] of the trie.
    #[must_use]
    pub fn base_output(&self, value: i64) -> i64 {
        output_value(value, self.base_divisor, self.base_digits)
    }

    /// Totals of base and head, not yet divided.
    #[must_use]
    pub fn totals(&self) -> [i64; 2] {
        [self.base_total.first().copied().unwrap_or(0), self.trie.total()]
    }

    /// Where each node lies.
    ///
    /// # Errors
    /// [`TreeOverflow`] when widths add up beyond 64 bits.
    pub fn layout(&self) -> Result<Layout, TreeOverflow> {
        at_once(self.layout_sliced(&NoYield))
    }

    /// As [`Self::layout`], in slices.
    ///
    /// # Errors
    /// As [`Self::layout`].
    pub async fn layout_sliced(&self, pause: &impl YieldNow) -> Result<Layout, TreeOverflow> {
        let factor = self.base_factor();
        let tree = &self.trie.tree;
        let own = |node: usize| {
            let (head, base) = (tree.self_value[node], self.base_self[node]);
            let scaled = if factor == 1.0 {
                base.unsigned_abs()
            } else {
                ((base.unsigned_abs() as f64 * factor).round() as u64).max(u64::from(base != 0))
            };
            head.unsigned_abs().max(scaled)
        };
        let absolute = subtree_sums(tree, own, pause).await?;
        Ok(Layout::weighted(&self.trie, Some(absolute), pause).await)
    }

    /// What a value of the base is times, to be compared with one of the head. Only for widths and colours.
    fn base_factor(&self) -> f64 {
        let [base, head] = self.totals();
        if self.normalised && base != 0 && head != 0 {
            return (head as f64 / base as f64).abs();
        }
        let scale = 10f64.powi(i32::from(self.trie.scale) - i32::from(self.base_scale));
        self.trie.divisor.max(1) as f64 / self.base_divisor.max(1) as f64 * scale
    }

    /// How base and head compare: by shares, or by values as they are shown.
    #[must_use]
    pub fn compare(&self, [base, head]: [i64; 2]) -> Ordering {
        let [of_base, of_head] = self.totals();
        if self.normalised {
            let change = share_change([base, head], [of_base, of_head]);
            return change.partial_cmp(&0.0).unwrap_or(Ordering::Equal);
        }
        self.trie.output(head).cmp(&self.base_output(base))
    }

    /// How much more the head has: of its share, or of its value as it is shown.
    #[must_use]
    pub fn growth(&self, of: [i64; 2]) -> f64 {
        if self.normalised {
            return share_change(of, self.totals());
        }
        (i128::from(self.trie.output(of[1])) - i128::from(self.base_output(of[0]))) as f64
    }

    /// What became of something with these totals.
    #[must_use]
    pub fn change(&self, of: [i64; 2]) -> Change {
        match (of, self.compare(of)) {
            ([0, 0], _) => Change::Same,
            ([0, _], _) => Change::New,
            ([_, 0], _) => Change::Gone,
            (_, Ordering::Greater) => Change::Grown,
            (_, Ordering::Less) => Change::Shrunk,
            (_, Ordering::Equal) => Change::Same,
        }
    }

    /// The colour of something with these totals: [`DIFF_COLORS`] buckets of (head - base) / (head + base), from 1
    /// (gone) over 8 (as it was) to 15 (new); what changed is never 8.
    #[must_use]
    pub fn color(&self, of: [i64; 2]) -> u16 {
        let (base, head) = ((of[0] as f64 * self.base_factor()).abs(), (of[1] as f64).abs());
        let change = if base + head > 0.0 { (head - base) / (head + base) } else { 0.0 };
        let step = (change * (AS_IT_WAS - 1.0)).round();
        let step = match self.compare(of) {
            Ordering::Equal => 0.0,
            Ordering::Greater => step.max(1.0),
            Ordering::Less => step.min(-1.0),
        };
        (AS_IT_WAS + step) as u16
    }

    /// Totals of base and head of a node, not yet divided.
    #[must_use]
    pub fn node_totals(&self, node: u32) -> [i64; 2] {
        let at = node as usize;
        [&self.base_total, &self.trie.tree.total].map(|column| column.get(at).copied().unwrap_or(0))
    }

    /// As [`visible_boxes`], with the totals of the base, and coloured by change.
    ///
    /// # Errors
    /// As [`visible_boxes`].
    pub fn visible_boxes(
        &self,
        layout: &Layout,
        search: Option<&Search>,
        request: &DrawRequest,
    ) -> Result<Vec<DrawBox>, TreeOverflow> {
        let mut boxes = visible_boxes(&self.trie, layout, &FunctionPackages::default(), search, request)?;
        let tree = &self.trie.tree;
        for of in &mut boxes {
            let mut sums = [0i128; 2];
            let mut node = of.node;
            for _ in 0..of.count {
                for (sum, total) in sums.iter_mut().zip(self.node_totals(node)) {
                    *sum += i128::from(total);
                }
                node = tree.end.get(node as usize).copied().unwrap_or(NONE);
            }
            let [base, head] = sums.map(|sum| i64::try_from(sum).map_err(|_overflow| TreeOverflow));
            let sums = [base?, head?];
            of.base = self.base_output(sums[0]);
            of.color = self.color(sums);
        }
        Ok(sorted(boxes))
    }
}

/// All of a trie that is no column.
fn slim(of: &MergedTrie) -> MergedTrie {
    MergedTrie {
        tree: Tree::default(),
        symbols: Symbols::default(),
        line: Vec::new(),
        mapping: Vec::new(),
        granularity: of.granularity,
        scale: of.scale,
        divisor: of.divisor,
        output_digits: of.output_digits,
        negative: of.negative,
    }
}
