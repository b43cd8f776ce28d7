//! A copy of a storage that this version can't read: its values as they are, for a version that can.

use std::collections::VecDeque;

use super::PackWriter;
use super::stored::StoredValue;
use crate::{Backend, BackendError, SectionKey, StoredManifest};

/// A copy under way: [`Self::next`] until there is nothing more.
#[derive(Debug)]
pub struct StorageCopy {
    writer: PackWriter,
    /// Of the moment the copy began.
    generation: u64,
    keys: VecDeque<SectionKey>,
    /// Bytes that are next.
    pieces: VecDeque<Vec<u8>>,
    is_done: bool,
}

impl StorageCopy {
    /// Begins to copy what `backend` holds; `None` where it holds nothing.
    ///
    /// # Errors
    /// Those of the back end.
    pub async fn begin(backend: &impl Backend) -> Result<Option<Self>, BackendError> {
        let Some(StoredManifest { generation, bytes }) = backend.load().await? else { return Ok(None) };
        let keys = backend.list().await?.into();
        let mut writer = PackWriter::of_storage();
        let pieces = VecDeque::from([writer.header(), writer.stored(StoredValue::Manifest(generation), &bytes), bytes]);
        Ok(Some(Self { writer, generation, keys, pieces, is_done: false }))
    }

    /// The next bytes of the file; `None` behind the last.
    ///
    /// # Errors
    /// Those of the back end: the same call may be tried again. `Conflict` where something was stored meanwhile: the copy
    /// has to begin anew.
    pub async fn next(&mut self, backend: &impl Backend) -> Result<Option<Vec<u8>>, BackendError> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                return Ok(Some(piece));
            }
            if let Some(&key) = self.keys.front() {
                let value = backend.get(&[key]).await?.pop().flatten();
                self.keys.pop_front();
                if let Some(value) = value {
                    self.pieces.push_back(self.writer.stored(StoredValue::Section(key), &value));
                    self.pieces.push_back(value);
                }
                continue;
            }
            if self.is_done {
                return Ok(None);
            }
            let found = backend.load().await?.map_or(0, |stored| stored.generation);
            if found != self.generation {
                return Err(BackendError::Conflict { found });
            }
            self.is_done = true;
            self.pieces.push_back(self.writer.end());
        }
    }

    /// Bytes of the file so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let waiting: usize = self.pieces.iter().map(Vec::len).sum();
        let end = if self.is_done { self.writer.end().len() } else { 0 };
        self.writer.bytes() + (end as u64) - waiting as u64
    }

    /// Sections that are still to be copied.
    #[must_use]
    pub fn left(&self) -> usize {
        self.keys.len()
    }
}
