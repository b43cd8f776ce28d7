//! What a query would cost, before it runs: no stack, symbol or sample is read, but for the times of those that may have to be
//! cut.

use std::collections::BTreeSet;

use emberglass_profile::Aggregation;
use emberglass_store::{Backend, BlockDirectory, BlockMeta, Rollup, SectionKey, SectionKind, Store, StoreError};

use crate::directories::with_restart;
use crate::plan::{Plan, PlannedBlock, plan_once};
use crate::{Missing, QueryError, Selection, Widened, YieldNow};

/// What a query would read, and what it would answer about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Profiles (series x time) that the answer would be of.
    pub profiles: u64,
    /// Series they belong to.
    pub series: u64,
    /// Blocks.
    pub blocks: u64,
    /// Sums over steps of time that would be read in the place of profiles.
    pub rollups: u64,
    /// Profiles that these sums hold.
    pub rolled_up: u64,
    /// Bytes of the rows that would be decoded, of profiles and sums.
    pub row_bytes: u64,
    /// Stored bytes of the sections that would be needed, of costs by function at most.
    pub bytes: u64,
    /// Those of them that are in memory.
    pub cached_bytes: u64,
    /// Most nodes that the answer can have; `None` unless the stacks of all blocks are in memory.
    pub nodes: Option<u64>,
    /// What of the selection can't be read.
    pub missing: Option<Missing>,
    /// The range that would be read where it is wider than the selection's.
    pub widened: Option<Widened>,
}

/// What a query would cost.
///
/// # Errors
/// Those of the store.
pub async fn estimate<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<Estimate, QueryError> {
    with_restart(store, async || {
        let plan = plan_once(store, selection, pause).await?;
        let Plan { profiles, series, sample_bytes, missing, widened, .. } = plan;
        let blocks = plan.blocks.len() as u64;
        let nodes = Some(0);
        let mut estimate = Estimate {
            profiles,
            series,
            blocks,
            row_bytes: sample_bytes,
            missing,
            widened,
            nodes,
            ..Estimate::default()
        };
        let manifest = store.manifest();
        for planned in &plan.blocks {
            let stale = StoreError::Stale { block: planned.id };
            let meta = manifest.block(planned.id).ok_or(stale)?;
            let directory = store.directory(planned.id).await?;
            for rollup in rollups(planned) {
                estimate.rollups += 1;
                estimate.rolled_up += rollup.rows().len() as u64;
            }
            for key in needed(meta, planned, &directory, selection) {
                let bytes = meta.section(key.kind, key.part).map_or(0, |section| u64::from(section.len));
                estimate.bytes += bytes;
                estimate.cached_bytes += if store.is_cached(key) { bytes } else { 0 };
            }
            let stacks = store.cached_stacks(planned.id).map(|stacks| stacks.saturating_sub(1) as u64);
            estimate.nodes = estimate.nodes.zip(stacks).map(|(all, of_block)| all + of_block);
        }
        Ok(estimate)
    })
    .await
}

fn rollups(planned: &PlannedBlock) -> impl Iterator<Item = &Rollup> {
    planned.groups.iter().flat_map(|group| &group.cover.rollups)
}

/// The sections of a block that a query reads.
fn needed(
    meta: &BlockMeta,
    planned: &PlannedBlock,
    directory: &BlockDirectory,
    selection: &Selection,
) -> BTreeSet<SectionKey> {
    const ALWAYS: [SectionKind; 6] = [
        SectionKind::Symbols,
        SectionKind::Stacks,
        SectionKind::Series,
        SectionKind::Profiles,
        SectionKind::Sources,
        SectionKind::Rollups,
    ];
    let always = ALWAYS.map(|kind| (kind, 0));
    let of_sums = rollups(planned).map(|rollup| (SectionKind::Rollups, rollup.part()));
    let rows = planned.groups.iter().flat_map(|group| &group.cover.rows);
    let parts = rows.filter_map(|&row| directory.profiles.sample_part.get(row as usize));
    let of_rows = parts.map(|&part| (SectionKind::Samples, part));
    // Which parts of them belong to the profiles their index says; averages have none.
    let with_costs = selection.aggregation() == Aggregation::Sum;
    let costs = meta.sections.iter().filter(|section| with_costs && section.kind == SectionKind::FunctionCosts);
    let costs = costs.map(|section| (section.kind, section.part));
    let mut cuts = planned.groups.iter().flat_map(|group| &group.cuts).peekable();
    let times = cuts.peek().map(|_| (SectionKind::Timelines, 0));
    let of_cuts = cuts.map(|cut| (SectionKind::Timelines, cut.part));
    let all = always.into_iter().chain(of_sums).chain(of_rows).chain(costs).chain(times).chain(of_cuts);
    let stored = all.filter(|&(kind, part)| meta.section(kind, part).is_some());
    stored.map(|(kind, part)| SectionKey { block: meta.id, kind, part }).collect()
}
