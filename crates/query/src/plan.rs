//! What a query will read: blocks by time, series by labels, rows by start.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use emberglass_labels::{LabelSet, StackEnds};
use emberglass_profile::Aggregation;
use emberglass_store::{Backend, BlockDirectory, BlockId, ProfileTable, Rollup, Store, settle};

use crate::cover::{Cover, cover};
use crate::cut::{Cut, cut};
use crate::directories::{SelectedSeries, selected_in_range, with_restart};
use crate::missing::{Gaps, Missing, can_go_without};
use crate::{QueryError, Selection, YieldNow};

/// The rows a query reads, and what that will cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub(crate) blocks: Vec<PlannedBlock>,
    /// Generation of the manifest whose blocks these are.
    pub generation: u64,
    /// Profiles (series x time) to merge.
    pub profiles: u64,
    /// Series they belong to.
    pub series: u64,
    /// Bytes of the sample rows to read, of profiles and of sums over whole steps.
    pub sample_bytes: u64,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
    /// The range that is read where it is wider than that of the selection: of some profiles only sums over whole steps of
    /// time are left.
    pub widened: Option<Widened>,
}

/// A range of starts, ns since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widened {
    /// First start.
    pub from: i64,
    /// One past the last start.
    pub until: i64,
}

/// What is read of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedBlock {
    pub(crate) id: BlockId,
    pub(crate) groups: Vec<RowGroup>,
}

/// Profiles whose values add up as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowGroup {
    /// What the values are to be divided by: the profiles of their series for means, else 1.
    pub(crate) divisor: u64,
    /// Decimal places of the values.
    pub(crate) scale: u8,
    /// What their labels put around the stacks.
    pub(crate) ends: StackEnds,
    pub(crate) cover: Cover,
    /// Profiles of which only some records count.
    pub(crate) cuts: Vec<Cut>,
}

impl RowGroup {
    /// Profiles in it.
    pub(crate) fn profiles(&self) -> u64 {
        let summed: usize = self.cover.rollups.iter().map(|rollup| rollup.rows().len()).sum();
        (self.cover.rows.len() + self.cuts.len() + summed) as u64
    }
}

impl Plan {
    /// Number of blocks to read.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

/// Plans a query without reading a sample, but for the times of those that may have to be cut.
///
/// # Errors
/// Those of the store.
pub async fn plan<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Plan, QueryError> {
    with_restart(store, async || plan_once(store, selection, pause).await).await
}

/// What is read of a series.
struct Readable {
    /// Row of the series.
    series: u32,
    cover: Cover,
    /// Profiles in it.
    profiles: u64,
    /// Begin and end of the steps that lie in the range in part only.
    widened: Option<(i64, i64)>,
}

/// What is selected of a block.
struct Selected {
    directory: Rc<BlockDirectory>,
    readable: Vec<Readable>,
    cuts: Vec<Cut>,
}

/// The selected rows of a block with all profiles of the sums that hold some of them alone.
///
/// Not where metadata is asked for: a sum may hold profiles that have other metadata.
fn with_whole_sums(
    table: &ProfileTable,
    selected: &[SelectedSeries],
    rollups: &[Rollup],
    selection: &Selection,
) -> Vec<SelectedSeries> {
    let ranges = selected.iter().map(|(_, range)| range.clone());
    if selection.matchers.has_metadata() || !ranges.clone().flatten().any(|row| table.is_summed(row)) {
        return selected.to_vec();
    }
    let mut marked = vec![false; table.len()];
    ranges.for_each(|range| marked.get_mut(range).unwrap_or_default().fill(true));
    settle(&mut marked, true, table, rollups);
    let mut whole: Vec<SelectedSeries> = Vec::new();
    for of_series in selected.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((series, _)) = of_series.first() else { continue };
        for row in table.rows_of_series(*series).filter(|row| marked.get(*row) == Some(&true)) {
            match whole.last_mut() {
                Some((of, rows)) if of == series && rows.end == row => rows.end += 1,
                _ => whole.push((*series, row..row + 1)),
            }
        }
    }
    whole
}

/// True if one of these ranges, which are in the order of the rows, has all of `rows`.
fn holds(ranges: &[SelectedSeries], rows: Range<usize>) -> bool {
    let behind = ranges.partition_point(|(_, range)| range.start <= rows.start);
    behind.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, range)| rows.end <= range.end)
}

fn readable(
    directory: &BlockDirectory,
    (series, whole): SelectedSeries,
    selected: &[SelectedSeries],
    rollups: &[Rollup],
    gaps: &mut Gaps,
) -> Readable {
    let table = &directory.profiles;
    let has_no_stacks = gaps.lacks_stacks(directory.id);
    let is_usable = |rollup: &Rollup| !has_no_stacks && !gaps.lacks_rollups(directory.id, rollup.part());
    let mut cover = cover(whole.start as u32..whole.end as u32, rollups, is_usable);
    let is_selected = |rollup: &&Rollup| holds(selected, rollup.rows().start as usize..rollup.rows().end as usize);
    let outside = cover.rollups.iter().filter(|rollup| !is_selected(rollup)).map(|rollup| rollup.span(table));
    let widened = outside.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    cover.rows.retain(|&row| {
        let part = table.sample_part.get(row as usize).copied().unwrap_or_default();
        let is_missing = has_no_stacks || table.is_summed(row as usize) || gaps.lacks_samples(directory.id, part);
        if is_missing {
            gaps.miss_profile(table.start.get(row as usize).copied().unwrap_or_default());
        }
        !is_missing
    });
    let summed: u64 = cover.rollups.iter().map(|rollup| rollup.rows().len() as u64).sum();
    Readable { series, profiles: cover.rows.len() as u64 + summed, cover, widened }
}

