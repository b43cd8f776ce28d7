//! Bytes to batches.

use emberglass_columns::{ByteReader, PackedInts, ReadError};

use crate::{
    Attribute, AttributeSetId, AttributeValue, Batch, ContentHash, Frame, FrameId, Function, FunctionCosts, FunctionId,
    Mapping, MappingId, ProfileEntry, ProfileType, SampleTable, StackId, StringId, Symbols, Timeline, ValueColumn,
    Warnings,
};

type Read<T> = Result<T, ReadError>;

fn text(reader: &mut ByteReader<'_>) -> Read<String> {
    reader.str().map(str::to_owned)
}

fn pairs(reader: &mut ByteReader<'_>) -> Read<Vec<(String, String)>> {
    (0..reader.count()?).map(|_| Ok((text(reader)?, text(reader)?))).collect()
}

pub(super) fn read_batch(reader: &mut ByteReader<'_>) -> Read<Batch> {
    let mut hash = [0; 16];
    hash.copy_from_slice(reader.take(16)?);
    let mut batch = Batch {
        content_hash: ContentHash(u128::from_le_bytes(hash)),
        format: text(reader)?,
        default_sample_type: text(reader)?,
        service_name: text(reader)?,
        drop_frames: text(reader)?,
        keep_frames: text(reader)?,
        ..Batch::default()
    };
    for _ in 0..reader.count()? {
        batch.comments.push(text(reader)?);
    }
    batch.metadata = pairs(reader)?;
    let default_entry = reader.varint()?;
    batch.default_entry = default_entry.checked_sub(1).and_then(|entry| u32::try_from(entry).ok());
    read_symbols(reader, &mut batch.symbols)?;
    for row in 1..=reader.count()? {
        let back = reader.varint_u32()?;
        let frame = FrameId(reader.varint_u32()?);
        let parent = StackId((row as u32).saturating_sub(back));
        let _row = batch.stacks.push(parent, frame);
    }
    for _ in 0..reader.count()? {
        let mut set = Vec::new();
        for _ in 0..reader.count()? {
            set.push(read_attribute(reader)?);
        }
        batch.attributes.intern(&mut set);
    }
    for _ in 0..reader.count()? {
        let table = read_table(reader)?;
        batch.tables.push(table);
    }
    for _ in 0..reader.count()? {
        batch.function_tables.push(read_costs(reader)?);
    }
    for _ in 0..reader.count()? {
        batch.profiles.push(read_entry(reader)?);
    }
    batch.warnings = read_warnings(reader)?;
    Ok(batch)
}

fn read_symbols(reader: &mut ByteReader<'_>, symbols: &mut Symbols) -> Read<()> {
    for _ in 0..reader.count()? {
        let text = reader.str()?;
        symbols.strings.intern(text);
    }
    for _ in 0..reader.count()? {
        let name = StringId(reader.varint_u32()?);
        let system_name = StringId(reader.varint_u32()?);
        let file = StringId(reader.varint_u32()?);
        let start_line = reader.varint_u32()?;
        symbols.functions.intern(Function { name, system_name, file, start_line });
    }
    for _ in 0..reader.count()? {
        let (start, limit, offset) = (reader.varint()?, reader.varint()?, reader.varint()?);
        let file = StringId(reader.varint_u32()?);
        let build_id = StringId(reader.varint_u32()?);
        symbols.mappings.push(Mapping { start, limit, offset, file, build_id });
    }
    for _ in 0..reader.count()? {
        let function = FunctionId(reader.varint_u32()?);
        let (line, column) = (reader.varint_u32()?, reader.varint_u32()?);
        let mapping = MappingId(reader.varint_u32()?);
        let inlined = reader.u8()? != 0;
        symbols.frames.intern(Frame { function, line, column, mapping, inlined });
    }
    Ok(())
}

fn read_attribute(reader: &mut ByteReader<'_>) -> Read<Attribute> {
    let key = StringId(reader.varint_u32()?);
    let value = if reader.u8()? == 0 {
        AttributeValue::Text(StringId(reader.varint_u32()?))
    } else {
        AttributeValue::Number(reader.zigzag()?, StringId(reader.varint_u32()?))
    };
    Ok(Attribute { key, value })
}

fn read_table(reader: &mut ByteReader<'_>) -> Read<SampleTable> {
    let mut table = SampleTable { records: reader.varint()?, ..SampleTable::default() };
    let rows = reader.count()?;
    for _ in 0..rows {
        table.stack.push(StackId(reader.varint_u32()?));
        table.attributes.push(AttributeSetId(reader.varint_u32()?));
    }
    for _ in 0..reader.count()? {
        let scale = reader.u8()?;
        let values = (0..rows).map(|_| reader.zigzag()).collect::<Read<Vec<i64>>>()?;
        table.columns.push(ValueColumn { values, scale });
    }
    let records = reader.count()?;
    if records > 0 {
        let mut timeline = Timeline::default();
        let mut before = 0i64;
        for _ in 0..records {
            before = before.wrapping_add(reader.zigzag()?);
            timeline.time.push(before);
            timeline.row.push(reader.varint_u32()?.into());
        }
        for _ in 0..table.columns.len() {
            timeline.values.push((0..records).map(|_| reader.zigzag()).collect::<Read<PackedInts>>()?);
        }
        table.timeline = Some(timeline);
    }
    Ok(table)
}

fn read_costs(reader: &mut ByteReader<'_>) -> Read<FunctionCosts> {
    let table = reader.varint_u32()?;
    let rows = reader.count()?;
    let function = (0..rows).map(|_| Ok(FunctionId(reader.varint_u32()?))).collect::<Read<_>>()?;
    let columns = reader.count()?;
    let mut column = || (0..rows).map(|_| reader.zigzag()).collect::<Read<Vec<i64>>>();
    let own = (0..columns).map(|_| column()).collect::<Read<_>>()?;
    let total = (0..columns).map(|_| column()).collect::<Read<_>>()?;
    Ok(FunctionCosts { table, function, own, total })
}

fn read_entry(reader: &mut ByteReader<'_>) -> Read<ProfileEntry> {
    let profile_type = ProfileType {
        name: text(reader)?,
        sample_type: text(reader)?,
        sample_unit: text(reader)?,
        period_type: text(reader)?,
        period_unit: text(reader)?,
    };
    let (table, column) = (reader.varint_u32()?, reader.varint_u32()?);
    let labels = pairs(reader)?;
    let has_start = reader.u8()? != 0;
    let start = reader.zigzag()?;
    let (duration, period) = (reader.zigzag()?, reader.zigzag()?);
    let start = has_start.then_some(start);
    Ok(ProfileEntry { profile_type, table, column, labels, start, duration, period })
}

fn read_warnings(reader: &mut ByteReader<'_>) -> Read<Warnings> {
    let mut warnings = Warnings::default();
    for _ in 0..reader.count()? {
        let (code, message) = (text(reader)?, text(reader)?);
        let offset = reader.varint()?.checked_sub(1);
        warnings.add_many(&code, reader.varint()?, offset, || message);
    }
    Ok(warnings)
}
