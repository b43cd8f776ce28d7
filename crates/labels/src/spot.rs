//! What can stand at a position of a selector that is being written.
//!
//! The text is read leniently: a matcher that is broken or not finished is left out, and what stands around it counts.

use std::ops::Range;

use crate::parser::unquote;
use crate::reading::{Kind, Next, Parts, Reading, Token};
use crate::{Matcher, MatcherOp, Matchers, Selector, TypeName, Typed, quoted_text};

/// A position of a selector: what is replaced there, and by what.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Bytes of the text that what is chosen stands in the place of.
    pub range: Range<usize>,
    /// What can stand there.
    pub wanted: Wanted,
    /// The type that the text names, if it is not the one being written.
    pub type_name: TypeName,
    /// The conditions that the text has beside the one being written.
    pub matchers: Matchers,
}

/// What can stand at a position.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A type, or a service and a sample type.
    Type {
        /// What is there of it.
        typed: Typed,
        /// What can stand behind it.
        follows: &'static [&'static str],
    },
    /// The name of a label.
    Name {
        /// What is there of it.
        typed: Typed,
        /// What can stand behind it.
        follows: &'static [&'static str],
    },
    /// An operator.
    Operator {
        /// What is there of it.
        typed: Typed,
    },
    /// A quoted value.
    Value {
        /// The label, empty where it can't be read.
        name: String,
        /// How it is compared.
        op: MatcherOp,
        /// What is there of the value, or of the alternative of a regular expression.
        typed: Typed,
        /// Alternatives of a regular expression before the one being written, with the bar behind them.
        before: String,
        /// Those behind it, with the bar before them.
        after: String,
        /// What makes another operator of the one that the position is right behind.
        extends: Option<&'static str>,
    },
    /// One of these.
    Punctuation(&'static [&'static str]),
}

const OPERATORS: &[&str] = &["=", "!=", "=~", "!~"];

impl Wanted {
    /// What could stand there, in words.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Type { .. } => "a profile type, a sample type, or a service, a dot and a sample type",
            Self::Name { .. } => "a label name or \"}\"",
            Self::Operator { .. } => "one of = != =~ !~",
            Self::Value { .. } => "a quoted value",
            Self::Punctuation([]) => "the end",
            Self::Punctuation(["{"]) => "\"{\" or the end",
            Self::Punctuation(_) => "\",\" or \"}\"",
        }
    }

    /// The operators.
    #[must_use]
    pub const fn operators() -> &'static [&'static str] {
        OPERATORS
    }

    /// A value as it is written here: for a regular expression as a literal between the other alternatives.
    #[must_use]
    pub fn value_text(&self, value: &str) -> String {
        let Self::Value { name, op: op @ (MatcherOp::Match | MatcherOp::NotMatch), before, after, .. } = self else {
            return quoted_text(value);
        };
        let literal = literal(value);
        let all = format!("{before}{literal}{after}");
        let compiles = Matcher::new(name.as_str(), *op, all.as_str()).is_ok();
        quoted_text(if compiles { &all } else { &literal })
    }
}

/// A regular expression that matches a text, outside of classes.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

impl Spot {
    /// What can stand at byte `at` of a selector; a position within a character is that of its first byte, one behind
    /// the text its end.
    #[must_use]
    pub fn find(text: &str, at: usize) -> Self {
        Reading::new(text, text.floor_char_boundary(at)).spot()
    }
}

