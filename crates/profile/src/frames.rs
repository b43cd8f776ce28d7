//! Frames: one level of a stack, a function at a line.

use std::hash::BuildHasher as _;

use emberglass_columns::Interner;
use foldhash::fast::FixedState;

use crate::{FrameId, FunctionId, MappingId};

/// One row of a [`FrameTable`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The function.
    pub function: FunctionId,
    /// Line in the function's file, 0 where unknown.
    pub line: u32,
    /// Column in the line, 0 where unknown.
    pub column: u32,
    /// Binary the code was loaded from.
    pub mapping: MappingId,
    /// True for a function that the compiler inlined into the next frame towards the root.
    pub inlined: bool,
}

/// Distinct frames in columns.
#[derive(Clone, Debug, Default)]
pub struct FrameTable {
    function: Vec<FunctionId>,
    line: Vec<u32>,
    column: Vec<u32>,
    mapping: Vec<MappingId>,
    inlined: Vec<bool>,
    interner: Interner,
}

fn hash(frame: Frame) -> u64 {
    FixedState::with_seed(0).hash_one(frame)
}

impl FrameTable {
    /// The row of an equal frame, added if it is new.
    pub fn intern(&mut self, frame: Frame) -> FrameId {
        let hash_of_frame = hash(frame);
        if let Some(row) = self.interner.find(hash_of_frame, |at| self.row(at as usize) == frame) {
            return FrameId(row);
        }
        let row = self.function.len() as u32;
        let Frame { function, line, column, mapping, inlined } = frame;
        self.function.push(function);
        self.line.push(line);
        self.column.push(column);
        self.mapping.push(mapping);
        self.inlined.push(inlined);
        let mut interner = std::mem::take(&mut self.interner);
        interner.insert(hash_of_frame, row, |at| hash(self.row(at as usize)));
        self.interner = interner;
        FrameId(row)
    }

    fn row(&self, at: usize) -> Frame {
        Frame {
            function: self.function[at],
            line: self.line[at],
            column: self.column[at],
            mapping: self.mapping[at],
            inlined: self.inlined[at],
        }
    }

    /// The frame at `id`, if it is of this table.
    #[must_use]
    pub fn get(&self, id: FrameId) -> Option<Frame> {
        (id.index() < self.function.len()).then(|| self.row(id.index()))
    }

    /// The functions by row of the frames: what maps a trie of frames to a trie of functions.
    #[must_use]
    pub fn functions(&self) -> &[FunctionId] {
        &self.function
    }

    /// Number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.function.len()
    }

    /// True without frames.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.function.is_empty()
    }

    /// All frames by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Frame> {
        (0..self.function.len()).map(|at| self.row(at))
    }
}
