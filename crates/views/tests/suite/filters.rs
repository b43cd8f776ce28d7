//! Filters against a map from stack to value.

#![cfg(test)]

use emberglass_trie::{MergedTrie, NoYield, at_once};
use emberglass_views::Names;
use emberglass_views::filter::{Field, Filter, Filters, FrameGranularity};
use proptest::prelude::*;

use crate::common::{samples, trie_of};
use crate::filter_model::{Model, VERBS, Wanted, model_of, stacks_of, wanted};

fn apply(trie: &MergedTrie, texts: &[String]) -> MergedTrie {
    Filters::parse(texts).unwrap().apply(trie.clone(), &|_| Names::default()).unwrap()
}

proptest! {
    #[test]
    fn filters_do_to_stacks_what_they_say(samples in samples(-20), filters in proptest::collection::vec(wanted(), 1..4)) {
        let trie = trie_of(&samples);
        let mut model = model_of(&samples);
        for filter in &filters {
            model = filter.apply(&model);
        }
        let texts: Vec<String> = filters.iter().map(Wanted::text).collect();
        let left = apply(&trie, &texts);
        prop_assert_eq!(stacks_of(&left), model.clone(), "{:?}", texts);
        prop_assert_eq!(left.total(), model.values().sum::<i64>());
        let each = texts.iter().fold(trie, |trie, text| apply(&trie, std::slice::from_ref(text)));
        prop_assert_eq!(each.tree, left.tree);
    }

    #[test]
    fn nodes_go_where_their_stacks_go(samples in samples(-20), filters in proptest::collection::vec(wanted(), 1..4)) {
        let trie = trie_of(&samples);
        let texts: Vec<String> = filters.iter().map(Wanted::text).collect();
        let (mut left, to) = at_once(Filters::parse(&texts).unwrap().apply_to_nodes(trie.clone(), &Names::default(), &NoYield));
        let mut gone = 0;
        for (&value, &to) in trie.tree.self_value.iter().zip(&to) {
            match left.tree.self_value.get_mut(to as usize) {
                Some(sum) => *sum += value,
                None => gone += value,
            }
        }
        prop_assert_eq!(left.tree.self_value.iter().sum::<i64>(), trie.total() - gone);
        prop_assert_eq!(stacks_of(&left), stacks_of(&apply(&trie, &texts)), "{:?}", texts);
        let tree = &left.tree;
        for node in 1..tree.len() {
            let above = tree.parent[node] as usize;
            prop_assert!(above < node && node < tree.end[node] as usize && tree.end[node] <= tree.end[above]);
            prop_assert_eq!(tree.depth[node], tree.depth[above] + 1);
        }
    }

    #[test]
    fn what_is_written_is_read_back(
        verb in proptest::sample::select(VERBS.as_slice()),
        field in proptest::sample::select(["", "@function", "@file", "@package", "@binary"].as_slice()),
        text in r#"[/"a:=@.é ]{1,6}"#,
        key in "[a-z]{0,3}",
        shape in 0u8..4,
    ) {
        let is_empty = |quote: char| text.len() == 2 && text.chars().all(|c| c == quote);
        prop_assume!(!is_empty('/') && !is_empty('"'));
        let written = match shape {
            0 => format!("{verb}{field}:{text}"),
            1 => format!("{verb}{field}:/{}/", text.replace('/', "")+"x"),
            2 => format!("tagfocus:{key}={text}"),
            _ => format!("tagignore:{text}"),
        };
        let Ok(filter) = written.parse::<Filter>() else { return Ok(()) };
        let shown = filter.to_string();
        let again: Filter = shown.parse().unwrap();
        prop_assert_eq!(format!("{:?}", again), format!("{:?}", filter), "{}", shown);
        prop_assert_eq!(again.to_string(), shown);
    }

    #[test]
    fn no_text_panics(text in ".{0,30}") {
        let _either = text.parse::<Filter>();
    }

    #[test]
    fn granularities_rename_frames_and_keep_values(samples in samples(-20)) {
        let trie = trie_of(&samples);
        let by_file = FrameGranularity::File.apply(trie.clone(), &|_| Names::default()).unwrap();
        let mut model = Model::new();
        for (stack, value) in model_of(&samples) {
            *model.entry(stack.into_iter().map(|(_, file)| (file.clone(), file)).collect()).or_default() += value;
        }
        model.retain(|_, value| *value != 0);
        prop_assert_eq!(stacks_of(&by_file), model);
        let by_binary = FrameGranularity::Binary.apply(trie.clone(), &|_| Names::default()).unwrap();
        prop_assert_eq!(by_binary.total(), trie.total());
        prop_assert!(by_binary.symbols.functions.len() <= 1, "no binary is known");
    }
}

#[test]
fn errors_say_where_and_what_could_stand_there() {
    let error = |text: &str| {
        let error = text.parse::<Filter>().unwrap_err();
        (error.position, error.message)
    };
    assert_eq!(error("focus"), (5, "expected \":\" and what to look for".to_owned()));
    assert_eq!(error("focus:"), (6, "expected what to look for".to_owned()));
    assert_eq!(error("focus@function://"), (16, "expected what to look for".to_owned()));
    assert_eq!(error("hide@label:x"), (5, "expected one of function, file, package, binary".to_owned()));
    assert_eq!(error("focus@x:y"), (6, "expected one of function, file, package, binary, label".to_owned()));
    assert_eq!(error("shows:x").0, 0);
    assert_eq!(error("focus:/a(/").0, 8);
    assert_eq!(error("preset:perl").0, 7);
    assert_eq!(error("tagroot@file:x").0, 7);
    assert_eq!(error("tagfocus:k=").0, 11);
    assert_eq!(error("tagroot:a,,b").0, 10);
}

#[test]
fn literals_are_whole_names_and_the_last_parts_of_paths() {
    let trie = trie_of(&[(vec![0, 4], 3), (vec![1], 5)]);
    for (filter, total) in [
        ("focus:f0", 3),
        ("focus:f", 0),
        ("focus:/f/", 8),
        ("focus@file:file1.go", 3),
        ("focus@file:go", 0),
        ("focus:file1.go", 3),
        ("focus@function:file1.go", 0),
        ("drop:f1", 3),
        ("focus@binary:/./", 0),
    ] {
        assert_eq!(apply(&trie, &[filter.to_owned()]).total(), total, "{filter}");
    }
}

#[test]
fn labels_are_left_to_the_merge() {
    let texts = ["focus@label:tenant=blue", "tagroot:thread,zone", "hide:f0", "tagleaf:pod", "tagroot:pod"];
    let filters = Filters::parse(&texts).unwrap();
    let shown: Vec<String> = filters.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["tagfocus:tenant=blue", "tagroot:thread,zone", "hide:f0", "tagleaf:pod", "tagroot:pod"]);
    assert_eq!(filters.tags().len(), 1);
    let frames = filters.tag_frames(FrameGranularity::Thread);
    assert_eq!(
        (frames.roots.join(" "), frames.leaves.join(" ")),
        ("thread thread zone pod".to_owned(), "pod".to_owned())
    );
    let Some(Filter::Frames { test, .. }) = filters.iter().nth(2) else { panic!("a filter by frames") };
    assert_eq!(test.field(), Field::Any);
}

#[test]
fn recursion_100_000_frames_deep_collapses_in_a_loop() {
    let stack: Vec<u32> = (0..100_000).map(|at| at % 3).collect();
    let trie = trie_of(&[(stack, 7)]);
    let left = apply(&trie, &["collapse:/./".to_owned()]);
    assert_eq!((left.tree.len(), left.total()), (2, 7));
}
