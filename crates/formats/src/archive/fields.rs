//! Numbers in headers.

/// The little-endian number of two bytes at `at`; 0 behind the end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u16::from_le_bytes(*number))
}

/// The little-endian number of four bytes at `at`; 0 behind the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u32::from_le_bytes(*number))
}

/// The little-endian number of eight bytes at `at`; 0 behind the end.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u64::from_le_bytes(*number))
}

/// A number of a tar header: octal digits, or big-endian binary with the highest bit set.
pub(super) fn tar_number(field: &[u8]) -> Option<u64> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // Negative numbers, all ones, do not fit sizes; the times that they stand for are of no use.
        return rest.iter().try_fold(u64::from(first & 0x7f), |number, &byte| {
            number.checked_mul(256).map(|number| number | u64::from(byte))
        });
    }
    let text = field.trim_ascii_start();
    let end = text.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(text.len());
    text[..end].iter().try_fold(0u64, |number, &digit| match digit {
        b'0'..=b'7' => number.checked_mul(8).map(|number| number | u64::from(digit - b'0')),
        _ => None,
    })
}

/// Days from the epoch to a day of the proleptic Gregorian calendar.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March: the day that leap years add is their last.
    let shifted = (month + 9) % 12;
    let year = year - i64::from(month <= 2);
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// Seconds since the epoch of a date and time of MS-DOS, which tell no time zone: taken as UTC.
pub(super) fn dos_seconds(date: u16, time: u16) -> Option<i64> {
    let (year, month, day) = (1980 + i64::from(date >> 9), i64::from(date >> 5 & 15), i64::from(date & 31));
    let (hour, minute, second) = (i64::from(time >> 11), i64::from(time >> 5 & 63), 2 * i64::from(time & 31));
    let is_date = (1..=12).contains(&month) && day >= 1;
    is_date.then(|| ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tar_numbers_are_octal_or_binary() {
        for (field, number) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"77777777777\0", Some(0o777_7777_7777)),
            (b"\0\0\0\0", Some(0)),
            (b"\x80\0\0\0\0\0\0\0\0\x02\0\0", Some(0x2_0000)),
            (b"12x\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
        ] {
            assert_eq!(tar_number(field), number, "{field:?}");
        }
    }

    #[test]
    fn dates_of_dos_are_days_of_the_calendar() {
        assert_eq!(dos_seconds(1 << 5 | 1, 0), Some(315_532_800));
        // 2024-02-29 12:34:56
        assert_eq!(dos_seconds(44 << 9 | 2 << 5 | 29, 12 << 11 | 34 << 5 | 28), Some(1_709_210_096));
        assert_eq!(dos_seconds(0, 0), None);
    }
}
