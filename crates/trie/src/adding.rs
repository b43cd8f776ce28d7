//! A layer on its way into the union, step by step.

use emberglass_labels::StackEnds;
use emberglass_profile::{Frame, FrameId, FunctionId, StackId, Symbols};

use crate::functions::Layer;
use crate::layer::{LayerValues, index_rows, live_rows, sum_rows};
use crate::sums::Sums;
use crate::{ChildIndex, Merger, TreeOverflow};

const NONE: u32 = u32::MAX;

/// Adds one layer to a [`Merger`] step by step: [`Self::step`] until there is no more. One that is dropped before leaves a
/// merger behind that holds a part of the layer.
#[derive(Debug)]
pub struct Adding<'a> {
    layer: Layer<'a>,
    index: &'a mut ChildIndex,
    sums: &'a mut Sums,
    symbols: &'a Symbols,
    parents: &'a [StackId],
    frames: &'a [FrameId],
    values: LayerValues<'a>,
    /// Keys of the frames of labels around the stacks: from the root on, and the leaf last.
    roots: Vec<u32>,
    leaves: Vec<u32>,
    key_of_frame: Vec<u32>,
    node_of: Vec<u32>,
    stage: Stage,
    /// Rows of this stage that are done.
    at: usize,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Live,
    Index,
    Leaves,
    Sum,
    Done,
}

impl<'a> Adding<'a> {
    pub(crate) fn new(
        merger: &'a mut Merger,
        ends: &StackEnds,
        symbols: &'a Symbols,
        (parents, frames): (&'a [StackId], &'a [FrameId]),
        values: LayerValues<'a>,
    ) -> Self {
        let Merger { functions, index, sums } = merger;
        let [roots, leaves] =
            [&ends.roots, &ends.leaves].map(|of| of.iter().map(|frame| functions.tag_key(frame)).collect::<Vec<u32>>());
        Self {
            layer: functions.layer(symbols),
            index,
            sums,
            symbols,
            parents,
            frames,
            values,
            roots,
            leaves,
            key_of_frame: vec![NONE; symbols.frames.len()],
            node_of: Vec::new(),
            stage: Stage::Live,
            at: 0,
        }
    }

    /// Number of rows, the root included.
    pub(crate) fn len(&self) -> usize {
        self.parents.len().max(1)
    }

    /// Goes through at most about `limit` rows; false once nothing is left.
    ///
    /// # Errors
    /// As [`Merger::add`].
    pub fn step(&mut self, limit: usize) -> Result<bool, TreeOverflow> {
        let len = self.len();
        let rows = self.at..len.min(self.at.saturating_add(limit.max(1)));
        let end = rows.end;
        let Self { index, sums, parents, values, node_of, .. } = self;
        let parent_of = |row: usize| parents[row].0;
        let next = match self.stage {
            Stage::Live => {
                let Some(live) = live_rows(len, &parent_of, values) else {
                    self.stage = Stage::Done;
                    return Ok(false);
                };
                *node_of = live;
                node_of[0] = self.roots.iter().fold(0, |node, &key| index.child(node, key).0);
                (self.stage, self.at) = (Stage::Index, 1);
                return Ok(true);
            }
            Stage::Index => {
                let Self { layer, symbols, frames, key_of_frame, .. } = self;
                let key_of = |row: usize| key(layer, symbols, key_of_frame, frames.get(row).copied());
                index_rows(index, node_of, rows, &parent_of, key_of);
                Stage::Leaves
            }
            Stage::Leaves => {
                if !self.leaves.is_empty() {
                    for row in rows.filter(|&row| values.get(row) != 0) {
                        node_of[row] = self.leaves.iter().fold(node_of[row], |node, &key| index.child(node, key).0);
                    }
                }
                Stage::Sum
            }
            Stage::Sum => {
                sum_rows(sums, index.len(), node_of, rows, values)?;
                Stage::Done
            }
            Stage::Done => return Ok(false),
        };
        self.at = end;
        if end == len {
            (self.stage, self.at) = (next, 0);
        }
        Ok(true)
    }
}

/// The key of a frame, looked up once.
fn key(layer: &mut Layer<'_>, symbols: &Symbols, known: &mut [u32], frame: Option<FrameId>) -> u32 {
    let frame = frame.unwrap_or(FrameId(NONE));
    let key = known.get(frame.index()).copied().unwrap_or(NONE);
    if key != NONE {
        return key;
    }
    let function = symbols.frames.functions().get(frame.index()).copied().unwrap_or(FunctionId(NONE));
    let of_layer = symbols.frames.get(frame);
    let key = layer.key_at(function, of_layer.map_or(0, |frame| frame.line));
    if let Some(Frame { line, mapping, .. }) = of_layer {
        layer.see(key, line, mapping);
        known[frame.index()] = key;
    }
    key
}
