//! Pages of a diff's functions and of its nodes.

use emberglass_profile::FunctionId;
use emberglass_trie::{NoYield, Work, YieldNow, at_once, slices, sorted};

use crate::{Change, DiffRow, DiffTree, FunctionDiff, Names};

/// Units of work of looking at a row.
const ROW: usize = 5;

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
struct Values<'a> {
    function: FunctionId,
    name: &'a str,
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
    let passes = |row: &&DiffRow| {
        let is_found = request.filter.is_none_or(|filter| {
            row.functions.clone().any(|function| filter.get(function as usize).copied().unwrap_or(false))
        });
        is_found && request.change.is_none_or(|change| row.change == change)
    };
    let (mut rows, mut work) = (Vec::new(), Work::default());
    for part in slices(0..functions.rows.len()) {
        work.done(part.len() * ROW, pause).await;
        rows.extend(functions.rows[part].iter().filter(passes));
    }
    let values = |row: &&'a DiffRow| Values {
        function: FunctionId(row.functions.start),
        name: names.get(&tree.trie, FunctionId(row.functions.start)),
        self_value: row.self_value,
        total: row.total,
    };
    page(&rows, values, tree, request, pause).await
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
    let node = |at: usize| DiffNode {
        node: at as u32,
        function: FunctionId(of.key[at]),
        self_value: [tree.base_self[at], of.self_value[at]],
        total: [tree.base_total[at], of.total[at]],
    };
    let passes = |node: &DiffNode| {
        let is_found = request.filter.is_none_or(|filter| filter.get(node.function.index()).copied().unwrap_or(false));
        is_found && request.change.is_none_or(|change| tree.change(node.total) == change)
    };
    let (mut rows, mut work) = (Vec::new(), Work::default());
    for part in slices(1..of.len()) {
        work.done(part.len() * ROW, pause).await;
        rows.extend(part.map(node).filter(passes));
    }
    let values = |node: &DiffNode| Values {
        function: node.function,
        name: names.get(&tree.trie, node.function),
        self_value: node.self_value,
        total: node.total,
    };
    page(&rows, values, tree, request, pause).await
}

async fn page<'a, Row: Copy>(
    rows: &[Row],
    values: impl Fn(&Row) -> Values<'a>,
    tree: &DiffTree,
    request: &DiffRequest<'_>,
    pause: &impl YieldNow,
) -> DiffPage<'a, Row> {
    // Comparing shares divides: once a row, not once a comparison.
    let (mut keys, mut work) = (Vec::new(), Work::default());
    if request.sort != DiffSort::Name {
        keys.reserve_exact(rows.len());
        for part in slices(0..rows.len()) {
            work.done(part.len() * ROW, pause).await;
            keys.extend(rows[part].iter().map(|row| sort_key(request, tree, &values(row))));
        }
    }
    let compare = &mut |a: u32, b: u32| {
        let order = match request.sort {
            DiffSort::Name => values(&rows[a as usize]).name.cmp(values(&rows[b as usize]).name),
            _ => keys[a as usize].cmp(&keys[b as usize]),
        };
        if request.descending { order.reverse() } else { order }
    };
    let order = sorted(rows.len(), compare, pause).await;
    let page = order.into_iter().skip(request.offset).take(request.limit).map(|at| rows[at as usize]);
    DiffPage { rows: page.map(|row| (row, values(&row).name)).collect(), count: rows.len() }
}

/// A number that is ordered as what rows are sorted by; names have none.
fn sort_key(request: &DiffRequest<'_>, tree: &DiffTree, values: &Values<'_>) -> i64 {
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
        DiffSort::Name => 0,
    }
}

/// An integer that is ordered as [`f64::total_cmp`] orders numbers.
const fn ordered(number: f64) -> i64 {
    let bits = number.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}
