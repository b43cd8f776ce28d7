//! The order of a block's symbols and stacks: by content, so that equal content gives equal bytes, and so that
//! blocks can be merged side by side.

use emberglass_columns::{heap_sort_by, sort_rows};
use emberglass_profile::{Frame, FrameId, Function, FunctionId, Mapping, MappingId, StackId, StringId, Symbols};
use emberglass_trie::ChildIndex;

use super::symbols::SortedSymbols;

/// Stands for rows that are not used.
pub(crate) const UNUSED: u32 = u32::MAX;

/// What a block holds of symbols and stacks, put in its order step by step: a step is a sort or a walk over one table.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    stage: Stage,
    used: Vec<bool>,
    function_used: Vec<bool>,
    frame_used: Vec<bool>,
    strings: Vec<u32>,
    string_rows: Vec<u32>,
    functions: Vec<(Function, u32)>,
    symbol_frames: Vec<(Frame, u32)>,
    frame_rows: Vec<u32>,
    /// Nodes in use, without the root.
    nodes: Vec<u32>,
    first_child: Vec<u32>,
    /// Of the nodes without the root.
    pub(crate) pops: Vec<u32>,
    /// Frame rows of the nodes without the root.
    pub(crate) frames: Vec<u32>,
    /// Row in the block of each node of the tree, or [`UNUSED`].
    pub(crate) stack_rows: Vec<u32>,
    /// Row in the block of each function, or [`UNUSED`].
    pub(crate) function_rows: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Strings,
    Functions,
    Frames,
    Nodes,
    Children,
    Walk,
    Done,
}

/// Marks the ancestors of every marked row; row 0 is always marked.
pub(crate) fn mark_ancestors(parents: &[u32], marked: &mut [bool]) {
    for row in (1..marked.len()).rev() {
        if marked[row] {
            marked[parents[row] as usize] = true;
        }
    }
    if let Some(root) = marked.first_mut() {
        *root = true;
    }
}

impl Layout {
    /// Begins with the marked nodes of `tree`, whose keys are frame rows of `symbols`, and the symbols they use; also the
    /// functions that `costs` refer to.
    pub(crate) fn new(
        symbols: &Symbols,
        tree: &ChildIndex,
        mut used: Vec<bool>,
        costs: impl Iterator<Item = u32>,
    ) -> Self {
        used.resize(tree.len(), false);
        mark_ancestors(tree.parents(), &mut used);
        let mut function_used = vec![false; symbols.functions.len()];
        costs.for_each(|row| mark(&mut function_used, row as usize));
        Self { used, function_used, ..Self::default() }
    }

    /// Does a step over the same tables; returns how many rows it went through, or `None` if there is nothing left.
    pub(crate) fn step(&mut self, symbols: &Symbols, tree: &ChildIndex) -> Option<usize> {
        let (rows, next) = match self.stage {
            Stage::Strings => (self.sort_strings(symbols, tree.keys()), Stage::Functions),
            Stage::Functions => (self.sort_functions(symbols), Stage::Frames),
            Stage::Frames => (self.sort_frames(symbols), Stage::Nodes),
            Stage::Nodes => (self.sort_nodes(tree), Stage::Children),
            Stage::Children => (self.sort_children(tree), Stage::Walk),
            Stage::Walk => (self.walk(tree), Stage::Done),
            Stage::Done => return None,
        };
        self.stage = next;
        Some(rows)
    }

