//! Sample rows: what one profile has in a part of the samples section.
//!
//! A part's payload is the rows of its profiles, one after the other. Rows of one profile:
//!
//! | field | type | invariant |
//! |---|---|---|
//! | rows `n` | varint | sorted by (stack, attributes), distinct; no value is 0. Nothing follows if `n` is 0 |
//! | flags | 1 byte | bit 0: there are attributes; bit 1: wide values; bit 2: packed; other bits 0 |
//! | places | 2 or 3 varints | of the stacks, the attributes (with bit 0) and the values: 0 if the column follows below, else how many bytes before the first byte of these rows it starts |
//! | unit | varint | 1 ..= 2^63 - 1 |
//! | base | zig-zag varint | |
//! | stacks | svb x n, with bit 2 varint x n | without attributes: stack - stack before - 1, the first stack as it is; with attributes: stack - stack before |
//! | attributes | svb x n | with bit 0: attribute set row |
//! | values | svb x n, with bit 1 varint x n | value = (base + number) x unit |
//!
//! Packed rows are for blocks that are deflated: their numbers are varints, which deflate better, and instead of a stack
//! they have its place among the stacks that samples of the block refer to.
//!
//! Sample types of one source often have the same stacks, and up to their unit the same values: the second column
//! refers to the first. A column referred to lies in the same part, wholly before the rows that refer to it.

use emberglass_columns::{ByteReader, put_i64, put_u64, sorted_rows, svb};
use emberglass_profile::{AttributeSetId, StackId};

use super::columns::{put_len, svb_column, varint_rows};
use super::numbers::{read_numbers, read_unit, unit_and_base, write_numbers};
use super::parts::{PartWriter, part_count, read_at, slice};
use crate::Fault;

const HAS_ATTRIBUTES: u8 = 1;
const WIDE: u8 = 2;
const PACKED: u8 = 4;

/// Sample rows in columns, sorted by (stack, attributes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Stack rows.
    pub stacks: Vec<u32>,
    /// Attribute set rows; empty if no row has attributes.
    pub attributes: Vec<u32>,
    /// Values, none of them 0.
    pub values: Vec<i64>,
}

impl Rows {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stacks.len()
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty()
    }

    /// The rows one by one.
    pub fn iter(&self) -> impl Iterator<Item = (StackId, AttributeSetId, i64)> {
        self.stacks.iter().zip(&self.values).enumerate().map(|(row, (&stack, &value))| {
            (StackId(stack), AttributeSetId(self.attributes.get(row).copied().unwrap_or_default()), value)
        })
    }

    /// Adds a row; rows may come in any order until [`Self::normalize`].
    pub(crate) fn push(&mut self, stack: u32, attributes: u32, value: i64) {
        if attributes != 0 && self.attributes.is_empty() {
            self.attributes.resize(self.stacks.len(), 0);
        }
        if attributes != 0 || !self.attributes.is_empty() {
            self.attributes.push(attributes);
        }
        self.stacks.push(stack);
        self.values.push(value);
    }

    /// The same rows sorted, equal ones added up, zeros left out; `None` if a sum leaves the 64-bit range.
    pub(crate) fn normalize(&self) -> Option<Self> {
        let rows: Vec<_> = self.iter().collect();
        let key = |row: u32| (rows[row as usize].0, rows[row as usize].1);
        let order = sorted_rows(rows.len(), &mut |a, b| key(a).cmp(&key(b)));
        let mut out = Self::default();
        let mut rows = order.into_iter().map(|row| rows[row as usize]).peekable();
        while let Some((stack, attributes, value)) = rows.next() {
            let mut sum = i128::from(value);
            while let Some((_, _, value)) = rows.next_if(|&(s, a, _)| (s, a) == (stack, attributes)) {
                sum += i128::from(value);
            }
            let sum = i64::try_from(sum).ok()?;
            if sum != 0 {
                out.push(stack.0, attributes.0, sum);
            }
        }
        Some(out)
    }
}

