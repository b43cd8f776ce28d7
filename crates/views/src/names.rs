//! Names as they are shown.
//!
//! A trie keeps the names of the source; what people read, search and sort by is another matter: the type arguments
//! of Go's compiler are cut, and mangled names may be demangled.

use std::borrow::Cow;
use std::sync::OnceLock;

use emberglass_profile::{FunctionId, StringId, StringTable, Symbols};
use emberglass_trie::{MergedTrie, NoYield, Work, YieldNow, at_once, slices, sorted};

use crate::display_name;

/// Units of work of a function whose name is not mangled, see [`Work`].
const UNITS: usize = 20;

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
    pub fn new<'a>(symbols: &'a Symbols, demangled: impl FnMut(&'a str) -> Option<Cow<'a, str>>) -> Self {
        at_once(Self::sliced(symbols, demangled, &NoYield))
    }

    /// As [`Self::new`], in slices.
    pub async fn sliced<'a>(
        symbols: &'a Symbols,
        mut demangled: impl FnMut(&'a str) -> Option<Cow<'a, str>>,
        pause: &impl YieldNow,
    ) -> Self {
        let mut names = Self::default();
        let mut work = Work::default();
        for rows in slices(0..symbols.functions.len()) {
            let units = rows.len() * UNITS;
            for row in rows {
                let stored = symbols.text(symbols.functions.get(FunctionId(row as u32)).unwrap_or_default().name);
                let shown = demangled(stored).unwrap_or_else(|| display_name(stored));
                if !shown.is_empty() && shown != stored {
                    names.shown.resize(symbols.functions.len(), StringId::EMPTY);
                    names.shown[row] = names.texts.intern(&shown);
                }
            }
            work.done(units, pause).await;
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
        at_once(self.put_in_order(trie, &NoYield));
        self.order.get().map(Vec::as_slice)
    }

    /// Makes [`Self::order`] known.
    pub(crate) async fn put_in_order(&self, trie: &MergedTrie, pause: &impl YieldNow) {
        if self.shown.is_empty() || self.order.get().is_some() {
            return;
        }
        let name = |row: u32| self.get(trie, FunctionId(row));
        // The sort is stable and function rows are in the order of stored names.
        let order = sorted(trie.symbols.functions.len(), &mut |a, b| name(a).cmp(name(b)), pause).await;
        self.order.get_or_init(|| order);
    }

    /// Adds which functions have a shown name that differs from the stored one and passes a test, which takes so many units.
    pub(crate) async fn add_matching(
        &self,
        functions: &mut [bool],
        matches: impl Fn(&str) -> bool,
        units: usize,
        pause: &impl YieldNow,
    ) {
        let mut work = Work::default();
        let mut texts = Vec::with_capacity(self.texts.len());
        for rows in slices(0..self.texts.len()) {
            let all = rows.len() * units;
            texts.extend(rows.map(|row| matches(self.texts.get(StringId(row as u32)))));
            work.done(all, pause).await;
        }
        for (function, &id) in functions.iter_mut().zip(&self.shown) {
            *function |= id != StringId::EMPTY && texts.get(id.index()).copied().unwrap_or(false);
        }
    }
}
