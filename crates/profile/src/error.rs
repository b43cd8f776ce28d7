//! What can be wrong with an input.

use emberglass_columns::{ReadError, ReadErrorKind};

/// A fault of an input: a stable code, words for a person, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// Stable code.
    pub code: ErrorCode,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Byte offset, where one is known: into the inflated bytes once they could be inflated, else into the file.
    pub offset: Option<u64>,
}

/// Stable codes of input errors; [`ErrorCode::as_str`] is what users see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// Nothing in the file.
    EmptyInput,
    /// No format recognises the bytes.
    UnrecognizedFormat,
    /// The data ends in the middle.
    Truncated,
    /// The data breaks its format's rules.
    Malformed,
    /// A compressed stream is damaged.
    DamagedCompression,
    /// A compression, or a variant of one, that is not read.
    UnsupportedCompression,
    /// Encrypted: nothing here knows the password.
    Encrypted,
    /// An index names a row that does not exist.
    BadReference,
    /// Beyond a limit that keeps memory bounded.
    TooLarge,
    /// A sum or a unit conversion leaves the 64-bit range.
    ValueOverflow,
    /// A version of the format that is not read.
    UnsupportedVersion,
    /// The host can't read the file, or it changed meanwhile.
    Unreadable,
    /// Given up because the caller asked for it.
    Cancelled,
}

impl ErrorCode {
    /// The code as users see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmptyInput => "empty-input",
            Self::UnrecognizedFormat => "unrecognized-format",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::DamagedCompression => "damaged-compression",
            Self::UnsupportedCompression => "unsupported-compression",
            Self::Encrypted => "encrypted",
            Self::BadReference => "bad-reference",
            Self::TooLarge => "too-large",
            Self::ValueOverflow => "value-overflow",
            Self::UnsupportedVersion => "unsupported-version",
            Self::Unreadable => "unreadable-file",
            Self::Cancelled => "cancelled",
        }
    }
}

impl InputError {
    /// An error without an offset.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), offset: None }
    }

    /// An error at a byte offset.
    #[must_use]
    pub fn at(code: ErrorCode, offset: u64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), offset: Some(offset) }
    }

    /// A reader's error in a slice that starts `base` bytes into the input.
    #[must_use]
    pub fn read(base: u64, error: ReadError) -> Self {
        let ReadError { offset, kind } = error;
        let code = match kind {
            ReadErrorKind::UnexpectedEnd => ErrorCode::Truncated,
            _ => ErrorCode::Malformed,
        };
        Self::at(code, base + offset as u64, kind.to_string())
    }
}

/// Errors travel boxed where results of small values should stay in registers.
impl From<Box<InputError>> for InputError {
    fn from(error: Box<InputError>) -> Self {
        *error
    }
}
