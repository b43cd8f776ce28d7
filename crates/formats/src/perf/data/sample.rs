//! The fields of one sample.

use emberglass_profile::InputError;

use super::attrs::{Attr, bit};
use super::record::Part;

/// The fields of a sample up to its call chain.
#[derive(Default)]
pub(super) struct Fields<'f> {
    pub(super) address: Option<u64>,
    pub(super) process: u32,
    pub(super) thread: u32,
    pub(super) cpu: Option<u32>,
    pub(super) period: Option<i64>,
    chain: &'f [u8],
}

impl<'f> Fields<'f> {
    pub(super) fn read(attr: &Attr, part: &mut Part<'f>) -> Result<Self, InputError> {
        let has = |bit: u64| attr.sample_type & bit != 0;
        let mut fields = Self::default();
        if has(bit::IDENTIFIER) {
            part.skip(1)?;
        }
        if has(bit::IP) {
            fields.address = Some(part.u64()?);
        }
        if has(bit::TID) {
            (fields.process, fields.thread) = (part.u32()?, part.u32()?);
        }
        for skipped in [bit::TIME, bit::ADDR, bit::ID, bit::STREAM_ID] {
            if has(skipped) {
                part.skip(1)?;
            }
        }
        if has(bit::CPU) {
            fields.cpu = Some(part.u32()?);
            part.u32()?;
        }
        if has(bit::PERIOD) {
            fields.period = i64::try_from(part.u64()?).ok();
        }
        if has(bit::READ) {
            skip_read(attr.read_format, part)?;
        }
        if has(bit::CALLCHAIN) {
            let count = usize::try_from(part.u64()?).unwrap_or(usize::MAX);
            fields.chain = part.take(count.saturating_mul(8))?;
        }
        Ok(fields)
    }

    /// Addresses of the call chain, leaf first.
    pub(super) fn chain(&self) -> impl Iterator<Item = u64> + use<'f> {
        self.chain.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

/// Passes over the counters of a sample.
fn skip_read(format: u64, part: &mut Part<'_>) -> Result<(), InputError> {
    let times = (format & 3).count_ones() as u64;
    let per_value = 1 + u64::from(format & 4 != 0) + u64::from(format & 16 != 0);
    if format & 8 == 0 {
        return part.skip(times + per_value);
    }
    let count = part.u64()?;
    part.skip(times.saturating_add(count.saturating_mul(per_value)))
}
