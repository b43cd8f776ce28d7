//! How dense a selection is over time: what each profile has in each step, and counts of it by value or by labels.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_labels::{LabelSet, StackEnds};
use emberglass_profile::{StackTable, Symbols};
use emberglass_store::{Backend, Block, SectionKind, Store};
use emberglass_trie::{TreeOverflow, Work};

use crate::clock::Clocks;
use crate::directories::{selected_in_range, without_damage};
use crate::missing::{Gaps, Missing};
use crate::run::Parts;
use crate::time_series::choose_step;
use crate::told_apart::labels_of;
use crate::yielding::STACK;
use crate::{QueryError, Selection, YieldNow};

/// Most steps of a heat map.
const MAX_STEPS: i64 = 10_000;

/// What a profile has in a step of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    /// Number of the step since the epoch.
    pub step: i64,
    /// Sum of the values, times 10^-scale.
    pub value: i64,
    /// Decimal places.
    pub scale: u8,
    /// Sample records.
    pub records: u64,
}

/// A selection step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Density {
    /// Length of a step, ns.
    pub step: i64,
    /// Profiles observed.
    pub profiles: u64,
    /// By series, and in it by step. A profile whose format has a time for each record is observed in each step in which it
    /// has some, another one in the step in which it starts.
    pub series: BTreeMap<LabelSet, Vec<Observation>>,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
}

/// Counts by step of time: all rows are of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatMap<Row> {
    /// Start of the first step, ns since the epoch.
    pub start: i64,
    /// The rows, each with its counts.
    pub rows: Vec<(Row, Vec<u64>)>,
}

/// Values of a row of a heat map: [`from`, `until`), times 10^-scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueRange {
    /// Least value.
    pub from: i64,
    /// One past the greatest value.
    pub until: i64,
    /// Decimal places.
    pub scale: u8,
}

/// A selection step by step; without `step` (ns, at least 1) one with which its profiles touch at most `steps` (2 to 10,000).
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn density<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    step: Option<i64>,
    steps: u32,
    pause: &impl YieldNow,
) -> Result<Density, QueryError> {
    let all: Option<&AllStacks> = None;
    without_damage(store, async || attempt(store, selection, step, steps, all, pause).await).await
}

/// As [`density`], of the stacks for which `keeps` is true: it is asked once a block and set of label frames for all its stacks.
/// Of a profile whose format has no time for each record, its records are its stacks then.
///
/// # Errors
/// As [`density`].
pub async fn kept_density<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    step: Option<i64>,
    steps: u32,
    keeps: impl Fn(&Symbols, &StackTable, &StackEnds) -> Vec<bool>,
    pause: &impl YieldNow,
) -> Result<Density, QueryError> {
    let wanted = |block: &Block, ends: &StackEnds| keeps(&block.symbols, &block.stacks, ends);
    without_damage(store, async || attempt(store, selection, step, steps, Some(&wanted), pause).await).await
}

/// For a selection whose stacks all count.
type AllStacks = fn(&Block, &StackEnds) -> Vec<bool>;

/// Records of a profile, or what it has of each stack: those that count.
fn counted(stacks: &[u32], values: &[i64], is_wanted: &[bool]) -> Result<(i64, u64), TreeOverflow> {
    let kept = stacks.iter().zip(values).filter(|(stack, _)| is_wanted.get(**stack as usize) == Some(&true));
    let (sum, records) = kept.fold((0i128, 0u64), |(sum, records), (_, &value)| (sum + i128::from(value), records + 1));
    Ok((i64::try_from(sum).map_err(|_beyond| TreeOverflow)?, records))
}

