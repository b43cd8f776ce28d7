//! Pages of a diff's functions and of its nodes.

use std::ops::Range;

use emberglass_columns::FirstRows;
use emberglass_profile::FunctionId;
use emberglass_trie::{NoYield, Work, YieldNow, at_once, slices, sorted};

use crate::{Change, DiffRow, DiffTree, FunctionDiff, Names};

/// Units of work of looking at a row.
const ROW: usize = 5;
/// Units of work of comparing two names.
const NAME: usize = 10;
/// Rows that are found without sorting all; behind them that is cheaper.
const FIRST: usize = 1 << 14;

/// What rows are sorted by; functions with equal ones stay by falling change of the total's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiffSort {
    /// Growth of the total ([`DiffTree::growth`]).
    TotalChange,
    /// Growth of the self value.
    SelfChange,
    /// Self value of the head.
    SelfValue,
    /// Total of the head.
    Total,
    /// Self value of the base.
    BaseSelf,
    /// Total of the base.
    BaseTotal,
    /// Shown name.
    Name,
    /// How likely it is that the total changed by chance ([`DiffRequest::probabilities`]); what has none comes last either way.
    TotalP,
}

/// Which rows.
#[derive(Clone, Copy, Debug)]
pub struct DiffRequest<'a> {
    /// Order.
    pub sort: DiffSort,
    /// Largest first (for names: last first).
    pub descending: bool,
    /// Rows to skip.
    pub offset: usize,
    /// Most rows to give.
    pub limit: usize,
    /// Functions to keep, by row of the union tree ([`crate::Pattern::functions`]): a row with one of them stays. All without.
    pub filter: Option<&'a [bool]>,
    /// Only what became this; all without.
    pub change: Option<Change>,
    /// What [`DiffSort::TotalP`] sorts by, by row of the union tree: that of a row's first function.
    pub probabilities: Option<&'a [Option<f64>]>,
}

/// A part of the table, and how many rows there are in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffPage<'a, Row> {
    /// Rows asked for, not yet divided, with the name as it is shown.
    pub rows: Vec<(Row, &'a str)>,
    /// Rows that pass.
    pub count: usize,
}

/// One node of a diff, with values not yet divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffNode {
    /// Row in the union tree.
    pub node: u32,
    /// Its function.
    pub function: FunctionId,
    /// Values of samples that end in it: base, head.
    pub self_value: [i64; 2],
    /// Values of samples that pass through it: base, head.
    pub total: [i64; 2],
}

/// What rows are sorted by.
struct Values {
    function: FunctionId,
    name_rank: u32,
    self_value: [i64; 2],
    total: [i64; 2],
}

/// Rows of a diff's functions. `functions` and `names` are those of `tree`.
#[must_use]
pub fn diff_page<'a>(
    tree: &'a DiffTree,
    functions: &'a FunctionDiff,
    names: &'a Names,
    request: &DiffRequest<'_>,
) -> DiffPage<'a, &'a DiffRow> {
    at_once(diff_page_sliced(tree, functions, names, request, &NoYield))
}

/// As [`diff_page`], in slices.
pub async fn diff_page_sliced<'a>(
    tree: &'a DiffTree,
    functions: &'a FunctionDiff,
    names: &'a Names,
    request: &DiffRequest<'_>,
    pause: &impl YieldNow,
) -> DiffPage<'a, &'a DiffRow> {
    let ranks = name_ranks(tree, names, request, pause).await;
    let row = |at: usize| {
        let row = &functions.rows[at];
        let is_found = request.filter.is_none_or(|filter| {
            row.functions.clone().any(|function| filter.get(function as usize).copied().unwrap_or(false))
        });
        (is_found && request.change.is_none_or(|change| row.change == change)).then_some(row)
    };
    let values = |row: &&DiffRow| Values {
        function: FunctionId(row.functions.start),
        name_rank: ranks.get(row.functions.start as usize).copied().unwrap_or_default(),
        self_value: row.self_value,
        total: row.total,
    };
    let (rows, count) = page(0..functions.rows.len(), row, values, tree, request, pause).await;
    let named = |row: &'a DiffRow| (row, names.get(&tree.trie, FunctionId(row.functions.start)));
    DiffPage { rows: rows.into_iter().map(named).collect(), count }
}

/// Rows of a diff's nodes without the root. `names` are those of `tree`.
#[must_use]
pub fn diff_nodes<'a>(tree: &'a DiffTree, names: &'a Names, request: &DiffRequest<'_>) -> DiffPage<'a, DiffNode> {
    at_once(diff_nodes_sliced(tree, names, request, &NoYield))
}

