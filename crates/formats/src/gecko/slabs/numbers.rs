//! Slabs of numbers as JSON.

use std::io::Write as _;

use emberglass_profile::{ErrorCode, InputError};

use super::Slab;
use crate::feed::Feed;

/// Decimal places of fractions.
const PLACES: usize = 9;

/// The type of the numbers of a slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}

impl Number {
    /// As the table of slabs numbers them.
    pub(super) const ALL: [Self; 10] =
        [Self::I8, Self::U8, Self::I16, Self::U16, Self::I32, Self::U32, Self::F32, Self::F64, Self::I64, Self::U64];

    /// Bytes of one.
    const fn width(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Writes numbers, each but the first of an array behind a comma.
    fn write(self, bytes: &[u8], is_start: bool, out: &mut Vec<u8>) {
        match self {
            Self::I8 => integers(bytes, |[byte]| i128::from(byte.cast_signed()), is_start, out),
            Self::U8 => integers(bytes, |[byte]| i128::from(byte), is_start, out),
            Self::I16 => integers(bytes, |bytes| i128::from(i16::from_le_bytes(bytes)), is_start, out),
            Self::U16 => integers(bytes, |bytes| i128::from(u16::from_le_bytes(bytes)), is_start, out),
            Self::I32 => integers(bytes, |bytes| i128::from(i32::from_le_bytes(bytes)), is_start, out),
            Self::U32 => integers(bytes, |bytes| i128::from(u32::from_le_bytes(bytes)), is_start, out),
            Self::I64 => integers(bytes, |bytes| i128::from(i64::from_le_bytes(bytes)), is_start, out),
            Self::U64 => integers(bytes, |bytes| i128::from(u64::from_le_bytes(bytes)), is_start, out),
            Self::F32 => fractions(bytes, |bytes| f64::from(f32::from_le_bytes(bytes)), is_start, out),
            Self::F64 => fractions(bytes, f64::from_le_bytes, is_start, out),
        }
    }
}

/// An array that is being written.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    slab: Slab,
    number: Number,
    /// Bytes of the slab that are written.
    done: u64,
}

impl Numbers {
    pub(super) fn begin(slab: Slab, number: Number, out: &mut Vec<u8>) -> Self {
        out.push(b'[');
        Self { slab, number, done: 0 }
    }

    /// Goes on up to about `full` bytes in `out`; true at the end of the array.
    pub(super) fn step(&mut self, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<bool, InputError> {
        let width = self.number.width();
        feed.seek(self.slab.start + self.done);
        loop {
            let left = usize::try_from(self.slab.len - self.done).unwrap_or(usize::MAX);
            if left < width {
                out.push(b']');
                return Ok(true);
            }
            if out.len() >= full {
                return Ok(false);
            }
            let at_hand = feed.peek(width)?;
            // Numbers have eight digits, more or less.
            let count = ((full - out.len()) / 8 + 1).min(at_hand.len().min(left) / width);
            if count == 0 {
                let message = "a slab lies beyond the end of the file";
                return Err(InputError::at(ErrorCode::Truncated, feed.pos(), message));
            }
            self.number.write(&at_hand[..count * width], self.done == 0, out);
            feed.consume(count * width);
            self.done += (count * width) as u64;
        }
    }
}

fn integers<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> i128, is_start: bool, out: &mut Vec<u8>) {
    for (row, &number) in bytes.as_chunks::<N>().0.iter().enumerate() {
        separate(row, is_start, out);
        write_integer(read(number), out);
    }
}

fn fractions<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64, is_start: bool, out: &mut Vec<u8>) {
    for (row, &number) in bytes.as_chunks::<N>().0.iter().enumerate() {
        separate(row, is_start, out);
        match scaled(read(number)) {
            Some(number) => write_scaled(number, out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

fn separate(row: usize, is_start: bool, out: &mut Vec<u8>) {
    if row > 0 || !is_start {
        out.push(b',');
    }
}

fn write_integer(number: i128, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _written = write!(out, "{number}");
}

/// A number times 10^[`PLACES`], rounded; `None` for what is none, or beyond 64 bits as an integer.
fn scaled(number: f64) -> Option<i128> {
    const MANTISSA_BITS: u32 = 52;
    if !number.is_finite() || number.abs() >= 9.2e18 {
        return None;
    }
    let bits = number.to_bits();
    let exponent = (bits >> MANTISSA_BITS & 0x7ff) as i32;
    let fraction = i128::from(bits & ((1 << MANTISSA_BITS) - 1));
    // Numbers without the implicit bit are too small to matter.
    let mantissa = if exponent == 0 { 0 } else { fraction | 1 << MANTISSA_BITS };
    let shift = exponent - 1023 - MANTISSA_BITS as i32;
    let product = mantissa * 10i128.pow(PLACES as u32);
    let magnitude = if shift >= 0 {
        product << shift
    } else if shift > -120 {
        (product + (1i128 << (-shift - 1))) >> -shift
    } else {
        0
    };
    Some(if number < 0.0 { -magnitude } else { magnitude })
}

fn write_scaled(number: i128, out: &mut Vec<u8>) {
    let power = 10i128.pow(PLACES as u32);
    let (whole, rest) = ((number / power).abs(), (number % power).abs());
    if number < 0 {
        out.push(b'-');
    }
    write_integer(whole, out);
    if rest != 0 {
        let start = out.len();
        // Writing to memory does not fail.
        let _written = write!(out, ".{rest:0width$}", width = PLACES);
        let zeros = out[start..].iter().rev().take_while(|&&byte| byte == b'0').count();
        out.truncate(out.len() - zeros);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fractions_are_what_they_print(digits in -1_000_000_000_000i64..1_000_000_000_000, places in 0u32..9) {
            let number = digits as f64 / 10f64.powi(places as i32);
            let mut out = Vec::new();
            write_scaled(scaled(number).unwrap(), &mut out);
            let printed: f64 = std::str::from_utf8(&out).unwrap().parse().unwrap();
            prop_assert!((printed - number).abs() <= 1e-9_f64.max(number.abs() * 1e-15), "{} {}", printed, number);
            // The sixteenth digit of a double is noise.
            if places <= 3 && digits.abs() < 1_000_000 {
                prop_assert_eq!(printed, number);
            }
        }
    }
}
