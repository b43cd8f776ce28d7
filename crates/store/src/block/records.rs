//! The timelines section: sample records in order of time, of profiles whose format has a time for each.
//!
//! Part 0 says which profiles have records, and where ([`super::parts::Places`]); it is there if any has. The other
//! parts hold their records one profile after the other:
//!
//! | field | type | invariant |
//! |---|---|---|
//! | records `n` | varint | at least 1 |
//! | flags | 1 byte | bit 0: there are attributes; bit 1: the source's own clock; other bits 0 |
//! | first | zig-zag varint | time of the first record, ns |
//! | times | numbers x (n - 1) | differences to the time before, mod 2^64; the times never fall |
//! | stacks | place, near svb x n | stack |
//! | attributes | place, near svb x n | with bit 0: attribute set row |
//! | values | numbers x n | zeros included |

use emberglass_columns::{ByteReader, put_i64};
use emberglass_profile::{AttributeSetId, StackId};

use super::columns::{near_column, put_len, put_near};
use super::numbers::{put_numbers, take_numbers};
use super::parts::{PartWriter, part_count, read_at, slice};
use crate::{Fault, StoreError};

const HAS_ATTRIBUTES: u8 = 1;
const OWN_CLOCK: u8 = 2;

/// Sample records of one profile in order of time: what its rows add up, those with value 0 included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// True if the times are of the source's own clock, and not since the epoch.
    pub own_clock: bool,
    /// Time of each record, ns; never falls.
    pub time: Vec<i64>,
    /// Stack rows.
    pub stacks: Vec<u32>,
    /// Attribute set rows; empty if no record has attributes.
    pub attributes: Vec<u32>,
    /// Values, times 10^-scale of the profile.
    pub values: Vec<i64>,
}

impl Records {
    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// True without records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Time, stack, attributes and value of each record.
    pub fn iter(&self) -> impl Iterator<Item = (i64, StackId, AttributeSetId, i64)> {
        self.time.iter().zip(&self.stacks).zip(&self.values).enumerate().map(|(row, ((&time, &stack), &value))| {
            let set = self.attributes.get(row).copied().unwrap_or_default();
            (time, StackId(stack), AttributeSetId(set), value)
        })
    }

    pub(crate) fn push(&mut self, time: i64, stack: u32, attributes: u32, value: i64) {
        if attributes != 0 && self.attributes.is_empty() {
            self.attributes.resize(self.time.len(), 0);
        }
        if attributes != 0 || !self.attributes.is_empty() {
            self.attributes.push(attributes);
        }
        self.time.push(time);
        self.stacks.push(stack);
        self.values.push(value);
    }

    /// The same records in terms of other tables.
    pub(crate) fn translate(mut self, stacks: &[u32], sets: &[u32]) -> Result<Self, StoreError> {
        let to = |rows: &mut [u32], table: &[u32]| {
            for row in rows {
                *row = table.get(*row as usize).copied().filter(|&row| row != u32::MAX)?;
            }
            Some(())
        };
        let done = to(&mut self.stacks, stacks).and_then(|()| to(&mut self.attributes, sets));
        done.ok_or(StoreError::BadBatch("a record without its stack or attributes"))?;
        Ok(self)
    }
}

/// Appends records; returns where they start and how long they are.
pub(crate) fn write(part: &mut PartWriter, records: &Records) -> (usize, usize) {
    let start = part.bytes.len();
    let Records { own_clock, time, stacks, attributes, values } = records;
    let has_attributes = !attributes.is_empty();
    put_len(&mut part.bytes, time.len());
    part.bytes.push(if has_attributes { HAS_ATTRIBUTES } else { 0 } | if *own_clock { OWN_CLOCK } else { 0 });
    put_i64(&mut part.bytes, time.first().copied().unwrap_or_default());
    let steps: Vec<i64> = time.iter().zip(time.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();
    put_numbers(part, start, &steps);
    for column in [Some(stacks), has_attributes.then_some(attributes)].into_iter().flatten() {
        let mut bytes = Vec::new();
        put_near(&mut bytes, column.clone());
        part.put_column(start, &bytes);
    }
    put_numbers(part, start, values);
    (start, part.bytes.len() - start)
}

/// Reads the records at `offset` of a part's payload, `len` bytes long, over `stacks` stacks.
pub(crate) fn read(part: &[u8], offset: u32, len: u32, stacks: usize) -> Result<Records, Fault> {
    let (before, bytes) = slice(part, offset, len)?;
    let reader = &mut ByteReader::new(bytes);
    let (flags, time) = head(reader, part, before)?;
    let count = time.len();
    let rows = |reader: &mut ByteReader<'_>| {
        let place = reader.varint()?;
        read_at(place, before, reader, |reader| Ok(near_column(reader, count)?))
    };
    let of_stacks = rows(reader)?;
    let attributes = if flags & HAS_ATTRIBUTES == 0 { Vec::new() } else { rows(reader)? };
    if of_stacks.iter().any(|&stack| stack as usize >= stacks) {
        return Err(Fault::Invariant("a record without its stack"));
    }
    let values = take_numbers(reader, before, count)?;
    Ok(Records { own_clock: flags & OWN_CLOCK != 0, time, stacks: of_stacks, attributes, values })
}

