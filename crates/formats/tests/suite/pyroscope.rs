//! Pyroscope's flamebearer JSON, trie and tree bytes.

use std::collections::BTreeMap;

use emberglass_formats::pyroscope::{bytes::PyroscopeBytes, flamebearer::Flamebearer};
use emberglass_profile::{Batch, ErrorCode};
use proptest::prelude::*;

use crate::common::{Numbers, damage, decode_named};

fn decode(bytes: &[u8], name: &str) -> Batch {
    let batch = decode_named(bytes, name).unwrap_or_else(|error| panic!("{error:?}"));
    damage::assert_sound(&batch);
    batch
}

/// Values of one column by stack, names joined with `|`.
fn stacks(batch: &Batch, column: usize) -> BTreeMap<String, i64> {
    let table = &batch.tables[0];
    let name = |frame| batch.symbols.function_name(batch.symbols.frames.get(frame).unwrap().function);
    let mut out = BTreeMap::new();
    for (row, &stack) in table.stack.iter().enumerate() {
        let mut names: Vec<&str> = batch.stacks.leaf_to_root(stack).map(name).collect();
        names.reverse();
        *out.entry(names.join("|")).or_default() += table.columns[column].values[row];
    }
    out.retain(|_, value| *value != 0);
    out
}

fn map(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|&(name, value)| (name.to_owned(), value)).collect()
}

const SINGLE: &str = r#"{"version":1,"flamebearer":{"names":["total","main","run","parse","io;x","gc"],"levels":[[0,15,0,0],[0,15,1,1],[1,4,4,5,0,10,3,2],[8,2,2,4,0,5,5,3]],"numTicks":15,"maxSelf":5},"metadata":{"format":"single","spyName":"gospy","sampleRate":100,"units":"samples","name":"shop.cpu"},"timeline":{"startTime":1700000000,"samples":[1,2,3],"durationDelta":10,"watermarks":{}}}"#;
const DOUBLE: &str = r#"{"version":1,"flamebearer":{"names":["total","main","sort","run","parse","io;x","gc"],"levels":[[0,15,0,0,20,0,0],[0,15,1,0,20,0,1],[1,4,4,0,4,4,6,0,10,3,0,10,1,3,0,0,0,0,6,6,2],[8,2,2,5,0,0,5,0,5,5,0,9,9,4]],"numTicks":35,"maxSelf":9},"metadata":{"format":"double","units":"samples","sampleRate":1000000000},"leftTicks":15,"rightTicks":20}"#;

fn left() -> BTreeMap<String, i64> {
    map(&[("main|run", 3), ("main|run|parse", 5), ("main|run|io;x", 2), ("main|gc", 4), ("main", 1)])
}

#[test]
fn single_graphs_become_their_stacks() {
    let batch = decode(SINGLE.as_bytes(), "x");
    assert_eq!((batch.format.as_str(), stacks(&batch, 0)), ("flamebearer", left()));
    let entry = &batch.profiles[0];
    assert_eq!(entry.profile_type.to_string(), "process_cpu:samples:count::");
    assert_eq!((entry.start, entry.duration), (Some(1_700_000_000_000_000_000), 30_000_000_000));
    assert_eq!(batch.tables[0].records, 5);
}

#[test]
fn double_graphs_are_two_profiles() {
    let batch = decode(DOUBLE.as_bytes(), "x");
    assert_eq!(stacks(&batch, 0), left());
    assert_eq!(stacks(&batch, 1), map(&[("main|run", 1), ("main|run|parse", 9), ("main|sort", 6), ("main|gc", 4)]));
    assert_eq!(batch.profiles[1].labels, [("side".to_owned(), "right".to_owned())]);
    assert_eq!(batch.profiles[0].profile_type.to_string(), "process_cpu:cpu:nanoseconds::");
}

#[test]
fn the_older_form_has_its_metadata_inside() {
    let text = r#"{"flamebearer":{"names":["total","f"],"levels":[[0,9,2,0],[2,7,7,1]],"numTicks":9,"maxSelf":7,"spyName":"gospy","sampleRate":100,"units":"bytes","format":"single"},"metadata":null,"timeline":null}"#;
    let batch = decode(text.as_bytes(), "x");
    assert_eq!(stacks(&batch, 0), map(&[("", 2), ("f", 7)]));
    assert_eq!(batch.profiles[0].profile_type.to_string(), "memory:bytes:bytes::");
}

