//! What can stand at a position of a selector, for a host that counts in UTF-16 as JavaScript does.

use emberglass_query::{Completion, CompletionRequest, YieldNow};
use emberglass_store::Backend;
use serde::{Deserialize, Serialize};

use crate::{Database, EngineError};

/// A selector that is being written; see `CompletionRequest` in protocol.ts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CompletionText {
    /// The text.
    pub text: String,
    /// The position, in UTF-16 code units.
    pub at: u32,
    /// Type of the profiles that count where the text names none; empty for all.
    pub profile_type: String,
    /// First start of the profiles that count, ns.
    pub from: Option<i64>,
    /// One past their last start.
    pub until: Option<i64>,
    /// Most candidates.
    pub limit: u32,
}

/// What can stand there; see `Completion` in protocol.ts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CompletionAnswer {
    /// First code unit of the text that a candidate stands in the place of.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// What could stand there, in words.
    pub expected: &'static str,
    /// What is wanted first: the kinds of candidates.
    pub kind: &'static str,
    /// The candidates in order.
    pub candidates: Vec<CandidateAnswer>,
    /// How many more there are.
    pub more: f64,
}

/// Something that can stand there; see `Candidate` in protocol.ts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateAnswer {
    /// As it is shown.
    pub text: String,
    /// As it is written.
    pub insert: String,
    /// `type`, `service`, `name`, `metadata`, `operator`, `value` or `punctuation`.
    pub kind: &'static str,
    /// Profiles that have it.
    pub profiles: f64,
}

/// The byte at which a text has so many UTF-16 code units behind it; within a character its first.
fn byte_of(text: &str, units: u32) -> usize {
    let mut before = 0;
    for (byte, c) in text.char_indices() {
        before += c.len_utf16();
        if before > units as usize {
            return byte;
        }
    }
    text.len()
}

fn units_of(text: &str, byte: usize) -> u32 {
    text.get(..byte).unwrap_or(text).encode_utf16().count() as u32
}

impl<B: Backend> Database<B> {
    /// What can stand at a position of a selector.
    ///
    /// # Errors
    /// A bad type, or what the storage says. A selector that can't be read is completed all the same.
    pub async fn complete(&self, of: &CompletionText, pause: &impl YieldNow) -> Result<CompletionAnswer, EngineError> {
        let CompletionText { text, at, profile_type, from, until, limit } = of;
        let request = CompletionRequest {
            text,
            at: byte_of(text, *at),
            profile_type: if profile_type.is_empty() { None } else { Some(profile_type.parse()?) },
            from: *from,
            until: *until,
            limit: *limit as usize,
        };
        let Completion { start, end, expected, kind, candidates, more } =
            emberglass_query::complete(&self.store, &request, pause).await?;
        let candidates = candidates.into_iter().map(|of| CandidateAnswer {
            text: of.text,
            insert: of.insert,
            kind: of.kind.as_str(),
            profiles: of.profiles as f64,
        });
        Ok(CompletionAnswer {
            start: units_of(text, start),
            end: units_of(text, end),
            expected,
            kind: kind.as_str(),
            candidates: candidates.collect(),
            more: more as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_go_to_bytes_and_back(text in ".{0,20}") {
            for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
                prop_assert_eq!(byte_of(&text, units_of(&text, byte)), byte);
            }
            prop_assert_eq!(byte_of(&text, u32::MAX), text.len());
        }
    }

    #[test]
    fn a_position_within_a_pair_is_that_of_its_character() {
        assert_eq!([0, 1, 2, 3, 4].map(|units| byte_of("a\u{1f525}b", units)), [0, 1, 1, 5, 6]);
    }
}
