//! Matchers: conditions on labels.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

use crate::{LabelSet, META_PREFIX, SelectorError, parser};

/// Bound on the compiled size of a regular expression.
pub(crate) const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// The four operators of PromQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatcherOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Match,
    /// `!~`
    NotMatch,
}

impl MatcherOp {
    /// The operator as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Match => "=~",
            Self::NotMatch => "!~",
        }
    }
}

/// One condition on one label. Regular expressions match whole values.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    op: MatcherOp,
    value: String,
    regex: Option<Regex>,
}

pub(crate) fn build(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(REGEX_SIZE_LIMIT).build().map_err(|error| error.to_string())
}

impl Matcher {
    /// A matcher.
    ///
    /// # Errors
    /// The regular expression's own message if it does not compile.
    pub fn new(name: impl Into<String>, op: MatcherOp, value: impl Into<String>) -> Result<Self, String> {
        let (name, value) = (name.into(), value.into());
        let regex = match op {
            MatcherOp::Equal | MatcherOp::NotEqual => None,
            MatcherOp::Match | MatcherOp::NotMatch => {
                // Alone first: "a)|(b" is an expression only between the parentheses that anchor it.
                build(&value)?;
                Some(build(&format!("^(?s:{value})$"))?)
            }
        };
        Ok(Self { name, op, value, regex })
    }

    /// The label's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operator.
    #[must_use]
    pub const fn op(&self) -> MatcherOp {
        self.op
    }

    /// The value or regular expression.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// True if the condition holds for a label with this value; empty stands for no label.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        let positive = self.regex.as_ref().map_or(self.value == value, |regex| regex.is_match(value));
        positive == matches!(self.op, MatcherOp::Equal | MatcherOp::Match)
    }
}

/// Conditions that must all hold; none matches everything.
#[derive(Clone, Debug, Default)]
pub struct Matchers {
    list: Vec<Matcher>,
}

impl Matchers {
    /// Parses `{a="b", c=~"d.*"}`; an empty text and `{}` match everything.
    ///
    /// # Errors
    /// The position and what was expected there.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        parser::parse(text).map(|list| Self { list })
    }

    /// True if every condition holds for a set of labels; see [`Self::split`] for those on metadata.
    #[must_use]
    pub fn matches(&self, labels: &LabelSet) -> bool {
        self.list.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or("")))
    }

    /// The conditions on labels, and those on metadata, with the key for a name.
    #[must_use]
    pub fn split(&self) -> (Self, Self) {
        let (mut of_labels, mut of_metadata) = (Self::default(), Self::default());
        for matcher in &self.list {
            match matcher.name.strip_prefix(META_PREFIX) {
                Some(key) => of_metadata.push(Matcher { name: key.to_owned(), ..matcher.clone() }),
                None => of_labels.push(matcher.clone()),
            }
        }
        (of_labels, of_metadata)
    }

    /// True if some condition is on metadata.
    #[must_use]
    pub fn has_metadata(&self) -> bool {
        self.list.iter().any(|matcher| matcher.name.starts_with(META_PREFIX))
    }

    /// Adds a condition.
    pub fn push(&mut self, matcher: Matcher) {
        self.list.push(matcher);
    }

    /// The conditions.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Matcher> {
        self.list.iter()
    }

    /// True if everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, matcher) in self.list.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            parser::write_name(f, &matcher.name)?;
            f.write_str(matcher.op.as_str())?;
            parser::write_quoted(f, &matcher.value)?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_on_metadata_are_told_by_their_names() {
        let all = Matchers::parse(r#"{__meta_agent="spy", region=~"eu.*", "__meta_a b"!~"x"}"#).unwrap();
        let (of_labels, of_metadata) = all.split();
        assert!(all.has_metadata() && of_metadata.iter().len() == 2);
        assert_eq!(of_labels.to_string(), r#"{region=~"eu.*"}"#);
        assert_eq!(of_metadata.to_string(), r#"{agent="spy", "a b"!~"x"}"#);
        assert!(!of_labels.has_metadata());
    }
}
