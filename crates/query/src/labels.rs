//! Labels and metadata of a selection.

use std::collections::BTreeMap;

use emberglass_store::{Backend, Store};

use crate::directories::{for_each_in_range, rows_of_types, selected_series, with_restart};
use crate::missing::Gaps;
use crate::{QueryError, Selection, YieldNow};

/// Values of one label, or of one key of metadata, sorted, each with the profiles that carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelValues {
    /// The label's name, or the key.
    pub name: String,
    /// Values and profiles (series x time).
    pub values: Vec<(String, u64)>,
}

/// Labels of the profiles of a selection, sorted by name.
///
/// # Errors
/// Those of the store.
pub async fn labels<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Vec<LabelValues>, QueryError> {
    with_restart(store, async || {
        let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for_each_in_range(store, selection, &mut Gaps::of(store), pause, |_, directory| {
            for (row, range) in selected_series(&directory, selection) {
                let labels = directory.series.get(row as usize).map(|series| series.labels.iter());
                for (name, value) in labels.into_iter().flatten() {
                    let values = counts.entry(name.to_owned()).or_default();
                    *values.entry(value.to_owned()).or_default() += range.len() as u64;
                }
            }
        })
        .await?;
        Ok(sorted(counts))
    })
    .await
}

/// Metadata of the profiles of a selection, sorted by key; those of all types where it names none.
///
/// # Errors
/// Those of the store.
pub async fn metadata<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Vec<LabelValues>, QueryError> {
    with_restart(store, async || {
        let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for_each_in_range(store, selection, &mut Gaps::of(store), pause, |_, directory| {
            let selected = rows_of_types(&directory, selection).into_iter();
            for metadata in selected.flat_map(|(_, rows)| rows).filter_map(|row| directory.metadata(row)) {
                for key in metadata.keys() {
                    let (value, values) = (metadata.get(key), counts.entry(key.to_owned()).or_default());
                    *values.entry(value.into_owned()).or_default() += 1;
                }
            }
        })
        .await?;
        Ok(sorted(counts))
    })
    .await
}

fn sorted(counts: BTreeMap<String, BTreeMap<String, u64>>) -> Vec<LabelValues> {
    counts.into_iter().map(|(name, values)| LabelValues { name, values: values.into_iter().collect() }).collect()
}
