//! Values over time, by labels.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_engine::{EngineError, aggregation_name};
use emberglass_labels::{GroupBy, LabelSet};
use emberglass_profile::Aggregation;
use emberglass_query::{Selection, StackTotal};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::file_set::json;
use crate::info::number;

const NANOS_PER_MS: i64 = 1_000_000;
const SECOND: i64 = 1_000 * NANOS_PER_MS;
/// Steps of a series whose step is not given, at most.
const STEPS: i64 = 240;
/// Most steps between the first profile and the last.
const MAX_STEPS: i64 = 1_000_000;
/// Digits of averages, rates and shares behind those of the values.
const MORE_DIGITS: u8 = 3;

const TOO_LARGE: &str = "a sum of values is beyond 64 bits";

/// The profiles of each series.
pub(crate) type Found = BTreeMap<LabelSet, Vec<StackTotal>>;

/// What the values of a step become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerStep {
    /// Their sum, or the sum over series of their means.
    Value(Aggregation),
    /// Their sum by second of the step.
    Rate,
    /// Their sum, where each is without the profile before it.
    Delta,
}

/// Length of a step in ns; steps begin at multiples of it since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step(i64);

impl Step {
    /// The step asked for; else the first of 1, 2, 5, 10, 15, 30 s, ... with which the profiles span few steps.
    pub(crate) fn new(asked: Option<i64>, selection: &Selection, found: &Found) -> Result<Self, EngineError> {
        let starts = || found.values().flatten().map(|total| total.start);
        let first = selection.from.or_else(|| starts().min()).unwrap_or(0);
        let last = selection.until.or_else(|| starts().max()).unwrap_or(0);
        let span = last.saturating_sub(first);
        let Some(asked) = asked else {
            let mut rounds = [1, 2, 5, 10, 15, 30].into_iter().chain((0..6).map(|power| 60 * 10i64.pow(power)));
            let fits = |seconds: &i64| span / (seconds * SECOND) <= STEPS;
            return Ok(Self(rounds.find(fits).map_or(span / STEPS, |seconds| seconds * SECOND).max(NANOS_PER_MS)));
        };
        if asked % NANOS_PER_MS != 0 || span / asked > MAX_STEPS {
            let message = format!("--step: the range would have more than {MAX_STEPS} steps");
            return Err(EngineError::new("bad-argument", message));
        }
        Ok(Self(asked))
    }
}

/// The answer as it is printed.
#[derive(Serialize)]
struct Answer<'a> {
    aggregation: &'static str,
    profiles: u64,
    r#type: String,
    unit: String,
    step: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    series: Vec<Line<'a>>,
}

/// The points of one group: ms since the epoch, value, and of a function its share of the values of all.
#[derive(Serialize)]
struct Line<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    points: Vec<Vec<Box<RawValue>>>,
}

/// Sums of a step: of what is wanted, and of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    value: i128,
    total: i128,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.value += other.value;
        self.total += other.total;
    }
}

type Points = BTreeMap<i64, Sums>;

