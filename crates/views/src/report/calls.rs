//! Lines of the source, and the call graph as JSON and in DOT (<https://graphviz.org/doc/info/lang.html>).

use emberglass_profile::{FunctionId, ProfileType};
use emberglass_trie::MergedTrie;

use super::numbers::{Numbers, percent_decimal};
use super::stacks::{put_head, put_value};
use super::text::{printable, put_json};
use crate::{CallEdge, CallGraph, LineRow};

/// `{"type","unit","total","lines":[{"file","line","function","self","total"}]}` of the first `limit` rows.
#[must_use]
pub fn lines_json(profile_type: &ProfileType, trie: &MergedTrie, rows: &[LineRow<'_>], limit: usize) -> String {
    let mut out = String::new();
    put_head(&mut out, profile_type);
    put_value(&mut out, ",\"total\":", trie, trie.total());
    out.push_str(",\"lines\":[");
    let number = |value| emberglass_profile::format_scaled(value, trie.output_scale());
    for (at, row) in rows.iter().take(limit).enumerate() {
        out.push_str(if at == 0 { "{\"file\":" } else { ",{\"file\":" });
        put_json(&mut out, row.file);
        out.push_str(&format!(",\"line\":{},\"function\":", row.line));
        put_json(&mut out, row.function);
        out.push_str(&format!(",\"self\":{},\"total\":{}}}", number(row.self_value), number(row.total)));
    }
    out.push_str("]}");
    out
}

/// What of a graph is shown: the functions with the largest totals and the calls among them.
struct Shown {
    functions: Vec<FunctionId>,
    edges: Vec<CallEdge>,
    functions_left_out: usize,
    edges_left_out: usize,
}

impl Shown {
    fn new(graph: &CallGraph, limit: usize) -> Self {
        let shown = graph.shown(limit);
        let is_shown = |of: FunctionId| shown.get(of.index()).copied().unwrap_or(false);
        let functions: Vec<_> = (0..shown.len() as u32).map(FunctionId).filter(|&of| is_shown(of)).collect();
        let edges = graph.among(&shown);
        Self {
            functions_left_out: shown.len() - functions.len(),
            edges_left_out: graph.calls() - edges.len(),
            functions,
            edges,
        }
    }

    /// Place of a function among those shown.
    fn place(&self, function: FunctionId) -> usize {
        self.functions.binary_search(&function).unwrap_or(0)
    }
}

/// `{"type","unit","total","functions":[{"name","file","line","self","total"}],"calls":[{"caller","callee","value"}],
/// "functions_left_out","calls_left_out"}`: the `limit` functions with the largest totals by name, and the calls among them,
/// heaviest first; caller and callee are places in `functions`.
#[must_use]
pub fn call_graph_json(profile_type: &ProfileType, trie: &MergedTrie, graph: &CallGraph, limit: usize) -> String {
    let shown = Shown::new(graph, limit);
    let mut out = String::new();
    put_head(&mut out, profile_type);
    put_value(&mut out, ",\"total\":", trie, trie.total());
    out.push_str(",\"functions\":[");
    for (at, &function) in shown.functions.iter().enumerate() {
        out.push_str(if at == 0 { "{\"name\":" } else { ",{\"name\":" });
        put_json(&mut out, trie.symbols.function_name(function));
        out.push_str(",\"file\":");
        let file = trie.symbols.functions.get(function).map_or("", |of| trie.symbols.text(of.file));
        put_json(&mut out, file);
        out.push_str(&format!(",\"line\":{}", trie.line.get(function.index()).copied().unwrap_or(0)));
        let (own, total) = graph.functions.values(function);
        put_value(&mut out, ",\"self\":", trie, own);
        put_value(&mut out, ",\"total\":", trie, total);
        out.push('}');
    }
    out.push_str("],\"calls\":[");
    for (at, edge) in shown.edges.iter().enumerate() {
        let (caller, callee) = (shown.place(edge.caller), shown.place(edge.callee));
        let comma = if at == 0 { "" } else { "," };
        out.push_str(&format!("{comma}{{\"caller\":{caller},\"callee\":{callee}"));
        put_value(&mut out, ",\"value\":", trie, edge.value);
        out.push('}');
    }
    let Shown { functions_left_out, edges_left_out, .. } = shown;
    out.push_str(&format!("],\"functions_left_out\":{functions_left_out},\"calls_left_out\":{edges_left_out}}}"));
    out
}

/// Appends a quoted string of DOT: lines between which it breaks.
fn put_dot(out: &mut String, lines: &[&str]) {
    out.push('"');
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            out.push_str("\\n");
        }
        for c in printable(line).chars() {
            if matches!(c, '"' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out.push('"');
}

/// The same as a graph in DOT, which says in its title what is left out.
#[must_use]
pub fn call_graph_dot(profile_type: &ProfileType, trie: &MergedTrie, graph: &CallGraph, limit: usize) -> String {
    let shown = Shown::new(graph, limit);
    let numbers = Numbers::new(&profile_type.sample_unit, trie.output_scale());
    let whole = trie.output(trie.total());
    let readable = |value: i64| numbers.readable(trie.output(value));
    let percent = |value: i64| percent_decimal(trie.output(value), whole);
    let mut out = String::from("digraph calls {\n  node [shape=box, fontname=\"sans-serif\"];\n  label=");
    let title = format!("{profile_type}  total {}", numbers.readable(whole));
    let Shown { functions_left_out, edges_left_out, .. } = shown;
    let rest = format!("{functions_left_out} functions and {edges_left_out} calls are left out");
    put_dot(&mut out, &[&title, &rest]);
    out.push_str(";\n");
    for (at, &function) in shown.functions.iter().enumerate() {
        let (own, total) = graph.functions.values(function);
        let values = format!("{} ({}%) of {} ({}%)", readable(own), percent(own), readable(total), percent(total));
        out.push_str(&format!("  n{at} [label="));
        put_dot(&mut out, &[trie.symbols.function_name(function), &values]);
        out.push_str("];\n");
    }
    for edge in &shown.edges {
        let (caller, callee) = (shown.place(edge.caller), shown.place(edge.callee));
        // From 1 to 8 points by the share of the total.
        let share = i128::from(edge.value.unsigned_abs()) * 70 / i128::from(trie.total().unsigned_abs()).max(1);
        let width = share.clamp(0, 70) + 10;
        out.push_str(&format!("  n{caller} -> n{callee} [label="));
        put_dot(&mut out, &[&readable(edge.value)]);
        out.push_str(&format!(", penwidth={}.{}];\n", width / 10, width % 10));
    }
    out.push_str("}\n");
    out
}
