//! Exact numbers from their text.

use emberglass_profile::MAX_SCALE;

use crate::decimal::Decimal;

/// Most significant digits that are told apart: what an `i128` holds.
const MOST_DIGITS: u32 = 37;

/// Length of the number that starts `bytes`, by JSON's grammar; `Err` with the length up to the fault.
///
/// A number that reaches the end of `bytes` may go on behind it, or be cut off.
pub(super) fn span(bytes: &[u8]) -> Result<usize, usize> {
    let digits_from = |at: usize| {
        let rest = bytes.get(at..).unwrap_or(&[]);
        rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
    };
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    match bytes.get(at) {
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at += digits_from(at),
        _ => return Err(at),
    }
    if bytes.get(at) == Some(&b'.') {
        let digits = digits_from(at + 1);
        if digits == 0 {
            return Err(at + 1);
        }
        at += 1 + digits;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let digits = digits_from(at + 1 + sign);
        if digits == 0 {
            return Err(at + 1 + sign);
        }
        at += 1 + sign + digits;
    }
    Ok(at)
}

/// A number as `digits` x 10^`exponent`.
#[derive(Clone, Copy)]
struct Parts {
    digits: i128,
    exponent: i64,
    is_cut: bool,
}

/// Takes a number of JSON's grammar apart.
fn parts(text: &[u8]) -> Parts {
    let mut parts = Parts { digits: 0, exponent: 0, is_cut: false };
    let (is_negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (mut kept, mut after_point) = (0, false);
    let mut bytes = rest.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'0'..=b'9' => {
                let digit = i128::from(byte - b'0');
                if kept < MOST_DIGITS {
                    parts.digits = parts.digits * 10 + digit;
                    kept += u32::from(parts.digits != 0);
                    parts.exponent -= i64::from(after_point);
                } else {
                    parts.is_cut |= digit != 0;
                    parts.exponent += i64::from(!after_point);
                }
            }
            b'.' => after_point = true,
            _ => {
                parts.exponent = parts.exponent.saturating_add(exponent(bytes.as_slice()));
                break;
            }
        }
    }
    if is_negative {
        parts.digits = -parts.digits;
    }
    parts
}

fn exponent(text: &[u8]) -> i64 {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let value = digits.iter().fold(0i64, |sum, byte| (sum * 10 + i64::from(byte.wrapping_sub(b'0'))).min(1 << 40));
    if is_negative { -value } else { value }
}

/// The number as an integer: `12`, `-3`, also `1.0` and `1e3`; `None` for a fraction or beyond 64 bits.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
        let value = digits.iter().fold(0, |sum: i64, byte| sum * 10 + i64::from(byte - b'0'));
        return Some(if is_negative { -value } else { value });
    }
    let Parts { mut digits, mut exponent, is_cut } = parts(text);
    if digits == 0 {
        return Some(0);
    }
    while exponent < 0 && digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    let power = 10i128.checked_pow(u32::try_from(exponent).ok()?)?;
    digits.checked_mul(power).filter(|_| !is_cut).and_then(|value| i64::try_from(value).ok())
}

/// The number x 10^`shift`, exactly up to [`MAX_SCALE`] decimal places, rounded half away from zero beyond;
/// `None` beyond 64 bits. A shift of 9 reads seconds as nanoseconds.
pub(crate) fn decimal(text: &[u8], shift: u8) -> Option<Decimal> {
    if text.len() <= 9 && text.iter().all(u8::is_ascii_digit) {
        let digits = text.iter().fold(0, |sum: i64, byte| sum * 10 + i64::from(byte - b'0'));
        return Some(Decimal {
            digits: digits.checked_mul(10i64.checked_pow(u32::from(shift))?)?,
            ..Decimal::default()
        });
    }
    let Parts { mut digits, exponent, is_cut } = parts(text);
    let mut exponent = exponent.saturating_add(i64::from(shift));
    let mut is_rounded = is_cut;
    if digits == 0 {
        return Some(Decimal { digits: 0, scale: 0, is_rounded });
    }
    while exponent < 0 && digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    let cut = -exponent - i64::from(MAX_SCALE);
    if cut > 0 {
        is_rounded = true;
        digits = match u32::try_from(cut).ok().and_then(|cut| 10i128.checked_pow(cut)) {
            Some(power) => divide_half_away(digits, power),
            None => 0,
        };
        exponent = -i64::from(MAX_SCALE);
        while exponent < 0 && digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
    }
    if exponent > 0 {
        let power = u32::try_from(exponent).ok().and_then(|exponent| 10i128.checked_pow(exponent))?;
        digits = digits.checked_mul(power)?;
        exponent = 0;
    }
    // What does not fit loses places before it is refused.
    let (whole, places) = (digits, exponent);
    while i64::try_from(digits).is_err() && exponent < 0 {
        exponent += 1;
        // At most nine places, so that the power fits.
        digits = divide_half_away(whole, 10i128.pow((exponent - places) as u32));
        is_rounded = true;
    }
    let digits = i64::try_from(digits).ok()?;
    Some(Decimal { digits, scale: (-exponent) as u8, is_rounded })
}

/// `value / by`, rounded half away from zero; `by` is positive.
pub(crate) const fn divide_half_away(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    if rest.abs() >= by - rest.abs() { quotient + value.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use emberglass_profile::format_scaled;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_may_be_written_with_a_fraction_or_an_exponent() {
        for (text, value) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("12.0", Some(12)),
            ("-1.50e1", Some(-15)),
            ("1e3", Some(1000)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1.5", None),
            ("1e99999999999999999999", None),
            ("0e99999999999999999999", Some(0)),
            ("10e-1", Some(1)),
        ] {
            assert_eq!(integer(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn decimals_are_shifted_exactly() {
        for (text, shift, value) in [
            ("4.096786737442017", 9, "4096786737.442017"),
            ("0.5", 9, "500000000"),
            ("-12.25", 0, "-12.25"),
            ("1e-3", 6, "1000"),
            ("5e-10", 0, "0.000000001"),
            ("4e-10", 0, "0"),
            ("1795439520627.0835", 6, "1795439520627083500"),
            ("123456789012345.123456789", 3, "123456789012345123.5"),
        ] {
            let got = decimal(text.as_bytes(), shift).unwrap();
            assert_eq!(format_scaled(got.digits, got.scale), value, "{text}");
        }
        assert_eq!(decimal(b"1e30", 0), None);
    }

    #[test]
    fn halves_go_away_from_zero() {
        let got: Vec<i128> = [14, 15, 16, -14, -15, -16].map(|value| divide_half_away(value, 10)).into();
        assert_eq!(got, [1, 2, 2, -1, -2, -2]);
        assert_eq!(divide_half_away(1, 3), 0);
        assert_eq!(divide_half_away(2, 3), 1);
    }

    proptest! {
        #[test]
        fn grammar_and_values_equal_serde_json(text in "-?[0-9]{0,20}(\\.[0-9]{0,6})?([eE][-+]?[0-9]{0,2})?") {
            let parsed = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text);
            prop_assert_eq!(span(text.as_bytes()) == Ok(text.len()), parsed.is_ok(), "{}", text);
            if let Ok(value) = serde_json::from_str::<i64>(&text) {
                prop_assert_eq!(integer(text.as_bytes()), Some(value));
            }
        }
    }
}
