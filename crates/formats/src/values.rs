//! Columns of exact decimals that find their common scale as they grow.

use emberglass_columns::PackedInts;
use emberglass_profile::{ErrorCode, InputError, MAX_SCALE};

use crate::decimal::{Decimal, rescaled};
use crate::json::divide_half_away;

/// Decimals at one scale, as large as their places ask for and 64 bits allow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decimals {
    values: PackedInts,
    scale: u8,
    /// Values that lost decimal places.
    rounded: u64,
}

impl Decimals {
    /// Appends a value; the scale grows to its places where all values still fit.
    #[inline]
    pub(crate) fn push(&mut self, value: Decimal) {
        self.rounded += u64::from(value.is_rounded);
        if value.scale > self.scale {
            self.grow(value.scale);
        }
        match rescale(value, self.scale) {
            Some(digits) => self.values.push(digits),
            None => self.push_large(value),
        }
    }

    /// One whose places and whole part don't fit at the scale: the scale gives way.
    #[cold]
    fn push_large(&mut self, value: Decimal) {
        let fitting = (0..self.scale).rev().find_map(|scale| Some((scale, rescale(value, scale)?)));
        // Digits without places fit at the scale 0 at the latest.
        let (scale, digits) = fitting.unwrap_or((0, value.digits));
        self.reduce_to(scale);
        self.rounded += u64::from(value.scale > scale);
        self.values.push(digits);
    }

    #[cold]
    fn grow(&mut self, scale: u8) {
        let mut scale = scale.min(MAX_SCALE);
        while scale > self.scale {
            if self.values.iter().all(|value| rescaled(value, self.scale, scale).is_some()) {
                let before = std::mem::replace(&mut self.scale, scale);
                self.values.map(|value| rescaled(value, before, scale).unwrap_or(value));
                return;
            }
            scale -= 1;
        }
    }

    /// Gives decimal places up, rounding half away from zero.
    fn reduce_to(&mut self, scale: u8) {
        let power = 10i128.pow(u32::from(self.scale.saturating_sub(scale)));
        let Self { values, rounded, .. } = self;
        values.map(|value| {
            let cut = divide_half_away(i128::from(value), power);
            *rounded += u64::from(cut * power != i128::from(value));
            cut as i64
        });
        self.scale = self.scale.min(scale);
    }

    /// Lets the scale give way until `factor` times the values, each counted positive, add up within 64 bits.
    ///
    /// # Errors
    /// `value-overflow` if they don't without decimal places.
    pub(crate) fn fit_sum(&mut self, factor: i64) -> Result<(), InputError> {
        let sum: i128 = self.values.iter().map(|value| i128::from(value).abs()).sum();
        let room = i128::from(i64::MAX / factor.max(1));
        if sum <= room {
            return Ok(());
        }
        // Rounding adds less than one to each value.
        let count = self.values.len() as i128;
        let cut = (1..=self.scale).find(|&cut| sum / 10i128.pow(u32::from(cut)) + count <= room);
        let Some(cut) = cut else {
            let message =
                format!("the sum of the values, {}, is beyond 64 bits", sum / 10i128.pow(u32::from(self.scale)));
            return Err(InputError::new(ErrorCode::ValueOverflow, message));
        };
        self.reduce_to(self.scale - cut);
        Ok(())
    }

    /// Multiplies all values by `factor`, a unit's size in base units, and keeps their sum within 64 bits.
    ///
    /// # Errors
    /// As [`Self::fit_sum`].
    pub(crate) fn multiply(&mut self, mut factor: i64) -> Result<(), InputError> {
        while factor % 10 == 0 && self.scale > 0 {
            factor /= 10;
            self.scale -= 1;
        }
        self.fit_sum(factor)?;
        if factor != 1 {
            self.values.map(|value| value * factor);
        }
        Ok(())
    }

    /// The digits; each times `10^-scale`.
    pub(crate) const fn values(&self) -> &PackedInts {
        &self.values
    }

    /// The values without decimal places, rounded half away from zero: for times in nanoseconds.
    pub(crate) fn into_whole(mut self) -> PackedInts {
        let power = 10i128.pow(u32::from(self.scale));
        if power > 1 {
            self.values.map(|value| divide_half_away(i128::from(value), power) as i64);
        }
        self.values
    }

    pub(crate) const fn scale(&self) -> u8 {
        self.scale
    }

    pub(crate) const fn len(&self) -> usize {
        self.values.len()
    }

    /// How many values lost decimal places.
    pub(crate) const fn rounded(&self) -> u64 {
        self.rounded
    }
}

#[inline]
fn rescale(value: Decimal, scale: u8) -> Option<i64> {
    if value.scale <= scale {
        return rescaled(value.digits, value.scale, scale);
    }
    let power = 10i128.pow(u32::from(value.scale - scale));
    i64::try_from(divide_half_away(i128::from(value.digits), power)).ok()
}

#[cfg(test)]
mod tests {
    use emberglass_profile::format_scaled;
    use proptest::prelude::*;

    use super::*;
    use crate::json::decimal;

    #[test]
    fn a_column_takes_the_scale_of_its_most_precise_value() {
        let mut column = Decimals::default();
        for text in ["1", "0.25", "-3.5"] {
            column.push(decimal(text.as_bytes(), 0).unwrap());
        }
        assert_eq!(*column.values(), [100, 25, -350]);
        assert_eq!((column.scale(), column.rounded()), (2, 0));
        column.multiply(60).unwrap();
        assert_eq!(*column.values(), [600, 150, -2100]);
        assert_eq!(column.scale(), 1);
        assert_eq!(column.into_whole(), [60, 15, -210]);
    }

    #[test]
    fn places_give_way_to_whole_parts() {
        let mut column = Decimals::default();
        for text in ["0.123456789", "1000000000000000"] {
            column.push(decimal(text.as_bytes(), 0).unwrap());
        }
        assert_eq!(*column.values(), [123, 1_000_000_000_000_000_000]);
        assert_eq!(column.scale(), 3);
        assert!(column.rounded() > 0);
        let mut large = Decimals::default();
        (0..10).for_each(|_| large.push(decimal(b"1e18", 0).unwrap()));
        assert_eq!(large.fit_sum(1).unwrap_err().code, ErrorCode::ValueOverflow);
    }

    proptest! {
        #[test]
        fn values_that_fit_are_exact(numbers in proptest::collection::vec((-1_000_000i64..1_000_000, 0u8..=6), 0..40)) {
            let mut column = Decimals::default();
            for &(digits, scale) in &numbers {
                column.push(decimal(format_scaled(digits, scale).as_bytes(), 0).unwrap());
            }
            column.fit_sum(1).unwrap();
            prop_assert_eq!(column.rounded(), 0);
            for (&(digits, scale), value) in numbers.iter().zip(column.values().iter()) {
                prop_assert_eq!(format_scaled(digits, scale), format_scaled(value, column.scale()));
            }
        }
    }
}
