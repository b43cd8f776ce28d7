//! How names are shown: as they are stored, or demangled.
//!
//! Rust is demangled here. What demangles C++ is as large as the rest of the engine's views, so that hosts load it when
//! a result has such names ([`Naming::unknown`]) and hand in what it says ([`Naming::learn`]). What is known is
//! shared by all results.

use std::borrow::Cow;
use std::cell::RefCell;

use emberglass_demangle::{Mangling, mangling, rust};
use emberglass_profile::{StringTable, Symbols};
use emberglass_query::YieldNow;
use emberglass_trie::MergedTrie;
use emberglass_views::Names;

/// Text of names of C++ that is kept before all are forgotten: what a result still needs is asked for again.
const KEPT_BYTES: usize = 32 << 20;

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

    /// Names of C++ in a trie, at most `limit`, about which nothing is known yet; each once.
    pub(crate) fn unknown(&self, trie: &MergedTrie, limit: usize) -> Vec<String> {
        if !self.demangle {
            return Vec::new();
        }
        let names = trie.symbols.functions.iter().map(|function| trie.symbols.text(function.name));
        let unknown = names.filter(|name| mangling(name) == Some(Mangling::Cpp) && self.mangled.find(name).is_none());
        let mut found: Vec<String> = Vec::new();
        for name in unknown {
            // Functions are sorted by name.
            if found.last().is_some_and(|last| last == name) {
                continue;
            }
            if found.len() == limit {
                break;
            }
            found.push(name.to_owned());
        }
        found
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
