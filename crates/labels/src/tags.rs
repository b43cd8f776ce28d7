//! Conditions on labels of any name: pprof's `tagfocus` and `tagignore`.
//!
//! As in google/pprof (`FilterSamplesByTag`, <https://github.com/google/pprof/blob/main/internal/driver/driver_focus.go>) an
//! expression without a key is looked for in `key:value` of each label, one with a key in that label's value; it may match a
//! part. Numbers and their ranges are not labels here.

use regex_lite::Regex;

use crate::LabelSet;
use crate::matcher::build;

/// Which samples stay, by their labels.
#[derive(Clone, Debug)]
pub struct TagFilter {
    keeps: bool,
    key: Option<String>,
    text: String,
    regex: Option<Regex>,
}

impl TagFilter {
    /// Keeps (`keeps`) or leaves out the samples that have a label with the value `text`; only the label `key`, if there is one.
    #[must_use]
    pub fn literal(keeps: bool, key: Option<String>, text: String) -> Self {
        Self { keeps, key, text, regex: None }
    }

    /// The same with a regular expression.
    ///
    /// # Errors
    /// The expression's own message if it does not compile.
    pub fn regex(keeps: bool, key: Option<String>, text: String) -> Result<Self, String> {
        let regex = Some(build(&text)?);
        Ok(Self { keeps, key, text, regex })
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
        self.regex.is_some()
    }

    /// True if samples with these labels stay.
    #[must_use]
    pub fn accepts(&self, labels: &LabelSet) -> bool {
        let has = |key: &str, value: &str| match (&self.regex, &self.key) {
            (None, _) => value == self.text,
            (Some(regex), Some(_)) => regex.is_match(value),
            (Some(regex), None) => regex.is_match(&format!("{key}:{value}")),
        };
        let found = match &self.key {
            Some(key) => labels.get(key).is_some_and(|value| has(key, value)),
            None => labels.iter().any(|(key, value)| has(key, value)),
        };
        found == self.keeps
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
}