    /// Marks the symbols in use, and sorts their strings.
    fn sort_strings(&mut self, symbols: &Symbols, keys: &[u32]) -> usize {
        let Self { used, function_used, frame_used, .. } = self;
        *frame_used = vec![false; symbols.frames.len()];
        let mut string_used = vec![false; symbols.strings.len()];
        for (&key, _) in keys.iter().zip(used).skip(1).filter(|(_, used)| **used) {
            if let Some(frame) = symbols.frames.get(FrameId(key)) {
                frame_used[key as usize] = true;
                mark(function_used, frame.function.index());
            }
        }
        for function in rows(function_used).filter_map(|row| symbols.functions.get(FunctionId(row))) {
            for id in [function.name, function.system_name, function.file] {
                mark(&mut string_used, id.index());
            }
        }
        for mapping in symbols.mappings.iter() {
            mark(&mut string_used, mapping.file.index());
            mark(&mut string_used, mapping.build_id.index());
        }
        mark(&mut string_used, 0);
        self.strings = rows(&string_used).collect();
        let text = |row: u32| symbols.text(StringId(row));
        sort_rows(&mut self.strings, &mut |a, b| text(a).cmp(text(b)));
        self.string_rows = inverse(&self.strings, symbols.strings.len());
        keys.len() + self.strings.len()
    }

    fn string(&self, id: StringId) -> StringId {
        StringId(self.string_rows.get(id.index()).copied().unwrap_or_default())
    }

    fn sort_functions(&mut self, symbols: &Symbols) -> usize {
        let mut functions: Vec<(Function, u32)> = Vec::new();
        for row in rows(&self.function_used) {
            if let Some(Function { name, system_name, file, start_line }) = symbols.functions.get(FunctionId(row)) {
                let (name, system_name, file) = (self.string(name), self.string(system_name), self.string(file));
                functions.push((Function { name, system_name, file, start_line }, row));
            }
        }
        let identity = |function: &Function| (function.name, function.file, function.system_name);
        heap_sort_by(&mut functions, |(a, _), (b, _)| identity(a).cmp(&identity(b)));
        self.function_rows = inverse_of(functions.iter().map(|&(_, row)| row), symbols.functions.len());
        self.functions = functions;
        self.functions.len()
    }

    fn sort_frames(&mut self, symbols: &Symbols) -> usize {
        let mut frames: Vec<(Frame, u32)> = Vec::new();
        for row in rows(&self.frame_used) {
            if let Some(frame) = symbols.frames.get(FrameId(row)) {
                let function = self.function_rows.get(frame.function.index()).copied().unwrap_or_default();
                let mapping =
                    if frame.mapping.index() < symbols.mappings.len() { frame.mapping } else { MappingId::NONE };
                frames.push((Frame { function: FunctionId(function), mapping, ..frame }, row));
            }
        }
        let identity = |frame: &Frame| {
            let Frame { function, line, column, mapping, inlined } = *frame;
            (function, line, column, mapping, inlined)
        };
        heap_sort_by(&mut frames, |(a, _), (b, _)| identity(a).cmp(&identity(b)));
        self.frame_rows = inverse_of(frames.iter().map(|&(_, row)| row), symbols.frames.len());
        self.symbol_frames = frames;
        self.symbol_frames.len()
    }

    /// Sorts the nodes by frame row: frames are numbered, so that counting them is enough.
    fn sort_nodes(&mut self, tree: &ChildIndex) -> usize {
        let unused = self.symbol_frames.len();
        let rank = |row: u32| {
            let frame = self.frame_rows.get(tree.keys()[row as usize] as usize).copied().unwrap_or(UNUSED);
            (frame as usize).min(unused)
        };
        let used = (1..tree.len()).filter(|&row| self.used[row]).map(|row| row as u32);
        (self.nodes, _) = counted(used, unused + 1, rank);
        self.nodes.len()
    }

    /// Sorts them by parent: children of a node then stand together, in the order of their frames.
    fn sort_children(&mut self, tree: &ChildIndex) -> usize {
        let parent = |row: u32| tree.parents()[row as usize] as usize;
        (self.nodes, self.first_child) = counted(self.nodes.iter().copied(), tree.len(), parent);
        self.nodes.len()
    }

