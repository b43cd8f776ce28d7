//! Batches to bytes.

use emberglass_columns::{PackedInts, put_i64, put_u64};

use crate::{
    Attribute, AttributeSetId, AttributeValue, Batch, Frame, Function, Mapping, ProfileEntry, ProfileType, SampleTable,
    Symbols, ValueColumn,
};

/// Bytes that are collected before they are handed out.
pub(super) const PIECE: usize = 1 << 20;

/// Bytes on their way out, piece by piece.
pub(super) struct Out<'p> {
    bytes: Vec<u8>,
    piece: &'p mut dyn FnMut(&[u8]),
}

impl<'p> Out<'p> {
    pub(super) fn new(version: u8, piece: &'p mut dyn FnMut(&[u8])) -> Self {
        Self { bytes: vec![version], piece }
    }

    /// Hands out the rest.
    pub(super) fn end(mut self) {
        self.spill(0);
    }

    fn spill(&mut self, from: usize) {
        if self.bytes.len() >= from {
            (self.piece)(&self.bytes);
            self.bytes.clear();
        }
    }
}

impl Batch {
    pub(super) fn put(&self, to: &mut Out<'_>) {
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
