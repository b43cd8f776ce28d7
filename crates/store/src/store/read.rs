//! Reading blocks, through the cache.

use std::rc::Rc;

use emberglass_trie::{NoYield, YieldNow};

use super::Store;
use crate::block::{
    Place, Places, read_attributes, read_directory, read_places, read_rollups, read_stacks_and_symbols,
};
use crate::envelope::Payload;
use crate::{
    Backend, Block, BlockDirectory, BlockId, Costs, Fault, Manifest, RecordSpan, Records, Rollup, SampleAttributes,
    SectionKey, SectionKind, SectionMeta, StoreError, envelope,
};

/// Bytes of values that are asked of the back end at a time.
const MAX_FETCH: u64 = 32 << 20;

/// What the cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CacheKey {
    Directory(BlockId),
    Block(BlockId),
    Part(BlockId, SectionKind, u16),
    Attributes(BlockId),
    Rollups(BlockId),
    Spans(BlockId),
}

#[derive(Clone, Debug)]
pub(super) enum Cached {
    Directory(Rc<BlockDirectory>),
    Block(Rc<Block>),
    Part(Rc<Payload>),
    Attributes(Rc<SampleAttributes>),
    Rollups(Rc<Vec<Rollup>>),
    Spans(Rc<Vec<RecordSpan>>),
}

/// The payload of a part of the samples or the roll-ups: what [`Block::rows`] and [`Block::rollup_rows`] read.
#[derive(Clone, Debug)]
pub struct SamplePart(Rc<Payload>);

