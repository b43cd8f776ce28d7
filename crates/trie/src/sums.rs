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

/// All columns as one, row by row: at the largest scale, over the least common multiple of the divisors as long as every
/// sum fits 64 bits with it, else in thousandths (else in units), rounded once at each self value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Combining {
    /// Values of the rows so far.
    pub(crate) values: Vec<i64>,
    scale: u8,
    /// Ways to bring the columns together, the best one last.
    ways: Vec<Way>,
    /// Sum of the absolute values so far.
    magnitude: u64,
}

#[derive(Clone, Copy, Debug)]
struct Way {
    divisor: u64,
    is_exact: bool,
    /// Taken even if not every sum fits.
    must: bool,
}

impl Sums {
    fn values(&mut self, divisor: u64, scale: u8) -> &mut Vec<i128> {
        let divisor = divisor.max(1);
        let known = self.columns.iter().position(|column| (column.divisor, column.scale) == (divisor, scale));
        let at = known.unwrap_or_else(|| {
            self.columns.push(Column { divisor, scale, values: Vec::new() });
            self.columns.len() - 1
        });
        &mut self.columns[at].values
    }

    /// Makes room in a column; says how many nodes have a value there.
    pub(crate) fn reserve(&mut self, divisor: u64, scale: u8, rows: usize) -> usize {
        let values = self.values(divisor, scale);
        values.reserve(rows.saturating_sub(values.len()));
        values.len()
    }

    /// The column of a divisor and scale, with a value for each of `rows` nodes.
    pub(crate) fn column(&mut self, divisor: u64, scale: u8, rows: usize) -> &mut [i128] {
        let values = self.values(divisor, scale);
        values.resize(values.len().max(rows), 0);
        values
    }

    /// The columns: divisor, scale and a value for each of the first nodes.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (u64, u8, &[i128])> {
        self.columns.iter().map(|Column { divisor, scale, values }| (*divisor, *scale, values.as_slice()))
    }

    /// Begins to bring all columns together.
    pub(crate) fn combining(&self) -> Combining {
        let scale = self.columns.iter().map(|column| column.scale).max().unwrap_or(0);
        let common = self.columns.iter().try_fold(1, |common, column| lcm(common, column.divisor));
        let mut ways = Vec::new();
        let alone = common.is_some_and(|divisor| self.columns.iter().all(|column| column.divisor == divisor));
        if !alone {
            let fallbacks = FALLBACK_DIVISORS.iter().rev().enumerate();
            ways.extend(fallbacks.map(|(at, &divisor)| Way { divisor, is_exact: false, must: at == 0 }));
        }
        ways.extend(common.map(|divisor| Way { divisor, is_exact: true, must: alone }));
        Combining { values: Vec::new(), scale, ways, magnitude: 0 }
    }

    /// The value of a row over a divisor: exact sums over a multiple of all divisors, else sums of quotients, whole
    /// parts exactly and the rest rounded once. `None` beyond 128 bits.
    fn value(&self, row: usize, scale: u8, way: Way) -> Option<i128> {
        let (mut whole, mut rest) = (0i128, 0.0);
        for column in &self.columns {
            let Some(&value) = column.values.get(row).filter(|&&value| value != 0) else { continue };
            let value = match scale - column.scale {
                0 => value,
                digits => value.checked_mul(10i128.checked_pow(u32::from(digits))?)?,
            };
            let added = if way.is_exact {
                value.checked_mul(i128::from(way.divisor / column.divisor))?
            } else {
                let count = i128::from(column.divisor);
                let scaled = value.checked_mul(i128::from(way.divisor))?;
                rest += scaled.rem_euclid(count) as f64 / count as f64;
                scaled.div_euclid(count)
            };
            whole = whole.checked_add(added)?;
        }
        if way.is_exact { Some(whole) } else { whole.checked_add(rest.round() as i128) }
    }
}

impl Combining {
    /// Goes on for at most `limit` of `rows` rows; false once all are there.
    ///
    /// # Errors
    /// [`TreeOverflow`] when a value leaves the 64-bit range.
    pub(crate) fn step(&mut self, sums: &Sums, rows: usize, limit: usize) -> Result<bool, TreeOverflow> {
        let way = self.way();
        self.values.reserve(rows - self.values.len());
        for row in self.values.len()..rows.min(self.values.len().saturating_add(limit)) {
            let value = sums.value(row, self.scale, way).and_then(|value| i64::try_from(value).ok());
            let fits =
                |value: i64| self.magnitude.checked_add(value.unsigned_abs()).filter(|&sum| sum <= i64::MAX as u64);
            match value.map(|value| (value, fits(value))) {
                Some((value, Some(magnitude))) => {
                    self.magnitude = magnitude;
                    self.values.push(value);
                }
                Some((value, None)) if way.must => self.values.push(value),
                _ if way.must => return Err(TreeOverflow),
                _ => {
                    self.ways.pop();
                    (self.values, self.magnitude) = (Vec::new(), 0);
                    return Ok(true);
                }
            }
        }
        Ok(self.values.len() < rows)
    }

    fn way(&self) -> Way {
        self.ways.last().copied().unwrap_or(Way { divisor: 1, is_exact: true, must: true })
    }

    /// What the values are to be divided by.
    pub(crate) fn divisor(&self) -> u64 {
        self.way().divisor
    }

    /// Values are times 10^-this.
    pub(crate) const fn scale(&self) -> u8 {
        self.scale
    }
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

    fn combine(columns: &[(u64, u8, i128)]) -> Combining {
        let mut sums = Sums::default();
        for &(divisor, scale, value) in columns {
            sums.column(divisor, scale, 1)[0] += value;
        }
        let mut combining = sums.combining();
        while combining.step(&sums, 1, 1).unwrap() {}
        combining
    }

    #[test]
    fn means_meet_over_their_least_common_multiple() {
        let combined = combine(&[(4, 0, 10), (6, 0, 3), (4, 0, 1)]);
        assert_eq!((combined.values[0], combined.divisor()), (11 * 3 + 3 * 2, 12));
    }

    #[test]
    fn one_divisor_is_kept_as_it_is() {
        let combined = combine(&[(360, 2, 7)]);
        assert_eq!((combined.values[0], combined.divisor(), combined.scale()), (7, 360, 2));
        let combined = combine(&[(360, 0, 7), (360, 2, 7)]);
        assert_eq!((combined.values[0], combined.divisor(), combined.scale()), (707, 360, 2));
    }

    #[test]
    fn without_a_common_multiple_that_fits_thousandths_are_rounded_once() {
        let (a, b) = (4_294_967_291, 4_294_967_279);
        let combined = combine(&[(a, 0, 1 << 62), (b, 0, 1 << 62), (7, 0, 1)]);
        assert_eq!(combined.divisor(), 1000);
        let exact = 1000.0 * ((1u64 << 62) as f64 / a as f64 + (1u64 << 62) as f64 / b as f64 + 1.0 / 7.0);
        assert!((combined.values[0] as f64 - exact).abs() <= 1.0);
    }

    #[test]
    fn values_too_large_for_thousandths_are_rounded_to_units() {
        let huge = i128::from(i64::MAX) / 2;
        let combined = combine(&[(1, 0, huge), (3, 0, 7)]);
        assert_eq!((combined.divisor(), combined.values[0]), (1, i64::MAX / 2 + 2));
    }
}
