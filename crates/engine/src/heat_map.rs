//! How dense a selection is over time, for hosts.

use std::cmp::Reverse;

use emberglass_labels::LabelSet;
use emberglass_query::{Density, ValueRange, YieldNow, density, kept_density};
use emberglass_store::Backend;
use serde::Deserialize;

use crate::answers::MissingAnswer;
use crate::asking::{filtered_selection, labels_to_group_by};
use crate::database::Running;
use crate::{Database, EngineError, SelectionText};

/// Steps where the request does not say how long one is.
const STEPS: u32 = 240;
/// Rows where the request does not say.
const ROWS: u32 = 20;

/// How a selection is cut into cells; see `HeatMapRequest`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HeatMapRequest {
    /// Length of a step, ns; without it a round one with which there are at most `steps`.
    pub step: Option<i64>,
    /// Most steps, where `step` is not given; 240 without it.
    pub steps: Option<u32>,
    /// Most rows; 20 without it.
    pub rows: Option<u32>,
    /// Labels whose values are the rows; without it ranges of values are.
    pub group_by: String,
}

/// What a row of a heat map is about.
#[derive(Clone, Debug, PartialEq)]
pub enum HeatMapRow {
    /// Profiles with a value in this range.
    Values(ValueRange),
    /// Sample records of series with these labels.
    Labels(LabelSet),
}

/// Counts by row and step; see `HeatMap` in protocol.ts.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMapAnswer {
    /// Start of the first step, ns.
    pub start: i64,
    /// Step, ns.
    pub step: i64,
    /// Profiles in all.
    pub profiles: u32,
    /// The rows: the least values first, or the labels with the most records.
    pub rows: Vec<HeatMapRow>,
    /// Counts of the first row by step, then of the next.
    pub counts: Vec<f64>,
    /// What of the selection can't be read.
    pub missing: Option<MissingAnswer>,
}

impl HeatMapAnswer {
    fn new(density: &Density, start: i64, rows: Vec<(HeatMapRow, Vec<u64>)>) -> Self {
        let mut counts = Vec::with_capacity(rows.len() * rows.first().map_or(0, |(_, counts)| counts.len()));
        let rows = rows.into_iter().map(|(row, of_row)| {
            counts.extend(of_row.into_iter().map(|count| count as f64));
            row
        });
        let rows = rows.collect();
        let missing = density.missing.map(MissingAnswer::from);
        Self { start, step: density.step, profiles: density.profiles as u32, rows, counts, missing }
    }
}

impl<B: Backend> Database<B> {
    /// How many profiles have which value in each step, or how many sample records the series of each label value have. A
    /// profile whose format has a time for each record counts in every step in which it has some. Filters are those of a series.
    ///
    /// # Errors
    /// A bad selection or labels, `too-many-steps`, `value-overflow`, or what the storage says.
    pub async fn heat_map(
        &self,
        of: &SelectionText,
        request: &HeatMapRequest,
        pause: &impl YieldNow,
    ) -> Result<HeatMapAnswer, EngineError> {
        let group_by = labels_to_group_by(&request.group_by)?;
        let rows = request.rows.unwrap_or(ROWS);
        let step = request.step.filter(|&step| step > 0);
        let steps = request.steps.unwrap_or(STEPS);
        let (shaping, selected) = filtered_selection(of)?;
        let found = match shaping.chooses_stacks() {
            false => density(&self.store, &selected, step, steps, pause).await?,
            true => {
                let _running = Running::new(&self.queries);
                kept_density(&self.store, &selected, step, steps, self.keeps(&shaping), pause).await?
            }
        };
        if group_by.labels.is_empty() {
            let map = found.by_value(rows)?;
            let values = map.rows.into_iter().map(|(range, counts)| (HeatMapRow::Values(range), counts));
            return Ok(HeatMapAnswer::new(&found, map.start, values.collect()));
        }
        let mut map = found.by_labels(|labels| group_by.group(labels))?;
        // Equal ones stay in the order of their labels.
        map.rows.sort_by_key(|(_, counts)| Reverse(counts.iter().sum::<u64>()));
        map.rows.truncate(rows as usize);
        let labels = map.rows.into_iter().map(|(labels, counts)| (HeatMapRow::Labels(labels), counts));
        Ok(HeatMapAnswer::new(&found, map.start, labels.collect()))
    }
}
