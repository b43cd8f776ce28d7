//! Deleting profiles.

use emberglass_columns::heap_sort_by;
use emberglass_labels::Matchers;

use super::{MAX_ATTEMPTS, Store};
use crate::{Backend, BlockBuilder, BlockDirectory, BlockId, BlockMeta, Manifest, StoreError};

/// What a deletion did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteReport {
    /// Stored profiles deleted.
    pub profiles: u64,
    /// Staged profiles deleted.
    pub staged: u64,
    /// Blocks deleted whole.
    pub dropped_blocks: u64,
    /// Blocks written anew without what was deleted.
    pub rewritten_blocks: u64,
    /// Bytes of sections freed, less those written anew.
    pub freed_bytes: u64,
}

/// What becomes of a block.
enum Fate {
    Kept,
    Dropped,
    Rewritten(Box<BlockBuilder>),
}

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
        self.catch_up().await?;
        for _attempt in 0..MAX_ATTEMPTS {
            match self.try_delete(matchers, from, until).await {
                Ok(Some(mut report)) => {
                    let inside =
                        |start: i64| from.is_none_or(|from| start >= from) && until.is_none_or(|until| start < until);
                    let mut state = self.state.borrow_mut();
                    let super::State { groups, staged, .. } = &mut *state;
                    for group in groups.iter_mut() {
                        let gone = group
                            .builder
                            .retain(|series, start, _| !(inside(start) && matchers.matches(&series.labels)));
                        if !gone.is_empty() {
                            group.encoded = None;
                            report.staged += gone.len() as u64;
                            gone.iter().for_each(|identity| {
                                staged.remove(identity);
                            });
                        }
                    }
                    return Ok(report);
                }
                Ok(None) | Err(StoreError::Stale { .. }) => self.catch_up().await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
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
            let mut next = Manifest { blocks: Vec::new(), ..Manifest::clone(&manifest) };
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

    /// `None` if another commit came first.
    async fn try_delete(
        &self,
        matchers: &Matchers,
        from: Option<i64>,
        until: Option<i64>,
    ) -> Result<Option<DeleteReport>, StoreError> {
        let manifest = self.manifest();
        let mut report = DeleteReport::default();
        let mut next = Manifest { blocks: Vec::new(), ..Manifest::clone(&manifest) };
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        let mut rewritten: Vec<(BlockId, Box<BlockBuilder>)> = Vec::new();
        let everything = matchers.is_empty() && from.is_none() && until.is_none();
        for meta in &manifest.blocks {
            let fate = if everything {
                Fate::Dropped
            } else if meta.overlaps(from, until) {
                self.fate(meta, matchers, from, until).await?
            } else {
                Fate::Kept
            };
            match fate {
                Fate::Kept => next.blocks.push(meta.clone()),
                Fate::Dropped => {
                    report.profiles += u64::from(meta.profiles);
                    report.dropped_blocks += 1;
                    report.freed_bytes += meta.bytes();
                    deletes.extend(meta.keys());
                }
                Fate::Rewritten(builder) => {
                    // Of level 0, so that a compaction packs it.
                    let Some(block) = builder.encode(0, self.options.block)? else { continue };
                    let id = next.take_id()?;
                    let new = block.meta(id);
                    report.profiles += u64::from(meta.profiles) - u64::from(new.profiles).min(u64::from(meta.profiles));
                    report.rewritten_blocks += 1;
                    report.freed_bytes += meta.bytes().saturating_sub(new.bytes());
                    deletes.extend(meta.keys());
                    puts.extend(block.sections(id));
                    next.blocks.push(new);
                    rewritten.push((id, builder));
                }
            }
        }
        if deletes.is_empty() {
            return Ok(Some(report));
        }
        heap_sort_by(&mut next.blocks, |a, b| a.id.cmp(&b.id));
        if !self.transact(&manifest, &mut next, puts, deletes).await? {
            return Ok(None);
        }
        let mut state = self.state.borrow_mut();
        state.take_manifest(next);
        for (id, builder) in rewritten {
            builder.each_identity(|identity| {
                state.stored.insert(identity, id);
            });
            state.known.insert(id);
        }
        Ok(Some(report))
    }

    async fn fate(
        &self,
        meta: &BlockMeta,
        matchers: &Matchers,
        from: Option<i64>,
        until: Option<i64>,
    ) -> Result<Fate, StoreError> {
        let directory = self.directory(meta.id).await?;
        let BlockDirectory { index, profiles, .. } = &*directory;
        let mut gone = vec![false; profiles.len()];
        for series in index.select(matchers) {
            for row in profiles.rows_in(series, from, until) {
                gone[row] = true;
            }
        }
        if gone.iter().all(|&gone| gone) {
            return Ok(Fate::Dropped);
        }
        if !gone.contains(&true) {
            return Ok(Fate::Kept);
        }
        let keep: Vec<bool> = gone.into_iter().map(|gone| !gone).collect();
        let content = self.content(meta.id, &keep).await?;
        let mut builder = BlockBuilder::default();
        content.add_to(&mut builder, |row| keep.get(row) == Some(&true))?;
        Ok(Fate::Rewritten(Box::new(builder)))
    }
}
