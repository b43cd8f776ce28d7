//! The roll-ups section: sums over profiles of one series that start in the same step of time.
//!
//! Steps are 10 s x 10^exponent, counted from 1970. Part 0 says which profiles are summed, and where; it is there if any
//! are. The other parts hold the sums, one roll-up after the other, as the rows of profiles are held (`rows.rs`), without
//! attributes.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | roll-ups `n` | varint | sorted by first profile, then the one of more profiles first |
//! | first | rising svb x n | profile row |
//! | profiles | svb x n | at least 2: the profile rows from the first on, all of one series and one step |
//! | exponent | svb x n | at most 8; of two roll-ups that share profiles the smaller exponent is inside of the other |
//! | scale | svb x n | decimal places of the sums, at most 9 |
//! | part | near svb x n | from 1 on |
//! | offset | near svb x n | first byte in the payload of the part |
//! | length | near svb x n | |
//!
//! A step is summed up where that saves reading: a reader that finds none reads the finer ones, or the profiles. A profile
//! whose samples are gone (`profiles.rs`) is in one at least.

use std::ops::Range;

use emberglass_columns::{ByteReader, svb};
use emberglass_profile::MAX_SCALE;

use super::columns::{expect_end, near_column, put_len, put_near, put_rising, rising_column, svb_column, svb_count};
use super::parts::Place;
use super::profiles::ProfileTable;
use crate::Fault;

/// The finest step, ns.
const FINEST: i64 = 10_000_000_000;
/// The last exponent: steps of 31 years.
const LAST_EXPONENT: u8 = 8;

/// The sum of some profiles of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollup {
    first: u32,
    profiles: u32,
    exponent: u8,
    scale: u8,
    pub(crate) place: Place,
}

impl Rollup {
    pub(crate) fn new(planned: &Planned, scale: u8, place: Place) -> Self {
        let Planned { rows, exponent } = planned;
        Self { first: rows.start, profiles: rows.end - rows.start, exponent: *exponent, scale, place }
    }

    /// Rows of the profiles that are summed.
    #[must_use]
    pub const fn rows(&self) -> Range<u32> {
        self.first..self.first + self.profiles
    }

    /// Decimal places of the sums.
    #[must_use]
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// Part of the section that has the sums.
    #[must_use]
    pub const fn part(&self) -> u16 {
        self.place.part
    }

    /// Bytes of the sums.
    #[must_use]
    pub const fn bytes(&self) -> u32 {
        self.place.len
    }

    /// Begin and end of the step, ns since the epoch; `table` is that of the block.
    #[must_use]
    pub fn span(&self, table: &ProfileTable) -> (i64, i64) {
        let start = table.start.get(self.first as usize).copied().unwrap_or_default();
        let length = length(self.exponent);
        let begin = step(start, self.exponent).saturating_mul(length);
        (begin, begin.saturating_add(length))
    }

    /// The same step of other profile rows.
    pub(crate) const fn planned(&self, rows: Range<u32>) -> Planned {
        Planned { rows, exponent: self.exponent }
    }
}

/// A step to be summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) rows: Range<u32>,
    pub(crate) exponent: u8,
}

/// The step of an exponent in which `start` lies, counted from 1970.
fn step(start: i64, exponent: u8) -> i64 {
    start.div_euclid(length(exponent))
}

/// Nanoseconds of a step.
fn length(exponent: u8) -> i64 {
    FINEST.saturating_mul(10i64.pow(u32::from(exponent.min(LAST_EXPONENT))))
}

/// For each roll-up whether it is the smallest that holds some profile whose samples are gone. `rollups` are those of the
/// block.
#[must_use]
pub fn holding_alone(table: &ProfileTable, rollups: &[Rollup]) -> Vec<bool> {
    let mut innermost = vec![None; table.len()];
    for (at, rollup) in rollups.iter().enumerate() {
        let rows = rollup.rows();
        innermost.get_mut(rows.start as usize..rows.end as usize).unwrap_or_default().fill(Some(at));
    }
    let mut holds_alone = vec![false; rollups.len()];
    let summed = innermost.iter().enumerate().filter(|(row, _)| table.is_summed(*row)).filter_map(|(_, at)| *at);
    summed.for_each(|at| holds_alone[at] = true);
    holds_alone
}

