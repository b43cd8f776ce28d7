//! What the last walk over everything stored found.

use emberglass_columns::{ByteReader, put_i64, put_u64};

use crate::{BlockId, Fault, SectionKey, SectionKind};

/// What a scrub found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScrubReport {
    /// When it ended, ns since the epoch.
    pub at: i64,
    /// Sections read.
    pub sections: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sections that had another copy, which is in their place now.
    pub repaired: u64,
    /// Sections that can't be used, and why, by key.
    pub bad: Vec<(SectionKey, String)>,
}

impl ScrubReport {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let Self { at, sections, bytes, repaired, bad } = self;
        put_i64(out, *at);
        for number in [*sections, *bytes, *repaired, bad.len() as u64] {
            put_u64(out, number);
        }
        for (SectionKey { block, kind, part }, why) in bad {
            put_u64(out, block.0);
            out.push(kind.code());
            put_u64(out, u64::from(*part));
            put_u64(out, why.len() as u64);
            out.extend_from_slice(why.as_bytes());
        }
    }

    pub(crate) fn read(reader: &mut ByteReader<'_>) -> Result<Self, Fault> {
        let at = reader.zigzag()?;
        let (sections, bytes, repaired) = (reader.varint()?, reader.varint()?, reader.varint()?);
        let mut report = Self { at, sections, bytes, repaired, bad: Vec::new() };
        for _ in 0..reader.count()? {
            let block = BlockId(reader.varint()?);
            let kind = SectionKind::from_code(reader.u8()?);
            let part = u16::try_from(reader.varint()?).ok().ok_or(Fault::Invariant("a part beyond 65535"))?;
            report.bad.push((SectionKey { block, kind, part }, reader.str()?.to_owned()));
        }
        Ok(report)
    }
}
