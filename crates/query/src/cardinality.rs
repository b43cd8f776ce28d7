//! How many series a selection has, and which labels make them so many: no sample is read.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_labels::LabelSet;
use emberglass_store::{Backend, Series, Store};

use crate::directories::{for_each_in_range, rows_of_types, with_restart};
use crate::missing::Gaps;
use crate::{QueryError, Selection, YieldNow};

/// What the series of a selection are told apart by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cardinality {
    /// Series: types and labels.
    pub series: u64,
    /// Profiles (series x time).
    pub profiles: u64,
    /// Labels, the one with the most values first, those with equally many by name.
    pub labels: Vec<LabelCardinality>,
    /// Profiles of a series: the least, the median (the lower one of two) and the most; 0 without series.
    pub profiles_per_series: [u64; 3],
    /// The series with the most profiles, those with equally many by type and labels.
    pub largest: Vec<SeriesProfiles>,
}

/// A label of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelCardinality {
    /// Its name.
    pub name: String,
    /// Different values.
    pub values: u64,
    /// Series that have it.
    pub series: u64,
    /// Values of the most series, those of equally many by value.
    pub top: Vec<ValueCardinality>,
}

/// A value of a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueCardinality {
    /// The value.
    pub value: String,
    /// Series that have it.
    pub series: u64,
    /// Their profiles.
    pub profiles: u64,
}

/// A series and how many profiles it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesProfiles {
    /// Profile type id.
    pub profile_type: String,
    /// Its labels.
    pub labels: LabelSet,
    /// Its profiles.
    pub profiles: u64,
}

/// What the series of a selection are told apart by, those of all types where it names none; at most `limit` values of each
/// label and largest series.
///
/// # Errors
/// Those of the store; what is damaged is left out.
pub async fn cardinality<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    limit: usize,
    pause: &impl YieldNow,
) -> Result<Cardinality, QueryError> {
    with_restart(store, async || {
        let mut profiles_of: BTreeMap<Series, u64> = BTreeMap::new();
        for_each_in_range(store, selection, &mut Gaps::of(store), pause, |_, directory| {
            for (row, rows) in rows_of_types(&directory, selection) {
                let Some(series) = directory.series.get(row as usize) else { continue };
                match profiles_of.get_mut(series) {
                    Some(count) => *count += rows.len() as u64,
                    None => {
                        profiles_of.insert(series.clone(), rows.len() as u64);
                    }
                }
            }
        })
        .await?;
        Ok(of_series(&profiles_of, limit))
    })
    .await
}

fn of_series(profiles_of: &BTreeMap<Series, u64>, limit: usize) -> Cardinality {
    let mut values: BTreeMap<&str, BTreeMap<&str, (u64, u64)>> = BTreeMap::new();
    for (series, profiles) in profiles_of {
        for (name, value) in series.labels.iter() {
            let of_value = values.entry(name).or_default().entry(value).or_default();
            of_value.0 += 1;
            of_value.1 += profiles;
        }
    }
    let mut labels: Vec<LabelCardinality> =
        values.into_iter().map(|(name, values)| of_label(name, values, limit)).collect();
    heap_sort_by(&mut labels, |a, b| b.values.cmp(&a.values).then_with(|| a.name.cmp(&b.name)));
    let mut by_profiles: Vec<(&Series, u64)> =
        profiles_of.iter().map(|(series, &profiles)| (series, profiles)).collect();
    heap_sort_by(&mut by_profiles, |(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
    let at = |place: usize| by_profiles.get(place).map_or(0, |(_, profiles)| *profiles);
    let series = by_profiles.len();
    let largest = by_profiles.iter().take(limit).map(|(series, profiles)| SeriesProfiles {
        profile_type: series.profile_type.to_string(),
        labels: series.labels.clone(),
        profiles: *profiles,
    });
    Cardinality {
        series: series as u64,
        profiles: by_profiles.iter().map(|(_, profiles)| profiles).sum(),
        labels,
        profiles_per_series: [at(series.saturating_sub(1)), at(series / 2), at(0)],
        largest: largest.collect(),
    }
}

fn of_label(name: &str, values: BTreeMap<&str, (u64, u64)>, limit: usize) -> LabelCardinality {
    let (count, series) = (values.len() as u64, values.values().map(|(series, _)| series).sum());
    let top = values.into_iter().map(|(value, (series, profiles))| ValueCardinality {
        value: value.to_owned(),
        series,
        profiles,
    });
    let mut top: Vec<ValueCardinality> = top.collect();
    heap_sort_by(&mut top, |a, b| b.series.cmp(&a.series).then_with(|| a.value.cmp(&b.value)));
    top.truncate(limit);
    LabelCardinality { name: name.to_owned(), values: count, series, top }
}
