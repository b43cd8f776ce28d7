//! Finds the child of a node by key.

use emberglass_columns::Interner;

const NONE: u32 = u32::MAX;
/// Siblings are searched in a list up to this many, then by hash: lists win on real fan-outs, the hash
/// bounds the cost of a root with tens of thousands of children.
const LIST_LIMIT: u32 = 16;

/// First child, next sibling and fan-out of every node; children of crowded nodes are hashed.
///
/// Row 0 is the root. The keys (frame or function rows) live here as a column, too.
#[derive(Clone, Debug)]
pub struct ChildIndex {
    parent: Vec<u32>,
    key: Vec<u32>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    fan_out: Vec<u32>,
    crowded: Interner,
}

impl Default for ChildIndex {
    fn default() -> Self {
        Self::with_capacity(1)
    }
}

fn hash(parent: u32, key: u32) -> u64 {
    // Multiplicative hashing with the golden ratio; the table uses the upper and lower bits.
    let mixed = ((u64::from(parent) << 32) | u64::from(key)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

impl ChildIndex {
    /// The root, and room for so many rows: lists that grow are copied in one go.
    pub(crate) fn with_capacity(rows: usize) -> Self {
        let column = |root: u32| {
            let mut column = Vec::with_capacity(rows.max(1));
            column.push(root);
            column
        };
        Self {
            parent: column(0),
            key: column(NONE),
            first_child: column(NONE),
            next_sibling: column(NONE),
            fan_out: column(0),
            crowded: Interner::default(),
        }
    }

    /// The child of `parent` with `key`, added if it is new; the flag says whether it was.
    ///
    /// `parent` must be a row of this index.
    pub fn child(&mut self, parent: u32, key: u32) -> (u32, bool) {
        if self.fan_out[parent as usize] > LIST_LIMIT {
            let found = self
                .crowded
                .find(hash(parent, key), |at| self.parent[at as usize] == parent && self.key[at as usize] == key);
            if let Some(node) = found {
                return (node, false);
            }
        } else {
            let mut at = self.first_child[parent as usize];
            let mut before = NONE;
            while at != NONE {
                if self.key[at as usize] == key {
                    self.move_to_front(parent, before, at);
                    return (at, false);
                }
                before = at;
                at = self.next_sibling[at as usize];
            }
        }
        (self.add(parent, key), true)
    }

    /// The same stack tends to come again: its nodes should be found first.
    fn move_to_front(&mut self, parent: u32, before: u32, node: u32) {
        if before != NONE {
            self.next_sibling[before as usize] = self.next_sibling[node as usize];
            self.next_sibling[node as usize] = self.first_child[parent as usize];
            self.first_child[parent as usize] = node;
        }
    }

    fn add(&mut self, parent: u32, key: u32) -> u32 {
        let node = self.parent.len() as u32;
        self.parent.push(parent);
        self.key.push(key);
        self.first_child.push(NONE);
        self.next_sibling.push(self.first_child[parent as usize]);
        self.fan_out.push(0);
        self.first_child[parent as usize] = node;
        self.fan_out[parent as usize] += 1;
        let fan_out = self.fan_out[parent as usize];
        if fan_out == LIST_LIMIT + 1 {
            let mut at = node;
            while at != NONE {
                self.remember(at);
                at = self.next_sibling[at as usize];
            }
        } else if fan_out > LIST_LIMIT {
            self.remember(node);
        }
        node
    }

    fn remember(&mut self, node: u32) {
        let Self { parent, key, crowded, .. } = self;
        let hash_of = |at: u32| hash(parent[at as usize], key[at as usize]);
        crowded.insert(hash_of(node), node, hash_of);
    }

    /// Parents by row; row 0 is its own.
    #[must_use]
    pub fn parents(&self) -> &[u32] {
        &self.parent
    }

    /// Keys by row; row 0 has none.
    #[must_use]
    pub fn keys(&self) -> &[u32] {
        &self.key
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

    /// The children of `node` in no particular order.
    pub fn children(&self, node: u32) -> impl Iterator<Item = u32> {
        let mut at = self.first_child.get(node as usize).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            (at != NONE).then(|| {
                let child = at;
                at = self.next_sibling[child as usize];
                child
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_a_map_from_parent_and_key(steps in proptest::collection::vec((0usize..40, 0u32..60), 0..600)) {
            let mut index = ChildIndex::default();
            let mut naive: HashMap<(u32, u32), u32> = HashMap::new();
            for (parent, key) in steps {
                let parent = (parent % index.len()) as u32;
                let (node, new) = index.child(parent, key);
                prop_assert_eq!(naive.insert((parent, key), node), (!new).then_some(node));
                prop_assert_eq!(index.parents()[node as usize], parent);
                prop_assert_eq!(index.keys()[node as usize], key);
            }
            let children: usize = (0..index.len() as u32).map(|node| index.children(node).count()).sum();
            prop_assert_eq!(children, index.len() - 1);
        }
    }
}
