//! Writes flamebearer as JSON.

use emberglass_profile::{InputError, ProfileType, Warnings};
use emberglass_trie::{Granularity, MergedTrie};

use super::Flamebearer;
use crate::export::merge;
use crate::json::write::{check_size, put_list, put_number, put_text};
use crate::name_tree::fit;
use crate::{Encoded, Encoder, Export, pyroscope};

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
            _ if profile_type.sample_unit.is_empty() => ("count", 100),
            _ => (profile_type.sample_unit.as_str(), 100),
        };
        Self { spy_name: String::new(), sample_rate, units: units.to_owned(), name: profile_type.sample_type.clone() }
    }
}

impl Encoder for pyroscope::flamebearer::Flamebearer {
    fn name(&self) -> &'static str {
        "flamebearer"
    }

    fn description(&self) -> &'static str {
        "flamebearer JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["flamebearer.json", "flamebearer"]
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn holds_many(&self) -> bool {
        false
    }

    /// Two profiles with the labels `side` = `left` and `right`, which is how a double graph is read, are a double
    /// graph again.
    fn encode(&self, export: &Export<'_>) -> Result<Encoded, InputError> {
        let metadata = Metadata::of(&export.profile_type());
        let is_side =
            |side: &str, labels: &[(String, String)]| labels.iter().any(|(key, of)| key == "side" && of == side);
        let (json, warnings) = match export.profiles.as_slice() {
            &[left, right] if is_side("left", &left.labels) && is_side("right", &right.labels) => {
                let [left, right] = [left, right].map(|entry| merge(export.batch, &[entry], Granularity::Name));
                encode_double(&left?, &right?, &metadata, None)?
            }
            _ => encode(&export.merged(Granularity::Name)?, &metadata, None)?,
        };
        check_size(&json, self.name())?;
        Ok(Encoded { bytes: json.into_bytes(), warnings })
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
    write(&[trie], metadata, max_nodes)
}

/// The double flame graph of two tries as JSON, with what there was to say about it.
///
/// # Errors
/// As [`Flamebearer::new`].
pub fn encode_double(
    left: &MergedTrie,
    right: &MergedTrie,
    metadata: &Metadata,
    max_nodes: Option<usize>,
) -> Result<(String, Warnings), InputError> {
    write(&[left, right], metadata, max_nodes)
}

fn write(
    tries: &[&MergedTrie],
    metadata: &Metadata,
    max_nodes: Option<usize>,
) -> Result<(String, Warnings), InputError> {
    let mut laid = Flamebearer::new(tries, max_nodes)?;
    let warnings = std::mem::take(&mut laid.warnings);
    Ok((to_json(&laid, metadata)?, warnings))
}

fn to_json(laid: &Flamebearer, metadata: &Metadata) -> Result<String, InputError> {
    let Flamebearer { names, levels, ticks, max_self, warnings: _ } = laid;
    let mut out = String::from("{\"version\":1,\"flamebearer\":{\"names\":[");
    put_list(&mut out, names, |out, name| put_text(out, name));
    out.push_str("],\"levels\":[");
    put_list(&mut out, levels, |out, level| {
        out.push('[');
        put_list(out, level, |out, &number| put_number(out, number));
        out.push(']');
    });
    let num_ticks = fit(ticks.iter().map(|&ticks| i128::from(ticks)).sum())?;
    out.push_str(&format!("],\"numTicks\":{num_ticks},\"maxSelf\":{max_self}}}"));
    let Metadata { spy_name, sample_rate, units, name } = metadata;
    let format = if ticks.len() == 1 { "single" } else { "double" };
    out.push_str(&format!(",\"metadata\":{{\"format\":\"{format}\",\"spyName\":"));
    put_text(&mut out, spy_name);
    out.push_str(&format!(",\"sampleRate\":{sample_rate},\"units\":"));
    put_text(&mut out, units);
    out.push_str(",\"name\":");
    put_text(&mut out, name);
    out.push_str("},\"timeline\":null,\"groups\":null,\"heatmap\":null");
    if let [left, right] = ticks.as_slice() {
        out.push_str(&format!(",\"leftTicks\":{left},\"rightTicks\":{right}"));
    }
    out.push('}');
    Ok(out)
}
