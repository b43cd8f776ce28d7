//! Parts of one query, merged by several engines over the same storage.
//!
//! Each engine plans the whole query and merges the blocks of its shard. Which block is of which shard follows from the
//! manifest alone, so that an engine meets the same blocks in each query and finds them in its cache. A part counts only if it
//! was planned as the whole was; a shard without such a part is merged where the parts are put together.

use std::collections::VecDeque;

use emberglass_columns::{ByteReader, ReadError, put_u64};
use emberglass_store::{Backend, Store};
use emberglass_trie::{Granularity, TreeOverflow, WireError};

use crate::missing::Missing;
use crate::plan::{Plan, Widened};
use crate::run::QueryRun;
use crate::shard::shard_of_block;
use crate::{QueryError, Selection, Shard, YieldNow};

/// What tells plans of a selection apart.
fn mark(plan: &Plan) -> [u64; 11] {
    let Plan { blocks, generation, profiles, series, sample_bytes, missing, widened } = plan;
    let (misses, at_most) = missing.map_or((0, false), |Missing { profiles, at_most, .. }| (profiles, at_most));
    let (from, until) = widened.map_or((0, 0), |Widened { from, until }| (from, until));
    [
        *generation,
        blocks.len() as u64,
        *profiles,
        *series,
        *sample_bytes,
        u64::from(missing.is_some()),
        misses,
        u64::from(at_most),
        u64::from(widened.is_some()),
        from as u64,
        until as u64,
    ]
}

impl QueryRun {
    /// Plans a query of which only one shard is merged, as of a generation of the store: [`Self::step`] until there is no
    /// more, then [`Self::part`]. `None` where the store is of another generation.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn start_shard<B: Backend>(
        store: &Store<B>,
        selection: Selection,
        granularity: Granularity,
        (shard, generation): (Shard, u64),
        pause: &impl YieldNow,
    ) -> Result<Option<Self>, QueryError> {
        if store.manifest().generation < generation {
            store.refresh().await?;
        }
        if store.manifest().generation != generation {
            return Ok(None);
        }
        let mut run = Self::start(store, selection, granularity, pause).await?;
        Ok(run.keep_shard(store, shard).then_some(run))
    }

    /// Leaves all other shards to others, whose parts [`Self::take_part`] takes. False where the store has moved on since the
    /// plan was made: then it stays whole.
    pub fn keep_shard<B: Backend>(&mut self, store: &Store<B>, shard: Shard) -> bool {
        let manifest = store.manifest();
        if manifest.generation != self.plan.generation || shard.index >= shard.of {
            return false;
        }
        let of_block = shard_of_block(&manifest, shard.of);
        self.shards = vec![VecDeque::new(); shard.of as usize];
        for (at, block) in self.plan.blocks.iter().enumerate() {
            let index = of_block.get(&block.id).copied().unwrap_or_default();
            self.shards[index].push_back(at);
        }
        self.left = std::mem::take(&mut self.shards[shard.index as usize]);
        self.shard = shard;
        true
    }

    /// The shard that is merged here: [`Shard::WHOLE`] again once the query had to be planned anew.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.shard
    }

    /// What the shard has, as bytes for [`Self::take_part`]. `None` where formats state costs by function, which are no part of
    /// it.
    pub async fn part(&mut self, pause: &impl YieldNow) -> Option<Vec<u8>> {
        if self.sums.stated.is_some() {
            return None;
        }
        let mut out = Vec::new();
        for number in mark(&self.plan) {
            put_u64(&mut out, number);
        }
        put_u64(&mut out, self.profiles_done);
        out.extend(self.sums.all.to_wire(&mut self.work, pause).await);
        Some(out)
    }

    /// Adds the part of another shard. Without one, or where it was planned in another way, the blocks of the shard are left to
    /// [`Self::step`]. Nothing happens where the query was planned anew since [`Self::keep_shard`].
    ///
    /// # Errors
    /// An overflow.
    pub async fn take_part(
        &mut self,
        index: u32,
        part: Option<&[u8]>,
        pause: &impl YieldNow,
    ) -> Result<(), TreeOverflow> {
        let Some(blocks) = self.shards.get_mut(index as usize).map(std::mem::take) else { return Ok(()) };
        let Some((profiles, merged)) = part.and_then(|part| self.profiles_of_part(part).ok().flatten()) else {
            self.left.extend(blocks);
            return Ok(());
        };
        let Self { sums, work, .. } = self;
        let added = match sums.all.add_wire(merged, work, pause).await {
            Ok(()) => match &mut sums.stated {
                Some(stated) => stated.of_stacks.add_wire(merged, work, pause).await,
                None => Ok(()),
            },
            error => error,
        };
        match added {
            Ok(()) => self.profiles_done += profiles,
            Err(WireError::Overflow(overflow)) => return Err(overflow),
            // Some of it was added.
            Err(_damaged) => self.begin_again(),
        }
        Ok(())
    }

    /// The profiles of a part and what was merged of them; `None` where it was planned in another way.
    fn profiles_of_part<'a>(&self, part: &'a [u8]) -> Result<Option<(u64, &'a [u8])>, ReadError> {
        let mut reader = ByteReader::new(part);
        for number in mark(&self.plan) {
            if reader.varint()? != number {
                return Ok(None);
            }
        }
        let profiles = reader.varint()?;
        Ok(Some((profiles, reader.take(reader.remaining())?)))
    }
}
