//! Symbols and stacks as far as a format can tell them apart.

use emberglass_profile::{Batch, Frame, FrameId, Function, FunctionId, Mapping, MappingId, StackId, Symbols};
use emberglass_trie::ChildIndex;

/// What a format keeps of a frame besides its function's name and file, line and column.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    /// File and build id of the binary.
    pub(crate) binaries: bool,
    pub(crate) inlined: bool,
}

/// Symbols without what a format does not keep; frames that become equal are one. A frame without a line has
/// that where its function starts.
pub(crate) struct Written {
    pub(crate) symbols: Symbols,
    /// Stacks over the frames of `symbols`.
    pub(crate) stacks: ChildIndex,
    stack_of: Vec<u32>,
}

impl Written {
    /// Reduces the symbols of `batch`; names pass through `rename`.
    pub(crate) fn new(batch: &Batch, kept: Kept, mut rename: impl FnMut(&str) -> String) -> Self {
        let source = &batch.symbols;
        let mut symbols = Symbols::default();
        let functions: Vec<FunctionId> = source
            .functions
            .iter()
            .map(|Function { name, file, start_line, .. }| {
                let name = symbols.strings.intern(&rename(source.text(name)));
                let file = symbols.strings.intern(source.text(file));
                symbols.functions.intern(Function { name, file, start_line, ..Function::default() })
            })
            .collect();
        let mut mappings: Vec<MappingId> = vec![MappingId::NONE];
        if kept.binaries {
            for Mapping { file, build_id, .. } in source.mappings.iter().skip(1) {
                let file = symbols.strings.intern(source.text(file));
                let build_id = symbols.strings.intern(source.text(build_id));
                mappings.push(symbols.mappings.intern(Mapping { file, build_id, ..Mapping::default() }));
            }
        }
        let frames: Vec<FrameId> = source
            .frames
            .iter()
            .map(|frame| {
                let function = functions.get(frame.function.index()).copied().unwrap_or_default();
                let start_line = symbols.functions.get(function).map_or(0, |function| function.start_line);
                symbols.frames.intern(Frame {
                    function,
                    line: if frame.line == 0 { start_line } else { frame.line },
                    column: frame.column,
                    mapping: mappings.get(frame.mapping.index()).copied().unwrap_or_default(),
                    inlined: kept.inlined && frame.inlined,
                })
            })
            .collect();
        let mut stacks = ChildIndex::default();
        let mut stack_of: Vec<u32> = Vec::with_capacity(batch.stacks.len());
        for (parent, frame) in batch.stacks.parents().iter().zip(batch.stacks.frames()) {
            let stack = if stack_of.is_empty() {
                0
            } else {
                let parent = stack_of.get(parent.index()).copied().unwrap_or(0);
                stacks.child(parent, frames.get(frame.index()).copied().unwrap_or_default().0).0
            };
            stack_of.push(stack);
        }
        Self { symbols, stacks, stack_of }
    }

    /// A stack of the batch.
    pub(crate) fn stack(&self, stack: StackId) -> StackId {
        StackId(self.stack_of.get(stack.index()).copied().unwrap_or(0))
    }
}

/// Rows of a table by number of the output, which starts at 0, in the order in which they are first used.
#[derive(Default)]
pub(crate) struct Numbers {
    /// One more than the number; 0 for a row that has none.
    number_of: Vec<u32>,
    rows: Vec<u32>,
}

impl Numbers {
    /// The number of a row, a new one where it has none.
    pub(crate) fn of(&mut self, row: u32) -> u32 {
        match self.known(row) {
            Some(number) => number,
            None => {
                let at = row as usize;
                self.number_of.resize(self.number_of.len().max(at + 1), 0);
                self.rows.push(row);
                self.number_of[at] = self.rows.len() as u32;
                self.rows.len() as u32 - 1
            }
        }
    }

    /// The number of a row that has one.
    pub(crate) fn known(&self, row: u32) -> Option<u32> {
        self.number_of.get(row as usize).and_then(|number| number.checked_sub(1))
    }

    /// Rows by number.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }
}
