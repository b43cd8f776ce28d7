//! Which frames a filter is about.

use std::fmt;

use emberglass_labels::{StackEnds, TagFrame};
use emberglass_profile::{FrameId, Function, FunctionId, MappingId, StringId, Symbols};
use emberglass_trie::{Granularity, MergedTrie, Work, YieldNow, slices};

use super::FastMap;
use crate::expression::{Expression, PatternError};
use crate::{Names, package_of};

/// What a function without a name is called.
const UNKNOWN: &str = "(unknown)";
/// Units of work of a function whose texts are looked at, and of one whose package is; see [`Work`].
const TEXT: usize = 80;
const PACKAGE: usize = 40;

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
    regex: Option<Expression>,
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
        let regex = Some(Expression::parse(&text)?);
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

    /// Which frames of `of` match, by key.
    pub(super) async fn keys(&self, of: &Subject<'_>, pause: &impl YieldNow) -> Vec<bool> {
        let mut keys = match self.field {
            Field::Package => self.by_package(of, pause).await,
            _ => self.by_text(of, pause).await,
        };
        let tag_frames = of.ends.iter().flat_map(|ends| ends.roots.iter().chain(&ends.leaves));
        keys.extend(tag_frames.map(|frame| self.is_tag_frame(frame)));
        keys
    }

    fn is_tag_frame(&self, TagFrame { key, value }: &TagFrame) -> bool {
        let is_name = || self.is(if value.is_empty() { UNKNOWN } else { value });
        match self.field {
            Field::Any => is_name() || self.is_path(key),
            Field::Function => is_name(),
            Field::File => self.is_path(key),
            Field::Package => self.is(package_of(value, key, "").name),
            Field::Binary => false,
        }
    }

    async fn by_package(&self, of: &Subject<'_>, pause: &impl YieldNow) -> Vec<bool> {
        let symbols = of.symbols;
        let mut known: FastMap<&str, bool> = FastMap::default();
        // Frames of one function differ by their lines, seldom by their binaries.
        let mut last: Vec<Option<(MappingId, bool)>> = vec![None; symbols.functions.len()];
        let mut one = |(function, mapping): (FunctionId, MappingId)| {
            let last = last.get_mut(function.index());
            if let Some(&mut Some((of_last, is_match))) = last
                && of_last == mapping
            {
                return is_match;
            }
            let row = symbols.functions.get(function).unwrap_or_default();
            let name = if row.name == StringId::EMPTY { "" } else { of.names.of(symbols, function) };
            let binary = symbols.text(symbols.mappings.get(mapping).unwrap_or_default().file);
            let package = package_of(name, symbols.text(row.file), binary).name;
            let is_match = *known.entry(package).or_insert_with(|| self.is(package));
            if let Some(last) = last {
                *last = Some((mapping, is_match));
            }
            is_match
        };
        let mut found = Vec::with_capacity(of.len());
        let mut work = Work::default();
        for keys in slices(0..of.len()) {
            let units = keys.len() * PACKAGE;
            found.extend(keys.map(|key| one(of.row(key))));
            work.done(units, pause).await;
        }
        found
    }

    async fn by_text(&self, of: &Subject<'_>, pause: &impl YieldNow) -> Vec<bool> {
        let symbols = of.symbols;
        let in_names = matches!(self.field, Field::Any | Field::Function);
        let in_files = matches!(self.field, Field::Any | Field::File);
        let in_binaries = matches!(self.field, Field::Any | Field::Binary);
        let unnamed = in_names && self.is(UNKNOWN);
        // Each text is looked at once, however many functions have it.
        let mut names = Answers::new(symbols.strings.len(), |id| !id.is_empty() && self.is(id));
        let mut paths = Answers::new(symbols.strings.len(), |id| self.is_path(id));
        // The name of a line is no function's.
        let name_of = |function: &Function| if of.has_lines { function.system_name } else { function.name };
        let mut is_match = |function: Function| {
            let name = name_of(&function);
            in_names && names.of(symbols, name)
                || (unnamed && name == StringId::EMPTY)
                || (in_files && paths.of(symbols, function.file))
        };
        let mut functions = Vec::with_capacity(symbols.functions.len());
        let mut work = Work::default();
        for rows in slices(0..symbols.functions.len()) {
            let units = rows.len() * TEXT;
            let all = rows.map(|row| symbols.functions.get(FunctionId(row as u32)).unwrap_or_default());
            functions.extend(all.map(&mut is_match));
            work.done(units, pause).await;
        }
        if in_names && !of.has_lines {
            of.names.add_matching(&mut functions, |text| self.is(text), TEXT, pause).await;
        }
        let mappings: Vec<bool> = match in_binaries {
            true => symbols.mappings.iter().map(|mapping| paths.of(symbols, mapping.file)).collect(),
            false => Vec::new(),
        };
        let found = |(function, mapping): (FunctionId, MappingId)| {
            functions.get(function.index()) == Some(&true) || mappings.get(mapping.index()) == Some(&true)
        };
        (0..of.len()).map(|key| found(of.row(key))).collect()
    }
}

/// What a test says of texts, each asked once.
struct Answers<F> {
    known: Vec<Option<bool>>,
    ask: F,
}

impl<F: Fn(&str) -> bool> Answers<F> {
    fn new(texts: usize, ask: F) -> Self {
        Self { known: vec![None; texts], ask }
    }

    fn of(&mut self, symbols: &Symbols, id: StringId) -> bool {
        let Some(known) = self.known.get_mut(id.index()) else { return false };
        *known.get_or_insert_with(|| (self.ask)(symbols.text(id)))
    }
}

/// Frames that a test looks at, told apart by their keys.
pub(super) struct Subject<'a> {
    symbols: &'a Symbols,
    names: &'a Names,
    /// By key the binaries of functions; without it keys are rows of the frames.
    binaries: Option<&'a [MappingId]>,
    has_lines: bool,
    /// Frames of labels, whose keys follow.
    ends: Option<&'a StackEnds>,
}

impl<'a> Subject<'a> {
    /// Functions of a merged trie.
    pub(super) fn functions(trie: &'a MergedTrie, names: &'a Names) -> Self {
        let has_lines = trie.granularity == Granularity::Line;
        Self { symbols: &trie.symbols, names, binaries: Some(&trie.mapping), has_lines, ends: None }
    }

    /// Frames of profiles that are not merged.
    pub(super) const fn frames(symbols: &'a Symbols, names: &'a Names, ends: &'a StackEnds) -> Self {
        Self { symbols, names, binaries: None, has_lines: false, ends: Some(ends) }
    }

    /// Number of keys of frames that are no labels'.
    fn len(&self) -> usize {
        if self.binaries.is_some() { self.symbols.functions.len() } else { self.symbols.frames.len() }
    }

    /// Function and binary of a key.
    fn row(&self, key: usize) -> (FunctionId, MappingId) {
        if let Some(binaries) = self.binaries {
            return (FunctionId(key as u32), binaries.get(key).copied().unwrap_or_default());
        }
        let frame = self.symbols.frames.get(FrameId(key as u32)).unwrap_or_default();
        (frame.function, frame.mapping)
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
