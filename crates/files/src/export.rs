//! Profiles in other formats.

use emberglass_engine::EngineError;
use emberglass_formats::{flamebearer, folded};
use emberglass_profile::{Batch, ProfileEntry, Warnings};
use emberglass_query::merge_batches;
use emberglass_trie::Granularity;
use emberglass_views::TopSort;
use emberglass_views::report::Facts;
use serde::Deserialize;

use crate::file_set::{facts, noticed};
use crate::reports::{self, Subject, is_report};
use crate::stated::Stated;

/// What [`encode`] may be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncodeOptions {
    /// Full profile type id or sample type; without it the batch's default.
    pub r#type: Option<String>,
    /// What a report is of: a service or a file.
    pub title: String,
    /// The selection, as matchers, for a report.
    pub selection: String,
    /// Profiles merged, where the batch does not tell.
    pub profiles: Option<u32>,
    /// Start of the range, ns, where the batch does not tell.
    pub from: Option<i64>,
    /// Its end.
    pub until: Option<i64>,
}

/// A file's bytes, and what could not be said in its format.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Counted remarks.
    pub warnings: Warnings,
}

/// The profiles of one type of a batch, added up and written as `folded`, `flamebearer` or a report.
///
/// # Errors
/// `no-such-type`, `unknown-format`, `value-overflow`, or why the format can't carry the data.
pub fn encode(batch: &Batch, format: &str, options: &EncodeOptions) -> Result<Encoded, EngineError> {
    let profile_type = match &options.r#type {
        None => batch.default_profile(),
        Some(name) => batch.profiles.iter().rfind(|entry| entry.profile_type.is_named(name)),
    };
    let Some(ProfileEntry { profile_type, .. }) = profile_type else {
        return Err(EngineError::new("no-such-type", "the profiles have no such type"));
    };
    let entries = batch.profiles.iter().filter(|entry| entry.profile_type == *profile_type).collect();
    let parts = [(batch, entries)];
    let is_report = is_report(format);
    let merged = merge_batches(&parts, if is_report { Granularity::Function } else { Granularity::Name })
        .map_err(|error| EngineError::new("value-overflow", error.to_string()))?;
    let costs = if is_report { Stated::of(&parts, TopSort::SelfValue)? } else { None };
    let (of_batch, warnings) = (facts(&parts), noticed(&parts));
    let facts = Facts {
        title: &options.title,
        selection: &options.selection,
        profiles: options.profiles.map(u64::from).or(of_batch.profiles),
        // A result of the engine has a record for each stack.
        samples: of_batch.samples.filter(|_| options.profiles.is_none()),
        from: options.from.or(of_batch.from),
        until: options.until.or(of_batch.until),
        warnings: warnings.as_slice(),
    };
    export(&Subject { trie: &merged, profile_type, facts, costs: costs.as_ref() }, format)
}

/// Writes a merged trie as `folded`, `flamebearer` or a report.
///
/// # Errors
/// `unknown-format`, or why the format can't carry the data.
pub(crate) fn export(subject: &Subject<'_>, format: &str) -> Result<Encoded, EngineError> {
    let Subject { trie, profile_type, .. } = subject;
    match format {
        "folded" => {
            let folded::Encoded { text, warnings } = folded::encode(trie)?;
            Ok(Encoded { bytes: text.into_bytes(), warnings })
        }
        "flamebearer" => {
            let (text, warnings) = flamebearer::encode(trie, &flamebearer::Metadata::of(profile_type), None)?;
            Ok(Encoded { bytes: text.into_bytes(), warnings })
        }
        report if is_report(report) => {
            Ok(Encoded { bytes: reports::write(report, subject)?.into_bytes(), warnings: Warnings::default() })
        }
        other => {
            let message = format!("cannot write {other:?}: folded, flamebearer, csv, json, markdown, svg or html");
            Err(EngineError::new("unknown-format", message))
        }
    }
}
