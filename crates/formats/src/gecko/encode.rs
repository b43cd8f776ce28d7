//! Writes the processed format, version 49, which profiler.firefox.com upgrades when it loads a file.
//!
//! - A profile is a thread; where its samples have times, the processor times that stand beside counts of samples
//!   are its `threadCPUDelta`. The weights are `samples`, `tracing-ms` for time or `bytes`.
//! - The labels `process`, `process_id`, `thread` and `thread_id` are those of the thread, all others and a sample type
//!   that the format has no word for are in its name.
//! - The label `category` of a sample is the category of its stack.
//! - Samples without times, which the format must have, stand one after the other (`times-made-up`).
//!
//! Not written: system names, other labels of samples, addresses of binaries.
//! Counted warnings: `times-made-up`, `renamed-frames` (`(root)` is no frame here), `unit-left-out`.

use emberglass_profile::{
    AttributeSetId, AttributeValue, Batch, InputError, ProfileEntry, StackId, StringId, ValueColumn, Warnings,
};

use super::Gecko;
use super::encode_meta::{Meta, first_start};
use super::encode_tables::{Libs, ThreadTables};
use crate::export::{Lane, Records, warn_renamed};
use crate::json::write::{check_size, put_decimal, put_list, put_number, put_text};
use crate::written::{Kept, Written};
use crate::{AboutOutput, Encoded, Encoder, Export};

/// Milliseconds, from nanoseconds.
const MILLISECOND: u8 = 6;
/// Distance of samples whose times are made up, in nanoseconds.
const STEP: i64 = 1_000_000;

impl Encoder for Gecko {
    fn name(&self) -> &'static str {
        "gecko"
    }

    fn about_output() -> AboutOutput {
        AboutOutput {
            profiles: "All, as threads",
            carried: "Names, files, lines, columns, binaries with build ids, inlining, times, categories, fractions",
            dropped: "System names, addresses of binaries, labels of samples other than `category`; units other than time and bytes",
        }
    }

    fn description(&self) -> &'static str {
        "Firefox Profiler JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gecko.json", "samply.json", "profile.json"]
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn holds_many(&self) -> bool {
        true
    }

    fn encode(&self, export: &Export<'_>) -> Result<Encoded, InputError> {
        let mut warnings = Warnings::default();
        let text = write(export, &mut warnings)?;
        Ok(Encoded { bytes: text.into_bytes(), warnings })
    }
}

fn write(export: &Export<'_>, warnings: &mut Warnings) -> Result<String, InputError> {
    let kept = Kept { binaries: true, inlined: true };
    let written = Written::new(export.batch, kept, |name| {
        if name == "(root)" {
            warn_renamed(warnings, name, "stands for the root of all stacks");
            return "root".to_owned();
        }
        name.to_owned()
    });
    let mut writer = Writer {
        batch: export.batch,
        written: &written,
        categories: Categories::new(export.batch),
        libs: Libs::default(),
        start: first_start(export),
        out: String::new(),
        pids: Vec::new(),
        warnings,
    };
    let lanes = export.lanes();
    let has_samples = |lane: &Lane<'_>| !lane.table.stack.is_empty();
    // Threads without samples are nothing to look at, but a file needs one.
    let is_empty = !lanes.iter().any(has_samples);
    for lane in lanes.iter().filter(|lane| is_empty || has_samples(lane)) {
        for thread in threads_of(lane) {
            writer.write_thread(&thread)?;
        }
    }
    let Writer { categories, libs, start, out: threads, .. } = writer;
    let mut out = String::new();
    Meta { export, start, categories: &categories.names }.put(&mut out);
    out.push_str(",\"libs\":[");
    libs.put(&mut out, &written.symbols);
    out.push_str("],\"pages\":[],\"profilerOverhead\":[],\"counters\":[],\"threads\":[");
    out.push_str(&threads);
    out.push_str("]}");
    check_size(&out, "Firefox profile")?;
    Ok(out)
}

