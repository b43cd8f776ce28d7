//! Conditions on labels of any name: pprof's `tagfocus` and `tagignore`.
//!
//! As in google/pprof (`compileTagFilter`, <https://github.com/google/pprof/blob/main/internal/driver/driver_focus.go>) an
//! expression without a key is looked for in `key:value` of each label, one with a key in that label's value; it may match a
//! part. A literal is a whole value; one that is a number or a range of numbers (`32kb`, `:64kb`, `4mb:`, `12kb:64mb`, both
//! ends included) is also found in numbers. A number without a unit is in the unit that its key names.

use emberglass_profile::base_unit;
use regex_lite::Regex;

use crate::LabelSet;
use crate::matcher::build;

/// Which samples stay, by their labels.
#[derive(Clone, Debug)]
pub struct TagFilter {
    keeps: bool,
    key: Option<String>,
    text: String,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Literal(Option<NumberRange>),
    Regex(Regex),
}

/// Numbers of a range, in a unit or in none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NumberRange {
    least: Option<i64>,
    greatest: Option<i64>,
    /// Unit of both, as it is written; empty for none.
    unit: String,
    /// By how much `greatest` is to be multiplied, and divided, to be in that unit.
    of_greatest: (i64, i64),
}

/// True for units that are written in several ways.
fn is_known(unit: &str) -> bool {
    matches!(base_unit(unit).0, "nanoseconds" | "bytes")
}

/// A number with its unit, and what stands behind it.
fn read_number(text: &str) -> Option<(i64, &str, &str)> {
    let sign = usize::from(text.starts_with(['+', '-']));
    let is_digit = |c: char| c.is_ascii_digit();
    let digits = text[sign..].find(|c| !is_digit(c)).unwrap_or(text.len() - sign);
    let (number, rest) = text.split_at(sign + digits);
    let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    Some((number.parse().ok()?, &rest[..unit], &rest[unit..]))
}

impl NumberRange {
    fn parse(text: &str) -> Option<Self> {
        let range =
            |least, greatest, unit: &str| Some(Self { least, greatest, unit: unit.to_owned(), of_greatest: (1, 1) });
        if let Some(text) = text.strip_prefix(':') {
            let (number, unit, rest) = read_number(text)?;
            return if rest.is_empty() { range(None, Some(number), unit) } else { None };
        }
        let (least, unit, rest) = read_number(text)?;
        match rest.strip_prefix(':') {
            None if rest.is_empty() => range(Some(least), Some(least), unit),
            None => None,
            Some("") => range(Some(least), None, unit),
            Some(rest) => {
                let (greatest, other, rest) = read_number(rest)?;
                let ((base, factor), (base_of_other, of_other)) = (base_unit(unit), base_unit(other));
                let same = rest.is_empty() && (base == base_of_other);
                same.then(|| Self {
                    least: Some(least),
                    greatest: Some(greatest),
                    unit: unit.to_owned(),
                    of_greatest: (of_other, factor),
                })
            }
        }
    }

    fn holds(&self, number: i64, unit: &str) -> bool {
        let ((base, of_number), (wanted, of_range)) = (base_unit(unit), base_unit(&self.unit));
        let (of_number, of_range) = match (is_known(unit), is_known(&self.unit)) {
            (true, true) if base == wanted => (of_number, of_range),
            (true, _) => return false,
            // What is in another unit is taken to be in the range's.
            (false, _) => (1, 1),
        };
        let times = |number: i128, by: i64| number.saturating_mul(i128::from(by));
        let number = times(number.into(), of_number);
        let end = |end: i64| times(end.into(), of_range);
        let (to_greatest, by) = self.of_greatest;
        self.least.is_none_or(|least| number >= end(least))
            && self.greatest.is_none_or(|greatest| times(number, by) <= times(end(greatest), to_greatest))
    }
}

impl TagFilter {
    /// Keeps (`keeps`) or leaves out the samples that have a label with the value `text`, or with a number in the range that it
    /// says; only the label `key`, if there is one.
    #[must_use]
    pub fn literal(keeps: bool, key: Option<String>, text: String) -> Self {
        let test = Test::Literal(NumberRange::parse(&text));
        Self { keeps, key, text, test }
    }

    /// The same with a regular expression.
    ///
    /// # Errors
    /// The expression's own message if it does not compile.
    pub fn regex(keeps: bool, key: Option<String>, text: String) -> Result<Self, String> {
        let test = Test::Regex(build(&text)?);
        Ok(Self { keeps, key, text, test })
    }

