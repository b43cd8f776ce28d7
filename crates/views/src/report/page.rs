//! What the page with the interactive flame graph holds: a result as one JSON text, which can be imported again.
//!
//! The page itself is built from `www/report`; whoever writes the file puts this text into it. The decoder is
//! `html_report` in the formats, the other reader `www/report/payload.ts`.
//!
//! `{"emberglass-report": 1, "title", "selection", "type", "scale", "profiles", "samples", "from", "until",
//! "strings", "functions", "nodes"}`: values are times 10^-`scale`; times are ns since the epoch, as texts; counts and times
//! may be `null`. `functions` has the columns `name`, `system`, `file`, `package`, `binary` (rows of `strings`), `line`
//! (0: unknown) and `color`. `nodes` has the columns `depth`, `function` and `self`: the call tree depth first, callers
//! before callees; the first row is the root, of depth 0 and no function. An integer beyond 2^53 is a text. No `<`
//! occurs in the text, so that it can stand in a script element.

use emberglass_profile::{Function, ProfileType};
use emberglass_trie::MergedTrie;

use super::Facts;
use super::text::put_script_json;
use crate::FunctionPackages;

/// Version of the payload.
pub const PAYLOAD_VERSION: u32 = 1;

/// Largest integer that every reader of JSON keeps exact.
const MOST_EXACT: u64 = 1 << 53;

/// The text for the page.
#[must_use]
pub fn payload(
    trie: &MergedTrie,
    packages: &FunctionPackages,
    profile_type: &ProfileType,
    facts: &Facts<'_>,
) -> String {
    let mut out = format!("{{\"emberglass-report\":{PAYLOAD_VERSION},\"title\":");
    put_script_json(&mut out, facts.title);
    out.push_str(",\"selection\":");
    put_script_json(&mut out, facts.selection);
    out.push_str(",\"type\":");
    put_script_json(&mut out, &profile_type.to_string());
    out.push_str(&format!(",\"scale\":{}", trie.output_scale()));
    for (name, count) in [("profiles", facts.profiles), ("samples", facts.samples)] {
        let count = count.map_or_else(|| "null".to_owned(), |count| count.to_string());
        out.push_str(&format!(",\"{name}\":{count}"));
    }
    for (name, time) in [("from", facts.from), ("until", facts.until)] {
        let time = time.map_or_else(|| "null".to_owned(), |time| format!("\"{time}\""));
        out.push_str(&format!(",\"{name}\":{time}"));
    }
    put_functions(&mut out, trie, packages);
    let tree = &trie.tree;
    let rows = tree.len();
    out.push_str(",\"nodes\":{\"depth\":[");
    put_list(&mut out, tree.depth.iter().map(|&depth| i64::from(depth)));
    out.push_str("],\"function\":[");
    put_list(&mut out, (0..rows as u32).map(|node| trie.function(node).map_or(0, |function| i64::from(function.0))));
    out.push_str("],\"self\":[");
    put_list(&mut out, self_values(trie));
    out.push_str("]}}");
    out
}

/// Self values as they are shown, such that they add up to the total as it is shown: of an average, the running sum is
/// rounded, not each value.
fn self_values(trie: &MergedTrie) -> impl Iterator<Item = i64> {
    let divisor = i128::from(trie.divisor.max(1));
    let power = 10i128.pow(u32::from(trie.output_digits));
    let shown = move |sum: i128| {
        let scaled = sum * power;
        let rounded = (scaled.abs() + divisor / 2) / divisor;
        if sum < 0 { -rounded } else { rounded }
    };
    let mut sum = 0i128;
    trie.tree.self_value.iter().map(move |&value| {
        let before = shown(sum);
        sum += i128::from(value);
        i64::try_from(shown(sum) - before).unwrap_or(i64::MAX)
    })
}

/// Texts in the order they come, each once.
#[derive(Default)]
struct Strings {
    table: emberglass_profile::StringTable,
    json: String,
}

impl Strings {
    fn row(&mut self, text: &str) -> i64 {
        let known = self.table.len();
        let id = self.table.intern(text);
        if id.index() >= known {
            self.json.push(',');
            put_script_json(&mut self.json, text);
        }
        i64::from(id.0)
    }
}

fn put_functions(out: &mut String, trie: &MergedTrie, packages: &FunctionPackages) {
    let symbols = &trie.symbols;
    let mut strings = Strings::default();
    let mut columns: [Vec<i64>; 7] = Default::default();
    for (row, function) in symbols.functions.iter().enumerate() {
        let Function { name, system_name, file, .. } = function;
        let id = emberglass_profile::FunctionId(row as u32);
        let mapping = trie.mapping.get(row).and_then(|&id| symbols.mappings.get(id)).unwrap_or_default();
        let values = [
            strings.row(symbols.text(name)),
            strings.row(symbols.text(system_name)),
            strings.row(symbols.text(file)),
            strings.row(packages.package(id)),
            strings.row(symbols.text(mapping.file)),
            i64::from(trie.line.get(row).copied().unwrap_or(0)),
            i64::from(packages.color(id)),
        ];
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    // Row 0 of a string table is the empty text.
    out.push_str(",\"strings\":[\"\"");
    out.push_str(&strings.json);
    out.push_str("],\"functions\":{");
    let names = ["name", "system", "file", "package", "binary", "line", "color"];
    for (at, (name, column)) in names.into_iter().zip(columns).enumerate() {
        out.push_str(&format!("{}\"{name}\":[", if at == 0 { "" } else { "," }));
        put_list(out, column.into_iter());
        out.push(']');
    }
    out.push('}');
}

fn put_list(out: &mut String, values: impl Iterator<Item = i64>) {
    for (at, value) in values.enumerate() {
        if at > 0 {
            out.push(',');
        }
        if value.unsigned_abs() > MOST_EXACT {
            out.push_str(&format!("\"{value}\""));
        } else {
            out.push_str(&value.to_string());
        }
    }
}
