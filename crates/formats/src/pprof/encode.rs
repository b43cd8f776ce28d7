//! Writes pprof, compressed with gzip.
//!
//! - The types of the profiles are the sample types, equal ones one; profiles with labels (thread, process, event)
//!   have them as labels of their samples; samples that agree in stack and labels are one.
//! - Inlined frames are lines of the location around them; a frame whose name is an address is a location without
//!   lines; addresses of other locations are 0, since frames don't keep them.
//! - Values are whole numbers: fractions are rounded, with what is rounded off carried to the next sample.
//! - Facts without a field of their own (metadata, the service's name) are comments.
//!
//! Not written: times of samples, the first part of profile type ids (it follows from the sample types).
//! Counted warnings: `rounded-values`, `empty-labels` (a text label without text reads as a number), `periods`
//! (there is one period for all), `inlined-flags`.

use std::collections::BTreeMap;

use emberglass_profile::{
    AttributeSetId, AttributeValue, Batch, ErrorCode, InputError, ProfileEntry, SampleTable, SampleTableBuilder,
    Warnings,
};

use super::Pprof;
use super::locations::Locations;
use super::message::{Message, Strings};
use super::scan::field;
use crate::encoder::MAX_OUTPUT;
use crate::export::{Lane, Whole};
use crate::{Encoded, Encoder, Export, gzip};

/// Metadata that the decoder finds elsewhere in the file.
const KNOWN_METADATA: &[&str] = &["doc_url", "build_id"];

impl Encoder for Pprof {
    fn name(&self) -> &'static str {
        "pprof"
    }

    fn description(&self) -> &'static str {
        "pprof"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pb.gz", "pprof", "pprof.gz"]
    }

    fn media_type(&self) -> &'static str {
        "application/vnd.google.protobuf+gzip"
    }

    fn holds_many(&self) -> bool {
        true
    }

    fn encode(&self, export: &Export<'_>) -> Result<Encoded, InputError> {
        let mut warnings = Warnings::default();
        let bytes = write(export, &mut warnings)?;
        Ok(Encoded { bytes: gzip::compress(&bytes), warnings })
    }
}

fn write(export: &Export<'_>, warnings: &mut Warnings) -> Result<Vec<u8>, InputError> {
    let lanes = export.lanes();
    let types = Types::new(export, &lanes);
    let mut strings = Strings::default();
    let mut out = Message::default();
    for &(kind, unit, _) in &types.list {
        let value_type = value_type(kind, unit, &mut strings);
        out.bytes(field::SAMPLE_TYPE, &value_type.0);
    }
    if types.list.is_empty() {
        let value_type = value_type("samples", "count", &mut strings);
        out.bytes(field::SAMPLE_TYPE, &value_type.0);
    }
    let mut locations = Locations::new(export.batch, warnings);
    let mut labels = Labels::default();
    let rows = add_up(export.batch, &lanes, &types, &locations, &mut labels, &mut strings, warnings)?;
    write_samples(&rows, &mut locations, &labels, &mut out)?;
    locations.write(&mut strings, &mut out);
    let mut facts = Message::default();
    write_facts(export, &mut strings, &mut facts, warnings);
    strings.write(field::STRING, &mut out);
    out.0.append(&mut facts.0);
    Ok(out.0)
}

fn value_type(kind: &str, unit: &str, strings: &mut Strings) -> Message {
    let mut message = Message::default();
    message.number(1, strings.index(kind));
    message.number(2, strings.index(unit));
    message
}

/// The sample types: name, unit, and which of those that are equal among profiles of the same samples.
struct Types<'a> {
    list: Vec<(&'a str, &'a str, usize)>,
    /// Decimal places of each.
    scales: Vec<u8>,
    /// The column of each entry of each lane.
    columns: Vec<Vec<usize>>,
}

