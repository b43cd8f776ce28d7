//! Profiles in other formats.

use emberglass_engine::EngineError;
use emberglass_formats::{flamebearer, folded};
use emberglass_profile::{Batch, ProfileEntry, ProfileType, Warnings};
use emberglass_query::merge_batches;
use emberglass_trie::{Granularity, MergedTrie};
use serde::Deserialize;

/// What [`encode`] may be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncodeOptions {
    /// Full profile type id or sample type; without it the batch's default.
    pub r#type: Option<String>,
}

/// A file's bytes, and what could not be said in its format.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Counted remarks.
    pub warnings: Warnings,
}

/// The profiles of one type of a batch, added up and written as `folded` or `flamebearer`.
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
    let merged = merge_batches(&[(batch, entries)], Granularity::Name)
        .map_err(|error| EngineError::new("value-overflow", error.to_string()))?;
    export(&merged, profile_type, format)
}

/// Writes a merged trie as `folded` or `flamebearer`.
///
/// # Errors
/// `unknown-format`, or why the format can't carry the data.
pub(crate) fn export(trie: &MergedTrie, profile_type: &ProfileType, format: &str) -> Result<Encoded, EngineError> {
    match format {
        "folded" => {
            let folded::Encoded { text, warnings } = folded::encode(trie)?;
            Ok(Encoded { bytes: text.into_bytes(), warnings })
        }
        "flamebearer" => {
            let (text, warnings) = flamebearer::encode(trie, &flamebearer::Metadata::of(profile_type), None)?;
            Ok(Encoded { bytes: text.into_bytes(), warnings })
        }
        other => Err(EngineError::new("unknown-format", format!("cannot write {other:?}: folded or flamebearer"))),
    }
}
