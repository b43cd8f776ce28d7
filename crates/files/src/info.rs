//! What `emberglass info` says of a file, as JSON with exact numbers.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::EngineError;
use emberglass_profile::{Batch, ProfileEntry, Warning, format_rfc3339, format_scaled};
use serde::Serialize;
use serde_json::value::RawValue;

/// One file.
#[derive(Debug, Serialize)]
pub(crate) struct FileInfo<'a> {
    file: &'a str,
    format: &'a str,
    bytes: u64,
    profiles: Vec<ProfileInfo<'a>>,
    default_sample_type: &'a str,
    service_name: &'a str,
    metadata: BTreeMap<&'a str, &'a str>,
    comments: &'a [String],
    warnings: Vec<WarningInfo<'a>>,
}

/// One profile of a file.
#[derive(Debug, Serialize)]
struct ProfileInfo<'a> {
    r#type: String,
    sample_type: &'a str,
    unit: &'a str,
    total: Box<RawValue>,
    samples: u64,
    stacks: usize,
    from: Option<String>,
    until: Option<String>,
    duration: i64,
    period: i64,
    labels: BTreeMap<&'a str, &'a str>,
}

/// What was noticed in one file.
#[derive(Debug, Serialize)]
pub(crate) struct FileWarnings<'a> {
    file: &'a str,
    warnings: Vec<WarningInfo<'a>>,
}

impl<'a> FileWarnings<'a> {
    pub(crate) fn new(file: &'a str, batch: &'a Batch) -> Self {
        Self { file, warnings: batch.warnings.as_slice().iter().map(WarningInfo::from).collect() }
    }
}

/// A counted warning.
#[derive(Debug, Serialize)]
pub(crate) struct WarningInfo<'a> {
    code: &'a str,
    message: &'a str,
    offset: Option<u64>,
    count: u64,
}

impl<'a> From<&'a Warning> for WarningInfo<'a> {
    fn from(warning: &'a Warning) -> Self {
        let Warning { code, message, offset, count } = warning;
        Self { code, message, offset: *offset, count: *count }
    }
}

/// An exact decimal as a JSON number.
pub(crate) fn number(value: i64, scale: u8) -> Result<Box<RawValue>, EngineError> {
    RawValue::from_string(format_scaled(value, scale)).map_err(|error| EngineError::new("internal", error.to_string()))
}

impl<'a> FileInfo<'a> {
    pub(crate) fn new(file: &'a str, bytes: u64, batch: &'a Batch) -> Result<Self, EngineError> {
        let profiles = batch.profiles.iter().map(|entry| ProfileInfo::new(batch, entry));
        Ok(Self {
            file,
            format: &batch.format,
            bytes,
            profiles: profiles.collect::<Result<_, _>>()?,
            default_sample_type: &batch.default_sample_type,
            service_name: &batch.service_name,
            metadata: batch.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            comments: &batch.comments,
            warnings: batch.warnings.as_slice().iter().map(WarningInfo::from).collect(),
        })
    }
}

impl<'a> ProfileInfo<'a> {
    fn new(batch: &'a Batch, entry: &'a ProfileEntry) -> Result<Self, EngineError> {
        let table = batch.tables.get(entry.table as usize);
        let (total, scale) = batch.total(entry)?;
        let stacks: BTreeSet<_> = table.into_iter().flat_map(|table| &table.stack).collect();
        Ok(Self {
            r#type: entry.profile_type.to_string(),
            sample_type: &entry.profile_type.sample_type,
            unit: &entry.profile_type.sample_unit,
            total: number(total, scale)?,
            samples: table.map_or(0, |table| table.records),
            stacks: stacks.len(),
            from: entry.start.map(format_rfc3339),
            until: entry.start.map(|start| format_rfc3339(start.saturating_add(entry.duration))),
            duration: entry.duration,
            period: entry.period,
            labels: entry.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        })
    }
}
