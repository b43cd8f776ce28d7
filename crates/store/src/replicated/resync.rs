//! Making a copy that fell behind equal again.

use std::rc::Rc;

use super::mark::{Standing, Verdict};
use super::{ReplicaHealth, ReplicatedBackend, Side};
use crate::{Backend, BackendError, CommitBatch, Manifest, SectionKey, SectionMeta, StoredManifest, envelope};

/// Sections copied at a time, of at most a few MiB each.
const AT_A_TIME: usize = 16;
/// Attempts while another tab commits.
const MAX_ATTEMPTS: u32 = 8;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resync {
    /// Sections copied.
    pub sections: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sections that are damaged where they come from, and were left as they are.
    pub damaged: u64,
}

impl<P: Backend, R: Backend> ReplicatedBackend<P, R> {
    /// Looks at both copies anew, and copies what one lacks. Commits wait meanwhile.
    ///
    /// # Errors
    /// Those of the copies: the one that stands alone goes on. `Other` where the copies have parted: see [`Self::keep`].
    pub async fn resync(&self) -> Result<Resync, BackendError> {
        let _guard = self.lock.acquire().await;
        match self.settle().await? {
            Verdict::Same => Ok(Resync::default()),
            // One that does not answer: it is why there is nothing to do yet.
            Verdict::Ahead(from) => self.copy(from).await,
            Verdict::Parted => {
                Err(BackendError::Other("each of the two copies has something that the other lacks".to_owned()))
            }
        }
    }

    /// Makes the other copy equal to this one, whatever it holds: for copies that have parted.
    ///
    /// # Errors
    /// Those of the copies.
    pub async fn keep(&self, side: Side) -> Result<Resync, BackendError> {
        let _guard = self.lock.acquire().await;
        self.copy(side).await
    }

    async fn copy(&self, from: Side) -> Result<Resync, BackendError> {
        let copied = self.try_copy(from).await;
        if let (Err(now), ReplicaHealth::Behind { fault, .. }) = (&copied, &mut self.state.borrow_mut().health) {
            *fault = now.clone();
        }
        copied
    }

    async fn try_copy(&self, from: Side) -> Result<Resync, BackendError> {
        let to = from.other();
        let mut report = Resync::default();
        for _attempt in 0..MAX_ATTEMPTS {
            let Some(source) = self.load_from(from).await? else {
                self.destroy_of(to).await?;
                self.set_in_step(0);
                return Ok(report);
            };
            let target = self.begin(to).await?;
            let wanted = self.list_of(from).await?;
            let present = self.list_of(to).await?;
            let (of_source, of_target) = (Known::of(&source), Known::of(&target));
            let same = |key: &SectionKey| {
                present.binary_search(key).is_ok()
                    && of_source.get(key).is_some_and(|meta| of_target.get(key) == Some(meta))
            };
            let missing: Vec<SectionKey> = wanted.iter().copied().filter(|key| !same(key)).collect();
            for keys in missing.chunks(AT_A_TIME) {
                self.copy_some(from, &target, keys, &of_source, &mut report).await?;
            }
            if self.load_from(from).await?.as_ref() != Some(&source) {
                continue;
            }
            let mut deletes = self.list_of(to).await?;
            deletes.retain(|key| wanted.binary_search(key).is_err());
            let puts = vec![self.mark(Standing::Together, source.generation, source.generation)];
            let (expected_generation, manifest) = (target.generation, source.clone());
            self.commit_to(to, CommitBatch { expected_generation, manifest, puts, deletes }).await?;
            if self.load_from(to).await?.as_ref() != Some(&source) {
                return Err(BackendError::Corrupt(
                    "the copied manifest reads otherwise than it was written".to_owned(),
                ));
            }
            self.mark_only(from, &source, Standing::Together, source.generation).await?;
            self.set_in_step(source.generation);
            return Ok(report);
        }
        Err(BackendError::Aborted("other tabs committed again and again".to_owned()))
    }

    /// Marks a copy as one that is being written; gives the manifest that it has meanwhile.
    async fn begin(&self, to: Side) -> Result<StoredManifest, BackendError> {
        let found = self.load_from(to).await?;
        let expected_generation = found.as_ref().map_or(0, |found| found.generation);
        let manifest = found.unwrap_or_else(|| {
            let empty = Manifest { generation: 1, ..Manifest::default() };
            StoredManifest { generation: 1, bytes: empty.encode() }
        });
        let puts = vec![self.mark(Standing::Incomplete, manifest.generation, 0)];
        let batch = CommitBatch { expected_generation, manifest: manifest.clone(), puts, deletes: Vec::new() };
        self.commit_to(to, batch).await?;
        Ok(manifest)
    }

    async fn copy_some(
        &self,
        from: Side,
        target: &StoredManifest,
        keys: &[SectionKey],
        known: &Known,
        report: &mut Resync,
    ) -> Result<(), BackendError> {
        let to = from.other();
        let mut puts = Vec::with_capacity(keys.len());
        for (&key, value) in keys.iter().zip(self.get_from(from, keys).await?) {
            let intact = |value: &Vec<u8>| {
                known.get(&key).is_none_or(|meta| envelope::is_intact(value, meta.len, meta.checksum))
            };
            match value.filter(intact) {
                Some(value) => puts.push((key, Rc::new(value))),
                // The other copy may hold it whole: that is for a repair.
                None => report.damaged += 1,
            }
        }
        let (expected_generation, manifest) = (target.generation, target.clone());
        let batch = CommitBatch { expected_generation, manifest, puts: puts.clone(), deletes: Vec::new() };
        self.commit_to(to, batch).await?;
        let written: Vec<SectionKey> = puts.iter().map(|(key, _)| *key).collect();
        for ((key, value), read) in puts.iter().zip(self.get_from(to, &written).await?) {
            if read.as_ref() != Some(&**value) {
                return Err(BackendError::Corrupt(format!("{key} reads otherwise than it was written")));
            }
            report.sections += 1;
            report.bytes += value.len() as u64;
        }
        Ok(())
    }
}

/// What a manifest says of sections; nothing, if it is none.
struct Known(Option<Manifest>);

impl Known {
    fn of(stored: &StoredManifest) -> Self {
        Self(Manifest::decode(&stored.bytes).ok())
    }

    fn get(&self, key: &SectionKey) -> Option<&SectionMeta> {
        self.0.as_ref()?.block(key.block)?.section(key.kind, key.part)
    }
}