/// The roll-ups of a block; none where they can't be read.
pub(crate) async fn rollups_of<B: Backend>(
    store: &Store<B>,
    directory: &BlockDirectory,
    gaps: &Gaps,
) -> Result<Rc<Vec<Rollup>>, QueryError> {
    if gaps.lacks_rollups(directory.id, 0) {
        return Ok(Rc::default());
    }
    match store.rollups(directory).await {
        Err(error) if can_go_without(store, &error) => Ok(Rc::default()),
        rollups => Ok(rollups?),
    }
}

pub(crate) async fn plan_once<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Plan, QueryError> {
    let generation = store.manifest().generation;
    let mut gaps = Gaps::of(store);
    let in_range = match selection.cuts() {
        // Profiles that start before the range may have samples in it.
        true => selected_in_range(store, &Selection { from: None, ..selection.clone() }, &mut gaps, pause).await?,
        false => selected_in_range(store, selection, &mut gaps, pause).await?,
    };
    let mut selected: Vec<Selected> = Vec::new();
    for (directory, series) in in_range {
        let (series, mut cuts) = match selection.cuts() {
            true => {
                pause.yield_now().await;
                cut(store, selection, &directory, &series, &mut gaps).await?
            }
            false => (series, Vec::new()),
        };
        let rollups = rollups_of(store, &directory, &gaps).await?;
        let whole = with_whole_sums(&directory.profiles, &series, &rollups, selection);
        // What a whole sum holds counts in it.
        cuts.retain(|cut| !holds(&whole, cut.row as usize..cut.row as usize + 1));
        let read = |whole| readable(&directory, whole, &series, &rollups, &mut gaps);
        let readable: Vec<Readable> = whole.into_iter().map(read).collect();
        if !cuts.is_empty() || readable.iter().any(|of| of.profiles > 0) {
            selected.push(Selected { directory, readable, cuts });
        }
    }

    let mut profiles_of: BTreeMap<&LabelSet, u64> = BTreeMap::new();
    for Selected { directory, readable, cuts } in &selected {
        let whole = readable.iter().map(|of| (of.series, of.profiles));
        for (series, profiles) in whole.chain(cuts.iter().map(|cut| (cut.series, 1))) {
            if let Some(series) = directory.series.get(series as usize) {
                *profiles_of.entry(&series.labels).or_default() += profiles;
            }
        }
    }
    let averages = selection.aggregation() == Aggregation::Average;
    let widened = selected.iter().flat_map(|of| &of.readable).filter_map(|of| of.widened);
    let widened = widened.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).map(|(from, until)| Widened {
        from: selection.from.map_or(from, |of_selection| of_selection.min(from)),
        until: selection.until.map_or(until, |of_selection| of_selection.max(until)),
    });
    let series = profiles_of.len() as u64;
    let mut plan = Plan { generation, series, missing: gaps.missing(), widened, ..Plan::default() };
    for Selected { directory, readable, cuts } in &selected {
        let table = &directory.profiles;
        let of_series = |series: u32| {
            let labels = directory.series.get(series as usize).map(|series| &series.labels);
            let count = labels.and_then(|labels| profiles_of.get(labels)).copied().unwrap_or(1);
            let value = |key: &str| labels.and_then(|labels| labels.get(key)).unwrap_or_default().to_owned();
            (selection.tag_frames.ends(value), if averages { count } else { 1 })
        };
        let mut groups: BTreeMap<(StackEnds, u64, u8), (Cover, Vec<Cut>)> = BTreeMap::new();
        for cut in cuts {
            plan.profiles += 1;
            plan.sample_bytes += u64::from(cut.bytes);
            let scale = table.scale.get(cut.row as usize).copied().unwrap_or(0);
            let (ends, divisor) = of_series(cut.series);
            groups.entry((ends, divisor, scale)).or_default().1.push(cut.clone());
        }
        for Readable { series, cover, profiles, .. } in readable {
            let (ends, divisor) = of_series(*series);
            plan.profiles += profiles;
            for &row in &cover.rows {
                plan.sample_bytes += u64::from(table.sample_len.get(row as usize).copied().unwrap_or(0));
                let scale = table.scale.get(row as usize).copied().unwrap_or(0);
                groups.entry((ends.clone(), divisor, scale)).or_default().0.rows.push(row);
            }
            for rollup in &cover.rollups {
                plan.sample_bytes += u64::from(rollup.bytes());
                groups.entry((ends.clone(), divisor, rollup.scale())).or_default().0.rollups.push(*rollup);
            }
        }
        let groups = groups.into_iter().map(|((ends, divisor, scale), (cover, cuts))| RowGroup {
            divisor,
            scale,
            ends,
            cover,
            cuts,
        });
        plan.blocks.push(PlannedBlock { id: directory.id, groups: groups.collect() });
    }
    Ok(plan)
}
