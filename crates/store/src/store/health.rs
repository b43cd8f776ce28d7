//! Sections that are not what was written: repaired from another copy where there is one, else quarantined.
//!
//! A quarantined section is not read again, by this store, until a scrub finds it intact. What is in quarantine when a
//! scrub ends is stored with its report; a store begins with that.

use std::collections::{BTreeMap, VecDeque};

use super::{MAX_ATTEMPTS, State, Store};
use crate::envelope::Payload;
use crate::store::read::verify;
use crate::{Backend, BlockId, Fault, Manifest, ScrubReport, SectionKey, SectionMeta, StoreError};

/// Bytes of values that a scrub reads at a time.
const SCRUB_BYTES: u64 = 1 << 20;

/// A walk over all sections under way: [`Store::scrub_step`] until it is done. Dropping it ends it without a trace.
#[derive(Debug)]
pub struct Scrub {
    /// Blocks that are next.
    blocks: VecDeque<BlockId>,
    /// The block that is being read, and how many of its sections are done.
    now: Option<(BlockId, usize)>,
    report: ScrubReport,
    /// Bytes of the sections of all blocks, as the scrub began.
    pub(crate) of_bytes: u64,
}

impl Scrub {
    /// Bytes read, of how many.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.report.bytes, self.of_bytes)
    }
}

impl<B: Backend> Store<B> {
    /// Remembers what can't be used, if the error says so. Data of a later version is intact, and no matter of this.
    pub fn quarantine(&self, error: &StoreError) {
        let StoreError::Damaged { key, fault } = error else { return };
        let mut state = self.state.borrow_mut();
        if !matches!(fault, Fault::NewerVersion(_)) && state.manifest.block(key.block).is_some() {
            state.quarantine.insert(*key, fault.to_string());
        }
    }

    /// Sections in quarantine, and what is wrong with them.
    pub fn quarantined(&self) -> BTreeMap<SectionKey, String> {
        self.state.borrow().quarantine.clone()
    }

    /// Sections that another copy replaced since the store was opened.
    pub fn repaired(&self) -> u64 {
        self.state.borrow().repaired
    }

    /// The section from another copy, verified; else the fault.
    pub(super) async fn mended(
        &self,
        key: SectionKey,
        meta: Option<SectionMeta>,
        fault: Fault,
    ) -> Result<Payload, Fault> {
        if matches!(fault, Fault::NewerVersion(_)) {
            return Err(fault);
        }
        let Some(SectionMeta { len, checksum, .. }) = meta else { return Err(fault) };
        // Another copy that fails is no copy.
        let Ok(Some(value)) = self.backend.repair(key, len, checksum).await else { return Err(fault) };
        let payload = verify(key, meta, Some(value)).map_err(|_of_the_copy| fault)?;
        let mut state = self.state.borrow_mut();
        state.repaired += 1;
        state.quarantine.remove(&key);
        Ok(payload)
    }

    /// Begins a walk over everything stored.
    pub fn start_scrub(&self) -> Scrub {
        let manifest = self.manifest();
        let blocks = manifest.blocks.iter().map(|block| block.id).collect();
        Scrub { blocks, now: None, report: ScrubReport::default(), of_bytes: manifest.bytes() }
    }

    /// Reads about a MiB more; true when everything was read, then [`Self::finish_scrub`].
    ///
    /// # Errors
    /// Those of the back end: the same step may be tried again.
    pub async fn scrub_step(&self, scrub: &mut Scrub) -> Result<bool, StoreError> {
        let manifest = self.manifest();
        let Some((id, done)) = scrub.now.or_else(|| scrub.blocks.pop_front().map(|id| (id, 0))) else {
            return Ok(true);
        };
        scrub.now = Some((id, done));
        // A block that was replaced meanwhile was read when it was written anew.
        let sections = manifest.block(id).map_or(&[][..], |block| &block.sections);
        let mut bytes = 0;
        let mut count = 0;
        for section in sections.iter().skip(done) {
            bytes += u64::from(section.len);
            count += 1;
            if bytes >= SCRUB_BYTES {
                break;
            }
        }
        let metas: Vec<SectionMeta> = sections.iter().skip(done).take(count).copied().collect();
        let keys: Vec<SectionKey> = metas.iter().map(|meta| meta.key(id)).collect();
        let values = self.backend.get(&keys).await?;
        let is_stale = values.iter().any(Option::is_none) && self.stored_generation().await? != manifest.generation;
        if is_stale {
            self.refresh().await?;
            return Ok(false);
        }
        for ((key, meta), value) in keys.into_iter().zip(metas).zip(values) {
            match verify(key, Some(meta), value) {
                Ok(_intact) => {
                    self.state.borrow_mut().quarantine.remove(&key);
                }
                Err(fault) => match self.mended(key, Some(meta), fault).await {
                    Ok(_copy) => scrub.report.repaired += 1,
                    Err(fault) => self.quarantine(&StoreError::Damaged { key, fault }),
                },
            }
            scrub.report.sections += 1;
            scrub.report.bytes += u64::from(meta.len);
        }
        scrub.now = (count > 0 && done + count < sections.len()).then_some((id, done + count));
        Ok(false)
    }

    /// Stores what a scrub found that ended at `at` (ns since the epoch).
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn finish_scrub(&self, scrub: Scrub, at: i64) -> Result<ScrubReport, StoreError> {
        let mut report = ScrubReport { at, ..scrub.report };
        self.amend(|manifest, quarantine| {
            let bad = quarantine.iter().filter(|(key, _)| manifest.block(key.block).is_some());
            report.bad = bad.map(|(key, why)| (*key, why.clone())).collect();
            manifest.scrub = Some(report.clone());
        })
        .await?;
        Ok(report)
    }

    /// Changes what the manifest says beside its blocks.
    pub(super) async fn amend(
        &self,
        mut change: impl FnMut(&mut Manifest, &BTreeMap<SectionKey, String>),
    ) -> Result<(), StoreError> {
        let _guard = self.lock.acquire().await;
        for _attempt in 0..MAX_ATTEMPTS {
            let manifest = self.manifest();
            let mut next = Manifest::clone(&manifest);
            change(&mut next, &self.quarantined());
            if self.transact(&manifest, &mut next, Vec::new(), Vec::new()).await? {
                self.state.borrow_mut().take_manifest(next);
                return Ok(());
            }
            self.catch_up().await?;
        }
        Err(StoreError::Contention(MAX_ATTEMPTS))
    }
}

impl State {
    /// What the last scrub found of the blocks that are still there.
    pub(super) fn quarantine_of(manifest: &Manifest) -> BTreeMap<SectionKey, String> {
        let bad = manifest.scrub.iter().flat_map(|scrub| &scrub.bad);
        bad.filter(|(key, _)| manifest.block(key.block).is_some()).cloned().collect()
    }
}
