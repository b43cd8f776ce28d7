//! Samples of real files, cut at the edges of a range.

use std::collections::BTreeMap;

use emberglass_files::QueryOptions;
use emberglass_profile::{Batch, format_rfc3339};
use serde_json::Value;

use crate::common::{decoded, opened};

/// Files of formats that have a time for each sample.
const FILES: [&str; 7] = [
    "java/app.jfr",
    "java/async.jfr.gz",
    "gecko/threads.samply.json.gz",
    "chrome/trace-object.json.gz",
    "perf/zstd.perf.data",
    "perf/pipe.perf.txt.gz",
    "gecko/firefox.gecko.json.gz",
];

/// Time and value of each record, by type; types whose values have decimal places, or that are not all timed, are left out.
fn records(batch: &Batch) -> BTreeMap<String, Vec<(i64, i64)>> {
    let mut all: BTreeMap<String, Option<Vec<(i64, i64)>>> = BTreeMap::new();
    let timelines = batch.tables.iter().filter_map(|table| table.timeline.as_ref());
    let first = timelines.flat_map(|of| of.time.iter()).min().unwrap_or_default();
    for entry in &batch.profiles {
        let table = &batch.tables[entry.table as usize];
        let of_type = all.entry(entry.profile_type.to_string()).or_insert_with(|| Some(Vec::new()));
        let is_whole = table.columns[entry.column as usize].scale == 0;
        match (of_type.as_mut(), table.timeline.as_ref().filter(|_| is_whole)) {
            (Some(records), Some(of)) => {
                // A profile without a time starts with its file, here at 0, and the file's clock with its first record.
                let shift = if entry.start.is_some() { 0 } else { first };
                let values = of.values[entry.column as usize].iter();
                records.extend(of.time.iter().map(|time| time - shift).zip(values));
            }
            _ => *of_type = None,
        }
    }
    all.into_iter().filter_map(|(id, records)| Some((id, records.filter(|records| !records.is_empty())?))).collect()
}

#[test]
fn parts_of_real_profiles_are_their_samples_in_the_range() {
    for path in FILES {
        let batch = decoded(path);
        let set = opened(&[path]);
        let by_type = records(&batch);
        assert!(!by_type.is_empty(), "{path} has times");
        for (id, records) in by_type {
            let (first, last) =
                (records.iter().map(|of| of.0).min().unwrap(), records.iter().map(|of| of.0).max().unwrap());
            let part = |share: i64| first + (last - first) / 5 * share;
            for (from, until) in [(None, Some(part(2))), (Some(part(2)), Some(part(4))), (Some(part(4)), None)] {
                let is_inside =
                    |time: i64| from.is_none_or(|from| time >= from) && until.is_none_or(|until| time < until);
                let expected: i64 = records.iter().filter(|of| is_inside(of.0)).map(|of| of.1).sum();
                let moment = |at: Option<i64>| at.map(format_rfc3339);
                let asked = QueryOptions {
                    view: "top".to_owned(),
                    select: id.clone(),
                    from: moment(from),
                    until: moment(until),
                    cut_samples: true,
                    aggregate: Some("sum".to_owned()),
                    ..QueryOptions::default()
                };
                let answer: Value = serde_json::from_str(&set.query(&asked).unwrap()).unwrap();
                assert_eq!(answer["total"].as_i64(), Some(expected), "{path} {id} {from:?} {until:?}");
                let asked = QueryOptions { view: "estimate".to_owned(), ..asked };
                let estimate: Value = serde_json::from_str(&set.query(&asked).unwrap()).unwrap();
                assert_eq!(estimate["profiles"], answer["profiles"]);
            }
        }
    }
}
