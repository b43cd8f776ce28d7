//! Reading blocks, through the cache.

use std::rc::Rc;

use super::Store;
use crate::block::{read_attributes, read_directory, read_stacks_and_symbols};
use crate::{
    Backend, Block, BlockDirectory, BlockId, Fault, Manifest, SampleAttributes, SectionKey, SectionKind, SectionMeta,
    StoreError, envelope,
};

/// Bytes of values that are asked of the back end at a time.
const MAX_FETCH: u64 = 32 << 20;

/// What the cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CacheKey {
    Directory(BlockId),
    Block(BlockId),
    Samples(BlockId, u16),
    Attributes(BlockId),
}

#[derive(Clone, Debug)]
pub(super) enum Cached {
    Directory(Rc<BlockDirectory>),
    Block(Rc<Block>),
    Samples(Rc<Vec<u8>>),
    Attributes(Rc<SampleAttributes>),
}

impl CacheKey {
    pub(super) const fn block(self) -> BlockId {
        match self {
            Self::Directory(id) | Self::Block(id) | Self::Samples(id, _) | Self::Attributes(id) => id,
        }
    }
}

type Payload = Result<Rc<Vec<u8>>, StoreError>;

const DIRECTORY: [SectionKind; 3] = [SectionKind::Series, SectionKind::Profiles, SectionKind::Sources];
const SYMBOLS: [SectionKind; 2] = [SectionKind::Symbols, SectionKind::Stacks];

impl<B: Backend> Store<B> {
    /// What a block is about, without symbols and samples.
    ///
    /// # Errors
    /// `Stale`, `Damaged`, or those of the back end.
    pub async fn directory(&self, id: BlockId) -> Result<Rc<BlockDirectory>, StoreError> {
        let mut all = self.directories(&[id]).await?;
        all.pop().unwrap_or(Err(StoreError::Stale { block: id }))
    }

