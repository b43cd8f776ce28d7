//! The series section.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | strings | dictionary | row 0 is the empty string |
//! | types `t` | varint | |
//! | type x t | 5 varints | string rows of name, sample type, sample unit, period type, period unit |
//! | series `n` | varint | sorted by (profile type, labels), distinct |
//! | series x n | varints | type row, number of labels, then string rows of name and value of each, sorted by name; no value is empty |

use emberglass_columns::ByteReader;
use emberglass_labels::LabelSet;
use emberglass_profile::ProfileType;

use super::columns::{expect_end, put_len};
use super::dictionary::{Collector, Dictionary};
use crate::Fault;

/// What profiles over time have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// Type of the profiles.
    pub profile_type: ProfileType,
    /// Labels of the profiles.
    pub labels: LabelSet,
}

fn parts(profile_type: &ProfileType) -> [&str; 5] {
    let ProfileType { name, sample_type, sample_unit, period_type, period_unit } = profile_type;
    [name, sample_type, sample_unit, period_type, period_unit]
}

pub(crate) fn write(series: &[&Series]) -> Vec<u8> {
    let mut collector = Collector::default();
    let mut types: Vec<&ProfileType> = series.iter().map(|series| &series.profile_type).collect();
    types.dedup();
    types.iter().flat_map(|profile_type| parts(profile_type)).for_each(|text| collector.add(text));
    for (name, value) in series.iter().flat_map(|series| series.labels.iter()) {
        collector.add(name);
        collector.add(value);
    }
    let mut out = Vec::new();
    let dictionary = collector.write(&mut out);
    put_len(&mut out, types.len());
    for text in types.iter().flat_map(|profile_type| parts(profile_type)) {
        dictionary.put(&mut out, text);
    }
    put_len(&mut out, series.len());
    for Series { profile_type, labels } in series {
        // Sorted by type, so that the types are sorted, too.
        put_len(&mut out, types.binary_search(&profile_type).unwrap_or_default());
        put_len(&mut out, labels.len());
        for (name, value) in labels.iter() {
            dictionary.put(&mut out, name);
            dictionary.put(&mut out, value);
        }
    }
    out
}

pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Series>, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let dictionary = Dictionary::read(reader)?;
    let mut types = Vec::new();
    for _ in 0..reader.count()? {
        let mut text = || dictionary.take(reader).map(str::to_owned);
        types.push(ProfileType {
            name: text()?,
            sample_type: text()?,
            sample_unit: text()?,
            period_type: text()?,
            period_unit: text()?,
        });
    }
    let mut all: Vec<Series> = Vec::new();
    for _ in 0..reader.count()? {
        let row = reader.varint_u32()? as usize;
        let profile_type = types.get(row).ok_or(Fault::Invariant("a series without its type"))?.clone();
        let count = reader.count()?;
        let mut labels = LabelSet::default();
        for _ in 0..count {
            let (name, value) = (dictionary.take(reader)?, dictionary.take(reader)?);
            labels.insert(name, value);
        }
        let series = Series { profile_type, labels };
        if series.labels.len() != count || all.last().is_some_and(|before| *before >= series) {
            return Err(Fault::Invariant("the series are not sorted"));
        }
        all.push(series);
    }
    expect_end(reader)?;
    Ok(all)
}
