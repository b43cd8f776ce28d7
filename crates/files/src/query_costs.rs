//! What a question would cost, and what series are told apart by, as JSON.

use std::collections::BTreeMap;

use emberglass_engine::EngineError;
use emberglass_query::{Cardinality, Estimate, LabelCardinality, Selection, SeriesProfiles, ValueCardinality};
use serde::Serialize;

use crate::file_set::json;

#[derive(Serialize)]
struct EstimateJson<'a> {
    profiles: u64,
    r#type: String,
    unit: &'a str,
    series: u64,
    blocks: u64,
    rollups: u64,
    rolled_up: u64,
    row_bytes: u64,
    bytes: u64,
    cached_bytes: u64,
    nodes: Option<u64>,
}

/// `{"profiles","type","unit","series","blocks","rollups","rolled_up","row_bytes","bytes","cached_bytes","nodes"}`.
pub(crate) fn estimate_json(selection: &Selection, of: &Estimate) -> Result<String, EngineError> {
    let Estimate { profiles, series, blocks, rollups, rolled_up, row_bytes, bytes, cached_bytes, nodes, .. } = *of;
    json(&EstimateJson {
        profiles,
        r#type: selection.profile_type.to_string(),
        unit: &selection.profile_type.sample_unit,
        series,
        blocks,
        rollups,
        rolled_up,
        row_bytes,
        bytes,
        cached_bytes,
        nodes,
    })
}

#[derive(Serialize)]
struct CardinalityJson<'a> {
    profiles: u64,
    series: u64,
    profiles_per_series: PerSeries,
    labels: Vec<Label<'a>>,
    largest: Vec<Largest<'a>>,
}

#[derive(Serialize)]
struct PerSeries {
    least: u64,
    median: u64,
    most: u64,
}

#[derive(Serialize)]
struct Label<'a> {
    label: &'a str,
    values: u64,
    series: u64,
    top: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    value: &'a str,
    series: u64,
    profiles: u64,
}

#[derive(Serialize)]
struct Largest<'a> {
    r#type: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    profiles: u64,
}

/// `{"profiles","series","profiles_per_series":{"least","median","most"},"labels":[{"label","values","series","top":
/// [{"value","series","profiles"}]}],"largest":[{"type","labels":{},"profiles"}]}`.
pub(crate) fn cardinality_json(of: &Cardinality) -> Result<String, EngineError> {
    let [least, median, most] = of.profiles_per_series;
    json(&CardinalityJson {
        profiles: of.profiles,
        series: of.series,
        profiles_per_series: PerSeries { least, median, most },
        labels: of.labels.iter().map(label).collect(),
        largest: of.largest.iter().map(largest).collect(),
    })
}

fn label(LabelCardinality { name, values, series, top }: &LabelCardinality) -> Label<'_> {
    Label { label: name, values: *values, series: *series, top: top.iter().map(value).collect() }
}

fn value(ValueCardinality { value, series, profiles }: &ValueCardinality) -> Value<'_> {
    Value { value, series: *series, profiles: *profiles }
}

fn largest(SeriesProfiles { profile_type, labels, profiles }: &SeriesProfiles) -> Largest<'_> {
    Largest { r#type: profile_type, labels: labels.iter().collect(), profiles: *profiles }
}
