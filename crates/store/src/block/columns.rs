//! Columns as sections hold them.

use emberglass_columns::{ByteReader, ReadError, put_i64, put_u64, svb};

use crate::Fault;

/// Appends a length or count.
pub(crate) fn put_len(out: &mut Vec<u8>, len: usize) {
    put_u64(out, len as u64);
}

/// Reads the count of rows of stream-vbyte columns: a row takes at least two bits.
pub(crate) fn svb_count(reader: &mut ByteReader<'_>) -> Result<usize, Fault> {
    let count = reader.varint()?;
    match usize::try_from(count) {
        Ok(count) if count.div_ceil(4) <= reader.remaining() => Ok(count),
        _ => Err(Fault::Invariant("more rows than bytes")),
    }
}

/// Reads a stream-vbyte column.
pub(crate) fn svb_column(reader: &mut ByteReader<'_>, rows: usize) -> Result<Vec<u32>, ReadError> {
    let mut column = Vec::new();
    svb::decode(reader, rows, &mut column)?;
    Ok(column)
}

/// Appends the differences of a column that never falls.
pub(crate) fn put_rising(out: &mut Vec<u8>, mut column: Vec<u32>) {
    svb::to_deltas(&mut column);
    svb::encode(&column, out);
}

/// Reads what [`put_rising`] wrote.
pub(crate) fn rising_column(reader: &mut ByteReader<'_>, rows: usize) -> Result<Vec<u32>, Fault> {
    let mut column = svb_column(reader, rows)?;
    let mut sum = 0u32;
    for delta in &mut column {
        sum = sum.checked_add(*delta).ok_or(Fault::Invariant("a rising column passes 32 bits"))?;
        *delta = sum;
    }
    Ok(column)
}

/// Maps a difference modulo 2^32 so that small ones of either sign stay small.
pub(crate) const fn zigzag32(difference: u32) -> u32 {
    (difference << 1) ^ (((difference as i32) >> 31) as u32)
}

/// Inverse of [`zigzag32`].
pub(crate) const fn unzigzag32(value: u32) -> u32 {
    (value >> 1) ^ (value & 1).wrapping_neg()
}

/// Appends the zig-zagged differences of a column in stream-vbyte.
pub(crate) fn put_near(out: &mut Vec<u8>, mut column: Vec<u32>) {
    svb::to_deltas(&mut column);
    for difference in &mut column {
        *difference = zigzag32(*difference);
    }
    svb::encode(&column, out);
}

/// Reads what [`put_near`] wrote.
pub(crate) fn near_column(reader: &mut ByteReader<'_>, rows: usize) -> Result<Vec<u32>, ReadError> {
    let mut column = svb_column(reader, rows)?;
    for difference in &mut column {
        *difference = unzigzag32(*difference);
    }
    svb::from_deltas(&mut column);
    Ok(column)
}

/// Appends the differences of a column modulo 2^64 as zig-zagged varints.
pub(crate) fn put_i64_deltas(out: &mut Vec<u8>, column: &[i64]) {
    let mut before = 0i64;
    for &value in column {
        put_i64(out, value.wrapping_sub(before));
        before = value;
    }
}

/// Reads what [`put_i64_deltas`] wrote.
pub(crate) fn i64_deltas(reader: &mut ByteReader<'_>, rows: usize) -> Result<Vec<i64>, Fault> {
    let mut before = 0i64;
    varint_rows(reader, rows, |reader| {
        before = before.wrapping_add(reader.zigzag()?);
        Ok(before)
    })
}

/// Reads `rows` values of at least one byte each.
pub(crate) fn varint_rows<T>(
    reader: &mut ByteReader<'_>,
    rows: usize,
    mut read: impl FnMut(&mut ByteReader<'_>) -> Result<T, ReadError>,
) -> Result<Vec<T>, Fault> {
    if rows > reader.remaining() {
        return Err(Fault::Invariant("more rows than bytes"));
    }
    (0..rows).map(|_row| read(reader).map_err(Fault::from)).collect()
}

/// Ends a section: nothing may follow.
pub(crate) fn expect_end(reader: &ByteReader<'_>) -> Result<(), Fault> {
    if reader.is_empty() { Ok(()) } else { Err(Fault::Invariant("bytes after the end")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_round_trip(near: Vec<u32>, wide: Vec<i64>) {
            let mut rising = near.clone();
            rising.sort_unstable();
            let mut out = Vec::new();
            put_rising(&mut out, rising.clone());
            put_near(&mut out, near.clone());
            put_i64_deltas(&mut out, &wide);
            let mut reader = ByteReader::new(&out);
            prop_assert_eq!(rising_column(&mut reader, rising.len()), Ok(rising));
            prop_assert_eq!(near_column(&mut reader, near.len()), Ok(near));
            prop_assert_eq!(i64_deltas(&mut reader, wide.len()), Ok(wide));
            prop_assert!(expect_end(&reader).is_ok());
        }
    }
}
