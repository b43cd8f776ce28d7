//! The rows of a pack: what a block holds, and what the end says.
//!
//! | field of a block's row | type |
//! |---|---|
//! | level | varint |
//! | first start, last start | zig-zag varints, ns |
//! | profiles, series | varints |
//! | sections `m` | varint |
//! | section x m: kind, part, length, checksum | 1 byte, varint, varint, 4 bytes; sorted by (kind, part) |
//!
//! | field of the end | type |
//! |---|---|
//! | blocks `n`, profiles | varints |
//! | block x n: bytes | varint, of its item and its values |

use emberglass_columns::{ByteReader, put_u64};

use super::{MAX_BLOCK, PackEnd};
use crate::{BlockMeta, Fault};

pub(super) fn put_block(meta: &BlockMeta) -> Vec<u8> {
    let mut out = Vec::new();
    meta.put(&mut out);
    out
}

pub(super) fn read_block(bytes: &[u8]) -> Result<BlockMeta, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let meta = BlockMeta::read(reader)?;
    if !reader.is_empty() {
        return Err(Fault::Invariant("bytes after the end of a block's row"));
    }
    if meta.bytes() > MAX_BLOCK {
        return Err(Fault::Invariant("a block of more than 2^30 bytes"));
    }
    Ok(meta)
}

pub(super) fn put_end(blocks: &[u64], profiles: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_u64(&mut out, blocks.len() as u64);
    put_u64(&mut out, profiles);
    for &bytes in blocks {
        put_u64(&mut out, bytes);
    }
    out
}

/// The end, and the bytes of all blocks that it states.
pub(super) fn read_end(bytes: &[u8]) -> Result<(PackEnd, u64), Fault> {
    let reader = &mut ByteReader::new(bytes);
    let (blocks, profiles) = (reader.varint()?, reader.varint()?);
    let mut all = 0u64;
    let mut count = 0;
    while !reader.is_empty() {
        all = all.checked_add(reader.varint()?).ok_or(Fault::Invariant("blocks beyond 2^64 bytes"))?;
        count += 1;
    }
    if count != blocks {
        return Err(Fault::Invariant("the end has not as many blocks as it says"));
    }
    Ok((PackEnd { blocks, profiles }, all))
}
