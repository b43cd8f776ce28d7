//! A merged trie as JSON: nested, by its heaviest stacks, and compared with another.

use emberglass_columns::sorted_rows;
use emberglass_profile::{ProfileType, format_scaled};
use emberglass_trie::MergedTrie;

use super::text::put_json;
use crate::{Change, FunctionDiff, Names, ROOT_NAME, share_change};

/// What all answers begin with.
pub(super) fn put_head(out: &mut String, profile_type: &ProfileType) {
    out.push_str("{\"type\":");
    put_json(out, &profile_type.to_string());
    out.push_str(",\"unit\":");
    put_json(out, &profile_type.sample_unit);
}

pub(super) fn put_value(out: &mut String, key: &str, trie: &MergedTrie, value: i64) {
    out.push_str(key);
    out.push_str(&format_scaled(trie.output(value), trie.output_scale()));
}

/// Rows by falling value; equal ones in their order.
fn largest(values: &[i64]) -> Vec<u32> {
    sorted_rows(values.len(), &mut |a, b| values[b as usize].cmp(&values[a as usize]))
}

fn put_node(out: &mut String, trie: &MergedTrie, names: &Names, node: u32) {
    let function = trie.function(node);
    out.push_str("{\"name\":");
    put_json(out, function.map_or(ROOT_NAME, |function| names.get(trie, function)));
    out.push_str(",\"file\":");
    let row = function.and_then(|function| trie.symbols.functions.get(function));
    put_json(out, row.map_or("", |row| trie.symbols.text(row.file)));
    let line = function.and_then(|function| trie.line.get(function.index())).copied().unwrap_or(0);
    out.push_str(&format!(",\"line\":{line}"));
    put_value(out, ",\"self\":", trie, trie.tree.self_value[node as usize]);
    put_value(out, ",\"total\":", trie, trie.tree.total[node as usize]);
}

/// `{"type","unit","total","tree":{"name","file","line","self","total","children":[...]}}` of the `limit` nodes with the
/// largest totals whose callers are among them. Siblings are in the order of their names.
#[must_use]
pub fn tree_json(profile_type: &ProfileType, trie: &MergedTrie, names: &Names, limit: usize) -> String {
    let tree = &trie.tree;
    let mut shown = vec![false; tree.len()];
    for &node in largest(&tree.total).iter().take(limit) {
        shown[node as usize] = true;
    }
    if let Some(root) = shown.first_mut() {
        *root = true;
    }
    let mut out = String::new();
    put_head(&mut out, profile_type);
    put_value(&mut out, ",\"total\":", trie, trie.total());
    out.push_str(",\"tree\":");
    // Nodes that are open: their rows.
    let mut open: Vec<u32> = Vec::new();
    for node in 0..tree.len() as u32 {
        let parent = tree.parent[node as usize] as usize;
        shown[node as usize] = shown[node as usize] && shown[parent];
        if !shown[node as usize] {
            continue;
        }
        while let Some(&last) = open.last()
            && tree.end[last as usize] <= node
        {
            open.pop();
            out.push_str("]}");
        }
        if out.ends_with('}') {
            out.push(',');
        }
        put_node(&mut out, trie, names, node);
        out.push_str(",\"children\":[");
        open.push(node);
    }
    if open.is_empty() {
        out.push_str("null");
    }
    open.iter().for_each(|_| out.push_str("]}"));
    out.push('}');
    out
}

