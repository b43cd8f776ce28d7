//! One error type for everything that leaves the engine.

use emberglass_labels::SelectorError;
use emberglass_profile::{InputError, ProfileTypeError};

/// A stable code, a sentence, and an offset where one is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    /// Stable, kebab-case.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Byte offset into the input (of a selector: into its text).
    pub offset: Option<u64>,
}

impl EngineError {
    /// An error without an offset.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), offset: None }
    }
}

impl From<InputError> for EngineError {
    fn from(error: InputError) -> Self {
        let InputError { code, message, offset } = error;
        Self { code: code.as_str().to_owned(), message, offset }
    }
}

impl From<SelectorError> for EngineError {
    fn from(error: SelectorError) -> Self {
        Self { offset: Some(error.position as u64), ..Self::new("bad-selector", error.to_string()) }
    }
}

impl From<ProfileTypeError> for EngineError {
    fn from(error: ProfileTypeError) -> Self {
        Self::new("bad-profile-type", error.to_string())
    }
}
