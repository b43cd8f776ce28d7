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
//!
//! | field of a stored value | type |
//! |---|---|
//! | what | 1 byte: 0 the manifest, 1 a section |
//! | with 0: generation | varint |
//! | with 1: block, kind, part | varint, 1 byte, varint |
//! | length, checksum of the value | varint, 4 bytes |

use emberglass_columns::{ByteReader, checksum, put_u64};

use super::stored::StoredValue;
use super::{MAX_BLOCK, PackEnd};
use crate::{BlockId, BlockMeta, Fault, SectionKey, SectionKind};

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

pub(super) fn put_stored(what: StoredValue, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match what {
        StoredValue::Manifest(generation) => {
            out.push(0);
            put_u64(&mut out, generation);
        }
        StoredValue::Section(SectionKey { block, kind, part }) => {
            out.push(1);
            put_u64(&mut out, block.0);
            out.push(kind.code());
            put_u64(&mut out, part.into());
        }
    }
    put_u64(&mut out, value.len() as u64);
    out.extend_from_slice(&checksum(value).0.to_le_bytes());
    out
}

/// What a stored value is, its length and its checksum.
pub(super) fn read_stored(bytes: &[u8]) -> Result<(StoredValue, usize, u32), Fault> {
    let reader = &mut ByteReader::new(bytes);
    let what = match reader.u8()? {
        0 => StoredValue::Manifest(reader.varint()?),
        1 => {
            let (block, kind) = (BlockId(reader.varint()?), SectionKind::from_code(reader.u8()?));
            let part = u16::try_from(reader.varint()?).ok().ok_or(Fault::Invariant("a part beyond 65535"))?;
            StoredValue::Section(SectionKey { block, kind, part })
        }
        _ => return Err(Fault::Invariant("neither a manifest nor a section")),
    };
    let (len, sum) = (reader.varint()?, reader.u32_le()?);
    if !reader.is_empty() {
        return Err(Fault::Invariant("bytes after the end of a stored value's row"));
    }
    match usize::try_from(len).ok().filter(|_| len <= MAX_BLOCK) {
        Some(len) => Ok((what, len, sum)),
        None => Err(Fault::Invariant("a value of more than 2^30 bytes")),
    }
}
