//! Retention: what the policy says may go, goes. Nothing else does.
//!
//! Samples go first, where sums of them stay (`thin.rs`): of blocks that are all too old for them, or to save bytes. Then, by
//! age and by the bytes of a service, profiles go one by one: blocks that hold others too are written anew. By the bytes of
//! all, and to make room, whole blocks go, the one whose last profile is oldest first.

use std::collections::BTreeSet;

use emberglass_columns::heap_sort_by;
use emberglass_labels::SERVICE_NAME;

use super::remove::{Removal, Takes, Touch};
use super::thin::{has_sums, oldest_with_samples};
use super::{DeleteReport, MAX_ATTEMPTS, Store};
use crate::{Backend, BlockDirectory, BlockId, BlockMeta, Manifest, RetentionPolicy, StoreError};

/// Starts before which profiles go.
#[derive(Debug, Default)]
struct Cutoffs {
    /// Of services without one of their own.
    of_all: Option<i64>,
    /// Sorted by service.
    of_services: Vec<(String, Option<i64>)>,
}

impl Cutoffs {
    fn of(&self, service: &str) -> Option<i64> {
        let found = self.of_services.binary_search_by(|(name, _)| name.as_str().cmp(service));
        found.ok().and_then(|at| self.of_services.get(at)).map_or(self.of_all, |(_, cutoff)| *cutoff)
    }

    fn each(&self) -> impl Iterator<Item = Option<i64>> {
        self.of_services.iter().map(|(_, cutoff)| *cutoff).chain([self.of_all])
    }

    fn touch(&self, meta: &BlockMeta) -> Touch {
        let is_before = |start: i64| move |cutoff: i64| start < cutoff;
        if self.each().all(|cutoff| cutoff.is_some_and(is_before(meta.last_start))) {
            Touch::Dropped
        } else if self.each().flatten().any(is_before(meta.first_start)) {
            Touch::Looked
        } else {
            Touch::Kept
        }
    }

    /// Marks the profiles of the services whose cutoff comes after the whole block.
    fn mark_old(&self, directory: &BlockDirectory, gone: &mut [bool]) {
        let last = directory.profiles.start.iter().max().copied().unwrap_or_default();
        for (row, series) in directory.series.iter().enumerate() {
            let cutoff = self.of(series.labels.get(SERVICE_NAME).unwrap_or_default());
            if cutoff.is_some_and(|cutoff| last < cutoff) {
                gone[directory.profiles.rows_of_series(row as u32)].fill(true);
            }
        }
    }

    fn mark(&self, directory: &BlockDirectory, gone: &mut [bool]) {
        for (row, series) in directory.series.iter().enumerate() {
            if let Some(cutoff) = self.of(series.labels.get(SERVICE_NAME).unwrap_or_default()) {
                gone[directory.profiles.rows_in(row as u32, None, Some(cutoff))].fill(true);
            }
        }
    }
}

impl<B: Backend> Store<B> {
    /// What may be dropped.
    pub fn policy(&self) -> RetentionPolicy {
        self.manifest().policy.clone()
    }

