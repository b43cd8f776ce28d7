//! What is counted, under Pyroscope's names, as Prometheus reads it
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Counters since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) received_bytes: u64,
    pub(crate) received_profiles: u64,
    pub(crate) dropped_profiles: u64,
    discarded: BTreeMap<&'static str, u64>,
    requests: BTreeMap<(&'static str, u16), u64>,
}

impl Counters {
    pub(crate) fn discard(&mut self, reason: &'static str) {
        *self.discarded.entry(reason).or_default() += 1;
    }

    pub(crate) fn answered(&mut self, route: &'static str, status: u16) {
        *self.requests.entry((route, status)).or_default() += 1;
    }

    /// All of them, and what is stored.
    pub(crate) fn text(&self, stored_bytes: f64, blocks: u32) -> String {
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, rows: Vec<(String, String)>| {
            let mut put = |line: String| {
                out.push_str(&line);
                out.push('\n');
            };
            put(format!("# HELP {name} {help}"));
            put(format!("# TYPE {name} {kind}"));
            for (labels, value) in rows {
                put(format!("{name}{labels} {value}"));
            }
        };
        let one = |value: String| vec![(String::new(), value)];
        family(
            "pyroscope_distributor_received_compressed_bytes_total",
            "counter",
            "Bytes of profiles as they were pushed.",
            one(self.received_bytes.to_string()),
        );
        family(
            "pyroscope_distributor_received_profiles_total",
            "counter",
            "Profiles stored.",
            one(self.received_profiles.to_string()),
        );
        let rows = self.discarded.iter();
        let rows = rows.map(|(reason, count)| (format!("{{reason=\"{reason}\"}}"), count.to_string()));
        family("pyroscope_discarded_profiles_total", "counter", "Profiles refused.", rows.collect());
        let rows = self.discarded.iter();
        let rows = rows.map(|(reason, count)| (format!("{{reason=\"{reason}\"}}"), count.to_string()));
        family("pyroscope_discarded_samples_total", "counter", "Requests refused, by reason.", rows.collect());
        family(
            "emberglass_dropped_profiles_total",
            "counter",
            "Profiles dropped to stay within the bound of memory.",
            one(self.dropped_profiles.to_string()),
        );
        let mut requests = Vec::new();
        for ((route, status), count) in &self.requests {
            let mut labels = String::new();
            if write!(labels, "{{route=\"{route}\",status_code=\"{status}\"}}").is_ok() {
                requests.push((labels, count.to_string()));
            }
        }
        family("emberglass_requests_total", "counter", "Requests answered.", requests);
        family("emberglass_stored_bytes", "gauge", "Bytes of all blocks.", one(format!("{stored_bytes}")));
        family("emberglass_stored_blocks", "gauge", "Blocks.", one(blocks.to_string()));
        out
    }
}
