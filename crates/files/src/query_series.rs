//! Values over time, by labels.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_engine::{EngineError, aggregation_name};
use emberglass_labels::{GroupBy, LabelSet};
use emberglass_profile::Aggregation;
use emberglass_query::{ProfileTotal, Selection};
use emberglass_store::Series;
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
/// Digits of averages behind those of the values.
const AVERAGE_DIGITS: u8 = 3;

const TOO_LARGE: &str = "a sum of values is beyond 64 bits";

/// A series with its profiles.
type Found = [(Series, Vec<ProfileTotal>)];

/// Length of a step in ns; steps begin at multiples of it since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step(i64);

impl Step {
    /// The step asked for; else the first of 1, 2, 5, 10, 15, 30 s, ... with which the profiles span few steps.
    pub(crate) fn new(asked: Option<i64>, selection: &Selection, found: &Found) -> Result<Self, EngineError> {
        let starts = || found.iter().flat_map(|(_, totals)| totals).map(|total| total.start);
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
    profiles: usize,
    r#type: String,
    unit: &'a str,
    step: i64,
    series: Vec<Line<'a>>,
}

/// The points of one group: ms since the epoch, value.
#[derive(Serialize)]
struct Line<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    points: Vec<(i64, Box<RawValue>)>,
}

/// `{"aggregation","profiles","type","unit","step","series":[{"labels":{},"points":[[unix_ms,value]]}]}`: `step` in ms, a
/// point for every step in which profiles of the group start. Cumulative types add up; of instant types each series
/// counts with the mean of its profiles in the step. Groups by falling sum; those beyond `limit` are added up in one with
/// the label `__remainder__`, whose value is their number.
pub(crate) fn series_json(
    selection: &Selection,
    group_by: &GroupBy,
    Step(step): Step,
    limit: usize,
    found: &Found,
) -> Result<String, EngineError> {
    let aggregation = selection.aggregation();
    let digits = if aggregation == Aggregation::Average { AVERAGE_DIGITS } else { 0 };
    let scale = found.iter().flat_map(|(_, totals)| totals).map(|total| total.scale).max().unwrap_or(0) + digits;
    let power = |exponent: u8| 10i128.pow(u32::from(exponent));
    let mut groups: BTreeMap<LabelSet, BTreeMap<i64, i128>> = BTreeMap::new();
    for (series, totals) in found {
        let points = groups.entry(group_by.group(&series.labels)).or_default();
        let step_of = |total: &ProfileTotal| total.start.div_euclid(step);
        for of_step in totals.chunk_by(|a, b| step_of(a) == step_of(b)) {
            let Some(at) = of_step.first().map(step_of) else { continue };
            let sum: i128 = of_step.iter().map(|one| i128::from(one.total) * power(scale - one.scale)).sum();
            let count = of_step.len() as i128;
            let value = match aggregation {
                Aggregation::Sum => sum,
                Aggregation::Average => (sum + sum.signum() * (count / 2)) / count,
            };
            *points.entry(at).or_default() += value;
        }
    }
    let mut ordered: Vec<(LabelSet, BTreeMap<i64, i128>)> = groups.into_iter().collect();
    let sum = |points: &BTreeMap<i64, i128>| points.values().sum::<i128>();
    heap_sort_by(&mut ordered, |(a, of_a), (b, of_b)| sum(of_b).cmp(&sum(of_a)).then_with(|| a.cmp(b)));
    let rest = ordered.split_off(limit.min(ordered.len()));
    if !rest.is_empty() {
        let labels = [("__remainder__", rest.len().to_string())].into_iter().collect();
        let mut points: BTreeMap<i64, i128> = BTreeMap::new();
        for (at, value) in rest.into_iter().flat_map(|(_, points)| points) {
            *points.entry(at).or_default() += value;
        }
        ordered.push((labels, points));
    }
    let series = ordered.iter().map(|(labels, points)| {
        let points = points.iter().map(|(&at, &value)| {
            let value = i64::try_from(value).map_err(|_beyond| EngineError::new("value-overflow", TOO_LARGE))?;
            Ok((at.saturating_mul(step).div_euclid(NANOS_PER_MS), number(value, scale)?))
        });
        Ok(Line { labels: labels.iter().collect(), points: points.collect::<Result<_, EngineError>>()? })
    });
    let answer = Answer {
        aggregation: aggregation_name(aggregation),
        profiles: found.iter().map(|(_, totals)| totals.len()).sum(),
        r#type: selection.profile_type.to_string(),
        unit: &selection.profile_type.sample_unit,
        step: step / NANOS_PER_MS,
        series: series.collect::<Result<_, EngineError>>()?,
    };
    json(&answer)
}
