//! A back end over files of a folder, wherever that is: the browser's private file system, a folder on the disk.
//!
//! A commit writes the sections of each block into a file that did not exist before, and then the index
//! ([`index`]) over the older of two index files. Whatever is torn is not the index that holds.
//!
//! Invariants:
//! - no file that an index refers to is ever written again;
//! - sections are durable before the index that refers to them is written;
//! - commits of all tabs hold one lock; files of no index are removed under it;
//! - files that are not of this back end are left alone.

mod index;

use std::cell::RefCell;
use std::rc::Rc;

use emberglass_columns::heap_sort_by;

use self::index::{Decoded, FileId, HEADER_LEN, Index, Place};
use crate::{Backend, BackendError, CommitBatch, SectionKey, StoredManifest};

/// The two files that hold the index in turn.
const INDEX_FILES: [&str; 2] = ["index-0", "index-1"];
/// The one that is written first, with an index of nothing.
const FIRST_INDEX_FILE: &str = INDEX_FILES[1];
/// Attempts to read while another tab commits.
const MAX_ATTEMPTS: u32 = 8;

/// Where in a file: offset and length. What lies beyond the end is not given.
pub type FileRange = (u64, u64);

/// The files of one folder.
#[allow(async_fn_in_trait)]
pub trait Files {
    /// Holds the lock until it is dropped.
    type Guard;

    /// Waits for the lock that one of all users of the folder holds.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn lock(&self) -> Result<Self::Guard, BackendError>;

    /// Ranges of a file; `None` if there is no such file.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn read(&self, name: &str, ranges: &[FileRange]) -> Result<Option<Vec<Vec<u8>>>, BackendError>;

    /// Writes a file anew from its parts; durable when it returns `Ok`. After an error anything may be there.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn write(&self, name: &str, parts: &[&[u8]]) -> Result<(), BackendError>;

    /// Removes a file; one that does not exist is no fault.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn remove(&self, name: &str) -> Result<(), BackendError>;

    /// Names of all files.
    ///
    /// # Errors
    /// Any [`BackendError`].
    async fn names(&self) -> Result<Vec<String>, BackendError>;
}

/// A storage in a folder.
#[derive(Debug)]
pub struct FilesBackend<F> {
    files: F,
    /// The index read or written last.
    cached: RefCell<Option<Rc<Index>>>,
}

impl<F: Files> FilesBackend<F> {
    /// Opens what a folder holds, and removes what commits that did not end left in it.
    ///
    /// # Errors
    /// Those of the folder; `NewerVersion`, `Corrupt`.
    pub async fn open(files: F) -> Result<Self, BackendError> {
        let backend = Self { files, cached: RefCell::default() };
        let guard = backend.files.lock().await?;
        let (index, damaged) = backend.read_index().await?;
        // While an index file is damaged, what it referred to may still be of use to somebody.
        if damaged == 0 {
            let live = index.files();
            for name in backend.files.names().await? {
                if FileId::of_name(&name).is_some_and(|file| live.binary_search(&file).is_err()) {
                    backend.files.remove(&name).await?;
                }
            }
        }
        drop(guard);
        Ok(backend)
    }

    /// The files.
    pub const fn files(&self) -> &F {
        &self.files
    }

    /// The index that holds now.
    async fn current(&self) -> Result<Rc<Index>, BackendError> {
        let cached = self.cached.borrow().clone();
        if let Some(cached) = cached {
            let mut latest = 0;
            for name in INDEX_FILES {
                let header = self.files.read(name, &[(0, HEADER_LEN as u64)]).await?;
                let stated = header.and_then(|parts| parts.first().map(|bytes| Index::stated_sequence(bytes)));
                latest = latest.max(stated.unwrap_or(0));
            }
            if latest == cached.sequence {
                return Ok(cached);
            }
        }
        Ok(self.read_index().await?.0)
    }

    /// The index that holds, read anew, and how many index files are damaged.
    async fn read_index(&self) -> Result<(Rc<Index>, usize), BackendError> {
        for _attempt in 0..MAX_ATTEMPTS {
            let mut best: Option<Index> = None;
            let mut damaged = Vec::new();
            for name in INDEX_FILES {
                let Some(mut parts) = self.files.read(name, &[(0, u64::MAX)]).await? else { continue };
                match parts.pop().and_then(|bytes| Index::decode(&bytes)) {
                    Some(Decoded::Index(index)) if best.as_ref().is_none_or(|best| best.sequence < index.sequence) => {
                        best = Some(index);
                    }
                    Some(Decoded::Index(_)) => {}
                    Some(Decoded::Newer) => {
                        return Err(BackendError::NewerVersion("its index has another version".to_owned()));
                    }
                    None => damaged.push(name),
                }
            }
            // The first index to be written is empty, so that a torn one beside none means that nothing is stored.
            if best.is_some() || damaged.iter().all(|&name| name == FIRST_INDEX_FILE) {
                let index = Rc::new(best.unwrap_or_default());
                *self.cached.borrow_mut() = Some(Rc::clone(&index));
                return Ok((index, damaged.len()));
            }
            // Another tab may be writing them.
        }
        Err(BackendError::Corrupt("its index files are damaged".to_owned()))
    }

