//! The head of the file.

use emberglass_profile::format_scaled;

use crate::Export;
use crate::json::write::{put_decimal, put_list, put_text};

/// The version that is written; the page upgrades it.
const VERSION: u32 = 49;
/// Colours of categories that profilers commonly have.
const COLORS: &[(&str, &str)] = &[
    ("Other", "grey"),
    ("Idle", "transparent"),
    ("JavaScript", "yellow"),
    ("User", "yellow"),
    ("Kernel", "orange"),
    ("GC / CC", "orange"),
    ("Layout", "purple"),
    ("Graphics", "green"),
    ("Network", "lightblue"),
];
const COLOR: &str = "blue";

/// What stands in `meta`.
pub(super) struct Meta<'m, 'a> {
    pub(super) export: &'m Export<'a>,
    /// Nanoseconds since the epoch, 0 where unknown.
    pub(super) start: i64,
    pub(super) categories: &'m [String],
}

/// The earliest start of all profiles, 0 where there is none.
pub(super) fn first_start(export: &Export<'_>) -> i64 {
    export.profiles.iter().filter_map(|entry| entry.start).min().unwrap_or(0)
}

impl Meta<'_, '_> {
    /// Opens the file's object and writes `meta`.
    pub(super) fn put(&self, out: &mut String) {
        out.push_str("{\"meta\":{\"categories\":[");
        put_list(out, self.categories, |out, name| {
            let color = COLORS.iter().find(|(known, _)| known == name).map_or(COLOR, |(_, color)| color);
            out.push_str("{\"name\":");
            put_text(out, name);
            out.push_str(&format!(",\"color\":\"{color}\",\"subcategories\":[\"Other\"]}}"));
        });
        out.push_str(&format!("],\"interval\":{},\"startTime\":", self.interval()));
        put_decimal(out, self.start, 6);
        let product = self.fact("product").unwrap_or(&self.export.batch.service_name);
        out.push_str(",\"product\":");
        put_text(out, if product.is_empty() { "profile" } else { product });
        if let Some(oscpu) = self.fact("oscpu") {
            out.push_str(",\"oscpu\":");
            put_text(out, oscpu);
        }
        out.push_str(&format!(
            ",\"version\":24,\"preprocessedProfileVersion\":{VERSION},\"processType\":0,\"debug\":false,\"symbolicated\":true,\
             \"sampleUnits\":{{\"time\":\"ms\",\"eventDelay\":\"ms\",\"threadCPUDelta\":\"ns\"}},\"pausedRanges\":[],\
             \"extensions\":{{\"baseURL\":[],\"id\":[],\"length\":0,\"name\":[]}},\"usesOnlyOneStackType\":true,\
             \"doesNotUseFrameImplementation\":true,\"sourceCodeIsNotOnSearchfox\":true,\"markerSchema\":[]}}"
        ));
    }

    fn fact(&self, name: &str) -> Option<&str> {
        self.export.batch.metadata.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Milliseconds between samples: what the source says, else its period, else 1.
    fn interval(&self) -> String {
        let is_number =
            |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if let Some(text) = self.fact("interval_ms").filter(is_number) {
            return text.to_owned();
        }
        let period = self.export.profiles.iter().find_map(|entry| {
            let is_time = entry.profile_type.period_unit == "nanoseconds" && entry.period > 0;
            is_time.then_some(entry.period)
        });
        format_scaled(period.unwrap_or(1_000_000), 6)
    }
}