    fn walk(&mut self, tree: &ChildIndex) -> usize {
        let (nodes, first_child) = (std::mem::take(&mut self.nodes), std::mem::take(&mut self.first_child));
        let frame = |row: u32| self.frame_rows.get(tree.keys()[row as usize] as usize).copied().unwrap_or(UNUSED);
        let (mut pops, mut frames) = (Vec::with_capacity(nodes.len()), Vec::with_capacity(nodes.len()));
        let mut stack_rows = vec![UNUSED; tree.len()];
        stack_rows[0] = 0;
        let children = |row: u32| &nodes[first_child[row as usize] as usize..first_child[row as usize + 1] as usize];
        let mut pending: Vec<(u32, u32)> = children(0).iter().rev().map(|&row| (1, row)).collect();
        let mut depth = 0;
        while let Some((level, row)) = pending.pop() {
            pops.push(depth + 1 - level);
            frames.push(frame(row));
            stack_rows[row as usize] = pops.len() as u32;
            depth = level;
            pending.extend(children(row).iter().rev().map(|&row| (level + 1, row)));
        }
        (self.pops, self.frames, self.stack_rows) = (pops, frames, stack_rows);
        self.pops.len()
    }

    /// The symbols in their order, once no step is left.
    pub(crate) fn symbols<'a>(&self, symbols: &'a Symbols) -> SortedSymbols<'a> {
        let mappings = symbols.mappings.iter().skip(1).map(|mapping| Mapping {
            file: self.string(mapping.file),
            build_id: self.string(mapping.build_id),
            ..mapping
        });
        SortedSymbols {
            strings: self.strings.iter().skip(1).map(|&row| symbols.text(StringId(row))).collect(),
            functions: self.functions.iter().map(|&(function, _)| function).collect(),
            mappings: mappings.collect(),
            frames: self.symbol_frames.iter().map(|&(frame, _)| frame).collect(),
        }
    }
}

fn mark(marked: &mut [bool], row: usize) {
    if let Some(mark) = marked.get_mut(row) {
        *mark = true;
    }
}

fn rows(marked: &[bool]) -> impl Iterator<Item = u32> {
    marked.iter().enumerate().filter(|(_, marked)| **marked).map(|(row, _)| row as u32)
}

/// Rows sorted by a key below `keys`, those of equal keys in the order that they come in; also where each key begins.
fn counted(rows: impl Iterator<Item = u32> + Clone, keys: usize, key: impl Fn(u32) -> usize) -> (Vec<u32>, Vec<u32>) {
    let mut begins = vec![0u32; keys + 1];
    rows.clone().for_each(|row| begins[key(row) + 1] += 1);
    for at in 1..begins.len() {
        begins[at] += begins[at - 1];
    }
    let mut next = begins.clone();
    let mut sorted = vec![0; begins[keys] as usize];
    for row in rows {
        let place = &mut next[key(row)];
        sorted[*place as usize] = row;
        *place += 1;
    }
    (sorted, begins)
}

fn inverse(order: &[u32], len: usize) -> Vec<u32> {
    inverse_of(order.iter().copied(), len)
}

fn inverse_of(order: impl Iterator<Item = u32>, len: usize) -> Vec<u32> {
    let mut inverse = vec![UNUSED; len];
    for (new, old) in order.enumerate() {
        inverse[old as usize] = new as u32;
    }
    inverse
}

/// Adds the marked nodes of another tree, parents before children; gives the row here of each of them.
/// `frames` are the rows here of the other tree's frames.
pub(crate) fn graft(
    tree: &mut ChildIndex,
    parents: &[StackId],
    keys: &[FrameId],
    frames: &[FrameId],
    mut used: Vec<bool>,
) -> Result<Vec<u32>, crate::StoreError> {
    let parents: Vec<u32> = parents.iter().map(|parent| parent.0).collect();
    mark_ancestors(&parents, &mut used);
    let mut stack_rows = vec![UNUSED; parents.len()];
    stack_rows[0] = 0;
    for row in (1..parents.len()).filter(|&row| used[row]) {
        let frame = keys.get(row).and_then(|key| frames.get(key.index()));
        let frame = frame.ok_or(crate::StoreError::BadBatch("a stack without its frame"))?;
        stack_rows[row] = tree.child(stack_rows[parents[row] as usize], frame.0).0;
    }
    Ok(stack_rows)
}