impl PartWriter {
    /// Appends normalized rows; returns where they start and how long they are. With `packed` their stacks are places
    /// among the sampled ones.
    pub(crate) fn push(&mut self, rows: &Rows, packed: bool) -> (usize, usize) {
        let start = self.bytes.len();
        put_len(&mut self.bytes, rows.len());
        if rows.is_empty() {
            return (start, self.bytes.len() - start);
        }
        let has_attributes = !rows.attributes.is_empty();
        let (unit, base, wide) = unit_and_base(&rows.values);
        let wide = wide || packed;
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        self.bytes.push(flag(has_attributes, HAS_ATTRIBUTES) | flag(wide, WIDE) | flag(packed, PACKED));

        let mut columns = vec![if packed {
            packed_gaps(&rows.stacks, has_attributes)
        } else {
            rising_gaps(&rows.stacks, has_attributes)
        }];
        if has_attributes {
            let mut column = Vec::new();
            svb::encode(&rows.attributes, &mut column);
            columns.push(column);
        }
        columns.push(write_numbers(&rows.values, unit, base, wide));
        let known: Vec<Option<usize>> = columns.iter().map(|column| self.find(column)).collect();
        for place in &known {
            put_len(&mut self.bytes, place.map_or(0, |place| start - place));
        }
        put_u64(&mut self.bytes, unit.unsigned_abs());
        put_i64(&mut self.bytes, base);
        for (column, _) in columns.iter().zip(known).filter(|(_, known)| known.is_none()) {
            self.append(column);
        }
        (start, self.bytes.len() - start)
    }
}

fn gaps(stacks: &[u32], repeats: bool) -> Vec<u32> {
    let mut column = stacks.to_vec();
    svb::to_deltas(&mut column);
    if !repeats {
        column.iter_mut().skip(1).for_each(|delta| *delta -= 1);
    }
    column
}

/// A column that rises: with `repeats` it may stand still.
pub(crate) fn rising_gaps(stacks: &[u32], repeats: bool) -> Vec<u8> {
    let mut out = Vec::new();
    svb::encode(&gaps(stacks, repeats), &mut out);
    out
}

fn packed_gaps(stacks: &[u32], repeats: bool) -> Vec<u8> {
    let mut out = Vec::new();
    gaps(stacks, repeats).into_iter().for_each(|gap| put_u64(&mut out, u64::from(gap)));
    out
}

/// Reads what [`rising_gaps`] wrote; every value is below `end`.
pub(crate) fn read_rising_gaps(
    reader: &mut ByteReader<'_>,
    count: usize,
    repeats: bool,
    end: usize,
    beyond: Fault,
) -> Result<Vec<u32>, Fault> {
    risen(svb_column(reader, count)?, repeats, end, beyond)
}

fn risen(mut column: Vec<u32>, repeats: bool, end: usize, beyond: Fault) -> Result<Vec<u32>, Fault> {
    let step = u64::from(!repeats);
    let mut last = 0u64;
    for (row, value) in column.iter_mut().enumerate() {
        last += u64::from(*value) + if row == 0 { 0 } else { step };
        *value = last as u32;
    }
    // The column rises: if the last value exists, all do.
    if !column.is_empty() && last >= end as u64 { Err(beyond) } else { Ok(column) }
}

