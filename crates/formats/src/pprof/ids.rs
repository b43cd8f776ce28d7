//! From the ids of a file to rows.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// No row; larger than every row.
pub(super) const NONE: u32 = u32::MAX;
/// Ids up to this many times the number of rows are found in an array.
const SPREAD: usize = 4;
/// So many ids are always worth an array.
const ALWAYS_DENSE: usize = 1024;

/// Maps ids, which need be neither dense nor ordered, to rows.
pub(super) struct IdMap {
    dense: Vec<u32>,
    bound: u64,
    sparse: HashMap<u64, u32, FixedState>,
}

impl IdMap {
    /// A map for about `count` ids; its memory follows `count`, not the ids.
    pub(super) fn new(count: usize) -> Self {
        let bound = (count.saturating_mul(SPREAD)).saturating_add(ALWAYS_DENSE);
        Self { dense: Vec::new(), bound: bound as u64, sparse: HashMap::with_hasher(FixedState::with_seed(0)) }
    }

    /// Maps `id` to `row`, unless it is mapped already; says whether it was not.
    pub(super) fn insert(&mut self, id: u64, row: u32) -> bool {
        if id >= self.bound {
            let before = self.sparse.len();
            self.sparse.entry(id).or_insert(row);
            return self.sparse.len() > before;
        }
        let at = id as usize;
        if at >= self.dense.len() {
            self.dense.resize(at + 1, NONE);
        }
        let slot = &mut self.dense[at];
        let is_new = *slot == NONE;
        if is_new {
            *slot = row;
        }
        is_new
    }

    /// The row of `id` if it is found in the array, else [`NONE`].
    #[inline(always)]
    pub(super) fn dense(&self, id: u64) -> u32 {
        if id < self.dense.len() as u64 { self.dense[id as usize] } else { NONE }
    }

    /// The row of `id`.
    #[inline]
    pub(super) fn get(&self, id: u64) -> Option<u32> {
        if id < self.bound {
            self.dense.get(id as usize).copied().filter(|&row| row != NONE)
        } else {
            self.sparse.get(&id).copied()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_a_map_in_which_the_first_wins(ids in proptest::collection::vec(prop_oneof![0u64..40, 1000u64..1100, any::<u64>()], 0..60)) {
            let mut map = IdMap::new(1);
            let mut naive: HashMap<u64, u32> = HashMap::new();
            for (row, &id) in ids.iter().enumerate() {
                let is_new = !naive.contains_key(&id);
                naive.entry(id).or_insert(row as u32);
                prop_assert_eq!(map.insert(id, row as u32), is_new);
            }
            for id in ids.iter().copied().chain([0, 7, 1050, u64::MAX]) {
                prop_assert_eq!(map.get(id), naive.get(&id).copied());
            }
        }
    }
}
