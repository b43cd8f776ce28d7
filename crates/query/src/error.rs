//! What can go wrong in a query.

use emberglass_store::StoreError;
use emberglass_trie::TreeOverflow;

/// A fault of a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The store could not give what is needed. There is no answer without it: a part would be a wrong number.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The answer is beyond 64 bits.
    #[error("{0}")]
    Overflow(#[from] TreeOverflow),
    /// The answer would have too many steps of time.
    #[error("the profiles span more than {most} steps: take longer ones")]
    TooManySteps {
        /// How many there may be.
        most: u32,
    },
}

impl QueryError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Overflow(_) => "value-overflow",
            Self::TooManySteps { .. } => "too-many-steps",
        }
    }

    /// True if a block was replaced meanwhile, so that a new attempt may succeed.
    pub(crate) const fn is_stale(&self) -> bool {
        matches!(self, Self::Store(StoreError::Stale { .. }))
    }
}
