//! Totals over time, from the profiles' totals: no sample is read unless stacks are chosen.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_labels::{GroupBy, LabelSet, StackEnds};
use emberglass_profile::{Aggregation, StackTable, Symbols};
use emberglass_store::{Backend, Store};

use crate::directories::{for_each_in_range, selected_series, with_restart};
use crate::missing::{Gaps, Missing};
use crate::{QueryError, Selection, StackTotal, StackTotals, YieldNow, kept_totals};

/// Totals by step of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeSeries {
    /// Start of the first step, ns since the epoch; a multiple of `step`.
    pub start: i64,
    /// Step, ns; 0 if there are no steps.
    pub step: i64,
    /// Sums (of instant types: sums over series of the mean of the step) in the type's unit; 0 for empty steps. Exact up to 2^53.
    pub values: Vec<f64>,
    /// Profiles that start in each step.
    pub profiles: Vec<u32>,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
}

struct Point {
    start: i64,
    /// Profiles whose sum it is.
    profiles: u32,
    total: i64,
    scale: u8,
}

const MS: i128 = 1_000_000;
const SECOND: i128 = 1_000 * MS;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// Steps that people read at a glance; beyond the last, days times 1, 2, 5, 10, ...
const STEPS: &[i128] = &[
    MS,
    2 * MS,
    5 * MS,
    10 * MS,
    20 * MS,
    50 * MS,
    100 * MS,
    200 * MS,
    500 * MS,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
];

/// Most steps of a series.
const MAX_STEPS: u32 = 100_000;

/// Totals of the selection in at most `steps` (2 to 100,000) steps over its range; where the range is open, over its
/// profiles.
///
/// # Errors
/// Those of the store.
pub async fn time_series<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    steps: u32,
    pause: &impl YieldNow,
) -> Result<TimeSeries, QueryError> {
    with_restart(store, async || {
        let mut gaps = Gaps::of(store);
        let points = points(store, selection, &mut gaps, pause).await?;
        let series = fold(points, selection, steps);
        Ok(TimeSeries { missing: gaps.missing(), ..series })
    })
    .await
}

/// As [`time_series`], of the stacks for which `keeps` is true, see [`kept_totals`].
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn kept_time_series<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    steps: u32,
    keeps: impl Fn(&Symbols, &StackTable, &StackEnds) -> Vec<bool>,
    pause: &impl YieldNow,
) -> Result<TimeSeries, QueryError> {
    let kept = kept_totals(store, selection, keeps, pause).await?;
    let missing = kept.missing;
    Ok(TimeSeries { missing, ..fold(kept_points(kept), selection, steps) })
}

fn kept_points(kept: StackTotals) -> BTreeMap<LabelSet, Vec<Point>> {
    let point =
        |&StackTotal { start, profiles, value, scale, .. }: &StackTotal| Point { start, profiles, total: value, scale };
    kept.series.into_iter().map(|(labels, totals)| (labels, totals.iter().map(point).collect())).collect()
}

async fn points<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    gaps: &mut Gaps,
    pause: &impl YieldNow,
) -> Result<BTreeMap<LabelSet, Vec<Point>>, QueryError> {
    let mut points: BTreeMap<LabelSet, Vec<Point>> = BTreeMap::new();
    for_each_in_range(store, selection, gaps, pause, |_, directory| {
        let table = &directory.profiles;
        for (row, range) in selected_series(&directory, selection) {
            let Some(series) = directory.series.get(row as usize) else { continue };
            let columns = table.start.iter().zip(&table.total).zip(&table.scale);
            let rows = columns.skip(range.start).take(range.len());
            let rows = rows.map(|((&start, &total), &scale)| Point { start, profiles: 1, total, scale });
            match points.get_mut(&series.labels) {
                Some(known) => known.extend(rows),
                None => {
                    points.insert(series.labels.clone(), rows.collect());
                }
            }
        }
    })
    .await?;
    Ok(points)
}

