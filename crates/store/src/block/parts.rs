//! Parts: sections that hold what profiles have, one profile after the other.
//!
//! A column that another profile of the part has too is stored once: its *place* is how many bytes before the first
//! byte of what the profile has it starts, or 0 if the column follows. A column referred to lies in the same part.

use std::hash::Hasher as _;

use emberglass_columns::{ByteReader, put_u64};
use hashbrown::HashMap;
use rustc_hash::{FxBuildHasher, FxHasher};

use super::columns::{expect_end, near_column, put_len, put_near, put_rising, rising_column, svb_count};
use crate::{Fault, StoreError};

/// Columns shorter than this are not worth a reference.
const MIN_SHARED: usize = 8;

/// Collects what profiles have in one part.
#[derive(Debug, Default)]
pub(crate) struct PartWriter {
    pub(crate) bytes: Vec<u8>,
    columns: HashMap<u64, (usize, usize), FxBuildHasher>,
}

fn hash(column: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(column);
    hasher.finish()
}

impl PartWriter {
    /// Where an equal column starts.
    pub(crate) fn find(&self, column: &[u8]) -> Option<usize> {
        let &(place, len) = self.columns.get(&hash(column)).filter(|_| column.len() >= MIN_SHARED)?;
        (self.bytes.get(place..place + len) == Some(column)).then_some(place)
    }

    /// Appends the bytes of a column, to be found later.
    pub(crate) fn append(&mut self, column: &[u8]) {
        self.columns.insert(hash(column), (self.bytes.len(), column.len()));
        self.bytes.extend_from_slice(column);
    }

    /// Appends the place of a column, and the column unless it is there; `start` is where what it belongs to starts.
    pub(crate) fn put_column(&mut self, start: usize, column: &[u8]) {
        // A column of these very bytes has no place before them.
        match self.find(column).filter(|&place| place < start) {
            Some(place) => put_u64(&mut self.bytes, (start - place) as u64),
            None => {
                put_u64(&mut self.bytes, 0);
                self.append(column);
            }
        }
    }
}

/// Reads a column where it stands: here, or `back` bytes before the end of `before`.
pub(crate) fn read_at<T>(
    back: u64,
    before: &[u8],
    reader: &mut ByteReader<'_>,
    read: impl FnOnce(&mut ByteReader<'_>) -> Result<Vec<T>, Fault>,
) -> Result<Vec<T>, Fault> {
    if back == 0 {
        return read(reader);
    }
    let place = usize::try_from(back).ok().and_then(|back| before.len().checked_sub(back));
    let column = place.and_then(|place| before.get(place..)).ok_or(Fault::Invariant("a column before its part"))?;
    read(&mut ByteReader::new(column))
}

/// What a profile has in a part, and what is before it.
pub(crate) fn slice(part: &[u8], offset: u32, len: u32) -> Result<(&[u8], &[u8]), Fault> {
    let start = offset as usize;
    let bytes = start.checked_add(len as usize).and_then(|end| part.get(start..end));
    let bytes = bytes.ok_or(Fault::Invariant("rows beyond their part"))?;
    Ok((part.get(..start).unwrap_or_default(), bytes))
}

/// Reads a count of rows whose columns may lie elsewhere in the part.
pub(crate) fn part_count(reader: &mut ByteReader<'_>, part: &[u8]) -> Result<usize, Fault> {
    let count = usize::try_from(reader.varint()?).ok();
    count.filter(|&count| count.div_ceil(4) <= part.len()).ok_or(Fault::Invariant("more rows than bytes"))
}

/// Where what a profile has lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) part: u16,
    pub(crate) offset: u32,
    pub(crate) len: u32,
}