/// Profiles that only a sum is left of can't be told apart: for each such sum of which `marked` has some profiles, by row,
/// and not others, all become `to`. `rollups` are those of the block.
pub fn settle(marked: &mut [bool], to: bool, table: &ProfileTable, rollups: &[Rollup]) {
    // Inner sums first: what they become, the outer ones see.
    for (rollup, _) in rollups.iter().zip(holding_alone(table, rollups)).rev().filter(|(_, holds_alone)| *holds_alone) {
        let rows = rollup.rows();
        let marked = marked.get_mut(rows.start as usize..rows.end as usize).unwrap_or_default();
        if marked.contains(&true) && marked.contains(&false) {
            marked.fill(to);
        }
    }
}

/// The steps worth summing up of the profiles of one series, which lie at `rows` with ascending `starts`: those that
/// would otherwise be read as `pieces` or more, be these finer steps or profiles. In the order of the section.
pub(crate) fn plan(rows: Range<u32>, starts: &[i64], pieces: usize) -> Vec<Planned> {
    let mut planned = Vec::new();
    // What the rows are read as, each with its start.
    let mut read_as: Vec<(Range<u32>, i64)> = rows.zip(starts).map(|(row, &start)| (row..row + 1, start)).collect();
    for exponent in 0..=LAST_EXPONENT {
        if read_as.len() < pieces.max(2) {
            break;
        }
        let mut next: Vec<(Range<u32>, i64)> = Vec::with_capacity(read_as.len());
        for of_step in read_as.chunk_by(|(_, a), (_, b)| step(*a, exponent) == step(*b, exponent)) {
            match of_step {
                [(first, start), .., (last, _)] if of_step.len() >= pieces => {
                    let rows = first.start..last.end;
                    planned.push(Planned { rows: rows.clone(), exponent });
                    next.push((rows, *start));
                }
                few => next.extend_from_slice(few),
            }
        }
        read_as = next;
    }
    emberglass_columns::heap_sort_by(&mut planned, order);
    planned
}

/// The order of the section.
pub(crate) fn order(a: &Planned, b: &Planned) -> std::cmp::Ordering {
    (a.rows.start, b.rows.end, b.exponent).cmp(&(b.rows.start, a.rows.end, a.exponent))
}

pub(crate) fn write(rollups: &[Rollup]) -> Vec<u8> {
    let mut out = Vec::new();
    let column = |of: fn(&Rollup) -> u32| rollups.iter().map(of).collect::<Vec<u32>>();
    put_len(&mut out, rollups.len());
    put_rising(&mut out, column(|of| of.first));
    svb::encode(&column(|of| of.profiles), &mut out);
    svb::encode(&column(|of| u32::from(of.exponent)), &mut out);
    svb::encode(&column(|of| u32::from(of.scale)), &mut out);
    put_near(&mut out, column(|of| u32::from(of.place.part) + 1));
    put_near(&mut out, column(|of| of.place.offset));
    put_near(&mut out, column(|of| of.place.len));
    out
}

/// Reads the index of a block with these profiles; parts are numbered as in the section.
pub(crate) fn read(bytes: &[u8], table: &ProfileTable) -> Result<Vec<Rollup>, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let count = svb_count(reader)?;
    let first = rising_column(reader, count)?;
    let profiles = svb_column(reader, count)?;
    let exponent = svb_column(reader, count)?;
    let scale = svb_column(reader, count)?;
    let part = near_column(reader, count)?;
    let offset = near_column(reader, count)?;
    let len = near_column(reader, count)?;
    expect_end(reader)?;
    let byte = |value: u32, last: u8| u8::try_from(value).ok().filter(|&value| value <= last);
    let mut rollups = Vec::with_capacity(count);
    for row in 0..count {
        let part = u16::try_from(part[row]).ok().filter(|&part| part > 0);
        let exponent = byte(exponent[row], LAST_EXPONENT);
        let scale = byte(scale[row], MAX_SCALE);
        let (Some(part), Some(exponent), Some(scale)) = (part, exponent, scale) else {
            return Err(Fault::Invariant("a number of a roll-up beyond its range"));
        };
        let place = Place { part, offset: offset[row], len: len[row] };
        rollups.push(Rollup { first: first[row], profiles: profiles[row], exponent, scale, place });
    }
    check(&rollups, table)?;
    Ok(rollups)
}

