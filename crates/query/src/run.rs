//! Executes a plan: samples of each block into a dense array by stack, each block into the merged trie.

use std::collections::VecDeque;

use emberglass_profile::{Aggregation, ProfileType};
use emberglass_store::{Backend, Block, Rollup, SamplePart, SectionKind, Store, StoreError};
use emberglass_trie::{Granularity, LayerValues, MergedTrie, Merger, NoYield, TreeOverflow, Work, at_once, finish};

use crate::cover::Cover;
use crate::directories::MAX_ATTEMPTS;
use crate::missing::{Missing, can_go_without};
use crate::plan::{Plan, PlannedBlock, RowGroup, Widened, plan_once};
use crate::stated::{StatedCosts, StatedSums};
use crate::{QueryError, Selection, Shard, YieldNow};

/// Parts of the samples of a block that are read together.
const PARTS_AT_ONCE: usize = 8;

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct QueryOutput {
    /// The profiles as one tree.
    pub trie: MergedTrie,
    /// Profiles (series x time) merged.
    pub profiles: u64,
    /// Whether their values were added or averaged.
    pub aggregation: Aggregation,
    /// What of the selection can't be read, and is not in it.
    pub missing: Option<Missing>,
    /// The range that it is of, where that is wider than the selection's.
    pub widened: Option<Widened>,
    /// Their type, with the unit of the values.
    pub profile_type: ProfileType,
    /// What formats of call graphs state for each function, if some of the profiles are of one; then their stacks are
    /// estimates. Never with averages.
    pub stated: Option<StatedCosts>,
}

/// A query under way: [`Self::step`] until it says that there is no more, then [`Self::finish`].
#[derive(Clone, Debug)]
pub struct QueryRun {
    selection: Selection,
    granularity: Granularity,
    pub(crate) plan: Plan,
    pub(crate) sums: Sums,
    /// Blocks to merge, as places in those of the plan.
    pub(crate) left: VecDeque<usize>,
    /// The shard that is merged here.
    pub(crate) shard: Shard,
    /// Blocks of the other shards whose parts are not there yet.
    pub(crate) shards: Vec<VecDeque<usize>>,
    pub(crate) profiles_done: u64,
    attempts: u32,
    pub(crate) work: Work,
}

/// Runs a query to its end.
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn run<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    granularity: Granularity,
    pause: &impl YieldNow,
) -> Result<QueryOutput, QueryError> {
    let mut run = QueryRun::start(store, selection.clone(), granularity, pause).await?;
    while run.step(store, pause).await? {}
    Ok(run.finish(pause).await?)
}

