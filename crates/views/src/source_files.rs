//! Files of the source and what they cost, and what each line of one costs.

use std::collections::BTreeMap;

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, TreeOverflow, YieldNow};

use crate::lines::row;
use crate::top::sums_by;
use crate::{LineRow, TopTable};

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
    let top = TopTable::sliced(trie, pause).await?;
    let mut found: BTreeMap<u32, SourceLine<'a>> = BTreeMap::new();
    for (at, function) in symbols.functions.iter().enumerate() {
        if symbols.text(function.file) != file {
            continue;
        }
        let row = row(trie, &top, FunctionId(at as u32));
        let empty = SourceLine { line: row.line, self_value: 0, total: 0, functions: Vec::new() };
        found.entry(row.line).or_insert(empty).functions.push(row);
    }
    // Group 0 is all that is outside of the file.
    let group_of_line: BTreeMap<u32, u32> = found.keys().copied().zip(1..).collect();
    let group_of: Vec<u32> = symbols
        .functions
        .iter()
        .enumerate()
        .map(|(at, function)| match symbols.text(function.file) == file {
            true => group_of_line.get(&trie.line.get(at).copied().unwrap_or(0)).copied().unwrap_or(0),
            false => 0,
        })
        .collect();
    let tree = &trie.tree;
    let group = |key: u32| group_of[key as usize];
    let (own, total) = sums_by(tree, &tree.self_value, &tree.total, found.len() + 1, group, pause).await?;
    let lines = found.into_values().zip(own.into_iter().zip(total).skip(1)).map(|(mut line, (own, total))| {
        (line.self_value, line.total) = (trie.output(own), trie.output(total));
        line.functions.sort_by(|a, b| (b.total, b.self_value, a.function).cmp(&(a.total, a.self_value, b.function)));
        line
    });
    Ok(lines.collect())
}
