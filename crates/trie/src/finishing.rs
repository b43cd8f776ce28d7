//! From rows in order of arrival to depth-first order, step by step.

use emberglass_columns::{CountingSort, RowSort};

use crate::functions::Shown;
use crate::sums::Combining;
use crate::{MergedTrie, Merger, Tree, TreeOverflow};

const NONE: u32 = u32::MAX;

/// Makes the trie of what a merger holds: [`Self::step`] until there is no more, then [`Self::finish`].
///
/// The rows that hold a value in their subtree come in depth-first order, siblings by the rank of their functions. There
/// are no comparisons of rows: they are counted into the order of their ranks, and in that order into the lists of
/// their parents.
#[derive(Debug)]
pub struct Finishing<'a> {
    of: &'a Merger,
    stage: Stage,
    /// Rows of this stage that are done.
    at: usize,
    combining: Combining,
    live: Vec<bool>,
    /// Place of each key among the functions that are shown.
    rank: Vec<u32>,
    sort: RowSort,
    sorted: Vec<u32>,
    shown: Shown,
    counting: CountingSort,
    rows: Vec<u32>,
    /// One past the last child of each row, as places in `rows`.
    child_ends: Vec<u32>,
    /// Rows to visit, with the nodes above them.
    open: Vec<(u32, u32)>,
    tree: Tree,
    /// Sum of the absolute self values.
    magnitude: i128,
    negative: bool,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Combine,
    Live,
    Keys,
    Rank,
    Show,
    ByRank,
    ByParent,
    Walk,
    Totals,
    Done,
}

impl<'a> Finishing<'a> {
    pub(crate) fn new(of: &'a Merger) -> Self {
        Self {
            of,
            stage: Stage::Combine,
            at: 0,
            combining: of.sums.combining(),
            live: Vec::new(),
            rank: vec![NONE; of.functions.len()],
            sort: RowSort::default(),
            sorted: Vec::new(),
            shown: Shown::default(),
            counting: CountingSort::default(),
            rows: Vec::new(),
            child_ends: Vec::new(),
            open: vec![(0, 0)],
            tree: Tree::default(),
            magnitude: 0,
            negative: false,
        }
    }

    /// Goes through at most about `limit` rows; false once nothing is left.
    ///
    /// # Errors
    /// [`TreeOverflow`] when a self value or a total leaves the 64-bit range.
    pub fn step(&mut self, limit: usize) -> Result<bool, TreeOverflow> {
        let limit = limit.max(1);
        let (more, next) = match self.stage {
            Stage::Combine => (self.combine(limit)?, Stage::Live),
            Stage::Live => (self.mark_live(limit), Stage::Keys),
            Stage::Keys => (self.collect_keys(limit), Stage::Rank),
            Stage::Rank => (self.rank(limit), Stage::Show),
            Stage::Show => (self.show(limit), Stage::ByRank),
            Stage::ByRank => (self.sort_by_rank(limit), Stage::ByParent),
            Stage::ByParent => (self.sort_by_parent(limit), Stage::Walk),
            Stage::Walk => (self.walk(limit), Stage::Totals),
            Stage::Totals => (self.add_totals(limit)?, Stage::Done),
            Stage::Done => return Ok(false),
        };
        if !more {
            (self.stage, self.at) = (next, 0);
        }
        Ok(true)
    }

    /// The rows that are next of `len`, at most `limit`.
    fn next(&mut self, len: usize, limit: usize) -> std::ops::Range<usize> {
        let rows = self.at..len.min(self.at.saturating_add(limit));
        self.at = rows.end;
        rows
    }

    fn combine(&mut self, limit: usize) -> Result<bool, TreeOverflow> {
        let more = self.combining.step(&self.of.sums, self.of.index.len(), limit)?;
        if !more {
            self.live = vec![false; self.of.index.len()];
        }
        Ok(more)
    }

    /// Marks the rows whose subtree holds a value other than 0, from the last on; the root always.
    fn mark_live(&mut self, limit: usize) -> bool {
        let len = self.live.len();
        let (live, parents, values) = (&mut self.live, self.of.index.parents(), &self.combining.values);
        let until = len.min(self.at.saturating_add(limit));
        for row in (len - until..len - self.at).rev() {
            live[row] |= values[row] != 0 || row == 0;
            if live[row] {
                live[parents[row] as usize] = true;
            }
        }
        self.at = until;
        until < len
    }

    fn collect_keys(&mut self, limit: usize) -> bool {
        let keys = self.of.index.keys();
        let rows = self.next(keys.len(), limit);
        for row in rows.filter(|&row| row > 0 && self.live[row]) {
            let rank = &mut self.rank[keys[row] as usize];
            if *rank == NONE {
                *rank = 0;
                self.sorted.push(keys[row]);
            }
        }
        if self.at < keys.len() {
            return true;
        }
        if self.of.functions.is_sorted() {
            self.sorted.clear();
            let keys = self.rank.iter().enumerate().filter(|(_, rank)| **rank != NONE);
            self.sorted.extend(keys.map(|(key, _)| key as u32));
        }
        self.sort = RowSort::new(std::mem::take(&mut self.sorted));
        false
    }

