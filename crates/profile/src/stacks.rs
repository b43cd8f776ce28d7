//! Stacks as a prefix tree in two columns.

use crate::{FrameId, StackId};

/// One row a stack: its caller's stack and its own frame. Row 0 is the root, the empty stack.
///
/// A parent's row is always smaller than its child's, so that one sweep forward or backward visits
/// parents before children or children before parents.
#[derive(Clone, Debug)]
pub struct StackTable {
    parent: Vec<StackId>,
    frame: Vec<FrameId>,
}

impl Default for StackTable {
    fn default() -> Self {
        Self::with_capacity(1)
    }
}

impl StackTable {
    /// The root, and room for rows up to so many in all.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        let mut table = Self { parent: Vec::with_capacity(rows), frame: Vec::with_capacity(rows) };
        table.parent.push(StackId::ROOT);
        table.frame.push(FrameId(u32::MAX));
        table
    }

    /// Adds the stack `parent` + `frame` without looking for an equal one; `None` if `parent` is not a row yet.
    pub fn push(&mut self, parent: StackId, frame: FrameId) -> Option<StackId> {
        if parent.index() >= self.parent.len() {
            return None;
        }
        self.parent.push(parent);
        self.frame.push(frame);
        Some(StackId(self.parent.len() as u32 - 1))
    }

    /// Parent of a stack; the root is its own.
    #[must_use]
    pub fn parent(&self, stack: StackId) -> StackId {
        self.parent.get(stack.index()).copied().unwrap_or_default()
    }

    /// Frame of a stack; meaningless for the root.
    #[must_use]
    pub fn frame(&self, stack: StackId) -> FrameId {
        self.frame.get(stack.index()).copied().unwrap_or(FrameId(u32::MAX))
    }

    /// Parents by row.
    #[must_use]
    pub fn parents(&self) -> &[StackId] {
        &self.parent
    }

    /// Frames by row; row 0 holds no frame.
    #[must_use]
    pub fn frames(&self) -> &[FrameId] {
        &self.frame
    }

    /// Number of rows, the root included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Never true: the root is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// Frames of a stack, leaf first.
    pub fn leaf_to_root(&self, stack: StackId) -> impl Iterator<Item = FrameId> {
        let mut at = stack;
        std::iter::from_fn(move || {
            if at == StackId::ROOT || at.index() >= self.parent.len() {
                return None;
            }
            let frame = self.frame[at.index()];
            at = self.parent[at.index()];
            Some(frame)
        })
    }
}
