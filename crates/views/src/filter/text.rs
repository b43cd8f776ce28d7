//! The text of a filter.
//!
//! ```text
//! filter = verb [ "@" field ] ":" test        focus:main.handle   hide@package:/^runtime/
//!        | ( "tagfocus" | "tagignore" ) ":" [ key "=" ] test
//!        | ( "tagroot" | "tagleaf" ) ":" key { "," key }
//!        | "preset" ":" name
//! test   = literal | "/" regular expression "/" | '"' literal '"'
//! ```
//!
//! Quotes are for a literal that begins and ends with `/` or `"`; nothing is escaped in it. `focus@label` and `ignore@label` are
//! `tagfocus` and `tagignore`.

use std::fmt;
use std::str::FromStr;

use emberglass_labels::TagFilter;

use super::test::{read_test, write_test};
use super::{Field, Filter, FrameTest, Preset, Verb};

/// Why a filter can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {position} of {text:?}")]
pub struct FilterError {
    /// The filter.
    pub text: String,
    /// Byte offset into it.
    pub position: usize,
    /// What is wrong, or what could stand there.
    pub message: String,
}

const LABEL: &str = "label";

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let error = |position: usize, message: String| FilterError { text: text.to_owned(), position, message };
        let Some(colon) = text.find(':') else {
            return Err(error(text.len(), "expected \":\" and what to look for".to_owned()));
        };
        let (head, rest) = (&text[..colon], &text[colon + 1..]);
        let at = colon + 1;
        let (verb, field) = match head.split_once('@') {
            Some((verb, field)) => (verb, Some(field)),
            None => (head, None),
        };
        let no_field = |filter: Self| match field {
            None => Ok(filter),
            Some(_) => Err(error(verb.len(), format!("expected \":\" after {verb:?}"))),
        };
        if rest.is_empty() {
            return Err(error(at, "expected what to look for".to_owned()));
        }
        let tags = |keeps: bool| -> Result<Self, FilterError> {
            let (key, value) = match rest.split_once('=') {
                Some((key, value)) if !key.is_empty() && !rest.starts_with(['/', '"']) => (Some(key.to_owned()), value),
                _ => (None, rest),
            };
            let start = at + (rest.len() - value.len());
            let (test, is_regex, before) = read_test(value);
            if test.is_empty() {
                return Err(error(start + before, "expected a value".to_owned()));
            }
            let filter = match is_regex {
                false => TagFilter::literal(keeps, key, test.to_owned()),
                true => {
                    TagFilter::regex(keeps, key, test.to_owned()).map_err(|message| error(start + before, message))?
                }
            };
            Ok(Self::Tags(filter))
        };
        let keys = || -> Result<Vec<String>, FilterError> {
            let mut start = at;
            let mut keys = Vec::new();
            for key in rest.split(',') {
                if key.is_empty() {
                    return Err(error(start, "expected the name of a label".to_owned()));
                }
                start += key.len() + 1;
                keys.push(key.to_owned());
            }
            Ok(keys)
        };
        match (verb, field) {
            ("tagfocus", _) => return no_field(tags(true)?),
            ("tagignore", _) => return no_field(tags(false)?),
            ("focus", Some(LABEL)) => return tags(true),
            ("ignore", Some(LABEL)) => return tags(false),
            ("tagroot", _) => return no_field(Self::TagRoot(keys()?)),
            ("tagleaf", _) => return no_field(Self::TagLeaf(keys()?)),
            ("preset", _) => {
                let names = || Preset::ALL.map(Preset::as_str).join(", ");
                let preset = Preset::ALL.into_iter().find(|preset| preset.as_str() == rest);
                return no_field(Self::Preset(
                    preset.ok_or_else(|| error(at, format!("expected one of {}", names())))?,
                ));
            }
            _ => {}
        }
        let Some(known) = Verb::ALL.into_iter().find(|known| known.as_str() == verb) else {
            let verbs = Verb::ALL.map(Verb::as_str).join(", ");
            return Err(error(0, format!("expected one of {verbs}, tagfocus, tagignore, tagroot, tagleaf, preset")));
        };
        let field = match field {
            None => known.default_field(),
            Some(name) => Field::NAMED.into_iter().find(|field| field.as_str() == name).ok_or_else(|| {
                let label = if matches!(known, Verb::Focus | Verb::Ignore) { ", label" } else { "" };
                error(verb.len() + 1, format!("expected one of function, file, package, binary{label}"))
            })?,
        };
        let (test, is_regex, before) = read_test(rest);
        if test.is_empty() {
            return Err(error(at + before, "expected what to look for".to_owned()));
        }
        let test = match is_regex {
            false => FrameTest::literal(field, test),
            true => FrameTest::regex(field, test).map_err(|wrong| error(at + wrong.position, wrong.message))?,
        };
        Ok(Self::Frames { verb: known, test })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frames { verb, test } => {
                f.write_str(verb.as_str())?;
                if test.field() != verb.default_field() {
                    write!(f, "@{}", test.field().as_str())?;
                }
                write!(f, ":{test}")
            }
            Self::Tags(tags) => {
                f.write_str(if tags.keeps() { "tagfocus:" } else { "tagignore:" })?;
                match tags.key() {
                    Some(key) => write!(f, "{key}=")?,
                    // What holds a "=" would be read as key and value.
                    None if !tags.is_regex() && tags.text().contains('=') => return write!(f, "\"{}\"", tags.text()),
                    None => {}
                }
                write_tag(f, tags)
            }
            Self::TagRoot(keys) => write!(f, "tagroot:{}", keys.join(",")),
            Self::TagLeaf(keys) => write!(f, "tagleaf:{}", keys.join(",")),
            Self::Preset(preset) => write!(f, "preset:{}", preset.as_str()),
        }
    }
}

fn write_tag(f: &mut fmt::Formatter<'_>, tags: &TagFilter) -> fmt::Result {
    write_test(f, tags.text(), tags.is_regex())
}
