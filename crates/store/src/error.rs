//! What can go wrong in a store.

use crate::{BackendError, BlockId, Fault, SectionKey};

/// A fault of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The back end failed.
    #[error("{0}")]
    Backend(#[from] BackendError),
    /// A section is not what was written. Nothing of it was used.
    #[error("{key} is damaged: {fault}")]
    Damaged {
        /// The section.
        key: SectionKey,
        /// What is wrong.
        fault: Fault,
    },
    /// The manifest is not what was written.
    #[error("the manifest is damaged: {0}")]
    DamagedManifest(Fault),
    /// A later version wrote the data: it is refused rather than guessed at.
    #[error("the data has format version {found}, this version reads up to {supported}")]
    NewerVersion {
        /// Version found.
        found: u32,
        /// Latest version that is read.
        supported: u32,
    },
    /// The block is not part of the store any more: take the manifest anew and ask again.
    #[error("block {block} was replaced in the meantime")]
    Stale {
        /// The block.
        block: BlockId,
    },
    /// Values add up beyond 64 bits.
    #[error("the values of a profile add up beyond 64 bits")]
    ValueOverflow,
    /// A batch refers to a row it does not have.
    #[error("the batch is inconsistent: {0}")]
    BadBatch(&'static str),
    /// Something outgrew the format's numbers.
    #[error("too large for one block: {0}")]
    TooLarge(&'static str),
    /// Other tabs committed again and again.
    #[error("gave up after {0} commits by other tabs")]
    Contention(u32),
}

impl StoreError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backend(error) => error.code(),
            Self::Damaged { fault: Fault::NewerVersion(_), .. } => "storage-newer-version",
            Self::Damaged { .. } => "damaged-section",
            Self::DamagedManifest(_) => "damaged-manifest",
            Self::NewerVersion { .. } => "storage-newer-version",
            Self::Stale { .. } => "stale-block",
            Self::ValueOverflow => "value-overflow",
            Self::BadBatch(_) => "bad-reference",
            Self::TooLarge(_) => "too-large",
            Self::Contention(_) => "storage-conflict",
        }
    }
}
