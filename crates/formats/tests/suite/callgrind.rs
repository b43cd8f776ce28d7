//! Callgrind: the fixtures, the function table, and stacks that add up to it.

use std::collections::BTreeMap;

use emberglass_formats::callgrind::Callgrind;
use emberglass_profile::{Batch, FunctionId};
use proptest::prelude::*;

use crate::common::corpus::{check_all, top_of, total_of};
use crate::common::damage::{assert_sound, damage, decode_as};
use crate::common::{Numbers, decode_named};

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x").unwrap();
    assert_eq!(batch.format, "callgrind");
    assert_sound(&batch);
    assert_sums_agree(&batch);
    batch
}

/// Own values by function are the same in the stacks as in the function table.
fn assert_sums_agree(batch: &Batch) {
    for costs in &batch.function_tables {
        let table = &batch.tables[costs.table as usize];
        for (column, values) in table.columns.iter().enumerate() {
            let mut own: BTreeMap<FunctionId, i64> = BTreeMap::new();
            for (row, &stack) in table.stack.iter().enumerate() {
                let leaf = batch.stacks.leaf_to_root(stack).next().unwrap();
                *own.entry(batch.symbols.frames.get(leaf).unwrap().function).or_default() += values.values[row];
            }
            for (at, function) in costs.function.iter().enumerate() {
                assert_eq!(own.get(function).copied().unwrap_or(0), costs.own[column][at]);
            }
        }
    }
}

fn stacks_of(batch: &Batch) -> BTreeMap<String, i64> {
    let table = &batch.tables[0];
    let mut stacks = BTreeMap::new();
    for (row, &stack) in table.stack.iter().enumerate() {
        let mut names: Vec<String> = batch
            .stacks
            .leaf_to_root(stack)
            .map(|frame| batch.symbols.function_name(batch.symbols.frames.get(frame).unwrap().function).to_owned())
            .collect();
        names.reverse();
        *stacks.entry(names.join(";")).or_default() += table.columns[0].values[row];
    }
    stacks
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.parent().is_some_and(|folder| folder.ends_with("callgrind")));
    assert_eq!(batches.len(), 4);
    for (path, batch) in batches {
        assert_sound(&batch);
        assert_sums_agree(&batch);
        let codes: Vec<&str> = batch.warnings.as_slice().iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, ["stacks-estimated"], "{}", path.display());
        let deepest = (0..batch.stacks.len() as u32)
            .map(|row| batch.stacks.leaf_to_root(emberglass_profile::StackId(row)).count())
            .max();
        assert!(deepest > Some(2), "{}: {deepest:?}", path.display());
    }
}

#[test]
fn names_positions_and_units_are_resolved() {
    let batch = decode(
        "version: 1\ncreator: x\npid: 77\npositions: instr line\nevents: Ir Time_(10ns) Memory_(bytes)\n\n\
         ob=(1) /bin/a\nfl=(1) a.c\nfn=(1) main\n0x10 5 1 2 3\n+4 +1 10\n\
         cfi=(2) b.c\ncfn=(2) f\ncalls=3 0x20 9\n* * 100 5 7\n\
         jump=3 0x10 5\n* *\n\
         fi=(2)\n* 77 1000\nfe=(1)\n\
         fl=(2)\nfn=(2)\n0x20 9 100 5 7\ntotals: 1\nwhat is this\n",
    );
    let ids: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
    assert_eq!(ids, ["samples:Ir:count::", "wall:Time_(10ns):nanoseconds::", "memory:Memory_(bytes):bytes::"]);
    let totals: Vec<f64> = batch.profiles.iter().map(|entry| total_of(&batch, entry)).collect();
    assert_eq!(totals, [1111.0, 70.0, 10.0]);
    let top = top_of(&batch, &batch.profiles[0]);
    assert_eq!((top["main"].own, top["main"].total, top["f"].total), (1011.0, 1111.0, 100.0));
    assert_eq!(batch.tables[0].records, 2);
    assert_eq!(batch.profiles[0].labels, [("process_id".to_owned(), "77".to_owned())]);
    assert!(batch.metadata.contains(&("creator".to_owned(), "x".to_owned())));
    let mut lines: Vec<u32> = batch.tables[0]
        .stack
        .iter()
        .map(|&stack| batch.symbols.frames.get(batch.stacks.frame(stack)).unwrap().line)
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [0, 5, 6, 9]);
    assert_eq!(stacks_of(&batch), BTreeMap::from([("main".to_owned(), 1011), ("main;f".to_owned(), 100)]));
    assert_eq!(batch.warnings.as_slice()[0].code, "unreadable-line");
    assert!(batch.warnings.as_slice()[0].message.ends_with(": 25"), "{:?}", batch.warnings);
}

#[test]
fn costs_are_split_among_callers_in_proportion() {
    let batch = decode(
        "events: Ir\nfn=main\n1 10\ncfn=a\ncalls=1 1\n1 40\ncfn=b\ncalls=1 1\n1 70\n\
         fn=a\n1 10\ncfn=c\ncalls=1 1\n1 30\nfn=b\n1 10\ncfn=c\ncalls=1 1\n1 60\nfn=c\n1 90\n",
    );
    let wanted = [("main", 10), ("main;a", 10), ("main;a;c", 30), ("main;b", 10), ("main;b;c", 60)];
    assert_eq!(stacks_of(&batch), wanted.map(|(stack, value)| (stack.to_owned(), value)).into());
}