/// The lanes that a lane is written as: each entry by itself, but times of the processor with the counts before them.
fn threads_of<'a>(lane: &Lane<'a>) -> Vec<Lane<'a>> {
    let mut threads: Vec<Lane<'a>> = Vec::new();
    for &entry in &lane.entries {
        let of = &entry.profile_type;
        let is_cpu = of.sample_type == "cpu" && of.sample_unit == "nanoseconds" && lane.has_times();
        match threads.last_mut() {
            Some(Lane { entries, .. })
                if is_cpu && entries.len() == 1 && entries.iter().all(|entry| is_count(entry)) =>
            {
                entries.push(entry);
            }
            _ => threads.push(Lane { entries: vec![entry], places: Vec::new(), ..*lane }),
        }
    }
    threads
}

fn is_count(entry: &ProfileEntry) -> bool {
    entry.profile_type.sample_type == "samples" && entry.profile_type.sample_unit == "count"
}

/// Categories by the attribute sets of the batch.
struct Categories {
    names: Vec<String>,
    of_set: Vec<Option<StringId>>,
    row_of: Vec<u32>,
}

/// The category of what has none; its row is 0.
const OTHER: &str = "Other";

impl Categories {
    fn new(batch: &Batch) -> Self {
        let key = batch.symbols.strings.find("category");
        let category = |set: u32| {
            let attributes = batch.attributes.get(AttributeSetId(set)).iter();
            attributes.filter(|attribute| Some(attribute.key) == key).find_map(|attribute| match attribute.value {
                AttributeValue::Text(text) => Some(text),
                AttributeValue::Number(..) => None,
            })
        };
        let of_set = (0..batch.attributes.len() as u32).map(category).collect();
        Self { names: vec![OTHER.to_owned()], of_set, row_of: Vec::new() }
    }

    fn row(&mut self, batch: &Batch, set: AttributeSetId) -> u32 {
        let Some(name) = self.of_set.get(set.index()).copied().flatten() else { return 0 };
        const UNKNOWN: u32 = u32::MAX;
        let at = name.index();
        self.row_of.resize(self.row_of.len().max(at + 1), UNKNOWN);
        if self.row_of[at] == UNKNOWN {
            let name = batch.symbols.text(name);
            let known = self.names.iter().position(|known| known == name);
            self.row_of[at] = known.unwrap_or_else(|| {
                self.names.push(name.to_owned());
                self.names.len() - 1
            }) as u32;
        }
        self.row_of[at]
    }
}

struct Writer<'w, 'a> {
    batch: &'a Batch,
    written: &'w Written,
    categories: Categories,
    libs: Libs,
    /// Nanoseconds since the epoch; times are counted from here.
    start: i64,
    out: String,
    /// Processes that have a main thread.
    pids: Vec<String>,
    warnings: &'w mut Warnings,
}

impl Writer<'_, '_> {
    fn write_thread(&mut self, lane: &Lane<'_>) -> Result<(), InputError> {
        let Some(&entry) = lane.entries.first() else { return Ok(()) };
        let Self { batch, written, categories, .. } = self;
        let written = *written;
        let mut tables = ThreadTables::new(written);
        let Records { time, stack, values } = lane.records(|stack, set| {
            let category = if stack == StackId::ROOT { 0 } else { categories.row(batch, set) };
            tables.place(written.stack(stack), category)
        })?;
        let mut values = values.into_iter();
        let weights = values.next().unwrap_or_default();
        let cpu = values.next();
        let times = match time {
            Some(time) => time.into_iter().map(|time| time.saturating_sub(self.start)).collect(),
            None => self.made_up(entry, &weights),
        };
        if !self.out.is_empty() {
            self.out.push(',');
        }
        self.out.push('{');
        self.put_identity(entry);
        let rows: Vec<Option<u32>> = stack.iter().map(|&stack| tables.row(stack)).collect();
        self.put_samples(entry, &times, &rows, &weights, cpu.as_ref());
        tables.put(&mut self.out, &self.written.symbols, &mut self.libs);
        self.out.push('}');
        check_size(&self.out, "Firefox profile")
    }

