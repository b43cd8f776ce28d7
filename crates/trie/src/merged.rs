//! What merging gives: one tree over one table of functions.

use emberglass_profile::{FunctionId, MappingId, Symbols};

use crate::{Merger, Tree, TreeOverflow};

/// What makes two frames of different stacks the same node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Granularity {
    /// Same name, system name and file.
    Function,
    /// Same name: what folded stacks and flamebearer can tell apart.
    Name,
    /// Same name, file and line: a row for each line that a function was seen at. Its name is `name:line`, its system name the
    /// function's name, so that it is still known which function the line is of. A line that is not known adds nothing.
    Line,
}

/// A merged selection. Keys of the tree are rows of `symbols.functions`.
///
/// Functions are sorted by name, then by file, then by system name, so that comparing keys compares
/// functions; siblings are sorted by key and no two share one. Every function has a node, and every node but
/// the root has a value other than 0 in its subtree. So the result depends on the samples only, and not on
/// how they were spread over layers.
#[derive(Clone, Debug)]
pub struct MergedTrie {
    /// Nodes and values.
    pub tree: Tree,
    /// Names. At [`Granularity::Name`] functions have neither file nor system name.
    pub symbols: Symbols,
    /// Line to show for each function: its start line, else the smallest line seen, else 0.
    /// At [`Granularity::Name`] always 0: a line means nothing without a file.
    pub line: Vec<u32>,
    /// Binary of each function: of those seen the one whose file sorts first. Rows of `symbols.mappings`, which
    /// hold file and build id only.
    pub mapping: Vec<MappingId>,
    /// What the keys tell apart.
    pub granularity: Granularity,
    /// Values are times 10^-scale.
    pub scale: u8,
    /// Values are to be divided by this at output (averages keep sum and count), at least 1.
    pub divisor: u64,
    /// Decimal places that [`Self::output`] adds to `scale`, so that averages of small numbers are not cut.
    pub output_digits: u8,
    /// True if the self value of some node is negative.
    pub negative: bool,
}

impl MergedTrie {
    /// The same values over nodes of another granularity. Names can't be told apart again: a trie by
    /// [`Granularity::Name`] stays one.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs leave the 64-bit range once their nodes are one.
    pub fn regroup(&self, granularity: Granularity) -> Result<Self, TreeOverflow> {
        if granularity == self.granularity || self.granularity == Granularity::Name {
            return Ok(self.clone());
        }
        let mut merger = Merger::new(granularity);
        merger.add_merged(self)?;
        merger.finish()
    }

    /// [`Self::regroup`] by name.
    ///
    /// # Errors
    /// As [`Self::regroup`].
    pub fn by_name(&self) -> Result<Self, TreeOverflow> {
        self.regroup(Granularity::Name)
    }

    /// A sum of this trie's values as it is shown: divided by `divisor`, rounded half away from zero,
    /// times 10^-[`Self::output_scale`].
    #[must_use]
    pub fn output(&self, value: i64) -> i64 {
        output_value(value, self.divisor, self.output_digits)
    }

    /// Values given by [`Self::output`] are times 10^-this.
    #[must_use]
    pub const fn output_scale(&self) -> u8 {
        self.scale + self.output_digits
    }

    /// Sum of all values, samples with an empty stack included; not yet divided.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.tree.total.first().copied().unwrap_or(0)
    }

    /// The function a node stands for; `None` for the root and for rows that are not there.
    #[must_use]
    pub fn function(&self, node: u32) -> Option<FunctionId> {
        if node == 0 { None } else { self.tree.key.get(node as usize).map(|&key| FunctionId(key)) }
    }
}

/// `value` times 10^`digits`, divided by `divisor` and rounded half away from zero; the nearest that 64 bits hold.
#[must_use]
pub fn output_value(value: i64, divisor: u64, digits: u8) -> i64 {
    if divisor <= 1 && digits == 0 {
        return value;
    }
    let divisor = i128::from(divisor.max(1));
    let scaled = i128::from(value).saturating_mul(10i128.saturating_pow(u32::from(digits)));
    let rounded = scaled.abs().saturating_add(divisor / 2) / divisor;
    let magnitude = i64::try_from(rounded).unwrap_or(i64::MAX);
    if value < 0 { -magnitude } else { magnitude }
}
