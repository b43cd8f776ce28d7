//! Columns of 64-bit numbers as multiples of a unit above a base.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | shape | 1 byte | 0: narrow, 1: wide, 2: constant |
//! | base | zig-zag varint | |
//! | unit | varint | 1 ..= 2^63 - 1; not with shape 2 |
//! | place | varint | as of every shared column; not with shape 2 |
//! | numbers | svb x n, with shape 1 varint x n | value = (base + number) x unit; with shape 2 every value is the base |

use emberglass_columns::{ByteReader, put_i64, put_u64, svb};

use super::columns::svb_column;
use super::parts::{PartWriter, read_at};
use crate::Fault;

const NARROW: u8 = 0;
const WIDE: u8 = 1;
const CONSTANT: u8 = 2;

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Unit, base, and whether the numbers need more than 32 bits.
pub(crate) fn unit_and_base(values: &[i64]) -> (i64, i64, bool) {
    let mut unit = 0;
    for value in values {
        unit = gcd(value.unsigned_abs(), unit);
        if unit == 1 {
            break;
        }
    }
    // A unit of 2^63 is not worth a case of its own.
    let unit = i64::try_from(unit).ok().filter(|&unit| unit > 0).unwrap_or(1);
    let (base, high) =
        values.iter().fold((i64::MAX, i64::MIN), |(low, high), &v| (low.min(v / unit), high.max(v / unit)));
    (unit, base, high.abs_diff(base) > u64::from(u32::MAX))
}

/// The numbers of a column without its unit and base.
pub(crate) fn write_numbers(values: &[i64], unit: i64, base: i64, wide: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let numbers = values.iter().map(|value| (value / unit).abs_diff(base));
    if wide {
        numbers.for_each(|number| put_u64(&mut out, number));
    } else {
        svb::encode(&numbers.map(|number| number as u32).collect::<Vec<_>>(), &mut out);
    }
    out
}

/// Reads what [`write_numbers`] wrote.
pub(crate) fn read_numbers(
    reader: &mut ByteReader<'_>,
    count: usize,
    unit: i64,
    base: i64,
    wide: bool,
) -> Result<Vec<i64>, Fault> {
    const OVERFLOW: Fault = Fault::Invariant("a value beyond 64 bits");
    if !wide {
        let numbers = svb_column(reader, count)?;
        // A checked multiplication is a library call in wasm: if the least and the largest fit, all do.
        let largest = i64::from(numbers.iter().copied().max().unwrap_or(0));
        let fits = |number: i64| base.checked_add(number).and_then(|sum| sum.checked_mul(unit)).is_some();
        if !fits(0) || !fits(largest) {
            return Err(OVERFLOW);
        }
        return Ok(numbers.into_iter().map(|number| (base + i64::from(number)) * unit).collect());
    }
    if count > reader.remaining() {
        return Err(Fault::Invariant("more rows than bytes"));
    }
    let value = |number: u64| base.checked_add_unsigned(number)?.checked_mul(unit);
    (0..count).map(|_row| value(reader.varint()?).ok_or(OVERFLOW)).collect()
}

/// Reads a unit.
pub(crate) fn read_unit(reader: &mut ByteReader<'_>) -> Result<i64, Fault> {
    i64::try_from(reader.varint()?).ok().filter(|&unit| unit > 0).ok_or(Fault::Invariant("a unit of 0"))
}

/// Appends a column to what starts at `start` of the part.
pub(crate) fn put_numbers(part: &mut PartWriter, start: usize, values: &[i64]) {
    let first = values.first().copied().unwrap_or_default();
    if values.iter().all(|&value| value == first) {
        part.bytes.push(CONSTANT);
        put_i64(&mut part.bytes, first);
        return;
    }
    let (unit, base, wide) = unit_and_base(values);
    part.bytes.push(if wide { WIDE } else { NARROW });
    put_i64(&mut part.bytes, base);
    put_u64(&mut part.bytes, unit.unsigned_abs());
    part.put_column(start, &write_numbers(values, unit, base, wide));
}

/// Reads what [`put_numbers`] wrote; `before` is the part up to the start of what the column belongs to.
pub(crate) fn take_numbers(reader: &mut ByteReader<'_>, before: &[u8], count: usize) -> Result<Vec<i64>, Fault> {
    let shape = reader.u8()?;
    let base = reader.zigzag()?;
    if shape == CONSTANT {
        return Ok(vec![base; count]);
    }
    if shape > CONSTANT {
        return Err(Fault::Invariant("an unknown shape of a column"));
    }
    let unit = read_unit(reader)?;
    let place = reader.varint()?;
    read_at(place, before, reader, |reader| read_numbers(reader, count, unit, base, shape == WIDE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_round_trip(
            any in proptest::collection::vec(any::<i64>(), 0..20),
            small in proptest::collection::vec(-3i64..9, 0..40),
            constant: i64,
            unit in 1i64..1_000_000_000_000,
        ) {
            let small: Vec<i64> = small.into_iter().map(|value| value * unit).collect();
            let constant = vec![constant; 30];
            let mut part = PartWriter::default();
            let mut starts = Vec::new();
            for column in [&any, &small, &constant, &small] {
                starts.push(part.bytes.len());
                let start = part.bytes.len();
                put_numbers(&mut part, start, column);
            }
            for (column, start) in [&any, &small, &constant, &small].into_iter().zip(starts) {
                let mut reader = ByteReader::new(&part.bytes[start..]);
                prop_assert_eq!(&take_numbers(&mut reader, &part.bytes[..start], column.len()).unwrap(), column);
            }
        }
    }

    #[test]
    fn a_constant_column_takes_no_byte_a_row() {
        let mut part = PartWriter::default();
        put_numbers(&mut part, 0, &[10_000_000; 5000]);
        assert_eq!(part.bytes.len(), 5);
    }
}