/// As [`diff_nodes`], in slices.
pub async fn diff_nodes_sliced<'a>(
    tree: &'a DiffTree,
    names: &'a Names,
    request: &DiffRequest<'_>,
    pause: &impl YieldNow,
) -> DiffPage<'a, DiffNode> {
    let of = &tree.trie.tree;
    let ranks = name_ranks(tree, names, request, pause).await;
    let row = |at: usize| {
        let node = DiffNode {
            node: at as u32,
            function: FunctionId(of.key[at]),
            self_value: [tree.base_self[at], of.self_value[at]],
            total: [tree.base_total[at], of.total[at]],
        };
        let is_found = request.filter.is_none_or(|filter| filter.get(node.function.index()).copied().unwrap_or(false));
        (is_found && request.change.is_none_or(|change| tree.change(node.total) == change)).then_some(node)
    };
    let values = |node: &DiffNode| Values {
        function: node.function,
        name_rank: ranks.get(node.function.index()).copied().unwrap_or_default(),
        self_value: node.self_value,
        total: node.total,
    };
    let (rows, count) = page(1..of.len(), row, values, tree, request, pause).await;
    let named = |node: DiffNode| (node, names.get(&tree.trie, node.function));
    DiffPage { rows: rows.into_iter().map(named).collect(), count }
}

/// By function its place in the order of shown names, the same for the same name; empty where nothing is sorted by it.
async fn name_ranks(tree: &DiffTree, names: &Names, request: &DiffRequest<'_>, pause: &impl YieldNow) -> Vec<u32> {
    if request.sort != DiffSort::Name {
        return Vec::new();
    }
    names.put_in_order(&tree.trie, pause).await;
    let order = names.order(&tree.trie);
    let functions = tree.trie.symbols.functions.len();
    let (mut ranks, mut rank, mut last, mut work) = (vec![0; functions], 0, None, Work::default());
    for part in slices(0..functions) {
        work.done(part.len() * NAME, pause).await;
        for at in part {
            let function = order.map_or(at as u32, |order| order[at]);
            let name = names.get(&tree.trie, FunctionId(function));
            rank += u32::from(last.is_some_and(|last| last != name));
            last = Some(name);
            ranks[function as usize] = rank;
        }
    }
    ranks
}

/// The rows of a page, and how many pass in all; `row` gives those that do.
async fn page<Row>(
    all: Range<usize>,
    row: impl Fn(usize) -> Option<Row>,
    values: impl Fn(&Row) -> Values,
    tree: &DiffTree,
    request: &DiffRequest<'_>,
    pause: &impl YieldNow,
) -> (Vec<Row>, usize) {
    let key = |row: &Row| {
        let key = sort_key(request, tree, &values(row));
        // All bits the other way is the order the other way.
        if request.descending { !key } else { key }
    };
    let until = request.offset.saturating_add(request.limit);
    let (mut work, mut count) = (Work::default(), 0);
    let order = if until <= FIRST {
        let mut first = FirstRows::new(until);
        for part in slices(all) {
            work.done(part.len() * ROW, pause).await;
            for (at, row) in part.filter_map(|at| Some((at, row(at)?))) {
                count += 1;
                first.push(key(&row), at as u32);
            }
        }
        first.finish()
    } else {
        // Room for all at once: a list that grows is copied in one go.
        let (mut rows, mut keys) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        for part in slices(all) {
            work.done(part.len() * ROW, pause).await;
            for (at, row) in part.filter_map(|at| Some((at, row(at)?))) {
                rows.push(at as u32);
                keys.push(key(&row));
            }
        }
        count = rows.len();
        let order = sorted(count, &mut |a, b| keys[a as usize].cmp(&keys[b as usize]), pause).await;
        order.into_iter().map(|at| rows[at as usize]).take(until).collect()
    };
    (order.into_iter().skip(request.offset).filter_map(|at| row(at as usize)).collect(), count)
}

/// A number that is ordered as what rows are sorted by.
fn sort_key(request: &DiffRequest<'_>, tree: &DiffTree, values: &Values) -> i64 {
    match request.sort {
        DiffSort::TotalChange => ordered(tree.growth(values.total)),
        DiffSort::SelfChange => ordered(tree.growth(values.self_value)),
        DiffSort::SelfValue => values.self_value[1],
        DiffSort::Total => values.total[1],
        DiffSort::BaseSelf => values.self_value[0],
        DiffSort::BaseTotal => values.total[0],
        DiffSort::TotalP => {
            let of = request.probabilities.and_then(|known| known.get(values.function.index()).copied().flatten());
            let last = if request.descending { i64::MIN } else { i64::MAX };
            of.map_or(last, ordered)
        }
        DiffSort::Name => i64::from(values.name_rank),
    }
}

/// An integer that is ordered as [`f64::total_cmp`] orders numbers.
const fn ordered(number: f64) -> i64 {
    let bits = number.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}
