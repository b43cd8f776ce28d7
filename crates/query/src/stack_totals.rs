//! The profiles of a selection one by one, each with what some of its stacks are of it.

use std::collections::BTreeMap;
use std::ops::Range;

use emberglass_columns::heap_sort_by;
use emberglass_labels::{LabelSet, StackEnds};
use emberglass_profile::{FunctionId, StackTable, Symbols};
use emberglass_store::{Backend, Block, BlockDirectory, ProfileTable, Rollup, SectionKind, Store, holding_alone};
use emberglass_trie::{TreeOverflow, Work};

use crate::directories::{SelectedSeries, selected_in_range, without_damage};
use crate::missing::{Gaps, Missing};
use crate::plan::rollups_of;
use crate::run::Parts;
use crate::told_apart::{labels_of, runs};
use crate::yielding::STACK;
use crate::{QueryError, Selection, YieldNow};

/// Which stacks, by the names of their functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StackCondition {
    /// Those that have the function, once or several times.
    Through(String),
    /// Those that end in the function.
    EndingIn(String),
    /// Those that begin with these functions, root first.
    Below(Vec<String>),
}

/// A profile, or several of which only the sum is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StackTotal {
    /// Start of the first, ns since the epoch.
    pub start: i64,
    /// How many.
    pub profiles: u32,
    /// Sum of the values of the stacks that meet the condition, times 10^-scale.
    pub value: i64,
    /// Sum of all values, times 10^-scale.
    pub total: i64,
    /// Decimal places of both.
    pub scale: u8,
}

/// By series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackTotals {
    /// Labels of each series and its profiles by start; a series without profiles is left out.
    pub series: BTreeMap<LabelSet, Vec<StackTotal>>,
    /// What of the selection can't be read. Where a sum holds profiles outside of the range too, its profiles are missing.
    pub missing: Option<Missing>,
}

/// What the stacks that meet a condition are of each profile of a selection. `same` says whether a stored name is the one
/// that is wanted.
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn stack_totals<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    condition: &StackCondition,
    same: impl Fn(&str, &str) -> bool,
    pause: &impl YieldNow,
) -> Result<StackTotals, QueryError> {
    let wanted = |block: &Block, _: &StackEnds| stacks(block, condition, &same);
    without_damage(store, async || attempt(store, selection, &wanted, pause).await).await
}

/// As [`stack_totals`], of the stacks for which `keeps` is true: it is asked once a block for all its stacks between the
/// frames of [`Selection::tag_frames`].
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn kept_totals<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    keeps: impl Fn(&Symbols, &StackTable, &StackEnds) -> Vec<bool>,
    pause: &impl YieldNow,
) -> Result<StackTotals, QueryError> {
    let wanted = |block: &Block, ends: &StackEnds| keeps(&block.symbols, &block.stacks, ends);
    without_damage(store, async || attempt(store, selection, &wanted, pause).await).await
}

async fn attempt<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    wanted: &impl Fn(&Block, &StackEnds) -> Vec<bool>,
    pause: &impl YieldNow,
) -> Result<StackTotals, QueryError> {
    let mut gaps = Gaps::of(store);
    let found = selected_in_range(store, selection, &mut gaps, pause).await?;
    let mut totals = StackTotals::default();
    let mut work = Work::default();
    for (directory, series) in found {
        let rollups = rollups_of(store, &directory, &gaps).await?;
        let pieces = pieces(&directory, &series, &rollups, selection, &mut gaps);
        if pieces.is_empty() {
            continue;
        }
        let block = store.block_sliced(directory.id, pause).await?;
        let mut wanted_by_ends: BTreeMap<StackEnds, Vec<bool>> = BTreeMap::new();
        let table = &directory.profiles;
        let part_of = |(_, piece): &(u32, Piece)| match piece {
            Piece::Profile(row) => table.sample_part.get(*row).copied(),
            Piece::Sum(_) => None,
        };
        let sample_parts: Vec<u16> = pieces.iter().filter_map(part_of).collect();
        let mut next = sample_parts.as_slice();
        let (mut profiles, mut sums) = (Parts::new(SectionKind::Samples), Parts::new(SectionKind::Rollups));
        for (series, piece) in &pieces {
            let Some(series) = directory.series.get(*series as usize) else { continue };
            let ends = selection.tag_frames.ends(|key| series.labels.get(key).unwrap_or_default().to_owned());
            if !wanted_by_ends.contains_key(&ends) {
                work.done(block.stacks.len() * STACK, pause).await;
            }
            let is_wanted = wanted_by_ends.entry(ends).or_insert_with_key(|ends| wanted(&block, ends));
            let samples = match piece {
                Piece::Profile(row) => {
                    let part = profiles.of(store, &block, next).await?;
                    next = next.get(1..).unwrap_or_default();
                    block.rows(*row, &part)?
                }
                Piece::Sum(rollup) => block.rollup_rows(rollup, &sums.of(store, &block, &[rollup.part()]).await?)?,
            };
            let wanted = samples.stacks.iter().zip(&samples.values);
            let wanted = wanted.filter(|(stack, _)| is_wanted.get(**stack as usize).copied().unwrap_or(false));
            let value: i128 = wanted.map(|(_, &value)| i128::from(value)).sum();
            let total: i128 = samples.values.iter().map(|&value| i128::from(value)).sum();
            let narrow = |sum: i128| i64::try_from(sum).map_err(|_beyond| TreeOverflow);
            let (row, profiles, scale) = match piece {
                Piece::Profile(row) => (*row, 1, table.scale.get(*row).copied().unwrap_or_default()),
                Piece::Sum(rollup) => (rollup.rows().start as usize, rollup.rows().len() as u32, rollup.scale()),
            };
            let start = table.start.get(row).copied().unwrap_or_default();
            let total = StackTotal { start, profiles, value: narrow(value)?, total: narrow(total)?, scale };
            let labels = labels_of(&directory, &series.labels, row, &selection.metadata);
            totals.series.entry(labels).or_default().push(total);
            work.done(samples.len(), pause).await;
        }
    }
    totals.series.values_mut().for_each(|totals| heap_sort_by(totals, |a, b| a.cmp(b)));
    totals.missing = gaps.missing();
    Ok(totals)
}

