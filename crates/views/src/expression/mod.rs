//! Regular expressions over many short texts.
//!
//! What is an expression, and what it means, is the library's. Most expressions are made into a table besides
//! ([`Automaton`]), which answers in a step a byte: a name takes tens of nanoseconds, where the library's own machine takes
//! microseconds. An expression that the table can't say, or that would make a large one, is left to the library.

mod automaton;
mod syntax;

use automaton::Automaton;
use regex_lite::{Regex, RegexBuilder};

/// Bound on the compiled size of a regular expression.
const SIZE_LIMIT: usize = 1 << 20;
/// Longest regular expression, in bytes.
pub(crate) const LENGTH_LIMIT: usize = 4096;

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {position}")]
pub struct PatternError {
    /// Byte offset into the pattern: what stands before it is a valid expression.
    pub position: usize,
    /// What is wrong.
    pub message: String,
}

/// A regular expression, which may match any part of a text.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    regex: Regex,
    table: Option<Automaton>,
}

fn build(text: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(text).size_limit(SIZE_LIMIT).build()
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where and why it does not compile.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > LENGTH_LIMIT {
            let message = format!("a regular expression may have {LENGTH_LIMIT} bytes");
            return Err(PatternError { position: LENGTH_LIMIT + 1, message });
        }
        let regex = build(text).map_err(|error| {
            // The library names no position: what stands after the longest part that compiles is at fault.
            let ends = text.char_indices().map(|(at, _)| at).rev();
            let valid = ends.clone().find(|&end| build(&text[..end]).is_ok()).unwrap_or(0);
            PatternError { position: valid + 1, message: error.to_string() }
        })?;
        let table = syntax::parse(text).and_then(|node| Automaton::new(&node));
        Ok(Self { regex, table })
    }

    /// True if the expression is found in `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match &self.table {
            Some(table) => table.is_match(text.as_bytes()),
            None => self.regex.is_match(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ATOMS: &[&str] = &[
        "a",
        "b",
        "é",
        "日",
        ".",
        r"\.",
        r"\d",
        r"\w",
        r"\s",
        r"\D",
        r"\W",
        r"\S",
        "[ab]",
        "[^a]",
        "[a-c0-9_]",
        r"[^\d.]",
        r"[\w-]",
        "^",
        "$",
        r"\b",
        r"\n",
        r"\/",
        "[é]",
        "[[:alpha:]]",
        "-",
        "]",
        "}",
        ",",
        "\n",
        "()",
    ];
    const TIMES: &[&str] = &["*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}", "{2,3}?", "**"];

    /// Pieces of expressions: what the table says, and some that it leaves to the library.
    fn expression() -> impl Strategy<Value = String> {
        let atom = proptest::sample::select(ATOMS).prop_map(str::to_owned);
        let nested = atom.prop_recursive(4, 24, 4, |inner| {
            let several = || proptest::collection::vec(inner.clone(), 0..4);
            prop_oneof![
                3 => several().prop_map(|parts| parts.concat()),
                1 => several().prop_map(|parts| format!("({})", parts.join("|"))),
                1 => several().prop_map(|parts| format!("(?:{})", parts.join("|"))),
                1 => several().prop_map(|parts| format!("(?P<x>{})", parts.concat())),
                2 => (inner.clone(), proptest::sample::select(TIMES))
                    .prop_map(|(of, times)| format!("(?:{of}){times}")),
                1 => (inner, proptest::sample::select(TIMES)).prop_map(|(of, times)| format!("{of}{times}")),
            ]
        });
        ("(\\(\\?i\\))?", nested, "\\|?", "[a-b]{0,2}").prop_map(|(flag, of, or, more)| format!("{flag}{of}{or}{more}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_table_answers_as_the_library_does(text in expression(), of in proptest::collection::vec("[aAbBcé日0_. \n\\-/]{0,8}", 1..12)) {
            let Ok(expression) = Expression::parse(&text) else { return Ok(()) };
            for of in of {
                prop_assert_eq!(expression.is_match(&of), expression.regex.is_match(&of), "/{}/ in {:?}", text, of);
            }
        }

        #[test]
        fn no_text_panics(text in r"[\\a(){}\[\]*+?|^$.,0-9:<>P!=é-]{0,14}", of in "[a(0é]{0,5}") {
            if let Ok(expression) = Expression::parse(&text) {
                prop_assert_eq!(expression.is_match(&of), expression.regex.is_match(&of), "/{}/ in {:?}", text, of);
            }
        }
    }

    #[test]
    fn usual_expressions_are_tables_and_large_ones_are_not() {
        let has_table = |text: &str| Expression::parse(text).unwrap().table.is_some();
        for text in [
            r"^main\.",
            "runtime|sync",
            r"^(java|javax|jdk)([./]|$)",
            "(?i)json",
            r"package\d+\.\(\*Type\)",
            "[^/]+$",
            "",
        ] {
            assert!(has_table(text), "{text}");
        }
        for text in [r"\bmain", "(a|b).{20}c", "[[:alpha:]]", "(?m)^a", r"\x41", &"(".repeat(200)] {
            assert!(Expression::parse(text).is_err() || !has_table(text), "{text}");
        }
    }
}
