//! Samples that differ in their values only, found by their bytes.
//!
//! Profilers write a stack the same way each time. The bytes of a sample but for its values are a key that
//! needs no decoding: a hit answers the row without reading a location or a label. Equal samples that are
//! written differently miss here, and find their row the long way.

use emberglass_columns::Interner;

use crate::protobuf::{Field, Value};

/// Keys of the fields of `Sample`, as nearly all writers encode them.
mod key {
    pub(super) const LOCATION: u8 = 1 << 3;
    pub(super) const LOCATIONS_PACKED: u8 = 1 << 3 | 2;
    pub(super) const VALUE: u8 = 2 << 3;
    pub(super) const VALUES_PACKED: u8 = 2 << 3 | 2;
    pub(super) const LABEL: u8 = 3 << 3 | 2;
}

/// A sample in three parts: locations, then values, then labels.
pub(super) struct Split<'a> {
    locations: &'a [u8],
    pub(super) values: &'a [u8],
    labels: &'a [u8],
    start: u64,
    hash: u64,
}

impl<'a> Split<'a> {
    /// Splits a sample; `None` for one with its fields in another order or with unknown ones, and for damage.
    #[inline]
    pub(super) fn of(field: &Field<'a>) -> Option<Self> {
        let Value::Bytes(sample, start) = field.value else { return None };
        let values_at = skip_numbers(sample, 0, key::LOCATION, key::LOCATIONS_PACKED)?;
        let labels_at = skip_numbers(sample, values_at, key::VALUE, key::VALUES_PACKED)?;
        let mut at = labels_at;
        while at < sample.len() {
            if sample[at] != key::LABEL {
                return None;
            }
            at = skip_bytes(sample, at + 1)?;
        }
        let (locations, rest) = sample.split_at(values_at);
        let (values, labels) = rest.split_at(labels_at - values_at);
        Some(Self { locations, values, labels, start, hash: hash(locations, labels) })
    }

    /// Where the values start in the input.
    pub(super) const fn values_start(&self) -> u64 {
        self.start + self.locations.len() as u64
    }
}

/// Passes over the fields with one of two keys; the offset behind them.
#[inline]
fn skip_numbers(sample: &[u8], mut at: usize, single: u8, packed: u8) -> Option<usize> {
    loop {
        match sample.get(at) {
            Some(&key) if key == packed => at = skip_bytes(sample, at + 1)?,
            Some(&key) if key == single => {
                let len = sample[at + 1..].iter().take(10).position(|&byte| byte < 0x80)?;
                at += len + 2;
            }
            _ => return Some(at),
        }
    }
}

/// Passes over a length below 2^14 and as many bytes; the offset behind them.
#[inline]
fn skip_bytes(sample: &[u8], at: usize) -> Option<usize> {
    let low = usize::from(*sample.get(at)?);
    let end = if low < 0x80 {
        at + 1 + low
    } else {
        let high = usize::from(*sample.get(at + 1).filter(|&&high| high < 0x80)?);
        at + 2 + (high << 7 | low & 0x7f)
    };
    (end <= sample.len()).then_some(end)
}

/// Keys beyond so many bytes are not remembered: a miss costs time only.
const MOST_KEY_BYTES: usize = 64 << 20;

#[derive(Clone, Copy)]
struct Entry {
    /// Where the key starts: the locations, behind them the labels.
    start: u32,
    locations: u32,
    labels: u32,
    row: u32,
    hash: u64,
}

/// Rows by the bytes of their samples.
#[derive(Default)]
pub(super) struct Memo {
    keys: Vec<u8>,
    entries: Vec<Entry>,
    interner: Interner,
}

/// Whole words of a slice, and the last eight bytes as one more: they may overlap the word before.
#[inline]
fn words(bytes: &[u8]) -> (&[[u8; 8]], u64) {
    let (whole, rest) = bytes.as_chunks();
    let last = match bytes.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    (whole, last)
}

/// A hash of two slices by 64-bit multiplications: hashers made for 64-bit machines multiply to 128 bits,
/// which WebAssembly has to emulate. Equality is always checked, so that a collision costs time only.
#[inline]
fn hash(locations: &[u8], labels: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(MULTIPLIER);
    let mut hash = (locations.len() as u64) << 32 | labels.len() as u64;
    for bytes in [locations, labels] {
        if !bytes.is_empty() {
            let (whole, last) = words(bytes);
            for word in whole {
                hash = mix(hash, u64::from_le_bytes(*word));
            }
            hash = mix(hash, last);
        }
    }
    hash ^ hash >> 32
}

/// Compares by words: without a C library, as in WebAssembly, slices are compared byte by byte.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((a, last_of_a), (b, last_of_b)) = (words(a), words(b));
    last_of_a == last_of_b && a.iter().zip(b).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b))
}

impl Memo {
    /// The row of a sample with the same locations and labels.
    #[inline]
    pub(super) fn find(&self, split: &Split<'_>) -> Option<u32> {
        let found = self.interner.find(split.hash, |at| {
            let entry = &self.entries[at as usize];
            let key = &self.keys[entry.start as usize..];
            let (locations, rest) = key.split_at(entry.locations as usize);
            same(locations, split.locations) && same(&rest[..entry.labels as usize], split.labels)
        });
        found.map(|at| self.entries[at as usize].row)
    }

    /// Remembers the row of a sample that was not found.
    pub(super) fn insert(&mut self, split: &Split<'_>, row: u32) {
        let Self { keys, entries, interner } = self;
        let start = keys.len();
        if start + split.locations.len() + split.labels.len() > MOST_KEY_BYTES {
            return;
        }
        keys.extend_from_slice(split.locations);
        keys.extend_from_slice(split.labels);
        let new = entries.len() as u32;
        entries.push(Entry {
            start: start as u32,
            locations: split.locations.len() as u32,
            labels: split.labels.len() as u32,
            row,
            hash: split.hash,
        });
        interner.insert(split.hash, new, |at| entries[at as usize].hash);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_tell_slices_apart_as_bytes_do(a in proptest::collection::vec(0u8..3, 0..40), change in 0usize..40) {
            let mut b = a.clone();
            prop_assert!(same(&a, &b));
            prop_assert_eq!(hash(&a, &b), hash(&b, &a));
            if let Some(byte) = b.get_mut(change) {
                *byte ^= 0x80;
                prop_assert!(!same(&a, &b));
                prop_assert!(hash(&a, &[]) != hash(&b, &[]));
            }
            prop_assert!(!same(&a, &[&a[..], &[0]].concat()));
        }
    }
}
