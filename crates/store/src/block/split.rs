//! Splits a profile by the labels of its samples.
//!
//! A text attribute of a sample is a label of its series, but for `span_id` and `trace_id`, as in Pyroscope. It
//! stays an attribute where the series says something else: a label of the series wins over one of a sample, and the
//! least of several texts of one key over the others. Numbers stay attributes.

use std::collections::BTreeMap;

use emberglass_columns::heap_sort;
use emberglass_labels::LabelSet;
use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, Batch, ProfileEntry, StackId, Timeline,
};
use rustc_hash::FxHashMap;

use super::{Content, Costs};
use crate::{Origin, StoreError};

const NEVER_LABELS: [&str; 2] = ["span_id", "trace_id"];

/// One profile of one series.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) labels: LabelSet,
    /// Stacks and functions of the batch, attribute sets of `rests`; the rows are not normalized.
    pub(crate) content: Content,
    pub(crate) records: u64,
    pub(crate) total: i64,
    pub(crate) scale: u8,
}

/// The shares of `entry`, at least one. What attributes stay with the samples is added to `rests`.
pub(crate) fn split(
    batch: &Batch,
    entry: &ProfileEntry,
    origin: &Origin,
    rests: &mut AttributeSets,
) -> Result<Vec<Share>, StoreError> {
    let table = batch.tables.get(entry.table as usize).ok_or(StoreError::BadBatch("a profile without its table"))?;
    let column = table.columns.get(entry.column as usize);
    let column = column.ok_or(StoreError::BadBatch("a profile without its values"))?;
    if column.values.len() != table.stack.len() || table.attributes.len() != table.stack.len() {
        return Err(StoreError::BadBatch("columns of different lengths"));
    }
    if column.scale > emberglass_profile::MAX_SCALE {
        return Err(StoreError::BadBatch("a scale beyond 9"));
    }
    let mut base = origin.labels.clone();
    for (name, value) in &entry.labels {
        base.insert_if_absent(name, value);
    }

    let mut shares: Vec<Share> = Vec::new();
    let mut by_labels: BTreeMap<LabelSet, usize> = BTreeMap::new();
    let mut known: FxHashMap<AttributeSetId, (usize, AttributeSetId)> = FxHashMap::default();
    let mut sums: Vec<i128> = Vec::new();
    let mut share_of_row: Vec<(usize, AttributeSetId)> = Vec::new();
    for ((&stack, &set), &value) in table.stack.iter().zip(&table.attributes).zip(&column.values) {
        if stack.index() >= batch.stacks.len() {
            return Err(StoreError::BadBatch("a sample without its stack"));
        }
        let (share, rest) = *known.entry(set).or_insert_with(|| {
            let (labels, mut rest) = labels_of(batch, set, &base);
            let share = *by_labels.entry(labels).or_insert_with_key(|labels| {
                shares.push(Share {
                    labels: labels.clone(),
                    content: Content::default(),
                    records: 0,
                    total: 0,
                    scale: column.scale,
                });
                sums.push(0);
                shares.len() - 1
            });
            (share, rests.intern(&mut rest))
        });
        if table.timeline.is_some() {
            share_of_row.push((share, rest));
        }
        sums[share] += i128::from(value);
        let share = &mut shares[share];
        share.records += 1;
        if value != 0 {
            share.content.rows.push(stack.0, rest.0, value);
        }
    }
    for (share, sum) in shares.iter_mut().zip(sums) {
        share.total = i64::try_from(sum).ok().ok_or(StoreError::ValueOverflow)?;
    }
    if let Some(timeline) = &table.timeline {
        split_timeline(timeline, entry, &table.stack, &share_of_row, &mut shares)?;
    }
    match shares.first_mut() {
        // Rows were counted; which share the other records of the same stacks belong to is not known.
        Some(first) => first.records += table.records.saturating_sub(table.stack.len() as u64),
        None => {
            let scale = column.scale;
            shares.push(Share { labels: base, content: Content::default(), records: table.records, total: 0, scale });
        }
    }
    // What is stated of the functions holds for the profile as a whole.
    if let [share] = shares.as_mut_slice() {
        share.content.costs = costs(batch, entry)?;
    }
    Ok(shares)
}

/// Gives each share the records of its rows.
fn split_timeline(
    timeline: &Timeline,
    entry: &ProfileEntry,
    stacks: &[StackId],
    share_of_row: &[(usize, AttributeSetId)],
    shares: &mut [Share],
) -> Result<(), StoreError> {
    let Timeline { time, row, values } = timeline;
    let values = values.get(entry.column as usize).ok_or(StoreError::BadBatch("a timeline without its values"))?;
    if row.len() != time.len() || values.len() != time.len() || !time.is_sorted() {
        return Err(StoreError::BadBatch("a timeline that is not one"));
    }
    for share in shares.iter_mut() {
        share.content.timeline.own_clock = entry.start.is_none();
    }
    for ((time, row), value) in timeline.records().zip(values.iter()) {
        let (Some(stack), Some(&(share, rest))) = (stacks.get(row as usize), share_of_row.get(row as usize)) else {
            return Err(StoreError::BadBatch("a record without its row"));
        };
        if let Some(share) = shares.get_mut(share) {
            share.content.timeline.push(time, stack.0, rest.0, value);
        }
    }
    Ok(())
}

/// What the batch states of the functions of a profile.
fn costs(batch: &Batch, entry: &ProfileEntry) -> Result<Option<Costs>, StoreError> {
    let Some(table) = batch.function_tables.iter().find(|costs| costs.table == entry.table) else { return Ok(None) };
    let column = entry.column as usize;
    let (Some(own), Some(total)) = (table.own.get(column), table.total.get(column)) else { return Ok(None) };
    if own.len() != table.function.len() || total.len() != table.function.len() {
        return Err(StoreError::BadBatch("columns of different lengths"));
    }
    let functions = table.function.iter().map(|function| function.0).collect();
    Ok(Some(Costs { functions, own: own.clone(), total: total.clone() }))
}

/// Labels of the series that samples with `set` belong to, and the attributes that stay.
fn labels_of(batch: &Batch, set: AttributeSetId, base: &LabelSet) -> (LabelSet, Vec<Attribute>) {
    let mut labels = base.clone();
    let as_label = |attribute: &Attribute| match attribute.value {
        AttributeValue::Text(text) => {
            let name = batch.symbols.text(attribute.key);
            (!name.is_empty() && !NEVER_LABELS.contains(&name)).then(|| (name, batch.symbols.text(text)))
        }
        AttributeValue::Number(..) => None,
    };
    let set = batch.attributes.get(set);
    let mut texts: Vec<(&str, &str)> = set.iter().filter_map(as_label).collect();
    heap_sort(&mut texts);
    for (name, text) in texts {
        labels.insert_if_absent(name, text);
    }
    let said = |(name, text)| labels.get(name) == Some(text);
    let rest = set.iter().filter(|attribute| !as_label(attribute).is_some_and(said)).copied().collect();
    (labels, rest)
}
