//! `google.v1.Profile`: pprof (<https://github.com/google/pprof/blob/main/proto/profile.proto>) as an answer.

use serde::Serialize;

use super::json::{int64, is_default, texts, unsigned_text, unsigned_texts};

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    #[prost(message, repeated, tag = "1")]
    pub(crate) sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    pub(crate) string_table: Vec<String>,
    #[prost(int64, tag = "9")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) time_nanos: i64,
    #[prost(int64, tag = "10")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) period: i64,
    #[prost(int64, tag = "14")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) default_sample_type: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct ValueType {
    #[prost(int64, tag = "1")]
    #[serde(serialize_with = "int64::serialize")]
    pub(crate) r#type: i64,
    #[prost(int64, tag = "2")]
    #[serde(serialize_with = "int64::serialize")]
    pub(crate) unit: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    #[serde(serialize_with = "unsigned_texts")]
    pub(crate) location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    #[serde(serialize_with = "texts")]
    pub(crate) value: Vec<i64>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mapping {
    #[prost(uint64, tag = "1")]
    #[serde(serialize_with = "unsigned_text")]
    pub(crate) id: u64,
    #[prost(uint64, tag = "2")]
    #[serde(serialize_with = "unsigned_text", skip_serializing_if = "is_default")]
    pub(crate) memory_start: u64,
    #[prost(uint64, tag = "3")]
    #[serde(serialize_with = "unsigned_text", skip_serializing_if = "is_default")]
    pub(crate) memory_limit: u64,
    #[prost(int64, tag = "5")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) filename: i64,
    #[prost(int64, tag = "6")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) build_id: i64,
    #[prost(bool, tag = "7")]
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) has_functions: bool,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    #[prost(uint64, tag = "1")]
    #[serde(serialize_with = "unsigned_text")]
    pub(crate) id: u64,
    #[prost(uint64, tag = "2")]
    #[serde(serialize_with = "unsigned_text", skip_serializing_if = "is_default")]
    pub(crate) mapping_id: u64,
    #[prost(message, repeated, tag = "4")]
    pub(crate) line: Vec<Line>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    #[prost(uint64, tag = "1")]
    #[serde(serialize_with = "unsigned_text")]
    pub(crate) function_id: u64,
    #[prost(int64, tag = "2")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) line: i64,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Function {
    #[prost(uint64, tag = "1")]
    #[serde(serialize_with = "unsigned_text")]
    pub(crate) id: u64,
    #[prost(int64, tag = "2")]
    #[serde(serialize_with = "int64::serialize")]
    pub(crate) name: i64,
    #[prost(int64, tag = "3")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) system_name: i64,
    #[prost(int64, tag = "4")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) filename: i64,
    #[prost(int64, tag = "5")]
    #[serde(serialize_with = "int64::serialize", skip_serializing_if = "is_default")]
    pub(crate) start_line: i64,
}
