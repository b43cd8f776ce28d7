//! Sorts that go on step by step, so that whoever else runs on the thread has its turn between two steps.

use std::cmp::Ordering;

use crate::sort_rows;

/// Rows that are sorted at once, before they are merged with others.
const RUN: usize = 512;
/// What sorting a row of a run costs in rows merged: about the logarithm of the length.
const MERGES_A_ROW: usize = 9;

/// A stable sort of rows by a comparison: short runs are sorted, then merged two by two.
#[derive(Clone, Debug, Default)]
pub struct RowSort {
    rows: Vec<u32>,
    /// Rows of the pass under way; it turns runs of `width` rows into runs of twice as many.
    merged: Vec<u32>,
    width: usize,
    /// Rows that lie in sorted runs.
    sorted: usize,
    /// Rows taken of the left one of the two runs that are being merged.
    left: usize,
}

impl RowSort {
    /// Begins with rows in the order that those have which compare equal.
    #[must_use]
    pub const fn new(rows: Vec<u32>) -> Self {
        Self { rows, merged: Vec::new(), width: RUN, sorted: 0, left: 0 }
    }

    /// Goes on for about `limit` comparisons; false once the rows are sorted. The comparison must stay the same.
    pub fn step(&mut self, limit: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> bool {
        let (len, limit) = (self.rows.len(), limit.max(1));
        let mut done = 0usize;
        while self.sorted < len {
            if done >= limit {
                return true;
            }
            let run = self.sorted..len.min(self.sorted + RUN);
            done = done.saturating_add(run.len() * MERGES_A_ROW);
            self.sorted = run.end;
            sort_rows(&mut self.rows[run], compare);
        }
        while self.width < len {
            let until = len.min(self.merged.len().saturating_add(limit.saturating_sub(done)));
            done = done.saturating_add(until - self.merged.len());
            self.merge(until, compare);
            if self.merged.len() < len {
                return true;
            }
            std::mem::swap(&mut self.rows, &mut self.merged);
            self.merged.clear();
            self.width *= 2;
        }
        false
    }

    /// Merges until the pass holds `until` rows.
    fn merge(&mut self, until: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) {
        let Self { rows, merged, width, left, .. } = self;
        while merged.len() < until {
            let begin = merged.len() / (2 * *width) * (2 * *width);
            let (middle, end) = ((begin + *width).min(rows.len()), (begin + 2 * *width).min(rows.len()));
            if merged.len() == begin {
                *left = 0;
            }
            for at in merged.len()..until.min(end) {
                let (a, b) = (begin + *left, middle + (at - begin - *left));
                let is_left = b >= end || (a < middle && compare(rows[a], rows[b]).is_le());
                merged.push(rows[if is_left { a } else { b }]);
                *left += usize::from(is_left);
            }
        }
    }

    /// The sorted rows, once no step is left.
    #[must_use]
    pub fn finish(self) -> Vec<u32> {
        self.rows
    }
}

/// A stable sort of rows by a key below a bound: they are counted, not compared.
#[derive(Clone, Debug, Default)]
pub struct CountingSort {
    pass: Pass,
    at: usize,
    keys: usize,
    /// One more than there are keys. What it holds depends on the pass; at the end it is where the rows of a key end.
    ends: Vec<u32>,
    sorted: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Pass {
    #[default]
    Begin,
    Count,
    Sum,
    Room,
    Place,
    Done,
}

impl CountingSort {
    /// Begins with keys below `keys`.
    #[must_use]
    pub fn new(keys: usize) -> Self {
        Self { keys, ends: Vec::with_capacity(keys + 1), ..Self::default() }
    }

    /// Goes on for at most `limit` rows or keys; false once the rows are sorted. `row` gives the row and its key at each
    /// of `len` positions, `None` for none, and the same each time.
    pub fn step(&mut self, limit: usize, len: usize, row: impl Fn(usize) -> Option<(u32, u32)>) -> bool {
        let Self { pass, at, keys, ends, sorted } = self;
        let last = match pass {
            Pass::Begin | Pass::Sum => *keys + 1,
            Pass::Room => ends.last().copied().unwrap_or_default() as usize,
            Pass::Count | Pass::Place => len,
            Pass::Done => return false,
        };
        let positions = *at..last.min(at.saturating_add(limit.max(1)));
        *at = positions.end;
        match pass {
            Pass::Begin => ends.resize(positions.end, 0),
            Pass::Count => positions.filter_map(row).for_each(|(_, key)| ends[key as usize + 1] += 1),
            Pass::Sum => positions.skip_while(|&key| key == 0).for_each(|key| ends[key] += ends[key - 1]),
            Pass::Room => sorted.resize(positions.end, 0),
            Pass::Place => positions.filter_map(row).for_each(|(row, key)| {
                let place = &mut ends[key as usize];
                sorted[*place as usize] = row;
                *place += 1;
            }),
            Pass::Done => {}
        }
        if *at < last {
            return true;
        }
        *at = 0;
        *pass = match pass {
            Pass::Begin => Pass::Count,
            Pass::Count => Pass::Sum,
            Pass::Sum => {
                sorted.reserve_exact(ends.last().copied().unwrap_or_default() as usize);
                Pass::Room
            }
            Pass::Room => Pass::Place,
            Pass::Place | Pass::Done => Pass::Done,
        };
        !matches!(pass, Pass::Done)
    }

    /// The sorted rows, and by key where its rows end among them, once no step is left.
    #[must_use]
    pub fn finish(mut self) -> (Vec<u32>, Vec<u32>) {
        self.ends.pop();
        (self.sorted, self.ends)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_sorted_as_at_once(keys in prop::collection::vec(0u8..50, 0..3000), limit in 1usize..2000) {
            let mut compare = |a: u32, b: u32| keys[a as usize].cmp(&keys[b as usize]);
            let mut sort = RowSort::new((0..keys.len() as u32).collect());
            let mut steps = 1;
            while sort.step(limit, &mut compare) {
                steps += 1;
            }
            let mut expected: Vec<u32> = (0..keys.len() as u32).collect();
            expected.sort_by_key(|&row| keys[row as usize]);
            prop_assert_eq!(sort.finish(), expected);
            prop_assert!(steps * (limit + RUN * MERGES_A_ROW) >= keys.len());
        }

        #[test]
        fn counted_rows_are_sorted_as_at_once(keys in prop::collection::vec(0u32..50, 0..300), limit in 1usize..400) {
            let row = |at: usize| (keys[at] % 5 != 0).then(|| (at as u32 + 7, keys[at]));
            let mut sort = CountingSort::new(50);
            while sort.step(limit, keys.len(), row) {}
            let mut expected: Vec<(u32, u32)> = (0..keys.len()).filter_map(row).collect();
            expected.sort_by_key(|&(_, key)| key);
            let (sorted, ends) = sort.finish();
            let until = |key: u32| expected.iter().filter(|&&(_, of)| of <= key).count() as u32;
            prop_assert_eq!(ends, (0..50).map(until).collect::<Vec<_>>());
            prop_assert_eq!(sorted, expected.into_iter().map(|(row, _)| row).collect::<Vec<_>>());
        }
    }
}
