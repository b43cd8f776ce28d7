//! Numbers as people say them: three significant digits with a unit, as `www/engine/format.ts` writes them.
//!
//! Integers all the way: nothing depends on how a float is rounded.

use emberglass_profile::format_scaled;

struct Step {
    name: &'static str,
    size: i128,
}

const TIME: &[Step] = &[
    Step { name: "ns", size: 1 },
    Step { name: "µs", size: 1_000 },
    Step { name: "ms", size: 1_000_000 },
    Step { name: "s", size: 1_000_000_000 },
    Step { name: "min", size: 60_000_000_000 },
    Step { name: "h", size: 3_600_000_000_000 },
    Step { name: "d", size: 86_400_000_000_000 },
];

const BYTES: &[Step] = &[
    Step { name: "B", size: 1 },
    Step { name: "KiB", size: 1 << 10 },
    Step { name: "MiB", size: 1 << 20 },
    Step { name: "GiB", size: 1 << 30 },
    Step { name: "TiB", size: 1 << 40 },
    Step { name: "PiB", size: 1 << 50 },
    Step { name: "EiB", size: 1 << 60 },
];

/// Values of one unit, times 10^-`scale`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a> {
    unit: &'a str,
    scale: u8,
}

impl<'a> Numbers<'a> {
    pub(super) const fn new(unit: &'a str, scale: u8) -> Self {
        Self { unit, scale }
    }

    /// `33.7 s`, `1.20 GiB`, `13,259,425`.
    pub(super) fn readable(&self, value: i64) -> String {
        let sign = if value < 0 { "-" } else { "" };
        let divisor = 10i128.pow(u32::from(self.scale));
        let size = i128::from(value.unsigned_abs());
        match self.unit {
            "nanoseconds" => format!("{sign}{}", in_family(size, divisor, TIME)),
            "bytes" => format!("{sign}{}", in_family(size, divisor, BYTES)),
            unit => {
                let noun = if matches!(unit, "" | "count") { String::new() } else { format!(" {unit}") };
                if size % divisor == 0 || size / divisor >= 1000 {
                    format!("{sign}{}{noun}", grouped(half_up(size, divisor)))
                } else {
                    format!("{sign}{}{noun}", three_digits(size, divisor))
                }
            }
        }
    }

    /// The exact value with its unit: `33,712,345,678 ns`.
    pub(super) fn exact(&self, value: i64) -> String {
        let text = format_scaled(value, self.scale);
        let (sign, magnitude) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
        let (whole, fraction) = magnitude
            .split_once('.')
            .map_or((magnitude, String::new()), |(whole, fraction)| (whole, format!(".{fraction}")));
        let name = match self.unit {
            "nanoseconds" => " ns",
            "bytes" => " B",
            "" | "count" => "",
            unit => return format!("{sign}{}{fraction} {unit}", with_commas(whole)),
        };
        format!("{sign}{}{fraction}{name}", with_commas(whole))
    }
}

fn half_up(value: i128, divisor: i128) -> i128 {
    (2 * value + divisor) / (2 * divisor)
}

fn with_commas(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn grouped(value: i128) -> String {
    with_commas(&value.to_string())
}

/// A count with commas.
pub(super) fn count(value: u64) -> String {
    grouped(i128::from(value))
}

/// A count with its noun, in the singular for one: `1 frame`, `4,821 frames`.
pub(super) fn counted(value: u64, noun: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(value))
}

/// `value / divisor` to three significant digits, as whole units times 10^-places.
const fn three(value: i128, divisor: i128) -> (i128, u8) {
    if value * 100 >= 9995 * divisor {
        ((2 * value + divisor) / (2 * divisor), 0)
    } else if value * 1000 >= 9995 * divisor {
        ((20 * value + divisor) / (2 * divisor), 1)
    } else {
        ((200 * value + divisor) / (2 * divisor), 2)
    }
}

fn three_digits(value: i128, divisor: i128) -> String {
    match three(value, divisor) {
        (whole, 0) => grouped(whole),
        (tenths, 1) => format!("{}.{}", tenths / 10, tenths % 10),
        (hundredths, _) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
    }
}

fn in_family(value: i128, divisor: i128, steps: &[Step]) -> String {
    let mut step = &steps[0];
    for next in &steps[1..] {
        let (rounded, places) = three(value, divisor * step.size);
        if rounded * step.size < next.size * 10i128.pow(u32::from(places)) {
            break;
        }
        step = next;
    }
    if step.size == 1 && value % divisor == 0 {
        return format!("{} {}", grouped(value / divisor), step.name);
    }
    format!("{} {}", three_digits(value, divisor * step.size), step.name)
}

