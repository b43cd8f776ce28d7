//! The Markdown summary: what a reviewer or a language model needs to know of a profile, in at most some 60 KB.
//!
//! Everything that is left out is counted. Values are for reading; exact ones are in the CSV and JSON tables.

use std::fmt::Write as _;

use emberglass_columns::heap_sort_by;
use emberglass_profile::{FunctionId, ProfileType, Warning};
use emberglass_trie::MergedTrie;

use super::cut::middle;
use super::markdown_text::{cell_code, code, fenced, heading, plain};
use super::numbers::{Numbers, count, counted, percent};
use super::summary::{by_package, heaviest};
use super::text::printable;
use super::{Facts, FunctionRow, FunctionTable};
use crate::display_name;

/// Functions of each table.
const FUNCTIONS: usize = 20;
/// Stacks.
const STACKS: usize = 10;
/// Lines of a stack nearest to its root, and to its leaf; what is between them is counted.
const ROOT_LINES: usize = 4;
const LEAF_LINES: usize = 10;
/// Packages.
const PACKAGES: usize = 15;
/// Warnings.
const WARNINGS: usize = 20;
/// Cells of a name, of a file, of a unit, of a sentence.
const NAME: usize = 100;
const FILE: usize = 60;
const UNIT: usize = 40;
const SENTENCE: usize = 240;

/// The summary. `table` holds all functions, by self value; `trie` is what the stacks are taken from.
#[must_use]
pub fn markdown(trie: &MergedTrie, profile_type: &ProfileType, table: &FunctionTable<'_>, facts: &Facts<'_>) -> String {
    let unit = plain(&middle(&printable(&profile_type.sample_unit), UNIT));
    let summary = Summary { trie, table, numbers: Numbers::new(&unit, table.scale), total: table.total };
    let mut out = String::new();
    summary.put_head(&mut out, profile_type, facts);
    let by_self: Vec<&FunctionRow<'_>> = table.rows.iter().collect();
    let mut by_total = by_self.clone();
    heap_sort_by(&mut by_total, |a, b| b.total.cmp(&a.total).then_with(|| (a.name, a.file).cmp(&(b.name, b.file))));
    summary.put_functions(&mut out, "Functions by self", &by_self, false);
    summary.put_functions(&mut out, "Functions by total", &by_total, true);
    summary.put_stacks(&mut out);
    summary.put_packages(&mut out);
    put_warnings(&mut out, facts.warnings);
    out
}

struct Summary<'a> {
    trie: &'a MergedTrie,
    table: &'a FunctionTable<'a>,
    numbers: Numbers<'a>,
    total: i64,
}