impl Reading<'_> {
    fn spot(&self) -> Spot {
        let (wanted, token, place) = self.place();
        // Where what is written can't stand, what is missing goes before it.
        let gap = match self.tokens.get(place) {
            Some((_, other)) if token.is_none() => self.at.min(other.start),
            _ => self.at,
        };
        let range = token.map_or(gap..gap, |token| token.start..token.end);
        let following = self.tokens.get(place + usize::from(token.is_some())).map(|(_, token)| token.kind);
        let is_written = |token: &Token| token.end == self.at && token.start < self.at;
        let is_at_end = token.is_some_and(|token| is_written(&token));
        let before = self.tokens[..place].last().map(|(_, token)| *token);
        let own = match token {
            Some(token) => self.conditions.iter().position(|of| of.holds(token)),
            None if matches!(wanted, Next::Operator | Next::Value) => {
                before.and_then(|token| self.conditions.iter().position(|of| of.holds(token)))
            }
            None => None,
        };
        let others = self.conditions.iter().enumerate().filter(|(at, _)| Some(*at) != own);
        let mut matchers = Matchers::default();
        others.filter_map(|(_, parts)| self.matcher(parts)).for_each(|matcher| matchers.push(matcher));
        let parts = own.and_then(|own| self.conditions.get(own)).copied().unwrap_or_default();
        let typed = || Typed::literal(token.map_or(String::new(), |token| self.typed(token)));
        let wanted_there = match wanted {
            Next::Type => {
                let is_type = token.is_some_and(|token| Selector::parse(self.written(token)).is_ok());
                let is_whole = is_at_end && is_type && following != Some(Kind::Open);
                Wanted::Type { typed: typed(), follows: if is_whole { &["{"] } else { &[] } }
            }
            Next::Name => {
                let is_whole = is_at_end && following != Some(Kind::Operator);
                Wanted::Name { typed: typed(), follows: if is_whole { OPERATORS } else { &[] } }
            }
            Next::Operator => Wanted::Operator { typed: typed() },
            Next::Value => self.value(&parts, token, before),
            Next::Brace if following == Some(Kind::Open) => Wanted::Punctuation(&[]),
            Next::Brace => Wanted::Punctuation(&["{"]),
            Next::Separator => match following {
                Some(Kind::Comma) => Wanted::Punctuation(&["}"]),
                Some(Kind::Close) => Wanted::Punctuation(&[","]),
                _ => Wanted::Punctuation(&[",", "}"]),
            },
            Next::Nothing => Wanted::Punctuation(&[]),
        };
        let head = self.tokens.iter().find(|(wanted, token)| *wanted == Next::Type && token.kind == Kind::Bare);
        let head = head.filter(|_| wanted != Next::Type).map(|(_, token)| self.written(*token));
        let type_name = head.and_then(|head| Selector::parse(head).ok()).unwrap_or_default().type_name;
        Spot { range, wanted: wanted_there, type_name, matchers }
    }

    /// What stands of a token before the position.
    fn typed(&self, token: Token) -> String {
        let written = self.text.get(token.start..self.at.max(token.start)).unwrap_or_default();
        match (token.kind, written.chars().next()) {
            (Kind::Quoted { .. }, Some(quote)) => {
                let open = unquote(&format!("{written}{quote}"));
                open.unwrap_or_else(|| written.trim_start_matches(quote).to_owned())
            }
            _ => written.to_owned(),
        }
    }

    fn value(&self, parts: &Parts, token: Option<Token>, before: Option<Token>) -> Wanted {
        let op = self.op(parts).unwrap_or(MatcherOp::Equal);
        let name = parts.name.and_then(|name| self.said(name)).unwrap_or_default();
        let typed = token.map_or(String::new(), |token| self.typed(token));
        let is_behind = before.is_some_and(|before| before.end == self.at && self.written(before) == "=");
        let extends = if is_behind && token.is_none() { Some("~") } else { None };
        if matches!(op, MatcherOp::Equal | MatcherOp::NotEqual) {
            let typed = Typed::literal(typed);
            return Wanted::Value { name, op, typed, before: String::new(), after: String::new(), extends };
        }
        let whole = token.and_then(|token| self.said(token)).unwrap_or_default();
        let behind = whole.strip_prefix(typed.as_str()).unwrap_or_default();
        // Within a group an alternative can't be told from what the group is for: all is replaced.
        let bars = bars(&whole).filter(|_| !behind.is_empty()).or_else(|| bars(&typed)).unwrap_or_default();
        let first = bars.iter().rfind(|&&bar| bar < typed.len()).map_or(0, |bar| bar + 1);
        let last = bars.iter().find(|&&bar| bar >= typed.len()).copied().unwrap_or(whole.len());
        let after = whole.get(last..).unwrap_or_default().to_owned();
        let before = typed[..first].to_owned();
        Wanted::Value { name, op, typed: Typed::pattern(typed[first..].to_owned()), before, after, extends }
    }
}

/// Where the bars between the alternatives of a regular expression are; `None` where a group or class is open.
fn bars(pattern: &str) -> Option<Vec<usize>> {
    let (mut found, mut depth, mut in_class, mut is_escaped) = (Vec::new(), 0usize, false, false);
    for (at, c) in pattern.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ']' if in_class => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            '|' if depth == 0 => found.push(at),
            _ => {}
        }
    }
    (depth == 0 && !in_class && !is_escaped).then_some(found)
}
