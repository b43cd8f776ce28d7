//! Samples as plain lists, the trie they make, and numbers to draw from.

use emberglass_profile::{Frame, FrameId, Function, Symbols};
use emberglass_trie::{Granularity, MergedTrie, Merger, StackBuilder};
use proptest::prelude::*;

/// A stack of functions (root first) and its value.
pub(crate) type Sample = (Vec<u32>, i64);

/// Functions of few names in two files: 0 and 4 are both `f0`.
pub(crate) fn name(function: u32) -> String {
    format!("f{}", function % 4)
}

pub(crate) fn file(function: u32) -> String {
    format!("file{}.go", function / 4)
}

/// The trie of stacks, root first, with their values: `frame` makes the frames.
pub(crate) fn merged<F>(
    samples: &[(Vec<F>, i64)],
    granularity: Granularity,
    scale: u8,
    frame: impl Fn(&mut Symbols, &F) -> Frame,
) -> MergedTrie {
    let mut symbols = Symbols::default();
    let mut builder = StackBuilder::default();
    let mut rows = Vec::new();
    for (stack, value) in samples {
        let frames: Vec<FrameId> = stack
            .iter()
            .map(|of| {
                let frame = frame(&mut symbols, of);
                symbols.frames.intern(frame)
            })
            .collect();
        rows.push((builder.insert(frames), *value));
    }
    let stacks = builder.finish();
    let mut values = vec![0; stacks.len()];
    for (stack, value) in rows {
        values[stack.index()] += value;
    }
    let mut merger = Merger::new(granularity);
    merger.add(&symbols, stacks.parents(), stacks.frames(), &values, scale, 1).unwrap();
    merger.finish().unwrap()
}

pub(crate) fn trie_of(samples: &[Sample]) -> MergedTrie {
    merged(samples, Granularity::Function, 0, |symbols, &function| {
        let name = symbols.strings.intern(&name(function));
        let file = symbols.strings.intern(&file(function));
        let function = symbols.functions.intern(Function { name, file, ..Function::default() });
        Frame { function, ..Frame::default() }
    })
}

pub(crate) fn samples(least: i64) -> impl Strategy<Value = Vec<Sample>> {
    let stack = proptest::collection::vec(0u32..8, 0..7);
    proptest::collection::vec((stack, least..60), 0..60)
}
