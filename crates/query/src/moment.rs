//! Points in time as people and programs write them.
//!
//! | text | is |
//! |---|---|
//! | 10, 13, 16 or 19 digits | s, ms, us, ns since the epoch, as Pyroscope reads them |
//! | `now`, `now-1h`, `now-1d-30m` | relative to a time that the caller gives; units ms, s, m, h, d, w |
//! | `2026-11-23T13:36:11.5Z`, `2026-11-23T14:36:11+01:00` | RFC 3339, <https://www.rfc-editor.org/rfc/rfc3339> |

/// Why a text is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at byte {position} of {text:?}")]
pub struct MomentError {
    /// The text.
    pub text: String,
    /// Byte offset into it.
    pub position: usize,
    /// What could stand there.
    pub expected: &'static str,
}

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
const FORMS: &str = "10, 13, 16 or 19 digits (s, ms, us, ns), now-1h, or 2026-11-23T13:36:11Z";
const RANGE: &str = "a time between the years 1677 and 2262";

/// Nanoseconds since the epoch of a text; `now` is what the text may be relative to, in the same unit.
///
/// # Errors
/// The position and what was expected there.
pub fn parse_moment(text: &str, now: i64) -> Result<i64, MomentError> {
    let fault = |position, expected| MomentError { text: text.to_owned(), position, expected };
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        let unit = match text.len() {
            10 => SECOND,
            13 => 1_000_000,
            16 => 1_000,
            19 => 1,
            _ => return Err(fault(0, FORMS)),
        };
        let nanos = text.parse::<i64>().ok().and_then(|value| value.checked_mul(unit));
        return nanos.ok_or_else(|| fault(0, RANGE));
    }
    if let Some(rest) = text.strip_prefix("now") {
        return relative(text.len() - rest.len(), rest, now).map_err(|(at, expected)| fault(at, expected));
    }
    rfc3339(text).map_err(|(at, expected)| fault(at, expected))
}

/// Length of time in ns as people write it: `15s`, `1h30m`, `500ms`.
///
/// # Errors
/// The position and what was expected there.
pub fn parse_span(text: &str) -> Result<i64, MomentError> {
    let fault = |(position, expected)| MomentError { text: text.to_owned(), position, expected };
    let mut at = 0;
    let mut sum = 0i64;
    while at < text.len() || at == 0 {
        let (nanos, end) = span(text, at).map_err(fault)?;
        sum = sum.checked_add(nanos).ok_or_else(|| fault((at, "a length below 292 years")))?;
        at = end;
    }
    if sum == 0 { Err(fault((0, "a length above 0"))) } else { Ok(sum) }
}

