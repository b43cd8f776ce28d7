//! What a query will read: blocks by time, series by labels, rows by start.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_labels::LabelSet;
use emberglass_profile::Aggregation;
use emberglass_store::{Backend, BlockDirectory, BlockId, Store};

use crate::directories::{SelectedSeries, for_each_in_range, selected_series, with_restart};
use crate::missing::{Gaps, Missing};
use crate::{QueryError, Selection, YieldNow};

/// The rows a query reads, and what that will cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub(crate) blocks: Vec<PlannedBlock>,
    /// Profiles (series x time) to merge.
    pub profiles: u64,
    /// Series they belong to.
    pub series: u64,
    /// Bytes of their sample rows.
    pub sample_bytes: u64,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
}

/// What is read of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedBlock {
    pub(crate) id: BlockId,
    pub(crate) groups: Vec<RowGroup>,
}

/// Profile rows whose values add up as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowGroup {
    /// What the values are to be divided by: the profiles of their series for means, else 1.
    pub(crate) divisor: u64,
    /// Decimal places of the values.
    pub(crate) scale: u8,
    /// Rows of the profile table, ascending.
    pub(crate) rows: Vec<u32>,
}

impl Plan {
    /// Number of blocks to read.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

/// Plans a query without reading a sample.
///
/// # Errors
/// Those of the store.
pub async fn plan<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Plan, QueryError> {
    with_restart(store, async || plan_once(store, selection, pause).await).await
}

/// Row of a series, and its profile rows that are selected and can be read.
type Readable = (u32, Vec<u32>);

fn readable(directory: &BlockDirectory, (series, range): SelectedSeries, gaps: &mut Gaps) -> Readable {
    let table = &directory.profiles;
    let has_no_stacks = gaps.lacks_stacks(directory.id);
    let mut rows = Vec::with_capacity(range.len());
    for row in range {
        let part = table.sample_part.get(row).copied().unwrap_or_default();
        if has_no_stacks || gaps.lacks_samples(directory.id, part) {
            gaps.miss_profile(table.start.get(row).copied().unwrap_or_default());
        } else {
            rows.push(row as u32);
        }
    }
    (series, rows)
}

pub(crate) async fn plan_once<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Plan, QueryError> {
    let mut gaps = Gaps::of(store);
    let mut selected: Vec<(Rc<BlockDirectory>, Vec<Readable>)> = Vec::new();
    for_each_in_range(store, selection, &mut gaps, pause, |gaps, directory| {
        let series = selected_series(&directory, selection);
        let readable: Vec<Readable> = series.into_iter().map(|series| readable(&directory, series, gaps)).collect();
        if readable.iter().any(|(_, rows)| !rows.is_empty()) {
            selected.push((directory, readable));
        }
    })
    .await?;

    let mut profiles_of: BTreeMap<&LabelSet, u64> = BTreeMap::new();
    for (directory, series) in &selected {
        for (row, rows) in series {
            if let Some(series) = directory.series.get(*row as usize) {
                *profiles_of.entry(&series.labels).or_default() += rows.len() as u64;
            }
        }
    }
    let averages = selection.aggregation() == Aggregation::Average;
    let mut plan = Plan { series: profiles_of.len() as u64, missing: gaps.missing(), ..Plan::default() };
    for (directory, series) in &selected {
        let table = &directory.profiles;
        let mut groups: BTreeMap<(u64, u8), Vec<u32>> = BTreeMap::new();
        for (row, rows) in series {
            let labels = directory.series.get(*row as usize).map(|series| &series.labels);
            let count = labels.and_then(|labels| profiles_of.get(labels)).copied().unwrap_or(1);
            let divisor = if averages { count } else { 1 };
            plan.profiles += rows.len() as u64;
            for &profile in rows {
                let profile = profile as usize;
                plan.sample_bytes += u64::from(table.sample_len.get(profile).copied().unwrap_or(0));
                let scale = table.scale.get(profile).copied().unwrap_or(0);
                groups.entry((divisor, scale)).or_default().push(profile as u32);
            }
        }
        let groups = groups.into_iter().map(|((divisor, scale), rows)| RowGroup { divisor, scale, rows });
        plan.blocks.push(PlannedBlock { id: directory.id, groups: groups.collect() });
    }
    Ok(plan)
}