async fn attempt<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    step: Option<i64>,
    steps: u32,
    wanted: Option<&impl Fn(&Block, &StackEnds) -> Vec<bool>>,
    pause: &impl YieldNow,
) -> Result<Density, QueryError> {
    let mut gaps = Gaps::of(store);
    let found = selected_in_range(store, selection, &mut gaps, pause).await?;
    let mut span: Option<(i64, i64)> = None;
    for (directory, selected) in &found {
        for row in selected.iter().flat_map(|(_, range)| range.clone()) {
            let start = directory.profiles.start.get(row).copied().unwrap_or_default();
            let duration = directory.profiles.duration.get(row).copied().unwrap_or_default().max(0);
            let (first, last) = span.unwrap_or((start, start));
            span = Some((first.min(start), last.max(start.saturating_add(duration))));
        }
    }
    let Some((first, last)) = span else { return Ok(Density { missing: gaps.missing(), ..Density::default() }) };
    let chosen = || i64::try_from(choose_step(first, last, steps.clamp(2, MAX_STEPS as u32))).unwrap_or(i64::MAX);
    let step = step.map_or_else(chosen, |step| step.max(1));
    let mut density = Density { step, ..Density::default() };
    let mut work = Work::default();
    let manifest = store.manifest();
    for (directory, selected) in found {
        let has_times =
            manifest.block(directory.id).is_some_and(|meta| meta.section(SectionKind::Timelines, 0).is_some());
        let block =
            if has_times || wanted.is_some() { Some(store.block_sliced(directory.id, pause).await?) } else { None };
        let mut wanted_by_ends: BTreeMap<StackEnds, Vec<bool>> = BTreeMap::new();
        let mut samples = Parts::new(SectionKind::Samples);
        let table = &directory.profiles;
        let clocks = match has_times && !gaps.lacks_records(directory.id) {
            true => Clocks::new(table, &store.record_spans(&directory).await?),
            false => Clocks::default(),
        };
        for (series, range) in selected {
            let Some(series) = directory.series.get(series as usize) else { continue };
            let is_wanted: Option<&Vec<bool>> = match (wanted, &block) {
                (Some(wanted), Some(block)) => {
                    let ends = selection.tag_frames.ends(|key| series.labels.get(key).unwrap_or_default().to_owned());
                    if !wanted_by_ends.contains_key(&ends) {
                        work.done(block.stacks.len() * STACK, pause).await;
                    }
                    Some(wanted_by_ends.entry(ends).or_insert_with_key(|ends| wanted(block, ends)))
                }
                _ => None,
            };
            for row in range {
                let start = table.start.get(row).copied().unwrap_or_default();
                if has_times && gaps.lacks_records(directory.id) {
                    gaps.miss_profile(start);
                    continue;
                }
                let records = match &block {
                    Some(block) if has_times && !table.is_summed(row) => store.records(block, row).await?,
                    _ => None,
                };
                let of_stacks = match (is_wanted, &block, &records) {
                    (Some(is_wanted), Some(block), None) => {
                        let part = table.sample_part.get(row).copied().unwrap_or_default();
                        let lacks = gaps.lacks_stacks(directory.id) || gaps.lacks_samples(directory.id, part);
                        if lacks || table.is_summed(row) {
                            gaps.miss_profile(start);
                            continue;
                        }
                        let rows = block.rows(row, &samples.of(store, block, &[part]).await?)?;
                        work.done(rows.len(), pause).await;
                        Some(counted(&rows.stacks, &rows.values, is_wanted)?)
                    }
                    _ => None,
                };
                let labels = labels_of(&directory, &series.labels, row, &selection.metadata);
                let observed = density.series.entry(labels).or_default();
                let scale = table.scale.get(row).copied().unwrap_or_default();
                density.profiles += 1;
                let Some(records) = records else {
                    let total = table.total.get(row).copied().unwrap_or_default();
                    let all = table.records.get(row).copied().unwrap_or_default();
                    let (value, records) = of_stacks.unwrap_or((total, all));
                    if is_wanted.is_some() && records == 0 {
                        continue;
                    }
                    observed.push(Observation { step: start.div_euclid(step), value, scale, records });
                    continue;
                };
                let shift = clocks.shift(table, row, records.own_clock);
                let step_of = |time: &i64| time.saturating_add(shift).div_euclid(step);
                let mut at = 0;
                for times in records.time.chunk_by(|a, b| step_of(a) == step_of(b)) {
                    let span = at..at + times.len();
                    let values = records.values.get(span.clone()).unwrap_or_default();
                    let (value, count) = match is_wanted {
                        Some(is_wanted) => counted(records.stacks.get(span).unwrap_or_default(), values, is_wanted)?,
                        None => {
                            let sum: i128 = values.iter().map(|&value| i128::from(value)).sum();
                            (i64::try_from(sum).map_err(|_beyond| TreeOverflow)?, times.len() as u64)
                        }
                    };
                    let step = times.first().map(step_of).unwrap_or_default();
                    if count > 0 {
                        observed.push(Observation { step, value, scale, records: count });
                    }
                    at += times.len();
                }
                work.done(records.len(), pause).await;
            }
        }
    }
    density.series.values_mut().for_each(|observed| heap_sort_by(observed, |a, b| a.cmp(b)));
    density.missing = gaps.missing();
    Ok(density)
}