type Fault = (usize, &'static str);

/// A number and its unit from byte `at` on: ns and the byte behind.
fn span(text: &str, at: usize) -> Result<(i64, usize), Fault> {
    let rest = text.get(at..).unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let Ok(number) = rest[..digits].parse::<i64>() else { return Err((at, "a number of at most 18 digits")) };
    let units: [(&str, i64); 6] = [
        ("ms", 1_000_000),
        ("s", SECOND),
        ("m", 60 * SECOND),
        ("h", 3600 * SECOND),
        ("d", DAY * SECOND),
        ("w", 7 * DAY * SECOND),
    ];
    let found = units.iter().find(|(unit, _)| rest[digits..].starts_with(unit));
    let Some((unit, nanos)) = found else { return Err((at + digits, "one of ms s m h d w")) };
    let nanos = number.checked_mul(*nanos).ok_or((at, "a length below 292 years"))?;
    Ok((nanos, at + digits + unit.len()))
}

fn relative(start: usize, rest: &str, now: i64) -> Result<i64, Fault> {
    let mut sum = now;
    let mut at = 0;
    while at < rest.len() {
        let sign = match rest.as_bytes().get(at) {
            Some(b'-') => -1,
            Some(b'+') => 1,
            _ => return Err((start + at, "\"-\", \"+\" or the end")),
        };
        let (nanos, end) = span(rest, at + 1).map_err(|(at, expected)| (start + at, expected))?;
        sum = sum.checked_add(sign * nanos).ok_or((start + at, RANGE))?;
        at = end;
    }
    Ok(sum)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

struct Digits<'a> {
    text: &'a [u8],
    at: usize,
}

impl Digits<'_> {
    fn number(&mut self, digits: usize, least: i64, most: i64, expected: &'static str) -> Result<i64, Fault> {
        let found = self.text.get(self.at..self.at + digits).filter(|found| found.iter().all(u8::is_ascii_digit));
        let value = found.map(|found| found.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')));
        let value = value.filter(|value| (least..=most).contains(value)).ok_or((self.at, expected))?;
        self.at += digits;
        Ok(value)
    }

    fn one_of(&mut self, wanted: &[u8], expected: &'static str) -> Result<u8, Fault> {
        let found =
            self.text.get(self.at).copied().filter(|found| wanted.contains(found)).ok_or((self.at, expected))?;
        self.at += 1;
        Ok(found)
    }
}

fn rfc3339(text: &str) -> Result<i64, Fault> {
    let mut digits = Digits { text: text.as_bytes(), at: 0 };
    let year = digits.number(4, 0, 9999, FORMS)?;
    digits.one_of(b"-", "\"-\"")?;
    let month = digits.number(2, 1, 12, "a month")?;
    digits.one_of(b"-", "\"-\"")?;
    let day = digits.number(2, 1, days_of_month(year, month), "a day of that month")?;
    digits.one_of(b"Tt ", "\"T\"")?;
    let hour = digits.number(2, 0, 23, "an hour")?;
    digits.one_of(b":", "\":\"")?;
    let minute = digits.number(2, 0, 59, "a minute")?;
    digits.one_of(b":", "\":\"")?;
    // A leap second is the one before.
    let second = digits.number(2, 0, 60, "a second")?.min(59);
    let mut nanos = 0;
    if digits.one_of(b".", "").is_ok() {
        let mut unit = SECOND / 10;
        nanos += unit * digits.number(1, 0, 9, "a digit")?;
        while let Ok(digit) = digits.number(1, 0, 9, "") {
            unit /= 10;
            nanos += unit * digit;
        }
    }
    let offset = match digits.one_of(b"Zz+-", "\"Z\" or an offset such as +01:00")? {
        sign @ (b'+' | b'-') => {
            let hours = digits.number(2, 0, 23, "hours of the offset")?;
            digits.one_of(b":", "\":\"")?;
            let minutes = hours * 60 + digits.number(2, 0, 59, "minutes of the offset")?;
            if sign == b'-' { -minutes * 60 } else { minutes * 60 }
        }
        _ => 0,
    };
    if digits.at < text.len() {
        return Err((digits.at, "the end"));
    }
    let seconds = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset;
    let nanos = i128::from(seconds) * i128::from(SECOND) + i128::from(nanos);
    i64::try_from(nanos).map_err(|_beyond| (0, RANGE))
}

#[cfg(test)]
mod tests {
    use emberglass_profile::format_rfc3339;
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_795_440_971_731_594_128;

    fn error(text: &str) -> (usize, &'static str) {
        let error = parse_moment(text, NOW).unwrap_err();
        (error.position, error.expected)
    }

    #[test]
    fn digits_are_read_by_their_number() {
        for (text, nanos) in [
            ("1795440971", 1_795_440_971_000_000_000),
            ("1795440971731", 1_795_440_971_731_000_000),
            ("1795440971731594", 1_795_440_971_731_594_000),
            ("1795440971731594128", NOW),
        ] {
            assert_eq!(parse_moment(text, 0), Ok(nanos), "{text}");
        }
        assert_eq!(error("123"), (0, FORMS));
        assert_eq!(error("9999999999"), (0, RANGE));
        assert_eq!(error(""), (0, FORMS));
    }

    #[test]
    fn relative_times_add_up() {
        let hour = 3600 * SECOND;
        assert_eq!(parse_moment("now", NOW), Ok(NOW));
        assert_eq!(parse_moment("now-1h", NOW), Ok(NOW - hour));
        assert_eq!(parse_moment("now-1d-30m+500ms", NOW), Ok(NOW - 24 * hour - hour / 2 + SECOND / 2));
        assert_eq!(error("now-"), (4, "a number of at most 18 digits"));
        assert_eq!(error("now-1"), (5, "one of ms s m h d w"));
        assert_eq!(error("now 1h"), (3, "\"-\", \"+\" or the end"));
        assert_eq!(error("now-999999999999w"), (4, "a length below 292 years"));
        assert_eq!(parse_span("1h30m"), Ok(hour + hour / 2));
        assert_eq!(parse_span("0s").unwrap_err().expected, "a length above 0");
        assert_eq!(parse_span("").unwrap_err().position, 0);
    }

    #[test]
    fn rfc_3339_has_fractions_and_offsets() {
        let at = |text: &str| parse_moment(text, 0).map(format_rfc3339).unwrap();
        assert_eq!(at("2026-11-23T13:36:11.731594128Z"), "2026-11-23T13:36:11.731594128Z");
        assert_eq!(at("2026-11-23t00:30:00+01:00"), "2026-11-22T23:30:00.000000000Z");
        assert_eq!(at("2024-02-29 23:59:60-00:30"), "2024-03-01T00:29:59.000000000Z");
        assert_eq!(at("1969-12-31T23:59:59.9Z"), "1969-12-31T23:59:59.900000000Z");
        assert_eq!(error("2023-02-29T00:00:00Z"), (8, "a day of that month"));
        assert_eq!(error("2026-11-23T13:36:11"), (19, "\"Z\" or an offset such as +01:00"));
        assert_eq!(error("2026-11-23T13:36:11Zx"), (20, "the end"));
        assert_eq!(error("9999-01-01T00:00:00Z"), (0, RANGE));
    }

    proptest! {
        #[test]
        fn printed_times_read_back(nanos in any::<i64>()) {
            prop_assert_eq!(parse_moment(&format_rfc3339(nanos), 0), Ok(nanos));
        }

        #[test]
        fn no_text_makes_it_panic(text in "(now|20)?[-+0-9a-zT:.\u{e9}]{0,24}") {
            let _parsed = parse_moment(&text, NOW);
            let _span = parse_span(&text);
        }
    }
}
