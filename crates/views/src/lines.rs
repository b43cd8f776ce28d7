//! What each line of the source costs.

use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once, slices, sorted};

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

/// Units of work of a line, see [`Work`].
const UNITS: usize = 10;

/// True if `path` is `wanted`, or ends with it behind a separator.
fn is_file(path: &str, wanted: &str) -> bool {
    path.strip_suffix(wanted).is_some_and(|folder| folder.is_empty() || folder.ends_with(['/', '\\']))
}

/// The row of a line, which is a function of such a trie.
pub(crate) fn row<'a>(trie: &'a MergedTrie, top: &TopTable, line: FunctionId) -> LineRow<'a> {
    let symbols = &trie.symbols;
    let function = symbols.functions.get(line).unwrap_or_default();
    let (self_value, total) = top.values(line);
    // The name proper: the other one has the line.
    let name = symbols.text(function.system_name);
    LineRow {
        file: symbols.text(function.file),
        line: trie.line.get(line.index()).copied().unwrap_or(0),
        function: if name.is_empty() { symbols.function_name(FunctionId(u32::MAX)) } else { name },
        self_value: trie.output(self_value),
        total: trie.output(total),
    }
}

/// Rows of a trie that was merged by line ([`emberglass_trie::Granularity::Line`]): of all files in falling order of `sort`,
/// or of those called `file` (a path or its end) by file and line.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
pub fn lines<'a>(trie: &'a MergedTrie, file: Option<&str>, sort: TopSort) -> Result<Vec<LineRow<'a>>, TreeOverflow> {
    at_once(lines_sliced(trie, file, sort, &NoYield))
}

/// As [`lines`], in slices.
///
/// # Errors
/// As [`lines`].
pub async fn lines_sliced<'a>(
    trie: &'a MergedTrie,
    file: Option<&str>,
    sort: TopSort,
    pause: &impl YieldNow,
) -> Result<Vec<LineRow<'a>>, TreeOverflow> {
    let top = TopTable::sliced(trie, pause).await?;
    let mut rows: Vec<LineRow<'a>> = Vec::new();
    let mut work = Work::default();
    for lines in slices(0..trie.symbols.functions.len()) {
        let units = lines.len() * UNITS;
        let all = lines.map(|line| row(trie, &top, FunctionId(line as u32)));
        rows.extend(all.filter(|row| file.is_none_or(|wanted| is_file(row.file, wanted))));
        work.done(units, pause).await;
    }
    let place = |row: &LineRow<'a>| (row.file, row.line, row.function);
    let mut compare = |a: u32, b: u32| {
        let [a, b] = [&rows[a as usize], &rows[b as usize]];
        let by_value = match (file, sort) {
            (Some(_), _) | (None, TopSort::Name) => std::cmp::Ordering::Equal,
            (None, TopSort::SelfValue) => (b.self_value, b.total).cmp(&(a.self_value, a.total)),
            (None, TopSort::Total) => (b.total, b.self_value).cmp(&(a.total, a.self_value)),
        };
        by_value.then_with(|| place(a).cmp(&place(b)))
    };
    let order = sorted(rows.len(), &mut compare, pause).await;
    Ok(order.into_iter().map(|at| rows[at as usize]).collect())
}
