//! Mappings: the binaries and libraries that code was loaded from.

use std::hash::BuildHasher as _;

use emberglass_columns::Interner;
use foldhash::fast::FixedState;

use crate::{MappingId, StringId};

/// One row of a [`MappingTable`] (fields as in pprof's `Mapping` message).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// One past the last address.
    pub limit: u64,
    /// Offset into the file of the first address.
    pub offset: u64,
    /// Path of the binary, empty where unknown.
    pub file: StringId,
    /// Build id, empty where unknown.
    pub build_id: StringId,
}

/// Distinct mappings; row 0 is "no mapping".
#[derive(Clone, Debug)]
pub struct MappingTable {
    rows: Vec<Mapping>,
    interner: Interner,
}

fn hash(mapping: Mapping) -> u64 {
    FixedState::with_seed(0).hash_one(mapping)
}

impl Default for MappingTable {
    fn default() -> Self {
        let mut table = Self { rows: Vec::new(), interner: Interner::default() };
        table.push(Mapping::default());
        table
    }
}

impl MappingTable {
    /// Adds a row without looking for an equal one.
    pub fn push(&mut self, mapping: Mapping) -> MappingId {
        let row = self.rows.len() as u32;
        self.rows.push(mapping);
        let Self { rows, interner } = self;
        interner.insert(hash(mapping), row, |at| hash(rows[at as usize]));
        MappingId(row)
    }

    /// The row of an equal mapping, added if it is new.
    pub fn intern(&mut self, mapping: Mapping) -> MappingId {
        match self.interner.find(hash(mapping), |at| self.rows[at as usize] == mapping) {
            Some(row) => MappingId(row),
            None => self.push(mapping),
        }
    }

    /// The mapping at `id`, if it is of this table.
    #[must_use]
    pub fn get(&self, id: MappingId) -> Option<Mapping> {
        self.rows.get(id.index()).copied()
    }

    /// Number of rows, "no mapping" included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Never true: row 0 is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All mappings by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Mapping> {
        self.rows.iter().copied()
    }
}
