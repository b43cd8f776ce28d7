//! Staging: profiles wait in memory for the next commit.

use std::rc::Rc;

use emberglass_profile::Batch;

use super::{Group, MAX_ATTEMPTS, State, Store};
use crate::{Added, Backend, BlockId, Origin, StoreError};

/// What staging a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageReport {
    /// Profiles staged, one per series.
    pub profiles: u32,
    /// Profiles that are staged or stored already: same content, labels, type and start.
    pub duplicates: u32,
    /// Starts of the first and the last profile of the batch, duplicates included; `None` if it has none.
    pub starts: Option<(i64, i64)>,
}

impl<B: Backend> Store<B> {
    /// Stages the profiles of a batch for the next commit; all of them or, with an error, none.
    ///
    /// # Errors
    /// `ValueOverflow` and `BadBatch` for the batch; those of the back end where it has to be looked whether duplicates are
    /// still stored. While nothing can be read a batch is staged whatever is stored: a commit looks for duplicates again.
    pub async fn stage(&self, batch: &Batch, origin: &Origin) -> Result<StageReport, StoreError> {
        if !self.unknown_blocks().is_empty() {
            let _guard = self.lock.acquire().await;
            match self.load_identities().await {
                Ok(()) | Err(StoreError::Backend(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let first = self.state.borrow_mut().stage(batch, origin)?;
        if first.duplicates == 0 {
            return Ok(first);
        }
        // Another tab may have deleted what this one takes for stored.
        let _guard = self.lock.acquire().await;
        if !self.reload().await? {
            return Ok(first);
        }
        self.load_identities().await?;
        let second = self.state.borrow_mut().stage(batch, origin)?;
        let profiles = first.profiles + second.profiles;
        Ok(StageReport { profiles, duplicates: first.duplicates.saturating_sub(second.profiles), starts: first.starts })
    }

    /// Estimated bytes of what is staged.
    pub fn staged_bytes(&self) -> usize {
        self.state.borrow().groups.iter().map(|group| group.builder.estimated_bytes()).sum()
    }

    /// Profiles staged.
    pub fn staged_profiles(&self) -> usize {
        self.state.borrow().groups.iter().map(|group| group.builder.len()).sum()
    }

    fn unknown_blocks(&self) -> Vec<BlockId> {
        let state = self.state.borrow();
        state.manifest.blocks.iter().map(|block| block.id).filter(|id| !state.known.contains(id)).collect()
    }

    /// Under the lock: learns the identities of all stored profiles, and drops those from what is staged. A damaged
    /// block counts as one without profiles, so that what it held can be stored again.
    pub(super) async fn load_identities(&self) -> Result<(), StoreError> {
        for _attempt in 0..MAX_ATTEMPTS {
            let unknown = self.unknown_blocks();
            if unknown.is_empty() {
                return Ok(());
            }
            let directories = match self.directories(&unknown).await {
                Err(StoreError::Stale { .. }) => {
                    self.reload().await?;
                    continue;
                }
                other => other?,
            };
            let mut state = self.state.borrow_mut();
            for (id, directory) in unknown.into_iter().zip(directories) {
                if let Ok(directory) = directory {
                    state.stored.extend(directory.identities().into_iter().map(|identity| (identity, id)));
                }
                state.known.insert(id);
            }
            state.drop_stored();
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }
}

impl State {
    fn stage(&mut self, batch: &Batch, origin: &Origin) -> Result<StageReport, StoreError> {
        if self.groups.last().is_none_or(|group| group.in_flight) {
            self.groups.push(Group::default());
        }
        let Self { groups, staged, stored, .. } = self;
        let Some(group) = groups.last_mut() else { return Ok(StageReport::default()) };
        let known = |identity| staged.contains(&identity) || stored.contains_key(&identity);
        let Added { profiles, duplicates, starts, identities } = group.builder.add(batch, origin, known)?;
        if profiles > 0 {
            group.encoded = None;
            staged.extend(identities);
        }
        Ok(StageReport { profiles, duplicates, starts })
    }

    /// Drops from the groups what is stored by now.
    pub(super) fn drop_stored(&mut self) {
        let Self { groups, staged, stored, .. } = self;
        for group in groups.iter_mut() {
            let dropped = group.builder.retain(|_, _, identity| !stored.contains_key(&identity));
            if !dropped.is_empty() {
                group.encoded = None;
                dropped.iter().for_each(|identity| {
                    staged.remove(identity);
                });
            }
        }
        groups.retain(|group| !group.builder.is_empty());
    }

    /// Writes the blocks of all groups that are not written yet.
    pub(super) fn encode(&mut self, options: crate::BlockOptions) -> Result<Vec<Rc<crate::EncodedBlock>>, StoreError> {
        self.groups.retain(|group| !group.builder.is_empty());
        let mut blocks = Vec::with_capacity(self.groups.len());
        for group in &mut self.groups {
            let block = match &group.encoded {
                Some(block) => Rc::clone(block),
                None => match group.builder.encode(0, options)? {
                    Some(block) => Rc::new(block),
                    None => continue,
                },
            };
            group.encoded = Some(Rc::clone(&block));
            blocks.push(block);
        }
        Ok(blocks)
    }
}
