//! Pages of a diff's functions.

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;

use crate::{Change, DiffRow, DiffTree, FunctionDiff, Names, share_change};

/// What rows are sorted by; equal ones stay by falling change of the total's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiffSort {
    /// Change of the share of the total.
    TotalChange,
    /// Change of the share of the self value.
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
}

/// A part of the table, and how many rows there are in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffPage<'a> {
    /// Rows asked for, not yet divided, with the name as it is shown.
    pub rows: Vec<(&'a DiffRow, &'a str)>,
    /// Rows that pass.
    pub count: usize,
}

/// Rows of a diff's functions. `functions` and `names` are those of `tree`.
#[must_use]
pub fn diff_page<'a>(
    tree: &'a DiffTree,
    functions: &'a FunctionDiff,
    names: &'a Names,
    request: &DiffRequest<'_>,
) -> DiffPage<'a> {
    let passes = |row: &&DiffRow| {
        let is_found = request.filter.is_none_or(|filter| {
            row.functions.clone().any(|function| filter.get(function as usize).copied().unwrap_or(false))
        });
        is_found && request.change.is_none_or(|change| row.change == change)
    };
    let rows: Vec<&DiffRow> = functions.rows.iter().filter(passes).collect();
    let name = |row: &DiffRow| names.get(&tree.trie, FunctionId(row.functions.start));
    let totals = functions.totals;
    let order = sorted_rows(rows.len(), &mut |a, b| {
        let [a, b] = [rows[a as usize], rows[b as usize]];
        let change = |of: fn(&DiffRow) -> [i64; 2]| share_change(of(a), totals).total_cmp(&share_change(of(b), totals));
        let order = match request.sort {
            DiffSort::TotalChange => change(|row| row.total),
            DiffSort::SelfChange => change(|row| row.self_value),
            DiffSort::SelfValue => a.self_value[1].cmp(&b.self_value[1]),
            DiffSort::Total => a.total[1].cmp(&b.total[1]),
            DiffSort::BaseSelf => a.self_value[0].cmp(&b.self_value[0]),
            DiffSort::BaseTotal => a.total[0].cmp(&b.total[0]),
            DiffSort::Name => name(a).cmp(name(b)),
        };
        if request.descending { order.reverse() } else { order }
    });
    let count = rows.len();
    let page = order.into_iter().skip(request.offset).take(request.limit).map(|at| rows[at as usize]);
    DiffPage { rows: page.map(|row| (row, name(row))).collect(), count }
}