#[test]
fn recursion_keeps_every_sum() {
    let batch = decode(
        "events: Ir\nfn=f\n1 10\ncfn=f\ncalls=2 1\n1 7\ncfn=g\ncalls=1 1\n1 5\nfn=g\n1 3\ncfn=f\ncalls=1 1\n1 9\n",
    );
    let top = top_of(&batch, &batch.profiles[0]);
    assert_eq!((top["f"].own, top["f"].total), (10.0, 15.0), "calls to itself are left out");
    assert_eq!((top["g"].own, top["g"].total), (3.0, 12.0));
    assert_eq!(total_of(&batch, &batch.profiles[0]), 13.0);
}

#[test]
fn threads_are_profiles_of_their_own() {
    let batch = decode(
        "version: 1\npart: 1\nthread: 1\nevents: Ir\nfn=(1) f\n1 10\npart: 2\nthread: 2\nevents: Ir\nfn=(1)\n1 20\n",
    );
    assert_eq!(batch.profiles.iter().map(|entry| total_of(&batch, entry)).collect::<Vec<_>>(), [10.0, 20.0]);
    assert_eq!(batch.profiles[1].labels, [("thread_id".to_owned(), "2".to_owned())]);
}

#[test]
fn a_chain_of_100_000_calls_ends() {
    let mut text = String::from("events: Ir\n");
    for at in 0..100_000 {
        text.push_str(&format!("fn=f{at}\n1 1\ncfn=f{}\ncalls=1 1\n1 {}\n", at + 1, 100_000 - at));
    }
    assert_eq!(total_of(&decode(&text), &decode(&text).profiles[0]), 100_000.0);
}

#[test]
fn damaged_files_are_survived() {
    let text = "# callgrind format\nversion: 1\npositions: instr line\nevents: Ir Dr\nob=(1) x\nfl=(1) a.c\nfn=(1) main\n0x10 5 1 2\n+4 +1 10\ncfi=(2) b.c\ncfn=(2) f\ncalls=3 0x20 9\n* * 100\nfn=(2)\n1 2 3 4\ncfn=(1)\ncalls=1 1\n3 4 5\n";
    damage(&Callgrind, text.as_bytes(), 3000);
}

proptest! {
    #[test]
    fn sums_by_function_survive_any_graph(seed: u64) {
        let mut numbers = Numbers(seed);
        let functions = 1 + numbers.below(7);
        let mut text = String::from("events: A B\n");
        for _ in 0..numbers.below(30) {
            text.push_str(&format!("fn=f{}\n", numbers.below(functions)));
            for _ in 0..numbers.below(4) {
                let negative = if numbers.one_in(9) { "-" } else { "" };
                text.push_str(&format!("{} {negative}{} {}\n", numbers.below(5), numbers.below(99), numbers.below(9)));
                if numbers.one_in(2) {
                    text.push_str(&format!("cfn=f{}\ncalls=1 1\n1 {} {}\n", numbers.below(functions), numbers.below(200), numbers.below(9)));
                }
            }
        }
        let batch = decode_as(&Callgrind, text.as_bytes()).unwrap();
        assert_sound(&batch);
        assert_sums_agree(&batch);
    }
}

#[test]
fn a_dense_graph_is_walked_in_bounded_time_and_memory() {
    let mut numbers = Numbers(3);
    let mut text = String::from("events: Ir\n");
    for caller in 0..700 {
        text.push_str(&format!("fn=f{caller}\n1 {}\n", 1 + numbers.below(100)));
        for _ in 0..200 {
            text.push_str(&format!("cfn=f{}\ncalls=1 1\n1 {}\n", numbers.below(700), numbers.below(10_000)));
        }
    }
    let batch = decode(&text);
    assert!(batch.stacks.len() < 300_000, "{} stacks", batch.stacks.len());
}

#[test]
fn targets_of_jumps_define_names() {
    let batch = decode(
        "# callgrind format\npositions: instr line\nevents: Ir\n\nfl=(1) a.c\nfn=(1) main\n0x10 1 5\n\
         jfi=(2) b.h\njcnd=1/2 +3 7\n+3 2\njump=1 0x20 9\n* 3\n* 3 4\nfe=(2)\n+1 8 6\nfn=(2) g\n0x40 2 1\n",
    );
    assert!(batch.warnings.as_slice().iter().all(|warning| warning.code == "no-stacks"), "{:?}", batch.warnings);
    assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (16, 0));
}

#[test]
fn files_without_calls_have_a_stack_for_each_function() {
    let batch = decode(
        "desc: I1 cache: 32768 B\ncmd: ./w\nevents: Ir I1mr\nfl=w.c\nfn=main\n5 10 1\n6 2 0\nfn=f\n7 3 0\nsummary: 15 1\n",
    );
    let codes: Vec<&str> = batch.warnings.as_slice().iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["no-stacks"]);
    assert_eq!(stacks_of(&batch)["main"], 12);
    assert_eq!(stacks_of(&batch)["f"], 3);
}