impl<'a> Types<'a> {
    fn new(export: &Export<'a>, lanes: &[Lane<'a>]) -> Self {
        let mut types = Self { list: Vec::new(), scales: Vec::new(), columns: vec![Vec::new(); lanes.len()] };
        // In the order of the profiles, whatever lane they are of.
        let mut keys = vec![None; export.profiles.len()];
        for lane in lanes {
            for (at, (&entry, &place)) in lane.entries.iter().zip(&lane.places).enumerate() {
                let (kind, unit) = type_of(entry);
                let nth = lane.entries[..at].iter().filter(|before| type_of(before) == (kind, unit)).count();
                keys[place] = Some((kind, unit, nth));
            }
        }
        let column_of: Vec<usize> = keys
            .into_iter()
            .map(|key| {
                let Some(key) = key else { return 0 };
                types.list.iter().position(|known| *known == key).unwrap_or_else(|| {
                    types.list.push(key);
                    types.scales.push(0);
                    types.list.len() - 1
                })
            })
            .collect();
        for (lane, columns) in lanes.iter().zip(&mut types.columns) {
            for (&entry, &place) in lane.entries.iter().zip(&lane.places) {
                let column = column_of[place];
                types.scales[column] = types.scales[column].max(lane.column(entry).scale);
                columns.push(column);
            }
        }
        types
    }
}

fn type_of(entry: &ProfileEntry) -> (&str, &str) {
    (&entry.profile_type.sample_type, &entry.profile_type.sample_unit)
}

/// Label messages of samples, distinct; row 0 has none.
struct Labels {
    sets: Vec<Vec<u8>>,
    row_of: BTreeMap<Vec<u8>, u32>,
}

impl Default for Labels {
    fn default() -> Self {
        Self { sets: vec![Vec::new()], row_of: BTreeMap::from([(Vec::new(), 0)]) }
    }
}

