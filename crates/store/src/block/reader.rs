//! Reads blocks: from verified section payloads to tables.

use std::collections::BTreeSet;
use std::rc::Rc;

use emberglass_labels::SeriesIndex;
use emberglass_profile::{AttributeSetId, StackId, StackTable, Symbols};
use emberglass_trie::{Work, YieldNow};

use super::{
    Costs, Identity, Place, Places, ProfileTable, Records, Rollup, Rows, SampleAttributes, Series, attributes, costs,
    identities, profiles, records, rollups, rows, series, sources, stacks, symbols,
};
use crate::envelope::Payload;
use crate::{BlockId, Fault, SectionKey, SectionKind, Source, SourceKey, StoreError};

/// Units of [`Work`] of reading a frame with its function and names.
const FRAME: usize = 20;

/// What a block is about, without symbols and samples: enough for catalogs, time ranges and planning.
#[derive(Clone, Debug)]
pub struct BlockDirectory {
    /// Its id.
    pub id: BlockId,
    /// Series by row, sorted.
    pub series: Rc<Vec<Series>>,
    /// Answers matchers over the labels of `series`.
    pub index: Rc<SeriesIndex>,
    /// Profiles by row.
    pub profiles: Rc<ProfileTable>,
    /// Sources by row.
    pub sources: Rc<Vec<Source>>,
}

/// A block without its samples, which are read part by part.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// Strings, functions, mappings and frames.
    pub symbols: Symbols,
    /// Stacks in depth-first order.
    pub stacks: StackTable,
    /// What packed sample rows refer to.
    sampled: Rc<Vec<u32>>,
    /// Series by row, sorted.
    pub series: Rc<Vec<Series>>,
    /// Answers matchers over the labels of `series`.
    pub index: Rc<SeriesIndex>,
    /// Profiles by row.
    pub profiles: Rc<ProfileTable>,
    /// Sources by row.
    pub sources: Rc<Vec<Source>>,
}

impl Block {
    /// The sample rows of the profile at `row`, none of one that [is summed](ProfileTable::is_summed); `part` is the payload
    /// of its [`ProfileTable::sample_part`].
    ///
    /// # Errors
    /// `Damaged` where the bytes are not rows over this block's stacks.
    pub fn rows(&self, row: usize, part: &[u8]) -> Result<Rows, StoreError> {
        let table = &self.profiles;
        let (Some(&number), Some(&offset), Some(&len)) =
            (table.sample_part.get(row), table.sample_offset.get(row), table.sample_len.get(row))
        else {
            return Ok(Rows::default());
        };
        if len == 0 {
            return Ok(Rows::default());
        }
        rows::read(part, offset, len, self.stacks.len(), &self.sampled).map_err(damaged(
            self.id,
            SectionKind::Samples,
            number,
        ))
    }

    /// The rows of a roll-up of this block; `part` is the payload of its [`Rollup::part`].
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn rollup_rows(&self, rollup: &Rollup, part: &[u8]) -> Result<Rows, StoreError> {
        let Place { part: number, offset, len } = rollup.place;
        let damaged = damaged(self.id, SectionKind::Rollups, number);
        rows::read(part, offset, len, self.stacks.len(), &self.sampled).map_err(damaged)
    }

    /// Calls `each` with stack, attribute set and value of every sample row of the profile at `row`; a stack is always
    /// one of this block, no value is 0. Nothing is called if the rows can't be read.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn for_each_sample(
        &self,
        row: usize,
        part: &[u8],
        mut each: impl FnMut(StackId, AttributeSetId, i64),
    ) -> Result<(), StoreError> {
        self.rows(row, part)?.iter().for_each(|(stack, attributes, value)| each(stack, attributes, value));
        Ok(())
    }

    /// The records at `place` in the payload of their part.
    pub(crate) fn records(&self, place: Place, part: &[u8]) -> Result<Records, StoreError> {
        let Place { part: number, offset, len } = place;
        let damaged = damaged(self.id, SectionKind::Timelines, number);
        records::read(part, offset, len, self.stacks.len()).map_err(damaged)
    }

    /// The costs by function at `place` in the payload of their part.
    pub(crate) fn costs(&self, place: Place, part: &[u8]) -> Result<Costs, StoreError> {
        let Place { part: number, offset, len } = place;
        let damaged = damaged(self.id, SectionKind::FunctionCosts, number);
        costs::read(part, offset, len, self.symbols.functions.len()).map_err(damaged)
    }

    /// Estimate of the memory it takes.
    pub(crate) fn memory(&self) -> usize {
        let Self { symbols, stacks, .. } = self;
        symbols.strings.text_bytes()
            + symbols.strings.len() * 10
            + symbols.functions.len() * 24
            + symbols.frames.len() * 24
            + symbols.mappings.len() * 32
            + stacks.len() * 8
    }
}

