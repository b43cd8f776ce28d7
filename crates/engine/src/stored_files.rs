//! Which files of an import are stored.

use std::collections::BTreeSet;

use emberglass_store::{Backend, StoreError};
use serde::Deserialize;

use crate::database::Database;
use crate::{EngineError, YieldNow};

/// Blocks whose sources are read together.
const TOGETHER: usize = 64;
const MAX_ATTEMPTS: u32 = 8;

/// A file as an import knows it; see `FileName`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct FileName {
    /// Path as dropped.
    pub name: String,
    /// Size.
    pub bytes: f64,
}

impl<B: Backend> Database<B> {
    /// For each file whether profiles of it are stored: of one of this name and size, or of a member of the archive that
    /// it is.
    ///
    /// # Errors
    /// What the storage says. Blocks that can't be read count as empty.
    pub async fn stored_files(&self, files: &[FileName], pause: &impl YieldNow) -> Result<Vec<bool>, EngineError> {
        let mut attempts = 0;
        let names = loop {
            match self.source_names(pause).await {
                Err(StoreError::Stale { .. }) if attempts < MAX_ATTEMPTS => {
                    attempts += 1;
                    self.refresh().await?;
                }
                other => break other?,
            }
        };
        let is_stored = |file: &FileName| {
            names.contains(&(file.name.clone(), file.bytes as u64)) || {
                let inside = format!("{}/", file.name);
                names.range((inside.clone(), 0)..).next().is_some_and(|(name, _)| name.starts_with(&inside))
            }
        };
        Ok(files.iter().map(is_stored).collect())
    }

    /// Names and sizes of all sources.
    async fn source_names(&self, pause: &impl YieldNow) -> Result<BTreeSet<(String, u64)>, StoreError> {
        let mut names = BTreeSet::new();
        let ids: Vec<_> = self.store.manifest().blocks.iter().map(|block| block.id).collect();
        for ids in ids.chunks(TOGETHER) {
            for directory in self.store.directories(ids).await?.into_iter().flatten() {
                names.extend(directory.sources.iter().map(|source| (source.name.clone(), source.bytes)));
            }
            pause.yield_now().await;
        }
        Ok(names)
    }
}
