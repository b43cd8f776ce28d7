//! `2022-11-02 09:19:12.204 -0700` as nanoseconds since the epoch.

/// Reads a date with its time zone.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let nanos = number(fraction).filter(|_| fraction.len() <= 9)? * 10i64.pow(9 - fraction.len() as u32);
    let (sign, zone) = match zone.split_at_checked(1)? {
        ("+", zone) => (1, zone),
        ("-", zone) => (-1, zone),
        _ => return None,
    };
    let zone = number(zone).filter(|_| zone.len() == 4)?;
    let is_date = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 || zone > 2359 {
        return None;
    }
    let minutes = hour * 60 + minute - sign * (zone / 100 * 60 + zone % 100);
    let seconds = days(year, month, day) * 86_400 + minutes * 60 + second;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

fn number(text: &str) -> Option<i64> {
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Days since the epoch of a date in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their odd day at the end.
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    // 306 days lie between the first of March and the new year, 719,468 between the year 0 and the epoch.
    year * 365 + leap_days + (month * 306 + 5) / 10 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use emberglass_profile::format_rfc3339;

    use super::*;

    #[test]
    fn dates_are_read_with_their_zone() {
        for (text, utc) in [
            ("2022-11-02 09:19:12.204 -0700", "2022-11-02T16:19:12.204000000Z"),
            ("2021-03-15 15:41:58.406 +0100", "2021-03-15T14:41:58.406000000Z"),
            ("2000-02-29 00:00:00 +0530", "2000-02-28T18:30:00.000000000Z"),
            ("1970-01-01 00:00:00.000000001 +0000", "1970-01-01T00:00:00.000000001Z"),
        ] {
            assert_eq!(format_rfc3339(parse(text).unwrap()), utc);
        }
        for text in ["", "2022-11-02", "2022-11-02 09:19:12", "2022-13-02 09:19:12 +0000", "x-11-02 09:19:12 +0000"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
