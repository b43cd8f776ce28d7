//! The profiles of a selection one by one.

use std::rc::Rc;

use emberglass_columns::heap_sort_by;
use emberglass_labels::LabelSet;
use emberglass_store::{Backend, BlockDirectory, BlockId, Identity, Store};

use crate::directories::{for_each_in_range, selected_series, with_restart};
use crate::missing::Gaps;
use crate::{QueryError, Selection, YieldNow};

/// One stored profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProfile {
    /// What tells it from all others, whatever block it is in.
    pub identity: Identity,
    /// Labels of its series.
    pub labels: LabelSet,
    /// Start, ns since the epoch.
    pub start: i64,
    /// Duration in ns, 0 where unknown.
    pub duration: i64,
    /// Sum of the values, times 10^-scale.
    pub total: i64,
    /// Decimal places of the values.
    pub scale: u8,
    /// Sample records.
    pub records: u64,
    /// Name of the input that it comes from.
    pub source: String,
}

/// Where a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProfileRow {
    pub(crate) block: BlockId,
    pub(crate) row: usize,
}

/// The profiles of a selection from `offset` on, at most `limit`, by start; and how many there are.
///
/// # Errors
/// Those of the store.
pub async fn profiles<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    offset: usize,
    limit: usize,
    pause: &impl YieldNow,
) -> Result<(Vec<StoredProfile>, usize), QueryError> {
    with_restart(store, async || {
        let mut all: Vec<(i64, Identity, Rc<BlockDirectory>, usize)> = Vec::new();
        for_each_row(store, selection, pause, |directory, identity, row| {
            let start = directory.profiles.start.get(row).copied().unwrap_or_default();
            all.push((start, identity, Rc::clone(directory), row));
        })
        .await?;
        heap_sort_by(&mut all, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let page = all.iter().skip(offset).take(limit);
        let page = page.filter_map(|(_, identity, directory, row)| stored_profile(directory, *identity, *row));
        Ok((page.collect(), all.len()))
    })
    .await
}

/// Where the profile of a selection with an identity is.
pub(crate) async fn find<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    wanted: Identity,
    pause: &impl YieldNow,
) -> Result<Option<(StoredProfile, ProfileRow)>, QueryError> {
    let mut found = None;
    for_each_row(store, selection, pause, |directory, identity, row| {
        if identity == wanted {
            let profile = stored_profile(directory, identity, row);
            found = profile.map(|profile| (profile, ProfileRow { block: directory.id, row }));
        }
    })
    .await?;
    Ok(found)
}

async fn for_each_row<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
    mut each: impl FnMut(&Rc<BlockDirectory>, Identity, usize),
) -> Result<(), QueryError> {
    for_each_in_range(store, selection, &mut Gaps::of(store), pause, |_, directory| {
        let selected = selected_series(&directory, selection);
        if selected.is_empty() {
            return;
        }
        let identities = directory.identities();
        for row in selected.into_iter().flat_map(|(_, range)| range) {
            if let Some(&identity) = identities.get(row) {
                each(&directory, identity, row);
            }
        }
    })
    .await
}

fn stored_profile(directory: &BlockDirectory, identity: Identity, row: usize) -> Option<StoredProfile> {
    let table = &directory.profiles;
    Some(StoredProfile {
        identity,
        labels: directory.series.get(*table.series.get(row)? as usize)?.labels.clone(),
        start: *table.start.get(row)?,
        duration: *table.duration.get(row)?,
        total: *table.total.get(row)?,
        scale: *table.scale.get(row)?,
        records: *table.records.get(row)?,
        source: directory.sources.get(*table.source.get(row)? as usize)?.name.clone(),
    })
}
