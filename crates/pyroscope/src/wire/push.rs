//! `push.v1`.

use serde::{Deserialize, Serialize};

use super::LabelPair;
use super::json::base64;

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct PushRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) series: Vec<RawProfileSeries>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct RawProfileSeries {
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<LabelPair>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<RawSample>,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct RawSample {
    #[prost(bytes = "vec", tag = "1")]
    #[serde(alias = "rawProfile", deserialize_with = "base64::deserialize")]
    pub(crate) raw_profile: Vec<u8>,
    #[prost(string, tag = "2")]
    #[serde(rename = "ID", alias = "id")]
    pub(crate) id: String,
}

#[derive(Clone, PartialEq, Eq, prost::Message, Serialize)]
pub(crate) struct PushResponse {}
