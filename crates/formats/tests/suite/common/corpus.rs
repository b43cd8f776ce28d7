//! Files against their expected results, `FILE.expected.json`: each expected profile must have an entry with
//! the same total (after conversion of its unit), the same number of samples, and the same self and total
//! values by function name, where a name counts once a stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use emberglass_profile::{Batch, FunctionId, ProfileEntry};
use serde_json::Value;

use super::{decode_named, files_below, fixtures};

/// Values by name: self, total, and the largest total among functions of that name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Top {
    pub(crate) own: f64,
    pub(crate) total: f64,
    pub(crate) largest: f64,
}

/// The factors that may lie between an expected value and one in base units.
fn factors(unit: &str) -> &'static [f64] {
    match unit {
        "microseconds" => &[1e3],
        "milliseconds" => &[1e6],
        "seconds" | "Seconds" => &[1e9],
        "Time_(10ns)" => &[1.0, 10.0],
        _ => &[1.0],
    }
}

/// Expected times are rounded to the microsecond.
fn is_near(got: f64, expected: &Value, factor: f64) -> bool {
    let wanted = expected.as_f64().unwrap() * factor;
    if factor == 1.0 && expected.is_i64() {
        return got == wanted;
    }
    let room =
        if factor == 1.0 { 1e-6 * wanted.abs().max(1.0) } else { (2e-6 * wanted.abs()).max(0.5e-6 * factor + 1.0) };
    (got - wanted).abs() <= room
}

pub(crate) fn total_of(batch: &Batch, entry: &ProfileEntry) -> f64 {
    let (digits, scale) = batch.total(entry).unwrap();
    digits as f64 / 10f64.powi(i32::from(scale))
}

/// Self and total by name, from the function table where the profile has one, else from the stacks.
pub(crate) fn top_of(batch: &Batch, entry: &ProfileEntry) -> BTreeMap<String, Top> {
    let table = &batch.tables[entry.table as usize];
    let column = &table.columns[entry.column as usize];
    let unit = 10f64.powi(i32::from(column.scale));
    let name_of = |function: FunctionId| batch.symbols.function_name(function).to_owned();
    let mut top: BTreeMap<String, Top> = BTreeMap::new();
    if let Some(costs) = batch.function_tables.iter().find(|costs| costs.table == entry.table) {
        let (own, total) = (&costs.own[entry.column as usize], &costs.total[entry.column as usize]);
        for (at, &function) in costs.function.iter().enumerate() {
            let slot = top.entry(name_of(function)).or_default();
            slot.own += own[at] as f64 / unit;
            slot.total += total[at] as f64 / unit;
            slot.largest = slot.largest.max(total[at] as f64 / unit);
        }
        return top;
    }
    let names: Vec<String> = (0..batch.symbols.functions.len() as u32).map(|at| name_of(FunctionId(at))).collect();
    let function = |frame| batch.symbols.frames.get(frame).unwrap().function.index();
    for (row, &stack) in table.stack.iter().enumerate() {
        let value = column.values[row] as f64 / unit;
        let stack: Vec<usize> = batch.stacks.leaf_to_root(stack).map(function).collect();
        if let Some(&leaf) = stack.first() {
            top.entry(names[leaf].clone()).or_default().own += value;
        }
        for name in stack.iter().map(|&at| names[at].as_str()).collect::<BTreeSet<_>>() {
            let slot = top.entry(name.to_owned()).or_default();
            slot.total += value;
            slot.largest = slot.total;
        }
    }
    top
}

fn named<'a>(top: &'a BTreeMap<String, Top>, name: &str) -> Option<&'a Top> {
    let head = |text: &str| text.chars().take(400).collect::<String>();
    top.get(name)
        .or_else(|| {
            name.contains("\u{2026}[")
                .then(|| top.iter().find(|(have, _)| head(have) == head(name)).map(|(_, top)| top))?
        })
        .or_else(|| top.iter().find(|(have, _)| have.trim() == name.trim()).map(|(_, top)| top))
}

fn differs(batch: &Batch, entry: &ProfileEntry, profile: &Value, factor: f64) -> Option<String> {
    let top = top_of(batch, entry);
    for (list, of) in [("top_self", false), ("top_total", true)] {
        for pair in profile[list].as_array().into_iter().flatten() {
            let name = pair[0].as_str().unwrap();
            let Some(got) = named(&top, name) else { return Some(format!("{list}: no function {name:?}")) };
            let wanted = pair[1].as_f64().unwrap() * factor;
            let value = if of { got.total } else { got.own };
            let between = of && got.largest <= wanted * 1.000_001 && wanted <= got.total * 1.000_001;
            if !is_near(value, &pair[1], factor) && !between {
                return Some(format!("{list}: {name:?} has {value}, expected {wanted}"));
            }
        }
    }
    None
}

/// Compares one file; the words say what differs.
pub(crate) fn check(path: &Path) -> Result<Batch, String> {
    let expected =
        std::fs::read_to_string(format!("{}.expected.json", path.display())).map_err(|error| error.to_string())?;
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let batch =
        decode_named(&std::fs::read(path).unwrap(), &path.to_string_lossy()).map_err(|error| error.to_string())?;
    let is_pstats = expected["format"].as_str().unwrap_or("").contains("pstats");
    let has_symbols = !path.to_string_lossy().ends_with(".perf.data");
    let mut used = BTreeSet::new();
    for profile in expected["profiles"].as_array().unwrap() {
        let sample_type = profile["type"].as_str().unwrap();
        if sample_type.ends_with("/backward") {
            continue;
        }
        let mut why = String::new();
        let mut is_found = false;
        'search: for &factor in factors(profile["unit"].as_str().unwrap()) {
            for (at, entry) in batch.profiles.iter().enumerate() {
                if used.contains(&at) || !is_near(total_of(&batch, entry), &profile["total"], factor) {
                    continue;
                }
                let records = batch.tables[entry.table as usize].records;
                if !is_pstats && profile["samples"].as_u64().is_some_and(|wanted| wanted != records) {
                    why = format!("{records} samples, expected {}", profile["samples"]);
                    continue;
                }
                match has_symbols.then(|| differs(&batch, entry, profile, factor)).flatten() {
                    Some(words) => why = words,
                    None => {
                        used.insert(at);
                        is_found = true;
                        break 'search;
                    }
                }
            }
        }
        if !is_found {
            let totals: Vec<f64> = batch.profiles.iter().map(|entry| total_of(&batch, entry)).collect();
            return Err(format!("{sample_type}: {why} (wanted total {}, have {totals:?})", profile["total"]));
        }
    }
    Ok(batch)
}

/// Compares all files of the fixtures for which `wanted` holds; returns how many.
pub(crate) fn check_all(wanted: impl Fn(&Path) -> bool) -> Vec<(PathBuf, Batch)> {
    let has_expected = |path: &Path| {
        let text = path.to_string_lossy();
        !text.ends_with(".expected.json") && Path::new(&format!("{text}.expected.json")).exists()
    };
    let mut faults = Vec::new();
    let mut batches = Vec::new();
    for path in files_below(&fixtures(), |path| wanted(path) && has_expected(path)) {
        match check(&path) {
            Ok(batch) => batches.push((path, batch)),
            Err(why) => faults.push(format!("{}: {why}", path.display())),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    batches
}
