//! Filters and granularities on profiles that are not merged yet: all types, threads, labels, lines and times stay with
//! what is left.

use emberglass_labels::{LabelSet, StackEnds, TagFilter, TagFrame, TagFrames};
use emberglass_profile::{
    AttributeSetId, AttributeValue, Batch, Frame, FrameId, Function, InputError, SampleTable, StackId, StackTable,
};
use emberglass_trie::{NoYield, StackBuilder, at_once};

use super::label_frames::label_text;
use super::rows::{NONE, StackRows};
use super::{FastMap, Filters, FrameGranularity, Subject};
use crate::Names;

/// Changes the profiles of a batch. `labels` are those of its source, which its samples have besides their own. What
/// formats state for each function can't be filtered, and goes.
///
/// # Errors
/// `value-overflow` when values of different signs leave the 64-bit range once their stacks are one.
pub(super) fn apply(
    filters: &Filters,
    granularity: FrameGranularity,
    batch: &mut Batch,
    labels: &LabelSet,
) -> Result<(), InputError> {
    let (frames, tags) = (filters.tag_frames(granularity), filters.tags());
    if !tags.is_empty() || !frames.is_empty() {
        let labels = own_tables(batch, labels);
        with_ends(batch, &labels, &tags, &frames)?;
    }
    if filters.has_frames() {
        filter_stacks(batch, filters)?;
    }
    granularity.apply_to_batch(batch)?;
    batch.function_tables.clear();
    Ok(())
}

/// Gives profiles of different labels tables of their own; returns the labels by table.
fn own_tables(batch: &mut Batch, source: &LabelSet) -> Vec<LabelSet> {
    let mut labels: Vec<Option<LabelSet>> = vec![None; batch.tables.len()];
    let mut copies: FastMap<(u32, LabelSet), u32> = FastMap::default();
    for entry in &mut batch.profiles {
        let mut own = source.clone();
        entry.labels.iter().for_each(|(name, value)| own.insert(name.as_str(), value.as_str()));
        let Some(known) = labels.get_mut(entry.table as usize) else { continue };
        match known {
            None => *known = Some(own),
            Some(known) if *known == own => {}
            Some(_) => {
                let of = entry.table;
                entry.table = *copies.entry((of, own.clone())).or_insert_with(|| {
                    batch.tables.push(batch.tables.get(of as usize).cloned().unwrap_or_default());
                    labels.push(Some(own));
                    batch.tables.len() as u32 - 1
                });
            }
        }
    }
    labels.into_iter().map(|of| of.unwrap_or_else(|| source.clone())).collect()
}

/// What stands around the stacks of samples with certain attributes.
struct Ends {
    root: StackId,
    leaves: Vec<FrameId>,
}

/// What stands around the stacks of samples, by their attributes; `None` for those that the tags leave out.
fn ends(
    batch: &Batch,
    table: &SampleTable,
    labels: &LabelSet,
    tags: &[TagFilter],
    frames: &TagFrames,
) -> FastMap<AttributeSetId, Option<StackEnds>> {
    let symbols = &batch.symbols;
    let of_set = |set: AttributeSetId| {
        let sample = batch.attributes.get(set);
        let stays = |tag: &TagFilter| {
            let of_sample = sample.iter().any(|attribute| {
                let key = symbols.text(attribute.key);
                match attribute.value {
                    AttributeValue::Text(text) => tag.finds(key, symbols.text(text)),
                    AttributeValue::Number(number, unit) => tag.finds_number(key, number, symbols.text(unit)),
                }
            });
            (of_sample || labels.iter().any(|(key, value)| tag.finds(key, value))) == tag.keeps()
        };
        tags.iter().all(stays).then(|| frames.ends(|key| label_text(symbols, sample, labels, key)))
    };
    let mut known = FastMap::default();
    for &set in &table.attributes {
        known.entry(set).or_insert_with(|| of_set(set));
    }
    known
}