    /// Times for samples that have none: one after the other, as long as they last where they are time.
    fn made_up(&mut self, entry: &ProfileEntry, weights: &ValueColumn) -> Vec<i64> {
        let count = weights.values.len() as u64;
        self.warnings.add_many("times-made-up", count, None, || {
            "samples have no times, which a Firefox profile must have: they stand one after the other".to_owned()
        });
        let is_time = entry.profile_type.sample_unit == "nanoseconds";
        let power = 10i64.pow(u32::from(weights.scale));
        let mut now = 0i64;
        let step = |&weight: &i64| {
            let at = now;
            now = now.saturating_add(if is_time { (weight / power).max(0) } else { STEP });
            at
        };
        weights.values.iter().map(step).collect()
    }

    fn put_identity(&mut self, entry: &ProfileEntry) {
        let of = &entry.profile_type;
        let mut name = entry.label("thread").unwrap_or(&of.sample_type).to_owned();
        if entry.label("thread").is_some() && !matches!(of.sample_type.as_str(), "samples" | "time" | "space") {
            name.push_str(&format!(" ({})", of.sample_type));
        }
        for (key, value) in &entry.labels {
            if !matches!(key.as_str(), "process" | "process_id" | "thread" | "thread_id") {
                name.push_str(&format!(" {key}={value}"));
            }
        }
        let service = Some(self.batch.service_name.as_str()).filter(|name| !name.is_empty());
        let process = entry.label("process").or(service).unwrap_or("process");
        let pid = entry.label("process_id").unwrap_or("0");
        let tid = entry.label("thread_id").unwrap_or(pid);
        let is_main = !self.pids.iter().any(|known| known == pid);
        if is_main {
            self.pids.push(pid.to_owned());
        }
        for (key, text) in [("name", name.as_str()), ("processName", process), ("pid", pid), ("tid", tid)] {
            self.out.push_str(&format!("\"{key}\":"));
            put_text(&mut self.out, text);
            self.out.push(',');
        }
        self.out.push_str(&format!(
            "\"processType\":\"default\",\"isMainThread\":{is_main},\"processStartupTime\":0,\"processShutdownTime\":null,\
             \"registerTime\":0,\"unregisterTime\":null,\"pausedRanges\":[],\"markers\":{{\"length\":0,\"category\":[],\
             \"data\":[],\"endTime\":[],\"name\":[],\"phase\":[],\"startTime\":[]}},"
        ));
    }

    fn put_samples(
        &mut self,
        entry: &ProfileEntry,
        times: &[i64],
        rows: &[Option<u32>],
        weights: &ValueColumn,
        cpu: Option<&ValueColumn>,
    ) {
        let (weight_type, places) = match entry.profile_type.sample_unit.as_str() {
            "nanoseconds" => ("tracing-ms", MILLISECOND),
            "bytes" => ("bytes", 0),
            "count" => ("samples", 0),
            unit => {
                self.warnings.add("unit-left-out", None, || {
                    format!("Firefox profiles do not know the unit {unit:?}: it is left out")
                });
                ("samples", 0)
            }
        };
        let out = &mut self.out;
        out.push_str(&format!("\"samples\":{{\"length\":{},\"weightType\":\"{weight_type}\",\"stack\":[", rows.len()));
        put_list(out, rows, |out, row| match row {
            Some(row) => put_number(out, i64::from(*row)),
            None => out.push_str("null"),
        });
        out.push_str("],\"time\":[");
        put_list(out, times, |out, &time| put_decimal(out, time, MILLISECOND));
        out.push_str("],\"weight\":[");
        put_list(out, &weights.values, |out, &value| put_decimal(out, value, weights.scale + places));
        out.push(']');
        if let Some(cpu) = cpu {
            out.push_str(",\"threadCPUDelta\":[");
            put_list(out, &cpu.values, |out, &value| put_decimal(out, value, cpu.scale));
            out.push(']');
        }
        out.push_str("},");
    }
}
