//! What each line of the source costs.

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, TreeOverflow};

use crate::{TopSort, TopTable};

/// One line of a function. Values are output values ([`MergedTrie::output`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRow<'a> {
    /// Source file, empty where unknown.
    pub file: &'a str,
    /// Line, 0 where unknown.
    pub line: u32,
    /// Name of the function that the line is of; inlined ones are functions of their own.
    pub function: &'a str,
    /// Value of samples that end in it.
    pub self_value: i64,
    /// Value of samples that pass through it, each counted once.
    pub total: i64,
}

/// True if `path` is `wanted`, or ends with it behind a separator.
fn is_file(path: &str, wanted: &str) -> bool {
    path.strip_suffix(wanted).is_some_and(|folder| folder.is_empty() || folder.ends_with(['/', '\\']))
}

/// Rows of a trie that was merged by line ([`emberglass_trie::Granularity::Line`]): of all files in falling order of `sort`,
/// or of those called `file` (a path or its end) by file and line.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
pub fn lines<'a>(trie: &'a MergedTrie, file: Option<&str>, sort: TopSort) -> Result<Vec<LineRow<'a>>, TreeOverflow> {
    let top = TopTable::new(trie)?;
    let symbols = &trie.symbols;
    let mut rows = Vec::new();
    for (at, function) in symbols.functions.iter().enumerate() {
        let of_file = symbols.text(function.file);
        if file.is_some_and(|wanted| !is_file(of_file, wanted)) {
            continue;
        }
        let (self_value, total) = top.values(FunctionId(at as u32));
        // The name proper: the other one has the line.
        let name = symbols.text(function.system_name);
        rows.push(LineRow {
            file: of_file,
            line: trie.line.get(at).copied().unwrap_or(0),
            function: if name.is_empty() { symbols.function_name(FunctionId(u32::MAX)) } else { name },
            self_value: trie.output(self_value),
            total: trie.output(total),
        });
    }
    let place = |row: &LineRow<'a>| (row.file, row.line, row.function);
    let order = sorted_rows(rows.len(), &mut |a, b| {
        let [a, b] = [&rows[a as usize], &rows[b as usize]];
        let by_value = match (file, sort) {
            (Some(_), _) | (None, TopSort::Name) => std::cmp::Ordering::Equal,
            (None, TopSort::SelfValue) => (b.self_value, b.total).cmp(&(a.self_value, a.total)),
            (None, TopSort::Total) => (b.total, b.self_value).cmp(&(a.total, a.self_value)),
        };
        by_value.then_with(|| place(a).cmp(&place(b)))
    });
    Ok(order.into_iter().map(|at| rows[at as usize]).collect())
}
