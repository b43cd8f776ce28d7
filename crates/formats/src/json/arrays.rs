//! Arrays of numbers: the columns that most of a profile's bytes are.

use emberglass_profile::{InputError, MAX_SCALE};

use super::reader::Reader;
use crate::decimal::Decimal;

impl Reader<'_, '_, '_> {
    /// Hands each element of an array of integers to `each`; `null` is `None`.
    ///
    /// # Errors
    /// `malformed` for other values, `value-overflow` beyond 64 bits.
    pub(crate) fn integers(&mut self, each: impl FnMut(Option<i64>)) -> Result<(), InputError> {
        self.begin_array()?;
        self.integers_inside(each)
    }

    /// As [`Self::integers`], inside an array that was entered.
    pub(crate) fn integers_inside(&mut self, mut each: impl FnMut(Option<i64>)) -> Result<(), InputError> {
        while self.next_element()? {
            each(if self.is_null()? { None } else { Some(self.integer()?) });
            let taken = plain_run(self.buffer.rest(), MOST_DIGITS, |value| each(Some(value)));
            self.buffer.advance(taken);
        }
        Ok(())
    }

    /// Hands each element of an array of numbers x 10^`shift` to `each`; what is no number is `None`.
    ///
    /// # Errors
    /// `value-overflow` beyond 64 bits.
    pub(crate) fn decimals(&mut self, shift: u8, mut each: impl FnMut(Option<Decimal>)) -> Result<(), InputError> {
        // Shifts are those of units of time, nine at most.
        let power = 10i64.pow(u32::from(shift.min(MAX_SCALE)));
        let most_digits = MOST_DIGITS - usize::from(shift.min(MAX_SCALE));
        self.begin_array()?;
        while self.next_element()? {
            let value = self.decimal_or_skip(shift)?;
            each(value);
            let taken = plain_run(self.buffer.rest(), most_digits, |value| {
                each(Some(Decimal { digits: value * power, ..Decimal::default() }));
            });
            self.buffer.advance(taken);
        }
        Ok(())
    }
}

/// Digits of a number that is a 64-bit integer whatever they are.
const MOST_DIGITS: usize = 18;

/// Reads as many of `,12` and `, 12` as there are; the number of bytes read, up to the end of a number that
/// another element or the end of the array follows.
fn plain_run(rest: &[u8], most_digits: usize, mut each: impl FnMut(i64)) -> usize {
    let mut done = 0;
    loop {
        let mut at = done;
        if rest.get(at) != Some(&b',') {
            return done;
        }
        at += 1 + usize::from(rest.get(at + 1) == Some(&b' '));
        let start = at;
        let mut value = 0;
        while let Some(digit @ b'0'..=b'9') = rest.get(at) {
            if at - start == most_digits {
                return done;
            }
            value = value * 10 + i64::from(digit - b'0');
            at += 1;
        }
        let has_leading_zero = at - start > 1 && rest[start] == b'0';
        if at == start || has_leading_zero || !matches!(rest.get(at), Some(b',' | b']')) {
            return done;
        }
        each(value);
        done = at;
    }
}
