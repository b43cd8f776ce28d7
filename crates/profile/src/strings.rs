//! Interned strings: one byte column and the end of each string in it.

use std::hash::BuildHasher as _;

use emberglass_columns::Interner;
use foldhash::fast::FixedState;

use crate::StringId;

/// Every distinct string once; row 0 is the empty string.
#[derive(Clone, Debug)]
pub struct StringTable {
    text: String,
    ends: Vec<u32>,
    interner: Interner,
}

impl Default for StringTable {
    fn default() -> Self {
        let mut table = Self { text: String::new(), ends: Vec::new(), interner: Interner::default() };
        table.intern("");
        table
    }
}

fn hash(text: &str) -> u64 {
    FixedState::with_seed(0).hash_one(text)
}

fn row<'a>(text: &'a str, ends: &[u32], row: u32) -> &'a str {
    let at = row as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &text[start..ends[at] as usize]
}

impl StringTable {
    /// The row of `text`, added if it is new.
    ///
    /// Holds at most 4 GiB of text in all: decoders bound their input below that.
    pub fn intern(&mut self, text: &str) -> StringId {
        let hash_of_text = hash(text);
        let Self { text: all, ends, interner } = self;
        if let Some(found) = interner.find(hash_of_text, |at| row(all, ends, at) == text) {
            return StringId(found);
        }
        let new = ends.len() as u32;
        all.push_str(text);
        ends.push(all.len() as u32);
        interner.insert(hash_of_text, new, |at| hash(row(all, ends, at)));
        StringId(new)
    }

    /// The text of `id`; empty for an id of another table that is out of range.
    #[must_use]
    pub fn get(&self, id: StringId) -> &str {
        if id.index() < self.ends.len() { row(&self.text, &self.ends, id.0) } else { "" }
    }

    /// Finds `text` without adding it.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<StringId> {
        self.interner.find(hash(text), |at| row(&self.text, &self.ends, at) == text).map(StringId)
    }

    /// Number of strings, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never true: the empty string is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All strings by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len() as u32).map(|at| row(&self.text, &self.ends, at))
    }

    /// Bytes of text.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_strings_share_a_row(texts in proptest::collection::vec("[a-c\u{e9}]{0,3}", 0..60)) {
            let mut table = StringTable::default();
            let ids: Vec<_> = texts.iter().map(|text| table.intern(text)).collect();
            for (a, id_a) in texts.iter().zip(&ids) {
                prop_assert_eq!(table.get(*id_a), a);
                prop_assert_eq!(table.find(a), Some(*id_a));
                for (b, id_b) in texts.iter().zip(&ids) {
                    prop_assert_eq!(a == b, id_a == id_b);
                }
            }
        }
    }

    #[test]
    fn row_zero_is_the_empty_string() {
        let mut table = StringTable::default();
        assert_eq!(table.intern(""), StringId::EMPTY);
        assert_eq!(table.get(StringId(99)), "");
    }
}
