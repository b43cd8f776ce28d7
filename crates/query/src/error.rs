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
}

impl QueryError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Overflow(_) => "value-overflow",
        }
    }

    /// True if a block was replaced meanwhile, so that a new attempt may succeed.
    pub(crate) const fn is_stale(&self) -> bool {
        matches!(self, Self::Store(StoreError::Stale { .. }))
    }
}