/// Reads the rows at `offset` of a part's payload, `len` bytes long, over `stacks` stacks; packed rows refer to `sampled`
/// of them.
pub(crate) fn read(part: &[u8], offset: u32, len: u32, stacks: usize, sampled: &[u32]) -> Result<Rows, Fault> {
    let (before, bytes) = slice(part, offset, len)?;
    let reader = &mut ByteReader::new(bytes);
    let count = part_count(reader, part)?;
    if count == 0 {
        return Ok(Rows::default());
    }
    let flags = reader.u8()?;
    if flags & !(HAS_ATTRIBUTES | WIDE | PACKED) != 0 {
        return Err(Fault::Invariant("unknown flags of rows"));
    }
    let (has_attributes, wide, packed) = (flags & HAS_ATTRIBUTES != 0, flags & WIDE != 0, flags & PACKED != 0);
    let stacks_place = reader.varint()?;
    let attributes_place = if has_attributes { reader.varint()? } else { 0 };
    let values_place = reader.varint()?;
    let unit = read_unit(reader)?;
    let base = reader.zigzag()?;

    let beyond = Fault::Invariant("a sample without its stack");
    let mut stacks = read_at(stacks_place, before, reader, |reader| {
        if packed {
            let gaps = varint_rows(reader, count, |reader| reader.varint_u32())?;
            risen(gaps, has_attributes, sampled.len(), beyond)
        } else {
            read_rising_gaps(reader, count, has_attributes, stacks, beyond)
        }
    })?;
    if packed {
        // Both columns are checked: every place has its stack.
        stacks.iter_mut().for_each(|stack| *stack = sampled.get(*stack as usize).copied().unwrap_or_default());
    }
    let mut rows = Rows { stacks, ..Rows::default() };
    if has_attributes {
        rows.attributes = read_at(attributes_place, before, reader, |reader| Ok(svb_column(reader, count)?))?;
    }
    rows.values = read_at(values_place, before, reader, |reader| read_numbers(reader, count, unit, base, wide))?;
    // All values are above 0 where the least is.
    if base <= 0 && rows.values.contains(&0) {
        return Err(Fault::Invariant("a row whose value is 0"));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Strategy<Value = Rows> {
        let value = prop_oneof![
            any::<i64>(),
            (-9i64..90).prop_map(|v| v * 10_000_000),
            Just(i64::MIN),
            Just(i64::MAX),
            0i64..3
        ];
        proptest::collection::vec((0u32..40, 0u32..3, value), 0..40).prop_map(|list| {
            let mut rows = Rows::default();
            let mut seen = std::collections::BTreeSet::new();
            for (stack, attributes, value) in list {
                if seen.insert((stack, attributes % 2)) {
                    rows.push(stack, attributes % 2, value);
                }
            }
            rows
        })
    }

    proptest! {
        #[test]
        fn rows_round_trip(profiles in proptest::collection::vec(rows(), 0..6), repeat: bool, packed: bool) {
            let sampled: Vec<u32> = (0..40).map(|place| place * 3).collect();
            let mut part = PartWriter::default();
            let mut written = Vec::new();
            for rows in profiles.iter().chain(profiles.iter().filter(|_| repeat)) {
                let rows = rows.normalize().unwrap();
                written.push((part.push(&rows, packed), rows));
            }
            for ((offset, len), mut rows) in written {
                let got = read(&part.bytes, offset as u32, len as u32, 40, &sampled).unwrap();
                if rows.stacks.contains(&39) {
                    prop_assert!(read(&part.bytes, offset as u32, len as u32, 39, &sampled[..39]).is_err());
                }
                rows.stacks.iter_mut().filter(|_| packed).for_each(|stack| *stack *= 3);
                prop_assert_eq!(&got, &rows);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, offset in 0u32..40, len in 0u32..60) {
            if let Ok(rows) = read(&bytes, offset, len, 1000, &[7, 90, 999]) {
                prop_assert!(rows.stacks.iter().all(|&stack| stack < 1000));
            }
        }

        #[test]
        fn rows_with_equal_keys_add_up(list in proptest::collection::vec((0u32..4, 0u32..2, -3i64..4), 0..30)) {
            let mut rows = Rows::default();
            let mut naive = std::collections::BTreeMap::new();
            for (stack, attributes, value) in list {
                rows.push(stack, attributes, value);
                *naive.entry((StackId(stack), AttributeSetId(attributes))).or_insert(0) += value;
            }
            naive.retain(|_, value| *value != 0);
            let got: Vec<_> = rows.normalize().unwrap().iter().map(|(s, a, v)| ((s, a), v)).collect();
            prop_assert_eq!(got, naive.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_value_of_0_is_refused() {
        for (values, packed) in [(vec![0, 5], false), (vec![-4, 0], true), (vec![-1, 1 << 40, 0], false)] {
            let rows = Rows { stacks: (0..values.len() as u32).collect(), attributes: vec![], values };
            let mut part = PartWriter::default();
            let (offset, len) = part.push(&rows, packed);
            let fault = Fault::Invariant("a row whose value is 0");
            assert_eq!(read(&part.bytes, offset as u32, len as u32, 9, &[0, 1, 2]), Err(fault));
        }
    }

    #[test]
    fn equal_columns_are_stored_once() {
        let counts = Rows {
            stacks: (0..50).map(|at| at * 3).collect(),
            attributes: vec![],
            values: (0..50).map(|at| at % 7 + 1).collect(),
        };
        let nanos = Rows { values: counts.values.iter().map(|count| count * 10_000_000).collect(), ..counts.clone() };
        let mut part = PartWriter::default();
        let (_, first) = part.push(&counts, false);
        let (offset, second) = part.push(&nanos, false);
        assert!(first > 100 && second < 12, "{first} and {second} bytes");
        assert_eq!(read(&part.bytes, offset as u32, second as u32, 200, &[]), Ok(nanos));
    }
}
