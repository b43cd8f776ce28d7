//! The functions of a merge as bytes, in slices.

use emberglass_columns::{ByteReader, ReadError, put_u64};
use emberglass_profile::{Function, FunctionId, Mapping, MappingId, StringId};

use super::FunctionUnion;
use crate::{Granularity, Work, YieldNow};

/// Units of [`Work`] of a string or a function that is written, and of one that is looked up.
const WRITTEN: usize = 4;
const INTERNED: usize = 20;

impl FunctionUnion {
    /// Writes all of them; [`Self::read`] reads them again, in their rows.
    pub(crate) async fn put(&self, out: &mut Vec<u8>, work: &mut Work, pause: &impl YieldNow) {
        let Self { symbols, start_line, line, mapping, .. } = self;
        put_u64(out, symbols.strings.len() as u64 - 1);
        for text in symbols.strings.iter().skip(1) {
            work.done(WRITTEN, pause).await;
            put_u64(out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        put_u64(out, symbols.mappings.len() as u64 - 1);
        for Mapping { file, build_id, .. } in symbols.mappings.iter().skip(1) {
            for number in [file.0, build_id.0] {
                put_u64(out, u64::from(number));
            }
        }
        put_u64(out, self.len() as u64);
        for (row, Function { name, system_name, file, .. }) in symbols.functions.iter().enumerate() {
            work.done(WRITTEN, pause).await;
            for number in [name.0, system_name.0, file.0, start_line[row], line[row], mapping[row].0] {
                put_u64(out, u64::from(number));
            }
        }
    }

    /// Reads what [`Self::put`] wrote.
    pub(crate) async fn read(
        reader: &mut ByteReader<'_>,
        granularity: Granularity,
        work: &mut Work,
        pause: &impl YieldNow,
    ) -> Result<Self, ReadError> {
        let mut union = Self::new(granularity);
        for _ in 0..reader.count()? {
            work.done(INTERNED, pause).await;
            union.symbols.strings.intern(reader.str()?);
        }
        for _ in 0..reader.count()? {
            let (file, build_id) = (StringId(reader.varint_u32()?), StringId(reader.varint_u32()?));
            union.symbols.mappings.push(Mapping { file, build_id, ..Mapping::default() });
        }
        for _ in 0..reader.count()? {
            work.done(INTERNED, pause).await;
            let (name, system_name) = (StringId(reader.varint_u32()?), StringId(reader.varint_u32()?));
            let (file, start_line) = (StringId(reader.varint_u32()?), reader.varint_u32()?);
            union.symbols.functions.push(Function { name, system_name, file, start_line });
            union.start_line.push(start_line);
            union.line.push(reader.varint_u32()?);
            union.mapping.push(MappingId(reader.varint_u32()?));
        }
        Ok(union)
    }

    /// Adds all functions of another union of the same granularity; the row here of each of them.
    pub(crate) async fn add_union(&mut self, other: &Self, work: &mut Work, pause: &impl YieldNow) -> Vec<u32> {
        let mut layer = self.layer(&other.symbols);
        let mut keys = Vec::with_capacity(other.len());
        for ((&line, &mapping), row) in other.line.iter().zip(&other.mapping).zip(0u32..) {
            // Its name and its row.
            work.done(2 * INTERNED, pause).await;
            let key = layer.key(FunctionId(row));
            layer.see(key, line, mapping);
            keys.push(key);
        }
        keys
    }
}
