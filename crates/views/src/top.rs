//! The top table: self and total of every function.

use std::sync::OnceLock;

use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, NoYield, Tree, TreeOverflow, Work, YieldNow, at_once, slices, sorted};

use crate::{FunctionPackages, Names};

/// What rows are sorted by; equal values are ordered by name, then by file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TopSort {
    /// Value of samples that end in the function.
    SelfValue,
    /// Value of samples that pass through the function.
    Total,
    /// Shown name, then file.
    Name,
}

/// Which rows of the table.
#[derive(Clone, Copy, Debug)]
pub struct TopRequest<'a> {
    /// Order.
    pub sort: TopSort,
    /// Largest first (for names: last first).
    pub descending: bool,
    /// Rows to skip.
    pub offset: usize,
    /// Most rows to give.
    pub limit: usize,
    /// Functions to keep, by row ([`crate::Pattern::functions`]); all without.
    pub filter: Option<&'a [bool]>,
}

/// One row. Values are output values ([`MergedTrie::output`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopRow<'a> {
    /// The function; stable for the trie.
    pub function: FunctionId,
    /// Its name as it is shown, `(unknown)` for an empty one.
    pub name: &'a str,
    /// Its file, empty where unknown.
    pub file: &'a str,
    /// Line to show, 0 where unknown.
    pub line: u32,
    /// Its package.
    pub package: &'a str,
    /// Its colour.
    pub color: u16,
    /// Value of samples that end in it.
    pub self_value: i64,
    /// Value of samples that pass through it, each counted once.
    pub total: i64,
}

/// A part of the table, and how many rows there are in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopPage<'a> {
    /// Rows asked for.
    pub rows: Vec<TopRow<'a>>,
    /// Rows that pass the filter.
    pub count: usize,
}

/// Self and total by function, not yet divided, and the orders asked for so far.
#[derive(Clone, Debug)]
pub struct TopTable {
    self_value: Vec<i64>,
    total: Vec<i64>,
    orders: [OnceLock<Vec<u32>>; 4],
}

/// Self and total of each of `groups` groups of functions: `group_of` gives the one of a key. Stacks count once.
pub(crate) async fn sums_by(
    tree: &Tree,
    self_values: &[i64],
    totals: &[i64],
    groups: usize,
    group_of: impl Fn(u32) -> u32,
    pause: &impl YieldNow,
) -> Result<(Vec<i64>, Vec<i64>), TreeOverflow> {
    let mut self_value = vec![0i64; groups];
    let mut total = vec![0i64; groups];
    let mut open_until = vec![0u32; groups];
    let mut work = Work::default();
    for nodes in slices(1..tree.len()) {
        let units = nodes.len();
        for node in nodes {
            let group = group_of(tree.key[node]) as usize;
            let own = &mut self_value[group];
            *own = own.checked_add(self_values[node]).ok_or(TreeOverflow)?;
            if node as u32 >= open_until[group] {
                open_until[group] = tree.end[node];
                let sum = &mut total[group];
                *sum = sum.checked_add(totals[node]).ok_or(TreeOverflow)?;
            }
        }
        work.done(units, pause).await;
    }
    Ok((self_value, total))
}

impl TopTable {
    /// Adds up every function in one walk over the nodes. A stack counts once towards the total of a function,
    /// however often the function recurs in it: nodes below an open node of the same function add nothing.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
    pub fn new(trie: &MergedTrie) -> Result<Self, TreeOverflow> {
        at_once(Self::sliced(trie, &NoYield))
    }

