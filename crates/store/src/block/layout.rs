//! The order of a block's symbols and stacks: by content, so that equal content gives equal bytes, and so that
//! blocks can be merged side by side.

use emberglass_columns::{CountingSort, RowSort};
use emberglass_profile::{Frame, FrameId, Function, FunctionId, Mapping, MappingId, StackId, StringId, Symbols};
use emberglass_trie::ChildIndex;

use super::symbols::SortedSymbols;

/// Stands for rows that are not used.
pub(crate) const UNUSED: u32 = u32::MAX;

/// What a block holds of symbols and stacks, put in its order step by step: a step is a part of a sort, or of a walk over
/// one table.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    stage: Stage,
    /// Rows of the table of this stage that are done.
    at: usize,
    used: Vec<bool>,
    function_used: Vec<bool>,
    frame_used: Vec<bool>,
    string_rows: Vec<u32>,
    frame_rows: Vec<u32>,
    sort: RowSort,
    counting: CountingSort,
    strings: Vec<u32>,
    functions: Vec<(Function, u32)>,
    symbol_frames: Vec<(Frame, u32)>,
    /// Nodes in use, without the root.
    nodes: Vec<u32>,
    /// One past the last child of each node, as places in `nodes`.
    child_ends: Vec<u32>,
    /// Nodes that the walk still has to visit, with their levels, and the level of the one before.
    pending: Vec<(u32, u32)>,
    depth: u32,
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
    Ancestors,
    Used,
    Strings,
    Functions,
    Frames,
    Nodes,
    Children,
    Walk,
    Done,
}