impl Summary<'_> {
    fn put_head(&self, out: &mut String, profile_type: &ProfileType, facts: &Facts<'_>) {
        let tree = &self.trie.tree;
        let mut line = |name: &str, words: &str| {
            // Writing to a string can't fail.
            let _ok = writeln!(out, "- {name}: {words}");
        };
        line("Type", &code(&middle(&printable(&profile_type.to_string()), NAME)));
        if !facts.selection.is_empty() {
            line("Selection", &code(&middle(&printable(facts.selection), SENTENCE)));
        }
        let unit = plain(&middle(&printable(&profile_type.sample_unit), UNIT));
        line("Unit", if unit.is_empty() { "unknown" } else { &unit });
        let (readable, exact) = (self.numbers.readable(self.total), self.numbers.exact(self.total));
        let total = if readable == exact { exact } else { format!("{readable} ({exact})") };
        line("Total", &total);
        if let Some(profiles) = facts.profiles {
            line("Profiles", &count(profiles));
        }
        if let Some(samples) = facts.samples {
            line("Samples", &count(samples));
        }
        if let Some(range) = facts.range() {
            line("Time", &range);
        }
        let (nodes, deepest) = (tree.len().saturating_sub(1) as u64, tree.max_depth());
        line("Functions", &count(self.table.rows.len() as u64));
        line("Call tree", &format!("{}, {deepest} deep", counted(nodes, "node")));
        let without = self.trie.output(tree.self_value.first().copied().unwrap_or(0));
        if without != 0 {
            line("Samples without frames", &self.value(without));
        }
        let title = heading(&middle(&printable(facts.heading()), NAME));
        out.insert_str(0, &format!("# {title}\n\n"));
    }

    /// `1.23 s (12.3 %)`
    fn value(&self, value: i64) -> String {
        format!("{} ({})", self.numbers.readable(value), self.share(value))
    }

    fn share(&self, value: i64) -> String {
        percent(value, self.total)
    }

    fn put_functions(&self, out: &mut String, title: &str, rows: &[&FunctionRow<'_>], by_total: bool) {
        let _ok = write!(out, "\n## {title}\n\n");
        if rows.is_empty() {
            out.push_str("There are no functions.\n");
            return;
        }
        out.push_str("| # | Self | % | Total | % | Function | Place |\n|---:|---:|---:|---:|---:|---|---|\n");
        for (at, row) in rows.iter().take(FUNCTIONS).enumerate() {
            let place = match (row.file, row.line) {
                ("", _) => row.binary.to_owned(),
                (file, 0) => file.to_owned(),
                (file, line) => format!("{file}:{line}"),
            };
            let _ok = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                at + 1,
                self.numbers.readable(row.self_value),
                self.share(row.self_value),
                self.numbers.readable(row.total),
                self.share(row.total),
                cell_code(&middle(&printable(&display_name(row.name)), NAME)),
                cell_code(&middle(&printable(&place), FILE)),
            );
        }
        let rest = rows.get(FUNCTIONS..).unwrap_or(&[]);
        if rest.is_empty() {
            return;
        }
        let more = counted(rest.len() as u64, "more function");
        if by_total {
            let most = rest.first().map_or(0, |row| row.total);
            let _ok = write!(out, "\n… {more}, none above {}\n", self.share(most));
        } else {
            let own: i128 = rest.iter().map(|row| i128::from(row.self_value)).sum();
            let _ok = write!(out, "\n… {more}{}\n", self.share_of(own));
        }
    }

    /// `, 3.1 %`; nothing where a sum is beyond 64 bits.
    fn share_of(&self, sum: i128) -> String {
        i64::try_from(sum).map_or_else(|_beyond| String::new(), |sum| format!(", {}", self.share(sum)))
    }

    fn put_stacks(&self, out: &mut String) {
        let (nodes, more) = heaviest(self.trie, STACKS);
        out.push_str("\n## Heaviest stacks\n\n");
        if nodes.is_empty() {
            out.push_str("There are no stacks.\n");
            return;
        }
        out.push_str("From root to leaf; the value is that of samples which end in the leaf.\n");
        let own = |node: u32| self.trie.tree.self_value[node as usize];
        for (at, &node) in nodes.iter().enumerate() {
            let depth = self.trie.tree.depth[node as usize];
            let value = self.value(self.trie.output(own(node)));
            let _ok = write!(out, "\n{}. {value}, {}\n\n", at + 1, counted(u64::from(depth), "frame"));
            let indent = if at < 9 { 3 } else { 4 };
            out.push_str(&fenced(&self.stack(node), indent));
        }
        if more > 0 {
            let shown: i128 = nodes.iter().map(|&node| i128::from(own(node))).sum();
            let rest = i64::try_from(i128::from(self.trie.total()) - shown);
            let share =
                rest.map_or_else(|_beyond| String::new(), |rest| format!(", {}", self.value(self.trie.output(rest))));
            let _ok = write!(out, "\n… {}{share}\n", counted(more as u64, "more stack"));
        }
    }

    /// Lines of a stack, root first. Frames of one function that follow each other are one line, and the middle of a
    /// deep stack is a count.
    fn stack(&self, leaf: u32) -> Vec<String> {
        // From the leaf up: (function, times in a row).
        let mut runs: Vec<(FunctionId, u64)> = Vec::new();
        let mut at = leaf;
        while let Some(function) = self.trie.function(at) {
            match runs.last_mut() {
                Some((last, times)) if *last == function => *times += 1,
                _ => runs.push((function, 1)),
            }
            at = self.trie.tree.parent[at as usize];
        }
        runs.reverse();
        if runs.is_empty() {
            return vec!["(no frames)".to_owned()];
        }
        let line = |&(function, times): &(FunctionId, u64)| {
            let name = middle(&printable(&display_name(self.trie.symbols.function_name(function))), NAME);
            if times == 1 { name } else { format!("{name} ({} times)", count(times)) }
        };
        if runs.len() <= ROOT_LINES + LEAF_LINES + 1 {
            return runs.iter().map(line).collect();
        }
        let (left_out, last) = (&runs[ROOT_LINES..runs.len() - LEAF_LINES], &runs[runs.len() - LEAF_LINES..]);
        let frames: u64 = left_out.iter().map(|&(_, times)| times).sum();
        let mut lines: Vec<String> = runs[..ROOT_LINES].iter().map(line).collect();
        lines.push(format!("… {} …", counted(frames, "frame")));
        lines.extend(last.iter().map(line));
        lines
    }

    fn put_packages(&self, out: &mut String) {
        let packages = by_package(self.table);
        if packages.is_empty() {
            return;
        }
        out.push_str("\n## Packages by self\n\n| Self | % | Package |\n|---:|---:|---|\n");
        for (package, sum) in packages.iter().take(PACKAGES) {
            let Ok(value) = i64::try_from(*sum) else { continue };
            let name =
                if package.is_empty() { "(unknown)".to_owned() } else { cell_code(&middle(&printable(package), NAME)) };
            let _ok = writeln!(out, "| {} | {} | {name} |", self.numbers.readable(value), self.share(value));
        }
        let rest = packages.get(PACKAGES..).unwrap_or(&[]);
        if !rest.is_empty() {
            let sum = rest.iter().map(|(_, sum)| sum).sum();
            let _ok = write!(out, "\n… {}{}\n", counted(rest.len() as u64, "more package"), self.share_of(sum));
        }
    }
}

fn put_warnings(out: &mut String, warnings: &[Warning]) {
    if warnings.is_empty() {
        return;
    }
    out.push_str("\n## Warnings\n\n");
    for Warning { code: name, message, offset, count: times } in warnings.iter().take(WARNINGS) {
        let _ok = write!(out, "- {} ({}", plain(&middle(&printable(message), SENTENCE)), code(name));
        if let Some(offset) = offset {
            let _ok = write!(out, ", at byte {offset}");
        }
        if *times > 1 {
            let _ok = write!(out, ", {} times", count(*times));
        }
        out.push_str(")\n");
    }
    if warnings.len() > WARNINGS {
        let _ok = writeln!(out, "- … {}", counted((warnings.len() - WARNINGS) as u64, "more warning"));
    }
}
