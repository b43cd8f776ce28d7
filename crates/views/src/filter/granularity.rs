//! What a frame stands for: a function, its file, its package, ...

use emberglass_profile::{Function, FunctionId, Mapping, MappingId, Symbols, base_name};
use emberglass_trie::{Granularity, MergedTrie, Merger, Tree, TreeOverflow};

use crate::{FunctionPackages, Names};

/// What frames are told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameGranularity {
    /// Functions.
    #[default]
    Function,
    /// Files.
    File,
    /// Lines of functions: the profiles are merged at [`Granularity::Line`].
    Line,
    /// Packages.
    Package,
    /// Binaries.
    Binary,
    /// Functions below a frame for each thread: the label `thread` as `tagroot` shows it.
    Thread,
}

impl FrameGranularity {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Function, Self::File, Self::Line, Self::Package, Self::Binary, Self::Thread];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::File => "file",
            Self::Line => "line",
            Self::Package => "package",
            Self::Binary => "binary",
            Self::Thread => "thread",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// What profiles are merged by.
    #[must_use]
    pub const fn merged_by(self) -> Granularity {
        if matches!(self, Self::Line) { Granularity::Line } else { Granularity::Function }
    }

    /// The label whose values stand at the root.
    #[must_use]
    pub const fn root_label(self) -> Option<&'static str> {
        if matches!(self, Self::Thread) { Some("thread") } else { None }
    }

    /// The frames of a merged and filtered trie as files, packages or binaries; neighbours stay apart, and one that is not known
    /// has no name.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs leave the 64-bit range once their nodes are one.
    pub fn apply(self, trie: MergedTrie, names: &dyn Fn(&MergedTrie) -> Names) -> Result<MergedTrie, TreeOverflow> {
        if matches!(self, Self::Function | Self::Line | Self::Thread) {
            return Ok(trie);
        }
        let symbols = &trie.symbols;
        let mut own = Symbols::default();
        let rows = symbols.functions.iter().enumerate();
        let mut mapping: Vec<MappingId> = Vec::new();
        let binary = |row: usize| trie.mapping.get(row).and_then(|&id| symbols.mappings.get(id)).unwrap_or_default();
        let mut add = |name: &str, file: &str, row: usize| {
            let (name, file) = (own.strings.intern(name), own.strings.intern(file));
            let function = own.functions.intern(Function { name, file, ..Function::default() });
            if function.index() == mapping.len() {
                let of = if self == Self::Binary { symbols.text(binary(row).file) } else { "" };
                let file = own.strings.intern(of);
                let known = Mapping { file, ..Mapping::default() };
                mapping.push(own.mappings.intern(known));
            }
            function.0
        };
        let row_of: Vec<u32> = match self {
            Self::File => rows.map(|(row, of)| add(symbols.text(of.file), symbols.text(of.file), row)).collect(),
            Self::Binary => rows.map(|(row, _)| add(base_name(symbols.text(binary(row).file)), "", row)).collect(),
            _ => {
                let packages = FunctionPackages::new(&trie, &names(&trie));
                rows.map(|(row, _)| add(packages.package(FunctionId(row as u32)), "", row)).collect()
            }
        };
        let keys: Vec<u32> = trie.tree.key.iter().map(|&key| row_of.get(key as usize).copied().unwrap_or(0)).collect();
        let tree = trie.tree;
        let of = MergedTrie { symbols: own, line: vec![0; mapping.len()], mapping, tree: Tree::default(), ..trie };
        let mut merger = Merger::new(of.granularity);
        merger.add_part(&of, &tree.parent, &keys, &tree.self_value)?;
        merger.finish()
    }
}
