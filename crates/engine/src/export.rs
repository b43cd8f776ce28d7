//! The formats that results and files are written in: one registry for the page and the command line.

use emberglass_formats::{Encoded, Encoder, Export, batch_of_trie};
use emberglass_profile::{ProfileEntry, ProfileType};
use emberglass_trie::MergedTrie;
use serde::Serialize;

use crate::EngineError;

/// One output format; see `OutputFormat`.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// Every encoder there is: those of formats that hold whole stacks, ...
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

/// Writes a merged trie.
///
/// # Errors
/// `unknown-format`, or why the format can't carry the data.
pub(crate) fn export_trie(trie: &MergedTrie, profile_type: &ProfileType, format: &str) -> Result<Encoded, EngineError> {
    let encoder = encoder(format)?;
    let entry = ProfileEntry { profile_type: profile_type.clone(), ..ProfileEntry::default() };
    let batch = batch_of_trie(trie, entry);
    Ok(encoder.encode(&Export { trie: Some(trie), ..Export::all(&batch) })?)
}
