//! What a query would cost, and what series are told apart by.

use std::collections::BTreeMap;

use emberglass_query::{
    Cardinality, Estimate, LabelCardinality, SeriesProfiles, ValueCardinality, YieldNow, cardinality, estimate,
};
use emberglass_store::Backend;
use serde::Serialize;

use crate::asking::{selection, selection_of_types};
use crate::{Database, EngineError, MissingAnswer, SelectionText, WidenedAnswer};

/// What a query would read and answer about; see `Estimate` in protocol.ts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EstimateAnswer {
    /// Profiles that the answer would be of.
    pub profiles: f64,
    /// Series they belong to.
    pub series: f64,
    /// Blocks.
    pub blocks: f64,
    /// Sums over steps of time that would be read in the place of profiles.
    pub rollups: f64,
    /// Profiles that these hold.
    pub rolled_up: f64,
    /// Bytes of the rows that would be decoded.
    pub row_bytes: f64,
    /// Stored bytes that would be needed.
    pub bytes: f64,
    /// Those of them that are in memory.
    pub cached_bytes: f64,
    /// Most nodes of the answer; `None` where that takes reading.
    pub nodes: Option<f64>,
    /// What of the selection can't be read.
    pub missing: Option<MissingAnswer>,
    /// The range that would be read, where it is wider.
    pub widened: Option<WidenedAnswer>,
}

impl From<Estimate> for EstimateAnswer {
    fn from(of: Estimate) -> Self {
        Self {
            profiles: of.profiles as f64,
            series: of.series as f64,
            blocks: of.blocks as f64,
            rollups: of.rollups as f64,
            rolled_up: of.rolled_up as f64,
            row_bytes: of.row_bytes as f64,
            bytes: of.bytes as f64,
            cached_bytes: of.cached_bytes as f64,
            nodes: of.nodes.map(|nodes| nodes as f64),
            missing: of.missing.map(MissingAnswer::from),
            widened: of.widened.map(WidenedAnswer::from),
        }
    }
}

/// What the series of a selection are told apart by; see `Cardinality` in protocol.ts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardinalityAnswer {
    /// Series.
    pub series: f64,
    /// Profiles.
    pub profiles: f64,
    /// Labels, the one with the most values first.
    pub labels: Vec<LabelCardinalityAnswer>,
    /// Profiles of a series.
    pub profiles_per_series: ProfilesPerSeries,
    /// The series with the most profiles.
    pub largest: Vec<SeriesProfilesAnswer>,
}

/// How many profiles a series has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProfilesPerSeries {
    /// The one with the fewest.
    pub least: f64,
    /// The one in the middle.
    pub median: f64,
    /// The one with the most.
    pub most: f64,
}

/// A label and its values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelCardinalityAnswer {
    /// Its name.
    pub name: String,
    /// Different values.
    pub values: f64,
    /// Series that have it.
    pub series: f64,
    /// Values of the most series.
    pub top: Vec<ValueCardinalityAnswer>,
}

/// A value of a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueCardinalityAnswer {
    /// The value.
    pub value: String,
    /// Series that have it.
    pub series: f64,
    /// Their profiles.
    pub profiles: f64,
}

/// A series and its profiles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesProfilesAnswer {
    /// Profile type id.
    #[serde(rename = "type")]
    pub profile_type: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// How many profiles it has.
    pub profiles: f64,
}

impl From<Cardinality> for CardinalityAnswer {
    fn from(of: Cardinality) -> Self {
        let value = |ValueCardinality { value, series, profiles }| ValueCardinalityAnswer {
            value,
            series: series as f64,
            profiles: profiles as f64,
        };
        let label = |LabelCardinality { name, values, series, top }| LabelCardinalityAnswer {
            name,
            values: values as f64,
            series: series as f64,
            top: top.into_iter().map(value).collect(),
        };
        let series = |SeriesProfiles { profile_type, labels, profiles }| SeriesProfilesAnswer {
            profile_type,
            labels: labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            profiles: profiles as f64,
        };
        let [least, median, most] = of.profiles_per_series.map(|profiles| profiles as f64);
        Self {
            series: of.series as f64,
            profiles: of.profiles as f64,
            labels: of.labels.into_iter().map(label).collect(),
            profiles_per_series: ProfilesPerSeries { least, median, most },
            largest: of.largest.into_iter().map(series).collect(),
        }
    }
}

impl<B: Backend> Database<B> {
    /// What [`Self::query`] would read of a selection, without reading a sample.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn estimate(&self, of: &SelectionText, pause: &impl YieldNow) -> Result<EstimateAnswer, EngineError> {
        Ok(estimate(&self.store, &selection(of)?, pause).await?.into())
    }

    /// What the series of a selection are told apart by, of all types where it names none: at most `limit` values of each label
    /// and largest series.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn cardinality(
        &self,
        of: &SelectionText,
        limit: u32,
        pause: &impl YieldNow,
    ) -> Result<CardinalityAnswer, EngineError> {
        Ok(cardinality(&self.store, &selection_of_types(of)?, limit as usize, pause).await?.into())
    }
}
