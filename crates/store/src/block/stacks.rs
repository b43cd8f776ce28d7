//! The stacks section: a trie in depth-first order, siblings sorted by frame.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | nodes `n` | varint | without the root, row 0 |
//! | pops | svb x n | levels to go up from the node before to reach the parent |
//! | frame | svb x n | frame row |
//! | sampled `k` | varint | 0: sample rows refer to stacks by row. Not in versions 1 and 2 |
//! | sampled | svb x k | stack - stack before - 1, the first as it is: what packed sample rows refer to |

use emberglass_columns::{ByteReader, svb};
use emberglass_profile::{FrameId, StackId, StackTable};
use emberglass_trie::{Work, YieldNow, slices};

use super::columns::{expect_end, put_len, svb_column, svb_count};
use super::rows::{read_rising_gaps, rising_gaps};
use crate::Fault;

/// Units of [`Work`] of reading a stack.
const STACK: usize = 2;

/// Writes columns of the nodes without the root, and the stacks that packed sample rows refer to.
pub(crate) fn write(pops: &[u32], frames: &[u32], sampled: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len(&mut out, pops.len());
    svb::encode(pops, &mut out);
    svb::encode(frames, &mut out);
    put_len(&mut out, sampled.len());
    out.extend_from_slice(&rising_gaps(sampled, false));
    out
}

/// Reads a trie over `frames` frames that a format of `version` wrote, and what packed sample rows refer to.
pub(crate) async fn read(
    bytes: &[u8],
    version: u8,
    frames: usize,
    pause: &impl YieldNow,
) -> Result<(StackTable, Vec<u32>), Fault> {
    let reader = &mut ByteReader::new(bytes);
    let count = svb_count(reader)?;
    let pops = svb_column(reader, count)?;
    let frame = svb_column(reader, count)?;
    let mut sampled = Vec::new();
    if version > 2 {
        let rows = svb_count(reader)?;
        let beyond = Fault::Invariant("a sampled stack that is none");
        sampled = read_rising_gaps(reader, rows, false, count + 1, beyond)?;
    }
    expect_end(reader)?;
    let (mut stacks, mut work) = (StackTable::default(), Work::default());
    let mut at = StackId::ROOT;
    for part in slices(0..pops.len()) {
        work.done(part.len() * STACK, pause).await;
        for (&pops, &frame) in pops[part.clone()].iter().zip(&frame[part]) {
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
    }
    Ok((stacks, sampled))
}
