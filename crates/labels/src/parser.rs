//! The text form of selectors and matchers.
//!
//! `{name="value", "quoted name"!~'regex',}`: names are bare when they hold no space, quote, bracket, comma
//! or operator character, quoted otherwise (UTF-8 throughout); values are quoted by `"`, `'` or backticks, the
//! first two with Go's escapes.

use std::fmt;

use crate::{Matcher, MatcherOp};

/// Where a selector could not be read, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at byte {position}, found {found}")]
pub struct SelectorError {
    /// Byte offset into the text.
    pub position: usize,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

struct Parser<'a> {
    text: &'a str,
    pos: usize,
}

type Result<T> = std::result::Result<T, SelectorError>;

pub(crate) fn parse(text: &str) -> Result<Vec<Matcher>> {
    let mut parser = Parser { text, pos: 0 };
    parser.skip_space();
    parser.matchers()
}

/// A name as it stands before the matchers, with its position; empty where there is none.
pub(crate) struct Head<'a> {
    pub(crate) position: usize,
    pub(crate) name: &'a str,
}

/// Reads `name{matchers}`, where each of the two may be missing.
pub(crate) fn parse_with_head(text: &str) -> Result<(Head<'_>, Vec<Matcher>)> {
    let mut parser = Parser { text, pos: 0 };
    parser.skip_space();
    let position = parser.pos;
    let rest = parser.rest();
    let name = &rest[..rest.find(|c| !is_bare(c)).unwrap_or(rest.len())];
    parser.pos += name.len();
    parser.skip_space();
    if !name.is_empty() && !parser.rest().is_empty() && !parser.rest().starts_with('{') {
        return Err(parser.error("\"{\" or the end"));
    }
    Ok((Head { position, name }, parser.matchers()?))
}

/// Reads label names between commas, quoted where they must be; each with its position and whether it was quoted.
pub(crate) fn parse_names(text: &str) -> Result<Vec<(usize, String, bool)>> {
    let mut parser = Parser { text, pos: 0 };
    let mut names = Vec::new();
    loop {
        parser.skip_space();
        let (position, quoted) = (parser.pos, parser.rest().starts_with(['"', '\'', '`']));
        names.push((position, parser.name("a label name")?, quoted));
        parser.skip_space();
        if parser.rest().is_empty() {
            return Ok(names);
        }
        if !parser.eat(',') {
            return Err(parser.error("\",\" or the end"));
        }
    }
}

pub(crate) fn is_bare(c: char) -> bool {
    !matches!(c, '=' | '!' | '~' | ',' | '{' | '}' | '"' | '\'' | '`' | '\\') && !c.is_whitespace() && !c.is_control()
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    fn matchers(&mut self) -> Result<Vec<Matcher>> {
        let mut list = Vec::new();
        if self.rest().is_empty() {
            return Ok(list);
        }
        self.expect('{')?;
        loop {
            self.skip_space();
            if self.eat('}') {
                break;
            }
            list.push(self.matcher()?);
            self.skip_space();
            if self.eat(',') {
                continue;
            }
            if self.eat('}') {
                break;
            }
            return Err(self.error("\",\" or \"}\""));
        }
        self.skip_space();
        if self.rest().is_empty() { Ok(list) } else { Err(self.error("the end")) }
    }

    fn skip_space(&mut self) {
        self.pos += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        if found {
            self.pos += c.len_utf8();
        }
        found
    }

    fn expect(&mut self, c: char) -> Result<()> {
        if self.eat(c) { Ok(()) } else { Err(self.error(&format!("{:?}", c.to_string()))) }
    }

    fn error(&self, expected: &str) -> SelectorError {
        self.error_at(self.pos, expected)
    }

    fn error_at(&self, position: usize, expected: &str) -> SelectorError {
        let found = match self.text[position..].chars().next() {
            Some(c) => format!("{:?}", c.to_string()),
            None => "the end".to_owned(),
        };
        SelectorError { position, expected: expected.to_owned(), found }
    }

    fn matcher(&mut self) -> Result<Matcher> {
        let name = self.name("a label name or \"}\"")?;
        self.skip_space();
        let op = self.op()?;
        self.skip_space();
        let at = self.pos;
        let value = self.quoted("a quoted value")?;
        Matcher::new(name, op, value).map_err(|message| SelectorError {
            position: at,
            expected: "a regular expression".to_owned(),
            found: format!("one that does not compile: {message}"),
        })
    }

    fn name(&mut self, expected: &str) -> Result<String> {
        if self.rest().starts_with(['"', '\'', '`']) {
            let at = self.pos;
            let name = self.quoted("a label name")?;
            return if name.is_empty() { Err(self.error_at(at, "a label name")) } else { Ok(name) };
        }
        let len = self.rest().find(|c| !is_bare(c)).unwrap_or(self.rest().len());
        if len == 0 {
            return Err(self.error(expected));
        }
        let name = self.rest()[..len].to_owned();
        self.pos += len;
        Ok(name)
    }

    fn op(&mut self) -> Result<MatcherOp> {
        for op in [MatcherOp::Match, MatcherOp::NotMatch, MatcherOp::NotEqual, MatcherOp::Equal] {
            if self.rest().starts_with(op.as_str()) {
                self.pos += op.as_str().len();
                return Ok(op);
            }
        }
        Err(self.error("one of = != =~ !~"))
    }

    fn quoted(&mut self, expected: &str) -> Result<String> {
        let start = self.pos;
        let quote = match self.rest().chars().next() {
            Some(c @ ('"' | '\'' | '`')) => c,
            _ => return Err(self.error(expected)),
        };
        self.pos += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                self.pos = self.text.len();
                return Err(self.error(&format!("{quote} to close the text from byte {start}")));
            };
            let at = self.pos;
            self.pos += c.len_utf8();
            match c {
                c if c == quote => return Ok(out),
                '\\' if quote != '`' => out.push(self.escape(at)?),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self, at: usize) -> Result<char> {
        let bad = |parser: &Self| {
            parser.error_at(at, "an escape sequence (\\\\ \\\" \\' \\n \\t \\r \\xNN \\uNNNN \\UNNNNNNNN)")
        };
        let Some(c) = self.rest().chars().next() else { return Err(bad(self)) };
        self.pos += c.len_utf8();
        let digits = match c {
            'n' => return Ok('\n'),
            't' => return Ok('\t'),
            'r' => return Ok('\r'),
            'a' => return Ok('\u{7}'),
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'v' => return Ok('\u{b}'),
            '\\' | '"' | '\'' => return Ok(c),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return Err(bad(self)),
        };
        let hex = self.rest().get(..digits).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let Some(code) = code else { return Err(bad(self)) };
        self.pos += digits;
        Ok(code)
    }
}

