//! A batch as bytes: how a decode worker hands it to the engine's worker.
//!
//! Both sides are the same build, so that the version is only a guard; nothing here is ever stored.

use emberglass_columns::{ByteReader, PackedInts, ReadError, put_i64, put_u64};

use crate::{
    Attribute, AttributeSetId, AttributeValue, Batch, ContentHash, ErrorCode, Frame, FrameId, Function, FunctionCosts,
    FunctionId, InputError, Mapping, MappingId, ProfileEntry, ProfileType, SampleTable, StackId, StringId, Symbols,
    Timeline, ValueColumn, Warnings,
};

const VERSION: u8 = 2;

/// The most that [`Batch::from_wire`] takes: what comes of it while it is stored is about six times as long, and a
/// worker has 4 GiB.
pub const MOST_WIRE_BYTES: usize = 512 << 20;

/// Bytes that are collected before they are handed out.
const PIECE: usize = 1 << 20;

/// Bytes on their way out, piece by piece.
struct Out<'p> {
    bytes: Vec<u8>,
    piece: &'p mut dyn FnMut(&[u8]),
}

impl Out<'_> {
    fn spill(&mut self, from: usize) {
        if self.bytes.len() >= from {
            (self.piece)(&self.bytes);
            self.bytes.clear();
        }
    }
}

impl Batch {
    /// The batch as bytes.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        self.write_wire(&mut |piece| wire.extend_from_slice(piece));
        wire
    }

    /// Hands the batch as bytes to `piece`, a MiB or little more at a time: a large one need not be held twice.
    pub fn write_wire(&self, piece: &mut dyn FnMut(&[u8])) {
        let mut out = Out { bytes: vec![VERSION], piece };
        self.put(&mut out);
        out.spill(0);
    }

    fn put(&self, to: &mut Out<'_>) {
        let Self {
            format,
            content_hash,
            symbols,
            stacks,
            attributes,
            tables,
            function_tables,
            profiles,
            default_sample_type,
            default_entry,
            service_name,
            comments,
            metadata,
            drop_frames,
            keep_frames,
            warnings,
        } = self;
        let out = &mut to.bytes;
        out.extend_from_slice(&content_hash.0.to_le_bytes());
        for text in [format, default_sample_type, service_name, drop_frames, keep_frames] {
            put_text(out, text);
        }
        put_len(out, comments.len());
        for comment in comments {
            put_text(out, comment);
        }
        put_pairs(out, metadata);
        put_u64(out, default_entry.map_or(0, |entry| u64::from(entry) + 1));
        put_symbols(to, symbols);
        put_len(&mut to.bytes, stacks.len() - 1);
        for (row, (parent, frame)) in stacks.parents().iter().zip(stacks.frames()).enumerate().skip(1) {
            put_u64(&mut to.bytes, (row - parent.index()) as u64);
            put_u64(&mut to.bytes, u64::from(frame.0));
            to.spill(PIECE);
        }
        put_len(&mut to.bytes, attributes.len() - 1);
        for row in 1..attributes.len() as u32 {
            let set = attributes.get(AttributeSetId(row));
            put_len(&mut to.bytes, set.len());
            for attribute in set {
                put_attribute(&mut to.bytes, attribute);
            }
            to.spill(PIECE);
        }
        put_len(&mut to.bytes, tables.len());
        for table in tables {
            put_table(to, table);
        }
        let out = &mut to.bytes;
        put_len(out, function_tables.len());
        for costs in function_tables {
            costs.put(out);
        }
        put_len(out, profiles.len());
        for entry in profiles {
            put_entry(out, entry);
        }
        put_len(out, warnings.as_slice().len());
        for warning in warnings.as_slice() {
            put_text(out, &warning.code);
            put_text(out, &warning.message);
            put_u64(out, warning.offset.map_or(0, |offset| offset + 1));
            put_u64(out, warning.count);
        }
    }

    /// Whether a batch of `len` bytes can be taken, before they are copied.
    ///
    /// # Errors
    /// `too-large` beyond [`MOST_WIRE_BYTES`].
    pub fn check_wire(len: usize) -> Result<(), InputError> {
        if len <= MOST_WIRE_BYTES {
            return Ok(());
        }
        let message = format!(
            "the decoded profiles take {len} bytes, and {MOST_WIRE_BYTES} can be stored at a time; \
             the command line reads and converts files of this size"
        );
        Err(InputError::new(ErrorCode::TooLarge, message))
    }

    /// Reads what [`Self::to_wire`] wrote.
    ///
    /// # Errors
    /// `malformed` or `truncated` for anything else, `unsupported-version` for another build's bytes, `too-large` as
    /// [`Self::check_wire`].
    pub fn from_wire(bytes: &[u8]) -> Result<Self, InputError> {
        Self::check_wire(bytes.len())?;
        let mut reader = ByteReader::new(bytes);
        let version = reader.u8().map_err(at)?;
        if version != VERSION {
            return Err(InputError::at(ErrorCode::UnsupportedVersion, 0, format!("batch of version {version}")));
        }
        let batch = read_batch(&mut reader).map_err(at)?;
        if !reader.is_empty() {
            let offset = reader.position() as u64;
            return Err(InputError::at(ErrorCode::Malformed, offset, "bytes after the end of the batch"));
        }
        Ok(batch)
    }
}

