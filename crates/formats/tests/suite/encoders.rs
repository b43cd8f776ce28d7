//! Folded and flamebearer: conformance vectors, and random tries against naive encoders.

use std::collections::BTreeMap;

use emberglass_formats::{flamebearer, folded};
use emberglass_profile::{Frame, FrameId, Function, ProfileType, Symbols, Warnings, format_scaled};
use emberglass_trie::{Granularity, MergedTrie, Merger, StackBuilder};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common;
use crate::common::Numbers;

/// The trie of stacks, root first, with a value each.
fn trie_of<S: AsRef<str>>(stacks: &[(Vec<S>, i64)], scale: u8, divisor: u64) -> MergedTrie {
    let mut symbols = Symbols::default();
    let mut builder = StackBuilder::default();
    let mut values: Vec<i64> = vec![0];
    for (names, value) in stacks {
        let frames: Vec<FrameId> = names
            .iter()
            .map(|name| {
                let name = symbols.strings.intern(name.as_ref());
                let function = symbols.functions.intern(Function { name, ..Function::default() });
                symbols.frames.intern(Frame { function, ..Frame::default() })
            })
            .collect();
        let stack = builder.insert(frames);
        values.resize(builder.len(), 0);
        values[stack.index()] += value;
    }
    let table = builder.finish();
    let mut merger = Merger::new(Granularity::Name);
    merger.add(&symbols, table.parents(), table.frames(), &values, scale, divisor).unwrap();
    merger.finish().unwrap()
}

fn stacks_a() -> Vec<(Vec<&'static str>, i64)> {
    vec![
        (vec!["main", "run"], 3),
        (vec!["main", "run", "parse"], 5),
        (vec!["main", "run", "io;x"], 2),
        (vec!["main", "gc"], 4),
        (vec!["main"], 1),
    ]
}

fn flamebearer_of(trie: &MergedTrie, max_nodes: Option<usize>) -> Value {
    let (json, _) = flamebearer::encode(trie, &flamebearer::Metadata::default(), max_nodes).unwrap();
    serde_json::from_str::<Value>(&json).unwrap()["flamebearer"].take()
}

#[test]
fn a_single_graph_is_laid_out_as_pyroscope_does() {
    let trie = trie_of(&stacks_a(), 0, 1);
    assert_eq!(
        flamebearer_of(&trie, None),
        json!({
            "names": ["total", "main", "run", "parse", "io;x", "gc"],
            "levels": [[0, 15, 0, 0], [0, 15, 1, 1], [1, 4, 4, 5, 0, 10, 3, 2], [8, 2, 2, 4, 0, 5, 5, 3]],
            "numTicks": 15,
            "maxSelf": 5,
        })
    );
    assert_eq!(flamebearer_of(&trie, Some(5)), flamebearer_of(&trie, None));
    assert_eq!(flamebearer_of(&trie, Some(0)), flamebearer_of(&trie, None));
}

#[test]
fn a_cut_graph_is_laid_out_as_pyroscope_does() {
    let got = flamebearer_of(&trie_of(&stacks_a(), 0, 1), Some(3));
    assert_eq!(got["names"], json!(["total", "main", "other", "run", "parse"]));
    assert_eq!(
        got["levels"],
        json!([[0, 15, 0, 0], [0, 15, 1, 1], [1, 10, 3, 3, 0, 4, 4, 2], [4, 5, 5, 4, 0, 2, 2, 2]])
    );
}

