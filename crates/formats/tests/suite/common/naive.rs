//! A plain reading of a prost profile, and the same of a batch, to be compared.

use std::collections::BTreeMap;

use emberglass_profile::{AttributeValue, Batch, StackId, base_unit};

use super::proto::{Function, Location, Profile};

/// Name, system name, file, start line, line, column, binary, inlined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Frame {
    pub(crate) name: String,
    pub(crate) system_name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) mapping: (u64, u64, u64, String, String),
    pub(crate) inlined: bool,
}

/// Key, text, number, unit.
pub(crate) type Label = (String, Option<String>, i64, String);

/// Values by (stack, root first; labels, sorted).
pub(crate) type Rows = BTreeMap<(Vec<Frame>, Vec<Label>), Vec<i128>>;

fn text(profile: &Profile, index: i64) -> String {
    String::from_utf8_lossy(&profile.string_table[usize::try_from(index).unwrap()]).into_owned()
}

fn line_number(line: i64) -> u32 {
    u32::try_from(line).unwrap_or(0)
}

fn frames_of(profile: &Profile, location: &Location) -> Vec<Frame> {
    let mapping = profile.mapping.iter().find(|mapping| mapping.id == location.mapping_id && mapping.id != 0);
    let mapping = mapping.map_or_else(Default::default, |mapping| {
        let (file, build_id) = (text(profile, mapping.filename), text(profile, mapping.build_id));
        (mapping.memory_start, mapping.memory_limit, mapping.file_offset, file, build_id)
    });
    let address = if location.address == 0 { String::new() } else { format!("0x{:x}", location.address) };
    let nameless = Frame {
        name: address,
        system_name: String::new(),
        file: String::new(),
        line: 0,
        column: 0,
        mapping,
        inlined: false,
    };
    if location.line.is_empty() {
        return vec![nameless];
    }
    let last = location.line.len() - 1;
    let frame = |(at, line): (usize, &super::proto::Line)| {
        let function: Option<&Function> = profile.function.iter().find(|function| function.id == line.function_id);
        let mut frame = nameless.clone();
        if let Some(function) = function {
            frame.name = text(profile, function.name);
            frame.system_name = text(profile, function.system_name);
            frame.file = text(profile, function.filename);
        }
        (frame.line, frame.column) = (line_number(line.line), line_number(line.column));
        frame.inlined = at != last;
        frame
    };
    let mut frames: Vec<Frame> = location.line.iter().enumerate().map(frame).collect();
    frames.reverse();
    frames
}

/// What the profile says.
pub(crate) fn rows_of_profile(profile: &Profile) -> Rows {
    let factors: Vec<i128> =
        profile.sample_type.iter().map(|kind| i128::from(base_unit(&text(profile, kind.unit)).1)).collect();
    let mut rows = Rows::new();
    for sample in &profile.sample {
        let mut stack = Vec::new();
        for id in sample.location_id.iter().rev() {
            let location = profile.location.iter().find(|location| location.id == *id).unwrap();
            stack.extend(frames_of(profile, location));
        }
        let mut labels: Vec<Label> = sample
            .label
            .iter()
            .map(|label| match label.str {
                0 => (text(profile, label.key), None, label.num, text(profile, label.num_unit)),
                str => (text(profile, label.key), Some(text(profile, str)), 0, String::new()),
            })
            .collect();
        labels.sort();
        let row = rows.entry((stack, labels)).or_insert_with(|| vec![0; factors.len()]);
        for ((sum, value), factor) in row.iter_mut().zip(&sample.value).zip(&factors) {
            *sum += i128::from(*value) * factor;
        }
    }
    rows
}

fn stack_of(batch: &Batch, stack: StackId) -> Vec<Frame> {
    let symbols = &batch.symbols;
    let mut frames: Vec<Frame> = batch
        .stacks
        .leaf_to_root(stack)
        .map(|id| {
            let frame = symbols.frames.get(id).unwrap();
            let function = symbols.functions.get(frame.function).unwrap();
            let mapping = symbols.mappings.get(frame.mapping).unwrap();
            let (file, build_id) = (symbols.text(mapping.file).to_owned(), symbols.text(mapping.build_id).to_owned());
            Frame {
                name: symbols.text(function.name).to_owned(),
                system_name: symbols.text(function.system_name).to_owned(),
                file: symbols.text(function.file).to_owned(),
                line: frame.line,
                column: frame.column,
                mapping: (mapping.start, mapping.limit, mapping.offset, file, build_id),
                inlined: frame.inlined,
            }
        })
        .collect();
    frames.reverse();
    frames
}

/// What the batch says.
pub(crate) fn rows_of_batch(batch: &Batch) -> Rows {
    let mut rows = Rows::new();
    for table in &batch.tables {
        for row in 0..table.stack.len() {
            let mut labels: Vec<Label> = batch
                .attributes
                .get(table.attributes[row])
                .iter()
                .map(|attribute| {
                    let key = batch.symbols.text(attribute.key).to_owned();
                    match attribute.value {
                        AttributeValue::Text(text) => {
                            (key, Some(batch.symbols.text(text).to_owned()), 0, String::new())
                        }
                        AttributeValue::Number(number, unit) => {
                            (key, None, number, batch.symbols.text(unit).to_owned())
                        }
                    }
                })
                .collect();
            labels.sort();
            let values = table.columns.iter().map(|column| i128::from(column.values[row])).collect();
            let stack = stack_of(batch, table.stack[row]);
            let before = rows.insert((stack, labels), values);
            assert!(before.is_none(), "rows are distinct");
        }
    }
    rows
}

/// Self and total by function name of one column; a name counts once a stack.
pub(crate) fn by_name(rows: &Rows, column: usize) -> (BTreeMap<String, i128>, BTreeMap<String, i128>) {
    let (mut own, mut total) = (BTreeMap::new(), BTreeMap::new());
    for ((stack, _), values) in rows {
        let value = values[column];
        if let Some(leaf) = stack.last() {
            *own.entry(leaf.name.clone()).or_default() += value;
        }
        let names: std::collections::BTreeSet<&str> = stack.iter().map(|frame| frame.name.as_str()).collect();
        for name in names {
            *total.entry(name.to_owned()).or_default() += value;
        }
    }
    (own, total)
}
