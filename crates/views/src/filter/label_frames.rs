//! Values of a sample's labels as the texts of frames.

use emberglass_labels::LabelSet;
use emberglass_profile::{Attribute, AttributeValue, Symbols, base_unit};

/// A unit as google/pprof writes it (`measurement.go`), and how many bytes or nanoseconds it is.
type Unit = (&'static str, f64);

const BYTES: &[Unit] = &[
    ("B", 1.0),
    ("kB", 1024.0),
    ("MB", 1_048_576.0),
    ("GB", 1_073_741_824.0),
    ("TB", 1_099_511_627_776.0),
    ("PB", 1_125_899_906_842_624.0),
];
const TIME: &[Unit] = &[("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("hrs", 3.6e12)];

/// A number as google/pprof labels it: of bytes and time in the largest unit of which it is one or more.
fn number_text(number: i64, unit: &str) -> String {
    let (base, factor) = base_unit(unit);
    let units = match base {
        "bytes" => BYTES,
        "nanoseconds" => TIME,
        _ => return number.to_string(),
    };
    let magnitude = number.unsigned_abs() as f64 * factor as f64;
    let Some((name, factor)) = units.iter().rev().find(|(_, factor)| magnitude / factor >= 1.0) else {
        return "0".to_owned();
    };
    let sign = if number < 0 { "-" } else { "" };
    let text = format!("{:.2}", magnitude / factor);
    format!("{sign}{}{name}", text.strip_suffix(".00").unwrap_or(&text))
}

/// The values of `key` among the labels of a sample and, where it has none, those of its profile; empty for none.
pub(super) fn label_text(symbols: &Symbols, sample: &[Attribute], profile: &LabelSet, key: &str) -> String {
    let of_key = || sample.iter().filter(|attribute| symbols.text(attribute.key) == key);
    let texts = of_key().filter_map(|attribute| match attribute.value {
        AttributeValue::Text(text) => Some(symbols.text(text).to_owned()),
        AttributeValue::Number(..) => None,
    });
    let numbers = of_key().filter_map(|attribute| match attribute.value {
        AttributeValue::Number(number, unit) => Some(number_text(number, symbols.text(unit))),
        AttributeValue::Text(_) => None,
    });
    let values: Vec<String> = texts.chain(numbers).collect();
    if values.is_empty() { profile.get(key).unwrap_or_default().to_owned() } else { values.join(",") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_largest_unit_that_they_fill() {
        for (number, unit, text) in [
            (288, "bytes", "288B"),
            (14_336, "bytes", "14kB"),
            (1792, "bytes", "1.75kB"),
            (2048, "kilobytes", "2MB"),
            (-1_500_000, "nanoseconds", "-1.50ms"),
            (0, "bytes", "0"),
            (2304, "", "2304"),
            (7, "requests", "7"),
        ] {
            assert_eq!(number_text(number, unit), text);
        }
    }
}