impl QueryRun {
    /// Plans the query.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn start<B: Backend>(
        store: &Store<B>,
        selection: Selection,
        granularity: Granularity,
        pause: &impl YieldNow,
    ) -> Result<Self, QueryError> {
        let mut run = Self {
            selection,
            granularity,
            plan: Plan::default(),
            sums: Sums::new(granularity),
            left: VecDeque::new(),
            shard: Shard::WHOLE,
            shards: Vec::new(),
            profiles_done: 0,
            attempts: 1,
            work: Work::default(),
        };
        match plan_once(store, &run.selection, pause).await {
            Ok(plan) => {
                run.plan = plan;
                run.begin_again();
            }
            Err(error) => run.restart(store, pause, error).await?,
        }
        Ok(run)
    }

    /// Merges one more block; false when all are merged.
    ///
    /// # Errors
    /// Those of the store, or an overflow.
    pub async fn step<B: Backend>(&mut self, store: &Store<B>, pause: &impl YieldNow) -> Result<bool, QueryError> {
        let next = self.left.front().and_then(|&at| self.plan.blocks.get(at));
        let Some(planned) = next else { return Ok(false) };
        let averages = self.selection.aggregation() == Aggregation::Average;
        self.work.at(self.profiles_done, self.plan.profiles);
        match merge_block(store, planned, averages, &mut self.sums, &mut self.work, pause).await {
            Ok(profiles) => {
                self.left.pop_front();
                self.profiles_done += profiles;
            }
            Err(error) => self.restart(store, pause, error).await?,
        }
        Ok(!self.left.is_empty())
    }

    /// Where a block was replaced, and not for ever, or is damaged: plans anew and forgets what was merged. Of a shard that is
    /// merged for another engine it is that one's.
    async fn restart<B: Backend>(
        &mut self,
        store: &Store<B>,
        pause: &impl YieldNow,
        error: QueryError,
    ) -> Result<(), QueryError> {
        if self.shard.index > 0 {
            return Err(error);
        }
        let mut error = error;
        loop {
            // What is damaged is left out from now on; each section makes for one attempt at most.
            let goes_without = matches!(&error, QueryError::Store(error) if can_go_without(store, error));
            if !goes_without {
                if self.attempts >= MAX_ATTEMPTS || !error.is_stale() {
                    return Err(error);
                }
                self.attempts += 1;
                store.refresh().await?;
            }
            match plan_once(store, &self.selection, pause).await {
                Ok(plan) => {
                    self.plan = plan;
                    break;
                }
                Err(again) => error = again,
            }
        }
        self.begin_again();
        Ok(())
    }

    /// Forgets what was merged, and merges the whole plan.
    pub(crate) fn begin_again(&mut self) {
        self.sums = Sums::new(self.granularity);
        self.left = (0..self.plan.blocks.len()).collect();
        (self.shard, self.shards) = (Shard::WHOLE, Vec::new());
        self.profiles_done = 0;
    }

    /// Profiles merged, of how many.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.profiles_done, self.plan.profiles)
    }

    /// What the query reads.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The answer as far as it is merged, by stacks alone.
    ///
    /// # Errors
    /// [`TreeOverflow`].
    pub async fn partial(&self, pause: &impl YieldNow) -> Result<QueryOutput, TreeOverflow> {
        Ok(QueryOutput {
            stated: None,
            trie: finish(&self.sums.all, pause).await?,
            profiles: self.profiles_done,
            missing: self.plan.missing,
            widened: self.plan.widened,
            aggregation: self.selection.aggregation(),
            profile_type: self.selection.profile_type.clone(),
        })
    }

    /// The answer.
    ///
    /// # Errors
    /// [`TreeOverflow`].
    pub async fn finish(self, pause: &impl YieldNow) -> Result<QueryOutput, TreeOverflow> {
        let Self { selection, plan, sums, profiles_done, .. } = self;
        let stated = match sums.stated {
            Some(stated) => Some(stated.finish(pause).await?),
            None => None,
        };
        Ok(QueryOutput {
            stated,
            trie: finish(&sums.all, pause).await?,
            profiles: profiles_done,
            missing: plan.missing,
            widened: plan.widened,
            aggregation: selection.aggregation(),
            profile_type: selection.profile_type,
        })
    }
}

/// What is added up.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    pub(crate) all: Merger,
    /// From the first profile on whose format states costs by function.
    pub(crate) stated: Option<StatedSums>,
}

impl Sums {
    fn new(granularity: Granularity) -> Self {
        Self { all: Merger::new(granularity), stated: None }
    }
}

/// Adds the planned rows of one block; returns how many profiles that were.
async fn merge_block<B: Backend>(
    store: &Store<B>,
    planned: &PlannedBlock,
    averages: bool,
    sums: &mut Sums,
    work: &mut Work,
    pause: &impl YieldNow,
) -> Result<u64, QueryError> {
    let block = store.block_sliced(planned.id, pause).await?;
    let with_costs = if averages { Vec::new() } else { store.profiles_with_costs(&block).await? };
    let states = |row: &u32| with_costs.binary_search(row).is_ok();
    if sums.stated.is_none() && planned.groups.iter().flat_map(|group| &group.cover.rows).any(states) {
        sums.stated = Some(StatedSums::new(sums.all.clone()));
    }
    let (mut parts, mut summed) = (Parts::new(SectionKind::Samples), Parts::new(SectionKind::Rollups));
    let mut profiles = 0;
    for group in &planned.groups {
        let Cover { rows, rollups } = &group.cover;
        let (stated, plain): (Vec<u32>, Vec<u32>) = rows.iter().partition(|row| states(row));
        // What formats state for each function is never summed up.
        for (rows, rollups, is_stated) in [(plain, rollups.as_slice(), false), (stated, &[], true)] {
            let mut dense = Dense::new(&block, group, is_stated);
            let numbers: Vec<u16> = rollups.iter().map(Rollup::part).collect();
            for (at, rollup) in rollups.iter().enumerate() {
                let part = summed.of(store, &block, &numbers[at..]).await?;
                let samples = block.rollup_rows(rollup, &part)?;
                dense.add(sums, &samples.stacks, &samples.values)?;
                work.did(rollup.rows().len() as u64);
                work.done(samples.len(), pause).await;
            }
            let part_of = |row: &u32| block.profiles.sample_part.get(*row as usize).copied();
            let numbers: Vec<u16> = rows.iter().filter_map(part_of).collect();
            for (at, &row) in rows.iter().enumerate() {
                let part = parts.of(store, &block, numbers.get(at..).unwrap_or_default()).await?;
                let samples = block.rows(row as usize, &part)?;
                dense.add(sums, &samples.stacks, &samples.values)?;
                if let Some(stated) = sums.stated.as_mut().filter(|_| is_stated) {
                    stated.add(&block, group.scale, &store.costs(&block, row as usize).await?.unwrap_or_default());
                }
                work.did(1);
                work.done(samples.len(), pause).await;
            }
            if !rows.is_empty() || !rollups.is_empty() {
                dense.finish(sums, work, pause).await?;
            }
        }
        if !group.cuts.is_empty() {
            let mut dense = Dense::new(&block, group, false);
            for cut in &group.cuts {
                let records = store.records(&block, cut.row as usize).await?.unwrap_or_default();
                let stacks = records.stacks.get(cut.records.clone()).unwrap_or_default();
                dense.add(sums, stacks, records.values.get(cut.records.clone()).unwrap_or_default())?;
                work.done(records.len(), pause).await;
            }
            dense.finish(sums, work, pause).await?;
        }
        profiles += group.profiles();
    }
    Ok(profiles)
}

