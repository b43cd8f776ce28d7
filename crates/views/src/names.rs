//! Names as they are shown.
//!
//! A trie keeps the names of the source; what people read, search and sort by is another matter: the type arguments
//! of Go's compiler are cut, and mangled names may be demangled.

use std::borrow::Cow;
use std::sync::OnceLock;

use emberglass_columns::sorted_rows;
use emberglass_profile::{FunctionId, StringId, StringTable, Symbols};
use emberglass_trie::MergedTrie;

use crate::display_name;

/// The shown names of the functions of one [`MergedTrie`] or other symbols, where they differ from the stored ones.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: StringTable,
    /// By row of the functions; the empty text where the stored name is shown. Empty if no name differs.
    shown: Vec<StringId>,
    /// Rows of the functions in the order of their shown names.
    order: OnceLock<Vec<u32>>,
}

impl Names {
    /// Names of functions; `demangled` gives the name behind a mangled one, where it knows it.
    #[must_use]
    pub fn new<'a>(symbols: &'a Symbols, mut demangled: impl FnMut(&'a str) -> Option<Cow<'a, str>>) -> Self {
        let mut names = Self::default();
        for (row, function) in symbols.functions.iter().enumerate() {
            let stored = symbols.text(function.name);
            let shown = demangled(stored).unwrap_or_else(|| display_name(stored));
            if !shown.is_empty() && shown != stored {
                names.shown.resize(symbols.functions.len(), StringId::EMPTY);
                names.shown[row] = names.texts.intern(&shown);
            }
        }
        names
    }

    fn changed(&self, function: FunctionId) -> Option<&str> {
        self.shown.get(function.index()).filter(|&&id| id != StringId::EMPTY).map(|&id| self.texts.get(id))
    }

    /// The name of a function; `(unknown)` for an empty one.
    #[must_use]
    pub fn get<'a>(&'a self, trie: &'a MergedTrie, function: FunctionId) -> &'a str {
        self.of(&trie.symbols, function)
    }

    /// As [`Self::get`], of the symbols that these are the names of.
    pub(crate) fn of<'a>(&'a self, symbols: &'a Symbols, function: FunctionId) -> &'a str {
        self.changed(function).unwrap_or_else(|| symbols.function_name(function))
    }

    /// Rows of the functions by shown name, then by stored name, file and system name; `None` where that is the
    /// order of their rows.
    pub(crate) fn order(&self, trie: &MergedTrie) -> Option<&[u32]> {
        if self.shown.is_empty() {
            return None;
        }
        Some(self.order.get_or_init(|| {
            let name = |row: u32| self.get(trie, FunctionId(row));
            // The sort is stable and function rows are in the order of stored names.
            sorted_rows(trie.symbols.functions.len(), &mut |a, b| name(a).cmp(name(b)))
        }))
    }

    /// Which functions have a shown name that differs from the stored one and passes a test.
    pub(crate) fn matching(&self, matches: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        let texts: Vec<bool> = self.texts.iter().map(matches).collect();
        let shown = self.shown.iter().enumerate().filter(|&(_, &id)| id != StringId::EMPTY);
        shown.filter(move |&(_, id)| texts.get(id.index()).copied().unwrap_or(false)).map(|(row, _)| row)
    }
}
