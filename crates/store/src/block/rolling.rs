//! Sums up profiles for the roll-ups of a block that is being written, one step of time after the other.

use super::builder::Carried;
use super::layout::UNUSED;
use super::parts::{self, PartWriter};
use super::rollups::{self, Planned, Rollup};
use super::{BlockBuilder, Rows};
use crate::StoreError;

/// What is summed up, and what of it is done.
#[derive(Debug, Default)]
pub(super) struct Rolling {
    planned: Vec<Planned>,
    /// Sums that are there already, in the order of the section.
    carried: Vec<(Planned, u32)>,
    next: usize,
    part_bytes: usize,
    /// Sums by stack of the block; 0 between two roll-ups.
    sums: Vec<i64>,
    done: Vec<Rollup>,
    parts: Vec<PartWriter>,
}

/// Draft rows in terms of the block.
pub(super) struct Placed<'a> {
    pub(super) builder: &'a BlockBuilder,
    /// Drafts in the order of the profile table.
    pub(super) by_series: &'a [u32],
    /// Row in the block of each stack of the builder.
    pub(super) stack_rows: &'a [u32],
    /// Place among the sampled stacks by row of the block, of packed blocks.
    pub(super) places: Option<&'a [u32]>,
}

impl Placed<'_> {
    /// What rows of samples call the stack at a row of the block.
    fn stack(&self, row: u32) -> u32 {
        self.places.map_or(row, |places| places.get(row as usize).copied().unwrap_or_default())
    }
}

impl Rolling {
    /// Plans the roll-ups of a builder whose drafts `by_series` are in the order of the profile table.
    pub(super) fn plan(builder: &BlockBuilder, by_series: &[u32], part_bytes: usize, pieces: usize) -> Self {
        let drafts = &builder.profiles;
        let series = |at: &u32| drafts.get(*at as usize).map(|draft| draft.series);
        let mut planned = Vec::new();
        let mut first = 0;
        for of_series in by_series.chunk_by(|a, b| series(a) == series(b)) {
            let of_series: Vec<_> = of_series.iter().filter_map(|&at| drafts.get(at as usize)).collect();
            let rows = first..first + of_series.len() as u32;
            first = rows.end;
            // What formats state for each function can't be told from sums.
            if of_series.iter().all(|draft| draft.content.costs.is_none()) {
                let starts: Vec<i64> = of_series.iter().map(|draft| draft.start).collect();
                planned.extend(rollups::plan(rows, &starts, pieces));
            }
        }
        Self { planned, part_bytes, ..Self::default() }
    }

    /// Takes over the sums that a builder has, and makes none.
    pub(super) fn carry(builder: &BlockBuilder, by_series: &[u32], part_bytes: usize) -> Self {
        let mut row_of = vec![0; builder.profiles.len()];
        for (row, &at) in (0..).zip(by_series) {
            if let Some(of) = row_of.get_mut(at as usize) {
                *of = row;
            }
        }
        let planned = |carried: &Carried| {
            // In their series the profiles of a step stand side by side, whatever their order.
            let first = carried.drafts.clone().filter_map(|draft| row_of.get(draft).copied()).min().unwrap_or(0);
            carried.rollup.planned(first..first + carried.drafts.len() as u32)
        };
        let mut carried: Vec<(Planned, u32)> = builder.carried.iter().map(planned).zip(0..).collect();
        emberglass_columns::heap_sort_by(&mut carried, |(a, _), (b, _)| rollups::order(a, b));
        Self { carried, part_bytes, ..Self::default() }
    }

    /// Sums up one step; how many rows that were, or `None` if there is none left.
    pub(super) fn step(&mut self, of: &Placed<'_>) -> Result<Option<usize>, StoreError> {
        let Placed { builder, by_series, stack_rows, places } = of;
        if let Some((planned, at)) = self.carried.get(self.next) {
            self.next += 1;
            let Some(Carried { rollup, rows, .. }) = builder.carried.get(*at as usize) else { return Ok(Some(1)) };
            let mut out = Rows::default();
            for (stack, _, value) in rows.iter() {
                let row = stack_rows.get(stack.index()).copied().unwrap_or_default();
                out.push(of.stack(row), 0, value);
            }
            let out = out.normalize().ok_or(StoreError::ValueOverflow)?;
            let place = parts::push(&mut self.parts, self.part_bytes, |part| part.push(&out, places.is_some()))?;
            self.done.push(Rollup::new(planned, rollup.scale(), place));
            return Ok(Some(rows.len()));
        }
        let Some(planned) = self.planned.get(self.next) else { return Ok(None) };
        self.next += 1;
        let range = planned.rows.start as usize..planned.rows.end as usize;
        let drafts: Vec<_> = by_series
            .get(range)
            .unwrap_or_default()
            .iter()
            .filter_map(|&at| builder.profiles.get(at as usize))
            .collect();
        let scale = drafts.iter().map(|draft| draft.scale).max().unwrap_or(0);
        if self.sums.is_empty() {
            let last = stack_rows.iter().filter(|&&row| row != UNUSED).max();
            self.sums = vec![0; last.map_or(0, |&last| last as usize + 1)];
        }
        let mut rows = self.sums.len() / 8;
        let mut fits = true;
        for draft in &drafts {
            let power = 10i64.pow(u32::from(scale - draft.scale));
            rows += draft.content.rows.len();
            for (stack, _, value) in draft.content.rows.iter() {
                let sum = stack_rows.get(stack.index()).and_then(|&row| self.sums.get_mut(row as usize));
                let value = value.checked_mul(power);
                match sum.and_then(|sum| Some((sum.checked_add(value?)?, sum))) {
                    Some((added, sum)) => *sum = added,
                    None => fits = false,
                }
            }
        }
        let mut out = Rows::default();
        for (row, sum) in (0..).zip(&mut self.sums) {
            let value = std::mem::take(sum);
            if value != 0 {
                out.push(of.stack(row), 0, value);
            }
        }
        // Sums beyond 64 bits are not written: they are those of the finer steps and profiles.
        if fits {
            let is_packed = places.is_some();
            let place = parts::push(&mut self.parts, self.part_bytes, |part| part.push(&out, is_packed))?;
            self.done.push(Rollup::new(planned, scale, place));
        }
        Ok(Some(rows))
    }

    /// Payloads of the section, of which there are none without roll-ups.
    pub(super) fn finish(self) -> Vec<Vec<u8>> {
        if self.done.is_empty() {
            return Vec::new();
        }
        let parts = self.parts.into_iter().map(|part| part.bytes);
        std::iter::once(rollups::write(&self.done)).chain(parts).collect()
    }
}
