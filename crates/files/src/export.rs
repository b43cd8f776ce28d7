//! Profiles in other formats: one registry for the page and the command line.

use emberglass_engine::EngineError;
use emberglass_formats::{Encoded, Encoder, Export};
use emberglass_profile::{Batch, ProfileEntry};
use serde::{Deserialize, Serialize};

/// One output format; see `OutputFormat` in `www/engine/protocol.ts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputFormat {
    /// What `--to` takes.
    pub name: &'static str,
    /// What a person calls such a file.
    pub description: &'static str,
    /// Endings of file names, without the first dot; the first is given to new files.
    pub extensions: Vec<&'static str>,
    /// Media type.
    pub media_type: &'static str,
    /// True where one file holds profiles of several types and threads.
    pub holds_many: bool,
}

/// What [`encode`] may be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EncodeOptions {
    /// Full profile type id or sample type; without it all profiles where the format holds many, else the batch's
    /// default.
    pub r#type: Option<String>,
}

/// Every encoder there is.
fn encoders() -> impl Iterator<Item = &'static dyn Encoder> {
    emberglass_formats::encoders().iter().copied()
}

/// All output formats.
#[must_use]
pub fn output_formats() -> Vec<OutputFormat> {
    let describe = |encoder: &dyn Encoder| OutputFormat {
        name: encoder.name(),
        description: encoder.description(),
        extensions: encoder.extensions().to_vec(),
        media_type: encoder.media_type(),
        holds_many: encoder.holds_many(),
    };
    encoders().map(describe).collect()
}

/// The encoder of that name.
///
/// # Errors
/// `unknown-format`.
pub(crate) fn encoder(name: &str) -> Result<&'static dyn Encoder, EngineError> {
    encoders().find(|encoder| encoder.name() == name).ok_or_else(|| {
        let names: Vec<&str> = encoders().map(Encoder::name).collect();
        EngineError::new("unknown-format", format!("cannot write {name:?}: {}", names.join(", ")))
    })
}

/// Profiles of a batch in the format of that name.
///
/// # Errors
/// `no-such-type`, `unknown-format`, `value-overflow`, or why the format can't carry the data.
pub fn encode(batch: &Batch, format: &str, options: &EncodeOptions) -> Result<Encoded, EngineError> {
    let encoder = encoder(format)?;
    if encoder.holds_many() && options.r#type.is_none() {
        return Ok(encoder.encode(&Export::all(batch))?);
    }
    let profile_type = match &options.r#type {
        None => batch.default_profile(),
        Some(name) => batch.profiles.iter().rfind(|entry| entry.profile_type.is_named(name)),
    };
    let Some(ProfileEntry { profile_type, .. }) = profile_type else {
        return Err(EngineError::new("no-such-type", "the profiles have no such type"));
    };
    let profiles = batch.profiles.iter().filter(|entry| entry.profile_type == *profile_type).collect();
    Ok(encoder.encode(&Export { batch, profiles })?)
}