    /// True for `tagfocus`, false for `tagignore`.
    #[must_use]
    pub const fn keeps(&self) -> bool {
        self.keeps
    }

    /// The label, if it is said.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The value or the expression.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True for an expression.
    #[must_use]
    pub const fn is_regex(&self) -> bool {
        matches!(self.test, Test::Regex(_))
    }

    fn is_of(&self, key: &str) -> bool {
        self.key.as_deref().is_none_or(|wanted| wanted == key)
    }

    /// True if a label with this text is what is looked for.
    #[must_use]
    pub fn finds(&self, key: &str, value: &str) -> bool {
        self.is_of(key)
            && match &self.test {
                Test::Literal(_) => value == self.text,
                Test::Regex(regex) if self.key.is_some() => regex.is_match(value),
                Test::Regex(regex) => regex.is_match(&format!("{key}:{value}")),
            }
    }

    /// True if a label with this number, in a unit or (empty) in the one that its key names, is what is looked for.
    #[must_use]
    pub fn finds_number(&self, key: &str, number: i64, unit: &str) -> bool {
        let unit = match (unit, key) {
            ("", "alignment" | "request") => "bytes",
            ("", key) => key,
            (unit, _) => unit,
        };
        let in_range = |range: &NumberRange| range.holds(number, unit);
        matches!(&self.test, Test::Literal(Some(range)) if in_range(range)) && self.is_of(key)
    }

    /// True if samples with these labels, and no others, stay.
    #[must_use]
    pub fn accepts(&self, labels: &LabelSet) -> bool {
        labels.iter().any(|(key, value)| self.finds(key, value)) == self.keeps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_by_value_by_key_and_in_both() {
        let labels: LabelSet = [("handler", "/search"), ("tenant", "blue")].into_iter().collect();
        let literal = |key: Option<&str>, text: &str| TagFilter::literal(true, key.map(str::to_owned), text.to_owned());
        let regex =
            |key: Option<&str>, text: &str| TagFilter::regex(true, key.map(str::to_owned), text.to_owned()).unwrap();
        assert!(literal(None, "blue").accepts(&labels) && !literal(None, "blu").accepts(&labels));
        assert!(literal(Some("tenant"), "blue").accepts(&labels) && !literal(Some("handler"), "blue").accepts(&labels));
        assert!(regex(None, "tenant:b").accepts(&labels) && !regex(None, "^blue").accepts(&labels));
        assert!(regex(Some("tenant"), "^b").accepts(&labels) && !regex(Some("pod"), "").accepts(&labels));
        let ignored = TagFilter::literal(false, None, "blue".to_owned());
        assert!(!ignored.accepts(&labels) && ignored.accepts(&LabelSet::default()));
        assert!(TagFilter::regex(true, None, "(".to_owned()).is_err());
    }

    #[test]
    fn numbers_are_found_by_range_and_unit() {
        let finds = |text: &str, number: i64, unit: &str| {
            TagFilter::literal(true, None, text.to_owned()).finds_number("key", number, unit)
        };
        assert!(finds("500", 500, "") && finds("500", 500, "key") && !finds("500", 501, ""));
        assert!(!finds("500", 500, "bytes") && !finds("500ms", 500, "bytes"));
        assert!(finds("32kb", 32 << 10, "bytes") && finds("32kb", 32, "kilobytes") && !finds("32kb", 32, "bytes"));
        assert!(finds(":64kb", 64 << 10, "bytes") && finds(":64kb", -1, "bytes") && !finds(":64kb", 65, "kb"));
        assert!(finds("4mb:", 4 << 20, "bytes") && finds("4mb:", 5, "mb") && !finds("4mb:", 4095, "kb"));
        for (number, is_in) in [(11, false), (12, true), (65_536, true), (65_537, false)] {
            assert_eq!(finds("12kb:64mb", number, "kb"), is_in, "{number}");
        }
        assert!(finds("10:20", 15, "requests") && finds("10kb:20kb", 15, "requests"));
        for text in ["kb", "1:2:3", "1kb:2ms", "12kb:x", "a1", "1 2", "99999999999999999999"] {
            assert!(!finds(text, 1, "") && !finds(text, 1024, "bytes"), "{text}");
        }
        let by_key = TagFilter::literal(true, Some("bytes".to_owned()), "2kb".to_owned());
        assert!(by_key.finds_number("bytes", 2048, "") && !by_key.finds_number("size", 2048, "bytes"));
        assert!(
            by_key.finds("bytes", "2kb")
                && TagFilter::literal(true, None, "64b".to_owned()).finds_number("request", 64, "")
        );
    }
}