/// Puts frames around the stacks of rows, and leaves out those that the tags leave out.
fn with_ends(batch: &mut Batch, labels: &[LabelSet], tags: &[TagFilter], frames: &TagFrames) -> Result<(), InputError> {
    let of_tables = batch.tables.iter().zip(labels).map(|(table, labels)| ends(batch, table, labels, tags, frames));
    let of_tables: Vec<FastMap<AttributeSetId, Option<StackEnds>>> = of_tables.collect();
    let mut stacks = StackBuilder::default();
    // By the stack of the outermost frames and the old stack.
    let mut known: FastMap<(StackId, StackId), StackId> = FastMap::default();
    let Batch { symbols, stacks: old, tables, .. } = batch;
    let mut frame_of = |TagFrame { key, value }: &TagFrame| {
        let (name, file) = (symbols.strings.intern(value), symbols.strings.intern(key));
        let function = symbols.functions.intern(Function { name, file, ..Function::default() });
        symbols.frames.intern(Frame { function, ..Frame::default() })
    };
    for (table, of_table) in tables.iter_mut().zip(of_tables) {
        let mut of_sets: FastMap<AttributeSetId, Ends> = FastMap::default();
        let mut to: Vec<Option<StackId>> = Vec::with_capacity(table.stack.len());
        for (set, &stack) in table.attributes.iter().zip(&table.stack) {
            let Some(Some(StackEnds { roots, leaves })) = of_table.get(set) else {
                to.push(None);
                continue;
            };
            let &mut Ends { root, ref leaves } = of_sets.entry(*set).or_insert_with(|| Ends {
                root: roots.iter().fold(StackId::ROOT, |at, frame| stacks.child(at, frame_of(frame))),
                leaves: leaves.iter().map(&mut frame_of).collect(),
            });
            let inner = below(&mut stacks, &mut known, old, root, stack);
            to.push(Some(leaves.iter().fold(inner, |at, &frame| stacks.child(at, frame))));
        }
        *table = table.with_rows(|row| to.get(row).copied().flatten())?;
    }
    batch.stacks = stacks.finish();
    Ok(())
}

/// The frames of an old stack below `root`.
fn below(
    stacks: &mut StackBuilder,
    known: &mut FastMap<(StackId, StackId), StackId>,
    old: &StackTable,
    root: StackId,
    stack: StackId,
) -> StackId {
    let mut missing = Vec::new();
    let mut at = stack;
    let mut new = loop {
        if at == StackId::ROOT || at.index() >= old.len() {
            break root;
        }
        if let Some(&new) = known.get(&(root, at)) {
            break new;
        }
        missing.push(at);
        at = old.parent(at);
    };
    for at in missing.into_iter().rev() {
        new = stacks.child(new, old.frame(at));
        known.insert((root, at), new);
    }
    new
}

/// Applies the filters by frames.
fn filter_stacks(batch: &mut Batch, filters: &Filters) -> Result<(), InputError> {
    let (parents, frames) = (batch.stacks.parents(), batch.stacks.frames());
    let mut rows = StackRows::of(parents.iter().map(|stack| stack.0), frames.iter().map(|frame| frame.0));
    let (names, ends) = (Names::default(), StackEnds::default());
    at_once(filters.sweep(&mut rows, &Subject::frames(&batch.symbols, &names, &ends), &NoYield));
    replace(batch, &rows)
}

/// Gives a batch other stacks. Equal ones become one, and only those that are needed are kept.
fn replace(batch: &mut Batch, rows: &StackRows) -> Result<(), InputError> {
    let StackRows { parent, key, to } = rows;
    let new_row = |old: StackId| to.get(old.index()).copied().filter(|&row| row != NONE);
    let mut is_needed = vec![false; parent.len()];
    for row in batch.tables.iter().flat_map(|table| &table.stack).filter_map(|&old| new_row(old)) {
        is_needed[row as usize] = true;
    }
    for row in (1..parent.len()).rev() {
        if is_needed[row] {
            is_needed[parent[row] as usize] = true;
        }
    }
    let mut stacks = StackBuilder::default();
    let mut stack_of = vec![StackId::ROOT; parent.len()];
    for row in (1..parent.len()).filter(|&row| is_needed[row]) {
        stack_of[row] = stacks.child(stack_of[parent[row] as usize], FrameId(key[row]));
    }
    for table in &mut batch.tables {
        let stack = |row: usize| {
            let new = new_row(table.stack.get(row).copied().unwrap_or_default())?;
            stack_of.get(new as usize).copied()
        };
        *table = table.with_rows(stack)?;
    }
    batch.stacks = stacks.finish();
    Ok(())
}

/// Gives the stacks of a batch other frames: `frames` says by row of the old ones which.
pub(super) fn with_frames(batch: &mut Batch, frames: &[FrameId]) -> Result<(), InputError> {
    let key = |old: &FrameId| frames.get(old.index()).map_or(NONE, |new| new.0);
    let parents = batch.stacks.parents().iter().map(|stack| stack.0);
    let rows = StackRows::of(parents, batch.stacks.frames().iter().map(key));
    replace(batch, &rows)
}