/// A share in percent: `12.4 %`, `0.53 %`, `<0.01 %`; `0 %` of nothing.
pub(super) fn percent(part: i64, whole: i64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".to_owned();
    }
    let sign = if (part < 0) == (whole < 0) { "" } else { "-" };
    let size = i128::from(part.unsigned_abs()) * 100;
    let of = i128::from(whole.unsigned_abs());
    if size * 100 < of {
        return format!("{sign}<0.01 %");
    }
    if part == whole {
        return "100 %".to_owned();
    }
    if size * 1000 >= 9995 * of {
        let tenths = half_up(size * 10, of);
        return format!("{sign}{}.{} %", tenths / 10, tenths % 10);
    }
    let hundredths = half_up(size * 100, of);
    format!("{sign}{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// A share in percent with four decimal places, for tables that are computed with.
pub(super) fn percent_decimal(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "0".to_owned();
    }
    let rounded = half_up(i128::from(part.unsigned_abs()) * 1_000_000, i128::from(whole.unsigned_abs()));
    let sign = if rounded == 0 || (part < 0) == (whole < 0) { "" } else { "-" };
    let (units, rest) = (rounded / 10_000, rounded % 10_000);
    if rest == 0 {
        return format!("{sign}{units}");
    }
    format!("{sign}{units}.{}", format!("{rest:04}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of tests/unit/format.test.ts.
    #[test]
    fn values_read_as_they_do_in_the_page() {
        for (value, unit, text) in [
            (0, "nanoseconds", "0 ns"),
            (999, "nanoseconds", "999 ns"),
            (1_000, "nanoseconds", "1.00 µs"),
            (999_499, "nanoseconds", "999 µs"),
            (999_960, "nanoseconds", "1.00 ms"),
            (340_000_000, "nanoseconds", "340 ms"),
            (33_712_345_678, "nanoseconds", "33.7 s"),
            (59_960_000_000, "nanoseconds", "1.00 min"),
            (-1_500_000_000, "nanoseconds", "-1.50 s"),
            (7_200_000_000_000, "nanoseconds", "2.00 h"),
            (86_400_000_000_000 * 400, "nanoseconds", "400 d"),
            (1023, "bytes", "1,023 B"),
            (1024, "bytes", "1.00 KiB"),
            (1_202_031_642, "bytes", "1.12 GiB"),
            (13_259_425, "count", "13,259,425"),
            (4821, "samples", "4,821 samples"),
            (i64::MAX, "bytes", "8.00 EiB"),
            (i64::MIN, "count", "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(Numbers::new(unit, 0).readable(value), text);
        }
        assert_eq!(Numbers::new("count", 3).readable(1_234_567), "1,235");
        assert_eq!(Numbers::new("count", 3).readable(12_345), "12.3");
        assert_eq!(Numbers::new("nanoseconds", 3).readable(1_500_000_000_000), "1.50 s");
        assert_eq!(Numbers::new("nanoseconds", 9).readable(i64::MIN), "-9.22 s");
    }

    #[test]
    fn exact_values_lose_no_digit() {
        assert_eq!(Numbers::new("nanoseconds", 0).exact(33_712_345_678), "33,712,345,678 ns");
        assert_eq!(Numbers::new("count", 0).exact(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(Numbers::new("", 3).exact(-5), "-0.005");
        assert_eq!(Numbers::new("widgets", 3).exact(1_234_500), "1,234.5 widgets");
    }

    #[test]
    fn shares_read_as_they_do_in_the_page() {
        for (part, whole, text) in [
            (0, 10, "0 %"),
            (1, 0, "0 %"),
            (124, 1000, "12.4 %"),
            (53, 10_000, "0.53 %"),
            (1, 1_000_000, "<0.01 %"),
            (-1, 4, "-25.0 %"),
            (7, 7, "100 %"),
            (i64::MIN, i64::MAX, "-100.0 %"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
        assert_eq!(percent_decimal(1, 3), "33.3333");
        assert_eq!(percent_decimal(-1, 8), "-12.5");
        assert_eq!(
            (percent_decimal(5, 5), percent_decimal(-1, i64::MAX), percent_decimal(1, 0)),
            ("100".into(), "0".into(), "0".into())
        );
    }

    #[test]
    fn counts_have_their_noun() {
        assert_eq!((counted(1, "frame"), counted(4821, "frame")), ("1 frame".into(), "4,821 frames".into()));
    }
}
