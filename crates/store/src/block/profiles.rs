//! The profiles section: one row a stored profile, sorted by (series, start, source, entry).
//!
//! | field | type | invariant |
//! |---|---|---|
//! | profiles `n` | varint | |
//! | series | rising svb x n | series row |
//! | source | near svb x n | source row |
//! | entry | near svb x n | place among the profiles of the source |
//! | start, duration, period | deltas x n each | ns, ns, the period's unit; zig-zag varints of differences (mod 2^64) |
//! | total | zig-zag varint x n | sum of the values, times 10^-scale |
//! | scale | svb x n | at most 9 |
//! | records | varint x n | sample records |
//! | part | near svb x n | part of the samples section |
//! | offset | near svb x n | first byte of the rows in the payload of the part |
//! | length | near svb x n | bytes of the rows; 0 if they are gone, and only roll-ups hold their sums |

use emberglass_columns::{ByteReader, put_i64, put_u64, svb};
use emberglass_profile::MAX_SCALE;

use super::columns::{
    expect_end, i64_deltas, near_column, put_i64_deltas, put_len, put_near, put_rising, rising_column, svb_column,
    svb_count, varint_rows,
};
use crate::Fault;

/// The profiles of a block in columns, sorted by (series, start, source, entry).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileTable {
    /// Row of the series.
    pub series: Vec<u32>,
    /// Start, ns since the epoch.
    pub start: Vec<i64>,
    /// Duration in ns, 0 where unknown.
    pub duration: Vec<i64>,
    /// Sampling period in its unit, 0 where unknown.
    pub period: Vec<i64>,
    /// Row of the source.
    pub source: Vec<u32>,
    /// Place among the profiles of the source.
    pub entry: Vec<u32>,
    /// Sum of the values, times 10^-scale.
    pub total: Vec<i64>,
    /// Decimal places of the values.
    pub scale: Vec<u8>,
    /// Sample records, those with zero values and empty stacks included.
    pub records: Vec<u64>,
    /// Part of the samples section.
    pub sample_part: Vec<u16>,
    /// First byte of the rows in the part.
    pub sample_offset: Vec<u32>,
    /// Bytes of the rows; 0 if only sums are left of them.
    pub sample_len: Vec<u32>,
}

impl ProfileTable {
    /// Number of profiles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// True without profiles.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The rows of one series, sorted by start.
    #[must_use]
    pub fn rows_of_series(&self, series: u32) -> std::ops::Range<usize> {
        let from = self.series.partition_point(|&row| row < series);
        let until = self.series.partition_point(|&row| row <= series);
        from..until
    }

    /// The rows of one series that start in [`from`, `until`); `None` is open.
    #[must_use]
    pub fn rows_in(&self, series: u32, from: Option<i64>, until: Option<i64>) -> std::ops::Range<usize> {
        let all = self.rows_of_series(series);
        let starts = self.start.get(all.clone()).unwrap_or_default();
        let first = from.map_or(0, |from| starts.partition_point(|&start| start < from));
        let end = until.map_or(starts.len(), |until| starts.partition_point(|&start| start < until));
        all.start + first..all.start + end.max(first)
    }

    /// True if the samples of a profile are gone, and only roll-ups hold their sums.
    #[must_use]
    pub fn is_summed(&self, row: usize) -> bool {
        self.sample_len.get(row) == Some(&0)
    }

    /// True if any profile [is summed](Self::is_summed).
    #[must_use]
    pub fn has_summed(&self) -> bool {
        self.sample_len.contains(&0)
    }

    /// What a profile weighs when the bytes of its block are divided: its rows, and its place in the tables.
    #[must_use]
    pub fn weight(&self, row: usize) -> f64 {
        const PLACE: u32 = 16;
        f64::from(self.sample_len.get(row).copied().unwrap_or_default().saturating_add(PLACE))
    }

    /// The weights of all profiles together.
    #[must_use]
    pub fn weights(&self) -> f64 {
        (0..self.len()).map(|row| self.weight(row)).sum()
    }

    pub(crate) fn memory(&self) -> usize {
        self.len() * 64
    }
}

pub(crate) fn write(table: &ProfileTable) -> Vec<u8> {
    let ProfileTable {
        series,
        start,
        duration,
        period,
        source,
        entry,
        total,
        scale,
        records,
        sample_part,
        sample_offset,
        sample_len,
    } = table;
    let mut out = Vec::new();
    put_len(&mut out, table.len());
    put_rising(&mut out, series.clone());
    put_near(&mut out, source.clone());
    put_near(&mut out, entry.clone());
    for column in [start, duration, period] {
        put_i64_deltas(&mut out, column);
    }
    total.iter().for_each(|&total| put_i64(&mut out, total));
    svb::encode(&scale.iter().map(|&scale| u32::from(scale)).collect::<Vec<_>>(), &mut out);
    records.iter().for_each(|&records| put_u64(&mut out, records));
    put_near(&mut out, sample_part.iter().map(|&part| u32::from(part)).collect());
    put_near(&mut out, sample_offset.clone());
    put_near(&mut out, sample_len.clone());
    out
}

/// Reads the profiles of a block with `series` series and `sources` sources.
pub(crate) fn read(bytes: &[u8], series: usize, sources: usize) -> Result<ProfileTable, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let rows = svb_count(reader)?;
    let table = ProfileTable {
        series: rising_column(reader, rows)?,
        source: near_column(reader, rows)?,
        entry: near_column(reader, rows)?,
        start: i64_deltas(reader, rows)?,
        duration: i64_deltas(reader, rows)?,
        period: i64_deltas(reader, rows)?,
        total: varint_rows(reader, rows, |reader| reader.zigzag())?,
        scale: svb_column(reader, rows)?.into_iter().map(scale).collect::<Result<_, _>>()?,
        records: varint_rows(reader, rows, |reader| reader.varint())?,
        sample_part: near_column(reader, rows)?.into_iter().map(part).collect::<Result<_, _>>()?,
        sample_offset: near_column(reader, rows)?,
        sample_len: near_column(reader, rows)?,
    };
    expect_end(reader)?;
    if table.series.last().is_some_and(|&last| last as usize >= series) {
        return Err(Fault::Invariant("a profile without its series"));
    }
    if table.source.iter().any(|&source| source as usize >= sources) {
        return Err(Fault::Invariant("a profile without its source"));
    }
    let key = |row: usize| (table.series[row], table.start[row], table.source[row], table.entry[row]);
    if (1..rows).any(|row| key(row - 1) > key(row)) {
        return Err(Fault::Invariant("the profiles are not sorted"));
    }
    Ok(table)
}

fn scale(value: u32) -> Result<u8, Fault> {
    u8::try_from(value).ok().filter(|&scale| scale <= MAX_SCALE).ok_or(Fault::Invariant("a scale beyond 9"))
}

fn part(value: u32) -> Result<u16, Fault> {
    u16::try_from(value).ok().ok_or(Fault::Invariant("a part beyond 65535"))
}