#[test]
fn graphs_that_do_not_add_up_are_refused() {
    for (from, to, code) in [
        ("[1,4,4,5,0,10,3,2]", "[1,4,4,5,0,10,3]", ErrorCode::Malformed),
        ("[1,4,4,5,0,10,3,2]", "[1,4,4,9,0,10,3,2]", ErrorCode::BadReference),
        ("[1,4,4,5,0,10,3,2]", "[1,4,4,5,0,99,3,2]", ErrorCode::Malformed),
        ("[1,4,4,5,0,10,3,2]", "[-1,4,4,5,0,10,3,2]", ErrorCode::Malformed),
        ("\"levels\"", "\"level\"", ErrorCode::Malformed),
    ] {
        let error = decode_named(SINGLE.replace(from, to).as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, code, "{to}: {error}");
    }
}

/// The tree bytes of `SINGLE`.
const TREE: &[u8] = b"\x00\x00\x01\x04main\x01\x02\x03run\x03\x02\x05parse\x05\x00\x04io;x\x02\x00\x02gc\x04\x00";

#[test]
fn tree_bytes_are_nodes_before_their_children() {
    let batch = decode(TREE, "x.tree");
    assert_eq!((batch.format.as_str(), stacks(&batch, 0)), ("pyroscope-tree", left()));
    let cut = decode_named(&TREE[..TREE.len() - 2], "x.tree").unwrap_err();
    assert_eq!(cut.code, ErrorCode::UnrecognizedFormat);
    let deep: Vec<u8> = [&b"\x00\x00\x01"[..], &b"\x01f\x00\x01".repeat(99_999), b"\x01f\x05\x00"].concat();
    assert_eq!(decode(&deep, "x").tables[0].columns[0].values, [5]);
}

#[test]
fn trie_bytes_are_pieces_of_folded_stacks() {
    let bytes =
        b"\x00\x00\x02\x04main\x01\x01\x01;\x00\x02\x02gc\x04\x00\x03run\x03\x01\x06;parse\x05\x00\x01g\x02\x00";
    let wanted = map(&[("main", 1), ("main|gc", 4), ("main|run", 3), ("main|run|parse", 5), ("g", 2)]);
    assert_eq!(stacks(&decode(bytes, "x.trie"), 0), wanted);
    assert_eq!(stacks(&decode(bytes, "body"), 0), wanted);
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    damage::damage(&Flamebearer, SINGLE.as_bytes(), 1500);
    damage::damage(&Flamebearer, DOUBLE.as_bytes(), 1500);
    damage::damage(&PyroscopeBytes, TREE, 3000);
}

/// A random tree as (levels, stacks): bars are laid out as Pyroscope does, self before children.
fn random_graph(numbers: &mut Numbers) -> (Vec<Vec<i64>>, BTreeMap<String, i64>) {
    struct Node {
        name: i64,
        own: i64,
        children: Vec<usize>,
        depth: usize,
    }
    let mut nodes = vec![Node { name: 0, own: 0, children: vec![], depth: 0 }];
    for _ in 0..numbers.below(20) {
        let parent = numbers.below(nodes.len());
        let depth = nodes[parent].depth + 1;
        let row = nodes.len();
        nodes[parent].children.push(row);
        // Siblings have names of their own.
        nodes.push(Node { name: row as i64, own: 1 + numbers.below(9) as i64, children: vec![], depth });
    }
    let mut totals = vec![0; nodes.len()];
    for row in (0..nodes.len()).rev() {
        totals[row] = nodes[row].own + nodes[row].children.iter().map(|&child| totals[child]).sum::<i64>();
    }
    let mut levels: Vec<Vec<i64>> = vec![Vec::new(); 1 + nodes.iter().map(|node| node.depth).max().unwrap()];
    let mut ends = vec![0; levels.len()];
    let mut stacks = BTreeMap::new();
    let mut open = vec![(0, 0, String::new())];
    while let Some((row, start, stack)) = open.pop() {
        let node = &nodes[row];
        levels[node.depth].extend([start - ends[node.depth], totals[row], node.own, node.name]);
        ends[node.depth] = start + totals[row];
        if node.own > 0 {
            stacks.insert(stack.clone(), node.own);
        }
        let mut at = start + node.own;
        let mut below = Vec::new();
        for &child in &node.children {
            let name = if row == 0 { format!("n{child}") } else { format!("{stack}|n{child}") };
            below.push((child, at, name));
            at += totals[child];
        }
        open.extend(below.into_iter().rev());
    }
    (levels, stacks)
}

proptest! {
    #[test]
    fn graphs_are_read_back(seed in any::<u64>()) {
        let (levels, wanted) = random_graph(&mut Numbers(seed));
        let names: Vec<String> = (0..40).map(|name| format!("n{name}")).collect();
        let text = serde_json::json!({"flamebearer": {"names": names, "levels": levels}, "metadata": {"format": "single"}});
        prop_assert_eq!(stacks(&decode(text.to_string().as_bytes(), "x"), 0), wanted);
    }
}
