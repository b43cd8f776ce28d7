//! Files of the source and what they cost, and what each line of one costs.

use std::collections::BTreeMap;

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, TreeOverflow, YieldNow};

use crate::LineRow;
use crate::top::sums_by;

/// What one file costs. Values are output values ([`MergedTrie::output`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFile<'a> {
    /// Its path as the profile has it, empty for all that has none.
    pub file: &'a str,
    /// Lines with a cost, those of each function counted; without the line that is unknown.
    pub lines: u32,
    /// Value of samples that end in it.
    pub self_value: i64,
    /// Value of samples that pass through it, each counted once.
    pub total: i64,
}

/// What one line of a file costs. Values are output values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// Line, 0 where unknown.
    pub line: u32,
    /// Value of samples that end in it.
    pub self_value: i64,
    /// Value of samples that pass through it, each counted once, whichever of its functions they are in.
    pub total: i64,
    /// Functions that the line is of (several where it was inlined, or compiled more than once), by falling total.
    pub functions: Vec<LineRow<'a>>,
}

/// Files of a trie that was merged by line ([`emberglass_trie::Granularity::Line`]), by falling total, then self, then path.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
pub async fn source_files<'a>(
    trie: &'a MergedTrie,
    pause: &impl YieldNow,
) -> Result<Vec<SourceFile<'a>>, TreeOverflow> {
    let symbols = &trie.symbols;
    let mut group_of_name = BTreeMap::new();
    let mut files: Vec<SourceFile<'a>> = Vec::new();
    let mut group_of = Vec::with_capacity(symbols.functions.len());
    for (at, function) in symbols.functions.iter().enumerate() {
        let group = *group_of_name.entry(function.file).or_insert_with(|| {
            files.push(SourceFile { file: symbols.text(function.file), lines: 0, self_value: 0, total: 0 });
            files.len() as u32 - 1
        });
        group_of.push(group);
        if trie.line.get(at).is_some_and(|&line| line != 0) {
            files[group as usize].lines += 1;
        }
    }
    let tree = &trie.tree;
    let group = |key: u32| group_of[key as usize];
    let (own, total) = sums_by(tree, &tree.self_value, &tree.total, files.len(), group, pause).await?;
    for (file, (own, total)) in files.iter_mut().zip(own.into_iter().zip(total)) {
        (file.self_value, file.total) = (trie.output(own), trie.output(total));
    }
    let order = sorted_rows(files.len(), &mut |a, b| {
        let [a, b] = [&files[a as usize], &files[b as usize]];
        (b.total, b.self_value).cmp(&(a.total, a.self_value)).then_with(|| a.file.cmp(b.file))
    });
    Ok(order.into_iter().map(|at| files[at as usize]).collect())
}

/// Lines of the file at exactly this path, of such a trie, by line.
///
/// # Errors
/// As [`source_files`].
pub async fn source_lines<'a>(
    trie: &'a MergedTrie,
    file: &str,
    pause: &impl YieldNow,
) -> Result<Vec<SourceLine<'a>>, TreeOverflow> {
    let symbols = &trie.symbols;
    let functions = symbols.functions.iter().enumerate();
    let inside: Vec<u32> = functions.filter(|(_, of)| symbols.text(of.file) == file).map(|(at, _)| at as u32).collect();
    let line_of = |function: u32| trie.line.get(function as usize).copied().unwrap_or(0);
    let mut rows: BTreeMap<u32, SourceLine<'a>> = BTreeMap::new();
    for &function in &inside {
        let line = line_of(function);
        rows.entry(line).or_insert(SourceLine { line, self_value: 0, total: 0, functions: Vec::new() });
    }
    // Group 0 is all that is outside of the file.
    let place_of: BTreeMap<u32, u32> = rows.keys().zip(1..).map(|(&line, group)| (line, group)).collect();
    let mut by_line = vec![0u32; symbols.functions.len()];
    let mut by_function = vec![0u32; symbols.functions.len()];
    for (&function, own) in inside.iter().zip(1..) {
        by_line[function as usize] = place_of.get(&line_of(function)).copied().unwrap_or(0);
        by_function[function as usize] = own;
    }
    let tree = &trie.tree;
    let groups = inside.len() + 1;
    let of_function = |key: u32| by_function[key as usize];
    let (own, total) = sums_by(tree, &tree.self_value, &tree.total, groups, of_function, pause).await?;
    for (&function, at) in inside.iter().zip(1usize..) {
        let name = symbols.text(symbols.functions.get(FunctionId(function)).unwrap_or_default().system_name);
        let row = LineRow {
            file: symbols.text(symbols.functions.get(FunctionId(function)).unwrap_or_default().file),
            line: line_of(function),
            function: if name.is_empty() { symbols.function_name(FunctionId(u32::MAX)) } else { name },
            self_value: trie.output(own[at]),
            total: trie.output(total[at]),
        };
        if let Some(line) = rows.get_mut(&row.line) {
            line.functions.push(row);
        }
    }
    let of_line = |key: u32| by_line[key as usize];
    let (own, total) = sums_by(tree, &tree.self_value, &tree.total, rows.len() + 1, of_line, pause).await?;
    let lines = rows.into_values().zip(own.into_iter().zip(total).skip(1)).map(|(mut line, (own, total))| {
        (line.self_value, line.total) = (trie.output(own), trie.output(total));
        line.functions.sort_by(|a, b| (b.total, b.self_value, a.function).cmp(&(a.total, a.self_value, b.function)));
        line
    });
    Ok(lines.collect())
}