fn at(error: ReadError) -> InputError {
    InputError::read(0, error)
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    put_u64(out, len as u64);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_pairs(out: &mut Vec<u8>, pairs: &[(String, String)]) {
    put_len(out, pairs.len());
    for (name, value) in pairs {
        put_text(out, name);
        put_text(out, value);
    }
}

fn put_symbols(to: &mut Out<'_>, symbols: &Symbols) {
    let Symbols { strings, functions, mappings, frames } = symbols;
    put_len(&mut to.bytes, strings.len() - 1);
    for text in strings.iter().skip(1) {
        put_text(&mut to.bytes, text);
        to.spill(PIECE);
    }
    put_len(&mut to.bytes, functions.len());
    for Function { name, system_name, file, start_line } in functions.iter() {
        for number in [name.0, system_name.0, file.0, start_line] {
            put_u64(&mut to.bytes, u64::from(number));
        }
        to.spill(PIECE);
    }
    put_len(&mut to.bytes, mappings.len() - 1);
    for Mapping { start, limit, offset, file, build_id } in mappings.iter().skip(1) {
        for number in [start, limit, offset, u64::from(file.0), u64::from(build_id.0)] {
            put_u64(&mut to.bytes, number);
        }
    }
    put_len(&mut to.bytes, frames.len());
    for Frame { function, line, column, mapping, inlined } in frames.iter() {
        for number in [function.0, line, column, mapping.0] {
            put_u64(&mut to.bytes, u64::from(number));
        }
        to.bytes.push(u8::from(inlined));
        to.spill(PIECE);
    }
}

fn put_attribute(out: &mut Vec<u8>, attribute: &Attribute) {
    put_u64(out, u64::from(attribute.key.0));
    match attribute.value {
        AttributeValue::Text(text) => {
            out.push(0);
            put_u64(out, u64::from(text.0));
        }
        AttributeValue::Number(number, unit) => {
            out.push(1);
            put_i64(out, number);
            put_u64(out, u64::from(unit.0));
        }
    }
}

fn put_table(to: &mut Out<'_>, table: &SampleTable) {
    let SampleTable { stack, attributes, columns, records, timeline } = table;
    put_u64(&mut to.bytes, *records);
    put_len(&mut to.bytes, stack.len());
    for (stack, attributes) in stack.iter().zip(attributes) {
        put_u64(&mut to.bytes, u64::from(stack.0));
        put_u64(&mut to.bytes, u64::from(attributes.0));
        to.spill(PIECE);
    }
    put_len(&mut to.bytes, columns.len());
    for ValueColumn { values, scale } in columns {
        to.bytes.push(*scale);
        for &value in values {
            put_i64(&mut to.bytes, value);
            to.spill(PIECE);
        }
    }
    put_len(&mut to.bytes, timeline.as_ref().map_or(0, |timeline| timeline.time.len()));
    if let Some(timeline) = timeline {
        let mut before = 0;
        for (time, row) in timeline.records() {
            put_i64(&mut to.bytes, time.wrapping_sub(before));
            put_u64(&mut to.bytes, u64::from(row));
            before = time;
            to.spill(PIECE);
        }
        for value in timeline.values.iter().flat_map(PackedInts::iter) {
            put_i64(&mut to.bytes, value);
            to.spill(PIECE);
        }
    }
}

fn put_entry(out: &mut Vec<u8>, entry: &ProfileEntry) {
    let ProfileEntry { profile_type, table, column, labels, start, duration, period } = entry;
    let ProfileType { name, sample_type, sample_unit, period_type, period_unit } = profile_type;
    for text in [name, sample_type, sample_unit, period_type, period_unit] {
        put_text(out, text);
    }
    put_u64(out, u64::from(*table));
    put_u64(out, u64::from(*column));
    put_pairs(out, labels);
    out.push(u8::from(start.is_some()));
    put_i64(out, start.unwrap_or_default());
    put_i64(out, *duration);
    put_i64(out, *period);
}

type Read<T> = Result<T, ReadError>;

fn text(reader: &mut ByteReader<'_>) -> Read<String> {
    reader.str().map(str::to_owned)
}

fn pairs(reader: &mut ByteReader<'_>) -> Read<Vec<(String, String)>> {
    (0..reader.count()?).map(|_| Ok((text(reader)?, text(reader)?))).collect()
}

fn read_batch(reader: &mut ByteReader<'_>) -> Read<Batch> {
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
        batch.function_tables.push(FunctionCosts::read(reader)?);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SampleTableBuilder;

    fn sample() -> Batch {
        let mut batch = Batch {
            format: "pprof".to_owned(),
            content_hash: ContentHash(u128::MAX - 7),
            comments: vec!["one".to_owned(), String::new()],
            metadata: vec![("agent".to_owned(), "g\u{f6}".to_owned())],
            drop_frames: "runtime.*".to_owned(),
            ..Batch::default()
        };
        let name = batch.symbols.strings.intern("main.main");
        let function = batch.symbols.functions.intern(Function { name, start_line: 3, ..Function::default() });
        let mapping = batch.symbols.mappings.push(Mapping { start: u64::MAX, file: name, ..Mapping::default() });
        let frame =
            batch.symbols.frames.intern(Frame { function, line: 9, mapping, inlined: true, ..Frame::default() });
        let stack = batch.stacks.push(StackId::ROOT, frame).unwrap();
        let deeper = batch.stacks.push(stack, frame).unwrap();
        let attribute = Attribute { key: name, value: AttributeValue::Number(-4, name) };
        let set = batch.attributes.intern(&mut [attribute]);
        let mut rows = SampleTableBuilder::new(&[0, 3]);
        rows.add_at(i64::MAX, deeper, set, &[i64::MIN, 5]).unwrap();
        rows.add(StackId::ROOT, AttributeSetId::EMPTY, &[i64::MAX, 0]).unwrap();
        batch.tables.push(rows.finish());
        batch.function_tables.push(FunctionCosts {
            table: 0,
            function: vec![function],
            own: vec![vec![-3], vec![4]],
            total: vec![vec![i64::MIN], vec![i64::MAX]],
        });
        batch.profiles.push(ProfileEntry {
            profile_type: "a:b:count::".parse().unwrap(),
            start: Some(-1),
            labels: vec![("thread".to_owned(), "7".to_owned())],
            ..ProfileEntry::default()
        });
        batch.warnings.add("odd", Some(0), || "odd".to_owned());
        batch
    }

    #[test]
    fn a_batch_survives_the_crossing() {
        let bytes = sample().to_wire();
        let again = Batch::from_wire(&bytes).unwrap();
        assert_eq!(again.to_wire(), bytes);
        assert_eq!(again.profiles, sample().profiles);
        assert_eq!(again.tables[0].columns, sample().tables[0].columns);
        assert_eq!(again.tables[0].timeline, sample().tables[0].timeline);
        assert_eq!(again.function_tables, sample().function_tables);
        assert_eq!(again.warnings, sample().warnings);
        assert_eq!(again.symbols.function_name(FunctionId(0)), "main.main");
    }

    #[test]
    fn a_large_batch_goes_out_piece_by_piece() {
        let mut batch = sample();
        let mut rows = SampleTableBuilder::new(&[0]);
        for row in 0..400_000 {
            rows.add_at(row, StackId((row % 3) as u32), AttributeSetId::EMPTY, &[row << 20]).unwrap();
        }
        batch.tables.push(rows.finish());
        let mut pieces = Vec::new();
        batch.write_wire(&mut |piece| pieces.push(piece.to_vec()));
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() < PIECE + 64), "{}", pieces.len());
        assert_eq!(pieces.concat(), batch.to_wire());
        let again = Batch::from_wire(&pieces.concat()).unwrap();
        assert_eq!(again.tables[1].timeline, batch.tables[1].timeline);
        assert_eq!(Batch::check_wire(MOST_WIRE_BYTES + 1).unwrap_err().code, ErrorCode::TooLarge);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
            let mut bytes = sample().to_wire();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _changed = Batch::from_wire(&bytes);
            bytes.truncate(cut % bytes.len());
            prop_assert!(Batch::from_wire(&bytes).is_err());
        }
    }
}
