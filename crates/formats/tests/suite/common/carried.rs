//! What a format carries of a batch: values by stack, as maps that can be compared.

use std::collections::BTreeMap;

use emberglass_formats::flamebearer::cut_type_parameters;
use emberglass_profile::{AttributeSetId, AttributeValue, Batch, FrameId, ProfileEntry};

/// What tells frames and samples apart in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    Names,
    Lines,
    LinesAndBinaries,
    Everything,
}

/// Of `pprof`, `folded`, ...
pub(crate) fn identity_of(format: &str) -> Identity {
    match format {
        "pprof" => Identity::Everything,
        "gecko" => Identity::LinesAndBinaries,
        "speedscope" => Identity::Lines,
        _ => Identity::Names,
    }
}

/// Stack and labels as text; values times 10^9.
pub(crate) type Values = BTreeMap<String, i128>;

/// Functions of one name and file have one start line once their system names are gone.
type Starts<'a> = BTreeMap<(&'a str, &'a str), u32>;

fn starts(batch: &Batch) -> Starts<'_> {
    let mut starts = Starts::new();
    for function in batch.symbols.functions.iter().filter(|function| function.start_line > 0) {
        let key = (batch.symbols.text(function.name), batch.symbols.text(function.file));
        starts.entry(key).or_insert(function.start_line);
    }
    starts
}

fn frame_text(batch: &Batch, starts: &Starts<'_>, frame: FrameId, identity: Identity, format: &str) -> String {
    let symbols = &batch.symbols;
    let frame = symbols.frames.get(frame).unwrap();
    let function = symbols.functions.get(frame.function).unwrap();
    let mapping = symbols.mappings.get(frame.mapping).unwrap();
    let [name, system, file] = [function.name, function.system_name, function.file].map(|id| symbols.text(id));
    let name = match format {
        "folded" if name.is_empty() => "(unknown)".to_owned(),
        "folded" => name.replace(';', ":").replace(['\n', '\r'], " "),
        "flamebearer" => cut_type_parameters(name).into_owned(),
        "gecko" if name == "(root)" => "root".to_owned(),
        _ => name.to_owned(),
    };
    let [binary, build_id] = [mapping.file, mapping.build_id].map(|id| symbols.text(id));
    let start = starts.get(&(symbols.text(function.name), file)).copied().unwrap_or(0);
    let line = if frame.line == 0 { start } else { frame.line };
    match identity {
        Identity::Names => name,
        Identity::Lines => format!("{name}|{file}|{line}|{}", frame.column),
        Identity::LinesAndBinaries => {
            format!("{name}|{file}|{line}|{}|{binary}|{build_id}|{}", frame.column, frame.inlined)
        }
        Identity::Everything => {
            let place = format!("{}|{}|{}|{}", function.start_line, frame.line, frame.column, frame.inlined);
            let range = format!("{}-{}@{}", mapping.start, mapping.limit, mapping.offset);
            format!("{name}|{system}|{file}|{place}|{binary}|{build_id}|{range}")
        }
    }
}

fn labels_text(batch: &Batch, entry: &ProfileEntry, set: AttributeSetId) -> String {
    let text = |id| batch.symbols.text(id);
    let of_entry = entry.labels.iter().map(|(key, value)| format!("{key}={value:?}"));
    let of_sample = batch.attributes.get(set).iter().filter_map(|attribute| match attribute.value {
        AttributeValue::Text(value) if text(value).is_empty() => None,
        AttributeValue::Text(value) => Some(format!("{}={:?}", text(attribute.key), text(value))),
        AttributeValue::Number(number, unit) => Some(format!("{}={number} {}", text(attribute.key), text(unit))),
    });
    let mut labels: Vec<String> = of_entry.filter(|label| !label.ends_with("=\"\"")).chain(of_sample).collect();
    labels.sort();
    labels.join(",")
}

/// Adds the values of a profile to `values`; zeros are left out.
pub(crate) fn add_values(batch: &Batch, entry: &ProfileEntry, format: &str, values: &mut Values) {
    let identity = identity_of(format);
    let starts = starts(batch);
    let text = |at| frame_text(batch, &starts, FrameId(at), identity, format);
    let frames: Vec<String> = (0..batch.symbols.frames.len() as u32).map(text).collect();
    let table = &batch.tables[entry.table as usize];
    let column = &table.columns[entry.column as usize];
    let power = 10i128.pow(9 - u32::from(column.scale));
    for (row, &stack) in table.stack.iter().enumerate() {
        let mut names: Vec<&str> =
            batch.stacks.leaf_to_root(stack).map(|frame| frames[frame.index()].as_str()).collect();
        names.reverse();
        let labels = match identity {
            Identity::Everything => labels_text(batch, entry, table.attributes[row]),
            _ => String::new(),
        };
        *values.entry(format!("{}\n{labels}", names.join("\n"))).or_default() += i128::from(column.values[row]) * power;
    }
    values.retain(|_, value| *value != 0);
}

/// Values by sample type and unit, or of each profile by itself, as the format keeps them apart.
pub(crate) fn carried(batch: &Batch, entries: &[&ProfileEntry], format: &str) -> Vec<(String, Values)> {
    if format == "pprof" {
        let mut of_type: BTreeMap<String, Values> = BTreeMap::new();
        for entry in entries {
            let of = &entry.profile_type;
            let key = format!("{}:{}", of.sample_type, of.sample_unit);
            add_values(batch, entry, format, of_type.entry(key).or_default());
        }
        return of_type.into_iter().collect();
    }
    let mut list: Vec<(String, Values)> = Vec::new();
    for entry in entries {
        let mut values = Values::new();
        add_values(batch, entry, format, &mut values);
        list.push((String::new(), values));
    }
    if matches!(format, "folded" | "flamebearer") {
        let mut sum = Values::new();
        for (key, value) in list.into_iter().flat_map(|(_, values)| values) {
            *sum.entry(key).or_default() += value;
        }
        sum.retain(|_, value| *value != 0);
        return vec![(String::new(), sum)];
    }
    // Threads without samples are no profiles.
    list.retain(|(_, values)| format != "gecko" || !values.is_empty());
    list.sort();
    list
}

/// Words for the first difference.
pub(crate) fn difference(have: &[(String, Values)], wanted: &[(String, Values)]) -> Option<String> {
    if have == wanted {
        return None;
    }
    if have.len() != wanted.len() {
        return Some(format!("{} profiles, expected {}", have.len(), wanted.len()));
    }
    for ((name, have), (wanted_name, wanted)) in have.iter().zip(wanted) {
        if name != wanted_name {
            return Some(format!("profile {name:?}, expected {wanted_name:?}"));
        }
        for key in have.keys().chain(wanted.keys()) {
            if have.get(key) != wanted.get(key) {
                return Some(format!("{name}: {key:?} is {:?}, expected {:?}", have.get(key), wanted.get(key)));
            }
        }
    }
    None
}
