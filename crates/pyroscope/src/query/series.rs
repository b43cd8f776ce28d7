//! Totals over time. A point carries the end of its step.

use std::collections::BTreeMap;

use emberglass_engine::{Database, ProfileTotal, StackCondition, StackTotal, YieldNow};
use emberglass_store::{Backend, Series};

use super::cut;
use super::flame::call_site;
use super::selector::{Selected, label_of};
use crate::fault::Fault;
use crate::wire::{LabelPair, PointMessage, SelectSeriesRequest, SelectSeriesResponse, SeriesMessage};

/// Sums by end of step, ms.
pub(super) type Points = BTreeMap<i64, f64>;

/// Sums over time by the values of `group_by`, of the stacks below `call_site`. Empty steps are left out, and a last
/// step that the range does not cover.
pub(super) async fn sums<B: Backend>(
    db: &Database<B>,
    selected: &Selected,
    step: i64,
    group_by: &[String],
    call_site: &[String],
    pause: &impl YieldNow,
) -> Result<BTreeMap<Vec<(String, String)>, Points>, Fault> {
    let mut groups: BTreeMap<Vec<(String, String)>, Points> = BTreeMap::new();
    for (series, totals) in totals(db, selected, call_site, pause).await? {
        let pairs = group_by.iter().map(|name| (name.clone(), label_of(&series, name)));
        let points = groups.entry(pairs.filter(|(_, value)| !value.is_empty()).collect()).or_default();
        for total in totals {
            let since = total.start.div_euclid(1_000_000).saturating_sub(selected.start).max(1);
            let steps = (since - 1) / step + 1;
            let end = steps.saturating_mul(step).saturating_add(selected.start);
            if end <= selected.end {
                *points.entry(end).or_default() += total.total as f64 / 10f64.powi(i32::from(total.scale));
            }
        }
    }
    Ok(groups)
}

/// The profiles of each series, with the sums of their values below `call_site`.
async fn totals<B: Backend>(
    db: &Database<B>,
    selected: &Selected,
    call_site: &[String],
    pause: &impl YieldNow,
) -> Result<Vec<(Series, Vec<ProfileTotal>)>, Fault> {
    if call_site.is_empty() {
        let accept =
            |series: &Series| series.profile_type == selected.profile_type && selected.conditions.accept(series);
        return Ok(db.totals_of_series(&selected.series()?, accept, pause).await?);
    }
    let Some(selection) = selected.profiles()? else { return Ok(Vec::new()) };
    let below = StackCondition::Below(call_site.to_vec());
    let found = db.stack_totals(&selection, &below, |name, wanted| cut::shown(name) == wanted, pause).await?;
    let of_series = |(labels, totals): (_, Vec<StackTotal>)| {
        let totals = totals.iter().filter(|total| total.value != 0);
        let totals = totals.map(|&StackTotal { start, value, scale, .. }| ProfileTotal { start, total: value, scale });
        (Series { profile_type: selected.profile_type.clone(), labels }, totals.collect())
    };
    Ok(found.series.into_iter().map(of_series).collect())
}

pub(crate) async fn select_series<B: Backend>(
    db: &Database<B>,
    request: &SelectSeriesRequest,
    pause: &impl YieldNow,
) -> Result<SelectSeriesResponse, Fault> {
    let selected = Selected::new(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    let step = request.step * 1000.0;
    if !(1.0..9e15).contains(&step) {
        return Err(Fault::invalid("`step` is to be a millisecond at least"));
    }
    let call_site = call_site(request.stack_trace_selector.as_ref())?;
    let groups = sums(db, &selected, step as i64, &request.group_by, &call_site, pause).await?;
    let mut all: Vec<(f64, SeriesMessage)> = groups
        .into_iter()
        .filter(|(_, points)| !points.is_empty())
        .map(|(labels, points)| {
            let labels = labels.into_iter().map(|(name, value)| LabelPair { name, value }).collect();
            let sum = points.values().sum();
            let points = points.into_iter().map(|(timestamp, value)| PointMessage { value, timestamp }).collect();
            (sum, SeriesMessage { labels, points })
        })
        .collect();
    if let Some(limit) = request.limit.and_then(|limit| usize::try_from(limit).ok()).filter(|&limit| limit > 0) {
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.truncate(limit);
    }
    Ok(SelectSeriesResponse { series: all.into_iter().map(|(_, series)| series).collect() })
}
