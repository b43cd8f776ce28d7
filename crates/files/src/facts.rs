//! What is known of profiles beside their values.

use std::borrow::Borrow;

use emberglass_profile::{Batch, ProfileEntry, Warning, Warnings};
use emberglass_views::report::Facts;

use crate::stated::Part;

/// How many profiles and samples the parts hold, and of which time.
pub(crate) fn facts(parts: &[Part<'_>]) -> Facts<'static> {
    let entries = || parts.iter().flat_map(|(batch, entries)| entries.iter().map(move |entry| (batch, entry)));
    let records = |(batch, entry): (&&Batch, &&ProfileEntry)| {
        batch.tables.get(entry.table as usize).map_or(0, |table| table.records)
    };
    let end = |(_, entry): (&&Batch, &&ProfileEntry)| entry.start.map(|start| start.saturating_add(entry.duration));
    Facts {
        profiles: Some(entries().count() as u64),
        samples: Some(entries().map(records).sum()),
        from: entries().filter_map(|(_, entry)| entry.start).min(),
        until: entries().filter_map(end).max(),
        ..Facts::default()
    }
}

/// The warnings of all parts, by code.
pub(crate) fn noticed(parts: &[Part<'_>]) -> Warnings {
    joined(parts.iter().map(|(batch, _)| &batch.warnings))
}

/// Warnings in one list, by code.
pub(crate) fn joined(lists: impl IntoIterator<Item = impl Borrow<Warnings>>) -> Warnings {
    let mut all = Warnings::default();
    for list in lists {
        for Warning { code, message, offset, count } in list.borrow().as_slice() {
            all.add_many(code, *count, *offset, || message.clone());
        }
    }
    all
}
