//! Builds the stacks of one input.

use emberglass_columns::Interner;
use emberglass_profile::{FrameId, StackId, StackTable};
use rustc_hash::FxHasher;
use std::hash::{Hash as _, Hasher as _};

use crate::ChildIndex;

/// Inserts whole stacks; a memo in front answers stacks that came before without walking the tree.
///
/// A memo hit is verified frame by frame, so that a colliding hash can't mix two stacks up.
#[derive(Debug, Default)]
pub struct StackBuilder {
    index: ChildIndex,
    memo_keys: Vec<u32>,
    memo_ends: Vec<u32>,
    memo_stacks: Vec<StackId>,
    memo: Interner,
}

fn hash(frames: &[u32]) -> u64 {
    let mut hasher = FxHasher::default();
    frames.hash(&mut hasher);
    hasher.finish()
}

fn row<'a>(keys: &'a [u32], ends: &[u32], row: u32) -> &'a [u32] {
    let at = row as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &keys[start..ends[at] as usize]
}

impl StackBuilder {
    /// The stack `parent` + `frame`, added if it is new. `parent` must come from this builder.
    pub fn child(&mut self, parent: StackId, frame: FrameId) -> StackId {
        if parent.index() >= self.index.len() {
            return StackId::ROOT;
        }
        StackId(self.index.child(parent.0, frame.0).0)
    }

    /// The stack of `memo_key`, which the caller has seen to stand for one sequence of frames, or the
    /// one that `frames` (root first) spell. Decoders pass their own compact form of the stack, for
    /// instance location ids, so that a repeated stack costs one hash over it.
    pub fn stack_of(&mut self, memo_key: &[u32], frames: impl FnOnce(&mut Vec<FrameId>)) -> StackId {
        let hash_of_key = hash(memo_key);
        let Self { memo_keys, memo_ends, memo, .. } = self;
        if let Some(found) = memo.find(hash_of_key, |at| row(memo_keys, memo_ends, at) == memo_key) {
            return self.memo_stacks[found as usize];
        }
        let mut root_first = Vec::new();
        frames(&mut root_first);
        let stack = self.insert(root_first);
        let new = self.memo_stacks.len() as u32;
        self.memo_keys.extend_from_slice(memo_key);
        self.memo_ends.push(self.memo_keys.len() as u32);
        self.memo_stacks.push(stack);
        let Self { memo_keys, memo_ends, memo, .. } = self;
        memo.insert(hash_of_key, new, |at| hash(row(memo_keys, memo_ends, at)));
        stack
    }

    /// Walks `frames`, root first, without the memo.
    pub fn insert(&mut self, frames: impl IntoIterator<Item = FrameId>) -> StackId {
        let mut at = 0;
        for frame in frames {
            at = self.index.child(at, frame.0).0;
        }
        StackId(at)
    }

    /// Number of stacks, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Never true: the root is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The finished columns.
    #[must_use]
    pub fn finish(self) -> StackTable {
        let mut table = StackTable::default();
        let rows = self.index.parents().iter().zip(self.index.keys()).skip(1);
        for (&parent, &frame) in rows {
            // Rows are added parents first, so that every parent is there.
            let _row = table.push(StackId(parent), FrameId(frame));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_stacks_and_no_others_share_a_row(stacks in proptest::collection::vec(proptest::collection::vec(0u32..5, 0..7), 1..80)) {
            let mut builder = StackBuilder::default();
            let mut seen: BTreeMap<Vec<u32>, StackId> = BTreeMap::new();
            for stack in &stacks {
                let id = builder.stack_of(stack, |out| out.extend(stack.iter().map(|&frame| FrameId(frame))));
                let again = builder.insert(stack.iter().map(|&frame| FrameId(frame)));
                prop_assert_eq!(id, again);
                prop_assert_eq!(*seen.entry(stack.clone()).or_insert(id), id);
            }
            let table = builder.finish();
            for (stack, id) in &seen {
                let mut frames: Vec<u32> = table.leaf_to_root(*id).map(|frame| frame.0).collect();
                frames.reverse();
                prop_assert_eq!(&frames, stack);
            }
            let distinct: std::collections::BTreeSet<_> = seen.values().collect();
            prop_assert_eq!(distinct.len(), seen.len());
        }
    }

    #[test]
    fn a_stack_of_100_000_frames_is_no_deeper_than_a_loop() {
        let mut builder = StackBuilder::default();
        let leaf = builder.insert((0..100_000).map(|at| FrameId(at % 7)));
        assert_eq!(builder.finish().leaf_to_root(leaf).count(), 100_000);
    }
}
