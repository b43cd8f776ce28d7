//! Third pass: the samples.
//!
//! The hot loop of the decoder. Its buffers live for all samples. A sample that came before but for its
//! values costs one hash over its bytes; a new one is read in full, and its stack is walked down the trie
//! from where it parts from the stack before.

use emberglass_profile::{Batch, ErrorCode, FrameId, InputError, StackId, Warnings};
use emberglass_trie::StackBuilder;

use super::memo::{Memo, Split};
use super::rows::Rows;
use super::sample::Sample;
use super::strings::Strings;
use super::symbols::Locations;
use crate::protobuf::{Field, Read, malformed};

/// Most stacks (nodes of the trie) of one file.
const MAX_STACKS: usize = 64 << 20;
/// Inlined lines multiply: frames spelt out in all, beyond so many per byte of input, are refused.
const FRAMES_PER_BYTE: u64 = 16;
const FRAMES_ALWAYS: u64 = 64 << 20;

/// The samples of a profile on their way into stacks, attributes and the one table of a batch.
pub(super) struct Samples<'s, 'k> {
    factors: &'s [i64],
    locations: &'s Locations,
    strings: &'s mut Strings<'k>,
    batch: &'s mut Batch,
    rows: Rows,
    memo: Memo,
    stacks: Stacks,
    sample: Sample,
}

impl<'s, 'k> Samples<'s, 'k> {
    /// For an input of `len` bytes.
    pub(super) fn new(
        factors: &'s [i64],
        locations: &'s Locations,
        strings: &'s mut Strings<'k>,
        batch: &'s mut Batch,
        len: u64,
    ) -> Self {
        Self {
            factors,
            locations,
            strings,
            batch,
            rows: Rows::new(factors.len()),
            memo: Memo::default(),
            stacks: Stacks::new(len),
            sample: Sample::default(),
        }
    }

    /// Adds one sample.
    #[inline(always)]
    pub(super) fn add(&mut self, field: &Field<'_>, warnings: &mut Warnings) -> Read<()> {
        let Self { factors, memo, rows, sample, .. } = self;
        let split = Split::of(field);
        let known = split.as_ref().and_then(|split| memo.find(split));
        let row = if let (Some(split), Some(row)) = (&split, known) {
            sample.read_values(split)?;
            row
        } else {
            sample.read(field, self.locations)?;
            let stack = self.stacks.insert(&sample.frames, field)?;
            let Batch { symbols, attributes, .. } = &mut *self.batch;
            let labels = sample.intern_labels(self.strings, &mut symbols.strings, attributes, warnings)?;
            let row = rows.row(stack, labels);
            if let Some(split) = &split {
                memo.insert(split, row);
            }
            row
        };
        if sample.values.len() != factors.len() {
            let (values, types) = (sample.values.len(), factors.len());
            return Err(malformed(field.offset, format_args!("a sample has {values} values for {types} sample types")));
        }
        rows.add(row, &sample.values, factors)
            .map_err(|message| InputError::at(ErrorCode::ValueOverflow, field.offset, message))?;
        Ok(())
    }

    pub(super) fn finish(self) {
        self.batch.stacks = self.stacks.builder.finish();
        self.batch.tables = vec![self.rows.finish()];
    }
}

/// The trie of stacks with the path to the stack inserted last.
struct Stacks {
    builder: StackBuilder,
    /// Frames still allowed.
    budget: u64,
    /// The stack inserted last, root first: each frame and the stack that ends with it.
    path: Vec<(FrameId, StackId)>,
}

impl Stacks {
    fn new(input_len: u64) -> Self {
        Self {
            builder: StackBuilder::default(),
            budget: FRAMES_ALWAYS.saturating_add(FRAMES_PER_BYTE.saturating_mul(input_len)),
            path: Vec::new(),
        }
    }

    /// The stack of frames, leaf first.
    fn insert(&mut self, frames: &[FrameId], field: &Field<'_>) -> Read<StackId> {
        let Self { builder, budget, path } = self;
        let depth = frames.len() as u64;
        if depth > *budget || builder.len() > MAX_STACKS {
            let message = "the stacks of the profile are too many or too deep to hold";
            return Err(InputError::at(ErrorCode::TooLarge, field.offset, message).into());
        }
        *budget -= depth;
        let root_first = || frames.iter().rev();
        let shared = path.iter().zip(root_first()).take_while(|((known, _), frame)| known == *frame).count();
        path.truncate(shared);
        let mut at = path.last().map_or(StackId::ROOT, |&(_, stack)| stack);
        for &frame in root_first().skip(shared) {
            at = builder.child(at, frame);
            path.push((frame, at));
        }
        Ok(at)
    }
}
