//! A growing column of integers that takes as many bytes a value as its neighbourhood needs.
//!
//! Values are kept in blocks of [`BLOCK`]: the smallest of the block, and the differences to it in 0 to 8 bytes each. A
//! column of equal values takes no room; times in nanoseconds that lie close together take four bytes a value. Blocks
//! are allocated one by one, so that growing copies nothing.

use std::borrow::Borrow;
use std::fmt;

/// Values of a block.
const BLOCK: usize = 1024;

/// A column of integers, see the [module](self).
#[derive(Clone, Default)]
pub struct PackedInts {
    sealed: Vec<Block>,
    /// Values after the last sealed block, fewer than [`BLOCK`].
    tail: Vec<i64>,
}

#[derive(Clone)]
struct Block {
    least: i64,
    /// Bytes of a difference, 0 to 8.
    width: u8,
    differences: Box<[u8]>,
}

impl Block {
    fn new(values: &[i64]) -> Self {
        let least = values.iter().copied().min().unwrap_or_default();
        let difference = |value: i64| value.wrapping_sub(least) as u64;
        let most = values.iter().map(|&value| difference(value)).max().unwrap_or_default();
        let width = (u64::BITS - most.leading_zeros()).div_ceil(u8::BITS) as usize;
        let mut differences = Vec::with_capacity(width * values.len());
        for &value in values {
            differences.extend_from_slice(&difference(value).to_le_bytes()[..width]);
        }
        Self { least, width: width as u8, differences: differences.into_boxed_slice() }
    }

    fn get(&self, at: usize) -> Option<i64> {
        let width = usize::from(self.width);
        let bytes = self.differences.get(at * width..(at + 1) * width)?;
        Some(self.least.wrapping_add(joined(bytes)))
    }

    fn unpack(&self, out: &mut Vec<i64>) {
        out.clear();
        match self.width {
            0 => out.resize(BLOCK, self.least),
            width => {
                let values = self.differences.chunks_exact(usize::from(width));
                out.extend(values.map(|bytes| self.least.wrapping_add(joined(bytes))));
            }
        }
    }
}

/// Little-endian bytes, at most eight, as a number.
fn joined(bytes: &[u8]) -> i64 {
    bytes.iter().rev().fold(0, |sum, &byte| sum << u8::BITS | i64::from(byte))
}

impl PackedInts {
    /// Number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.sealed.len() * BLOCK + self.tail.len()
    }

    /// True without values.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a value.
    #[inline]
    pub fn push(&mut self, value: i64) {
        self.tail.push(value);
        if self.tail.len() == BLOCK {
            self.seal();
        }
    }

    #[cold]
    fn seal(&mut self) {
        self.sealed.push(Block::new(&self.tail));
        self.tail.clear();
    }

    /// The value of a row, `None` beyond the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<i64> {
        match self.sealed.get(row / BLOCK) {
            Some(block) => block.get(row % BLOCK),
            None => self.tail.get(row - self.sealed.len() * BLOCK).copied(),
        }
    }

    /// The first value.
    #[must_use]
    pub fn first(&self) -> Option<i64> {
        self.get(0)
    }

    /// The last value.
    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.len().checked_sub(1).and_then(|row| self.get(row))
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        Unpacked::new(self.sealed.iter(), self.tail.iter().copied())
    }

    /// Puts `to(value)` in the place of each value.
    pub fn map(&mut self, to: impl FnMut(i64) -> i64) {
        *self = std::mem::take(self).into_iter().map(to).collect();
    }

    /// The value of every row of `rows`, 0 for rows beyond the end.
    #[must_use]
    pub fn gather(&self, rows: &[u32]) -> Self {
        rows.iter().map(|&row| self.get(row as usize).unwrap_or_default()).collect()
    }

    /// True if no value is less than the one before.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        self.iter().is_sorted()
    }
}

/// Values in order, unpacked block by block; of a column that is given up, what was read is freed block by block.
#[derive(Debug)]
struct Unpacked<B, T> {
    blocks: B,
    tail: T,
    unpacked: Vec<i64>,
    next: usize,
}

