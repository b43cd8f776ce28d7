//! What a frame stands for: a function, its file, its package, ...

use emberglass_profile::{
    Batch, Frame, FrameId, Function, FunctionId, InputError, Mapping, MappingId, StringId, Symbols, base_name,
};
use emberglass_trie::{
    Granularity, MergedTrie, NoYield, Tree, TreeOverflow, Work, YieldNow, at_once, merge_unsorted, slices,
};

use super::batch::with_frames;
use crate::{Names, package_of};

/// Units of work of a function, see [`Work`].
const UNITS: usize = 60;

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
        at_once(self.apply_sliced(trie, async |trie: &MergedTrie| names(trie), &NoYield))
    }

    /// As [`Self::apply`], in slices.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub async fn apply_sliced(
        self,
        trie: MergedTrie,
        names_of: impl AsyncFn(&MergedTrie) -> Names,
        pause: &impl YieldNow,
    ) -> Result<MergedTrie, TreeOverflow> {
        if matches!(self, Self::Function | Self::Line | Self::Thread) {
            return Ok(trie);
        }
        let (symbols, names) = (&trie.symbols, names_of(&trie).await);
        let mut own = Symbols::default();
        let mut mapping: Vec<MappingId> = Vec::new();
        let mut one = |row: u32| {
            let binary = trie.mapping.get(row as usize).copied().unwrap_or_default();
            let function = self.intern(symbols, &names, FunctionId(row), binary, &mut own);
            if function.index() == mapping.len() {
                let of = if self == Self::Binary { binary_file(symbols, binary) } else { "" };
                let file = own.strings.intern(of);
                mapping.push(own.mappings.intern(Mapping { file, ..Mapping::default() }));
            }
            function.0
        };
        let mut row_of: Vec<u32> = Vec::with_capacity(symbols.functions.len());
        let mut work = Work::default();
        for row in 0..symbols.functions.len() {
            row_of.push(one(row as u32));
            work.done(UNITS, pause).await;
        }
        let mut keys: Vec<u32> = Vec::with_capacity(trie.tree.len());
        for nodes in slices(0..trie.tree.len()) {
            work.done(nodes.len(), pause).await;
            keys.extend(trie.tree.key[nodes].iter().map(|&key| row_of.get(key as usize).copied().unwrap_or(0)));
        }
        let tree = trie.tree;
        let of = MergedTrie { symbols: own, line: vec![0; mapping.len()], mapping, tree: Tree::default(), ..trie };
        merge_unsorted(&of, &tree.parent, &keys, &tree.self_value, pause).await
    }

    /// The frames of a batch as lines, files, packages or binaries.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub(super) fn apply_to_batch(self, batch: &mut Batch) -> Result<(), InputError> {
        if matches!(self, Self::Function | Self::Thread) {
            return Ok(());
        }
        let symbols = &batch.symbols;
        // Strings keep their rows: attributes refer to them.
        let (strings, mappings) = (symbols.strings.clone(), symbols.mappings.clone());
        let mut own = Symbols { strings, mappings, ..Symbols::default() };
        let names = Names::default();
        let frame_of = |frame: Frame| match self {
            Self::Line => {
                let function = line_function(symbols, frame.function, frame.line, &mut own);
                own.frames.intern(Frame { function, column: 0, ..frame })
            }
            _ => {
                let function = self.intern(symbols, &names, frame.function, frame.mapping, &mut own);
                let mapping = if self == Self::Binary { frame.mapping } else { MappingId::NONE };
                own.frames.intern(Frame { function, mapping, ..Frame::default() })
            }
        };
        let frames: Vec<FrameId> = symbols.frames.iter().map(frame_of).collect();
        batch.symbols = own;
        with_frames(batch, &frames)
    }

    /// The function that stands for a file, a package or a binary.
    fn intern(
        self,
        symbols: &Symbols,
        names: &Names,
        function: FunctionId,
        binary: MappingId,
        own: &mut Symbols,
    ) -> FunctionId {
        let of = symbols.functions.get(function).unwrap_or_default();
        let (file, binary) = (symbols.text(of.file), binary_file(symbols, binary));
        let (name, file) = match self {
            Self::File => (file, file),
            Self::Binary => (base_name(binary), ""),
            _ => {
                let name = if of.name == StringId::EMPTY { "" } else { names.of(symbols, function) };
                (package_of(name, file, binary).name, "")
            }
        };
        let (name, file) = (own.strings.intern(name), own.strings.intern(file));
        own.functions.intern(Function { name, file, ..Function::default() })
    }
}

fn binary_file(symbols: &Symbols, binary: MappingId) -> &str {
    symbols.text(symbols.mappings.get(binary).unwrap_or_default().file)
}

/// The function that stands for a line of another, as [`Granularity::Line`] has it.
fn line_function(symbols: &Symbols, function: FunctionId, line: u32, own: &mut Symbols) -> FunctionId {
    let of = symbols.functions.get(function).unwrap_or_default();
    let system_name = own.strings.intern(symbols.text(of.name));
    let name = match line {
        0 => system_name,
        line => own.strings.intern(&format!("{}:{line}", symbols.function_name(function))),
    };
    let file = own.strings.intern(symbols.text(of.file));
    own.functions.intern(Function { name, system_name, file, start_line: line })
}
