//! A back end in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::{Backend, BackendError, CommitBatch, SectionKey, StoredManifest};

/// Keeps everything in memory; clones share it, as two tabs share a database.
#[derive(Clone, Debug, Default)]
pub struct MemoryBackend {
    shared: Rc<RefCell<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    manifest: Option<StoredManifest>,
    sections: BTreeMap<SectionKey, Rc<Vec<u8>>>,
}

impl MemoryBackend {
    /// Bytes of all sections.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shared.borrow().sections.values().map(|value| value.len() as u64).sum()
    }

    /// Changes the stored value of a section, as a failing disk would; false if there is none.
    pub fn damage(&self, key: SectionKey, change: impl FnOnce(&mut Vec<u8>)) -> bool {
        self.shared.borrow_mut().sections.get_mut(&key).map(|value| change(Rc::make_mut(value))).is_some()
    }
}

impl Backend for MemoryBackend {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        Ok(self.shared.borrow().manifest.clone())
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        let shared = self.shared.borrow();
        Ok(keys.iter().map(|key| shared.sections.get(key).map(|value| value.to_vec())).collect())
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        let CommitBatch { expected_generation, manifest, puts, deletes } = batch;
        let mut shared = self.shared.borrow_mut();
        let found = shared.manifest.as_ref().map_or(0, |stored| stored.generation);
        if found != expected_generation {
            return Err(BackendError::Conflict { found });
        }
        for key in deletes {
            shared.sections.remove(&key);
        }
        shared.sections.extend(puts);
        shared.manifest = Some(manifest);
        Ok(())
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        Ok(self.shared.borrow().sections.keys().copied().collect())
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        *self.shared.borrow_mut() = Shared::default();
        Ok(())
    }
}