/// What is read.
enum Piece {
    Profile(usize),
    Sum(Rollup),
}

/// The profiles of a block that are selected, each with its series, and sums in place of those that have no samples.
fn pieces(
    directory: &BlockDirectory,
    selected: &[SelectedSeries],
    rollups: &[Rollup],
    selection: &Selection,
    gaps: &mut Gaps,
) -> Vec<(u32, Piece)> {
    let table = &directory.profiles;
    let needed = needed(table, rollups);
    let mut pieces = Vec::new();
    for (series, range) in selected {
        let mut row = range.start;
        while row < range.end {
            let has_stacks = !gaps.lacks_stacks(directory.id);
            let start = table.start.get(row).copied().unwrap_or_default();
            // Of those that begin at a row the largest is first.
            let sum = needed.get(needed.partition_point(|sum| (sum.rows().end as usize) <= row));
            if let Some(sum) = sum.filter(|sum| sum.rows().contains(&(row as u32))) {
                let Range { start: first, end } = sum.rows();
                let is_whole = first as usize == row && end as usize <= range.end;
                let is_whole = is_whole && is_of_one_kind(directory, *sum, &selection.metadata);
                if is_whole && has_stacks && !gaps.lacks_rollups(directory.id, sum.part()) {
                    pieces.push((*series, Piece::Sum(*sum)));
                    row = end as usize;
                    continue;
                }
                gaps.miss_profile(start);
            } else {
                let part = table.sample_part.get(row).copied().unwrap_or_default();
                match has_stacks && !table.is_summed(row) && !gaps.lacks_samples(directory.id, part) {
                    true => pieces.push((*series, Piece::Profile(row))),
                    false => gaps.miss_profile(start),
                }
            }
            row += 1;
        }
    }
    pieces
}

/// True if metadata of these keys does not tell the profiles of a sum apart.
fn is_of_one_kind(directory: &BlockDirectory, sum: Rollup, keys: &[String]) -> bool {
    let rows = sum.rows().start as usize..sum.rows().end as usize;
    keys.is_empty() || runs(directory, &LabelSet::default(), rows, keys).len() == 1
}

/// The sums to read for the profiles that have no samples, none inside of another, by row: of each such profile the
/// smallest sum, or the one around it that another profile needs.
fn needed(table: &ProfileTable, rollups: &[Rollup]) -> Vec<Rollup> {
    if !table.has_summed() {
        return Vec::new();
    }
    let is_needed = holding_alone(table, rollups);
    let mut needed: Vec<Rollup> = Vec::new();
    for (rollup, _) in rollups.iter().zip(is_needed).filter(|(_, is_needed)| *is_needed) {
        // Those of more profiles come first.
        if needed.last().is_none_or(|last| last.rows().end <= rollup.rows().start) {
            needed.push(*rollup);
        }
    }
    needed
}

/// The stacks of a block that meet the condition. Parents stand before their children.
fn stacks(block: &Block, condition: &StackCondition, same: &impl Fn(&str, &str) -> bool) -> Vec<bool> {
    const OUTSIDE: usize = usize::MAX;
    let names: Vec<&str> = match condition {
        StackCondition::Through(name) | StackCondition::EndingIn(name) => vec![name],
        StackCondition::Below(path) => path.iter().map(String::as_str).collect(),
    };
    let functions = 0..block.symbols.functions.len() as u32;
    let is_named = |function: u32| {
        let name = block.symbols.function_name(FunctionId(function));
        names.iter().map(|wanted| same(name, wanted)).collect::<Vec<bool>>()
    };
    let is_named: Vec<Vec<bool>> = functions.map(is_named).collect();
    // How many of the path's functions a stack begins with; for one function 1 if the stack has it.
    let mut depth = vec![0; block.stacks.len()];
    for stack in 1..depth.len() {
        let parent = depth[block.stacks.parents()[stack].index()];
        let frame = block.symbols.frames.get(block.stacks.frames()[stack]).unwrap_or_default();
        let named = |at: usize| is_named.get(frame.function.index()).and_then(|named| named.get(at)) == Some(&true);
        depth[stack] = match condition {
            StackCondition::Through(_) => usize::from(parent == 1 || named(0)),
            StackCondition::EndingIn(_) => usize::from(named(0)),
            StackCondition::Below(path) if parent == path.len() => parent,
            StackCondition::Below(_) if parent != OUTSIDE && named(parent) => parent + 1,
            StackCondition::Below(_) => OUTSIDE,
        };
    }
    depth.into_iter().map(|depth| depth == names.len()).collect()
}
