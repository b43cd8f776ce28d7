//! How well a text continues what somebody has typed.

use regex_lite::{Regex, RegexBuilder};

use crate::matcher::REGEX_SIZE_LIMIT;

/// What is typed so far: a text, or a part of a regular expression.
#[derive(Clone, Debug)]
pub struct Typed {
    text: String,
    pattern: Option<Regex>,
}

impl Typed {
    /// A text as it is.
    #[must_use]
    pub fn literal(text: String) -> Self {
        Self { text, pattern: None }
    }

    /// A regular expression; one that does not compile is taken as a text.
    #[must_use]
    pub fn pattern(text: String) -> Self {
        let mut builder = RegexBuilder::new(&text);
        let pattern =
            builder.case_insensitive(true).dot_matches_new_line(true).size_limit(REGEX_SIZE_LIMIT).build().ok();
        Self { text, pattern }
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// 0 for the very text that is typed, 1 for one that begins with it, 2 for one that has it elsewhere, whatever the case;
    /// `None` for others.
    #[must_use]
    pub fn rank(&self, text: &str) -> Option<u8> {
        if text == self.text {
            return Some(0);
        }
        let found = match &self.pattern {
            Some(pattern) => pattern.find(text).map(|found| found.start()),
            None => text.to_lowercase().find(&self.text.to_lowercase()),
        };
        found.map(|at| 1 + u8::from(at > 0))
    }
}