    /// The directories of `ids` in their order, read together; an error of its own for each damaged one.
    ///
    /// # Errors
    /// `Stale`, or those of the back end.
    pub async fn directories(
        &self,
        ids: &[BlockId],
    ) -> Result<Vec<Result<Rc<BlockDirectory>, StoreError>>, StoreError> {
        let cached = |id| match self.state.borrow_mut().cache.get(CacheKey::Directory(id)) {
            Some(Cached::Directory(directory)) => Some(directory),
            _ => None,
        };
        let mut found: Vec<Option<Result<Rc<BlockDirectory>, StoreError>>> =
            ids.iter().map(|&id| cached(id).map(Ok)).collect();
        let missing: Vec<BlockId> =
            ids.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(&id, _)| id).collect();
        let keys: Vec<SectionKey> =
            missing.iter().flat_map(|&block| DIRECTORY.map(|kind| SectionKey { block, kind, part: 0 })).collect();
        let payloads = self.payloads(&keys).await?;
        for (id, payloads) in missing.into_iter().zip(payloads.chunks(DIRECTORY.len())) {
            let directory = read_directory(id, &|kind| of_kind(&DIRECTORY, kind, payloads)).map(Rc::new);
            if let Ok(directory) = &directory {
                let value = Cached::Directory(Rc::clone(directory));
                self.state.borrow_mut().cache.insert(CacheKey::Directory(id), value, directory.memory());
            }
            for (_, place) in ids.iter().zip(&mut found).filter(|(of, place)| **of == id && place.is_none()) {
                *place = Some(directory.clone());
            }
        }
        let stale = |id: &BlockId| Err(StoreError::Stale { block: *id });
        Ok(ids.iter().zip(found).map(|(id, found)| found.unwrap_or_else(|| stale(id))).collect())
    }

    /// A block without its samples.
    ///
    /// # Errors
    /// `Stale`, `Damaged`, or those of the back end.
    pub async fn block(&self, id: BlockId) -> Result<Rc<Block>, StoreError> {
        if let Some(Cached::Block(block)) = self.state.borrow_mut().cache.get(CacheKey::Block(id)) {
            return Ok(block);
        }
        let directory = self.directory(id).await?;
        let payloads = self.payloads(&SYMBOLS.map(|kind| SectionKey { block: id, kind, part: 0 })).await?;
        let block = Rc::new(read_stacks_and_symbols(&directory, &|kind| of_kind(&SYMBOLS, kind, &payloads))?);
        let value = Cached::Block(Rc::clone(&block));
        self.state.borrow_mut().cache.insert(CacheKey::Block(id), value, block.memory());
        Ok(block)
    }

    /// The payload of a part of a block's samples.
    ///
    /// # Errors
    /// `Stale`, `Damaged`, or those of the back end.
    pub async fn samples(&self, id: BlockId, part: u16) -> Result<Rc<Vec<u8>>, StoreError> {
        let mut parts = self.sample_parts(id, &[part]).await?;
        parts.pop().ok_or(StoreError::Stale { block: id })
    }

    /// The payloads of several parts of a block's samples, in the order of `parts`, read together.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn sample_parts(&self, id: BlockId, parts: &[u16]) -> Result<Vec<Rc<Vec<u8>>>, StoreError> {
        let cached = |part| match self.state.borrow_mut().cache.get(CacheKey::Samples(id, part)) {
            Some(Cached::Samples(payload)) => Some(payload),
            _ => None,
        };
        let found: Vec<Option<Rc<Vec<u8>>>> = parts.iter().map(|&part| cached(part)).collect();
        let missing = parts.iter().zip(&found).filter(|(_, found)| found.is_none());
        let keys: Vec<SectionKey> =
            missing.map(|(&part, _)| SectionKey { block: id, kind: SectionKind::Samples, part }).collect();
        let mut read = self.payloads(&keys).await?.into_iter().zip(&keys);
        let mut all = Vec::with_capacity(parts.len());
        for found in found {
            let payload = match found {
                Some(payload) => payload,
                None => {
                    let (payload, key) = read.next().ok_or(StoreError::Stale { block: id })?;
                    let payload = payload?;
                    let value = Cached::Samples(Rc::clone(&payload));
                    self.state.borrow_mut().cache.insert(CacheKey::Samples(id, key.part), value, payload.len());
                    payload
                }
            };
            all.push(payload);
        }
        Ok(all)
    }

    /// The attribute sets that the sample rows of a block refer to.
    ///
    /// # Errors
    /// `Stale`, `Damaged`, or those of the back end.
    pub async fn attributes(&self, id: BlockId) -> Result<Rc<SampleAttributes>, StoreError> {
        if let Some(Cached::Attributes(attributes)) = self.state.borrow_mut().cache.get(CacheKey::Attributes(id)) {
            return Ok(attributes);
        }
        let manifest = self.manifest();
        let meta = manifest.block(id).ok_or(StoreError::Stale { block: id })?;
        let Some(section) = meta.section(SectionKind::Attributes, 0) else { return Ok(Rc::default()) };
        let payload = self.payloads(&[section.key(id)]).await?.pop().ok_or(StoreError::Stale { block: id })??;
        let attributes = Rc::new(read_attributes(id, &payload)?);
        let value = Cached::Attributes(Rc::clone(&attributes));
        self.state.borrow_mut().cache.insert(CacheKey::Attributes(id), value, payload.len() * 4);
        Ok(attributes)
    }

    /// Verified payloads of `keys` in their order; an error of its own for each damaged one.
    async fn payloads(&self, keys: &[SectionKey]) -> Result<Vec<Payload>, StoreError> {
        let manifest = self.manifest();
        let mut all = Vec::with_capacity(keys.len());
        let mut rest = keys;
        while !rest.is_empty() {
            let mut bytes = 0;
            let mut count = 0;
            let mut metas = Vec::new();
            for key in rest {
                let meta = section(&manifest, *key)?;
                bytes += meta.map_or(0, |meta| u64::from(meta.len));
                if count > 0 && bytes > MAX_FETCH {
                    break;
                }
                metas.push(meta);
                count += 1;
            }
            let (now, later) = rest.split_at(count);
            let values = self.backend.get(now).await?;
            let absent = metas.iter().zip(&values).any(|(meta, value)| meta.is_some() && value.is_none());
            if absent && self.stored_generation().await? != manifest.generation {
                return Err(StoreError::Stale { block: now.first().map(|key| key.block).unwrap_or_default() });
            }
            for ((&key, meta), value) in now.iter().zip(metas).zip(values) {
                let payload = verify(key, meta, value);
                all.push(payload.map(Rc::new).map_err(|fault| StoreError::Damaged { key, fault }));
            }
            rest = later;
        }
        Ok(all)
    }

    async fn stored_generation(&self) -> Result<u64, StoreError> {
        Ok(self.backend.load().await?.map_or(0, |stored| stored.generation))
    }
}

/// What the manifest says of a section; an error if it does not know the block.
fn section(manifest: &Manifest, key: SectionKey) -> Result<Option<SectionMeta>, StoreError> {
    let block = manifest.block(key.block).ok_or(StoreError::Stale { block: key.block })?;
    Ok(block.section(key.kind, key.part).copied())
}

fn verify(key: SectionKey, meta: Option<SectionMeta>, value: Option<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    let meta = meta.ok_or(Fault::Invariant("the manifest does not have it"))?;
    let value = value.ok_or(Fault::Missing)?;
    if value.len() != meta.len as usize {
        return Err(Fault::Length { expected: meta.len as usize, found: value.len() });
    }
    let stated = envelope::stated_checksum(&value);
    let payload = envelope::open(key.kind, value)?;
    if stated != meta.checksum {
        return Err(Fault::Checksum { expected: meta.checksum, found: stated });
    }
    Ok(payload)
}

fn of_kind(kinds: &[SectionKind], kind: SectionKind, payloads: &[Payload]) -> Payload {
    let at = kinds.iter().position(|&of| of == kind);
    let missing = || Err(StoreError::BadBatch("a section that was not read"));
    at.and_then(|at| payloads.get(at)).cloned().unwrap_or_else(missing)
}
