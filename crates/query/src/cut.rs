//! Profiles of which only the samples count whose time lies in the range.

use std::ops::Range;

use emberglass_store::{Backend, BlockDirectory, RecordSpan, Store, StoreError};

use crate::clock::Clocks;
use crate::directories::SelectedSeries;
use crate::missing::{Gaps, can_go_without};
use crate::{QueryError, Selection};

/// A profile that is cut: some of its records are in the range, and some are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Row of its series.
    pub(crate) series: u32,
    pub(crate) row: u32,
    /// Those of its records that are in the range, in order of time.
    pub(crate) records: Range<usize>,
    /// Part of the timelines that has them.
    pub(crate) part: u16,
    /// Bytes of all its records.
    pub(crate) bytes: u32,
}

/// How the records of a profile lie to the range.
enum Lie {
    Inside,
    Outside,
    Across,
}

/// A range of times, `None` is open.
#[derive(Clone, Copy)]
struct Bounds {
    from: Option<i64>,
    until: Option<i64>,
}

impl Bounds {
    fn is_before(self, time: i64) -> bool {
        self.from.is_some_and(|from| time < from)
    }

    fn is_behind(self, time: i64) -> bool {
        self.until.is_some_and(|until| time >= until)
    }

    fn lie(self, first: i64, last: i64) -> Lie {
        if self.is_before(last) || self.is_behind(first) {
            Lie::Outside
        } else if self.is_before(first) || self.is_behind(last) {
            Lie::Across
        } else {
            Lie::Inside
        }
    }
}

/// Of rows of profiles that start before the end of the selection's range, those that count as a whole, and those that are
/// cut. A profile whose format has no time for each record counts as a whole if it starts in the range.
pub(crate) async fn cut<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    directory: &BlockDirectory,
    selected: &[SelectedSeries],
    gaps: &mut Gaps,
) -> Result<(Vec<SelectedSeries>, Vec<Cut>), QueryError> {
    let table = &directory.profiles;
    let bounds = Bounds { from: selection.from, until: selection.until };
    let spans = match store.record_spans(directory).await {
        Err(error) if can_go_without(store, &error) || gaps.lacks_records(directory.id) => None,
        spans => Some(spans?),
    };
    let clocks = Clocks::new(table, spans.as_deref().map_or(&[], Vec::as_slice));
    let (mut whole, mut cuts): (Vec<SelectedSeries>, Vec<Cut>) = (Vec::new(), Vec::new());
    for (series, range) in selected {
        for row in range.clone() {
            let start = table.start.get(row).copied().unwrap_or_default();
            let Some(spans) = &spans else {
                // Which samples lie where nobody knows.
                let duration = table.duration.get(row).copied().unwrap_or_default();
                if duration <= 0 || !bounds.is_before(start.saturating_add(duration)) {
                    gaps.miss_profile(start);
                }
                continue;
            };
            let span = spans.binary_search_by_key(&(row as u32), |span| span.row).ok().and_then(|at| spans.get(at));
            let lie = match span.filter(|_| !table.is_summed(row)) {
                None => bounds.lie(start, start),
                Some(span) => {
                    let shift = clocks.shift(table, row, span.own_clock);
                    bounds.lie(span.first.saturating_add(shift), span.last.saturating_add(shift))
                }
            };
            match (lie, span) {
                (Lie::Inside, _) => match whole.last_mut() {
                    Some((of, rows)) if of == series && rows.end == row => rows.end += 1,
                    _ => whole.push((*series, row..row + 1)),
                },
                (Lie::Across, Some(span)) => {
                    match inside(store, directory, row, clocks.shift(table, row, span.own_clock), bounds).await {
                        Err(error) if can_go_without(store, &error) => gaps.miss_profile(start),
                        records => {
                            let records = records?;
                            let RecordSpan { row, part, bytes, .. } = *span;
                            if !records.is_empty() {
                                cuts.push(Cut { series: *series, row, records, part, bytes });
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok((whole, cuts))
}

/// The records of a profile that lie in the range, with what makes times since the epoch of theirs.
async fn inside<B: Backend>(
    store: &Store<B>,
    directory: &BlockDirectory,
    row: usize,
    shift: i64,
    bounds: Bounds,
) -> Result<Range<usize>, StoreError> {
    let times = store.record_times(directory, row).await?.unwrap_or_default();
    let first = times.partition_point(|time| bounds.is_before(time.saturating_add(shift)));
    let end = times.partition_point(|time| !bounds.is_behind(time.saturating_add(shift)));
    Ok(first..end.max(first))
}