impl Labels {
    /// The row of the labels of a profile and of a sample of it, in the order of their keys.
    fn row(
        &mut self,
        batch: &Batch,
        entry: &ProfileEntry,
        attributes: AttributeSetId,
        strings: &mut Strings,
        empty: &mut u64,
    ) -> AttributeSetId {
        let text = |id| batch.symbols.text(id);
        let of_sample = batch.attributes.get(attributes).iter().map(|attribute| {
            let value = match attribute.value {
                AttributeValue::Text(id) => Value::Text(text(id)),
                AttributeValue::Number(number, unit) => Value::Number(number, text(unit)),
            };
            (text(attribute.key), value)
        });
        let of_profile = entry.labels.iter().map(|(key, value)| (key.as_str(), Value::Text(value)));
        let mut labels: Vec<(&str, Value<'_>)> = of_profile.chain(of_sample).collect();
        emberglass_columns::heap_sort(&mut labels);
        let mut set = Message::default();
        for (key, value) in labels {
            let mut label = Message::default();
            label.number(1, strings.index(key));
            match value {
                Value::Text("") => {
                    *empty += 1;
                    continue;
                }
                Value::Text(text) => label.number(2, strings.index(text)),
                Value::Number(number, unit) => {
                    label.signed(3, number);
                    label.number(4, strings.index(unit));
                }
            }
            set.bytes(3, &label.0);
        }
        let new = self.sets.len() as u32;
        let row = *self.row_of.entry(set.0).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            new
        });
        AttributeSetId(row)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    Text(&'a str),
    Number(i64, &'a str),
}

/// The samples of all lanes, over stacks of locations and rows of labels.
fn add_up(
    batch: &Batch,
    lanes: &[Lane<'_>],
    types: &Types<'_>,
    locations: &Locations<'_>,
    labels: &mut Labels,
    strings: &mut Strings,
    warnings: &mut Warnings,
) -> Result<SampleTable, InputError> {
    let mut whole: Vec<Whole> = types.scales.iter().map(|&scale| Whole::new(scale)).collect();
    let mut rows = SampleTableBuilder::new(&vec![0; types.list.len()]);
    let mut values = vec![0i64; types.list.len()];
    let mut empty = 0;
    for (lane, columns) in lanes.iter().zip(&types.columns) {
        let Some(first) = lane.entries.first() else { continue };
        let mut set_of = vec![None; batch.attributes.len()];
        values.fill(0);
        for (row, (&stack, &attributes)) in lane.table.stack.iter().zip(&lane.table.attributes).enumerate() {
            if lane.is_part && lane.entries.iter().all(|entry| lane.value(entry, row) == 0) {
                continue;
            }
            for (entry, &column) in lane.entries.iter().zip(columns) {
                let places = types.scales[column] - lane.column(entry).scale;
                let scaled = i128::from(lane.value(entry, row)) * 10i128.pow(u32::from(places));
                values[column] = whole[column].next(scaled)?;
            }
            let known = set_of.get(attributes.index()).copied().flatten();
            let set = known.unwrap_or_else(|| labels.row(batch, first, attributes, strings, &mut empty));
            if let Some(slot) = set_of.get_mut(attributes.index()) {
                *slot = Some(set);
            }
            rows.add(locations.stack(stack), set, &values)?;
        }
    }
    let rounded = whole.iter().map(|whole| whole.rounded).sum();
    warnings.add_many("rounded-values", rounded, None, || {
        "values that are no whole numbers were rounded: pprof has integers only".to_owned()
    });
    warnings.add_many("empty-labels", empty, None, || {
        "labels without text are left out: pprof has no place for them".to_owned()
    });
    Ok(rows.finish())
}

fn write_samples(
    rows: &SampleTable,
    locations: &mut Locations<'_>,
    labels: &Labels,
    out: &mut Message,
) -> Result<(), InputError> {
    let (mut sample, mut packed) = (Message::default(), Vec::new());
    for (row, (&stack, set)) in rows.stack.iter().zip(&rows.attributes).enumerate() {
        sample.0.clear();
        sample.packed(1, locations.numbers(stack).iter().copied(), &mut packed);
        let values = rows.columns.iter().map(|column| column.values[row].cast_unsigned());
        sample.packed(2, values, &mut packed);
        if let Some(set) = labels.sets.get(set.index()) {
            sample.0.extend_from_slice(set);
        }
        out.bytes(field::SAMPLE, &sample.0);
        if out.0.len() > MAX_OUTPUT {
            return Err(InputError::new(ErrorCode::TooLarge, "the pprof would be more than 1 GiB before compression"));
        }
    }
    Ok(())
}

fn write_facts(export: &Export<'_>, strings: &mut Strings, out: &mut Message, warnings: &mut Warnings) {
    let Export { batch, profiles, .. } = export;
    out.number(field::DROP_FRAMES, strings.index(&batch.drop_frames));
    out.number(field::KEEP_FRAMES, strings.index(&batch.keep_frames));
    out.signed(field::TIME, profiles.iter().filter_map(|entry| entry.start).min().unwrap_or(0));
    out.signed(field::DURATION, profiles.iter().map(|entry| entry.duration).max().unwrap_or(0));
    let period_of = |entry: &&ProfileEntry| {
        let of = &entry.profile_type;
        (of.period_type.clone(), of.period_unit.clone(), entry.period)
    };
    let has_period = |entry: &&ProfileEntry| entry.period != 0 || !entry.profile_type.period_type.is_empty();
    let stated = profiles.iter().copied().find(has_period).map(|entry| period_of(&entry));
    if let Some((kind, unit, period)) = &stated {
        let value_type = value_type(kind, unit, strings);
        out.bytes(field::PERIOD_TYPE, &value_type.0);
        out.signed(field::PERIOD, *period);
        let others = profiles
            .iter()
            .filter(|entry| has_period(entry) && period_of(entry) != (kind.clone(), unit.clone(), *period));
        warnings.add_many("periods", others.count() as u64, None, || {
            format!("the profiles have several periods, and pprof has one for all: it is that of {kind:?}")
        });
    }
    let mut comments = Vec::new();
    for comment in &batch.comments {
        comments.push(strings.index(comment));
    }
    let service = Some(("service_name", batch.service_name.as_str())).filter(|(_, name)| !name.is_empty());
    let metadata = batch.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).chain(service);
    for (key, value) in metadata.filter(|(key, _)| !KNOWN_METADATA.contains(key)) {
        comments.push(strings.index(&format!("{key}: {value}")));
    }
    out.packed(field::COMMENT, comments.into_iter(), &mut Vec::new());
    let by_place = batch.default_entry.and_then(|at| batch.profiles.get(at as usize));
    let default = by_place.map_or(batch.default_sample_type.as_str(), |entry| &entry.profile_type.sample_type);
    if profiles.iter().any(|entry| entry.profile_type.sample_type == default) {
        out.number(field::DEFAULT_SAMPLE_TYPE, strings.index(default));
    }
    let doc_url = batch.metadata.iter().find(|(key, _)| key == "doc_url");
    out.number(field::DOC_URL, strings.index(doc_url.map_or("", |(_, url)| url)));
}
