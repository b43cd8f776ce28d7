//! Results in other formats.

use emberglass_formats::{flamebearer, folded};
use emberglass_profile::Warnings;

use crate::EngineError;
use crate::reports::{self, Subject};

/// Writes a result as `folded`, `flamebearer` or a report.
///
/// # Errors
/// `unknown-format`, or why the format can't carry the data.
pub(crate) fn export(subject: &Subject<'_>, format: &str) -> Result<(Vec<u8>, Warnings), EngineError> {
    let Subject { trie, profile_type, .. } = subject;
    match format {
        "folded" => {
            let encoded = folded::encode(trie)?;
            Ok((encoded.text.into_bytes(), encoded.warnings))
        }
        "flamebearer" => {
            let (text, warnings) = flamebearer::encode(trie, &flamebearer::Metadata::of(profile_type), None)?;
            Ok((text.into_bytes(), warnings))
        }
        report if reports::is_report(report) => {
            Ok((reports::write(report, subject)?.into_bytes(), Warnings::default()))
        }
        other => {
            let message = format!("cannot write {other:?}: folded, flamebearer, csv, json, markdown, svg or html");
            Err(EngineError::new("unknown-format", message))
        }
    }
}
