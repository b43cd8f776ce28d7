//! Batches to bytes.

use emberglass_columns::{PackedInts, put_i64, put_u64};

use super::pieces::{Part, WirePieces};
use crate::{
    Attribute, AttributeSetId, AttributeValue, Batch, Frame, Function, FunctionCosts, Mapping, ProfileEntry,
    ProfileType, SampleTable, Symbols, ValueColumn,
};

/// What is to be written: short things as bytes, columns as rows that are written when their turn comes.
pub(super) struct Out<'b> {
    parts: Vec<Part<'b>>,
    /// What follows the last of the parts.
    bytes: Vec<u8>,
}

impl<'b> Out<'b> {
    pub(super) fn new(version: u8) -> Self {
        Self { parts: Vec::new(), bytes: vec![version] }
    }

    /// Adds rows, each written by `put`.
    fn rows<R>(&mut self, rows: R, mut put: impl FnMut(&mut Vec<u8>, R::Item) + 'b)
    where
        R: IntoIterator<IntoIter: 'b>,
    {
        let mut rows = rows.into_iter();
        self.parts.push(Part::Bytes(std::mem::take(&mut self.bytes)));
        self.parts.push(Part::Rows(Box::new(move |bytes, until| {
            for row in rows.by_ref() {
                put(bytes, row);
                if bytes.len() >= until {
                    return true;
                }
            }
            false
        })));
    }

    pub(super) fn end(mut self) -> WirePieces<'b> {
        self.parts.push(Part::Bytes(self.bytes));
        WirePieces::new(self.parts)
    }
}

impl Batch {
    pub(super) fn put<'b>(&'b self, to: &mut Out<'b>) {
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
        let rows = stacks.parents().iter().zip(stacks.frames()).enumerate().skip(1);
        to.rows(rows, |out, (row, (parent, frame))| {
            put_u64(out, (row - parent.index()) as u64);
            put_u64(out, u64::from(frame.0));
        });
        put_len(&mut to.bytes, attributes.len() - 1);
        to.rows(1..attributes.len() as u32, |out, row| {
            let set = attributes.get(AttributeSetId(row));
            put_len(out, set.len());
            for attribute in set {
                put_attribute(out, attribute);
            }
        });
        put_len(&mut to.bytes, tables.len());
        for table in tables {
            put_table(to, table);
        }
        put_len(&mut to.bytes, function_tables.len());
        for costs in function_tables {
            put_costs(to, costs);
        }
        put_len(&mut to.bytes, profiles.len());
        to.rows(profiles, put_entry);
        let out = &mut to.bytes;
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

fn put_symbols<'b>(to: &mut Out<'b>, symbols: &'b Symbols) {
    let Symbols { strings, functions, mappings, frames } = symbols;
    put_len(&mut to.bytes, strings.len() - 1);
    to.rows(strings.iter().skip(1), put_text);
    put_len(&mut to.bytes, functions.len());
    to.rows(functions.iter(), |out, Function { name, system_name, file, start_line }| {
        for number in [name.0, system_name.0, file.0, start_line] {
            put_u64(out, u64::from(number));
        }
    });
    put_len(&mut to.bytes, mappings.len() - 1);
    to.rows(mappings.iter().skip(1), |out, Mapping { start, limit, offset, file, build_id }| {
        for number in [start, limit, offset, u64::from(file.0), u64::from(build_id.0)] {
            put_u64(out, number);
        }
    });
    put_len(&mut to.bytes, frames.len());
    to.rows(frames.iter(), |out, Frame { function, line, column, mapping, inlined }| {
        for number in [function.0, line, column, mapping.0] {
            put_u64(out, u64::from(number));
        }
        out.push(u8::from(inlined));
    });
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

fn put_table<'b>(to: &mut Out<'b>, table: &'b SampleTable) {
    let SampleTable { stack, attributes, columns, records, timeline } = table;
    put_u64(&mut to.bytes, *records);
    put_len(&mut to.bytes, stack.len());
    to.rows(stack.iter().zip(attributes), |out, (stack, attributes)| {
        put_u64(out, u64::from(stack.0));
        put_u64(out, u64::from(attributes.0));
    });
    put_len(&mut to.bytes, columns.len());
    for ValueColumn { values, scale } in columns {
        to.bytes.push(*scale);
        to.rows(values, |out, &value| put_i64(out, value));
    }
    put_len(&mut to.bytes, timeline.as_ref().map_or(0, |timeline| timeline.time.len()));
    if let Some(timeline) = timeline {
        let mut before = 0;
        to.rows(timeline.records(), move |out, (time, row)| {
            put_i64(out, time.wrapping_sub(before));
            put_u64(out, u64::from(row));
            before = time;
        });
        to.rows(timeline.values.iter().flat_map(PackedInts::iter), put_i64);
    }
}

fn put_costs<'b>(to: &mut Out<'b>, costs: &'b FunctionCosts) {
    let FunctionCosts { table, function, own, total } = costs;
    put_u64(&mut to.bytes, u64::from(*table));
    put_len(&mut to.bytes, function.len());
    to.rows(function, |out, function| put_u64(out, u64::from(function.0)));
    put_len(&mut to.bytes, own.len());
    to.rows(own.iter().chain(total).flatten(), |out, &value| put_i64(out, value));
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