impl<B: Iterator<Item: Borrow<Block>>, T: Iterator<Item = i64>> Unpacked<B, T> {
    const fn new(blocks: B, tail: T) -> Self {
        Self { blocks, tail, unpacked: Vec::new(), next: 0 }
    }
}

impl<B: Iterator<Item: Borrow<Block>>, T: Iterator<Item = i64>> Iterator for Unpacked<B, T> {
    type Item = i64;

    #[inline]
    fn next(&mut self) -> Option<i64> {
        loop {
            if let Some(&value) = self.unpacked.get(self.next) {
                self.next += 1;
                return Some(value);
            }
            match self.blocks.next() {
                Some(block) => block.borrow().unpack(&mut self.unpacked),
                None => return self.tail.next(),
            }
            self.next = 0;
        }
    }
}

/// The values of a column that is given up.
#[derive(Debug)]
pub struct IntoIter(Unpacked<std::vec::IntoIter<Block>, std::vec::IntoIter<i64>>);

impl Iterator for IntoIter {
    type Item = i64;

    #[inline]
    fn next(&mut self) -> Option<i64> {
        self.0.next()
    }
}

impl IntoIterator for PackedInts {
    type Item = i64;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        let Self { sealed, tail } = self;
        IntoIter(Unpacked::new(sealed.into_iter(), tail.into_iter()))
    }
}

impl Extend<i64> for PackedInts {
    fn extend<T: IntoIterator<Item = i64>>(&mut self, values: T) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl FromIterator<i64> for PackedInts {
    fn from_iter<T: IntoIterator<Item = i64>>(values: T) -> Self {
        let mut column = Self::default();
        column.extend(values);
        column
    }
}

impl PartialEq for PackedInts {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for PackedInts {}

impl<const N: usize> PartialEq<[i64; N]> for PackedInts {
    fn eq(&self, other: &[i64; N]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

impl fmt::Debug for PackedInts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("least", &self.least).field("width", &self.width).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn runs() -> impl Strategy<Value = Vec<i64>> {
        let value = prop_oneof![any::<i64>().boxed(), (0i64..300).boxed(), Just(7i64).boxed()];
        let run = (prop_oneof![Just(1usize), Just(BLOCK), 0..2 * BLOCK], proptest::collection::vec(value, 1..4));
        proptest::collection::vec(run, 0..4)
            .prop_map(|runs| runs.into_iter().flat_map(|(len, values)| values.into_iter().cycle().take(len)).collect())
    }

    proptest! {
        #[test]
        fn a_column_is_a_vector(values in runs()) {
            let column: PackedInts = values.iter().copied().collect();
            prop_assert_eq!(column.len(), values.len());
            prop_assert_eq!(column.is_empty(), values.is_empty());
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), values.clone());
            prop_assert_eq!(column.is_sorted(), values.is_sorted());
            prop_assert_eq!((column.first(), column.last()), (values.first().copied(), values.last().copied()));
            for row in (0..values.len() + 2).step_by(97).chain([values.len(), usize::MAX]) {
                prop_assert_eq!(column.get(row), values.get(row).copied());
            }
            let rows: Vec<u32> = (0..values.len() as u32).rev().collect();
            prop_assert!(column.gather(&rows).iter().eq(values.iter().rev().copied()));
            prop_assert_eq!(&column, &column.clone());
            prop_assert_eq!(column.into_iter().collect::<Vec<_>>(), values);
        }
    }

    #[test]
    fn values_take_the_bytes_that_their_block_needs() {
        let bytes = |values: &mut dyn Iterator<Item = i64>| -> usize {
            let column: PackedInts = values.collect();
            column.sealed.iter().map(|block| block.differences.len()).sum()
        };
        assert_eq!(bytes(&mut std::iter::repeat_n(5, BLOCK)), 0);
        assert_eq!(bytes(&mut (0..BLOCK as i64).map(|at| 1_795_440_971_731_594_128 + at * 125_000)), 4 * BLOCK);
        assert_eq!(bytes(&mut (0..BLOCK as i64).map(|at| if at % 2 == 0 { i64::MIN } else { i64::MAX })), 8 * BLOCK);
    }
}
