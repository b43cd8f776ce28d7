//! Letting others run.

use std::cmp::Ordering;
use std::iter::Rev;
use std::ops::Range;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use emberglass_columns::RowSort;

use crate::functions::FunctionUnion;
use crate::{MergedTrie, Merger, TreeOverflow};

/// Called between slices of work that take a few milliseconds each.
#[allow(async_fn_in_trait, reason = "everything runs on one thread: futures need not be Send")]
pub trait YieldNow {
    /// Returns once others had their turn.
    async fn yield_now(&self);

    /// Hears how far the work is, in profiles and of how many, before each turn of others.
    fn progress(&self, _done: u64, _total: u64) {}
}

/// Goes on at once: for hosts with nothing else to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoYield;

impl YieldNow for NoYield {
    async fn yield_now(&self) {}
}

/// Work after which a yield is due, in units of about 10 ns: a sample row is one.
const SLICE: usize = 500_000;
/// Units of a row in one of the steps that make a merged trie.
const FINISHED: usize = 10;
/// Units of a comparison of two rows.
const COMPARED: usize = 12;
/// Rows of [`slices`].
const ROWS: usize = 1 << 14;

/// Runs work that waits for nothing but [`NoYield`].
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

/// Rows in parts of a millisecond or less each, for a loop that yields between them.
pub fn slices(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(ROWS).map(move |start| start..end.min(start + ROWS))
}

/// As [`slices`], from the last row to the first: the parts, and the rows of each.
pub fn slices_back(rows: Range<usize>) -> impl Iterator<Item = Rev<Range<usize>>> {
    let start = rows.start;
    rows.rev().step_by(ROWS).map(move |last| (start.max((last + 1).saturating_sub(ROWS))..last + 1).rev())
}

/// Work since the last yield. Without a clock it counts what was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    units: usize,
    /// Profiles done, and of how many, where that is known.
    profiles: Option<(u64, u64)>,
}

impl Work {
    /// Says how far it is, in profiles.
    pub const fn at(&mut self, done: u64, total: u64) {
        self.profiles = Some((done, total));
    }

    /// Says that so many more profiles are done.
    pub const fn did(&mut self, profiles: u64) {
        if let Some((done, _)) = &mut self.profiles {
            *done += profiles;
        }
    }

    /// Adds work that was done, in units of about 10 ns, and yields if a slice is full.
    pub async fn done(&mut self, units: usize, pause: &impl YieldNow) {
        self.units += units;
        if self.units >= SLICE {
            self.units = 0;
            if let Some((done, total)) = self.profiles {
                pause.progress(done, total);
            }
            pause.yield_now().await;
        }
    }
}

/// The trie of what a merger holds.
///
/// # Errors
/// [`TreeOverflow`] when a self value or a total leaves the 64-bit range.
pub async fn finish(merger: &Merger, pause: &impl YieldNow) -> Result<MergedTrie, TreeOverflow> {
    let mut finishing = merger.finishing();
    let mut work = Work::default();
    while finishing.step(SLICE / FINISHED)? {
        work.done(SLICE.min(merger.nodes() * FINISHED), pause).await;
    }
    finishing.finish()
}

/// The trie of nodes over the functions of another; see [`Merger::within`].
///
/// # Errors
/// As [`Merger::within`].
pub async fn merge_within(
    of: &MergedTrie,
    parents: &[u32],
    keys: &[u32],
    values: &[i64],
    pause: &impl YieldNow,
) -> Result<MergedTrie, TreeOverflow> {
    finish(&Merger::of_nodes(of, FunctionUnion::of(of), (parents, keys), values, pause).await?, pause).await
}

/// As [`merge_within`], where the functions of `of` are in any order.
///
/// # Errors
/// As [`Merger::within`].
pub async fn merge_unsorted(
    of: &MergedTrie,
    parents: &[u32],
    keys: &[u32],
    values: &[i64],
    pause: &impl YieldNow,
) -> Result<MergedTrie, TreeOverflow> {
    let mut functions = FunctionUnion::of(of);
    functions.set_unsorted();
    finish(&Merger::of_nodes(of, functions, (parents, keys), values, pause).await?, pause).await
}

/// Rows in the order of a comparison; rows that compare equal stay in ascending order.
pub async fn sorted(len: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering, pause: &impl YieldNow) -> Vec<u32> {
    let mut sort = RowSort::new((0..len as u32).collect());
    let mut work = Work::default();
    while sort.step(SLICE / COMPARED, compare) {
        work.done(SLICE, pause).await;
    }
    sort.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_have_every_row_once_in_either_direction() {
        for rows in [0..0, 1..1, 0..1, 1..ROWS, 0..ROWS, 1..ROWS + 2, 5..3 * ROWS + 7] {
            assert!(slices(rows.clone()).all(|part| (1..=ROWS).contains(&part.len())));
            assert!(slices_back(rows.clone()).all(|part| (1..=ROWS).contains(&part.len())));
            assert!(slices(rows.clone()).flatten().eq(rows.clone()));
            assert!(slices_back(rows.clone()).flatten().eq(rows.rev()));
        }
    }
}
