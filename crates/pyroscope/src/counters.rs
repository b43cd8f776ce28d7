//! What is counted, under Pyroscope's names, as Prometheus reads it
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Upper bounds of the buckets of a histogram of sizes, bytes.
const SIZES: [u64; 8] = [10 << 10, 32 << 10, 100 << 10, 320 << 10, 1 << 20, 3 << 20, 10 << 20, 15 << 20];

/// Counters since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    /// Profiles by size, as they were pushed: of at most each of [`SIZES`], and larger ones.
    received: [u64; SIZES.len() + 1],
    received_bytes: u64,
    pub(crate) stored_profiles: u64,
    pub(crate) dropped_profiles: u64,
    /// Requests and their bytes, by reason.
    discarded: BTreeMap<&'static str, (u64, u64)>,
    requests: BTreeMap<(&'static str, u16), u64>,
}

/// A line of a family: what stands behind its name, labels, value.
type Line = (&'static str, String, u64);

impl Counters {
    pub(crate) fn received(&mut self, bytes: u64) {
        let bucket = SIZES.iter().position(|&size| bytes <= size).unwrap_or(SIZES.len());
        self.received[bucket] += 1;
        self.received_bytes += bytes;
    }

    pub(crate) fn discard(&mut self, reason: &'static str, bytes: u64) {
        let (requests, sum) = self.discarded.entry(reason).or_default();
        *requests += 1;
        *sum += bytes;
    }

    pub(crate) fn answered(&mut self, route: &'static str, status: u16) {
        *self.requests.entry((route, status)).or_default() += 1;
    }

    fn sizes(&self) -> Vec<Line> {
        let bounds = SIZES.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        let mut count = 0;
        let mut lines: Vec<Line> = Vec::with_capacity(SIZES.len() + 3);
        for (bound, received) in bounds.zip(self.received) {
            count += received;
            lines.push(("_bucket", format!("{{le=\"{bound}\"}}"), count));
        }
        lines.extend([("_sum", String::new(), self.received_bytes), ("_count", String::new(), count)]);
        lines
    }

    /// All of them, and what is stored.
    pub(crate) fn text(&self, stored_bytes: f64, blocks: u32) -> String {
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, lines: Vec<Line>| {
            // Writing to a text never fails.
            let _written = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (suffix, labels, value) in lines {
                let _written = writeln!(out, "{name}{suffix}{labels} {value}");
            }
        };
        let one = |value: u64| vec![("", String::new(), value)];
        let sizes = "Bytes of each profile as it was pushed.";
        family("pyroscope_distributor_received_compressed_bytes", "histogram", sizes, self.sizes());
        let by_reason = |value: fn(&(u64, u64)) -> u64| -> Vec<Line> {
            let lines = self.discarded.iter();
            lines.map(|(reason, counts)| ("", format!("{{reason=\"{reason}\"}}"), value(counts))).collect()
        };
        let refused = "Requests refused, by reason.";
        family("pyroscope_discarded_samples_total", "counter", refused, by_reason(|(requests, _)| *requests));
        let bytes = "Bytes of refused requests, by reason.";
        family("pyroscope_discarded_bytes_total", "counter", bytes, by_reason(|(_, bytes)| *bytes));
        family("emberglass_stored_profiles_total", "counter", "Profiles stored.", one(self.stored_profiles));
        let dropped = "Profiles dropped to stay within the bound of memory.";
        family("emberglass_dropped_profiles_total", "counter", dropped, one(self.dropped_profiles));
        let requests = self
            .requests
            .iter()
            .map(|((route, status), count)| ("", format!("{{route=\"{route}\",status_code=\"{status}\"}}"), *count));
        family("emberglass_requests_total", "counter", "Requests answered.", requests.collect());
        family("emberglass_stored_bytes", "gauge", "Bytes of all blocks.", one(stored_bytes as u64));
        family("emberglass_stored_blocks", "gauge", "Blocks.", one(u64::from(blocks)));
        out
    }
}
