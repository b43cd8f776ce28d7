//! Nodes over the functions of a finished trie, added step by step.

use crate::functions::FunctionUnion;
use crate::layer::{LayerValues, index_rows, live_rows, sum_rows};
use crate::sums::Sums;
use crate::{ChildIndex, MergedTrie, Merger, TreeOverflow};

/// Makes [`Merger::within`] step by step: [`Self::step`] until there is no more, then [`Self::finish`].
#[derive(Debug)]
pub struct Within<'a> {
    merger: Merger,
    parents: &'a [u32],
    keys: &'a [u32],
    layer: LayerValues<'a>,
    node_of: Vec<u32>,
    stage: Stage,
    /// Rows of this stage that are done.
    at: usize,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Live,
    Index,
    Sum,
    Done,
}

impl<'a> Within<'a> {
    /// Begins; see [`Merger::within`].
    #[must_use]
    pub fn new(of: &MergedTrie, parents: &'a [u32], keys: &'a [u32], values: &'a [i64]) -> Self {
        let functions = FunctionUnion::of(of);
        let layer = LayerValues { values, scale: of.scale, divisor: of.divisor };
        let merger = Merger { functions, index: ChildIndex::default(), sums: Sums::default() };
        Self { merger, parents, keys, layer, node_of: Vec::new(), stage: Stage::Live, at: 0 }
    }

    /// As [`Self::new`], where the functions of `of` are in any order.
    #[must_use]
    pub fn unsorted(of: &MergedTrie, parents: &'a [u32], keys: &'a [u32], values: &'a [i64]) -> Self {
        let mut within = Self::new(of, parents, keys, values);
        within.merger.functions.set_unsorted();
        within
    }

    /// Number of rows.
    pub(crate) const fn len(&self) -> usize {
        self.parents.len()
    }

    /// Goes through at most about `limit` rows; false once nothing is left.
    ///
    /// # Errors
    /// As [`Merger::add`].
    pub fn step(&mut self, limit: usize) -> Result<bool, TreeOverflow> {
        let Self { merger: Merger { functions, index, sums }, parents, keys, layer, node_of, .. } = self;
        let len = parents.len().max(1);
        let rows = self.at..len.min(self.at.saturating_add(limit.max(1)));
        let last = functions.len().saturating_sub(1) as u32;
        let next = match self.stage {
            Stage::Live => match live_rows(len, &|row| parents[row], layer) {
                None => Stage::Done,
                Some(live) => {
                    *node_of = live;
                    Stage::Index
                }
            },
            Stage::Index => {
                let rows = rows.start.max(1)..rows.end;
                let key_of = |row: usize| keys.get(row).map_or(last, |&key| key.min(last));
                index_rows(index, node_of, rows, &|row| parents[row], key_of);
                Stage::Sum
            }
            Stage::Sum => {
                sum_rows(sums, index.len(), node_of, rows.clone(), layer)?;
                Stage::Done
            }
            Stage::Done => return Ok(false),
        };
        if matches!(self.stage, Stage::Live) || rows.end == len {
            (self.stage, self.at) = (next, 0);
        } else {
            self.at = rows.end;
        }
        Ok(true)
    }

    /// The merger, once no step is left.
    #[must_use]
    pub fn finish(self) -> Merger {
        self.merger
    }
}
