//! Values as Instruments prints them: `1280.0ms  98.9%`, `2.00 min`, `6.07 MB`, `1.53 Gc`.

use emberglass_profile::base_unit;

use crate::decimal::Decimal;

/// What the values of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Time,
    Space,
    Cycles,
}

/// A number in its base unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) number: Decimal,
    /// `None` where no unit is printed.
    pub(super) quantity: Option<Quantity>,
}

/// The quantity of a unit and how many of its base unit make one.
pub(super) fn unit(name: &str) -> Option<(Quantity, i64)> {
    let cycles = match name {
        "c" | "cycles" => Some(1),
        "Kc" | "kc" => Some(1_000),
        "Mc" => Some(1_000_000),
        "Gc" => Some(1_000_000_000),
        _ => None,
    };
    if let Some(factor) = cycles {
        return Some((Quantity::Cycles, factor));
    }
    match base_unit(name) {
        ("nanoseconds", factor) => Some((Quantity::Time, factor)),
        ("bytes", factor) => Some((Quantity::Space, factor)),
        _ => None,
    }
}

/// Reads a cell: a number, its unit, a percentage; `title` is the unit of the column, where that says one.
/// `None` for a cell without a number.
pub(super) fn parse(cell: &str, title: Option<(Quantity, i64)>) -> Option<Value> {
    let text = cell.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '-')).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = Decimal::parse(&with_point(number)).ok()?;
    let word = rest.trim_start().split_ascii_whitespace().next().unwrap_or("");
    let printed = if word.contains('%') { None } else { unit(word) };
    let Some((quantity, factor)) = printed.or(title) else { return Some(Value { number, quantity: None }) };
    Some(Value { number: times(number, factor)?, quantity: Some(quantity) })
}

/// Without separators of thousands, and with a point where a comma stands for one.
fn with_point(number: &str) -> String {
    let is_group = |part: &str| part.len() == 3;
    match number.rsplit_once(',') {
        Some((whole, fraction)) if !fraction.contains('.') && !is_group(fraction) => {
            format!("{}.{fraction}", whole.replace(['.', ','], ""))
        }
        _ => number.replace(',', ""),
    }
}

fn times(number: Decimal, factor: i64) -> Option<Decimal> {
    let mut digits = i128::from(number.digits) * i128::from(factor);
    let mut scale = number.scale;
    while scale > 0 && digits % 10 == 0 {
        digits /= 10;
        scale -= 1;
    }
    Some(Decimal { digits: i64::try_from(digits).ok()?, scale, ..number })
}

#[cfg(test)]
mod tests {
    use emberglass_profile::format_scaled;

    use super::*;

    #[test]
    fn cells_are_numbers_in_base_units() {
        use Quantity::{Cycles, Space, Time};
        for (cell, number, quantity) in [
            ("1280.0ms  100.0%", "1280000000", Some(Time)),
            ("10.0 s  100%", "10000000000", Some(Time)),
            ("2.50 min   7,1%", "150000000000", Some(Time)),
            ("100.00 \u{b5}s", "100000", Some(Time)),
            ("0 s", "0", Some(Time)),
            ("6.07 MB  100.0%", "6364856.32", Some(Space)),
            ("512 Bytes", "512", Some(Space)),
            ("1.53 Gc  40%", "1530000000", Some(Cycles)),
            ("1,280.5 ms", "1280500000", Some(Time)),
            ("0,5ms", "500000", Some(Time)),
            ("1.280,5ms", "1280500000", Some(Time)),
            ("1,280ms", "1280000000", Some(Time)),
            ("4 ", "4", None),
            ("12  50.0%", "12", None),
        ] {
            let value = parse(cell, None).unwrap();
            assert_eq!(format_scaled(value.number.digits, value.number.scale), number, "{cell}");
            assert_eq!(value.quantity, quantity, "{cell}");
        }
        let in_title = parse("1.5", unit("ms")).unwrap();
        assert_eq!((in_title.number.digits, in_title.quantity), (1_500_000, Some(Time)));
        for cell in ["", " ", "main", "%", "9999999999999 h"] {
            assert_eq!(parse(cell, None), None, "{cell}");
        }
    }
}
