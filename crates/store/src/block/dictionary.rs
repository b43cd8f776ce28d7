//! Sorted strings, front-coded.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | count `n` | varint | the empty string, row 0 of every dictionary, is not among them |
//! | shared | svb x n | bytes shared with the string before: as many as there are |
//! | own | svb x n | bytes that follow |
//! | bytes | sum of own | each string is UTF-8 and greater, as bytes, than the one before |

use std::collections::BTreeSet;

use emberglass_columns::{ByteReader, svb};

use super::columns::{put_len, svb_column, svb_count};
use crate::Fault;

/// Front-coding can repeat a long prefix at the cost of two bytes: this bounds what comes out.
const MAX_TEXT: usize = 256 << 20;

/// Appends strings, which are sorted, distinct and not empty.
pub(crate) fn write<'a>(out: &mut Vec<u8>, strings: impl ExactSizeIterator<Item = &'a str>) {
    put_len(out, strings.len());
    let (mut shared, mut own, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    let mut before: &[u8] = &[];
    for text in strings {
        let text = text.as_bytes();
        let common = before.iter().zip(text).take_while(|(a, b)| a == b).count();
        shared.push(common as u32);
        own.push((text.len() - common) as u32);
        bytes.extend_from_slice(&text[common..]);
        before = text;
    }
    svb::encode(&shared, out);
    svb::encode(&own, out);
    out.extend_from_slice(&bytes);
}

/// Reads the strings in order; `each` gets every one.
pub(crate) fn read(reader: &mut ByteReader<'_>, mut each: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let count = svb_count(reader)?;
    let shared = svb_column(reader, count)?;
    let own = svb_column(reader, count)?;
    let mut text: Vec<u8> = Vec::new();
    let mut sum = 0usize;
    for (shared, own) in shared.into_iter().zip(own) {
        let (shared, own) = (shared as usize, reader.take(own as usize)?);
        let rises = match (text.get(shared), own.first()) {
            (Some(before), Some(first)) => first > before,
            (None, Some(_)) => shared == text.len(),
            (_, None) => false,
        };
        sum = sum.saturating_add(shared).saturating_add(own.len());
        if !rises || sum > MAX_TEXT {
            return Err(Fault::Invariant("the strings are not sorted, or too long"));
        }
        text.truncate(shared);
        text.extend_from_slice(own);
        each(std::str::from_utf8(&text).map_err(|_invalid| Fault::Invariant("a string is not UTF-8"))?)?;
    }
    Ok(())
}

/// Collects strings for a small dictionary.
#[derive(Debug, Default)]
pub(crate) struct Collector<'a> {
    strings: BTreeSet<&'a str>,
}

/// The strings of a small dictionary; row 0 is the empty one.
#[derive(Debug)]
pub(crate) struct Dictionary<T> {
    strings: Vec<T>,
}

impl<'a> Collector<'a> {
    pub(crate) fn add(&mut self, text: &'a str) {
        if !text.is_empty() {
            self.strings.insert(text);
        }
    }

    /// Writes the dictionary; what follows refers to it.
    pub(crate) fn write(self, out: &mut Vec<u8>) -> Dictionary<&'a str> {
        write(out, self.strings.iter().copied());
        let mut strings = vec![""];
        strings.extend(self.strings);
        Dictionary { strings }
    }
}

impl Dictionary<&str> {
    /// The row of a collected string.
    pub(crate) fn row(&self, text: &str) -> usize {
        // Only collected strings are asked for.
        self.strings.binary_search(&text).unwrap_or_default()
    }

    /// Appends the row of a collected string.
    pub(crate) fn put(&self, out: &mut Vec<u8>, text: &str) {
        put_len(out, self.row(text));
    }
}

impl Dictionary<String> {
    pub(crate) fn read(reader: &mut ByteReader<'_>) -> Result<Self, Fault> {
        let mut strings = vec![String::new()];
        read(reader, |text| {
            strings.push(text.to_owned());
            Ok(())
        })?;
        Ok(Self { strings })
    }

    /// Reads a row number and gives its string.
    pub(crate) fn take(&self, reader: &mut ByteReader<'_>) -> Result<&str, Fault> {
        let row = reader.varint()?;
        let text = usize::try_from(row).ok().and_then(|row| self.strings.get(row));
        text.map(String::as_str).ok_or(Fault::Invariant("a string that is not in the dictionary"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_round_trip(texts: BTreeSet<String>) {
            let mut collector = Collector::default();
            for text in &texts {
                collector.add(text);
            }
            let mut out = Vec::new();
            let written = collector.write(&mut out);
            for text in &texts {
                written.put(&mut out, text);
            }
            let mut reader = ByteReader::new(&out);
            let dictionary = Dictionary::read(&mut reader).unwrap();
            for text in &texts {
                prop_assert_eq!(dictionary.take(&mut reader).unwrap(), text);
            }
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _read = Dictionary::read(&mut ByteReader::new(&bytes));
        }
    }
}
