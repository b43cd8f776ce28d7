//! Whether two sets of numbers differ by more than chance: Welch's t-test, adjusted for how many are asked at once.
//!
//! B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
//! Biometrika 34 (1947); Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995).

use emberglass_columns::sorted_rows;

/// Fewest numbers on each side; with less the answer would be a guess.
pub const FEWEST: u64 = 8;

/// How a set of numbers is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// How many numbers.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their variance, with `count - 1` below.
    pub variance: f64,
}

impl Spread {
    /// Of `count` numbers with this sum and this sum of squares.
    #[must_use]
    pub fn of_sums(count: u64, sum: f64, squares: f64) -> Self {
        if count < 2 {
            return Self { count, mean: sum, variance: 0.0 };
        }
        let n = count as f64;
        let mean = sum / n;
        let variance = (squares - sum * mean) / (n - 1.0);
        // What rounding leaves of numbers that are all the same.
        let variance = if variance <= squares * 1e-13 { 0.0 } else { variance };
        Self { count, mean, variance }
    }
}

/// The probability (two-sided) that means differ as much by chance, for numbers that are independent. `None` where a side has
/// fewer than [`FEWEST`].
#[must_use]
pub fn welch(base: Spread, head: Spread) -> Option<f64> {
    if base.count < FEWEST || head.count < FEWEST {
        return None;
    }
    let [of_base, of_head] = [base, head].map(|side| side.variance / side.count as f64);
    let change = head.mean - base.mean;
    if change.abs() <= 1e-12 * base.mean.abs().max(head.mean.abs()) {
        return Some(1.0);
    }
    let variance = of_base + of_head;
    if variance == 0.0 {
        return Some(0.0);
    }
    let free = |side: Spread, part: f64| part * part / (side.count - 1) as f64;
    let freedom = variance * variance / (free(base, of_base) + free(head, of_head));
    let t = change * change / variance;
    Some(regularized_beta(freedom / 2.0, 0.5, freedom / (freedom + t)))
}

/// Probabilities adjusted so that of those below a bound at most that share is by chance, in the same order.
#[must_use]
pub fn adjusted(probabilities: &[f64]) -> Vec<f64> {
    let order =
        sorted_rows(probabilities.len(), &mut |a, b| probabilities[b as usize].total_cmp(&probabilities[a as usize]));
    let count = probabilities.len();
    let mut adjusted = vec![1.0; count];
    let mut least = 1f64;
    for (at, row) in order.into_iter().enumerate() {
        let row = row as usize;
        least = least.min(probabilities[row] * (count as f64 / (count - at) as f64));
        adjusted[row] = least;
    }
    adjusted
}