/// Marks the parents of the marked rows among the last `limit` of the first `rows` ones; gives how many rows are left.
/// Row 0 is always marked in the end.
fn mark_parents(parents: &[u32], marked: &mut [bool], rows: usize, limit: usize) -> usize {
    let first = rows.saturating_sub(limit.max(1));
    for row in (first.max(1)..rows).rev() {
        if marked[row] {
            marked[parents[row] as usize] = true;
        }
    }
    if let (0, Some(root)) = (first, marked.first_mut()) {
        *root = true;
    }
    first
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
        let mut function_used = vec![false; symbols.functions.len()];
        costs.for_each(|row| mark(&mut function_used, row as usize));
        Self { used, function_used, frame_used: vec![false; symbols.frames.len()], ..Self::default() }
    }

    /// Goes through about `limit` rows over the same tables; returns how many they were, or `None` if nothing is left.
    pub(crate) fn step(&mut self, symbols: &Symbols, tree: &ChildIndex, limit: usize) -> Option<usize> {
        let limit = limit.max(1);
        let (is_done, next) = match self.stage {
            Stage::Ancestors => (self.mark_ancestors(tree, limit), Stage::Used),
            Stage::Used => (self.mark_used(symbols, tree.keys(), limit), Stage::Strings),
            Stage::Strings => (self.sort_strings(symbols, limit), Stage::Functions),
            Stage::Functions => (self.sort_functions(symbols, limit), Stage::Frames),
            Stage::Frames => (self.sort_frames(symbols, limit), Stage::Nodes),
            Stage::Nodes => (self.sort_nodes(tree, limit), Stage::Children),
            Stage::Children => (self.sort_children(tree, limit), Stage::Walk),
            Stage::Walk => (self.walk(tree, limit), Stage::Done),
            Stage::Done => return None,
        };
        if is_done {
            (self.stage, self.at) = (next, 0);
        }
        Some(limit.min(tree.len().max(symbols.strings.len())))
    }

    fn mark_ancestors(&mut self, tree: &ChildIndex, limit: usize) -> bool {
        let left = mark_parents(tree.parents(), &mut self.used, tree.len() - self.at, limit);
        self.at = tree.len() - left;
        left == 0
    }

    /// Marks the frames and functions of the nodes in use; then all symbols in use are known.
    fn mark_used(&mut self, symbols: &Symbols, keys: &[u32], limit: usize) -> bool {
        let Self { used, function_used, frame_used, at, .. } = self;
        let first = (*at).max(1);
        *at = keys.len().min(at.saturating_add(limit));
        for row in (first..*at).filter(|&row| used[row]) {
            let key = keys[row];
            if let Some(frame) = symbols.frames.get(FrameId(key)) {
                frame_used[key as usize] = true;
                mark(function_used, frame.function.index());
            }
        }
        if *at < keys.len() {
            return false;
        }
        let mut string_used = vec![false; symbols.strings.len()];
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
        self.sort = RowSort::new(rows(&string_used).collect());
        true
    }

    fn sort_strings(&mut self, symbols: &Symbols, limit: usize) -> bool {
        let text = |row: u32| symbols.text(StringId(row));
        if self.sort.step(limit, &mut |a, b| text(a).cmp(text(b))) {
            return false;
        }
        self.strings = std::mem::take(&mut self.sort).finish();
        self.string_rows = inverse_of(self.strings.iter().copied(), symbols.strings.len());
        for row in rows(&self.function_used) {
            if let Some(Function { name, system_name, file, start_line }) = symbols.functions.get(FunctionId(row)) {
                let (name, system_name, file) = (self.string(name), self.string(system_name), self.string(file));
                self.functions.push((Function { name, system_name, file, start_line }, row));
            }
        }
        self.sort = RowSort::new((0..self.functions.len() as u32).collect());
        true
    }

    fn string(&self, id: StringId) -> StringId {
        StringId(self.string_rows.get(id.index()).copied().unwrap_or_default())
    }

    fn sort_functions(&mut self, symbols: &Symbols, limit: usize) -> bool {
        let functions = &self.functions;
        let identity = |at: u32| {
            let Function { name, file, system_name, .. } = functions[at as usize].0;
            (name, file, system_name)
        };
        if self.sort.step(limit, &mut |a, b| identity(a).cmp(&identity(b))) {
            return false;
        }
        self.functions = in_order(&std::mem::take(&mut self.sort).finish(), &self.functions);
        self.function_rows = inverse_of(self.functions.iter().map(|&(_, row)| row), symbols.functions.len());
        for row in rows(&self.frame_used) {
            if let Some(frame) = symbols.frames.get(FrameId(row)) {
                let function = self.function_rows.get(frame.function.index()).copied().unwrap_or_default();
                let mapping =
                    if frame.mapping.index() < symbols.mappings.len() { frame.mapping } else { MappingId::NONE };
                self.symbol_frames.push((Frame { function: FunctionId(function), mapping, ..frame }, row));
            }
        }
        self.sort = RowSort::new((0..self.symbol_frames.len() as u32).collect());
        true
    }

    fn sort_frames(&mut self, symbols: &Symbols, limit: usize) -> bool {
        let frames = &self.symbol_frames;
        let identity = |at: u32| {
            let Frame { function, line, column, mapping, inlined } = frames[at as usize].0;
            (function, line, column, mapping, inlined)
        };
        if self.sort.step(limit, &mut |a, b| identity(a).cmp(&identity(b))) {
            return false;
        }
        self.symbol_frames = in_order(&std::mem::take(&mut self.sort).finish(), &self.symbol_frames);
        self.frame_rows = inverse_of(self.symbol_frames.iter().map(|&(_, row)| row), symbols.frames.len());
        self.counting = CountingSort::new(self.symbol_frames.len() + 1);
        true
    }

    /// Sorts the nodes by frame row: frames are numbered, so that counting them is enough.
    fn sort_nodes(&mut self, tree: &ChildIndex, limit: usize) -> bool {
        let Self { counting, frame_rows, symbol_frames, used, .. } = self;
        let rank = |row: usize| {
            let frame = frame_rows.get(tree.keys()[row] as usize).copied().unwrap_or(UNUSED);
            frame.min(symbol_frames.len() as u32)
        };
        if counting.step(limit, tree.len(), |row| (row > 0 && used[row]).then(|| (row as u32, rank(row)))) {
            return false;
        }
        (self.nodes, _) = std::mem::replace(counting, CountingSort::new(tree.len())).finish();
        true
    }

    /// Sorts them by parent: children of a node then stand together, in the order of their frames.
    fn sort_children(&mut self, tree: &ChildIndex, limit: usize) -> bool {
        let Self { counting, nodes, .. } = self;
        let child = |at: usize| Some((nodes[at], tree.parents()[nodes[at] as usize]));
        if counting.step(limit, nodes.len(), child) {
            return false;
        }
        (self.nodes, self.child_ends) = std::mem::take(counting).finish();
        self.stack_rows = vec![UNUSED; tree.len()];
        self.pending.push((0, 0));
        true
    }

    fn walk(&mut self, tree: &ChildIndex, limit: usize) -> bool {
        let Self { nodes, child_ends, frame_rows, pending, depth, pops, frames, stack_rows, .. } = self;
        for _ in 0..limit {
            let Some((level, row)) = pending.pop() else {
                (self.nodes, self.child_ends) = (Vec::new(), Vec::new());
                return true;
            };
            let at = row as usize;
            if row != 0 {
                pops.push(*depth + 1 - level);
                frames.push(frame_rows.get(tree.keys()[at] as usize).copied().unwrap_or(UNUSED));
            }
            stack_rows[at] = pops.len() as u32;
            *depth = level;
            let first = if at == 0 { 0 } else { child_ends[at - 1] as usize };
            let children = &nodes[first..child_ends[at] as usize];
            pending.extend(children.iter().rev().map(|&child| (level + 1, child)));
        }
        false
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

fn in_order<T: Copy>(order: &[u32], items: &[T]) -> Vec<T> {
    order.iter().map(|&at| items[at as usize]).collect()
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
    let above: Vec<u32> = parents.iter().map(|parent| parent.0).collect();
    mark_parents(&above, &mut used, parents.len(), usize::MAX);
    let mut stack_rows = Vec::with_capacity(parents.len());
    graft_rows(tree, &mut stack_rows, parents, keys, frames, |row| used[row], usize::MAX)?;
    Ok(stack_rows)
}

/// Goes on with [`graft`] behind the rows that `stack_rows` holds, for at most `limit` rows; false once none is left. A
/// row that is used must be one below a row that is.
pub(crate) fn graft_rows(
    tree: &mut ChildIndex,
    stack_rows: &mut Vec<u32>,
    parents: &[StackId],
    keys: &[FrameId],
    frames: &[FrameId],
    is_used: impl Fn(usize) -> bool,
    limit: usize,
) -> Result<bool, crate::StoreError> {
    let until = parents.len().min(stack_rows.len().saturating_add(limit.max(1)));
    for row in stack_rows.len()..until {
        stack_rows.push(match row {
            0 => 0,
            _ if !is_used(row) => UNUSED,
            _ => {
                let frame = keys.get(row).and_then(|key| frames.get(key.index()));
                let frame = frame.ok_or(crate::StoreError::BadBatch("a stack without its frame"))?;
                tree.child(stack_rows[parents[row].index()], frame.0).0
            }
        });
    }
    Ok(until < parents.len())
}
