//! `querier.v1`. The numbers of `dot` and of the formats beyond `TREE` are not published; JSON names them.

use serde::{Deserialize, Deserializer, Serialize};

use super::json::{base64, double, enum_of, int64, is_default, optional_int64, texts};
use super::{Labels, ProfileTypeMessage, SeriesMessage, StackTraceSelector};

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct ProfileTypesRequest {
    #[prost(int64, tag = "1")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "2")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileTypesResponse {
    #[prost(message, repeated, tag = "1")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) profile_types: Vec<ProfileTypeMessage>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct SeriesRequest {
    #[prost(string, repeated, tag = "1")]
    pub(crate) matchers: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    #[serde(alias = "labelNames")]
    pub(crate) label_names: Vec<String>,
    #[prost(int64, tag = "3")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "4")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeriesResponse {
    #[prost(message, repeated, tag = "2")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels_set: Vec<Labels>,
}

pub(crate) const FORMAT_TREE: i32 = 2;
pub(crate) const FORMAT_DOT: i32 = 3;
pub(crate) const FORMAT_PPROF: i32 = 4;

fn format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let names = ["UNSPECIFIED", "FLAMEGRAPH", "TREE", "DOT", "PPROF"].map(|name| format!("PROFILE_FORMAT_{name}"));
    enum_of(deserializer, &names.each_ref().map(String::as_str))
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeStacktracesRequest {
    #[prost(string, tag = "1")]
    #[serde(alias = "profile_typeID", alias = "profileTypeID")]
    pub(crate) profile_type_id: String,
    #[prost(string, tag = "2")]
    #[serde(alias = "labelSelector")]
    pub(crate) label_selector: String,
    #[prost(int64, tag = "3")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "4")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
    #[prost(int64, optional, tag = "5")]
    #[serde(alias = "maxNodes", deserialize_with = "optional_int64::deserialize")]
    pub(crate) max_nodes: Option<i64>,
    #[prost(int32, tag = "6")]
    #[serde(deserialize_with = "format")]
    pub(crate) format: i32,
    #[prost(message, optional, tag = "7")]
    #[serde(alias = "stackTraceSelector")]
    pub(crate) stack_trace_selector: Option<StackTraceSelector>,
    #[prost(string, repeated, tag = "8")]
    #[serde(alias = "profileIdSelector")]
    pub(crate) profile_id_selector: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct SelectMergeStacktracesResponse {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flamegraph: Option<FlameGraph>,
    #[prost(bytes = "vec", tag = "2")]
    #[serde(serialize_with = "base64::serialize", skip_serializing_if = "Vec::is_empty")]
    pub(crate) tree: Vec<u8>,
    #[prost(string, tag = "3")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) dot: String,
    #[prost(message, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pprof: Option<super::Profile>,
}

/// Of one side, or with `left_ticks` and `right_ticks` of two.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlameGraph {
    #[prost(string, repeated, tag = "1")]
    pub(crate) names: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) levels: Vec<Level>,
    #[prost(int64, tag = "3")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) total: i64,
    #[prost(int64, tag = "4")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) max_self: i64,
    #[prost(int64, tag = "5")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) left_ticks: i64,
    #[prost(int64, tag = "6")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) right_ticks: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct Level {
    #[prost(int64, repeated, tag = "1")]
    #[serde(serialize_with = "texts")]
    pub(crate) values: Vec<i64>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeProfileRequest {
    #[prost(string, tag = "1")]
    #[serde(alias = "profile_typeID", alias = "profileTypeID")]
    pub(crate) profile_type_id: String,
    #[prost(string, tag = "2")]
    #[serde(alias = "labelSelector")]
    pub(crate) label_selector: String,
    #[prost(int64, tag = "3")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "4")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
    #[prost(message, optional, tag = "6")]
    #[serde(alias = "stackTraceSelector")]
    pub(crate) stack_trace_selector: Option<StackTraceSelector>,
    #[prost(string, repeated, tag = "7")]
    #[serde(alias = "profileIdSelector")]
    pub(crate) profile_id_selector: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct SelectSeriesRequest {
    #[prost(string, tag = "1")]
    #[serde(alias = "profile_typeID", alias = "profileTypeID")]
    pub(crate) profile_type_id: String,
    #[prost(string, tag = "2")]
    #[serde(alias = "labelSelector")]
    pub(crate) label_selector: String,
    #[prost(int64, tag = "3")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) start: i64,
    #[prost(int64, tag = "4")]
    #[serde(deserialize_with = "int64::deserialize")]
    pub(crate) end: i64,
    #[prost(string, repeated, tag = "5")]
    #[serde(alias = "groupBy")]
    pub(crate) group_by: Vec<String>,
    #[prost(double, tag = "6")]
    #[serde(deserialize_with = "double")]
    pub(crate) step: f64,
    #[prost(message, optional, tag = "8")]
    #[serde(alias = "stackTraceSelector")]
    pub(crate) stack_trace_selector: Option<StackTraceSelector>,
    #[prost(int64, optional, tag = "9")]
    #[serde(deserialize_with = "optional_int64::deserialize")]
    pub(crate) limit: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(crate) struct SelectSeriesResponse {
    #[prost(message, repeated, tag = "1")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) series: Vec<SeriesMessage>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct DiffRequest {
    #[prost(message, optional, tag = "1")]
    pub(crate) left: Option<SelectMergeStacktracesRequest>,
    #[prost(message, optional, tag = "2")]
    pub(crate) right: Option<SelectMergeStacktracesRequest>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct DiffResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) flamegraph: Option<FlameGraph>,
}