/// Appends to the last part, or to a new one if it does not fit. `push` gives where it wrote, and how much.
pub(crate) fn push(
    parts: &mut Vec<PartWriter>,
    part_bytes: usize,
    push: impl Fn(&mut PartWriter) -> (usize, usize),
) -> Result<Place, StoreError> {
    const TOO_LARGE: StoreError = StoreError::TooLarge("samples");
    if parts.is_empty() {
        parts.push(PartWriter::default());
    }
    let at = parts.len() - 1;
    let Some(last) = parts.last_mut() else { return Err(TOO_LARGE) };
    let (mut offset, mut len) = push(last);
    let mut part = at;
    if offset > 0 && offset + len > part_bytes {
        last.bytes.truncate(offset);
        let mut next = PartWriter::default();
        (offset, len) = push(&mut next);
        parts.push(next);
        part += 1;
    }
    match (u16::try_from(part), u32::try_from(offset), u32::try_from(len)) {
        (Ok(part), Ok(offset), Ok(len)) => Ok(Place { part, offset, len }),
        _ => Err(TOO_LARGE),
    }
}

/// Part 0 of a section that only some profiles have something in: which, and where it lies in the parts from 1 on.
///
/// | field | type | invariant |
/// |---|---|---|
/// | profiles `n` | varint | |
/// | profile | rising svb x n | profile row, distinct |
/// | part | near svb x n | from 1 on |
/// | offset | near svb x n | first byte in the payload of the part |
/// | length | near svb x n | |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    profile: Vec<u32>,
    place: Vec<Place>,
}

impl Places {
    /// Adds a profile; they come in the order of their rows.
    pub(crate) fn push(&mut self, profile: u32, place: Place) {
        self.profile.push(profile);
        self.place.push(place);
    }

    pub(crate) fn get(&self, profile: usize) -> Option<Place> {
        let at = self.profile.binary_search(&u32::try_from(profile).ok()?).ok()?;
        self.place.get(at).copied()
    }

    /// Rows of the profiles that have something, and where.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Place)> {
        self.profile.iter().copied().zip(self.place.iter().copied())
    }

    /// Rows of the profiles that have something.
    pub(crate) fn into_profiles(self) -> Vec<u32> {
        self.profile
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_len(&mut out, self.profile.len());
        put_rising(&mut out, self.profile.clone());
        put_near(&mut out, self.place.iter().map(|place| u32::from(place.part) + 1).collect());
        put_near(&mut out, self.place.iter().map(|place| place.offset).collect());
        put_near(&mut out, self.place.iter().map(|place| place.len).collect());
        out
    }

    /// Reads the index of a block with `profiles` profiles; parts are numbered as in the section.
    pub(crate) fn read(bytes: &[u8], profiles: usize) -> Result<Self, Fault> {
        let reader = &mut ByteReader::new(bytes);
        let rows = svb_count(reader)?;
        let profile = rising_column(reader, rows)?;
        let part = near_column(reader, rows)?;
        let offset = near_column(reader, rows)?;
        let len = near_column(reader, rows)?;
        expect_end(reader)?;
        let distinct = profile.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if !distinct || profile.last().is_some_and(|&last| last as usize >= profiles) {
            return Err(Fault::Invariant("a place without its profile"));
        }
        let places = part.into_iter().zip(offset).zip(len).map(|((part, offset), len)| {
            let part = u16::try_from(part).ok().filter(|&part| part > 0);
            Ok(Place { part: part.ok_or(Fault::Invariant("a part beyond 65535"))?, offset, len })
        });
        Ok(Self { profile, place: places.collect::<Result<_, Fault>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_round_trips() {
        let mut places = Places::default();
        for row in [3, 4, 90] {
            places.push(row, Place { part: (row / 4) as u16, offset: row * 7, len: 70_000 });
        }
        let bytes = places.write();
        let read = Places::read(&bytes, 91).unwrap();
        assert_eq!(read.get(4), Some(Place { part: 2, offset: 28, len: 70_000 }));
        assert_eq!((read.get(5), read.get(90).map(|place| place.part)), (None, Some(23)));
        assert_eq!(Places::read(&bytes, 90), Err(Fault::Invariant("a place without its profile")));
    }
}
