//! Writes flamebearer as JSON.

use emberglass_profile::{InputError, ProfileType, Warnings};
use emberglass_trie::MergedTrie;

use super::Flamebearer;

/// What flamebearer says besides the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Agent that took the profile, possibly empty.
    pub spy_name: String,
    /// Samples per second: what turns values into time where `units` is `samples`.
    pub sample_rate: u32,
    /// Unit of the values: `samples`, `objects`, `bytes`, ...
    pub units: String,
    /// Name of the graph: the sample type.
    pub name: String,
}

impl Metadata {
    /// As Pyroscope describes a profile type: CPU time is in `samples` of a nanosecond.
    #[must_use]
    pub fn of(profile_type: &ProfileType) -> Self {
        let (units, sample_rate) = match profile_type.sample_type.as_str() {
            "cpu" => ("samples", 1_000_000_000),
            "inuse_objects" | "alloc_objects" | "goroutine" | "samples" => ("objects", 100),
            _ => (profile_type.sample_unit.as_str(), 100),
        };
        Self { spy_name: String::new(), sample_rate, units: units.to_owned(), name: profile_type.sample_type.clone() }
    }
}

/// The single flame graph of `trie` as JSON, with what there was to say about it.
///
/// # Errors
/// As [`Flamebearer::new`].
pub fn encode(
    trie: &MergedTrie,
    metadata: &Metadata,
    max_nodes: Option<usize>,
) -> Result<(String, Warnings), InputError> {
    let mut laid = Flamebearer::new(trie, max_nodes)?;
    let warnings = std::mem::take(&mut laid.warnings);
    Ok((to_json(&laid, metadata), warnings))
}

/// By hand, so that integers beyond 2^53 stay exact and keys keep their order.
fn to_json(laid: &Flamebearer, metadata: &Metadata) -> String {
    let Flamebearer { names, levels, num_ticks, max_self, warnings: _ } = laid;
    let mut out = String::from("{\"version\":1,\"flamebearer\":{\"names\":[");
    put_list(&mut out, names, |out, name| put_text(out, name));
    out.push_str("],\"levels\":[");
    put_list(&mut out, levels, |out, level| {
        out.push('[');
        put_list(out, level, |out, number| out.push_str(&number.to_string()));
        out.push(']');
    });
    out.push_str(&format!("],\"numTicks\":{num_ticks},\"maxSelf\":{max_self}}}"));
    let Metadata { spy_name, sample_rate, units, name } = metadata;
    out.push_str(",\"metadata\":{\"format\":\"single\",\"spyName\":");
    put_text(&mut out, spy_name);
    out.push_str(&format!(",\"sampleRate\":{sample_rate},\"units\":"));
    put_text(&mut out, units);
    out.push_str(",\"name\":");
    put_text(&mut out, name);
    out.push_str("},\"timeline\":null,\"groups\":null,\"heatmap\":null}");
    out
}

fn put_list<T>(out: &mut String, list: &[T], mut put: impl FnMut(&mut String, &T)) {
    for (at, item) in list.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        put(out, item);
    }
}

fn put_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