impl BlockDirectory {
    /// What tells each profile from all others, by row.
    #[must_use]
    pub fn identities(&self) -> Vec<Identity> {
        identities(&self.series, &self.profiles, &self.sources)
    }

    /// Which profiles come from one of these inputs, by row.
    #[must_use]
    pub fn rows_of_sources(&self, sources: &BTreeSet<SourceKey>) -> Vec<bool> {
        let named: Vec<bool> = self.sources.iter().map(|source| sources.contains(&source.key())).collect();
        self.profiles.source.iter().map(|&source| named.get(source as usize) == Some(&true)).collect()
    }

    /// Estimate of the memory it takes.
    pub(crate) fn memory(&self) -> usize {
        let labels: usize = self.series.iter().map(|series| 160 + series.labels.len() * 128).sum();
        self.profiles.memory() + labels + self.sources.len() * 320
    }
}

type Payloads<'a> = &'a dyn Fn(SectionKind) -> Result<Rc<Payload>, StoreError>;

fn damaged(block: BlockId, kind: SectionKind, part: u16) -> impl Fn(Fault) -> StoreError {
    move |fault| StoreError::Damaged { key: SectionKey { block, kind, part }, fault }
}

/// Reads a directory; `payload` gives verified payloads.
pub(crate) fn read_directory(id: BlockId, payload: Payloads<'_>) -> Result<BlockDirectory, StoreError> {
    let series = series::read(&payload(SectionKind::Series)?.bytes).map_err(damaged(id, SectionKind::Series, 0))?;
    let sources = payload(SectionKind::Sources)?;
    let sources = sources::read(&sources.bytes, sources.version).map_err(damaged(id, SectionKind::Sources, 0))?;
    let profiles = profiles::read(&payload(SectionKind::Profiles)?.bytes, series.len(), sources.len());
    let profiles = profiles.map_err(damaged(id, SectionKind::Profiles, 0))?;
    let index = SeriesIndex::build(series.iter().map(|series| &series.labels));
    Ok(BlockDirectory {
        id,
        series: Rc::new(series),
        index: Rc::new(index),
        profiles: Rc::new(profiles),
        sources: Rc::new(sources),
    })
}

/// Reads the rest of a block.
pub(crate) async fn read_stacks_and_symbols(
    directory: &BlockDirectory,
    payload: Payloads<'_>,
    pause: &impl YieldNow,
) -> Result<Block, StoreError> {
    let BlockDirectory { id, series, index, profiles, sources } = directory.clone();
    let symbols = symbols::read(&payload(SectionKind::Symbols)?.bytes).map_err(damaged(id, SectionKind::Symbols, 0))?;
    Work::default().done(symbols.frames.len() * FRAME, pause).await;
    let stacks = payload(SectionKind::Stacks)?;
    let stacks = stacks::read(&stacks.bytes, stacks.version, symbols.frames.len(), pause).await;
    let (stacks, sampled) = stacks.map_err(damaged(id, SectionKind::Stacks, 0))?;
    Ok(Block { id, symbols, stacks, sampled: Rc::new(sampled), series, index, profiles, sources })
}

/// Reads attribute sets.
pub(crate) fn read_attributes(id: BlockId, payload: &[u8]) -> Result<SampleAttributes, StoreError> {
    attributes::read(payload).map_err(damaged(id, SectionKind::Attributes, 0))
}

/// Reads which profiles of a block are summed up.
pub(crate) fn read_rollups(id: BlockId, payload: &[u8], table: &ProfileTable) -> Result<Vec<Rollup>, StoreError> {
    rollups::read(payload, table).map_err(damaged(id, SectionKind::Rollups, 0))
}

/// Reads the times of the records of a profile, and whether they are of the source's own clock.
pub(crate) fn record_times(id: BlockId, place: Place, part: &[u8]) -> Result<(bool, Vec<i64>), StoreError> {
    let Place { part: number, offset, len } = place;
    records::read_times(part, offset, len).map_err(damaged(id, SectionKind::Timelines, number))
}

/// Reads where the profiles of a block have something in the parts of `kind`.
pub(crate) fn read_places(
    id: BlockId,
    kind: SectionKind,
    payload: &[u8],
    profiles: usize,
) -> Result<Places, StoreError> {
    Places::read(payload, profiles).map_err(damaged(id, kind, 0))
}
