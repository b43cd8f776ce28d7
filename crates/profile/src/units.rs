//! Units: exact conversion to the base units ns, bytes and count.

/// Most decimal places a value column may carry.
pub const MAX_SCALE: u8 = 9;

const TIME: &[(&[&str], i64)] = &[
    (&["nanoseconds", "nanosecond", "ns"], 1),
    (&["microseconds", "microsecond", "us", "\u{b5}s", "\u{3bc}s"], 1_000),
    (&["milliseconds", "millisecond", "ms"], 1_000_000),
    (&["seconds", "second", "sec", "s"], 1_000_000_000),
    (&["minutes", "minute", "min"], 60_000_000_000),
    (&["hours", "hour", "hrs", "hr", "h"], 3_600_000_000_000),
];

const MEMORY: &[(&[&str], i64)] = &[
    (&["bytes", "byte", "b"], 1),
    (&["kilobytes", "kilobyte", "kb", "kbyte", "kbytes", "kib"], 1 << 10),
    (&["megabytes", "megabyte", "mb", "mbyte", "mbytes", "mib"], 1 << 20),
    (&["gigabytes", "gigabyte", "gb", "gbyte", "gbytes", "gib"], 1 << 30),
    (&["terabytes", "terabyte", "tb", "tbyte", "tbytes", "tib"], 1 << 40),
];

/// The base unit of `unit` and how many of it make one: (`nanoseconds`, 1000) for `us`.
///
/// Powers of 1024 for memory, as google/pprof reads them. A unit that is neither time nor memory is its own base.
#[must_use]
pub fn base_unit(unit: &str) -> (&str, i64) {
    let lower = unit.to_lowercase();
    for (base, table) in [("nanoseconds", TIME), ("bytes", MEMORY)] {
        if let Some((_, factor)) = table.iter().find(|(names, _)| names.contains(&lower.as_str())) {
            return (base, *factor);
        }
    }
    (unit, 1)
}

/// `value` x 10^-`scale` as an exact decimal without trailing zeros: (1250, 2) is `12.5`.
#[must_use]
pub fn format_scaled(value: i64, scale: u8) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let power = 10u64.saturating_pow(u32::from(scale));
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (magnitude / power, magnitude % power);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let digits = format!("{rest:0width$}", width = usize::from(scale));
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_memory_become_base_units() {
        assert_eq!(base_unit("us"), ("nanoseconds", 1_000));
        assert_eq!(base_unit("Seconds"), ("nanoseconds", 1_000_000_000));
        assert_eq!(base_unit("kB"), ("bytes", 1024));
        assert_eq!(base_unit("bananas"), ("bananas", 1));
        assert_eq!(base_unit(""), ("", 1));
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(format_scaled(1250, 2), "12.5");
        assert_eq!(format_scaled(-5, 3), "-0.005");
        assert_eq!(format_scaled(700, 2), "7");
        assert_eq!(format_scaled(i64::MIN, 0), "-9223372036854775808");
        assert_eq!(format_scaled(i64::MIN, 9), "-9223372036.854775808");
    }
}
