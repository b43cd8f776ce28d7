//! Profiles that count from the start of their process on: several of one process hold the same values again.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::EngineError;
use emberglass_labels::LabelSet;
use emberglass_profile::{ProfileEntry, ProfileType, Warnings};
use emberglass_query::{NoYield, Selection, StackTotal, profiles};
use emberglass_store::{MemoryBackend, Store};

use crate::file_set::{File, FileSelection};
use crate::packing::at_once;
use crate::query_series::Found;

/// How many profiles there are of each process, told by its labels, and type.
type Counts = BTreeMap<(LabelSet, ProfileType), u64>;

fn warnings_of(counts: &Counts) -> Warnings {
    let several: u64 = counts.values().filter(|&&count| count > 1).sum();
    let mut warnings = Warnings::default();
    warnings.add_many("cumulative-profiles", several, None, || {
        "profiles that count from the start of one process are added up, though each holds the values of those before it: \
         query --view series --aggregate delta takes them apart"
            .to_owned()
    });
    warnings
}

/// What adding up the profiles of a type (of all types without one) in distinct files that `takes` accepts gives cause to say.
///
/// # Errors
/// `no-such-profile`, and what is wrong with the labels of a file.
pub(crate) fn of_files(
    files: &[File],
    profile_type: Option<&ProfileType>,
    selection: &FileSelection,
    takes: impl Fn(&File) -> bool,
) -> Result<Warnings, EngineError> {
    let is_wanted = |entry: &ProfileEntry| {
        entry.duration == 0
            && entry.profile_type.counts_from_start()
            && profile_type.is_none_or(|wanted| *wanted == entry.profile_type)
    };
    let (mut counts, mut seen) = (Counts::new(), BTreeSet::new());
    for file in files.iter().filter(|file| takes(file)) {
        let mut entries = file.candidates(selection.profile)?;
        entries.retain(|entry| is_wanted(entry));
        if entries.is_empty() || !seen.insert(file.batch.content_hash) {
            continue;
        }
        let source = file.origin(None)?.labels;
        for entry in entries {
            let mut labels = source.clone();
            entry.labels.iter().for_each(|(name, value)| labels.insert(name.as_str(), value.as_str()));
            *counts.entry((labels, entry.profile_type.clone())).or_default() += 1;
        }
    }
    Ok(warnings_of(&counts))
}

/// What adding up a selection gives cause to say.
///
/// # Errors
/// None in practice: memory can be read.
pub(crate) fn of_selection(store: &Store<MemoryBackend>, selection: &Selection) -> Result<Warnings, EngineError> {
    let profile_type = &selection.profile_type;
    let mut counts = Counts::new();
    if profile_type.counts_from_start() {
        let (rows, _) = at_once(profiles(store, selection, 0, usize::MAX, &NoYield))?;
        for row in rows.into_iter().filter(|row| row.duration == 0) {
            *counts.entry((row.labels, profile_type.clone())).or_default() += 1;
        }
    }
    Ok(warnings_of(&counts))
}

/// Each profile of a series without the one before it, in order of time; the first is only where counting begins. Where a
/// value is smaller than before, the process began anew: then it is the profile itself.
pub(crate) fn deltas(found: &Found) -> Found {
    let of_series = |totals: &Vec<StackTotal>| totals.iter().zip(totals.iter().skip(1)).map(delta).collect();
    found.iter().map(|(labels, totals)| (labels.clone(), of_series(totals))).collect()
}

fn delta((before, at): (&StackTotal, &StackTotal)) -> StackTotal {
    let scale = before.scale.max(at.scale);
    let scaled = |of: i64, from: u8| i128::from(of) * 10i128.pow(u32::from(scale - from));
    let grown = |before_of: i64, of: i64| {
        let grown = scaled(of, at.scale) - scaled(before_of, before.scale);
        i64::try_from(grown).ok().filter(|&grown| grown >= 0)
    };
    match (grown(before.value, at.value), grown(before.total, at.total)) {
        (Some(value), Some(total)) => StackTotal { value, total, scale, ..*at },
        _ => *at,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a process did between two profiles; `None` where it began anew before the second.
    type Steps = Vec<Option<(i64, i64)>>;

    proptest! {
        #[test]
        fn what_a_process_did_between_profiles_is_found_again(
            steps in proptest::collection::vec(proptest::option::weighted(0.8, (0i64..50, 0i64..50)), 0..20), first in 0i64..9,
        ) {
            let steps: Steps = steps;
            let profile = |start: usize, (value, total): (i64, i64)| {
                StackTotal { start: start as i64, profiles: 1, value, total, scale: start as u8 % 3 }
            };
            // At scale 0, 1, 2 the same value is written with as many zeros.
            let written = |at: usize, (value, rest): (i64, i64)| {
                let times = 10i64.pow(at as u32 % 3);
                profile(at, (value * times, (value + rest) * times))
            };
            let mut counted = (first, first);
            let mut totals = vec![written(0, counted)];
            let mut expected = Vec::new();
            for (at, step) in steps.iter().enumerate() {
                match step {
                    Some((value, rest)) => {
                        counted = (counted.0 + value, counted.1 + rest);
                        expected.push((*value, value + rest));
                    }
                    // It begins with less than it had, or is not seen to have begun.
                    None if counted.0 > 0 => {
                        counted = (counted.0 - 1, 0);
                        expected.push((counted.0, counted.0));
                    }
                    None => expected.push((0, 0)),
                }
                totals.push(written(at + 1, counted));
            }
            let labels: LabelSet = [("pod", "a")].into_iter().collect();
            let found = deltas(&Found::from([(labels.clone(), totals)]));
            let rows: Vec<(i64, i64, i64)> = found[&labels]
                .iter()
                .map(|of| {
                    let unit = 10i64.pow(u32::from(of.scale));
                    assert_eq!((of.value % unit, of.total % unit), (0, 0));
                    (of.start, of.value / unit, of.total / unit)
                })
                .collect();
            let expected: Vec<(i64, i64, i64)> =
                expected.into_iter().enumerate().map(|(at, (value, total))| (at as i64 + 1, value, total)).collect();
            prop_assert_eq!(rows, expected);
        }
    }
}
