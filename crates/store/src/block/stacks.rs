//! The stacks section: a trie in depth-first order, siblings sorted by frame.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | nodes `n` | varint | without the root, row 0 |
//! | pops | svb x n | levels to go up from the node before to reach the parent |
//! | frame | svb x n | frame row |

use emberglass_columns::{ByteReader, svb};
use emberglass_profile::{FrameId, StackId, StackTable};

use super::columns::{expect_end, put_len, svb_column, svb_count};
use crate::Fault;

/// Writes columns of the nodes without the root.
pub(crate) fn write(pops: &[u32], frames: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len(&mut out, pops.len());
    svb::encode(pops, &mut out);
    svb::encode(frames, &mut out);
    out
}

/// Reads a trie over `frames` frames.
pub(crate) fn read(bytes: &[u8], frames: usize) -> Result<StackTable, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let count = svb_count(reader)?;
    let pops = svb_column(reader, count)?;
    let frame = svb_column(reader, count)?;
    expect_end(reader)?;
    let mut stacks = StackTable::default();
    let mut at = StackId::ROOT;
    for (pops, frame) in pops.into_iter().zip(frame) {
        for _ in 0..pops {
            if at == StackId::ROOT {
                return Err(Fault::Invariant("a stack above the root"));
            }
            at = stacks.parent(at);
        }
        if frame as usize >= frames {
            return Err(Fault::Invariant("a stack without its frame"));
        }
        at = stacks.push(at, FrameId(frame)).ok_or(Fault::Invariant("a stack without its parent"))?;
    }
    Ok(stacks)
}