/// `{"type","unit","total","stacks":[{"stack":["main","work"],"self"}]}`: whole stacks, outermost function first, by
/// falling value.
#[must_use]
pub fn stacks_json(profile_type: &ProfileType, trie: &MergedTrie, names: &Names, limit: usize) -> String {
    let tree = &trie.tree;
    let mut out = String::new();
    put_head(&mut out, profile_type);
    put_value(&mut out, ",\"total\":", trie, trie.total());
    out.push_str(",\"stacks\":[");
    let order = largest(&tree.self_value).into_iter().filter(|&node| tree.self_value[node as usize] != 0);
    for (at, node) in order.take(limit).enumerate() {
        out.push_str(if at == 0 { "{\"stack\":[" } else { ",{\"stack\":[" });
        let mut stack = Vec::new();
        let mut above = node;
        while let Some(function) = trie.function(above) {
            stack.push(function);
            above = tree.parent[above as usize];
        }
        for (depth, &function) in stack.iter().rev().enumerate() {
            if depth > 0 {
                out.push(',');
            }
            put_json(&mut out, names.get(trie, function));
        }
        put_value(&mut out, "],\"self\":", trie, tree.self_value[node as usize]);
        out.push('}');
    }
    out.push_str("]}");
    out
}

/// How sure the changes of a diff are.
pub struct DiffSureness<'a> {
    /// Inputs of base and head.
    pub inputs: [u64; 2],
    /// Whether they are enough to tell.
    pub is_enough: bool,
    /// Of the function of a name the probabilities of self value and total.
    pub of: &'a dyn Fn(&str) -> Option<[f64; 2]>,
}

/// Which functions of a diff are told, and what of them.
#[derive(Default)]
pub struct DiffOptions<'a> {
    /// Those that became one of these; all without.
    pub only: &'a [Change],
    /// How sure their changes are.
    pub sureness: Option<DiffSureness<'a>>,
    /// Most functions.
    pub limit: usize,
}

/// `{"type","unit","base_total","head_total","functions":[{"name","base_self","head_self","base_total","head_total",
/// "self_change","total_change","change"}]}`; changes of numbers are shares of the head's total minus shares of the base's. The
/// tries tell how values are shown. With sureness `"significance"` comes before the functions, and functions have `"self_p"` and
/// `"total_p"` where it tells them.
#[must_use]
pub fn diff_json(
    profile_type: &ProfileType,
    base: &MergedTrie,
    head: &MergedTrie,
    diff: &FunctionDiff,
    DiffOptions { only, sureness, limit }: &DiffOptions<'_>,
) -> String {
    let mut out = String::new();
    put_head(&mut out, profile_type);
    put_value(&mut out, ",\"base_total\":", base, diff.totals[0]);
    put_value(&mut out, ",\"head_total\":", head, diff.totals[1]);
    if let Some(DiffSureness { inputs: [base, head], is_enough, .. }) = sureness {
        let test = "\"test\":\"welch\",\"adjusted\":\"benjamini-hochberg\"";
        out.push_str(&format!(
            ",\"significance\":{{{test},\"base_inputs\":{base},\"head_inputs\":{head},\"enough\":{is_enough}}}"
        ));
    }
    out.push_str(",\"functions\":[");
    let rows = diff.rows.iter().filter(|row| only.is_empty() || only.contains(&row.change));
    for (at, row) in rows.take(*limit).enumerate() {
        out.push_str(if at == 0 { "{\"name\":" } else { ",{\"name\":" });
        put_json(&mut out, if row.name.is_empty() { "(unknown)" } else { &row.name });
        put_value(&mut out, ",\"base_self\":", base, row.self_value[0]);
        put_value(&mut out, ",\"head_self\":", head, row.self_value[1]);
        put_value(&mut out, ",\"base_total\":", base, row.total[0]);
        put_value(&mut out, ",\"head_total\":", head, row.total[1]);
        let [own, total] = [row.self_value, row.total].map(|part| share_change(part, diff.totals));
        let change = row.change.as_str();
        out.push_str(&format!(",\"self_change\":{own},\"total_change\":{total},\"change\":\"{change}\""));
        if let Some([own, total]) = sureness.as_ref().and_then(|sureness| (sureness.of)(&row.name)) {
            out.push_str(&format!(",\"self_p\":{own},\"total_p\":{total}"));
        }
        out.push('}');
    }
    out.push_str("]}");
    out
}
