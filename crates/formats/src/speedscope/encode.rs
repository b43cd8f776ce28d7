//! Writes speedscope's JSON: one sampled profile for each.
//!
//! - Samples stand in the order of their times where every one has a time (there is no place in the file for the
//!   times themselves), else those of equal stacks are one.
//! - A profile's name is its label `profile`, else its sample type and labels.
//! - A frame's line is where it was, else where its function starts.
//!
//! Not written: system names, binaries, inlining, labels of samples, gaps between samples.
//! Counted warnings: `negative-values` (the page refuses a file with such samples), `unit-left-out` (units that the
//! format does not know become `none`).

use emberglass_profile::{FrameId, InputError, ProfileEntry, StackId, Symbols, ValueColumn, Warnings};

use super::Speedscope;
use crate::export::{Lane, Records};
use crate::json::write::{check_size, put_decimal, put_list, put_number, put_text};
use crate::name_tree::fit;
use crate::written::{Kept, Numbers, Written};
use crate::{AboutOutput, Encoded, Encoder, Export};

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";

impl Encoder for Speedscope {
    fn name(&self) -> &'static str {
        "speedscope"
    }

    fn about_output() -> AboutOutput {
        AboutOutput {
            profiles: "All",
            carried: "Names, files, lines, columns, the order of samples in time, fractions, the profile shown first",
            dropped: "System names, binaries, inlining, labels of samples, gaps between samples; units other than time and bytes",
        }
    }

    fn description(&self) -> &'static str {
        "speedscope JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["speedscope.json"]
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn holds_many(&self) -> bool {
        true
    }

    fn encode(&self, export: &Export<'_>) -> Result<Encoded, InputError> {
        let kept = Kept { binaries: false, inlined: false };
        let written = Written::new(export.batch, kept, str::to_owned);
        let mut writer = Writer { export, written, frames: Numbers::default(), rows: Vec::new() };
        let mut warnings = Warnings::default();
        let text = writer.write(&mut warnings)?;
        Ok(Encoded { bytes: text.into_bytes(), warnings })
    }
}

struct Writer<'e, 'a> {
    export: &'e Export<'a>,
    written: Written,
    /// Rows of the file's frames.
    frames: Numbers,
    /// One stack, leaf first, kept for its memory.
    rows: Vec<u32>,
}

impl Writer<'_, '_> {
    fn write(&mut self, warnings: &mut Warnings) -> Result<String, InputError> {
        let mut profiles = String::new();
        // Each profile by itself, in its place.
        let mut of_place: Vec<Option<(usize, usize)>> = vec![None; self.export.profiles.len()];
        let lanes = self.export.lanes();
        for (at, lane) in lanes.iter().enumerate() {
            for (within, &place) in lane.places.iter().enumerate() {
                of_place[place] = Some((at, within));
            }
        }
        for (lane, within) in of_place.into_iter().flatten() {
            if !profiles.is_empty() {
                profiles.push(',');
            }
            let lane = &lanes[lane];
            let alone = Lane { entries: vec![lane.entries[within]], places: Vec::new(), ..*lane };
            self.write_profile(&alone, lane.entries[within], &mut profiles, warnings)?;
        }
        let mut out = String::from("{\"$schema\":");
        put_text(&mut out, SCHEMA);
        out.push_str(",\"shared\":{\"frames\":[");
        put_list(&mut out, self.frames.rows(), |out, &frame| put_frame(out, &self.written.symbols, FrameId(frame)));
        out.push_str("]},\"profiles\":[");
        out.push_str(&profiles);
        out.push(']');
        for key in ["name", "exporter"] {
            if let Some((_, value)) = self.export.batch.metadata.iter().find(|(known, _)| known == key) {
                out.push_str(&format!(",\"{key}\":"));
                put_text(&mut out, value);
            }
        }
        if let Some(active) = self.export.default_profile() {
            out.push_str(&format!(",\"activeProfileIndex\":{active}"));
        }
        out.push('}');
        check_size(&out, "speedscope JSON")?;
        Ok(out)
    }

    fn write_profile(
        &mut self,
        lane: &Lane<'_>,
        entry: &ProfileEntry,
        out: &mut String,
        warnings: &mut Warnings,
    ) -> Result<(), InputError> {
        let Records { time, stack, values } = lane.records(|stack, _labels| self.written.stack(stack))?;
        let ValueColumn { values, scale } = values.into_iter().next().unwrap_or_default();
        let unit = match entry.profile_type.sample_unit.as_str() {
            unit @ ("nanoseconds" | "bytes") => unit,
            "count" => "none",
            unit => {
                warnings.add("unit-left-out", None, || {
                    format!("speedscope does not know the unit {unit:?}: it is left out")
                });
                "none"
            }
        };
        let negative = values.iter().filter(|&&value| value < 0).count() as u64;
        warnings.add_many("negative-values", negative, None, || {
            "some values are negative; speedscope refuses to show such a profile".to_owned()
        });
        let first = time.as_ref().and_then(|time| time.first()).copied().filter(|_| unit == "nanoseconds");
        let start = first.map_or(0, |first| first.saturating_sub(entry.start.unwrap_or(0)));
        let sum: i128 = values.iter().map(|&value| i128::from(value)).sum();
        let end = fit(i128::from(start) * 10i128.pow(u32::from(scale)) + sum)?;
        out.push_str("{\"type\":\"sampled\",\"name\":");
        put_text(out, &name_of(entry));
        out.push_str(&format!(",\"unit\":\"{unit}\",\"startValue\":{start},\"endValue\":"));
        put_decimal(out, end, scale);
        out.push_str(",\"samples\":[");
        for (at, &stack) in stack.iter().enumerate() {
            out.push_str(if at > 0 { ",[" } else { "[" });
            self.spell(stack);
            put_list(out, self.rows.iter().rev(), |out, &row| put_number(out, i64::from(row)));
            out.push(']');
            check_size(out, "speedscope JSON")?;
        }
        out.push_str("],\"weights\":[");
        put_list(out, values, |out, value| put_decimal(out, value, scale));
        out.push_str("]}");
        Ok(())
    }

    /// Rows of the frames of a stack, leaf first.
    fn spell(&mut self, stack: StackId) {
        self.rows.clear();
        let stacks = &self.written.stacks;
        let mut at = stack.index();
        while at != 0 {
            self.rows.push(self.frames.of(stacks.keys()[at]));
            at = stacks.parents()[at] as usize;
        }
    }
}

fn name_of(entry: &ProfileEntry) -> String {
    if let Some(name) = entry.label("profile") {
        return name.to_owned();
    }
    let labels = entry.labels.iter().map(|(key, value)| format!(" {key}={value}"));
    format!("{}{}", entry.profile_type.sample_type, labels.collect::<String>())
}

fn put_frame(out: &mut String, symbols: &Symbols, frame: FrameId) {
    let frame = symbols.frames.get(frame).unwrap_or_default();
    let function = symbols.functions.get(frame.function).unwrap_or_default();
    out.push_str("{\"name\":");
    put_text(out, symbols.text(function.name));
    if function.file.0 > 0 {
        out.push_str(",\"file\":");
        put_text(out, symbols.text(function.file));
    }
    for (key, number) in [("line", frame.line), ("col", frame.column)] {
        if number > 0 {
            out.push_str(&format!(",\"{key}\":{number}"));
        }
    }
    out.push('}');
}