    fn rank(&mut self, limit: usize) -> bool {
        let functions = &self.of.functions;
        if !functions.is_sorted() && self.sort.step(limit, &mut |a, b| functions.compare(a, b)) {
            return true;
        }
        self.sorted = std::mem::take(&mut self.sort).finish();
        for (at, &key) in self.sorted.iter().enumerate() {
            self.rank[key as usize] = at as u32;
        }
        self.counting = CountingSort::new(self.sorted.len());
        false
    }

    fn show(&mut self, limit: usize) -> bool {
        // What is shown as a whole is copied at once.
        let limit = if self.of.functions.is_sorted() { self.sorted.len() } else { limit };
        let rows = self.next(self.sorted.len(), limit);
        self.of.functions.show(&self.sorted[rows], &mut self.shown);
        self.at < self.sorted.len()
    }

    fn sort_by_rank(&mut self, limit: usize) -> bool {
        let (keys, live, rank) = (self.of.index.keys(), &self.live, &self.rank);
        let row = |row: usize| (row > 0 && live[row]).then(|| (row as u32, rank[keys[row] as usize]));
        if self.counting.step(limit, keys.len(), row) {
            return true;
        }
        (self.rows, _) = std::mem::replace(&mut self.counting, CountingSort::new(keys.len())).finish();
        false
    }

    fn sort_by_parent(&mut self, limit: usize) -> bool {
        let (rows, parents) = (&self.rows, self.of.index.parents());
        if self.counting.step(limit, rows.len(), |at| Some((rows[at], parents[rows[at] as usize]))) {
            return true;
        }
        (self.rows, self.child_ends) = std::mem::take(&mut self.counting).finish();
        let nodes = self.rows.len() + 1;
        self.tree = Tree {
            parent: Vec::with_capacity(nodes),
            key: Vec::with_capacity(nodes),
            depth: Vec::with_capacity(nodes),
            end: Vec::with_capacity(nodes),
            self_value: Vec::with_capacity(nodes),
            total: Vec::with_capacity(nodes),
        };
        false
    }

    fn walk(&mut self, limit: usize) -> bool {
        let Self { of, tree, open, rows, child_ends, rank, combining, magnitude, negative, .. } = self;
        let keys = of.index.keys();
        for _ in 0..limit {
            let Some((row, parent)) = open.pop() else { return false };
            let (node, at) = (tree.parent.len() as u32, row as usize);
            let value = combining.values[at];
            *magnitude += i128::from(value).abs();
            *negative |= value < 0;
            tree.parent.push(parent);
            tree.key.push(if row == 0 { NONE } else { rank[keys[at] as usize] });
            tree.depth.push(if row == 0 { 0 } else { tree.depth[parent as usize] + 1 });
            tree.end.push(node + 1);
            tree.self_value.push(value);
            tree.total.push(value);
            let first = if at == 0 { 0 } else { child_ends[at - 1] as usize };
            let below = &rows[first..child_ends[at] as usize];
            open.extend(below.iter().rev().map(|&child| (child, node)));
        }
        true
    }

    /// Adds totals up towards the root and finds where subtrees end, from the last node on.
    fn add_totals(&mut self, limit: usize) -> Result<bool, TreeOverflow> {
        let (tree, len) = (&mut self.tree, self.rows.len() + 1);
        let until = len.min(self.at.saturating_add(limit));
        for node in (len - until..len - self.at).rev().filter(|&node| node > 0) {
            let parent = tree.parent[node] as usize;
            tree.end[parent] = tree.end[parent].max(tree.end[node]);
            tree.total[parent] = tree.total[parent].checked_add(tree.total[node]).ok_or(TreeOverflow)?;
        }
        self.at = until;
        Ok(until < len)
    }

    /// The merged trie, once no step is left; does the steps that are.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn finish(mut self) -> Result<MergedTrie, TreeOverflow> {
        while self.step(usize::MAX)? {}
        let Self { of, combining, shown, tree, magnitude, negative, .. } = self;
        let divisor = combining.divisor();
        let thousandths_fit = magnitude * 1000 / i128::from(divisor) <= i128::from(i64::MAX);
        let Shown { symbols, line, mapping, .. } = shown;
        Ok(MergedTrie {
            negative,
            tree,
            symbols,
            line,
            mapping,
            granularity: of.functions.granularity(),
            scale: combining.scale(),
            divisor,
            output_digits: if divisor > 1 && thousandths_fit { 3 } else { 0 },
        })
    }
}
