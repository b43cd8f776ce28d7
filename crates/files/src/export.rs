//! Profiles in other formats: one registry for the page and the command line.

use emberglass_engine::EngineError;
use emberglass_formats::{Encoded, Encoder, Export};
use emberglass_profile::{Batch, ProfileEntry};
use emberglass_views::report::Facts;
use serde::{Deserialize, Serialize};

use crate::facts::{facts, noticed};
use crate::reports::{self, REPORTS, Report};

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

/// Who writes an output format.
#[derive(Clone, Copy)]
pub(crate) enum Output {
    /// An encoder of whole stacks.
    Stacks(&'static dyn Encoder),
    /// A report about one type.
    Report(&'static Report),
}

impl Output {
    fn describe(self) -> OutputFormat {
        match self {
            Self::Stacks(encoder) => OutputFormat {
                name: encoder.name(),
                description: encoder.description(),
                extensions: encoder.extensions().to_vec(),
                media_type: encoder.media_type(),
                holds_many: encoder.holds_many(),
            },
            Self::Report(&Report { name, description, extension, media_type, .. }) => {
                OutputFormat { name, description, extensions: vec![extension], media_type, holds_many: false }
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Stacks(encoder) => encoder.name(),
            Self::Report(report) => report.name,
        }
    }
}

/// Everything that can be written.
fn outputs() -> impl Iterator<Item = Output> {
    let stacks = emberglass_formats::encoders().iter().map(|&encoder| Output::Stacks(encoder));
    stacks.chain(REPORTS.iter().map(Output::Report))
}

/// All output formats.
#[must_use]
pub fn output_formats() -> Vec<OutputFormat> {
    outputs().map(Output::describe).collect()
}

/// The output of that name.
///
/// # Errors
/// `unknown-format`.
pub(crate) fn output(name: &str) -> Result<Output, EngineError> {
    outputs().find(|output| output.name() == name).ok_or_else(|| {
        let names: Vec<&str> = outputs().map(Output::name).collect();
        EngineError::new("unknown-format", format!("cannot write {name:?}: {}", names.join(", ")))
    })
}

/// Profiles of a batch in the format of that name.
///
/// # Errors
/// `no-such-type`, `unknown-format`, `value-overflow`, or why the format can't carry the data.
pub fn encode(batch: &Batch, format: &str, options: &EncodeOptions) -> Result<Encoded, EngineError> {
    let output = output(format)?;
    if let Output::Stacks(encoder) = output
        && encoder.holds_many()
        && options.r#type.is_none()
    {
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
    match output {
        Output::Stacks(encoder) => Ok(encoder.encode(&Export { batch, profiles })?),
        Output::Report(report) => {
            let parts = [(batch, profiles)];
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
            reports::write(report, &parts, profile_type, facts)
        }
    }
}
