//! Package and colour of every function of a result.

use emberglass_profile::{FunctionId, StringId, StringTable};
use emberglass_trie::MergedTrie;

use crate::Names;
use crate::package::{color_of, package_of};

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
        let symbols = &trie.symbols;
        let mut own = Self::default();
        for (row, function) in symbols.functions.iter().enumerate() {
            let is_unnamed = function.name == StringId::EMPTY;
            let name = if is_unnamed { "" } else { names.get(trie, FunctionId(row as u32)) };
            let mapping = trie.mapping.get(row).and_then(|&id| symbols.mappings.get(id)).unwrap_or_default();
            let package = package_of(name, symbols.text(function.file), symbols.text(mapping.file));
            own.package.push(own.packages.intern(package.name));
            own.color.push(color_of(package, name));
        }
        own
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
