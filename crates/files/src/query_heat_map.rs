//! Density over time, by value or by labels.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use emberglass_engine::EngineError;
use emberglass_labels::{GroupBy, LabelSet};
use emberglass_query::{Density, HeatMap, Selection, ValueRange};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::file_set::json;
use crate::info::number;

const NANOS_PER_MS: i64 = 1_000_000;
/// Rows of values where the question does not say.
const ROWS: u32 = 20;

/// The answer as it is printed.
#[derive(Serialize)]
struct Answer<'a, Row> {
    profiles: u64,
    r#type: String,
    unit: &'a str,
    step: Box<RawValue>,
    start: Box<RawValue>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct ValueRow<'a> {
    from: Box<RawValue>,
    to: Box<RawValue>,
    counts: &'a [u64],
}

#[derive(Serialize)]
struct LabelRow<'a> {
    labels: BTreeMap<&'a str, &'a str>,
    counts: &'a [u64],
}

/// `{"profiles","type","unit","step","start","rows":[{"from","to","counts":[...]}]}`, `step` and `start` in ms: how many
/// profiles have a value in [from, to) in each step. With labels to group by `{"labels","counts"}`: the sample records of
/// each step.
pub(crate) fn heat_map_json(
    selection: &Selection,
    group_by: &GroupBy,
    rows: Option<u32>,
    density: &Density,
) -> Result<String, EngineError> {
    if group_by.labels.is_empty() {
        let map = density.by_value(rows.unwrap_or(ROWS))?;
        let row = |(range, counts): &'_ (ValueRange, Vec<u64>)| -> Result<_, EngineError> {
            Ok((number(range.from, range.scale)?, number(range.until, range.scale)?, counts.clone()))
        };
        let found = map.rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let rows = found.iter().map(|(from, to, counts)| ValueRow { from: from.clone(), to: to.clone(), counts });
        return json(&answer(selection, density, &map, rows.collect())?);
    }
    let mut map = density.by_labels(|labels| group_by.group(labels))?;
    let sum = |counts: &[u64]| counts.iter().sum::<u64>();
    // Equal ones stay in the order of their labels.
    map.rows.sort_by_key(|(_, counts): &(LabelSet, Vec<u64>)| Reverse(sum(counts)));
    map.rows.truncate(rows.map_or(usize::MAX, |rows| rows as usize));
    let rows = map.rows.iter().map(|(labels, counts)| LabelRow { labels: labels.iter().collect(), counts });
    json(&answer(selection, density, &map, rows.collect())?)
}

fn answer<'a, Row, Of>(
    selection: &'a Selection,
    density: &Density,
    map: &HeatMap<Of>,
    rows: Vec<Row>,
) -> Result<Answer<'a, Row>, EngineError> {
    let ms = |nanos: i64| number(nanos.div_euclid(NANOS_PER_MS), 0);
    Ok(Answer {
        profiles: density.profiles,
        r#type: selection.profile_type.to_string(),
        unit: &selection.profile_type.sample_unit,
        step: ms(density.step)?,
        start: ms(map.start)?,
        rows,
    })
}
