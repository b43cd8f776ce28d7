//! Sections: the separately keyed values that a block is made of.

use std::fmt;

use crate::BlockId;

/// What a section holds. A number that this version does not know is kept as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SectionKind {
    /// Strings, functions, mappings and frames.
    Symbols,
    /// The stacks as a trie in depth-first order.
    Stacks,
    /// Series: profile type and labels.
    Series,
    /// The table of profiles.
    Profiles,
    /// Sample rows, in parts.
    Samples,
    /// Where profiles come from: one row an input.
    Sources,
    /// Attribute sets of samples.
    Attributes,
    /// Sample records in order of time: an index, then parts.
    Timelines,
    /// What formats state for each function: an index, then parts.
    FunctionCosts,
    /// Sums of profiles by steps of time: an index, then parts.
    Rollups,
    /// A kind of a later version.
    Unknown(u8),
}

impl SectionKind {
    /// Every kind this version knows.
    pub const KNOWN: [Self; 10] = [
        Self::Symbols,
        Self::Stacks,
        Self::Series,
        Self::Profiles,
        Self::Samples,
        Self::Sources,
        Self::Attributes,
        Self::Timelines,
        Self::FunctionCosts,
        Self::Rollups,
    ];

    /// The number it is stored as.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Symbols => 1,
            Self::Stacks => 2,
            Self::Series => 3,
            Self::Profiles => 4,
            Self::Samples => 5,
            Self::Sources => 6,
            Self::Attributes => 7,
            Self::Timelines => 8,
            Self::FunctionCosts => 9,
            Self::Rollups => 10,
            Self::Unknown(code) => code,
        }
    }

    /// The kind of a stored number.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Symbols,
            2 => Self::Stacks,
            3 => Self::Series,
            4 => Self::Profiles,
            5 => Self::Samples,
            6 => Self::Sources,
            7 => Self::Attributes,
            8 => Self::Timelines,
            9 => Self::FunctionCosts,
            10 => Self::Rollups,
            other => Self::Unknown(other),
        }
    }
}

impl fmt::Display for SectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbols => f.write_str("symbols"),
            Self::Stacks => f.write_str("stacks"),
            Self::Series => f.write_str("series"),
            Self::Profiles => f.write_str("profiles"),
            Self::Samples => f.write_str("samples"),
            Self::Sources => f.write_str("sources"),
            Self::Attributes => f.write_str("attributes"),
            Self::Timelines => f.write_str("timelines"),
            Self::FunctionCosts => f.write_str("function-costs"),
            Self::Rollups => f.write_str("rollups"),
            Self::Unknown(code) => write!(f, "kind {code}"),
        }
    }
}

/// Key of a section's value in a back end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionKey {
    /// Its block.
    pub block: BlockId,
    /// What it holds.
    pub kind: SectionKind,
    /// Number of the part; 0 for a section of one part.
    pub part: u16,
}

impl fmt::Display for SectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {}, section {}, part {}", self.block, self.kind, self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives() {
        for code in 0..=u8::MAX {
            assert_eq!(SectionKind::from_code(code).code(), code);
        }
        for kind in SectionKind::KNOWN {
            assert_eq!(SectionKind::from_code(kind.code()), kind);
        }
    }
}
