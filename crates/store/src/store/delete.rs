//! Deleting profiles.

use std::collections::BTreeSet;

use emberglass_labels::Matchers;

use super::compact::SUMMED_LEVEL;
use super::remove::{Removal, Takes, Touch};
use super::{DeleteReport, MAX_ATTEMPTS, Store};
use crate::{Backend, BlockDirectory, BlockMeta, Manifest, SectionKind, SourceKey, StoreError};

impl<B: Backend> Store<B> {
    /// Deletes the profiles whose labels match and that start in [`from`, `until`), stored or staged; `None` is open.
    /// One transaction: all of them or, with an error, none of those this tab sees.
    ///
    /// # Errors
    /// Those of the back end; `Damaged` where a block would have to be written anew and can't be read.
    pub async fn delete(
        &self,
        matchers: &Matchers,
        from: Option<i64>,
        until: Option<i64>,
    ) -> Result<DeleteReport, StoreError> {
        let _guard = self.lock.acquire().await;
        let everything = matchers.is_empty() && from.is_none() && until.is_none();
        let touch = |meta: &BlockMeta| match meta.overlaps(from, until) {
            _ if everything => Touch::Dropped,
            true => Touch::Looked,
            false => Touch::Kept,
        };
        let mark = |directory: &BlockDirectory, gone: &mut [bool]| {
            for (_, rows) in directory.select(matchers, from, until) {
                gone[rows].fill(true);
            }
        };
        let mut report = self
            .removed(&Removal { touch: &touch, mark: &mark, takes: Takes::ProfilesAndWholeSums, skips_damaged: false })
            .await?;
        let inside = |start: i64| from.is_none_or(|from| start >= from) && until.is_none_or(|until| start < until);
        let (of_labels, of_metadata) = matchers.split();
        let mut state = self.state.borrow_mut();
        let super::State { groups, staged, .. } = &mut *state;
        for group in groups.iter_mut() {
            let gone = group.builder.retain(|of, start, _| {
                !(inside(start) && of_labels.matches(&of.series.labels) && of.matches(&of_metadata))
            });
            if !gone.is_empty() {
                group.encoded = None;
                report.staged += gone.len() as u64;
                gone.iter().for_each(|identity| {
                    staged.remove(identity);
                });
            }
        }
        Ok(report)
    }

    /// Deletes the stored profiles of these inputs. Of profiles that only a sum is left of, all go where one does.
    /// What is staged stays: commit it first.
    ///
    /// # Errors
    /// As [`Self::delete`].
    pub async fn delete_sources(&self, sources: &BTreeSet<SourceKey>) -> Result<DeleteReport, StoreError> {
        let _guard = self.lock.acquire().await;
        let mark = |directory: &BlockDirectory, gone: &mut [bool]| {
            gone.copy_from_slice(&directory.rows_of_sources(sources));
        };
        let touch = |_: &BlockMeta| Touch::Looked;
        let takes = Takes::ProfilesAndWholeSums;
        self.removed(&Removal { touch: &touch, mark: &mark, takes, skips_damaged: false }).await
    }

    /// Deletes everything, stored and staged.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn clear(&self) -> Result<DeleteReport, StoreError> {
        let _guard = self.lock.acquire().await;
        for _attempt in 0..MAX_ATTEMPTS {
            self.reload().await?;
            let manifest = self.manifest();
            let mut report = DeleteReport {
                profiles: manifest.profiles(),
                dropped_blocks: manifest.blocks.len() as u64,
                freed_bytes: manifest.bytes(),
                ..DeleteReport::default()
            };
            let mut next = Manifest { blocks: Vec::new(), scrub: None, ..Manifest::clone(&manifest) };
            let keys = self.backend.list().await?;
            if self.transact(&manifest, &mut next, Vec::new(), keys).await? {
                let mut state = self.state.borrow_mut();
                state.take_manifest(next);
                report.staged = state.groups.iter().map(|group| group.builder.len() as u64).sum();
                state.groups.clear();
                state.staged.clear();
                return Ok(report);
            }
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }

    /// Deletes the blocks that have sections in quarantine, with all their profiles: those that could still be read,
    /// too. For when there is no other copy. Where only sums are damaged that can be made again, nothing is lost.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn discard_damaged(&self) -> Result<DeleteReport, StoreError> {
        let _guard = self.lock.acquire().await;
        let touch = |meta: &BlockMeta| {
            let state = self.state.borrow();
            let mut damaged = state.quarantine.keys().filter(|key| key.block == meta.id).peekable();
            if damaged.peek().is_none() {
                Touch::Kept
            } else if meta.level < SUMMED_LEVEL && damaged.all(|key| key.kind == SectionKind::Rollups) {
                Touch::Anew
            } else {
                Touch::Dropped
            }
        };
        self.removed(&Removal {
            touch: &touch,
            mark: &|_, _| {},
            takes: Takes::ProfilesAndWholeSums,
            skips_damaged: false,
        })
        .await
    }
}
