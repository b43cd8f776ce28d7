//! Sums by node, one column for each divisor and scale, brought together at the end.

use crate::TreeOverflow;

/// What averages of different counts are brought to where they have no common divisor that fits.
const FALLBACK_DIVISORS: [u64; 2] = [1000, 1];

/// Values of all layers that share a divisor and a scale. 128 bits, so that no order of addition overflows.
#[derive(Clone, Debug)]
struct Column {
    divisor: u64,
    scale: u8,
    values: Vec<i128>,
}

/// Sums by row of the union tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    columns: Vec<Column>,
}

/// One column of values with what they are to be divided by and scaled with.
pub(crate) struct Combined {
    pub(crate) values: Vec<i128>,
    pub(crate) divisor: u64,
    pub(crate) scale: u8,
}

impl Sums {
    /// The column of a divisor and scale, with a value for each of `rows` nodes.
    pub(crate) fn column(&mut self, divisor: u64, scale: u8, rows: usize) -> &mut [i128] {
        let divisor = divisor.max(1);
        let known = self.columns.iter().position(|column| (column.divisor, column.scale) == (divisor, scale));
        let at = known.unwrap_or_else(|| {
            self.columns.push(Column { divisor, scale, values: Vec::new() });
            self.columns.len() - 1
        });
        let values = &mut self.columns[at].values;
        values.resize(values.len().max(rows), 0);
        values
    }

    /// All columns as one: at the largest scale, over the least common multiple of the divisors as long as
    /// every sum fits 64 bits with it, else in thousandths (else in units), rounded once at each self value.
    pub(crate) fn combine(mut self, rows: usize) -> Result<Combined, TreeOverflow> {
        let scale = self.columns.iter().map(|column| column.scale).max().unwrap_or(0);
        for column in &mut self.columns {
            column.values.resize(rows, 0);
            let factor = 10i128.checked_pow(u32::from(scale - column.scale)).ok_or(TreeOverflow)?;
            if factor > 1 {
                for value in &mut column.values {
                    *value = value.checked_mul(factor).ok_or(TreeOverflow)?;
                }
            }
        }
        if self.columns.len() <= 1 {
            let (values, divisor) =
                self.columns.pop().map_or_else(|| (vec![0; rows], 1), |column| (column.values, column.divisor));
            return Ok(Combined { values, divisor, scale });
        }
        let common = self.columns.iter().try_fold(1, |common, column| lcm(common, column.divisor));
        if let Some(divisor) = common
            && let Some(values) = self.over(divisor, rows)
        {
            let alone = self.columns.iter().all(|column| column.divisor == divisor);
            if alone || fits(&values) {
                return Ok(Combined { values, divisor, scale });
            }
        }
        let mut rounded = Err(TreeOverflow);
        for divisor in FALLBACK_DIVISORS {
            let values = self.rounded_to(divisor, rows)?;
            let fits = fits(&values);
            rounded = Ok(Combined { values, divisor, scale });
            if fits {
                break;
            }
        }
        rounded
    }

    /// Exact sums over a multiple of all divisors; `None` when one leaves 128 bits.
    fn over(&self, divisor: u64, rows: usize) -> Option<Vec<i128>> {
        let mut sums = vec![0i128; rows];
        for column in &self.columns {
            let factor = i128::from(divisor / column.divisor);
            for (sum, &value) in sums.iter_mut().zip(&column.values) {
                *sum = sum.checked_add(value.checked_mul(factor)?)?;
            }
        }
        Some(sums)
    }

    /// Sums of quotients in parts of 1/`divisor`: whole parts exactly, the rest rounded once a row.
    fn rounded_to(&self, divisor: u64, rows: usize) -> Result<Vec<i128>, TreeOverflow> {
        (0..rows)
            .map(|row| {
                let mut whole = 0i128;
                let mut rest = 0.0;
                for column in &self.columns {
                    let count = i128::from(column.divisor);
                    let scaled = column.values[row].checked_mul(i128::from(divisor)).ok_or(TreeOverflow)?;
                    whole = whole.checked_add(scaled.div_euclid(count)).ok_or(TreeOverflow)?;
                    rest += scaled.rem_euclid(count) as f64 / count as f64;
                }
                whole.checked_add(rest.round() as i128).ok_or(TreeOverflow)
            })
            .collect()
    }
}

/// True if every sum of any of these values fits 64 bits.
fn fits(values: &[i128]) -> bool {
    let sum = values.iter().try_fold(0i128, |sum, value| sum.checked_add(value.checked_abs()?));
    sum.is_some_and(|sum| sum <= i128::from(i64::MAX))
}

fn lcm(a: u64, b: u64) -> Option<u64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x.max(1)).checked_mul(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(columns: &[(u64, u8, i128)]) -> Sums {
        let mut sums = Sums::default();
        for &(divisor, scale, value) in columns {
            sums.column(divisor, scale, 1)[0] += value;
        }
        sums
    }

    #[test]
    fn means_meet_over_their_least_common_multiple() {
        let combined = sums(&[(4, 0, 10), (6, 0, 3), (4, 0, 1)]).combine(1).unwrap();
        assert_eq!((combined.values[0], combined.divisor), (11 * 3 + 3 * 2, 12));
    }

    #[test]
    fn one_divisor_is_kept_as_it_is() {
        let combined = sums(&[(360, 2, 7)]).combine(1).unwrap();
        assert_eq!((combined.values[0], combined.divisor, combined.scale), (7, 360, 2));
        let combined = sums(&[(360, 0, 7), (360, 2, 7)]).combine(1).unwrap();
        assert_eq!((combined.values[0], combined.divisor, combined.scale), (707, 360, 2));
    }

    #[test]
    fn without_a_common_multiple_that_fits_thousandths_are_rounded_once() {
        let (a, b) = (4_294_967_291, 4_294_967_279);
        let combined = sums(&[(a, 0, 1 << 62), (b, 0, 1 << 62), (7, 0, 1)]).combine(1).unwrap();
        assert_eq!(combined.divisor, 1000);
        let exact = 1000.0 * ((1u64 << 62) as f64 / a as f64 + (1u64 << 62) as f64 / b as f64 + 1.0 / 7.0);
        assert!((combined.values[0] as f64 - exact).abs() <= 1.0);
    }

    #[test]
    fn values_too_large_for_thousandths_are_rounded_to_units() {
        let huge = i128::from(i64::MAX) / 2;
        let combined = sums(&[(1, 0, huge), (3, 0, 7)]).combine(1).unwrap();
        assert_eq!((combined.divisor, combined.values[0]), (1, huge + 2));
    }
}
