//! The functions of all layers of a merge.

mod wire;

use std::cmp::Ordering;

use emberglass_labels::TagFrame;
use emberglass_profile::{Function, FunctionId, Mapping, MappingId, StringId, Symbols};

use crate::{Granularity, MergedTrie};

const NONE: u32 = u32::MAX;

/// Distinct functions with what is shown of them; their rows are the keys of the union tree.
#[derive(Clone, Debug)]
pub(crate) struct FunctionUnion {
    granularity: Granularity,
    symbols: Symbols,
    start_line: Vec<u32>,
    line: Vec<u32>,
    mapping: Vec<MappingId>,
    /// The rows are in the order of [`Self::compare`].
    is_sorted: bool,
}

/// The functions of a finished trie.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) symbols: Symbols,
    /// By row of the strings of the union, where it is in those of `symbols`.
    strings: Vec<u32>,
    pub(crate) line: Vec<u32>,
    pub(crate) mapping: Vec<MappingId>,
}

/// The symbols of one layer on their way into the union, each looked up once.
pub(crate) struct Layer<'a> {
    union: &'a mut FunctionUnion,
    of: &'a Symbols,
    strings: Vec<u32>,
    functions: Vec<u32>,
    mappings: Vec<u32>,
}

/// The smaller of two lines, where 0 means unknown.
fn smaller_line(a: u32, b: u32) -> u32 {
    if a == 0 || b == 0 { a.max(b) } else { a.min(b) }
}

impl FunctionUnion {
    pub(crate) fn new(granularity: Granularity) -> Self {
        Self {
            granularity,
            symbols: Symbols::default(),
            start_line: Vec::new(),
            line: Vec::new(),
            mapping: Vec::new(),
            is_sorted: false,
        }
    }

    /// The functions of a finished trie in their rows.
    pub(crate) fn of(trie: &MergedTrie) -> Self {
        let MergedTrie { symbols, line, mapping, granularity, .. } = trie;
        Self {
            granularity: *granularity,
            start_line: symbols.functions.iter().map(|function| function.start_line).collect(),
            symbols: symbols.clone(),
            line: line.clone(),
            mapping: mapping.clone(),
            is_sorted: true,
        }
    }

    /// True if rows compare as their functions do.
    pub(crate) const fn is_sorted(&self) -> bool {
        self.is_sorted
    }

    /// Says that rows do not compare as their functions do.
    pub(crate) const fn set_unsorted(&mut self) {
        self.is_sorted = false;
    }

    pub(crate) const fn granularity(&self) -> Granularity {
        self.granularity
    }

    fn add(&mut self, own: Function) -> u32 {
        let at = self.symbols.functions.intern(own).index();
        if at == self.line.len() {
            self.is_sorted = false;
            self.start_line.push(0);
            self.line.push(0);
            self.mapping.push(MappingId::NONE);
        }
        self.start_line[at] = smaller_line(self.start_line[at], own.start_line);
        at as u32
    }

    /// The key of the frame of a label.
    pub(crate) fn tag_key(&mut self, TagFrame { key, value }: &TagFrame) -> u32 {
        let (name, file) = (self.symbols.strings.intern(value), self.symbols.strings.intern(key));
        let own = Function { name, file, ..Function::default() };
        self.add(match self.granularity {
            Granularity::Function => own,
            Granularity::Name => Function { file: StringId::EMPTY, ..own },
            Granularity::Line => Function { system_name: name, ..own },
        })
    }

    /// Starts a layer whose functions and mappings are those of `of`.
    pub(crate) fn layer<'a>(&'a mut self, of: &'a Symbols) -> Layer<'a> {
        Layer {
            union: self,
            of,
            strings: vec![NONE; of.strings.len()],
            functions: vec![NONE; of.functions.len()],
            mappings: vec![NONE; of.mappings.len()],
        }
    }

    /// The binary whose file, then build id, sorts first; a known one before "no mapping".
    fn first_mapping(&self, a: MappingId, b: MappingId) -> MappingId {
        if a == b || b == MappingId::NONE {
            return a;
        }
        let key = |id: MappingId| {
            let mapping = self.symbols.mappings.get(id).unwrap_or_default();
            [mapping.file, mapping.build_id].map(|text| self.symbols.text(text))
        };
        if a == MappingId::NONE || key(b) < key(a) { b } else { a }
    }

    /// Order of two functions: by name, file and system name.
    pub(crate) fn compare(&self, a: u32, b: u32) -> Ordering {
        let function = |row: u32| self.symbols.functions.get(FunctionId(row)).unwrap_or_default();
        let text = |id: StringId| self.symbols.text(id);
        let (a, b) = (function(a), function(b));
        let differing = [(a.name, b.name), (a.file, b.file), (a.system_name, b.system_name)];
        // Equal strings share a row.
        differing.into_iter().find(|(a, b)| a != b).map_or(Ordering::Equal, |(a, b)| text(a).cmp(text(b)))
    }

