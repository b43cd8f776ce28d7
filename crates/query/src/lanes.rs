//! The profiles of a selection in order of time: lanes of records over one tree.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use emberglass_columns::heap_sort_by;
use emberglass_labels::{LabelSet, StackEnds};
use emberglass_store::{Backend, Block, Identity, Records, SectionKind, Store, TimeSource};
use emberglass_trie::{Granularity, MergedTrie, Merger, Work, finish};

use crate::clock::Clocks;
use crate::cut::cut;
use crate::directories::{selected_in_range, without_damage};
use crate::missing::{Gaps, Missing};
use crate::timeline::{NO_NODE, NodesOfStacks, add_profile};
use crate::{QueryError, Selection, YieldNow};

/// Records in order of time, one row a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// What the series of the lane have in common.
    pub labels: LabelSet,
    /// Time, ns since the epoch; never falls.
    pub time: Vec<i64>,
    /// Node of the tree that the record counts to, or [`NO_NODE`] where the values of its stack add up to 0.
    pub node: Vec<u32>,
    /// Value, times 10^-scale of the tree.
    pub value: Vec<i64>,
}

/// A selection in order of time.
#[derive(Clone, Debug)]
pub struct Lanes {
    /// By labels; only those with records.
    pub lanes: Vec<Lane>,
    /// The profiles whose records these are, merged.
    pub trie: MergedTrie,
    /// Number of these profiles.
    pub profiles: u64,
    /// Later profiles that would have been too much.
    pub left_out: u64,
    /// Profiles without a time for each record.
    pub untimed: u64,
    /// All times are since the epoch: those of the source are, or it says when it begins.
    pub is_dated: bool,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
}

struct Timed {
    block: Rc<Block>,
    row: usize,
    labels: LabelSet,
    /// What stands around its stacks.
    ends: StackEnds,
    /// What makes times since the epoch of those of the records.
    shift: i64,
    records: Records,
    /// The records that count.
    kept: Range<usize>,
}

/// A profile whose records may be in order of time.
struct Candidate {
    start: i64,
    identity: Identity,
    /// Which of the directories.
    directory: usize,
    series: u32,
    row: usize,
    /// The records that count, if not all do.
    kept: Option<Range<usize>>,
}

/// The records of the profiles of a selection, those that start first, up to `most` records (and one profile at least). Series
/// for which `lane_of` gives the same are one lane.
///
/// Times of a source's own clock are counted from the start of its profiles, so that its threads stay beside each other. A
/// selection that cuts samples has those records that lie in its range, whenever their profile starts.
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn lanes<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    most: u64,
    lane_of: impl Fn(&LabelSet) -> LabelSet,
    pause: &impl YieldNow,
) -> Result<Lanes, QueryError> {
    without_damage(store, async || attempt(store, selection, most, &lane_of, pause).await).await
}