    /// Says what may be dropped from now on; [`Self::retain`] does it.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn set_policy(&self, policy: RetentionPolicy) -> Result<(), StoreError> {
        let policy = policy.normalized();
        self.amend(|manifest, _| manifest.policy = policy.clone()).await
    }

    /// Drops what the policy says, as of `now` (ns since the epoch). What is staged stays.
    ///
    /// # Errors
    /// Those of the back end. Blocks that would have to be written anew and can't be read stay.
    pub async fn retain(&self, now: i64) -> Result<DeleteReport, StoreError> {
        if self.manifest().policy.keeps_all() {
            return Ok(DeleteReport::default());
        }
        let _guard = self.lock.acquire().await;
        self.catch_up().await?;
        let mut report = DeleteReport::default();
        for _attempt in 0..MAX_ATTEMPTS {
            match self.try_retain(now, &mut report).await {
                Ok(true) => return Ok(report),
                Ok(false) | Err(StoreError::Stale { .. }) => self.catch_up().await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }

    /// False if another commit came first.
    async fn try_retain(&self, now: i64, report: &mut DeleteReport) -> Result<bool, StoreError> {
        let policy = self.policy();
        let of_samples = self.sample_cutoffs(&policy, now).await?;
        let removal = Removal {
            touch: &|meta| match has_sums(meta) && of_samples.each().flatten().any(|cutoff| meta.last_start < cutoff) {
                true => Touch::Looked,
                false => Touch::Kept,
            },
            mark: &|directory, gone| of_samples.mark_old(directory, gone),
            takes: Takes::Samples,
            skips_damaged: true,
        };
        let Some(thinned) = self.remove(&removal).await? else { return Ok(false) };
        report.add(&thinned);
        let cutoffs = self.cutoffs(&policy, now).await?;
        let removal = Removal {
            touch: &|meta| cutoffs.touch(meta),
            mark: &|directory, gone| cutoffs.mark(directory, gone),
            takes: Takes::Profiles,
            skips_damaged: true,
        };
        let Some(aged) = self.remove(&removal).await? else { return Ok(false) };
        report.add(&aged);
        let Some(most) = policy.all.max_bytes else { return Ok(true) };
        let excess = || self.manifest().bytes().saturating_sub(most);
        let oldest = oldest_with_samples(&self.manifest(), excess());
        let touch = |meta: &BlockMeta| if oldest.contains(&meta.id) { Touch::Looked } else { Touch::Kept };
        let mark = |_: &BlockDirectory, gone: &mut [bool]| gone.fill(true);
        let removal = Removal { touch: &touch, mark: &mark, takes: Takes::Samples, skips_damaged: true };
        let Some(thinned) = self.remove(&removal).await? else { return Ok(false) };
        report.add(&thinned);
        let excess = excess();
        let Some(oldest) = self.drop_oldest(excess).await? else { return Ok(false) };
        report.add(&oldest);
        Ok(true)
    }

    /// Under the lock: where the policy allows it, drops the oldest blocks until `bytes` are free; true if any went.
    pub(super) async fn make_room(&self, bytes: u64) -> Result<bool, StoreError> {
        for _attempt in 0..MAX_ATTEMPTS {
            if !self.manifest().policy.evict_when_full {
                return Ok(false);
            }
            match self.drop_oldest(bytes).await? {
                Some(report) => return Ok(report.dropped_blocks > 0),
                None => self.catch_up().await?,
            }
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }

    /// `None` if another commit came first.
    async fn drop_oldest(&self, bytes: u64) -> Result<Option<DeleteReport>, StoreError> {
        let oldest = oldest(&self.manifest(), bytes);
        let touch = |meta: &BlockMeta| if oldest.contains(&meta.id) { Touch::Dropped } else { Touch::Kept };
        self.remove(&Removal { touch: &touch, mark: &|_, _| {}, takes: Takes::Profiles, skips_damaged: true }).await
    }

    /// Where profiles go.
    async fn cutoffs(&self, policy: &RetentionPolicy, now: i64) -> Result<Cutoffs, StoreError> {
        self.cutoffs_by(policy, now, |policy, service| policy.age_of(service), policy.all.max_age).await
    }

    /// Where samples go.
    async fn sample_cutoffs(&self, policy: &RetentionPolicy, now: i64) -> Result<Cutoffs, StoreError> {
        self.cutoffs_by(policy, now, |policy, service| policy.sample_age_of(service), policy.all.max_sample_age).await
    }

    async fn cutoffs_by(
        &self,
        policy: &RetentionPolicy,
        now: i64,
        age_of: impl Fn(&RetentionPolicy, &str) -> Option<i64>,
        age_of_all: Option<i64>,
    ) -> Result<Cutoffs, StoreError> {
        let before = |age: i64| now.saturating_sub(age);
        let mut of_services = Vec::with_capacity(policy.services.len());
        for (service, limits) in &policy.services {
            let by_age = age_of(policy, service).map(before);
            let by_bytes = match limits.max_bytes {
                Some(most) => self.first_that_fits(service, most).await?,
                None => None,
            };
            of_services.push((service.clone(), by_age.max(by_bytes)));
        }
        Ok(Cutoffs { of_all: age_of_all.map(before), of_services })
    }

    /// The start before which profiles of a service have to go, so that the rest takes at most `most` bytes: of each
    /// block as large a share as its rows are of all rows. `None` if all fit.
    async fn first_that_fits(&self, service: &str, most: u64) -> Result<Option<i64>, StoreError> {
        let manifest = self.manifest();
        let mut profiles: Vec<(i64, f64)> = Vec::new();
        for meta in &manifest.blocks {
            let directory = match self.directory(meta.id).await {
                Err(error @ StoreError::Damaged { .. }) => {
                    self.quarantine(&error);
                    continue;
                }
                directory => directory?,
            };
            let table = &directory.profiles;
            let share = meta.bytes() as f64 / table.weights();
            for (row, series) in directory.series.iter().enumerate() {
                if series.labels.get(SERVICE_NAME).unwrap_or_default() != service {
                    continue;
                }
                let rows = table.rows_of_series(row as u32);
                let starts = table.start.get(rows.clone()).unwrap_or_default();
                profiles.extend(starts.iter().zip(rows).map(|(&start, row)| (start, table.weight(row) * share)));
            }
        }
        heap_sort_by(&mut profiles, |a, b| b.0.cmp(&a.0));
        let mut bytes = 0.0;
        for (start, of_profile) in profiles {
            bytes += of_profile;
            if bytes > most as f64 {
                return Ok(Some(start.saturating_add(1)));
            }
        }
        Ok(None)
    }
}

/// The blocks that are oldest, as many as free `bytes`.
fn oldest(manifest: &Manifest, bytes: u64) -> BTreeSet<BlockId> {
    let mut blocks: Vec<&BlockMeta> = manifest.blocks.iter().collect();
    heap_sort_by(&mut blocks, |a, b| (a.last_start, a.id).cmp(&(b.last_start, b.id)));
    let mut freed = 0;
    let needed = blocks.into_iter().take_while(|block| {
        let is_needed = freed < bytes;
        freed += block.bytes();
        is_needed
    });
    needed.map(|block| block.id).collect()
}

impl DeleteReport {
    fn add(&mut self, other: &Self) {
        let Self { profiles, staged, dropped_blocks, rewritten_blocks, summed, freed_bytes } = other;
        self.profiles += profiles;
        self.staged += staged;
        self.dropped_blocks += dropped_blocks;
        self.rewritten_blocks += rewritten_blocks;
        self.summed += summed;
        self.freed_bytes += freed_bytes;
    }
}