fn check(rollups: &[Rollup], table: &ProfileTable) -> Result<(), Fault> {
    // Ends and exponents of the roll-ups that the next one may lie in.
    let mut open: Vec<(u32, u8)> = Vec::new();
    for (row, rollup) in rollups.iter().enumerate() {
        let Rollup { first, profiles, exponent, .. } = *rollup;
        let end = first.checked_add(profiles).filter(|&end| profiles > 1 && end as usize <= table.len());
        let Some(end) = end else { return Err(Fault::Invariant("a roll-up of profiles that are not there")) };
        let (from, to) = (first as usize, end as usize - 1);
        let same_step = step(table.start[from], exponent) == step(table.start[to], exponent);
        if table.series[from] != table.series[to] || !same_step {
            return Err(Fault::Invariant("a roll-up of several series or steps"));
        }
        let before = row.checked_sub(1).and_then(|before| rollups.get(before));
        if before.is_some_and(|before| (before.first, end) > (first, before.first + before.profiles)) {
            return Err(Fault::Invariant("the roll-ups are not sorted"));
        }
        open.retain(|&(open, _)| open > first);
        if open.last().is_some_and(|&(outer, of)| end > outer || exponent >= of) {
            return Err(Fault::Invariant("roll-ups that overlap"));
        }
        open.push((end, exponent));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(starts: &[i64]) -> ProfileTable {
        ProfileTable { series: vec![0; starts.len()], start: starts.to_vec(), ..ProfileTable::default() }
    }

    proptest! {
        #[test]
        fn steps_are_planned_where_they_save_reading(
            gaps in proptest::collection::vec(prop_oneof![0i64..3, 0i64..40, 0i64..4000], 0..300), pieces in 2usize..20,
        ) {
            let mut start = -200_000_000_000i64;
            let starts: Vec<i64> = gaps.iter().map(|gap| { start += gap * 1_000_000_000; start }).collect();
            let planned = plan(0..starts.len() as u32, &starts, pieces);
            let rollups: Vec<Rollup> = planned.iter().enumerate().map(|(at, planned)| {
                Rollup::new(planned, 3, Place { part: 1, offset: at as u32 * 7, len: 9 })
            }).collect();
            // They obey all rules, and survive.
            let bytes = write(&rollups);
            let read: Vec<Rollup> = read(&bytes, &table(&starts)).unwrap();
            let as_read = |rollup: &Rollup| Rollup { place: Place { part: rollup.place.part + 1, ..rollup.place }, ..*rollup };
            prop_assert_eq!(read, rollups.iter().map(as_read).collect::<Vec<_>>());
            for planned in &planned {
                // All profiles of the step, and no fewer pieces inside than asked for.
                let of = step(starts[planned.rows.start as usize], planned.exponent);
                let inside: Vec<u32> = (0..starts.len() as u32).filter(|&row| step(starts[row as usize], planned.exponent) == of).collect();
                prop_assert_eq!(inside, planned.rows.clone().collect::<Vec<_>>());
                let mut rest = planned.rows.clone();
                let mut inner = 0;
                while !rest.is_empty() {
                    let widest = plan(0..starts.len() as u32, &starts, pieces).into_iter()
                        .filter(|other| other.rows.start == rest.start && other.exponent < planned.exponent)
                        .map(|other| other.rows.end).max();
                    rest.start = widest.unwrap_or(rest.start + 1);
                    inner += 1;
                }
                prop_assert!(inner >= pieces);
            }
        }
    }

    #[test]
    fn what_lies_is_refused() {
        let starts: Vec<i64> = (0..40).map(|at| at * 1_000_000_000).collect();
        let rollup = |first, profiles, exponent| Rollup {
            first,
            profiles,
            exponent,
            scale: 0,
            place: Place { part: 0, offset: 0, len: 1 },
        };
        let read = |rollups: &[Rollup]| read(&write(rollups), &table(&starts)).map(|_| ());
        assert_eq!(read(&[rollup(0, 40, 1), rollup(0, 10, 0), rollup(10, 10, 0)]), Ok(()));
        for bad in [
            vec![rollup(0, 41, 1)],
            vec![rollup(0, 1, 0)],
            vec![rollup(0, 11, 0)],
            vec![rollup(0, 10, 9)],
            vec![rollup(10, 10, 0), rollup(0, 10, 0)],
            vec![rollup(0, 10, 0), rollup(0, 40, 1)],
            vec![rollup(0, 8, 1), rollup(5, 5, 0)],
            vec![rollup(0, 10, 0), rollup(0, 10, 0)],
        ] {
            assert!(matches!(read(&bad), Err(Fault::Invariant(_))), "{bad:?}");
        }
    }
}