async fn attempt<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    most: u64,
    lane_of: &impl Fn(&LabelSet) -> LabelSet,
    pause: &impl YieldNow,
) -> Result<Lanes, QueryError> {
    let mut gaps = Gaps::of(store);
    let manifest = store.manifest();
    let mut rows: Vec<Candidate> = Vec::new();
    let found = match selection.cuts() {
        true => selected_in_range(store, &Selection { from: None, ..selection.clone() }, &mut gaps, pause).await?,
        false => selected_in_range(store, selection, &mut gaps, pause).await?,
    };
    let mut untimed = 0;
    for (at, (directory, selected)) in found.iter().enumerate() {
        let (selected, cuts) = match selection.cuts() {
            true => cut(store, selection, directory, selected, &mut gaps).await?,
            false => (selected.clone(), Vec::new()),
        };
        let meta = manifest.block(directory.id);
        let has_times = meta.is_some_and(|meta| meta.section(SectionKind::Timelines, 0).is_some());
        let identities = directory.identities();
        let whole = selected.into_iter().flat_map(|(series, range)| range.map(move |row| (series, row, None)));
        let cuts = cuts.into_iter().map(|cut| (cut.series, cut.row as usize, Some(cut.records)));
        for (series, row, kept) in whole.chain(cuts) {
            let start = directory.profiles.start.get(row).copied().unwrap_or_default();
            let Some(&identity) = identities.get(row) else { continue };
            match (has_times && !directory.profiles.is_summed(row), gaps.lacks_records(directory.id)) {
                (false, _) => untimed += 1,
                (true, true) => gaps.miss_profile(start),
                (true, false) => rows.push(Candidate { start, identity, directory: at, series, row, kept }),
            }
        }
    }
    heap_sort_by(&mut rows, |a, b| (a.start, a.identity).cmp(&(b.start, b.identity)));
    let mut merger = Merger::new(Granularity::Function);
    let mut work = Work::default();
    let mut timed: Vec<Timed> = Vec::new();
    let (mut read, mut left_out) = (0u64, 0);
    let mut clocks: BTreeMap<usize, Clocks> = BTreeMap::new();
    let mut is_dated = true;
    for Candidate { start, directory: at, series, row, kept, .. } in rows {
        let Some((directory, _)) = found.get(at) else { continue };
        if !timed.is_empty() && read >= most {
            left_out += 1;
            continue;
        }
        let part = directory.profiles.sample_part.get(row).copied().unwrap_or_default();
        if gaps.lacks_samples(directory.id, part) {
            gaps.miss_profile(start);
            continue;
        }
        let block = store.block_sliced(directory.id, pause).await?;
        let Some(records) = store.records(&block, row).await? else {
            untimed += 1;
            continue;
        };
        let kept = kept.unwrap_or(0..records.len());
        if !timed.is_empty() && read + kept.len() as u64 > most {
            read = most;
            left_out += 1;
            continue;
        }
        read += kept.len() as u64;
        let of_series = directory.series.get(series as usize).map(|series| &series.labels);
        let value = |key: &str| of_series.and_then(|labels| labels.get(key)).unwrap_or_default().to_owned();
        let ends = selection.tag_frames.ends(value);
        add_profile(&mut merger, store, &block, row, &ends).await?;
        work.done(records.len() + block.stacks.len(), pause).await;
        let table = &directory.profiles;
        let source = table.source.get(row).and_then(|&source| directory.sources.get(source as usize));
        is_dated &= source.is_some_and(|source| source.time_source == TimeSource::File);
        if records.own_clock && !clocks.contains_key(&at) {
            clocks.insert(at, Clocks::new(table, &store.record_spans(directory).await?));
        }
        let shift = clocks.get(&at).map_or(0, |clocks| clocks.shift(table, row, records.own_clock));
        let labels = of_series.map(lane_of).unwrap_or_default();
        timed.push(Timed { block, row, labels, ends, shift, records, kept });
    }
    let trie = finish(&merger, pause).await?;
    let profiles = timed.len() as u64;
    let lanes = put_together(timed, &trie, pause).await;
    Ok(Lanes { lanes, trie, profiles, left_out, untimed, is_dated, missing: gaps.missing() })
}

async fn put_together(timed: Vec<Timed>, trie: &MergedTrie, pause: &impl YieldNow) -> Vec<Lane> {
    let nodes = NodesOfStacks::new(trie);
    let mut of_block = BTreeMap::new();
    let mut lanes: BTreeMap<&LabelSet, Lane> = BTreeMap::new();
    let mut work = Work::default();
    for of in &timed {
        let known = of_block.entry((of.block.id, &of.ends));
        let node_of_stack: &Vec<u32> = known.or_insert_with(|| nodes.of(&of.block, &of.ends));
        let scale = of.block.profiles.scale.get(of.row).copied().unwrap_or_default();
        let power = 10i64.saturating_pow(u32::from(trie.scale.saturating_sub(scale)));
        let lane = lanes.entry(&of.labels).or_insert_with(|| Lane { labels: of.labels.clone(), ..Lane::default() });
        let records = of.records.time.iter().zip(&of.records.stacks).zip(&of.records.values);
        for ((&time, &stack), &value) in records.skip(of.kept.start).take(of.kept.len()) {
            lane.time.push(time.saturating_add(of.shift));
            lane.node.push(node_of_stack.get(stack as usize).copied().unwrap_or(NO_NODE));
            lane.value.push(value.saturating_mul(power));
        }
        work.done(of.records.len() + of.block.stacks.len(), pause).await;
    }
    let mut lanes: Vec<Lane> = lanes.into_values().filter(|lane| !lane.time.is_empty()).collect();
    for lane in &mut lanes {
        lane.sort();
        work.done(lane.time.len(), pause).await;
    }
    lanes
}

impl Lane {
    /// Profiles of one lane may overlap.
    fn sort(&mut self) {
        if self.time.is_sorted() {
            return;
        }
        let mut rows: Vec<u32> = (0..self.time.len() as u32).collect();
        heap_sort_by(&mut rows, |&a, &b| (self.time[a as usize], a).cmp(&(self.time[b as usize], b)));
        self.time = rows.iter().map(|&row| self.time[row as usize]).collect();
        self.node = rows.iter().map(|&row| self.node[row as usize]).collect();
        self.value = rows.iter().map(|&row| self.value[row as usize]).collect();
    }
}
