//! A selector that is being written, taken apart leniently around a position.

use crate::parser::{is_bare, unquote};
use crate::{Matcher, MatcherOp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bare,
    Quoted { is_closed: bool },
    Operator,
    Open,
    Close,
    Comma,
    Other,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What the grammar wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Type,
    Brace,
    Name,
    Operator,
    Value,
    Separator,
    Nothing,
}

impl Next {
    /// True for a token that can stand there, as a whole or in part.
    pub(crate) const fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Type => matches!(kind, Kind::Bare),
            Self::Name => matches!(kind, Kind::Bare | Kind::Quoted { .. }),
            Self::Operator => matches!(kind, Kind::Operator),
            // A value that lacks its quotes gets them.
            Self::Value => matches!(kind, Kind::Bare | Kind::Quoted { .. }),
            Self::Brace | Self::Separator | Self::Nothing => false,
        }
    }

    /// What is wanted behind a token; where it does not fit, what would make sense of the rest.
    const fn after(self, kind: Kind) -> Self {
        match (self, kind) {
            (Self::Nothing, _) => Self::Nothing,
            (Self::Type | Self::Brace, Kind::Open) => Self::Name,
            (Self::Type | Self::Brace, Kind::Bare) => Self::Brace,
            (Self::Type | Self::Brace, _) => self,
            (_, Kind::Close) => Self::Nothing,
            (_, Kind::Comma) => Self::Name,
            (_, Kind::Operator) => Self::Value,
            (Self::Value, Kind::Bare | Kind::Quoted { .. }) | (Self::Operator, Kind::Quoted { .. }) => Self::Separator,
            (_, Kind::Bare | Kind::Quoted { .. }) => Self::Operator,
            (_, Kind::Open | Kind::Other) => self,
        }
    }
}

/// The parts of one condition, as far as they are there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) name: Option<Token>,
    pub(crate) operator: Option<Token>,
    pub(crate) value: Option<Token>,
}

impl Parts {
    pub(crate) fn holds(&self, token: Token) -> bool {
        [self.name, self.operator, self.value].into_iter().flatten().any(|of| of.start == token.start)
    }
}

/// A text taken apart.
pub(crate) struct Reading<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    /// Each token, and what was wanted where it stands.
    pub(crate) tokens: Vec<(Next, Token)>,
    /// What is wanted at the end.
    pub(crate) last: Next,
    pub(crate) conditions: Vec<Parts>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(text: &'a str, at: usize) -> Self {
        let mut reading = Self { text, at, tokens: Vec::new(), last: Next::Type, conditions: Vec::new() };
        let mut pos = 0;
        while let Some(token) = reading.token(pos) {
            pos = token.end;
            let wanted = reading.last;
            reading.tokens.push((wanted, token));
            reading.last = wanted.after(token.kind);
            reading.take(wanted, token);
        }
        reading
    }

    /// The next token from byte `pos` on.
    fn token(&self, pos: usize) -> Option<Token> {
        let rest = self.text.get(pos..)?;
        let start = pos + rest.len() - rest.trim_start().len();
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        let one = |kind| Some(Token { kind, start, end: start + first.len_utf8() });
        match first {
            '{' => one(Kind::Open),
            '}' => one(Kind::Close),
            ',' => one(Kind::Comma),
            '"' | '\'' | '`' => Some(self.quoted(start, first)),
            '=' | '!' | '~' => {
                let len = if matches!(rest.get(..2), Some("!=" | "=~" | "!~")) { 2 } else { 1 };
                Some(Token { kind: Kind::Operator, start, end: start + len })
            }
            c if is_bare(c) => {
                let len = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
                Some(Token { kind: Kind::Bare, start, end: start + len })
            }
            _ => one(Kind::Other),
        }
    }

    /// A quoted text. One that the position is in, and that nothing follows which could, ends there: its quote was
    /// taken from the next text.
    fn quoted(&self, start: usize, quote: char) -> Token {
        let mut is_escaped = false;
        let mut end = None;
        for (at, c) in self.text[start..].char_indices().skip(1) {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' if quote != '`' => is_escaped = true,
                c if c == quote => {
                    end = Some(start + at + c.len_utf8());
                    break;
                }
                _ => {}
            }
        }
        let holds_position = start < self.at && self.at < end.unwrap_or(usize::MAX);
        let follows = |end: usize| self.text[end..].trim_start().starts_with([',', '}', '=', '!']);
        let is_last = |end: usize| self.text[end..].trim_start().is_empty();
        match end {
            Some(end) if !holds_position || follows(end) || is_last(end) => {
                Token { kind: Kind::Quoted { is_closed: true }, start, end }
            }
            None if !holds_position => Token { kind: Kind::Quoted { is_closed: false }, start, end: self.text.len() },
            _ => Token { kind: Kind::Quoted { is_closed: false }, start, end: self.at },
        }
    }

    /// Puts a token into its condition.
    fn take(&mut self, wanted: Next, token: Token) {
        match (wanted, token.kind) {
            (Next::Name | Next::Operator | Next::Separator, Kind::Bare)
            | (Next::Name | Next::Separator, Kind::Quoted { .. }) => {
                self.conditions.push(Parts { name: Some(token), ..Parts::default() });
            }
            (Next::Operator | Next::Value, Kind::Operator) => {
                if let Some(last) = self.conditions.last_mut() {
                    last.operator = Some(token);
                }
            }
            (Next::Name | Next::Separator, Kind::Operator) => {
                self.conditions.push(Parts { operator: Some(token), ..Parts::default() });
            }
            (Next::Value, Kind::Bare | Kind::Quoted { .. }) => {
                if let Some(last) = self.conditions.last_mut() {
                    last.value = Some(token);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn written(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// What a name or value says; `None` where it can't be read.
    pub(crate) fn said(&self, token: Token) -> Option<String> {
        match token.kind {
            Kind::Bare => Some(self.written(token).to_owned()),
            Kind::Quoted { is_closed: true } => unquote(self.written(token)),
            _ => None,
        }
    }

    pub(crate) fn op(&self, parts: &Parts) -> Option<MatcherOp> {
        let all = [MatcherOp::Equal, MatcherOp::NotEqual, MatcherOp::Match, MatcherOp::NotMatch];
        let written = self.written(parts.operator?);
        all.into_iter().find(|op| op.as_str() == written)
    }

    pub(crate) fn matcher(&self, parts: &Parts) -> Option<Matcher> {
        let value = parts.value.filter(|value| value.kind != Kind::Bare)?;
        let (name, value) = (self.said(parts.name?)?, self.said(value)?);
        Matcher::new(name, self.op(parts)?, value).ok()
    }

    /// Where the position is: what is wanted there, and the token that is written there, if one is.
    pub(crate) fn place(&self) -> (Next, Option<Token>, usize) {
        for (at, &(wanted, token)) in self.tokens.iter().enumerate() {
            if self.at < token.start {
                return (wanted, None, at);
            }
            let is_open = match token.kind {
                Kind::Bare | Kind::Quoted { is_closed: false } => true,
                Kind::Operator => matches!(self.written(token), "!" | "~"),
                _ => false,
            };
            if self.at < token.end || (self.at == token.end && is_open) {
                return (wanted, Some(token).filter(|token| wanted.takes(token.kind)), at);
            }
        }
        (self.last, None, self.tokens.len())
    }
}
