//! What a merger holds as bytes: how one engine merges a part of a query for another.
//!
//! Both are the same build, so that the version is only a guard; nothing here is ever stored. Sums cross as they are kept, in
//! 128 bits and by divisor, and every node does: what two mergers hold together is what one would hold, to the last bit.

use emberglass_columns::{ByteReader, ReadError, ReadErrorKind, put_u64};

use crate::functions::FunctionUnion;
use crate::layer::{INDEXED, grown};
use crate::{ChildIndex, Granularity, Merger, TreeOverflow, Work, YieldNow, slices};

const VERSION: u8 = 1;
/// Units of [`Work`] of a number that is written or read.
const NUMBER: usize = 1;

/// Why what another merger holds can't be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes are not those of a merger, or of another build's.
    #[error("not what a merger of this build holds: {0}")]
    Read(#[from] ReadError),
    /// It tells other things apart.
    #[error("merged by another granularity")]
    Granularity,
    /// A sum leaves 128 bits.
    #[error(transparent)]
    Overflow(#[from] TreeOverflow),
}

const fn code(granularity: Granularity) -> u8 {
    match granularity {
        Granularity::Function => 0,
        Granularity::Name => 1,
        Granularity::Line => 2,
    }
}

fn put_wide(out: &mut Vec<u8>, value: i128) {
    let mut rest = ((value << 1) ^ (value >> 127)) as u128;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn wide(reader: &mut ByteReader<'_>) -> Result<i128, ReadError> {
    let offset = reader.position();
    let mut zigzag = 0u128;
    for shift in (0..u128::BITS).step_by(7) {
        let byte = reader.u8()?;
        zigzag |= u128::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok((zigzag >> 1) as i128 ^ -((zigzag & 1) as i128));
        }
    }
    Err(ReadError { offset, kind: ReadErrorKind::VarintTooLong })
}

fn out_of_range(reader: &ByteReader<'_>) -> ReadError {
    ReadError { offset: reader.position(), kind: ReadErrorKind::OutOfRange }
}

impl Merger {
    /// What it holds, in slices.
    pub async fn to_wire(&self, work: &mut Work, pause: &impl YieldNow) -> Vec<u8> {
        let Self { functions, index, sums } = self;
        let mut out = vec![VERSION, code(functions.granularity())];
        functions.put(&mut out, work, pause).await;
        put_u64(&mut out, index.len() as u64);
        for rows in slices(1..index.len()) {
            work.done(rows.len() * 2 * NUMBER, pause).await;
            for row in rows {
                put_u64(&mut out, (row - index.parents()[row] as usize) as u64);
                put_u64(&mut out, u64::from(index.keys()[row]));
            }
        }
        put_u64(&mut out, sums.columns().count() as u64);
        for (divisor, scale, values) in sums.columns() {
            put_u64(&mut out, divisor);
            out.push(scale);
            put_u64(&mut out, values.len() as u64);
            for rows in slices(0..values.len()) {
                work.done(rows.len() * NUMBER, pause).await;
                values[rows].iter().for_each(|&value| put_wide(&mut out, value));
            }
        }
        out
    }

    /// Adds what another merger holds, in slices: as if its layers had been added here. Given up before its end, or with an
    /// error, it leaves a part of them in the merger.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn add_wire(&mut self, bytes: &[u8], work: &mut Work, pause: &impl YieldNow) -> Result<(), WireError> {
        let Self { functions, index, sums } = self;
        let mut reader = ByteReader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(out_of_range(&reader).into());
        }
        if reader.u8()? != code(functions.granularity()) {
            return Err(WireError::Granularity);
        }
        let of_part = FunctionUnion::read(&mut reader, functions.granularity(), work, pause).await?;
        let keys = functions.add_union(&of_part, work, pause).await;
        let node_of = add_nodes(index, &mut reader, &keys, work, pause).await?;
        for _ in 0..reader.count()? {
            let (divisor, scale, rows) = (reader.varint()?, reader.u8()?, reader.count()?);
            if rows > node_of.len() {
                return Err(out_of_range(&reader).into());
            }
            let column = grown(sums, (divisor, scale), index.len(), work, pause).await;
            for part in slices(0..rows) {
                work.done(part.len() * NUMBER, pause).await;
                for &node in &node_of[part] {
                    let sum = &mut column[node as usize];
                    *sum = sum.checked_add(wide(&mut reader)?).ok_or(TreeOverflow)?;
                }
            }
        }
        if reader.is_empty() { Ok(()) } else { Err(out_of_range(&reader).into()) }
    }
}

/// The node here of each node of the part.
async fn add_nodes(
    index: &mut ChildIndex,
    reader: &mut ByteReader<'_>,
    keys: &[u32],
    work: &mut Work,
    pause: &impl YieldNow,
) -> Result<Vec<u32>, WireError> {
    let mut node_of = vec![0];
    for rows in slices(1..reader.count()?) {
        work.done(rows.len() * INDEXED, pause).await;
        for row in rows {
            let (back, key) = (reader.varint_u32()? as usize, reader.varint_u32()? as usize);
            let (1.., Some(&key)) = (back, keys.get(key)) else { return Err(out_of_range(reader).into()) };
            let parent = row.checked_sub(back).and_then(|parent| node_of.get(parent)).copied();
            node_of.push(index.child(parent.ok_or_else(|| out_of_range(reader))?, key).0);
        }
    }
    Ok(node_of)
}