/// What a quoted text says; `None` if it is not one, or not only one.
pub(crate) fn unquote(text: &str) -> Option<String> {
    let mut parser = Parser { text, pos: 0 };
    let said = parser.quoted("a quoted text").ok()?;
    parser.rest().is_empty().then_some(said)
}

struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, self.0)
    }
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_quoted(f, self.0)
    }
}

/// A label name as it stands in a selector: quoted where it must be.
#[must_use]
pub fn name_text(name: &str) -> String {
    Name(name).to_string()
}

/// A value as it stands in a selector: quoted.
#[must_use]
pub fn quoted_text(value: &str) -> String {
    Quoted(value).to_string()
}

/// Writes a label name, quoted where it must be.
pub(crate) fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if !name.is_empty() && name.chars().all(is_bare) { f.write_str(name) } else { write_quoted(f, name) }
}

/// Writes a value in double quotes so that it reads back as it is.
pub(crate) fn write_quoted(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in value.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            c if c.is_control() => write!(f, "\\U{:08x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{LabelSet, MatcherOp, Matchers};

    fn error(text: &str) -> String {
        Matchers::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn reads_the_four_operators_and_any_quotes() {
        let matchers =
            Matchers::parse(r#" { service_name="shop", region=~'eu-.*',pod!="x", "zone α"!~`a\d`, } "#).unwrap();
        let got: Vec<_> = matchers.iter().map(|m| (m.name(), m.op(), m.value())).collect();
        assert_eq!(
            got,
            [
                ("service_name", MatcherOp::Equal, "shop"),
                ("region", MatcherOp::Match, "eu-.*"),
                ("pod", MatcherOp::NotEqual, "x"),
                ("zone α", MatcherOp::NotMatch, "a\\d"),
            ]
        );
        assert!(Matchers::parse("").unwrap().is_empty());
        assert!(Matchers::parse(" {} ").unwrap().is_empty());
    }

    #[test]
    fn regular_expressions_match_whole_values_and_missing_labels_are_empty() {
        let set: LabelSet = [("region", "eu-west")].into_iter().collect();
        for (text, expected) in [
            (r#"{region=~"eu"}"#, false),
            (r#"{region=~"eu.*|us"}"#, true),
            (r#"{region!~"us.*"}"#, true),
            (r#"{pod=""}"#, true),
            (r#"{pod!=""}"#, false),
            (r#"{pod=~".*"}"#, true),
            (r#"{pod!="a"}"#, true),
            (r#"{region="eu-west", pod="a"}"#, false),
        ] {
            assert_eq!(Matchers::parse(text).unwrap().matches(&set), expected, "{text}");
        }
    }

    #[test]
    fn errors_name_position_and_expectation() {
        assert_eq!(error("a=\"b\""), "expected \"{\" at byte 0, found \"a\"");
        assert_eq!(error("{a}"), "expected one of = != =~ !~ at byte 2, found \"}\"");
        assert_eq!(error("{a=b}"), "expected a quoted value at byte 3, found \"b\"");
        assert_eq!(error("{a=\"b\" c=\"d\"}"), "expected \",\" or \"}\" at byte 7, found \"c\"");
        assert_eq!(error("{a=\"b"), "expected \" to close the text from byte 3 at byte 5, found the end");
        assert_eq!(error("{a=\"b\"} x"), "expected the end at byte 8, found \"x\"");
        assert!(
            error("{a=~\"(\"}").starts_with("expected a regular expression at byte 4, found one that does not compile")
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _parsed = Matchers::parse(&text);
        }

        #[test]
        fn printed_matchers_read_back(name in ".{1,8}", value in ".{0,8}") {
            let mut matchers = Matchers::default();
            matchers.push(crate::Matcher::new(name.as_str(), MatcherOp::NotEqual, value.as_str()).unwrap());
            let again = Matchers::parse(&matchers.to_string()).unwrap();
            let got: Vec<_> = again.iter().map(|m| (m.name().to_owned(), m.value().to_owned())).collect();
            prop_assert_eq!(got, vec![(name, value)]);
        }
    }
}
