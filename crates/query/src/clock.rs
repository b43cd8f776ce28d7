//! Times since the epoch of records whose times are of the source's own clock.

use std::collections::BTreeMap;

use emberglass_store::{ProfileTable, RecordSpan};

/// The clocks of the sources of a block. A clock begins with the first record of its source, whatever thread or type that is of, and
/// the source begins where its profiles do.
#[derive(Debug, Default)]
pub(crate) struct Clocks {
    /// First time by source.
    first: BTreeMap<u32, i64>,
}

impl Clocks {
    pub(crate) fn new(table: &ProfileTable, spans: &[RecordSpan]) -> Self {
        let mut first: BTreeMap<u32, i64> = BTreeMap::new();
        for span in spans.iter().filter(|span| span.own_clock) {
            let source = table.source.get(span.row as usize).copied().unwrap_or_default();
            let known = first.entry(source).or_insert(span.first);
            *known = (*known).min(span.first);
        }
        Self { first }
    }

    /// What makes times since the epoch of those of the profile at `row`.
    pub(crate) fn shift(&self, table: &ProfileTable, row: usize, own_clock: bool) -> i64 {
        let first = table.source.get(row).and_then(|source| self.first.get(source)).filter(|_| own_clock);
        let start = table.start.get(row).copied().unwrap_or_default();
        first.map_or(0, |first| start.saturating_sub(*first))
    }
}