impl Density {
    fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.series.values().flatten()
    }

    /// First step and number of steps.
    fn steps(&self) -> Result<(i64, usize), QueryError> {
        let first = self.observations().map(|of| of.step).min().unwrap_or_default();
        let last = self.observations().map(|of| of.step).max();
        let count = last.map_or(0, |last| last.saturating_sub(first).saturating_add(1));
        match usize::try_from(count) {
            Ok(steps) if count <= MAX_STEPS => Ok((first, steps)),
            _ => Err(QueryError::TooManySteps { most: MAX_STEPS as u32 }),
        }
    }

    /// The sample records of each step, by what `group` makes of the labels of their series.
    ///
    /// # Errors
    /// `TooManySteps`.
    pub fn by_labels(&self, group: impl Fn(&LabelSet) -> LabelSet) -> Result<HeatMap<LabelSet>, QueryError> {
        let (first, steps) = self.steps()?;
        let mut rows: BTreeMap<LabelSet, Vec<u64>> = BTreeMap::new();
        for (labels, observed) in &self.series {
            let counts = rows.entry(group(labels)).or_insert_with(|| vec![0; steps]);
            for of in observed {
                counts[(of.step - first) as usize] += of.records;
            }
        }
        Ok(HeatMap { start: first.saturating_mul(self.step), rows: rows.into_iter().collect() })
    }

    /// The observations of each step, by value, in at most `rows` rows of equal height; the least values first.
    ///
    /// # Errors
    /// `TooManySteps`, or an overflow.
    pub fn by_value(&self, rows: u32) -> Result<HeatMap<ValueRange>, QueryError> {
        let (first, steps) = self.steps()?;
        let scale = self.observations().map(|of| of.scale).max().unwrap_or_default();
        let scaled = |of: &Observation| i128::from(of.value) * 10i128.pow(u32::from(scale - of.scale));
        let Some(least) = self.observations().map(scaled).min() else {
            return Ok(HeatMap { start: 0, rows: Vec::new() });
        };
        let greatest = self.observations().map(scaled).max().unwrap_or(least);
        // All rows together hold the greatest value, and the last row does not begin behind it.
        let height = ((greatest - least) / i128::from(rows.max(1)) + 1).max(1);
        let count = ((greatest - least) / height + 1) as usize;
        let narrow = |value: i128| i64::try_from(value).map_err(|_beyond| TreeOverflow);
        let mut map = HeatMap { start: first.saturating_mul(self.step), rows: Vec::with_capacity(count) };
        for row in 0..count as i128 {
            let from = least + row * height;
            let range = ValueRange { from: narrow(from)?, until: narrow((from + height).min(greatest + 1))?, scale };
            map.rows.push((range, vec![0; steps]));
        }
        for of in self.observations() {
            let row = ((scaled(of) - least) / height) as usize;
            map.rows[row].1[(of.step - first) as usize] += 1;
        }
        Ok(map)
    }
}
