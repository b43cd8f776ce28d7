//! Results in other formats.

use emberglass_formats::{flamebearer, folded};
use emberglass_profile::{ProfileType, Warnings};
use emberglass_trie::MergedTrie;

use crate::EngineError;

/// Writes a merged trie as `folded` or `flamebearer`.
///
/// # Errors
/// `unknown-format`, or why the format can't carry the data.
pub(crate) fn export(
    trie: &MergedTrie,
    profile_type: &ProfileType,
    format: &str,
) -> Result<(Vec<u8>, Warnings), EngineError> {
    match format {
        "folded" => {
            let encoded = folded::encode(trie)?;
            Ok((encoded.text.into_bytes(), encoded.warnings))
        }
        "flamebearer" => {
            let (text, warnings) = flamebearer::encode(trie, &flamebearer::Metadata::of(profile_type), None)?;
            Ok((text.into_bytes(), warnings))
        }
        other => Err(EngineError::new("unknown-format", format!("cannot write {other:?}: folded or flamebearer"))),
    }
}
