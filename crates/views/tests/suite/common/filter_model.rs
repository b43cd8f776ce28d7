//! What filters do, written out for maps from stack to value.

use std::collections::BTreeMap;

use emberglass_trie::MergedTrie;
use proptest::prelude::*;

use crate::common::{Sample, file, name};

/// Stacks of (name, file) and their values, none 0.
pub(crate) type Model = BTreeMap<Vec<(String, String)>, i64>;

pub(crate) fn model_of(samples: &[Sample]) -> Model {
    let mut model = Model::new();
    for (stack, value) in samples {
        *model.entry(stack.iter().map(|&function| (name(function), file(function))).collect()).or_default() += value;
    }
    model.retain(|_, value| *value != 0);
    model
}

pub(crate) fn stacks_of(trie: &MergedTrie) -> Model {
    let tree = &trie.tree;
    let mut model = Model::new();
    for node in 0..tree.len() {
        if tree.self_value[node] != 0 {
            let mut stack = Vec::new();
            let mut at = node;
            while at != 0 {
                let function = trie.symbols.functions.iter().nth(tree.key[at] as usize).unwrap();
                stack.push((trie.symbols.text(function.name).to_owned(), trie.symbols.text(function.file).to_owned()));
                at = tree.parent[at] as usize;
            }
            stack.reverse();
            assert_eq!(model.insert(stack, tree.self_value[node]), None, "a stack has one node");
        }
    }
    model
}

/// What a filter makes of one stack.
fn filtered(
    verb: &str,
    stack: &[(String, String)],
    hit: &dyn Fn(&(String, String)) -> bool,
) -> Option<Vec<(String, String)>> {
    let first = stack.iter().position(hit);
    let without = || stack.iter().filter(|frame| !hit(frame)).cloned().collect::<Vec<_>>();
    match verb {
        "focus" => first.map(|_| stack.to_vec()),
        "ignore" if stack.is_empty() => None,
        "ignore" | "drop" => {
            if first.is_some() {
                None
            } else {
                Some(stack.to_vec())
            }
        }
        "show" => {
            Some(stack.iter().filter(|frame| hit(frame)).cloned().collect()).filter(|left: &Vec<_>| !left.is_empty())
        }
        "hide" => Some(without()).filter(|left| !left.is_empty()),
        "merge" => Some(without()),
        "show-from" => first.map(|at| stack[at..].to_vec()),
        "collapse-function" => Some(stack[..first.map_or(stack.len(), |at| at + 1)].to_vec()),
        "collapse" => {
            let mut left: Vec<(String, String)> = Vec::new();
            for frame in stack {
                match left.iter().position(|known| known == frame).filter(|_| hit(frame)) {
                    Some(at) => left.truncate(at + 1),
                    None => left.push(frame.clone()),
                }
            }
            Some(left)
        }
        other => panic!("no verb {other}"),
    }
}

pub(crate) const VERBS: [&str; 9] =
    ["focus", "ignore", "hide", "show", "show-from", "merge", "drop", "collapse", "collapse-function"];

/// A filter as its text, and the model's own test of a frame.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    verb: &'static str,
    field: &'static str,
    functions: Vec<u32>,
    is_regex: bool,
}

impl Wanted {
    pub(crate) fn text(&self) -> String {
        let Self { verb, field, functions, is_regex } = self;
        let of = |function: &u32| if *field == "file" { file(*function) } else { name(*function) };
        match is_regex {
            true => {
                let parts: Vec<String> = functions.iter().map(|function| format!("^{}$", of(function))).collect();
                format!("{verb}@{field}:/{}/", parts.join("|"))
            }
            false => format!("{verb}@{field}:{}", of(&functions[0])),
        }
    }

    fn hits(&self, frame: &(String, String)) -> bool {
        let count = if self.is_regex { self.functions.len() } else { 1 };
        let mut wanted = self.functions[..count].iter();
        if self.field == "file" { wanted.any(|&at| file(at) == frame.1) } else { wanted.any(|&at| name(at) == frame.0) }
    }

    pub(crate) fn apply(&self, model: &Model) -> Model {
        let mut left = Model::new();
        for (stack, value) in model {
            if let Some(stack) = filtered(self.verb, stack, &|frame| self.hits(frame)) {
                *left.entry(stack).or_default() += value;
            }
        }
        left.retain(|_, value| *value != 0);
        left
    }
}

pub(crate) fn wanted() -> impl Strategy<Value = Wanted> {
    let functions = proptest::collection::vec(0u32..8, 1..4);
    let fields = prop_oneof![4 => Just("function"), 1 => Just("file")];
    (proptest::sample::select(VERBS.as_slice()), fields, functions, any::<bool>())
        .prop_map(|(verb, field, functions, is_regex)| Wanted { verb, field, functions, is_regex })
}
