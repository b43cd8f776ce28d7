//! What `emberglass info` says of a file, as JSON with exact numbers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::EngineError;
use emberglass_profile::{Batch, ErrorCode, InputError, ProfileEntry, Warning, format_rfc3339, format_scaled};
use serde::Serialize;
use serde_json::value::RawValue;

/// Most types that a warning names.
const MOST_NAMED: usize = 5;

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
    /// `None` for a sum beyond 64 bits.
    total: Option<Box<RawValue>>,
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
    message: Cow<'a, str>,
    offset: Option<u64>,
    count: u64,
}

impl<'a> From<&'a Warning> for WarningInfo<'a> {
    fn from(warning: &'a Warning) -> Self {
        let Warning { code, message, offset, count } = warning;
        Self { code, message: Cow::Borrowed(message), offset: *offset, count: *count }
    }
}

/// An exact decimal as a JSON number.
pub(crate) fn number(value: i64, scale: u8) -> Result<Box<RawValue>, EngineError> {
    RawValue::from_string(format_scaled(value, scale)).map_err(|error| EngineError::new("internal", error.to_string()))
}

impl<'a> FileInfo<'a> {
    pub(crate) fn new(file: &'a str, bytes: u64, batch: &'a Batch) -> Result<Self, EngineError> {
        let profiles =
            batch.profiles.iter().map(|entry| ProfileInfo::new(batch, entry)).collect::<Result<Vec<_>, _>>()?;
        let warnings = batch.warnings.as_slice().iter().map(WarningInfo::from);
        let warnings = warnings.chain(overflowing(&profiles)).collect();
        Ok(Self {
            file,
            format: &batch.format,
            bytes,
            profiles,
            default_sample_type: &batch.default_sample_type,
            service_name: &batch.service_name,
            metadata: batch.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            comments: &batch.comments,
            warnings,
        })
    }
}

/// Says which profiles have no total.
fn overflowing<'a>(profiles: &[ProfileInfo<'_>]) -> Option<WarningInfo<'a>> {
    let types = || profiles.iter().filter(|profile| profile.total.is_none()).map(|profile| profile.r#type.as_str());
    let count = types().count() as u64;
    (count > 0).then(|| {
        let named: BTreeSet<&str> = types().collect();
        let named: Vec<&str> = named.into_iter().take(MOST_NAMED).collect();
        let message = format!("the total is beyond 64 bits: {}", named.join(", "));
        WarningInfo { code: "value-overflow", message: Cow::Owned(message), offset: None, count }
    })
}

impl<'a> ProfileInfo<'a> {
    fn new(batch: &'a Batch, entry: &'a ProfileEntry) -> Result<Self, EngineError> {
        let table = batch.tables.get(entry.table as usize);
        let total = match batch.total(entry) {
            Ok((total, scale)) => Some(number(total, scale)?),
            Err(InputError { code: ErrorCode::ValueOverflow, .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let stacks: BTreeSet<_> = table.into_iter().flat_map(|table| &table.stack).collect();
        Ok(Self {
            r#type: entry.profile_type.to_string(),
            sample_type: &entry.profile_type.sample_type,
            unit: &entry.profile_type.sample_unit,
            total,
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