    /// As [`Self::new`], in slices.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn sliced(trie: &MergedTrie, pause: &impl YieldNow) -> Result<Self, TreeOverflow> {
        let tree = &trie.tree;
        let functions = trie.symbols.functions.len();
        let (self_value, total) = sums_by(tree, &tree.self_value, &tree.total, functions, |key| key, pause).await?;
        Ok(Self { self_value, total, orders: Default::default() })
    }

    /// A table of values that are known by function: one row a function of the trie that [`Self::page`] is given.
    #[must_use]
    pub fn from_values(self_value: Vec<i64>, total: Vec<i64>) -> Self {
        Self { self_value, total, orders: Default::default() }
    }

    /// Number of functions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.self_value.len()
    }

    /// True without functions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.self_value.is_empty()
    }

    /// Self and total of a function, not yet divided.
    #[must_use]
    pub fn values(&self, function: FunctionId) -> (i64, i64) {
        let at = |column: &[i64]| column.get(function.index()).copied().unwrap_or(0);
        (at(&self.self_value), at(&self.total))
    }

    /// Rows of the table. `trie`, `names` and `packages` are those the table was made of.
    #[must_use]
    pub fn page<'a>(
        &self,
        trie: &'a MergedTrie,
        names: &'a Names,
        packages: &'a FunctionPackages,
        request: &TopRequest<'_>,
    ) -> TopPage<'a> {
        let passes = |function: &u32| match request.filter {
            Some(filter) => filter.get(*function as usize).copied().unwrap_or(false),
            None => true,
        };
        let count = match request.filter {
            Some(_) => (0..self.len() as u32).filter(passes).count(),
            None => self.len(),
        };
        let row = |function| self.row(trie, names, packages, FunctionId(function));
        let TopRequest { offset, limit, .. } = *request;
        let by_name = names.order(trie);
        // Functions are numbered by stored name.
        let named = |at: u32| by_name.map_or(at, |order| order[at as usize]);
        let all = 0..self.len() as u32;
        let rows = match (request.sort, request.descending) {
            (TopSort::Name, false) => all.map(named).filter(passes).skip(offset).take(limit).map(row).collect(),
            (TopSort::Name, true) => all.rev().map(named).filter(passes).skip(offset).take(limit).map(row).collect(),
            (sort, descending) => {
                let order = self.order(sort == TopSort::Total, descending);
                order.iter().copied().filter(passes).skip(offset).take(limit).map(row).collect()
            }
        };
        TopPage { rows, count }
    }

    fn order(&self, by_total: bool, descending: bool) -> &[u32] {
        at_once(self.order_sliced(by_total, descending, &NoYield))
    }

    async fn order_sliced(&self, by_total: bool, descending: bool, pause: &impl YieldNow) -> &[u32] {
        let known = &self.orders[usize::from(by_total) * 2 + usize::from(descending)];
        if let Some(order) = known.get() {
            return order;
        }
        let column = if by_total { &self.total } else { &self.self_value };
        // The sort is stable and function rows are in the order of names, which so breaks ties.
        let mut compare = |a: u32, b: u32| {
            let by_value = column[a as usize].cmp(&column[b as usize]);
            if descending { by_value.reverse() } else { by_value }
        };
        let order = sorted(self.len(), &mut compare, pause).await;
        known.get_or_init(|| order)
    }

    /// Sorts the rows in slices: [`Self::page`] has no more to do then than to cut them. `trie` and `names` are those of the table.
    pub async fn put_in_order(
        &self,
        trie: &MergedTrie,
        names: &Names,
        sort: TopSort,
        descending: bool,
        pause: &impl YieldNow,
    ) {
        match sort {
            TopSort::Name => names.put_in_order(trie, pause).await,
            TopSort::SelfValue | TopSort::Total => {
                self.order_sliced(sort == TopSort::Total, descending, pause).await;
            }
        }
    }

    fn row<'a>(
        &self,
        trie: &'a MergedTrie,
        names: &'a Names,
        packages: &'a FunctionPackages,
        function: FunctionId,
    ) -> TopRow<'a> {
        let symbols = &trie.symbols;
        let (self_value, total) = self.values(function);
        TopRow {
            function,
            name: names.get(trie, function),
            file: symbols.functions.get(function).map_or("", |row| symbols.text(row.file)),
            line: trie.line.get(function.index()).copied().unwrap_or(0),
            package: packages.package(function),
            color: packages.color(function),
            self_value: trie.output(self_value),
            total: trie.output(total),
        }
    }
}
