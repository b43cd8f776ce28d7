//! Which frames a filter is about.

use std::fmt;

use emberglass_profile::{FunctionId, StringId};
use emberglass_trie::{Granularity, MergedTrie};
use regex_lite::Regex;

use crate::search::{PatternError, compile};
use crate::{FunctionPackages, Names};

/// Where a test looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// Name, file and binary, as google/pprof does.
    Any,
    /// The function's name, as it is stored or as it is shown.
    Function,
    /// Its file.
    File,
    /// Its package, see [`crate::package_of`].
    Package,
    /// The binary.
    Binary,
}

impl Field {
    pub(super) const NAMED: [Self; 4] = [Self::Function, Self::File, Self::Package, Self::Binary];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Function => "function",
            Self::File => "file",
            Self::Package => "package",
            Self::Binary => "binary",
        }
    }
}

/// A literal, which is a whole name (of files and binaries the whole path or its last parts), or a regular expression, which
/// may match a part.
#[derive(Clone, Debug)]
pub struct FrameTest {
    field: Field,
    text: String,
    regex: Option<Regex>,
}

impl FrameTest {
    /// Frames with exactly this text.
    #[must_use]
    pub fn literal(field: Field, text: impl Into<String>) -> Self {
        Self { field, text: text.into(), regex: None }
    }

    /// Frames in which the expression is found.
    ///
    /// # Errors
    /// Where and why the expression does not compile.
    pub fn regex(field: Field, text: impl Into<String>) -> Result<Self, PatternError> {
        let text = text.into();
        let regex = Some(compile(&text)?);
        Ok(Self { field, text, regex })
    }

    /// Where it looks.
    #[must_use]
    pub const fn field(&self) -> Field {
        self.field
    }

    fn is(&self, text: &str) -> bool {
        self.regex.as_ref().map_or(self.text == text, |regex| regex.is_match(text))
    }

    fn is_path(&self, path: &str) -> bool {
        if path.is_empty() {
            return false;
        }
        let is_end = || path.strip_suffix(self.text.as_str()).is_some_and(|before| before.ends_with(['/', '\\']));
        self.is(path) || (self.regex.is_none() && !self.text.is_empty() && is_end())
    }

    /// Which functions of `trie` match, by row.
    pub(super) fn functions(&self, trie: &MergedTrie, names: &Names) -> Vec<bool> {
        let symbols = &trie.symbols;
        let in_names = matches!(self.field, Field::Any | Field::Function);
        let in_files = matches!(self.field, Field::Any | Field::File);
        let in_binaries = matches!(self.field, Field::Any | Field::Binary);
        if self.field == Field::Package {
            let packages = FunctionPackages::new(trie, names);
            return (0..symbols.functions.len() as u32).map(|row| self.is(packages.package(FunctionId(row)))).collect();
        }
        // Each text is looked at once, however many functions have it.
        let texts = |wanted: bool, test: &dyn Fn(&str) -> bool| -> Vec<bool> {
            if wanted { symbols.strings.iter().map(test).collect() } else { Vec::new() }
        };
        let name_texts = texts(in_names, &|text| !text.is_empty() && self.is(text));
        let path_texts = texts(in_files || in_binaries, &|text| self.is_path(text));
        let unnamed = in_names && self.is(symbols.function_name(FunctionId(u32::MAX)));
        let at = |found: &[bool], id: StringId| found.get(id.index()).copied().unwrap_or(false);
        let binaries: Vec<StringId> = symbols.mappings.iter().map(|mapping| mapping.file).collect();
        let binary = |row: usize| {
            let mapping = trie.mapping.get(row).copied().unwrap_or_default();
            binaries.get(mapping.index()).copied().unwrap_or_default()
        };
        // The name of a line is no function's.
        let has_lines = trie.granularity == Granularity::Line;
        let functions = symbols.functions.iter().enumerate();
        let mut found: Vec<bool> = functions
            .map(|(row, function)| {
                let name = if has_lines { function.system_name } else { function.name };
                at(&name_texts, name)
                    || (unnamed && name == StringId::EMPTY)
                    || (in_files && at(&path_texts, function.file))
                    || (in_binaries && at(&path_texts, binary(row)))
            })
            .collect();
        if in_names && !has_lines {
            for row in names.matching(|text| self.is(text)) {
                found[row] = true;
            }
        }
        found
    }
}

/// What an expression stands between, and a literal that would look like an expression or a quoted one.
fn is_between(text: &str, mark: char) -> bool {
    text.len() > 1 && text.starts_with(mark) && text.ends_with(mark)
}

/// Writes a literal or an expression so that it is read as the same.
pub(super) fn write_test(f: &mut fmt::Formatter<'_>, text: &str, is_regex: bool) -> fmt::Result {
    match is_regex {
        true => write!(f, "/{text}/"),
        false if is_between(text, '/') || is_between(text, '"') => write!(f, "\"{text}\""),
        false => f.write_str(text),
    }
}

/// What [`write_test`] wrote: the text, whether it is an expression, and the bytes before it.
pub(super) fn read_test(text: &str) -> (&str, bool, usize) {
    if is_between(text, '/') {
        return (&text[1..text.len() - 1], true, 1);
    }
    if is_between(text, '"') { (&text[1..text.len() - 1], false, 1) } else { (text, false, 0) }
}

impl fmt::Display for FrameTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_test(f, &self.text, self.regex.is_some())
    }
}