#[test]
fn a_double_graph_is_laid_out_as_pyroscope_does() {
    let after = [
        (vec!["main", "run", "parse"], 9),
        (vec!["main", "run"], 1),
        (vec!["main", "gc"], 4),
        (vec!["main", "sort"], 6),
    ];
    let (before, after) = (trie_of(&stacks_a(), 0, 1), trie_of(&after, 0, 1));
    let metadata = flamebearer::Metadata::default();
    let (text, _) = flamebearer::encode_double(&before, &after, &metadata, None).unwrap();
    assert!(
        text.starts_with(
            "{\"version\":1,\"flamebearer\":{\"names\":[\"total\",\"main\",\"sort\",\"run\",\"parse\",\"io;x\",\"gc\"],\
         \"levels\":[[0,15,0,0,20,0,0],[0,15,1,0,20,0,1],\
         [1,4,4,0,4,4,6,0,10,3,0,10,1,3,0,0,0,0,6,6,2],[8,2,2,5,0,0,5,0,5,5,0,9,9,4]],\
         \"numTicks\":35,\"maxSelf\":9},\"metadata\":{\"format\":\"double\","
        ),
        "{text}"
    );
    assert!(text.ends_with(",\"heatmap\":null,\"leftTicks\":15,\"rightTicks\":20}"), "{text}");
    let cut = flamebearer::encode_double(&before, &after, &metadata, Some(3)).unwrap().0;
    let cut: Value = serde_json::from_str(&cut).unwrap();
    assert_eq!(cut["flamebearer"]["levels"][2], json!([1, 10, 3, 0, 10, 1, 3, 0, 4, 4, 0, 10, 10, 2]), "{cut}");
    assert_eq!(cut["flamebearer"]["levels"][0], json!([0, 15, 0, 0, 20, 0, 0]));
}

#[test]
fn names_that_all_end_with_numbers_are_not_read_as_two_counts() {
    let trie = trie_of(&[(vec!["line 12"], 5), (vec!["line 13"], 6)], 0, 1);
    let text = folded::encode(&trie).unwrap().text;
    assert_eq!(text, " 0\nline 12 5\nline 13 6\n");
    let batch = common::decode_named(text.as_bytes(), "x.folded").unwrap();
    assert_eq!((batch.profiles.len(), batch.total(&batch.profiles[0]).unwrap()), (1, (11, 0)));
}

#[test]
fn real_frames_called_other_or_nothing_stay_themselves() {
    let got = flamebearer_of(&trie_of(&[(vec!["other", "x"], 5), (vec!["main"], 5)], 0, 1), None);
    assert_eq!(got["names"], json!(["total", "other", "x", "main"]));
    assert_eq!(got["levels"], json!([[0, 10, 0, 0], [0, 5, 5, 3, 0, 5, 0, 1], [5, 5, 5, 2]]));
    let got = flamebearer_of(&trie_of(&[(vec!["", "x"], 5)], 0, 1), None);
    assert_eq!(got["names"], json!(["total", "", "x"]));
    assert_eq!(got["levels"], json!([[0, 5, 0, 0], [0, 5, 0, 1], [0, 5, 5, 2]]));
    let got = flamebearer_of(&trie_of(&[(vec!["total", "x"], 5)], 0, 1), None);
    assert_eq!(got["names"], json!(["total", "x"]));
}

#[test]
fn type_parameters_are_cut_and_merged() {
    let stacks = [(vec!["f[go.shape.int]", "g"], 1), (vec!["f[go.shape.string]", "g"], 2), (vec!["f[a]"], 4)];
    let trie = trie_of(&stacks, 0, 1);
    let got = flamebearer_of(&trie, None);
    assert_eq!(got["names"], json!(["total", "f[a]", "f[...]", "g"]));
    assert_eq!(got["levels"], json!([[0, 7, 0, 0], [0, 3, 0, 2, 0, 4, 4, 1], [0, 3, 3, 3]]));
    let text = folded::encode(&trie).unwrap().text;
    assert_eq!(text, "f[a] 4\nf[go.shape.int];g 1\nf[go.shape.string];g 2\n", "exports keep them");
}

