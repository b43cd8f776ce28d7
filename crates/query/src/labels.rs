//! Labels of a selection.

use std::collections::BTreeMap;

use emberglass_store::{Backend, Store};

use crate::directories::{for_each_in_range, selected_series, with_restart};
use crate::missing::Gaps;
use crate::{QueryError, Selection, YieldNow};

/// Values of one label, sorted, each with the profiles that carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelValues {
    /// The label's name.
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
        let names = counts.into_iter();
        Ok(names.map(|(name, values)| LabelValues { name, values: values.into_iter().collect() }).collect())
    })
    .await
}
