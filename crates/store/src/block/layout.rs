//! The order of a block's symbols and stacks: by content, so that equal content gives equal bytes, and so that
//! blocks can be merged side by side.

use emberglass_columns::{heap_sort, heap_sort_by, sort_rows};
use emberglass_profile::{Frame, FrameId, Function, FunctionId, Mapping, MappingId, StackId, StringId, Symbols};
use emberglass_trie::ChildIndex;

use super::symbols::SortedSymbols;

/// Stands for rows that are not used.
pub(crate) const UNUSED: u32 = u32::MAX;

/// What a block holds of symbols and stacks, in its order.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    pub(crate) symbols: SortedSymbols<'a>,
    /// Of the nodes without the root.
    pub(crate) pops: Vec<u32>,
    /// Frame rows of the nodes without the root.
    pub(crate) frames: Vec<u32>,
    /// Row in the block of each node of the tree, or [`UNUSED`].
    pub(crate) stack_rows: Vec<u32>,
    /// Row in the block of each function, or [`UNUSED`].
    pub(crate) function_rows: Vec<u32>,
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

/// Lays out the marked nodes of `tree`, whose keys are frame rows of `symbols`, and the symbols they use; also the
/// functions that `costs` refer to.
pub(crate) fn lay_out<'a>(
    symbols: &'a Symbols,
    tree: &ChildIndex,
    mut used: Vec<bool>,
    costs: impl Iterator<Item = u32>,
) -> Layout<'a> {
    used.resize(tree.len(), false);
    mark_ancestors(tree.parents(), &mut used);
    let mut function_used = vec![false; symbols.functions.len()];
    costs.for_each(|row| mark(&mut function_used, row as usize));
    let (sorted, frame_rows, function_rows) = sort_symbols(symbols, tree.keys(), &used, function_used);

    // Children of each node: sorted by frame row, they stand together after a sort by (parent, frame row).
    let mut nodes: Vec<(u32, u32, u32)> = Vec::new();
    for row in (1..tree.len()).filter(|&row| used[row]) {
        let frame = frame_rows.get(tree.keys()[row] as usize).copied().unwrap_or(UNUSED);
        nodes.push((tree.parents()[row], frame, row as u32));
    }
    heap_sort(&mut nodes);
    let mut first_child = vec![0u32; tree.len() + 1];
    for &(parent, ..) in &nodes {
        first_child[parent as usize + 1] += 1;
    }
    for row in 1..first_child.len() {
        first_child[row] += first_child[row - 1];
    }

    let mut layout = Layout {
        symbols: sorted,
        pops: Vec::with_capacity(nodes.len()),
        frames: Vec::with_capacity(nodes.len()),
        stack_rows: vec![UNUSED; tree.len()],
        function_rows,
    };
    layout.stack_rows[0] = 0;
    let children = |row: u32| &nodes[first_child[row as usize] as usize..first_child[row as usize + 1] as usize];
    let mut pending: Vec<(u32, u32, u32)> = children(0).iter().rev().map(|&(_, frame, row)| (1, frame, row)).collect();
    let mut depth = 0;
    while let Some((level, frame, row)) = pending.pop() {
        layout.pops.push(depth + 1 - level);
        layout.frames.push(frame);
        layout.stack_rows[row as usize] = layout.pops.len() as u32;
        depth = level;
        pending.extend(children(row).iter().rev().map(|&(_, frame, row)| (level + 1, frame, row)));
    }
    layout
}

/// Sorts the symbols that the used nodes need, and the used functions; also gives the new row of each frame and function.
fn sort_symbols<'a>(
    symbols: &'a Symbols,
    keys: &[u32],
    used: &[bool],
    mut function_used: Vec<bool>,
) -> (SortedSymbols<'a>, Vec<u32>, Vec<u32>) {
    let mut frame_used = vec![false; symbols.frames.len()];
    let mut string_used = vec![false; symbols.strings.len()];
    for (&key, _) in keys.iter().zip(used).skip(1).filter(|(_, used)| **used) {
        if let Some(frame) = symbols.frames.get(FrameId(key)) {
            frame_used[key as usize] = true;
            mark(&mut function_used, frame.function.index());
        }
    }
    for function in rows(&function_used).filter_map(|row| symbols.functions.get(FunctionId(row))) {
        for id in [function.name, function.system_name, function.file] {
            mark(&mut string_used, id.index());
        }
    }
    for mapping in symbols.mappings.iter() {
        mark(&mut string_used, mapping.file.index());
        mark(&mut string_used, mapping.build_id.index());
    }
    mark(&mut string_used, 0);

    let mut strings: Vec<u32> = rows(&string_used).collect();
    let text = |row: u32| symbols.text(StringId(row));
    sort_rows(&mut strings, &mut |a, b| text(a).cmp(text(b)));
    let string_rows = inverse(&strings, symbols.strings.len());
    let string = |id: StringId| StringId(string_rows.get(id.index()).copied().unwrap_or_default());

    let mut functions: Vec<(Function, u32)> = Vec::new();
    for row in rows(&function_used) {
        if let Some(Function { name, system_name, file, start_line }) = symbols.functions.get(FunctionId(row)) {
            let function =
                Function { name: string(name), system_name: string(system_name), file: string(file), start_line };
            functions.push((function, row));
        }
    }
    let identity = |function: &Function| (function.name, function.file, function.system_name);
    heap_sort_by(&mut functions, |(a, _), (b, _)| identity(a).cmp(&identity(b)));
    let function_rows = inverse_of(functions.iter().map(|&(_, row)| row), symbols.functions.len());

    let mut frames: Vec<(Frame, u32)> = Vec::new();
    for row in rows(&frame_used) {
        if let Some(frame) = symbols.frames.get(FrameId(row)) {
            let function = function_rows.get(frame.function.index()).copied().unwrap_or_default();
            let mapping = if frame.mapping.index() < symbols.mappings.len() { frame.mapping } else { MappingId::NONE };
            frames.push((Frame { function: FunctionId(function), mapping, ..frame }, row));
        }
    }
    let identity = |frame: &Frame| {
        let Frame { function, line, column, mapping, inlined } = *frame;
        (function, line, column, mapping, inlined)
    };
    heap_sort_by(&mut frames, |(a, _), (b, _)| identity(a).cmp(&identity(b)));
    let frame_rows = inverse_of(frames.iter().map(|&(_, row)| row), symbols.frames.len());

    let mappings = symbols.mappings.iter().skip(1).map(|mapping| Mapping {
        file: string(mapping.file),
        build_id: string(mapping.build_id),
        ..mapping
    });
    let sorted = SortedSymbols {
        strings: strings.iter().skip(1).map(|&row| symbols.text(StringId(row))).collect(),
        functions: functions.into_iter().map(|(function, _)| function).collect(),
        mappings: mappings.collect(),
        frames: frames.into_iter().map(|(frame, _)| frame).collect(),
    };
    (sorted, frame_rows, function_rows)
}

fn mark(marked: &mut [bool], row: usize) {
    if let Some(mark) = marked.get_mut(row) {
        *mark = true;
    }
}

fn rows(marked: &[bool]) -> impl Iterator<Item = u32> {
    marked.iter().enumerate().filter(|(_, marked)| **marked).map(|(row, _)| row as u32)
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