    /// Number of functions.
    pub(crate) const fn len(&self) -> usize {
        self.line.len()
    }

    /// Copies functions behind those that `shown` holds, with only the strings and mappings that they need.
    pub(crate) fn show(&self, keys: &[u32], shown: &mut Shown) {
        let Self { granularity, symbols, start_line, line, mapping, is_sorted } = self;
        if *is_sorted && keys.len() == line.len() {
            shown.symbols = symbols.clone();
            shown.line.clone_from(line);
            shown.mapping.clone_from(mapping);
            return;
        }
        let Shown { symbols: own, strings, .. } = shown;
        strings.resize(symbols.strings.len(), NONE);
        let mut string = |own: &mut Symbols, id: StringId| {
            let Some(known) = strings.get_mut(id.index()) else { return StringId::EMPTY };
            if *known == NONE {
                *known = own.strings.intern(symbols.text(id)).0;
            }
            StringId(*known)
        };
        for &key in keys {
            let at = key as usize;
            let function = symbols.functions.get(FunctionId(key)).unwrap_or_default();
            let name = string(own, function.name);
            let system_name = string(own, function.system_name);
            let file = string(own, function.file);
            own.functions.intern(Function { name, system_name, file, start_line: start_line[at] });
            let best = if start_line[at] != 0 { start_line[at] } else { line[at] };
            shown.line.push(if *granularity == Granularity::Name { 0 } else { best });
            let binary = symbols.mappings.get(mapping[at]).unwrap_or_default();
            let (file, build_id) = (string(own, binary.file), string(own, binary.build_id));
            shown.mapping.push(own.mappings.intern(Mapping { file, build_id, ..Mapping::default() }));
        }
    }
}
impl Layer<'_> {
    /// The key of a function; one that is not of the layer counts as unknown.
    pub(crate) fn key(&mut self, id: FunctionId) -> u32 {
        if let Some(&key) = self.functions.get(id.index())
            && key != NONE
        {
            return key;
        }
        let function = self.of.functions.get(id).unwrap_or_default();
        let name = self.string(function.name);
        let own = match self.union.granularity {
            // What is merged already has its lines in its names.
            Granularity::Function | Granularity::Line => Function {
                name,
                system_name: self.string(function.system_name),
                file: self.string(function.file),
                start_line: function.start_line,
            },
            Granularity::Name => Function { name, ..Function::default() },
        };
        let key = self.union.add(own);
        if let Some(known) = self.functions.get_mut(id.index()) {
            *known = key;
        }
        key
    }

    /// The key of a frame of a function: at [`Granularity::Line`] that of the line.
    pub(crate) fn key_at(&mut self, id: FunctionId, line: u32) -> u32 {
        if self.union.granularity != Granularity::Line {
            return self.key(id);
        }
        let of = self.of;
        let function = of.functions.get(id).unwrap_or_default();
        let name = of.text(function.name);
        let strings = &mut self.union.symbols.strings;
        let system_name = strings.intern(name);
        let name = if line == 0 { system_name } else { strings.intern(&format!("{}:{line}", of.function_name(id))) };
        let file = self.string(function.file);
        self.union.add(Function { name, system_name, file, start_line: line })
    }

    /// Takes notice of a frame of the function.
    pub(crate) fn see(&mut self, key: u32, line: u32, mapping: MappingId) {
        let mapping = self.mapping(mapping);
        let at = key as usize;
        self.union.line[at] = smaller_line(self.union.line[at], line);
        self.union.mapping[at] = self.union.first_mapping(self.union.mapping[at], mapping);
    }

    fn string(&mut self, id: StringId) -> StringId {
        let Some(known) = self.strings.get_mut(id.index()) else { return StringId::EMPTY };
        if *known == NONE {
            *known = self.union.symbols.strings.intern(self.of.text(id)).0;
        }
        StringId(*known)
    }

    fn mapping(&mut self, id: MappingId) -> MappingId {
        if id == MappingId::NONE {
            return id;
        }
        let Some(&known) = self.mappings.get(id.index()) else { return MappingId::NONE };
        if known != NONE {
            return MappingId(known);
        }
        let mapping = self.of.mappings.get(id).unwrap_or_default();
        // Addresses differ from process to process and mean nothing in a merged result.
        let (file, build_id) = (self.string(mapping.file), self.string(mapping.build_id));
        let own = self.union.symbols.mappings.intern(Mapping { file, build_id, ..Mapping::default() });
        self.mappings[id.index()] = own.0;
        own
    }
}
