//! The older interface: `/pyroscope/render`, `/pyroscope/render-diff`, `/pyroscope/label-values`.

use std::collections::BTreeMap;

use emberglass_engine::{Database, YieldNow};
use emberglass_formats::flamebearer::{Metadata, encode, encode_double};
use emberglass_store::Backend;
use emberglass_trie::Granularity;
use serde_json::{Value, json};

use super::flame::{internal, merged, nodes};
use super::names::label_values;
use super::selector::Selected;
use super::series::{Points, sums};
use crate::fault::{Code, Fault};
use crate::http::Query;
use crate::wire::LabelValuesRequest;
use crate::{Response, time};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Steps of time lines, ms, with the exclusive bound up to which each is the nearest.
const LADDER: [(i64, i64); 15] = [
    (17_500, 15 * SECOND),
    (25 * SECOND, 20 * SECOND),
    (45 * SECOND, 30 * SECOND),
    (90 * SECOND, MINUTE),
    (210 * SECOND, 2 * MINUTE),
    (450 * SECOND, 5 * MINUTE),
    (750 * SECOND, 10 * MINUTE),
    (1_050 * SECOND, 15 * MINUTE),
    (25 * MINUTE, 20 * MINUTE),
    (45 * MINUTE, 30 * MINUTE),
    (90 * MINUTE, HOUR),
    (150 * MINUTE, 2 * HOUR),
    (270 * MINUTE, 3 * HOUR),
    (9 * HOUR, 6 * HOUR),
    (DAY, 12 * HOUR),
];
const POINTS: i64 = 1_500;

fn step_of(start: i64, end: i64) -> i64 {
    let wanted = end.saturating_sub(start) / POINTS;
    let found = LADDER.iter().find(|(bound, _)| wanted < *bound).map(|(_, step)| *step);
    let beyond = match wanted {
        wanted if wanted < 7 * DAY => DAY,
        wanted if wanted < 28 * DAY => 7 * DAY,
        wanted if wanted < 365 * DAY => 30 * DAY,
        _ => 365 * DAY,
    };
    found.unwrap_or(beyond)
}

/// A range in ms; without one the last hour.
fn range(query: &Query, names: (&str, &str), now: i64) -> (i64, i64) {
    let ms = |name: &str, default: i64| time::parse(query.get(name), now).unwrap_or(default) / 1_000_000;
    (ms(names.0, now.saturating_sub(3_600_000_000_000)), ms(names.1, now))
}

fn max_nodes(query: &Query) -> usize {
    let given = [query.get("maxNodes"), query.get("max-nodes")].into_iter().find(|text| !text.is_empty());
    nodes(given.and_then(|text| text.parse().ok()))
}

fn selected(query: &Query, name: &str, (start, end): (i64, i64)) -> Result<Selected, Fault> {
    let text = query.get(name);
    if text.is_empty() {
        return Err(Fault::invalid(format!("{name:?} is missing: TYPE{{label=\"value\"}}")));
    }
    Selected::of_query(text, start, end)
}

fn timeline(points: &Points, selected: &Selected, step: i64) -> Value {
    let (first, last) = (selected.start.div_euclid(step), selected.end.div_euclid(step));
    let mut samples = vec![0i64; usize::try_from(last - first).unwrap_or_default()];
    for (&end, &value) in points {
        let at = end.div_euclid(step) - first;
        if let Some(sample) = usize::try_from(at).ok().and_then(|at| samples.get_mut(at)) {
            *sample = sample.saturating_add(value.round() as i64);
        }
    }
    json!({ "startTime": first * step / SECOND, "samples": samples, "durationDelta": step / SECOND, "watermarks": null })
}

pub(crate) async fn render<B: Backend>(
    db: &Database<B>,
    query: &Query,
    now: i64,
    pause: &impl YieldNow,
) -> Result<Response, Fault> {
    let selected = selected(query, "query", range(query, ("from", "until"), now))?;
    if query.get("format") == "dot" {
        return Err(Fault::new(Code::Unimplemented, "graphs in DOT are not answered"));
    }
    let trie = merged(db, &selected, Granularity::Name, pause).await?;
    let metadata = Metadata::of(&selected.profile_type);
    let (text, _) = encode(&trie, &metadata, Some(max_nodes(query))).map_err(|error| internal(&error))?;
    let step = step_of(selected.start, selected.end);
    let group_by: Vec<String> =
        [query.get("groupBy")].iter().filter(|name| !name.is_empty()).map(|&name| name.to_owned()).collect();
    let all = sums(db, &selected, step, &[], &[], pause).await?;
    let points = all.into_values().next().unwrap_or_default();
    let mut groups: BTreeMap<String, Value> = BTreeMap::new();
    if !group_by.is_empty() {
        for (labels, points) in sums(db, &selected, step, &group_by, &[], pause).await? {
            let value = labels.into_iter().next().map(|(_, value)| value).unwrap_or_default();
            groups.insert(value, timeline(&points, &selected, step));
        }
    }
    let groups = if group_by.is_empty() { Value::Null } else { json!(groups) };
    Ok(Response::json(with_timeline(&text, &timeline(&points, &selected, step), &groups)))
}

/// The graph's JSON ends with members that the encoder leaves null.
fn with_timeline(text: &str, timeline: &Value, groups: &Value) -> String {
    const OPEN: &str = ",\"timeline\":null,\"groups\":null,";
    match text.rfind(OPEN) {
        Some(at) => {
            let (head, tail) = (&text[..at], &text[at + OPEN.len()..]);
            format!("{head},\"timeline\":{timeline},\"groups\":{groups},{tail}")
        }
        None => text.to_owned(),
    }
}

pub(crate) async fn render_diff<B: Backend>(
    db: &Database<B>,
    query: &Query,
    now: i64,
    pause: &impl YieldNow,
) -> Result<Response, Fault> {
    let left = selected(query, "leftQuery", range(query, ("leftFrom", "leftUntil"), now))?;
    let right = selected(query, "rightQuery", range(query, ("rightFrom", "rightUntil"), now))?;
    if left.profile_type != right.profile_type {
        return Err(Fault::invalid("both sides must be of one profile type"));
    }
    let metadata = Metadata::of(&left.profile_type);
    let left = merged(db, &left, Granularity::Name, pause).await?;
    let right = merged(db, &right, Granularity::Name, pause).await?;
    let written = encode_double(&left, &right, &metadata, Some(max_nodes(query)));
    Ok(Response::json(written.map_err(|error| internal(&error))?.0))
}

pub(crate) async fn label_values_http<B: Backend>(
    db: &Database<B>,
    query: &Query,
    now: i64,
    pause: &impl YieldNow,
) -> Result<Response, Fault> {
    if query.get("label").is_empty() {
        return Err(Fault::invalid("`label` is missing: the label whose values are wanted"));
    }
    let (start, end) = if query.get("from").is_empty() { (0, 0) } else { range(query, ("from", "until"), now) };
    let text = query.get("query");
    let mut matchers = Vec::new();
    if !text.is_empty() {
        let (id, selector) = text.split_at(text.find('{').unwrap_or(text.len()));
        if !id.trim().is_empty() {
            matchers.push(format!("{{__profile_type__={:?}}}", id.trim()));
        }
        if !selector.is_empty() {
            matchers.push(selector.to_owned());
        }
    }
    let request = LabelValuesRequest { name: query.get("label").to_owned(), matchers, start, end };
    let values = label_values(db, &request, pause).await?;
    Ok(Response::json(json!(values.names).to_string()))
}