/// Parts of samples or roll-ups read last.
pub(crate) struct Parts {
    kind: SectionKind,
    held: Vec<(u16, SamplePart)>,
}

impl Parts {
    pub(crate) const fn new(kind: SectionKind) -> Self {
        Self { kind, held: Vec::new() }
    }

    /// The first part of `wanted`; where it has to be read, the next ones are read with it.
    pub(crate) async fn of<B: Backend>(
        &mut self,
        store: &Store<B>,
        block: &Block,
        wanted: &[u16],
    ) -> Result<SamplePart, QueryError> {
        let stale = || StoreError::Stale { block: block.id };
        let first = wanted.first().ok_or_else(stale)?;
        if let Some((_, part)) = self.held.iter().find(|(number, _)| number == first) {
            return Ok(part.clone());
        }
        let mut numbers = Vec::with_capacity(PARTS_AT_ONCE);
        for &part in wanted {
            if !numbers.contains(&part) {
                if numbers.len() == PARTS_AT_ONCE {
                    break;
                }
                numbers.push(part);
            }
        }
        let read = match self.kind {
            SectionKind::Rollups => store.rollup_parts(block.id, &numbers).await?,
            _ => store.sample_parts(block.id, &numbers).await?,
        };
        self.held = numbers.into_iter().zip(read).collect();
        let first = self.held.first().map(|(_, part)| part.clone());
        Ok(first.ok_or_else(stale)?)
    }
}

/// Sums by stack of one block.
struct Dense<'a> {
    block: &'a Block,
    group: &'a RowGroup,
    /// The profiles are of a format that states costs by function.
    is_stated: bool,
    values: Vec<i64>,
}

impl<'a> Dense<'a> {
    fn new(block: &'a Block, group: &'a RowGroup, is_stated: bool) -> Self {
        Self { block, group, is_stated, values: vec![0; block.stacks.len()] }
    }

    fn add(&mut self, sums: &mut Sums, stacks: &[u32], values: &[i64]) -> Result<(), TreeOverflow> {
        for (&stack, &value) in stacks.iter().zip(values) {
            let Some(sum) = self.values.get_mut(stack as usize) else { continue };
            match sum.checked_add(value) {
                Some(added) => *sum = added,
                None => {
                    // The merger's sums are wider.
                    self.flush(sums)?;
                    if let Some(sum) = self.values.get_mut(stack as usize) {
                        *sum = value;
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds what was summed up so far, at once.
    fn flush(&mut self, sums: &mut Sums) -> Result<(), TreeOverflow> {
        at_once(self.finish(sums, &mut Work::default(), &NoYield))
    }

    /// Adds what was summed up.
    async fn finish(&mut self, sums: &mut Sums, work: &mut Work, pause: &impl YieldNow) -> Result<(), TreeOverflow> {
        let Block { symbols, stacks, .. } = self.block;
        let RowGroup { divisor, scale, ref ends, .. } = *self.group;
        let values = LayerValues { values: &self.values, scale, divisor };
        let of_stacks = sums.stated.as_mut().filter(|_| !self.is_stated).map(|stated| &mut stated.of_stacks);
        for merger in [Some(&mut sums.all), of_stacks].into_iter().flatten() {
            merger.add_with_ends_sliced(ends, symbols, stacks, &values, work, pause).await?;
        }
        self.values.fill(0);
        Ok(())
    }
}
