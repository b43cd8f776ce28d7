//! The series of all types, and the totals of their profiles: no sample is read.

use std::collections::BTreeMap;

use emberglass_labels::Matchers;
use emberglass_store::{Backend, BlockId, Series, Store};

use crate::directories::{for_each_directory, with_restart};
use crate::told_apart::runs;
use crate::{QueryError, YieldNow};

/// Which series: those whose labels match and that have profiles in [`from`, `until`), ns since the epoch; `None` is open.
#[derive(Clone, Debug, Default)]
pub struct SeriesSelection {
    /// Conditions on the labels.
    pub matchers: Matchers,
    /// First start.
    pub from: Option<i64>,
    /// One past the last start.
    pub until: Option<i64>,
    /// Keys of metadata that profiles of a series are told apart by, as if they were labels `__meta_KEY`.
    pub metadata: Vec<String>,
}

/// What is known of a profile without its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileTotal {
    /// Start, ns since the epoch.
    pub start: i64,
    /// Sum of the values, times 10^-scale.
    pub total: i64,
    /// Decimal places of the sum.
    pub scale: u8,
}

/// Series of a selection that `accept` takes, each once, by type and labels, with their profiles by start.
///
/// # Errors
/// Those of the store.
pub async fn series<B: Backend>(
    store: &Store<B>,
    selection: &SeriesSelection,
    accept: impl Fn(&Series) -> bool,
    pause: &impl YieldNow,
) -> Result<Vec<(Series, Vec<ProfileTotal>)>, QueryError> {
    let SeriesSelection { matchers, from, until, metadata } = selection;
    with_restart(store, async || {
        let manifest = store.manifest();
        let overlapping = manifest.blocks.iter().filter(|block| block.overlaps(*from, *until));
        let ids: Vec<BlockId> = overlapping.map(|block| block.id).collect();
        let mut found: BTreeMap<Series, Vec<ProfileTotal>> = BTreeMap::new();
        for_each_directory(store, &ids, pause, |directory| {
            let directory = directory?;
            let table = &directory.profiles;
            for (row, rows) in directory.select(matchers, *from, *until) {
                let Some(series) = directory.series.get(row as usize).filter(|series| accept(series)) else { continue };
                for (labels, rows) in runs(&directory, &series.labels, rows, metadata) {
                    let columns = table.start.iter().zip(&table.total).zip(&table.scale);
                    let columns = columns.skip(rows.start).take(rows.len());
                    let totals = columns.map(|((&start, &total), &scale)| ProfileTotal { start, total, scale });
                    let series = Series { profile_type: series.profile_type.clone(), labels };
                    found.entry(series).or_default().extend(totals);
                }
            }
            Ok(())
        })
        .await?;
        let mut all: Vec<(Series, Vec<ProfileTotal>)> = found.into_iter().collect();
        all.iter_mut().for_each(|(_, totals)| emberglass_columns::heap_sort(totals));
        Ok(all)
    })
    .await
}
