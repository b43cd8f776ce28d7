//! Decoded profiles in Pyroscope's terms: its types, values and labels.

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, Batch, ErrorCode, Function, FunctionId, InputError,
    ProfileType, SampleTableBuilder, Symbols,
};

const SECOND: i64 = 1_000_000_000;

fn set(profile_type: &mut ProfileType, parts: [&str; 5]) {
    let [name, sample_type, sample_unit, period_type, period_unit] = parts.map(str::to_owned);
    *profile_type = ProfileType { name, sample_type, sample_unit, period_type, period_unit };
}

fn multiply(batch: &mut Batch, table: u32, column: u32, factor: i64) -> Result<(), InputError> {
    let Some(table) = batch.tables.get_mut(table as usize) else { return Ok(()) };
    // Records in order of time are kept in the source's own terms only.
    table.timeline = None;
    for value in table.columns.get_mut(column as usize).into_iter().flat_map(|column| &mut column.values) {
        *value = value
            .checked_mul(factor)
            .ok_or_else(|| InputError::new(ErrorCode::ValueOverflow, "a value is beyond 64 bits once it is a time"))?;
    }
    Ok(())
}

/// A profile of one type that the request names. Counts of CPU and wall-clock samples become time.
pub(crate) fn as_type(batch: &mut Batch, profile_type: &ProfileType, sample_rate: i64) -> Result<(), InputError> {
    let is_time = matches!(profile_type.sample_type.as_str(), "cpu" | "wall");
    for at in 0..batch.profiles.len() {
        let (table, column) = (batch.profiles[at].table, batch.profiles[at].column);
        if is_time && batch.profiles[at].profile_type.sample_unit != "nanoseconds" {
            multiply(batch, table, column, SECOND / sample_rate.clamp(1, SECOND))?;
        }
        let entry = &mut batch.profiles[at];
        entry.profile_type = profile_type.clone();
        for (name, _) in entry.labels.iter_mut().filter(|(name, _)| name == "profile") {
            "profile_name".clone_into(name);
        }
    }
    Ok(())
}

/// pprof files as agents push them: `block` where the names that the agent shows say so, no dashes in types. Agents
/// for scripting languages have the file in the name.
pub(crate) fn pprof(batch: &mut Batch, shown: &[String], spy: &str) {
    let is_block = shown.iter().any(|name| name.starts_with("block_"));
    for entry in &mut batch.profiles {
        let kind = &mut entry.profile_type;
        kind.sample_type = kind.sample_type.replace('-', "_");
        if is_block && kind.name == "mutex" {
            "block".clone_into(&mut kind.name);
        }
    }
    if matches!(spy, "pyspy" | "rbspy" | "scripting") {
        let old = std::mem::take(&mut batch.symbols);
        let renamed: Vec<String> = old
            .functions
            .iter()
            .map(|function| format!("{} {}", old.text(function.file), old.text(function.name)).trim_start().to_owned())
            .collect();
        batch.symbols = with_names(&old, &renamed);
    }
}

/// The same symbols with other names of functions. Rows stay what they are.
fn with_names(old: &Symbols, names: &[String]) -> Symbols {
    let mut symbols = old.clone();
    symbols.functions = emberglass_profile::FunctionTable::default();
    for (at, function) in old.functions.iter().enumerate() {
        let name = names.get(at).map_or(function.name, |name| symbols.strings.intern(name));
        // Functions that became equal stay two rows: merging by name makes them one.
        let _row: FunctionId = symbols.functions.push(Function { name, ..function });
    }
    symbols
}

/// Attributes that the decoder of recordings makes beside the agent's labels.
const OF_EVENTS: [&str; 6] = ["thread", "thread_id", "state", "class", "span_name", "context_id"];

/// Recordings: the types, values and labels of Pyroscope, no others; sleeping threads take no time.
pub(crate) fn jfr(batch: &mut Batch, sample_rate: i64) -> Result<(), InputError> {
    let period = SECOND / sample_rate.clamp(1, SECOND);
    rename_classes(batch);
    // What async-profiler was told to sample; Flight Recorder does not say.
    let sampled = batch.metadata.iter().find(|(name, _)| name == "event").map(|(_, value)| value.clone());
    let entries = std::mem::take(&mut batch.profiles);
    let mut kept = Vec::with_capacity(entries.len());
    for mut entry in entries {
        let event = entry.labels.iter().find(|(name, _)| name == "event").map_or("", |(_, event)| event.as_str());
        let kind = &mut entry.profile_type;
        let is_count = entry.column == 0;
        let label = match (event, kind.name.as_str(), is_count) {
            ("jdk.NativeMethodSample" | "jdk.CPUTimeSample", ..) => continue,
            (_, "process_cpu", true) => {
                set(kind, ["process_cpu", "cpu", "nanoseconds", "cpu", "nanoseconds"]);
                "cpu"
            }
            (_, "wall", true) => {
                set(kind, ["wall", "wall", "nanoseconds", "wall", "nanoseconds"]);
                "wall"
            }
            (_, "process_cpu" | "wall", false) => continue,
            ("profiler.LiveObject", _, false) => continue,
            ("profiler.LiveObject", ..) => {
                set(kind, ["memory", "live", "count", "objects", "count"]);
                "live"
            }
            (_, "memory", _) => {
                (kind.period_type, kind.period_unit) = ("space".to_owned(), "bytes".to_owned());
                "memory"
            }
            (_, name @ ("mutex" | "block"), _) => {
                let label = if name == "mutex" { "mutex" } else { "block" };
                (kind.period_type, kind.period_unit) = (label.to_owned(), "count".to_owned());
                label
            }
            _ => continue,
        };
        let is_time = matches!(label, "cpu" | "wall");
        // A recording counts at the time for which it was sent.
        entry.start = None;
        entry.labels.clear();
        if let Some(sampled) = &sampled {
            entry.labels.push(("jfr_event".to_owned(), sampled.clone()));
        }
        if is_time {
            entry.period = period;
            multiply(batch, entry.table, entry.column, period)?;
        }
        kept.push(entry);
    }
    batch.profiles = kept;
    strip_attributes(batch)
}