/// I_x(a, b) by its continued fraction (Abramowitz and Stegun 26.5.8), evaluated by Lentz's method.
fn regularized_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - regularized_beta(b, a, 1.0 - x);
    }
    const TINY: f64 = 1e-300;
    const STEPS: u32 = 500;
    let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..STEPS {
        let m = f64::from(step);
        for numerator in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / not_zero(1.0 + numerator * d);
            c = not_zero(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (front.exp() * fraction / a).clamp(0.0, 1.0)
}

/// ln of the gamma function for positive numbers: Stirling's series after the recurrence made the argument large.
fn ln_gamma(x: f64) -> f64 {
    let mut shifted = x;
    let mut product = 1.0;
    while shifted < 12.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    (shifted - 0.5) * shifted.ln() - shifted + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - product.ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(numbers: &[f64]) -> Spread {
        Spread::of_sums(numbers.len() as u64, numbers.iter().sum(), numbers.iter().map(|of| of * of).sum())
    }

    /// The tail of Student's density by Simpson's rule, scaled by the whole: independent of gamma and beta functions.
    fn by_integration(t: f64, freedom: f64) -> f64 {
        let density = |x: f64| (1.0 + x * x / freedom).powf(-(freedom + 1.0) / 2.0);
        // x = tan(u) maps the whole line to a finite range.
        let integral = |from: f64, to: f64| {
            let steps = 20_000;
            let width = (to - from) / f64::from(steps);
            let at = |step: i32| {
                let u = from + f64::from(step) * width;
                let cos = u.cos();
                if cos < 1e-9 { 0.0 } else { density(u.tan()) / (cos * cos) }
            };
            let sum: f64 = (1..steps).map(|step| at(step) * if step % 2 == 0 { 2.0 } else { 4.0 }).sum();
            (at(0) + sum + at(steps)) * width / 3.0
        };
        let end = std::f64::consts::FRAC_PI_2;
        integral(t.atan(), end) / integral(0.0, end)
    }

    /// Means, variances, t and degrees of freedom by the book.
    fn naive(base: &[f64], head: &[f64]) -> f64 {
        let of = |numbers: &[f64]| {
            let n = numbers.len() as f64;
            let mean = numbers.iter().sum::<f64>() / n;
            (n, mean, numbers.iter().map(|of| (of - mean).powi(2)).sum::<f64>() / (n - 1.0))
        };
        let ((n, mean, variance), (m, other, of_other)) = (of(base), of(head));
        let (a, b) = (variance / n, of_other / m);
        let t = (mean - other).abs() / (a + b).sqrt();
        by_integration(t, (a + b).powi(2) / (a * a / (n - 1.0) + b * b / (m - 1.0)))
    }

    #[test]
    fn known_values() {
        // Tables of Student's distribution: t for two-sided 5 % and 1 %.
        for (freedom, five, one) in
            [(1.0, 12.706_205, 63.656_741), (10.0, 2.228_139, 3.169_273), (120.0, 1.979_930, 2.617_421)]
        {
            for (t, p) in [(five, 0.05), (one, 0.01)] {
                let found = regularized_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t));
                assert!((found - p).abs() < 1e-6, "{freedom} {t}: {found}");
            }
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
        assert!((ln_gamma(10.0) - 362_880f64.ln()).abs() < 1e-11);
    }

    #[test]
    fn few_numbers_are_no_ground_for_an_answer() {
        let few: Vec<f64> = (0..7).map(f64::from).collect();
        let many: Vec<f64> = (0..30).map(f64::from).collect();
        assert_eq!(welch(spread(&few), spread(&many)), None);
        assert_eq!(welch(spread(&many), spread(&few)), None);
        assert_eq!(welch(spread(&[0.1; 9]), spread(&[0.1; 12])), Some(1.0));
        assert_eq!(welch(spread(&[0.1; 9]), spread(&[0.3; 12])), Some(0.0));
    }

    #[test]
    fn adjustment_is_that_of_the_paper() {
        // Table 1 of the paper's example: the first four of fifteen are below 5 % afterwards.
        let of_paper = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        let found = adjusted(&of_paper);
        assert_eq!(found.iter().filter(|&&p| p <= 0.05).count(), 4);
        assert!((found[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        assert!(adjusted(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn equals_the_integral(
            base in proptest::collection::vec(0.0f64..1.0, 8..40),
            head in proptest::collection::vec(0.1f64..1.1, 8..40),
        ) {
            let found = welch(spread(&base), spread(&head)).unwrap();
            let expected = naive(&base, &head);
            prop_assert!((found - expected).abs() < 1e-6, "{} {}", found, expected);
        }

        #[test]
        fn adjusting_keeps_the_order_and_never_lowers(probabilities in proptest::collection::vec(0.0f64..=1.0, 0..40)) {
            let found = adjusted(&probabilities);
            for (a, &before) in probabilities.iter().enumerate() {
                prop_assert!(found[a] >= before && found[a] <= 1.0);
                for (b, &other) in probabilities.iter().enumerate() {
                    prop_assert!(before > other || found[a] <= found[b]);
                }
            }
        }
    }
}
