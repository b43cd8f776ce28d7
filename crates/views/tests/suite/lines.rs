//! Lines of the source against a map from line to value.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_profile::{Frame, Function};
use emberglass_trie::{Granularity, MergedTrie, NoYield, at_once};
use emberglass_views::{LineRow, TopSort, lines, source_files, source_lines};
use proptest::prelude::*;

use crate::common::merged;

/// A function and the line of a call in it.
type Call = (u32, u32);

fn by_line(samples: &[(Vec<Call>, i64)]) -> MergedTrie {
    merged(samples, Granularity::Line, 0, |symbols, &(function, line)| {
        let name = symbols.strings.intern(&format!("f{function}"));
        let file = symbols.strings.intern(&format!("src/m{}.rs", function % 2));
        let function = symbols.functions.intern(Function { name, file, start_line: 7, ..Function::default() });
        Frame { function, line, ..Frame::default() }
    })
}

fn samples() -> impl Strategy<Value = Vec<(Vec<Call>, i64)>> {
    let stack = proptest::collection::vec((0u32..4, 0u32..4), 1..6);
    proptest::collection::vec((stack, 1i64..60), 0..40)
}

fn key(row: &LineRow<'_>) -> (String, u32, String) {
    (row.file.to_owned(), row.line, row.function.to_owned())
}

proptest! {
    #[test]
    fn files_and_their_lines_count_a_stack_once(samples in samples()) {
        let trie = by_line(&samples);
        let path = |function: u32| format!("src/m{}.rs", function % 2);
        let mut files: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let mut by_place: BTreeMap<(String, u32), (i64, i64)> = BTreeMap::new();
        for (stack, value) in &samples {
            for file in stack.iter().map(|&(function, _)| path(function)).collect::<BTreeSet<_>>() {
                files.entry(file).or_default().1 += value;
            }
            for place in stack.iter().map(|&(function, line)| (path(function), line)).collect::<BTreeSet<_>>() {
                by_place.entry(place).or_default().1 += value;
            }
            let &(function, line) = stack.last().unwrap();
            files.entry(path(function)).or_default().0 += value;
            by_place.entry((path(function), line)).or_default().0 += value;
        }
        let found = at_once(source_files(&trie, &NoYield)).unwrap();
        prop_assert!(found.is_sorted_by_key(|of| (-of.total, -of.self_value, of.file)));
        let named: BTreeMap<_, _> = found.iter().map(|of| (of.file.to_owned(), (of.self_value, of.total))).collect();
        prop_assert_eq!(named, files);
        for file in &found {
            let rows = at_once(source_lines(&trie, file.file, &NoYield)).unwrap();
            prop_assert!(rows.is_sorted_by_key(|row| row.line));
            let expected: Vec<_> = by_place.iter().filter(|((of, _), _)| of == file.file).map(|((_, line), &sums)| (*line, sums)).collect();
            let given: Vec<_> = rows.iter().map(|row| (row.line, (row.self_value, row.total))).collect();
            prop_assert_eq!(given, expected);
            let functions: Vec<LineRow<'_>> = rows.iter().flat_map(|row| row.functions.clone()).collect();
            prop_assert_eq!(functions.iter().filter(|row| row.line != 0).count(), file.lines as usize);
            let mut all = lines(&trie, Some(file.file), TopSort::SelfValue).unwrap();
            all.sort_by_key(key);
            let mut functions = functions;
            functions.sort_by_key(key);
            prop_assert_eq!(functions, all);
        }
        prop_assert!(at_once(source_lines(&trie, "m0.rs", &NoYield)).unwrap().is_empty(), "a path is a whole one");
    }
}

proptest! {
    #[test]
    fn a_line_costs_what_stacks_through_it_do(samples in samples()) {
        let trie = by_line(&samples);
        let mut expected: BTreeMap<(String, u32, String), (i64, i64)> = BTreeMap::new();
        let place = |&(function, line): &Call| (format!("src/m{}.rs", function % 2), line, format!("f{function}"));
        for (stack, value) in &samples {
            for call in stack.iter().collect::<BTreeSet<_>>() {
                expected.entry(place(call)).or_default().1 += value;
            }
            expected.entry(place(stack.last().unwrap())).or_default().0 += value;
        }
        for sort in [TopSort::SelfValue, TopSort::Total] {
            let rows = lines(&trie, None, sort).unwrap();
            let found: BTreeMap<_, _> = rows.iter().map(|row| (key(row), (row.self_value, row.total))).collect();
            prop_assert_eq!(found.len(), rows.len());
            // A line that is not known is 0 here, or where the function begins.
            let known = |all: BTreeMap<(String, u32, String), (i64, i64)>| {
                all.into_iter().filter(|((_, line, _), _)| (1..4).contains(line)).collect::<BTreeMap<_, _>>()
            };
            prop_assert_eq!(known(found), known(expected.clone()));
            let value = |row: &LineRow<'_>| if sort == TopSort::Total { row.total } else { row.self_value };
            prop_assert!(rows.is_sorted_by(|a, b| value(a) >= value(b)));
        }
        let of_file = lines(&trie, Some("m1.rs"), TopSort::SelfValue).unwrap();
        prop_assert!(of_file.iter().all(|row| row.file == "src/m1.rs"));
        prop_assert!(of_file.is_sorted_by(|a, b| key(a) < key(b)));
        prop_assert_eq!(of_file.len(), lines(&trie, Some("src/m1.rs"), TopSort::Total).unwrap().len());
        prop_assert!(lines(&trie, Some("1.rs"), TopSort::Total).unwrap().is_empty());
    }
}