/// Drops what is known of events beyond the agent's labels, and samples of sleeping threads.
fn strip_attributes(batch: &mut Batch) -> Result<(), InputError> {
    let old = std::mem::take(&mut batch.attributes);
    let mut sets = AttributeSets::default();
    let mut rows: Vec<(AttributeSetId, bool)> = Vec::with_capacity(old.len());
    for set in 0..old.len() as u32 {
        let all = old.get(AttributeSetId(set));
        let is_sleeping = all.iter().any(|attribute| {
            batch.symbols.text(attribute.key) == "state"
                && matches!(attribute.value, AttributeValue::Text(text) if batch.symbols.text(text) == "STATE_SLEEPING")
        });
        let kept = all.iter().filter(|attribute| !OF_EVENTS.contains(&batch.symbols.text(attribute.key)));
        let mut kept: Vec<Attribute> = kept.copied().collect();
        rows.push((sets.intern(&mut kept), is_sleeping));
    }
    batch.attributes = sets;
    for table in &mut batch.tables {
        let scales: Vec<u8> = table.columns.iter().map(|column| column.scale).collect();
        let mut builder = SampleTableBuilder::new(&scales);
        let mut values = Vec::new();
        for (row, (&stack, &set)) in table.stack.iter().zip(&table.attributes).enumerate() {
            let (set, is_sleeping) = rows.get(set.index()).copied().unwrap_or_default();
            if is_sleeping {
                continue;
            }
            values.clear();
            values.extend(table.columns.iter().map(|column| column.values.get(row).copied().unwrap_or_default()));
            builder.add(stack, set, &values)?;
        }
        *table = builder.finish();
    }
    Ok(())
}

/// Names as Pyroscope has them. Classes of lambdas are numbered anew by every run: without numbers pushes merge.
fn rename_classes(batch: &mut Batch) {
    let old = std::mem::take(&mut batch.symbols);
    let names = old.functions.iter().map(|function| match old.text(function.name) {
        // What has no class, such as stubs of the virtual machine.
        name if !name.contains('.') => format!(".{name}"),
        name => without_lambda_number(name),
    });
    let names: Vec<String> = names.collect();
    batch.symbols = with_names(&old, &names);
}

/// `A$$Lambda$12.0x00ab.get` and `A$$Lambda/0x00ab.get` as `A$$Lambda_.get`.
fn without_lambda_number(name: &str) -> String {
    const LAMBDA: &str = "$$Lambda";
    let Some(at) = name.find(LAMBDA) else { return name.to_owned() };
    let (head, rest) = name.split_at(at + LAMBDA.len());
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut tail = rest;
    if let Some(after) = tail.strip_prefix('$') {
        tail = &after[digits(after)..];
    }
    let Some(after) = tail.strip_prefix(['/', '.']) else { return name.to_owned() };
    let after = match after.strip_prefix("0x") {
        Some(hex) => hex.trim_start_matches(|c: char| c.is_ascii_hexdigit()),
        None if digits(after) > 0 => &after[digits(after)..],
        None => return name.to_owned(),
    };
    format!("{head}_{after}")
}

/// Profiles of OpenTelemetry: samples with a period of CPU time are that time.
pub(crate) fn otlp(batch: &mut Batch) -> Result<(), InputError> {
    for at in 0..batch.profiles.len() {
        let entry = &mut batch.profiles[at];
        let kind = &mut entry.profile_type;
        let is_cpu = (kind.period_type.as_str(), kind.period_unit.as_str()) == ("cpu", "nanoseconds");
        if is_cpu && (kind.sample_type.as_str(), kind.sample_unit.as_str()) == ("samples", "count") {
            set(kind, ["process_cpu", "cpu", "nanoseconds", "cpu", "nanoseconds"]);
            let (table, column, period) = (entry.table, entry.column, entry.period.max(1));
            multiply(batch, table, column, period)?;
        } else {
            kind.name.clone_from(&kind.sample_type);
        }
        let entry = &mut batch.profiles[at];
        entry.labels.push(("__otel__".to_owned(), "true".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without_lambda_number;

    #[test]
    fn lambdas_lose_their_numbers() {
        for (name, expected) in [
            ("a.B$$Lambda$12.0x00007f.get", "a.B$$Lambda_.get"),
            ("a.B$$Lambda/0x00007f.get", "a.B$$Lambda_.get"),
            ("a.B$$Lambda$14/1234.get", "a.B$$Lambda_.get"),
            ("a.B$$Lambda.get", "a.B$$Lambda.get"),
            ("a.B.get", "a.B.get"),
        ] {
            assert_eq!(without_lambda_number(name), expected);
        }
    }
}
