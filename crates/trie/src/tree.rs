//! A tree of values in depth-first order.

/// Nodes in depth-first order with the values of a merged selection; row 0 is the root.
///
/// The order makes a subtree the contiguous rows `node..end[node]`, and "is a descendant" a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Parent row; smaller than the own row. The root is its own.
    pub parent: Vec<u32>,
    /// What the node stands for: a row of the owner's table. Meaningless for the root.
    pub key: Vec<u32>,
    /// Level; the root's is 0.
    pub depth: Vec<u32>,
    /// One past the last row of the subtree.
    pub end: Vec<u32>,
    /// Value of samples that end here (the root's: samples with an empty stack).
    pub self_value: Vec<i64>,
    /// Value of samples that pass here: own and all descendants'.
    pub total: Vec<i64>,
}

/// A sum left the 64-bit range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sum of values is beyond 64 bits")]
pub struct TreeOverflow;

impl Tree {
    /// Number of nodes, the root included; 0 only for `Tree::default()`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// True without even a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// The children of `node` in order: each starts where the one before ends.
    pub fn children(&self, node: u32) -> impl Iterator<Item = u32> {
        let stop = self.end.get(node as usize).copied().unwrap_or(0);
        let mut at = node.saturating_add(1);
        std::iter::from_fn(move || {
            (at < stop).then(|| {
                let child = at;
                at = self.end[child as usize];
                child
            })
        })
    }

    /// Deepest level.
    #[must_use]
    pub fn max_depth(&self) -> u32 {
        self.depth.iter().copied().max().unwrap_or(0)
    }
}