/// Steps of equal length.
#[derive(Clone, Copy, Debug)]
struct Steps {
    /// Number of the first since the epoch.
    first: i128,
    /// ns.
    step: i128,
    count: usize,
}

impl Steps {
    /// Over the range of the selection, where it is open over the points; `None` for an empty range.
    fn new(points: &BTreeMap<LabelSet, Vec<Point>>, selection: &Selection, steps: u32) -> Option<Self> {
        let starts = || points.values().flatten().map(|point| point.start);
        let from = selection.from.or_else(|| starts().min())?;
        let last = selection.until.map(|until| until.saturating_sub(1)).or_else(|| starts().max())?;
        if last < from {
            return None;
        }
        let step = choose_step(from, last, steps.clamp(2, MAX_STEPS));
        let first = i128::from(from).div_euclid(step);
        Some(Self { first, step, count: (i128::from(last).div_euclid(step) - first + 1) as usize })
    }

    /// A range that starts within 2^63 ns of the epoch may have its first step begin before that.
    fn start(&self) -> i64 {
        i64::try_from(self.first * self.step).unwrap_or(i64::MIN)
    }
}

/// What is added up by step.
#[derive(Clone, Debug)]
struct Folded {
    values: Vec<f64>,
    profiles: Vec<u32>,
}

impl Folded {
    fn new(steps: &Steps) -> Self {
        Self { values: vec![0.0; steps.count], profiles: vec![0; steps.count] }
    }

    fn add(&mut self, mut of_series: Vec<Point>, steps: &Steps, averages: bool) {
        let step_of = |point: &Point| (i128::from(point.start).div_euclid(steps.step) - steps.first) as usize;
        heap_sort_by(&mut of_series, |a, b| a.start.cmp(&b.start));
        for of_step in of_series.chunk_by(|a, b| step_of(a) == step_of(b)) {
            let Some(at) = of_step.first().map(step_of).filter(|&at| at < steps.count) else { continue };
            let sum: f64 = of_step.iter().map(|point| point.total as f64 / 10f64.powi(i32::from(point.scale))).sum();
            let count: u32 = of_step.iter().map(|point| point.profiles).sum();
            self.values[at] += if averages { sum / f64::from(count.max(1)) } else { sum };
            self.profiles[at] += count;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
        self.profiles.iter_mut().zip(&other.profiles).for_each(|(sum, count)| *sum += count);
    }

    fn sum(&self) -> f64 {
        self.values.iter().sum()
    }
}

fn fold(points: BTreeMap<LabelSet, Vec<Point>>, selection: &Selection, steps: u32) -> TimeSeries {
    let Some(steps) = Steps::new(&points, selection, steps) else { return TimeSeries::default() };
    let averages = selection.aggregation() == Aggregation::Average;
    let mut folded = Folded::new(&steps);
    points.into_values().for_each(|of_series| folded.add(of_series, &steps, averages));
    let Folded { values, profiles } = folded;
    TimeSeries { start: steps.start(), step: steps.step as i64, values, profiles, missing: None }
}

/// Totals over time of one value of the labels to group by, or of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesGroup {
    /// The labels; empty for what is left.
    pub labels: LabelSet,
    /// By step, as in [`TimeSeries`].
    pub values: Vec<f64>,
    /// Profiles by step.
    pub profiles: Vec<u32>,
}

/// Totals by labels and step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupedSeries {
    /// Start of the first step, ns since the epoch; a multiple of `step`.
    pub start: i64,
    /// Step, ns; 0 if there are no steps.
    pub step: i64,
    /// Groups by falling sum, at most as many as were asked for.
    pub groups: Vec<SeriesGroup>,
    /// What the groups beyond these are together, and how many they are.
    pub rest: Option<(u32, SeriesGroup)>,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
}

/// As [`time_series`], for each value of some labels: the `limit` with the largest sums, and the others as one.
///
/// # Errors
/// Those of the store.
pub async fn grouped_series<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    group_by: &GroupBy,
    steps: u32,
    limit: usize,
    pause: &impl YieldNow,
) -> Result<GroupedSeries, QueryError> {
    with_restart(store, async || {
        let mut gaps = Gaps::of(store);
        let points = points(store, selection, &mut gaps, pause).await?;
        let series = grouped(points, selection, group_by, steps, limit);
        Ok(GroupedSeries { missing: gaps.missing(), ..series })
    })
    .await
}

