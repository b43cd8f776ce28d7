//! Letting samples go whose sums stay: what retention does before it drops profiles.
//!
//! A profile whose samples are gone stays what it was in lists, totals and time series, and is still known to be stored; a
//! graph has it as a part of the roll-up that holds its sum.

use std::collections::BTreeSet;

use emberglass_columns::heap_sort_by;

use super::Store;
use crate::block::Content;
use crate::{Backend, BlockBuilder, BlockDirectory, BlockId, BlockMeta, Manifest, Rollup, SectionKind, StoreError};

/// True for a block that may have samples to let go: it has sums.
pub(super) fn has_sums(meta: &BlockMeta) -> bool {
    meta.section(SectionKind::Rollups, 0).is_some() && samples(meta) > 0
}

/// Bytes of a block that go with its samples, at most.
fn samples(meta: &BlockMeta) -> u64 {
    let of_samples = |kind| matches!(kind, SectionKind::Samples | SectionKind::Timelines);
    meta.sections.iter().filter(|section| of_samples(section.kind)).map(|section| u64::from(section.len)).sum()
}

/// The oldest blocks that have samples to let go, as many as free about `bytes`.
pub(super) fn oldest_with_samples(manifest: &Manifest, bytes: u64) -> BTreeSet<BlockId> {
    let mut blocks: Vec<&BlockMeta> = manifest.blocks.iter().filter(|meta| has_sums(meta)).collect();
    heap_sort_by(&mut blocks, |a, b| (a.last_start, a.id).cmp(&(b.last_start, b.id)));
    let mut freed = 0;
    let needed = blocks.into_iter().take_while(|block| {
        let is_needed = freed < bytes;
        freed += samples(block);
        is_needed
    });
    needed.map(|block| block.id).collect()
}

/// The profiles whose samples go, where those of all `marked` profiles may: those that are in a roll-up of which every
/// profile is marked, or has gone before; and how many that are. `None` if none goes.
fn covered(directory: &BlockDirectory, rollups: &[Rollup], marked: &[bool]) -> Option<(Vec<bool>, u64)> {
    let table = &directory.profiles;
    let may_go = |row: usize| marked.get(row) == Some(&true) || table.is_summed(row);
    let mut covered = vec![false; table.len()];
    for rollup in rollups {
        let rows = rollup.rows().start as usize..rollup.rows().end as usize;
        if rows.clone().all(may_go) {
            covered.get_mut(rows).unwrap_or_default().fill(true);
        }
    }
    let going = covered.iter().enumerate().filter(|(row, covered)| **covered && !table.is_summed(*row)).count();
    (going > 0).then_some((covered, going as u64))
}

impl<B: Backend> Store<B> {
    /// The block without the samples of its `marked` profiles that sums hold, and how many go; `None` if none can.
    pub(super) async fn thinned(
        &self,
        directory: &BlockDirectory,
        marked: &[bool],
    ) -> Result<Option<(BlockBuilder, u64)>, StoreError> {
        let rollups = self.rollups(directory).await?;
        let Some((summed, going)) = covered(directory, &rollups, marked) else { return Ok(None) };
        let keeps: Vec<bool> = summed.iter().map(|summed| !summed).collect();
        let content = self.content(directory.id, &keeps).await?;
        let sums = self.sums(content.block()).await?;
        let of = |row: usize| match summed.get(row) {
            Some(true) => Ok(Content { is_summed: true, ..Content::default() }),
            _ => content.of(row),
        };
        let mut builder = BlockBuilder::default();
        builder.add_block(content.block(), content.attributes(), |_| true, of, &sums)?;
        Ok(Some((builder, going)))
    }
}
