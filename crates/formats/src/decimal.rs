//! Numbers as people and scripts write them, read exactly.

use emberglass_profile::MAX_SCALE;

/// `digits` x 10^-`scale`; without trailing zeros behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) digits: i64,
    pub(crate) scale: u8,
    /// True if there were more than [`MAX_SCALE`] decimal places: rounded, half away from zero.
    pub(crate) is_rounded: bool,
}

/// Why a text is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoDecimal {
    /// It is no number.
    NotANumber,
    /// A number beyond 64 bits.
    TooLarge,
}

/// Most digits that are told apart: what an `i128` holds.
const MOST_DIGITS: usize = 37;

impl Decimal {
    /// Reads `-12`, `1.5`, `.5`, `1e2`, `2.5E-3`: a sign, digits with a point, an exponent.
    pub(crate) fn parse(text: &str) -> Result<Self, NoDecimal> {
        let bytes = text.as_bytes();
        if (1..=18).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) {
            let digits = bytes.iter().fold(0, |sum: i64, byte| sum * 10 + i64::from(byte - b'0'));
            return Ok(Self { digits, scale: 0, is_rounded: false });
        }
        Self::parse_any(bytes)
    }

    fn parse_any(bytes: &[u8]) -> Result<Self, NoDecimal> {
        let (is_negative, unsigned) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, bytes),
        };
        let split = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, exponent) = match split {
            Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
            None => (unsigned, 0),
        };
        let point = mantissa.iter().position(|&byte| byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &[][..]),
        };
        if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return Err(NoDecimal::NotANumber);
        }
        let significant: Vec<u8> = whole.iter().chain(fraction).copied().skip_while(|&byte| byte == b'0').collect();
        let mut places = fraction.len() as i64 - exponent;
        let kept = significant.len().min(MOST_DIGITS);
        places -= (significant.len() - kept) as i64;
        let lost = significant[kept..].iter().any(|&byte| byte != b'0');
        let mut digits = significant[..kept].iter().fold(0i128, |sum, byte| sum * 10 + i128::from(byte - b'0'));
        if digits == 0 {
            return Ok(Self { digits: 0, scale: 0, is_rounded: lost });
        }
        while places > 0 && digits % 10 == 0 {
            digits /= 10;
            places -= 1;
        }
        let mut is_rounded = lost;
        if places > i64::from(MAX_SCALE) {
            is_rounded = true;
            let cut = u32::try_from(places - i64::from(MAX_SCALE)).unwrap_or(u32::MAX);
            digits = match 10i128.checked_pow(cut) {
                Some(power) => (digits + power / 2) / power,
                None => 0,
            };
            places = i64::from(MAX_SCALE);
            while places > 0 && digits % 10 == 0 {
                digits /= 10;
                places -= 1;
            }
        }
        if places < 0 {
            let power = u32::try_from(-places).ok().and_then(|places| 10i128.checked_pow(places));
            digits = power.and_then(|power| digits.checked_mul(power)).ok_or(NoDecimal::TooLarge)?;
            places = 0;
        }
        let signed = if is_negative { -digits } else { digits };
        let digits = i64::try_from(signed).map_err(|_beyond| NoDecimal::TooLarge)?;
        Ok(Self { digits, scale: places as u8, is_rounded })
    }

    /// The digits at `scale`, which must not be smaller than its own; `None` beyond 64 bits.
    pub(crate) fn at_scale(self, scale: u8) -> Option<i64> {
        rescaled(self.digits, self.scale, scale)
    }
}

/// `value` x 10^-`from` as digits at the scale `to`; `None` beyond 64 bits, or where places would be cut.
pub(crate) fn rescaled(value: i64, from: u8, to: u8) -> Option<i64> {
    if from == to {
        return Some(value);
    }
    value.checked_mul(10i64.checked_pow(u32::from(to.checked_sub(from)?))?)
}

fn parse_exponent(bytes: &[u8]) -> Result<i64, NoDecimal> {
    let (is_negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NoDecimal::NotANumber);
    }
    let value = digits.iter().fold(0i64, |sum, byte| (sum * 10 + i64::from(byte - b'0')).min(1 << 40));
    Ok(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use emberglass_profile::format_scaled;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        for (text, value) in [
            ("0", "0"),
            ("12", "12"),
            ("-5", "-5"),
            ("+7", "7"),
            ("1.5", "1.5"),
            ("1.50", "1.5"),
            (".25", "0.25"),
            ("3.", "3"),
            ("1e2", "100"),
            ("2.5E-3", "0.0025"),
            ("0.000", "0"),
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("0.1234567891", "0.123456789"),
            ("1e-400000000000", "0"),
            ("0e999999999999999999999", "0"),
        ] {
            let got = Decimal::parse(text).unwrap();
            assert_eq!(format_scaled(got.digits, got.scale), value, "{text}");
        }
        assert!(Decimal::parse("0.1234567891").unwrap().is_rounded);
        assert!(!Decimal::parse("0.1230000000000").unwrap().is_rounded);
    }

    #[test]
    fn everything_else_is_none() {
        for text in ["", "-", ".", "e5", "1e", "1e+", "0x10", "1_000", "nan", "inf", "1.2.3", "12a", "\u{661}"] {
            assert_eq!(Decimal::parse(text), Err(NoDecimal::NotANumber), "{text}");
        }
        for text in ["9223372036854775808", "1e19", "1e99999999999999999999"] {
            assert_eq!(Decimal::parse(text), Err(NoDecimal::TooLarge), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(digits in any::<i64>(), scale in 0u8..=9) {
            let text = format_scaled(digits, scale);
            let got = Decimal::parse(&text).unwrap();
            prop_assert_eq!(got.at_scale(scale), Some(digits));
            prop_assert!(!got.is_rounded);
        }

        #[test]
        fn no_text_is_too_much(text in "[-+0-9.eE]{0,60}") {
            let _outcome = Decimal::parse(&text);
        }
    }
}
