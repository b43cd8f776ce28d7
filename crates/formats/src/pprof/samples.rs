//! Third pass: the samples.
//!
//! The hot loop of the decoder. Its buffers live for all samples. A sample that came before but for its
//! values costs one hash over its bytes; a new one is read in full, and its stack is walked down the trie
//! from where it parts from the stack before.

use emberglass_profile::{Batch, ErrorCode, FrameId, InputError, StackId};
use emberglass_trie::StackBuilder;

use super::memo::{Memo, Split};
use super::rows::Rows;
use super::sample::Sample;
use super::scan::field;
use super::strings::Strings;
use super::symbols::Locations;
use super::wire::{Field, Message, Read, malformed};
use crate::Context;

/// Most stacks (nodes of the trie) of one file.
const MAX_STACKS: usize = 64 << 20;
/// Inlined lines multiply: frames spelt out in all, beyond so many per byte of input, are refused.
const FRAMES_PER_BYTE: u64 = 16;
const FRAMES_ALWAYS: u64 = 64 << 20;

/// Reads the samples of the profile in `bytes` into stacks, attributes and the one table of `batch`.
pub(super) fn read(
    bytes: &[u8],
    factors: &[i64],
    locations: &Locations,
    strings: &mut Strings<'_>,
    batch: &mut Batch,
    context: &mut Context<'_>,
) -> Read<()> {
    let mut rows = Rows::new(factors.len());
    let mut memo = Memo::new(bytes);
    let mut stacks = Stacks::new(bytes.len());
    let mut sample = Sample::default();
    let mut message = Message::outermost(bytes);
    while let Some(field) = message.next()? {
        if field.number != field::SAMPLE {
            continue;
        }
        context.meter.reach((bytes.len() + field.offset) as u64)?;
        let split = Split::of(&field);
        let known = split.as_ref().and_then(|split| memo.find(split));
        let row = if let (Some(split), Some(row)) = (&split, known) {
            sample.read_values(split)?;
            row
        } else {
            sample.read(&field, locations)?;
            let stack = stacks.insert(&sample.frames, &field)?;
            let Batch { symbols, attributes, .. } = batch;
            let labels = sample.intern_labels(strings, &mut symbols.strings, attributes, &mut context.warnings)?;
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
            .map_err(|message| InputError::at(ErrorCode::ValueOverflow, field.offset as u64, message))?;
    }
    batch.stacks = stacks.builder.finish();
    batch.tables = vec![rows.finish()];
    Ok(())
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
    fn new(input_len: usize) -> Self {
        Self {
            builder: StackBuilder::default(),
            budget: FRAMES_ALWAYS + FRAMES_PER_BYTE * input_len as u64,
            path: Vec::new(),
        }
    }

    /// The stack of frames, leaf first.
    fn insert(&mut self, frames: &[FrameId], field: &Field<'_>) -> Read<StackId> {
        let Self { builder, budget, path } = self;
        let depth = frames.len() as u64;
        if depth > *budget || builder.len() > MAX_STACKS {
            let message = "the stacks of the profile are too many or too deep to hold";
            return Err(InputError::at(ErrorCode::TooLarge, field.offset as u64, message).into());
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