impl std::ops::Deref for SamplePart {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl CacheKey {
    pub(super) const fn block(self) -> BlockId {
        match self {
            Self::Directory(id)
            | Self::Block(id)
            | Self::Part(id, ..)
            | Self::Attributes(id)
            | Self::Rollups(id)
            | Self::Spans(id) => id,
        }
    }
}

type Read = Result<Rc<Payload>, StoreError>;

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
        self.block_sliced(id, &NoYield).await
    }

    /// As [`Self::block`], in slices.
    ///
    /// # Errors
    /// As [`Self::block`].
    pub async fn block_sliced(&self, id: BlockId, pause: &impl YieldNow) -> Result<Rc<Block>, StoreError> {
        if let Some(Cached::Block(block)) = self.state.borrow_mut().cache.get(CacheKey::Block(id)) {
            return Ok(block);
        }
        let directory = self.directory(id).await?;
        let payloads = self.payloads(&SYMBOLS.map(|kind| SectionKey { block: id, kind, part: 0 })).await?;
        let payload = |kind| of_kind(&SYMBOLS, kind, &payloads);
        let block = Rc::new(read_stacks_and_symbols(&directory, &payload, pause).await?);
        let value = Cached::Block(Rc::clone(&block));
        self.state.borrow_mut().cache.insert(CacheKey::Block(id), value, block.memory());
        Ok(block)
    }

    /// The payload of a part of a block's samples.
    ///
    /// # Errors
    /// `Stale`, `Damaged`, or those of the back end.
    pub async fn samples(&self, id: BlockId, part: u16) -> Result<SamplePart, StoreError> {
        let mut parts = self.sample_parts(id, &[part]).await?;
        parts.pop().ok_or(StoreError::Stale { block: id })
    }

    /// The payloads of several parts of a block's samples, in the order of `parts`, read together.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn sample_parts(&self, id: BlockId, parts: &[u16]) -> Result<Vec<SamplePart>, StoreError> {
        let parts = self.parts(id, SectionKind::Samples, parts).await?;
        Ok(parts.into_iter().map(SamplePart).collect())
    }

    /// Which profiles of a block are summed up, by first profile, the sum of more profiles first.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn rollups(&self, directory: &BlockDirectory) -> Result<Rc<Vec<Rollup>>, StoreError> {
        let id = directory.id;
        if let Some(Cached::Rollups(rollups)) = self.state.borrow_mut().cache.get(CacheKey::Rollups(id)) {
            return Ok(rollups);
        }
        let manifest = self.manifest();
        let meta = manifest.block(id).ok_or(StoreError::Stale { block: id })?;
        let Some(section) = meta.section(SectionKind::Rollups, 0) else { return Ok(Rc::default()) };
        let payload = self.payloads(&[section.key(id)]).await?.pop().ok_or(StoreError::Stale { block: id })??;
        let rollups = Rc::new(read_rollups(id, &payload.bytes, &directory.profiles)?);
        let value = Cached::Rollups(Rc::clone(&rollups));
        let bytes = size_of::<Rollup>() * rollups.len();
        self.state.borrow_mut().cache.insert(CacheKey::Rollups(id), value, bytes);
        Ok(rollups)
    }

    /// The payloads of several parts of a block's roll-ups, in the order of `parts`, read together.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn rollup_parts(&self, id: BlockId, parts: &[u16]) -> Result<Vec<SamplePart>, StoreError> {
        let parts = self.parts(id, SectionKind::Rollups, parts).await?;
        Ok(parts.into_iter().map(SamplePart).collect())
    }

    /// The records of a profile in order of time; `None` if its format has no time for each.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn records(&self, block: &Block, profile: usize) -> Result<Option<Records>, StoreError> {
        let found = self.attached(block.id, SectionKind::Timelines, block.profiles.len(), profile).await?;
        found.map(|(place, part)| block.records(place, &part.bytes)).transpose()
    }

    /// What the format of a profile states for each function; `None` if it does not.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn costs(&self, block: &Block, profile: usize) -> Result<Option<Costs>, StoreError> {
        let found = self.attached(block.id, SectionKind::FunctionCosts, block.profiles.len(), profile).await?;
        found.map(|(place, part)| block.costs(place, &part.bytes)).transpose()
    }

    /// Rows of the profiles of a block whose format states something for each function, ascending.
    ///
    /// # Errors
    /// As [`Self::samples`].
    pub async fn profiles_with_costs(&self, block: &Block) -> Result<Vec<u32>, StoreError> {
        Ok(self.places(block.id, SectionKind::FunctionCosts, block.profiles.len()).await?.into_profiles())
    }

    /// What the profile at a row has in the parts of `kind` of a block with so many profiles.
    pub(super) async fn attached(
        &self,
        id: BlockId,
        kind: SectionKind,
        profiles: usize,
        row: usize,
    ) -> Result<Option<(Place, Rc<Payload>)>, StoreError> {
        let places = self.places(id, kind, profiles).await?;
        let Some(place) = places.get(row) else { return Ok(None) };
        let part = self.parts(id, kind, &[place.part]).await?.pop();
        Ok(Some((place, part.ok_or(StoreError::Stale { block: id })?)))
    }

    /// Which profiles of a block have something in the parts of `kind`, and where.
    pub(super) async fn places(&self, id: BlockId, kind: SectionKind, profiles: usize) -> Result<Places, StoreError> {
        let manifest = self.manifest();
        let meta = manifest.block(id).ok_or(StoreError::Stale { block: id })?;
        if meta.section(kind, 0).is_none() {
            return Ok(Places::default());
        }
        let index = self.parts(id, kind, &[0]).await?.pop().ok_or(StoreError::Stale { block: id })?;
        read_places(id, kind, &index.bytes, profiles)
    }

    /// The payloads of several parts of one kind, in the order of `parts`, read together.
    pub(super) async fn parts(
        &self,
        id: BlockId,
        kind: SectionKind,
        parts: &[u16],
    ) -> Result<Vec<Rc<Payload>>, StoreError> {
        let cached = |part| match self.state.borrow_mut().cache.get(CacheKey::Part(id, kind, part)) {
            Some(Cached::Part(payload)) => Some(payload),
            _ => None,
        };
        let found: Vec<Option<Rc<Payload>>> = parts.iter().map(|&part| cached(part)).collect();
        let missing = parts.iter().zip(&found).filter(|(_, found)| found.is_none());
        let keys: Vec<SectionKey> = missing.map(|(&part, _)| SectionKey { block: id, kind, part }).collect();
        let mut read = self.payloads(&keys).await?.into_iter().zip(&keys);
        let mut all = Vec::with_capacity(parts.len());
        for found in found {
            let payload = match found {
                Some(payload) => payload,
                None => {
                    let (payload, key) = read.next().ok_or(StoreError::Stale { block: id })?;
                    let payload = payload?;
                    let (value, len) = (Cached::Part(Rc::clone(&payload)), payload.bytes.len());
                    self.state.borrow_mut().cache.insert(CacheKey::Part(id, kind, key.part), value, len);
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
        let attributes = Rc::new(read_attributes(id, &payload.bytes)?);
        let value = Cached::Attributes(Rc::clone(&attributes));
        self.state.borrow_mut().cache.insert(CacheKey::Attributes(id), value, payload.bytes.len() * 4);
        Ok(attributes)
    }

    /// Verified payloads of `keys` in their order; an error of its own for each damaged one.
    async fn payloads(&self, keys: &[SectionKey]) -> Result<Vec<Read>, StoreError> {
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
                let payload = match verify(key, meta, value) {
                    Err(fault) => self.mended(key, meta, fault).await,
                    intact => intact,
                };
                all.push(payload.map(Rc::new).map_err(|fault| StoreError::Damaged { key, fault }));
            }
            rest = later;
        }
        Ok(all)
    }

    pub(super) async fn stored_generation(&self) -> Result<u64, StoreError> {
        Ok(self.backend.load().await?.map_or(0, |stored| stored.generation))
    }
}

/// What the manifest says of a section; an error if it does not know the block.
fn section(manifest: &Manifest, key: SectionKey) -> Result<Option<SectionMeta>, StoreError> {
    let block = manifest.block(key.block).ok_or(StoreError::Stale { block: key.block })?;
    Ok(block.section(key.kind, key.part).copied())
}

pub(super) fn verify(key: SectionKey, meta: Option<SectionMeta>, value: Option<Vec<u8>>) -> Result<Payload, Fault> {
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

fn of_kind(kinds: &[SectionKind], kind: SectionKind, payloads: &[Read]) -> Read {
    let at = kinds.iter().position(|&of| of == kind);
    let missing = || Err(StoreError::BadBatch("a section that was not read"));
    at.and_then(|at| payloads.get(at)).cloned().unwrap_or_else(missing)
}
