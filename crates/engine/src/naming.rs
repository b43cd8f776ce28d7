//! How names are shown: as they are stored, or demangled.
//!
//! Rust is demangled here. What demangles C++ is as large as the rest of the engine's views, so that hosts load it when
//! a result has such names ([`Naming::unknown`]) and hand in what it says ([`Naming::learn`]). What is known is
//! shared by all results.

use std::borrow::Cow;
use std::cell::RefCell;

use emberglass_demangle::{Mangling, mangling, rust};
use emberglass_profile::{FunctionId, StringTable, Symbols};
use emberglass_query::YieldNow;
use emberglass_trie::MergedTrie;
use emberglass_views::Names;

use crate::answers::MangledNamesAnswer;

/// Text of names of C++ that is kept before all are forgotten: what a result still needs is asked for again.
const KEPT_BYTES: usize = 32 << 20;
/// Names that are read in one go in search of those of C++: about a millisecond.
const MOST_READ: usize = 1 << 14;

/// What is known of names.
#[derive(Debug)]
pub(crate) struct Naming {
    demangle: bool,
    version: u32,
    mangled: StringTable,
    /// By row of `mangled`; empty where a name stays as it is.
    shown: Vec<String>,
    bytes: usize,
}

impl Default for Naming {
    fn default() -> Self {
        Self { demangle: true, version: 0, mangled: StringTable::default(), shown: vec![String::new()], bytes: 0 }
    }
}

impl Naming {
    /// Changes when names may be shown otherwise than before.
    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    /// Whether to demangle.
    pub(crate) fn set_demangle(&mut self, demangle: bool) {
        if self.demangle != demangle {
            self.demangle = demangle;
            self.version += 1;
        }
    }

    /// Names of C++, at most `limit`, about which nothing is known yet: of the functions of stacks and, because one may have costs and
    /// no stack, of those with costs, from row `from` of both on.
    pub(crate) fn unknown(
        &self,
        stacks: &Symbols,
        costs: Option<&Symbols>,
        from: u32,
        limit: usize,
    ) -> MangledNamesAnswer {
        let before = stacks.functions.len();
        // While names are shown as they are stored nothing is to be known of any.
        let rows = if self.demangle { before + costs.map_or(0, |costs| costs.functions.len()) } else { 0 };
        let name = |row: usize| match row.checked_sub(before) {
            None => stacks.function_name(FunctionId(row as u32)),
            Some(row) => costs.map_or("", |costs| costs.function_name(FunctionId(row as u32))),
        };
        let mut names: Vec<String> = Vec::new();
        let mut row = from as usize;
        let end = rows.min(row.saturating_add(MOST_READ));
        while row < end && names.len() < limit {
            let name = name(row);
            // Functions are sorted by name.
            if self.is_unknown(name) && names.last().is_none_or(|last| last != name) {
                names.push(name.to_owned());
            }
            row += 1;
        }
        MangledNamesAnswer { names, next: (row < rows).then_some(row as u32) }
    }

    fn is_unknown(&self, name: &str) -> bool {
        mangling(name) == Some(Mangling::Cpp) && self.mangled.find(name).is_none()
    }

    /// Forgets all if it is much. Not while the names of a result are being learnt: that would never end.
    pub(crate) fn trim(&mut self) {
        if self.bytes > KEPT_BYTES {
            *self = Self { demangle: self.demangle, version: self.version + 1, ..Self::default() };
        }
    }

    /// Takes what demangling gave; `None` for names that stay as they are.
    pub(crate) fn learn(&mut self, names: impl IntoIterator<Item = (String, Option<String>)>) {
        for (name, shown) in names {
            let row = self.mangled.intern(&name).index();
            let shown = shown.unwrap_or_default();
            self.bytes += name.len() + shown.len();
            if row == self.shown.len() {
                self.shown.push(shown);
            } else {
                self.shown[row] = shown;
            }
        }
        self.version += 1;
    }

    /// The names of a trie, made in slices: what is learnt meanwhile may be missing.
    pub(crate) async fn names_sliced(naming: &RefCell<Self>, trie: &MergedTrie, pause: &impl YieldNow) -> Names {
        Names::sliced(&trie.symbols, |name| naming.borrow().shown(name).map(Cow::Owned), pause).await
    }

    /// The names of the functions of a trie or a block.
    pub(crate) fn names_of(&self, symbols: &Symbols) -> Names {
        Names::new(symbols, |name| self.shown(name).map(Cow::Owned))
    }

    /// A name as it is shown, where that is another one.
    fn shown(&self, name: &str) -> Option<String> {
        match mangling(name).filter(|_| self.demangle)? {
            Mangling::Rust => rust(name),
            Mangling::Cpp => {
                let known = self.mangled.find(name).and_then(|id| self.shown.get(id.index()));
                known.filter(|shown| !shown.is_empty()).cloned()
            }
        }
    }
}
