//! Times as Pyroscope reads them.

const MS: i64 = 1_000_000;
const SECOND: i64 = 1_000 * MS;
const DAY: i64 = 86_400 * SECOND;

/// Nanoseconds since the epoch: whole numbers of 10, 13, 16 or 19 digits are s, ms, µs or ns, `YYYYMMDD` is a day,
/// `now` and `now-1h` count from `now`. `None` for anything else, an empty text too.
pub(crate) fn parse(text: &str, now: i64) -> Option<i64> {
    if let Some(rest) = text.strip_prefix("now") {
        return match rest.split_at_checked(1) {
            None => Some(now),
            Some(("-", span)) => Some(now.saturating_sub(duration(span)?)),
            Some(("+", span)) => Some(now.saturating_add(duration(span)?)),
            Some(_) => None,
        };
    }
    let number: i64 = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    match text.len() {
        8 => day(number),
        10 => number.checked_mul(SECOND),
        13 => number.checked_mul(MS),
        16 => number.checked_mul(1_000),
        19 => Some(number),
        // Ranges near the epoch, as tests and clients with a clock at zero have them.
        _ if number < 1_000_000_000 => number.checked_mul(SECOND),
        _ => None,
    }
}

fn duration(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text.get(..digits)?.parse().ok()?;
    let unit = match text.get(digits..)? {
        "s" | "sec" | "second" | "seconds" => SECOND,
        "m" | "min" | "minute" | "minutes" => 60 * SECOND,
        "h" | "hour" | "hours" => 3_600 * SECOND,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "M" | "mon" | "month" | "months" => 30 * DAY,
        "y" | "year" | "years" => 365 * DAY,
        _ => return None,
    };
    count.checked_mul(unit)
}

/// Start of a day given as `YYYYMMDD`, in UTC.
fn day(number: i64) -> Option<i64> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years from March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468;
    days.checked_mul(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_say_the_unit() {
        let expected = Some(1_795_440_984_000_000_000);
        for text in ["1795440984", "1795440984000", "1795440984000000", "1795440984000000000"] {
            assert_eq!(parse(text, 0), expected);
        }
        assert_eq!(parse("20261123", 0), Some(1_795_392_000_000_000_000));
        assert_eq!(parse("now-1h", 7_200 * SECOND), Some(3_600 * SECOND));
        assert_eq!(parse("now", 5), Some(5));
        for text in ["", "yesterday", "now-", "now-1x", "20261323", "-1795440984"] {
            assert_eq!(parse(text, 0), None, "{text}");
        }
    }
}
