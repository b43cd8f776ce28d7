//! The attributes section: what samples carry beside the labels of their series.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | strings | dictionary | row 0 is the empty string |
//! | sets `n` | varint | without row 0, the empty set; distinct |
//! | set x n | varint count, then attributes | |
//! | attribute | varint, value | string row of the key, times 2, plus 1 for a number; within a set in any order |
//! | text | varint | string row |
//! | number | zig-zag varint, varint | value, string row of the unit |

use emberglass_columns::{ByteReader, put_i64, put_u64};
use emberglass_profile::{Attribute, AttributeSetId, AttributeSets, AttributeValue, StringId, StringTable};

use super::columns::{expect_end, put_len};
use super::dictionary;
use crate::Fault;

/// Attribute sets with their own strings. Row 0 is the empty set.
#[derive(Clone, Debug, Default)]
pub struct SampleAttributes {
    /// Keys, texts and units.
    pub strings: StringTable,
    /// The sets.
    pub sets: AttributeSets,
}

impl SampleAttributes {
    /// Adds a set of another table whose texts `text` gives.
    pub(crate) fn intern<'a>(&mut self, set: &[Attribute], text: impl Fn(StringId) -> &'a str) -> AttributeSetId {
        let mut own: Vec<Attribute> = Vec::with_capacity(set.len());
        for Attribute { key, value } in set {
            let value = match *value {
                AttributeValue::Text(id) => AttributeValue::Text(self.strings.intern(text(id))),
                AttributeValue::Number(number, unit) => AttributeValue::Number(number, self.strings.intern(text(unit))),
            };
            own.push(Attribute { key: self.strings.intern(text(*key)), value });
        }
        self.sets.intern(&mut own)
    }
}

/// Writes the `sets` in their order; the section's rows are 1, 2, ...
pub(crate) fn write(attributes: &SampleAttributes, sets: &[AttributeSetId]) -> Vec<u8> {
    let SampleAttributes { strings, sets: table } = attributes;
    let mut used: Vec<&str> = Vec::new();
    let mut texts = |id: StringId| used.push(strings.get(id));
    for Attribute { key, value } in sets.iter().flat_map(|&set| table.get(set)) {
        texts(*key);
        match *value {
            AttributeValue::Text(id) | AttributeValue::Number(_, id) => texts(id),
        }
    }
    let mut collector = dictionary::Collector::default();
    used.into_iter().for_each(|text| collector.add(text));
    let mut out = Vec::new();
    let dictionary = collector.write(&mut out);
    put_len(&mut out, sets.len());
    for &set in sets {
        let set = table.get(set);
        put_len(&mut out, set.len());
        for Attribute { key, value } in set {
            let key = dictionary.row(strings.get(*key)) as u64;
            match *value {
                AttributeValue::Text(id) => {
                    put_u64(&mut out, key << 1);
                    dictionary.put(&mut out, strings.get(id));
                }
                AttributeValue::Number(number, unit) => {
                    put_u64(&mut out, key << 1 | 1);
                    put_i64(&mut out, number);
                    dictionary.put(&mut out, strings.get(unit));
                }
            }
        }
    }
    out
}

pub(crate) fn read(bytes: &[u8]) -> Result<SampleAttributes, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let mut all = SampleAttributes::default();
    dictionary::read(reader, |text| {
        all.strings.intern(text);
        Ok(())
    })?;
    let strings = all.strings.len() as u64;
    let string = |row: u64| match u32::try_from(row) {
        Ok(id) if row < strings => Ok(StringId(id)),
        _ => Err(Fault::Invariant("an attribute without its strings")),
    };
    for row in 1..=reader.count()? {
        let mut set = Vec::new();
        for _ in 0..reader.count()? {
            let code = reader.varint()?;
            let key = string(code >> 1)?;
            let value = match code & 1 {
                0 => AttributeValue::Text(string(reader.varint()?)?),
                _ => AttributeValue::Number(reader.zigzag()?, string(reader.varint()?)?),
            };
            set.push(Attribute { key, value });
        }
        if all.sets.intern(&mut set).index() != row {
            return Err(Fault::Invariant("an attribute set twice"));
        }
    }
    expect_end(reader)?;
    Ok(all)
}
