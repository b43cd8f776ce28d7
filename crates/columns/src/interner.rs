//! A hash set of row numbers over columns that live elsewhere.
//!
//! Keys are never stored twice: the table holds only `u32` row numbers, the caller hashes and
//! compares rows of its own columns.

use hashbrown::HashTable;

/// Finds the row equal to a key, or adds one.
///
/// Invariant kept by the caller: rows are added in order 0, 1, 2, ... and never change.
#[derive(Clone, Debug, Default)]
pub struct Interner {
    rows: HashTable<u32>,
}

impl Interner {
    /// An empty interner with room for `capacity` rows.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { rows: HashTable::with_capacity(capacity) }
    }

    /// Number of interned rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when nothing is interned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row for which `eq` holds among those of that `hash`, if any.
    #[must_use]
    pub fn find(&self, hash: u64, mut eq: impl FnMut(u32) -> bool) -> Option<u32> {
        self.rows.find(hash, |&row| eq(row)).copied()
    }

    /// Adds `row`; the caller has seen that no equal row is there. `hash_of` rehashes rows on growth.
    pub fn insert(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        self.rows.insert_unique(hash, row, |&row| hash_of(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_rows_by_their_columns_only() {
        let column = [7u64, 9, 7 + (1 << 40)];
        let hash_of = |row: u32| column[row as usize] % 8; // collides on purpose
        let mut interner = Interner::default();
        for row in 0..3 {
            assert_eq!(interner.find(hash_of(row), |at| column[at as usize] == column[row as usize]), None);
            interner.insert(hash_of(row), row, hash_of);
        }
        assert_eq!(interner.find(7, |row| column[row as usize] == 7 + (1 << 40)), Some(2));
        assert_eq!(interner.len(), 3);
    }
}
