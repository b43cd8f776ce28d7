//! Attributes of samples: what pprof calls sample labels, in sets.

use std::hash::BuildHasher as _;

use emberglass_columns::{Interner, heap_sort};
use foldhash::fast::FixedState;

use crate::{AttributeSetId, StringId};

/// One key and its value. A set may hold a key more than once, as pprof allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute {
    /// Key.
    pub key: StringId,
    /// Value.
    pub value: AttributeValue,
}

/// Text, or a number with its unit (empty where the source names none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeValue {
    /// Text.
    Text(StringId),
    /// Number and unit.
    Number(i64, StringId),
}

/// Distinct sets of attributes; row 0 is the empty set. Within a set attributes are sorted.
#[derive(Clone, Debug)]
pub struct AttributeSets {
    attributes: Vec<Attribute>,
    ends: Vec<u32>,
    interner: Interner,
}

impl Default for AttributeSets {
    fn default() -> Self {
        let mut sets = Self { attributes: Vec::new(), ends: Vec::new(), interner: Interner::default() };
        sets.intern(&mut Vec::new());
        sets
    }
}

fn hash(set: &[Attribute]) -> u64 {
    FixedState::with_seed(0).hash_one(set)
}

fn row<'a>(attributes: &'a [Attribute], ends: &[u32], row: u32) -> &'a [Attribute] {
    let at = row as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &attributes[start..ends[at] as usize]
}

impl AttributeSets {
    /// The row of `set`, added if it is new. Sorts `set`.
    pub fn intern(&mut self, set: &mut [Attribute]) -> AttributeSetId {
        heap_sort(set);
        let hash_of_set = hash(set);
        let Self { attributes, ends, interner } = self;
        if let Some(found) = interner.find(hash_of_set, |at| row(attributes, ends, at) == set) {
            return AttributeSetId(found);
        }
        let new = ends.len() as u32;
        attributes.extend_from_slice(set);
        ends.push(attributes.len() as u32);
        interner.insert(hash_of_set, new, |at| hash(row(attributes, ends, at)));
        AttributeSetId(new)
    }

    /// The attributes of a set; empty for an id that is out of range.
    #[must_use]
    pub fn get(&self, id: AttributeSetId) -> &[Attribute] {
        if id.index() < self.ends.len() { row(&self.attributes, &self.ends, id.0) } else { &[] }
    }

    /// Number of sets, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never true: the empty set is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}
