//! Profiles of a series that metadata tells apart.

use std::ops::Range;

use emberglass_labels::{LabelSet, META_PREFIX};
use emberglass_store::BlockDirectory;

/// The labels of the series of the profile at `row`, with its metadata of these keys as if they were labels.
pub(crate) fn labels_of(directory: &BlockDirectory, labels: &LabelSet, row: usize, keys: &[String]) -> LabelSet {
    let mut all = labels.clone();
    if let Some(metadata) = directory.metadata(row) {
        for key in keys {
            all.insert(format!("{META_PREFIX}{key}"), metadata.get(key));
        }
    }
    all
}

/// Rows of a series in runs of equal metadata of these keys, each with its labels.
pub(crate) fn runs(
    directory: &BlockDirectory,
    labels: &LabelSet,
    rows: Range<usize>,
    keys: &[String],
) -> Vec<(LabelSet, Range<usize>)> {
    if keys.is_empty() {
        return vec![(labels.clone(), rows)];
    }
    let mut runs: Vec<(LabelSet, Range<usize>)> = Vec::new();
    for row in rows {
        let labels = labels_of(directory, labels, row, keys);
        match runs.last_mut() {
            Some((last, run)) if *last == labels => run.end += 1,
            _ => runs.push((labels, row..row + 1)),
        }
    }
    runs
}