/// `{"aggregation","profiles","type","unit","step","series":[{"labels":{},"points":[[unix_ms,value]]}]}`: `step` in ms, a
/// point for every step in which profiles of the group start. Cumulative types add up; of instant types each series
/// counts with the mean of its profiles in the step. Groups by falling sum; those beyond `limit` are added up in one with
/// the label `__remainder__`, whose value is their number. With a `function` the values are its own, and each point has its
/// share as a third number.
pub(crate) fn series_json(
    selection: &Selection,
    per_step: PerStep,
    group_by: &GroupBy,
    Step(step): Step,
    limit: usize,
    function: Option<&str>,
    found: &Found,
) -> Result<String, EngineError> {
    let (digits, name) = match per_step {
        PerStep::Value(Aggregation::Sum) => (0, aggregation_name(Aggregation::Sum)),
        PerStep::Value(Aggregation::Average) => (MORE_DIGITS, aggregation_name(Aggregation::Average)),
        PerStep::Rate => (MORE_DIGITS, "rate"),
        PerStep::Delta => (0, "delta"),
    };
    let scale = found.values().flatten().map(|total| total.scale).max().unwrap_or(0) + digits;
    let mut groups: BTreeMap<LabelSet, Points> = BTreeMap::new();
    for (labels, totals) in found {
        let points = groups.entry(group_by.group(labels)).or_default();
        let step_of = |total: &StackTotal| total.start.div_euclid(step);
        for of_step in totals.chunk_by(|a, b| step_of(a) == step_of(b)) {
            let Some(at) = of_step.first().map(step_of) else { continue };
            points.entry(at).or_default().add(sums(of_step, scale, per_step, step));
        }
    }
    let mut ordered: Vec<(LabelSet, Points)> = groups.into_iter().collect();
    let sum = |points: &Points| points.values().map(|sums| sums.value).sum::<i128>();
    heap_sort_by(&mut ordered, |(a, of_a), (b, of_b)| sum(of_b).cmp(&sum(of_a)).then_with(|| a.cmp(b)));
    let rest = ordered.split_off(limit.min(ordered.len()));
    if !rest.is_empty() {
        let labels = [("__remainder__", rest.len().to_string())].into_iter().collect();
        let mut points = Points::new();
        for (at, sums) in rest.into_iter().flat_map(|(_, points)| points) {
            points.entry(at).or_default().add(sums);
        }
        ordered.push((labels, points));
    }
    let series = ordered.iter().map(|(labels, points)| {
        let points = points.iter().map(|(&at, sums)| {
            let value = i64::try_from(sums.value).map_err(|_beyond| EngineError::new("value-overflow", TOO_LARGE))?;
            let mut point = vec![number(at.saturating_mul(step).div_euclid(NANOS_PER_MS), 0)?, number(value, scale)?];
            if function.is_some() {
                point.push(share(*sums)?);
            }
            Ok(point)
        });
        Ok(Line { labels: labels.iter().collect(), points: points.collect::<Result<_, EngineError>>()? })
    });
    let unit = &selection.profile_type.sample_unit;
    let answer = Answer {
        aggregation: name,
        profiles: found.values().flatten().map(|total| u64::from(total.profiles)).sum(),
        r#type: selection.profile_type.to_string(),
        unit: if per_step == PerStep::Rate { format!("{unit}/s") } else { unit.clone() },
        step: step / NANOS_PER_MS,
        function,
        series: series.collect::<Result<_, EngineError>>()?,
    };
    json(&answer)
}

/// What one series has in a step, times 10^-scale.
fn sums(of_step: &[StackTotal], scale: u8, per_step: PerStep, step: i64) -> Sums {
    let scaled = |value: i64, of: u8| i128::from(value) * 10i128.pow(u32::from(scale - of));
    let value: i128 = of_step.iter().map(|one| scaled(one.value, one.scale)).sum();
    let total: i128 = of_step.iter().map(|one| scaled(one.total, one.scale)).sum();
    let profiles: u64 = of_step.iter().map(|one| u64::from(one.profiles)).sum();
    let (times, by) = match per_step {
        PerStep::Value(Aggregation::Sum) | PerStep::Delta => return Sums { value, total },
        PerStep::Value(Aggregation::Average) => (1, i128::from(profiles.max(1))),
        PerStep::Rate => (i128::from(SECOND), i128::from(step)),
    };
    let divided = |sum: i128| (sum * times + sum.signum() * (by / 2)) / by;
    Sums { value: divided(value), total: divided(total) }
}

/// The share of the values of all, 0 where that is 0.
fn share(Sums { value, total }: Sums) -> Result<Box<RawValue>, EngineError> {
    const DIGITS: u8 = 6;
    let parts = if total == 0 { 0 } else { value * 10i128.pow(u32::from(DIGITS)) / total };
    number(i64::try_from(parts).unwrap_or(i64::MAX), DIGITS)
}
