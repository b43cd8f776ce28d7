//! Walking over what blocks are about.

use std::ops::Range;
use std::rc::Rc;

use emberglass_profile::ProfileType;
use emberglass_store::{Backend, BlockDirectory, BlockId, Store, StoreError};

use crate::missing::{Gaps, can_go_without};
use crate::yielding::DIRECTORY;
use crate::{QueryError, Selection, YieldNow};
use emberglass_trie::Work;

/// Directories read at a time.
const CHUNK: usize = 16;

/// Calls `each` with the directory of every block of `ids`, or with what is wrong with it.
pub(crate) async fn for_each_directory<B: Backend>(
    store: &Store<B>,
    ids: &[BlockId],
    pause: &impl YieldNow,
    mut each: impl FnMut(Result<Rc<BlockDirectory>, StoreError>) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let mut work = Work::default();
    for chunk in ids.chunks(CHUNK) {
        for directory in store.directories(chunk).await? {
            let profiles = directory.as_ref().map_or(0, |directory| directory.profiles.len());
            each(directory)?;
            work.done(DIRECTORY + profiles, pause).await;
        }
    }
    Ok(())
}

/// Calls `each` with the directory of every block in which profiles of the selection may start. What can't be read is
/// left out, and said in `gaps`.
pub(crate) async fn for_each_in_range<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    gaps: &mut Gaps,
    pause: &impl YieldNow,
    mut each: impl FnMut(&mut Gaps, Rc<BlockDirectory>),
) -> Result<(), QueryError> {
    let manifest = store.manifest();
    let range = (selection.from, selection.until);
    let mut ids = Vec::new();
    for meta in manifest.blocks.iter().filter(|block| block.overlaps(selection.from, selection.until)) {
        match gaps.lacks_directory(meta.id) {
            true => gaps.miss_block(meta, range),
            false => ids.push(meta.id),
        }
    }
    let mut next = ids.iter();
    for_each_directory(store, &ids, pause, |directory| {
        let meta = next.next().and_then(|&id| manifest.block(id));
        match (directory, meta) {
            (Ok(directory), _) => each(gaps, directory),
            (Err(error), Some(meta)) if can_go_without(store, &error) => gaps.miss_block(meta, range),
            (Err(error), _) => return Err(error.into()),
        }
        Ok(())
    })
    .await
}

/// Row of a series, and profile rows of it that are selected; where metadata is asked for, a series may come several times.
pub(crate) type SelectedSeries = (u32, Range<usize>);

/// The rows of a block that a selection takes.
pub(crate) fn selected_series(directory: &BlockDirectory, selection: &Selection) -> Vec<SelectedSeries> {
    let of_type = |row: &u32| {
        directory.series.get(*row as usize).is_some_and(|series| {
            series.profile_type == selection.profile_type
                && selection.tags.iter().all(|tags| tags.accepts(&series.labels))
        })
    };
    let mut selected = directory.select(&selection.matchers, selection.from, selection.until);
    selected.retain(|(row, _)| of_type(row));
    selected
}

/// The rows of a block that a selection takes, of all types where it names none.
pub(crate) fn rows_of_types(directory: &BlockDirectory, selection: &Selection) -> Vec<SelectedSeries> {
    if selection.profile_type == ProfileType::default() {
        return directory.select(&selection.matchers, selection.from, selection.until);
    }
    selected_series(directory, selection)
}

/// The directories of blocks that have profiles of a selection, with their series. What can't be read is left out, and said
/// in `gaps`.
pub(crate) async fn selected_in_range<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    gaps: &mut Gaps,
    pause: &impl YieldNow,
) -> Result<Vec<(Rc<BlockDirectory>, Vec<SelectedSeries>)>, QueryError> {
    let mut found = Vec::new();
    for_each_in_range(store, selection, gaps, pause, |_, directory| {
        let selected = selected_series(&directory, selection);
        if !selected.is_empty() {
            found.push((directory, selected));
        }
    })
    .await?;
    Ok(found)
}

/// Attempts of a query beside which other tabs and compactions replace blocks.
pub(crate) const MAX_ATTEMPTS: u32 = 8;

/// Makes further attempts with the new manifest where a block was replaced meanwhile.
pub(crate) async fn with_restart<B: Backend, T>(
    store: &Store<B>,
    attempt: impl AsyncFn() -> Result<T, QueryError>,
) -> Result<T, QueryError> {
    for _ in 1..MAX_ATTEMPTS {
        match attempt().await {
            Err(error) if error.is_stale() => store.refresh().await?,
            done => return done,
        };
    }
    attempt().await
}

/// As [`with_restart`], and without what turns out to be damaged.
pub(crate) async fn without_damage<B: Backend, T>(
    store: &Store<B>,
    attempt: impl AsyncFn() -> Result<T, QueryError>,
) -> Result<T, QueryError> {
    with_restart(store, async || {
        loop {
            match attempt().await {
                // Each damaged section makes for one attempt at most.
                Err(QueryError::Store(error)) if can_go_without(store, &error) => {}
                done => return done,
            }
        }
    })
    .await
}