/// As [`grouped_series`], of the stacks for which `keeps` is true, see [`kept_totals`].
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn kept_grouped_series<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    group_by: &GroupBy,
    (steps, limit): (u32, usize),
    keeps: impl Fn(&Symbols, &StackTable, &StackEnds) -> Vec<bool>,
    pause: &impl YieldNow,
) -> Result<GroupedSeries, QueryError> {
    let kept = kept_totals(store, selection, keeps, pause).await?;
    let missing = kept.missing;
    Ok(GroupedSeries { missing, ..grouped(kept_points(kept), selection, group_by, steps, limit) })
}

fn grouped(
    points: BTreeMap<LabelSet, Vec<Point>>,
    selection: &Selection,
    group_by: &GroupBy,
    steps: u32,
    limit: usize,
) -> GroupedSeries {
    let Some(steps) = Steps::new(&points, selection, steps) else { return GroupedSeries::default() };
    let averages = selection.aggregation() == Aggregation::Average;
    let mut groups: BTreeMap<LabelSet, Folded> = BTreeMap::new();
    for (labels, of_series) in points {
        let group = groups.entry(group_by.group(&labels)).or_insert_with(|| Folded::new(&steps));
        group.add(of_series, &steps, averages);
    }
    let mut ordered: Vec<(LabelSet, Folded)> = groups.into_iter().collect();
    heap_sort_by(&mut ordered, |(a, of_a), (b, of_b)| of_b.sum().total_cmp(&of_a.sum()).then_with(|| a.cmp(b)));
    let others = ordered.split_off(limit.min(ordered.len()));
    let group = |(labels, Folded { values, profiles })| SeriesGroup { labels, values, profiles };
    let rest = (!others.is_empty()).then(|| {
        let mut all = Folded::new(&steps);
        others.iter().for_each(|(_, folded)| all.merge(folded));
        (others.len() as u32, group((LabelSet::default(), all)))
    });
    GroupedSeries {
        start: steps.start(),
        step: steps.step as i64,
        groups: ordered.into_iter().map(group).collect(),
        rest,
        missing: None,
    }
}

/// The smallest step with which [`from`, `last`] touches at most `steps` steps.
pub(crate) fn choose_step(from: i64, last: i64, steps: u32) -> i128 {
    let touched = |step: i128| i128::from(last).div_euclid(step) - i128::from(from).div_euclid(step) + 1;
    let days = (0..6).flat_map(|power| [1, 2, 5].map(|digit| digit * 10i128.pow(power) * DAY));
    let mut candidates = STEPS.iter().copied().chain(days);
    let longest = i128::from(i64::MAX);
    candidates.find(|&step| step <= longest && touched(step) <= i128::from(steps)).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_step_is_the_smallest_that_fits(from: i64, len in 0i64..4_000_000_000_000_000, steps in 2u32..2000) {
            let last = from.saturating_add(len);
            let step = choose_step(from, last, steps);
            let touched = |step: i128| i128::from(last).div_euclid(step) - i128::from(from).div_euclid(step) + 1;
            prop_assert!(touched(step) <= i128::from(steps));
            for &smaller in STEPS.iter().filter(|&&smaller| smaller < step) {
                prop_assert!(touched(smaller) > i128::from(steps));
            }
        }
    }

    #[test]
    fn any_range_has_a_step() {
        assert_eq!(choose_step(0, 0, 1), MS);
        assert_eq!(choose_step(0, 3_600_000_000_000 - 1, 360), 10 * SECOND);
        assert!(choose_step(i64::MIN, i64::MAX, 1) <= i128::from(i64::MAX));
        assert!(choose_step(i64::MIN, i64::MAX, 100) < i128::from(i64::MAX));
    }
}