#[test]
fn the_whole_document_has_pyroscopes_keys() {
    let id: ProfileType = "process_cpu:cpu:nanoseconds:cpu:nanoseconds".parse().unwrap();
    let trie = trie_of(&[(vec!["a\"\n"], i64::MAX)], 0, 1);
    let (text, warnings) = flamebearer::encode(&trie, &flamebearer::Metadata::of(&id), None).unwrap();
    assert_eq!(warnings, Warnings::default());
    assert_eq!(
        text,
        "{\"version\":1,\"flamebearer\":{\"names\":[\"total\",\"a\\\"\\n\"],\
         \"levels\":[[0,9223372036854775807,0,0],[0,9223372036854775807,9223372036854775807,1]],\
         \"numTicks\":9223372036854775807,\"maxSelf\":9223372036854775807},\
         \"metadata\":{\"format\":\"single\",\"spyName\":\"\",\"sampleRate\":1000000000,\"units\":\"samples\",\"name\":\"cpu\"},\
         \"timeline\":null,\"groups\":null,\"heatmap\":null}"
    );
    let heap: ProfileType = "memory:inuse_space:bytes:space:bytes".parse().unwrap();
    let metadata = flamebearer::Metadata::of(&heap);
    assert_eq!((metadata.units.as_str(), metadata.sample_rate), ("bytes", 100));
}

#[test]
fn an_empty_trie_is_one_bar_and_no_line() {
    let trie = trie_of::<&str>(&[], 0, 1);
    let got = flamebearer_of(&trie, Some(8));
    assert_eq!((&got["names"], &got["levels"]), (&json!(["total"]), &json!([[0, 0, 0, 0]])));
    assert_eq!(folded::encode(&trie).unwrap().text, "");
}

#[test]
fn samples_without_frames_are_in_the_total() {
    let trie = trie_of(&[(vec![], 2), (vec!["a"], 3)], 0, 1);
    assert_eq!(flamebearer_of(&trie, None)["levels"], json!([[0, 5, 2, 0], [2, 3, 3, 1]]));
    assert_eq!(folded::encode(&trie).unwrap().text, " 2\na 3\n");
}

#[test]
fn names_that_would_break_a_line_are_changed_and_counted() {
    let stacks = [(vec!["a;b", "c\r\nd"], 1), (vec!["a:b", "c  d"], 2), (vec![""], -3)];
    let encoded = folded::encode(&trie_of(&stacks, 0, 1)).unwrap();
    assert_eq!(encoded.text, "(unknown) -3\na:b;c  d 3\n");
    let [warning] = encoded.warnings.as_slice() else { panic!("{:?}", encoded.warnings) };
    assert_eq!((warning.code.as_str(), warning.count), ("renamed-frames", 2));
}

#[test]
fn fractions_and_means_are_rounded_as_the_format_allows() {
    let trie = trie_of(&[(vec!["a"], 125), (vec!["b"], 50)], 2, 1);
    assert_eq!(folded::encode(&trie).unwrap().text, "a 1.25\nb 0.5\n");
    let (_, warnings) = flamebearer::encode(&trie, &flamebearer::Metadata::default(), None).unwrap();
    assert_eq!(warnings.as_slice()[0].code, "rounded-values");
    let got = flamebearer_of(&trie, None);
    assert_eq!(got["numTicks"], json!(2));
    let mean = trie_of(&[(vec!["a"], 3), (vec!["a", "b"], 4)], 0, 2);
    let value = |sum: i64| format_scaled(mean.output(sum), mean.output_scale());
    assert_eq!(folded::encode(&mean).unwrap().text, format!("a {}\na;b {}\n", value(3), value(4)));
    assert_eq!(value(3), "1.5");
}

#[test]
fn a_stack_of_100_000_frames_is_written() {
    let names: Vec<&str> = (0..100_000).map(|at| ["a", "b", "c"][at % 3]).collect();
    let trie = trie_of(&[(names, 7)], 0, 1);
    assert_eq!(folded::encode(&trie).unwrap().text.len(), 2 * 100_000 + 2);
    assert_eq!(flamebearer_of(&trie, None)["levels"].as_array().unwrap().len(), 100_001);
}

type Stacks = Vec<(Vec<String>, i64)>;