/// Reads whether the clock is the source's own, and the times, of the records at `offset` of a part's payload.
pub(crate) fn read_times(part: &[u8], offset: u32, len: u32) -> Result<(bool, Vec<i64>), Fault> {
    let (before, bytes) = slice(part, offset, len)?;
    let (flags, time) = head(&mut ByteReader::new(bytes), part, before)?;
    Ok((flags & OWN_CLOCK != 0, time))
}

/// Reads flags and times.
fn head(reader: &mut ByteReader<'_>, part: &[u8], before: &[u8]) -> Result<(u8, Vec<i64>), Fault> {
    let count = part_count(reader, part)?;
    let flags = reader.u8()?;
    if flags & !(HAS_ATTRIBUTES | OWN_CLOCK) != 0 || count == 0 {
        return Err(Fault::Invariant("unknown flags of records, or none"));
    }
    let mut at = reader.zigzag()?;
    let mut time = Vec::with_capacity(count);
    time.push(at);
    for step in take_numbers(reader, before, count - 1)? {
        let next = at.wrapping_add(step);
        if next < at {
            return Err(Fault::Invariant("the records are not sorted by time"));
        }
        at = next;
        time.push(at);
    }
    Ok((flags, time))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records() -> impl Strategy<Value = Records> {
        let time = prop_oneof![any::<i64>(), (0i64..30).prop_map(|at| at * 10_000_000)];
        let value = prop_oneof![any::<i64>(), Just(1i64), Just(0i64)];
        let record = (time, 0u32..40, 0u32..3, value);
        (any::<bool>(), proptest::collection::vec(record, 1..50)).prop_map(|(own_clock, mut list)| {
            list.sort_by_key(|record| record.0);
            let mut records = Records { own_clock, ..Records::default() };
            list.into_iter().for_each(|(time, stack, set, value)| records.push(time, stack, set / 2, value));
            records
        })
    }

    proptest! {
        #[test]
        fn records_round_trip(profiles in proptest::collection::vec(records(), 1..5), repeat: bool) {
            let mut part = PartWriter::default();
            let mut written = Vec::new();
            for records in profiles.iter().chain(profiles.iter().filter(|_| repeat)) {
                written.push((write(&mut part, records), records));
            }
            for ((offset, len), records) in written {
                let got = read(&part.bytes, offset as u32, len as u32, 40).unwrap();
                prop_assert_eq!(&got, records);
                let times = read_times(&part.bytes, offset as u32, len as u32).unwrap();
                prop_assert_eq!(times, (records.own_clock, records.time.clone()));
                prop_assert!(!records.stacks.contains(&39) || read(&part.bytes, offset as u32, len as u32, 39).is_err());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, offset in 0u32..40, len in 0u32..60) {
            if let Ok(records) = read(&bytes, offset, len, 1000) {
                prop_assert!(records.time.is_sorted());
                prop_assert!(records.iter().all(|(_, stack, ..)| stack.index() < 1000));
            }
        }
    }

    #[test]
    fn a_steady_clock_and_a_second_sample_type_cost_next_to_nothing() {
        let count = |at: u32| at * 7 % 90;
        let records = |unit| Records {
            time: (0..1000).map(|at| 1_795_440_971_731_594_128 + at * 10_000_000).collect(),
            stacks: (0..1000).map(count).collect(),
            values: vec![unit; 1000],
            ..Records::default()
        };
        let mut part = PartWriter::default();
        let (_, first) = write(&mut part, &records(1));
        let (_, second) = write(&mut part, &records(10_000_000));
        assert!(first < 1300 && second < 30, "{first} and {second} bytes");
    }
}
