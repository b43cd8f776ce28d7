//! Numbers of blocks.

use std::fmt;

/// A block of one store. Given out by the manifest in order and never used again, at most 2^53 - 1 so that it
/// survives as a JavaScript number in a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub u64);

impl BlockId {
    /// The largest id.
    pub const MAX: Self = Self((1 << 53) - 1);
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
