//! Package and colour of every function of a result.

use emberglass_profile::{FunctionId, StringId, StringTable};
use emberglass_trie::{MergedTrie, NoYield, Work, YieldNow, at_once};

use crate::Names;
use crate::package::{color_of, package_of};

/// Units of work of a function, see [`Work`].
const UNITS: usize = 80;

/// Columns by row of the functions of one [`MergedTrie`].
#[derive(Clone, Debug, Default)]
pub struct FunctionPackages {
    packages: StringTable,
    package: Vec<StringId>,
    color: Vec<u16>,
}

impl FunctionPackages {
    /// Packages and colours of the functions of `trie`, told by their shown names.
    #[must_use]
    pub fn new(trie: &MergedTrie, names: &Names) -> Self {
        at_once(Self::sliced(trie, names, &NoYield))
    }

    /// As [`Self::new`], in slices.
    pub async fn sliced(trie: &MergedTrie, names: &Names, pause: &impl YieldNow) -> Self {
        let mut own = Self::default();
        let mut work = Work::default();
        for row in 0..trie.symbols.functions.len() {
            own.add(trie, names, row);
            work.done(UNITS, pause).await;
        }
        own
    }

    fn add(&mut self, trie: &MergedTrie, names: &Names, row: usize) {
        let symbols = &trie.symbols;
        let of = FunctionId(row as u32);
        let function = symbols.functions.get(of).unwrap_or_default();
        let is_unnamed = function.name == StringId::EMPTY;
        let name = if is_unnamed { "" } else { names.get(trie, of) };
        let mapping = trie.mapping.get(row).and_then(|&id| symbols.mappings.get(id)).unwrap_or_default();
        let package = package_of(name, symbols.text(function.file), symbols.text(mapping.file));
        self.package.push(self.packages.intern(package.name));
        self.color.push(color_of(package, name));
    }

    /// Package of a function, empty where nothing tells.
    #[must_use]
    pub fn package(&self, function: FunctionId) -> &str {
        self.packages.get(self.package.get(function.index()).copied().unwrap_or_default())
    }

    /// Colour of a function: 0 for run times, else 1..=[`crate::COLOR_BUCKETS`].
    #[must_use]
    pub fn color(&self, function: FunctionId) -> u16 {
        self.color.get(function.index()).copied().unwrap_or(0)
    }
}
