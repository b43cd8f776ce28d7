//! `types.v1`.

use serde::{Deserialize, Serialize};

use super::json::{int64, is_default};

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelPair {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct Labels {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<LabelPair>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileTypeMessage {
    #[prost(string, tag = "1")]
    #[serde(rename = "ID")]
    pub(crate) id: String,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(string, tag = "4")]
    pub(crate) sample_type: String,
    #[prost(string, tag = "5")]
    pub(crate) sample_unit: String,
    #[prost(string, tag = "6")]
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) period_type: String,
    #[prost(string, tag = "7")]
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) period_unit: String,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct LabelNamesRequest {
    #[prost(string, repeated, tag = "1")]
    pub(crate) matchers: Vec<String>,
    #[prost(int64, tag = "2")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "3")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct LabelValuesRequest {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) matchers: Vec<String>,
    #[prost(int64, tag = "3")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "4")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
}

/// The answer of `LabelNames` and `LabelValues`.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct NamesResponse {
    #[prost(string, repeated, tag = "1")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) names: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct StackTraceSelector {
    #[prost(message, repeated, tag = "1")]
    #[serde(alias = "callSite")]
    pub(crate) call_site: Vec<CallSite>,
    #[prost(message, optional, tag = "2")]
    #[serde(alias = "goPgo")]
    pub(crate) go_pgo: Option<GoPgo>,
}

/// Its fields are not read: it is refused.
#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct GoPgo {}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct CallSite {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(crate) struct SeriesMessage {
    #[prost(message, repeated, tag = "1")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<LabelPair>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) points: Vec<PointMessage>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(crate) struct PointMessage {
    #[prost(double, tag = "1")]
    pub(crate) value: f64,
    /// Milliseconds.
    #[prost(int64, tag = "2")]
    #[serde(serialize_with = "int64::serialize")]
    pub(crate) timestamp: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetProfileStatsResponse {
    #[prost(bool, tag = "1")]
    pub(crate) data_ingested: bool,
    #[prost(int64, tag = "2")]
    #[serde(serialize_with = "int64::serialize")]
    pub(crate) oldest_profile_time: i64,
    #[prost(int64, tag = "3")]
    #[serde(serialize_with = "int64::serialize")]
    pub(crate) newest_profile_time: i64,
}