fn random_stacks(seed: u64) -> Stacks {
    let numbers = &mut Numbers(seed);
    let names = ["main", "run", "a b", "", "other", "total", "f[go.shape.int]", "f[...]", "z"];
    (0..numbers.below(30))
        .map(|_| {
            let stack = (0..numbers.below(6)).map(|_| names[numbers.below(names.len())].to_owned()).collect();
            (stack, numbers.below(50) as i64 - i64::from(numbers.one_in(5)) * 20)
        })
        .collect()
}

/// Stacks back from a flamebearer: self values by path.
fn paths_of(graph: &Value) -> BTreeMap<Vec<String>, i64> {
    let number = |value: &Value| value.as_i64().unwrap();
    let mut above: Vec<(i64, i64, Vec<String>)> = Vec::new();
    let mut paths = BTreeMap::new();
    for (depth, level) in graph["levels"].as_array().unwrap().iter().enumerate() {
        let mut end = 0;
        let mut row = Vec::new();
        for bar in level.as_array().unwrap().chunks(4) {
            let x = end + number(&bar[0]);
            end = x + number(&bar[1]);
            let mut path = match depth {
                0 => Vec::new(),
                _ => above.iter().find(|(left, right, _)| *left <= x && end <= *right).unwrap().2.clone(),
            };
            if depth > 0 {
                path.push(graph["names"][number(&bar[3]) as usize].as_str().unwrap().to_owned());
            }
            if number(&bar[2]) != 0 {
                assert_eq!(paths.insert(path.clone(), number(&bar[2])), None, "siblings are distinct");
            }
            row.push((x, end, path));
        }
        above = row;
    }
    paths
}

proptest! {
    #[test]
    fn folded_lines_equal_naive_ones(seed: u64) {
        let stacks = random_stacks(seed);
        let mut naive: BTreeMap<String, i64> = BTreeMap::new();
        for (stack, value) in &stacks {
            let names: Vec<&str> = stack.iter().map(|name| if name.is_empty() { "(unknown)" } else { name }).collect();
            *naive.entry(names.join(";")).or_default() += value;
        }
        let mut lines: Vec<String> =
            naive.iter().filter(|(_, value)| **value != 0).map(|(stack, value)| format!("{stack} {value}")).collect();
        lines.sort();
        let text = folded::encode(&trie_of(&stacks, 0, 1)).unwrap().text;
        prop_assert_eq!(text.lines().collect::<Vec<_>>(), lines);
        prop_assert!(text.is_empty() || text.ends_with('\n'));
    }

    #[test]
    fn flamebearer_gives_the_stacks_back(seed: u64) {
        let stacks: Stacks = random_stacks(seed).into_iter().map(|(stack, value)| (stack, value.abs() + 1)).collect();
        let mut naive: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        for (stack, value) in &stacks {
            let names = stack.iter().map(|name| flamebearer::cut_type_parameters(name).into_owned()).collect();
            *naive.entry(names).or_default() += value;
        }
        let graph = flamebearer_of(&trie_of(&stacks, 0, 1), None);
        prop_assert_eq!(paths_of(&graph), naive.clone());
        prop_assert_eq!(graph["numTicks"].as_i64().unwrap(), naive.values().sum::<i64>());
        prop_assert_eq!(graph["maxSelf"].as_i64().unwrap(), naive.values().copied().max().unwrap_or(0));
    }

    #[test]
    fn a_cut_graph_keeps_its_total(seed: u64, max_nodes in 1usize..12, divisor in 1u64..5) {
        let stacks: Stacks = random_stacks(seed).into_iter().map(|(stack, value)| (stack, value.abs())).collect();
        let trie = trie_of(&stacks, 0, divisor);
        let graph = flamebearer_of(&trie, Some(max_nodes));
        let whole: i64 = stacks.iter().map(|(_, value)| value).sum();
        let mean = (whole as f64 / divisor as f64).round() as i64;
        prop_assert_eq!(graph["numTicks"].as_i64().unwrap(), mean);
        let own: i64 = graph["levels"].as_array().unwrap().iter()
            .flat_map(|level| level.as_array().unwrap().chunks(4).map(|bar| bar[2].as_i64().unwrap()))
            .sum();
        prop_assert_eq!(own, mean);
    }
}