    /// Under the lock: the index that a commit starts from.
    async fn before(&self) -> Result<Rc<Index>, BackendError> {
        let index = self.current().await?;
        if index.sequence > 0 {
            return Ok(index);
        }
        let first = Index { sequence: 1, ..Index::default() };
        self.replace(&index, first).await?;
        self.current().await
    }

    /// Under the lock: makes an index the one that holds, and removes what only the one before refers to.
    async fn replace(&self, before: &Index, next: Index) -> Result<(), BackendError> {
        let bytes = next.encode();
        let written = self.files.write(next.name(), &[&bytes]).await;
        if written.is_err() {
            // Whether it happened is open: the files tell.
            *self.cached.borrow_mut() = None;
            return written;
        }
        let live = next.files();
        *self.cached.borrow_mut() = Some(Rc::new(next));
        for file in before.files() {
            if live.binary_search(&file).is_err() {
                // What stays behind is removed by the next opening.
                let _left = self.files.remove(&file.name()).await;
            }
        }
        Ok(())
    }

    /// Values under an index; `None` if it refers to files that are gone.
    async fn values(&self, index: &Index, keys: &[SectionKey]) -> Result<Option<Vec<Option<Vec<u8>>>>, BackendError> {
        let mut wanted: Vec<(FileId, usize, FileRange)> = Vec::with_capacity(keys.len());
        for (at, key) in keys.iter().enumerate() {
            if let Some(Place { file, offset, len }) = index.place(key) {
                wanted.push((file, at, (offset, len)));
            }
        }
        heap_sort_by(&mut wanted, |a, b| a.0.cmp(&b.0));
        let mut values = vec![None; keys.len()];
        let mut gone = false;
        for of_file in wanted.chunk_by(|a, b| a.0 == b.0) {
            let ranges: Vec<FileRange> = of_file.iter().map(|&(.., range)| range).collect();
            let name = of_file.first().map(|(file, ..)| file.name()).unwrap_or_default();
            match self.files.read(&name, &ranges).await? {
                Some(parts) => {
                    for ((_, at, _), bytes) in of_file.iter().zip(parts) {
                        values[*at] = Some(bytes);
                    }
                }
                None => gone = true,
            }
        }
        Ok((!gone).then_some(values))
    }
}

impl<F: Files> Backend for FilesBackend<F> {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        Ok(self.current().await?.manifest.clone())
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let cached = self.cached.borrow().clone();
        let mut index = match cached.filter(|index| keys.iter().all(|key| index.place(key).is_some())) {
            Some(index) => index,
            None => self.current().await?,
        };
        for _attempt in 0..MAX_ATTEMPTS {
            if let Some(values) = self.values(&index, keys).await? {
                return Ok(values);
            }
            // Another tab removed files, or something else did.
            let now = self.current().await?;
            if now.sequence == index.sequence {
                break;
            }
            index = now;
        }
        // Files that are gone although the index refers to them: their sections are missing.
        let mut values = Vec::with_capacity(keys.len());
        for &key in keys {
            values.push(self.values(&index, &[key]).await?.and_then(|mut one| one.pop()).flatten());
        }
        Ok(values)
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        let CommitBatch { expected_generation, manifest, puts, deletes } = batch;
        let _guard = self.files.lock().await?;
        let before = self.before().await?;
        if before.generation() != expected_generation {
            return Err(BackendError::Conflict { found: before.generation() });
        }
        let sequence = before.sequence + 1;
        let mut ordered: Vec<&(SectionKey, Rc<Vec<u8>>)> = puts.iter().collect();
        heap_sort_by(&mut ordered, |a, b| a.0.cmp(&b.0));
        let mut places = Vec::with_capacity(puts.len());
        for of_block in ordered.chunk_by(|a, b| a.0.block == b.0.block) {
            let mut parts: Vec<&[u8]> = Vec::with_capacity(of_block.len());
            let mut file = FileId { block: crate::BlockId(0), sequence };
            let mut offset = 0;
            for (key, value) in of_block {
                file.block = key.block;
                let len = value.len() as u64;
                places.push((*key, Place { file, offset, len }));
                offset += len;
                parts.push(value);
            }
            if let Err(fault) = self.files.write(&file.name(), &parts).await {
                for (_, place) in &places {
                    let _left = self.files.remove(&place.file.name()).await;
                }
                return Err(fault);
            }
        }
        let next = Index { sequence, manifest: Some(manifest), sections: before.changed(&deletes, &places) };
        self.replace(&before, next).await
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        Ok(self.current().await?.sections.iter().map(|(key, _)| *key).collect())
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        let _guard = self.files.lock().await?;
        let before = self.before().await?;
        self.replace(&before, Index { sequence: before.sequence + 1, ..Index::default() }).await
    }
}
