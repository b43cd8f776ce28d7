//! What can stand at a position of a selector, against plain lists of profiles.

#![cfg(test)]

use std::collections::BTreeMap;

use emberglass_labels::{LabelSet, Matcher, MatcherOp, Matchers, Selector};
use emberglass_query::{Candidate, CandidateKind, Completion, CompletionRequest, NoYield, complete};
use emberglass_store::{MemoryBackend, SectionKind, Store};
use pollster::block_on;
use proptest::prelude::*;

use crate::common::{Profile, SECOND, profiles, store_of, types};

fn ask(store: &Store<MemoryBackend>, text: &str, at: usize) -> Completion {
    let request = CompletionRequest { text, at, limit: 1000, ..CompletionRequest::default() };
    block_on(complete(store, &request, &NoYield)).unwrap()
}

/// One condition of a text that is put together here.
type Condition = (&'static str, usize, &'static str);

const OPS: [MatcherOp; 4] = [MatcherOp::Equal, MatcherOp::NotEqual, MatcherOp::Match, MatcherOp::NotMatch];
const HEADS: [&str; 5] = ["", "alloc_space", "inuse_space", "s1.alloc_space", "memory:inuse_space:bytes:space:bytes"];
/// What can be written behind a part of a selector to make it whole.
const ENDINGS: [&str; 6] = ["", "}", "=\"x\"}", "\"x\"}", "x=\"y\"}", "alloc_space"];

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let names = prop::sample::select(vec!["service_name", "region", "pod"]);
    let values = prop::sample::select(vec!["s1", "s0|s1", "r0", "r[01]", "", "r1"]);
    proptest::collection::vec((names, 0usize..4, values), 0..4)
}

fn written((name, op, value): Condition) -> String {
    format!("{name}{}{value:?}", OPS[op].as_str())
}

fn text_of(head: &str, conditions: &[Condition]) -> String {
    let inner: Vec<String> = conditions.iter().map(|&condition| written(condition)).collect();
    format!("{head}{{{}}}", inner.join(", "))
}

fn matchers_of(conditions: impl Iterator<Item = Condition>) -> Matchers {
    let mut all = Matchers::default();
    conditions.for_each(|(name, op, value)| all.push(Matcher::new(name, OPS[op], value).unwrap()));
    all
}

/// Labels of each profile of a list that a head, a range and conditions select, once for each of its types.
fn selected(profiles: &[Profile], head: &str, matchers: &Matchers, from: Option<i64>) -> Vec<LabelSet> {
    let head = Selector::parse(head).unwrap();
    let of_head = head.matchers().unwrap();
    let mut found = Vec::new();
    for profile in profiles.iter().filter(|profile| from.is_none_or(|from| profile.start * SECOND >= from)) {
        for profile_type in types() {
            let labels = profile.labels();
            if head.type_name.matches(&profile_type) && of_head.matches(&labels) && matchers.matches(&labels) {
                found.push(labels);
            }
        }
    }
    found
}

fn counts<'a>(all: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    all.for_each(|text| *counts.entry(text.to_owned()).or_default() += 1);
    counts
}

fn of_kind(completion: &Completion, kind: CandidateKind) -> BTreeMap<String, u64> {
    let candidates = completion.candidates.iter().filter(|of| of.kind == kind);
    candidates.map(|of| (of.text.clone(), of.profiles)).collect()
}

proptest! {
    #[test]
    fn whatever_is_chosen_the_text_can_be_finished(
        profiles in profiles(), head in prop::sample::select(HEADS.to_vec()), conditions in conditions(), at in any::<prop::sample::Index>(),
    ) {
        let store = store_of(&profiles, 4);
        let text = text_of(head, &conditions);
        let at = at.index(text.len() + 1);
        // As it stands, and as it was while only that much of it was written.
        for text in [text.as_str(), &text[..at]] {
            let Completion { start, end, candidates, .. } = ask(&store, text, at);
            prop_assert!(start <= end && end <= text.len());
            for Candidate { insert, .. } in candidates {
                let chosen = format!("{}{insert}", &text[..start]);
                let finished = ENDINGS.iter().any(|ending| Selector::parse(&format!("{chosen}{ending}")).is_ok());
                prop_assert!(finished, "{chosen:?}");
            }
        }
    }

    #[test]
    fn values_count_the_profiles_that_the_rest_selects(
        profiles in profiles(), head in prop::sample::select(HEADS.to_vec()), conditions in conditions(),
        (which, cut) in any::<(prop::sample::Index, prop::sample::Index)>(), from in proptest::option::of(0i64..40), is_open: bool,
    ) {
        prop_assume!(!conditions.is_empty());
        let store = store_of(&profiles, 4);
        let which = which.index(conditions.len());
        let (name, op, value) = conditions[which];
        let before = text_of(head, &conditions[..which]);
        let separator = if which == 0 { "" } else { ", " };
        let start = before.len() - 1 + separator.len() + written((name, op, value)).len() - value.len() - 2;
        let typed = &value[..cut.index(value.len() + 1)];
        // Somebody is writing the value: behind it stands the rest, or nothing yet.
        let text = text_of(head, &conditions);
        let at = start + 1 + typed.len();
        let text = if is_open { &text[..at] } else { text.as_str() };
        let from = from.map(|from| from * SECOND);
        let request = CompletionRequest { text, at, from, limit: 1000, ..CompletionRequest::default() };
        let completion = block_on(complete(&store, &request, &NoYield)).unwrap();
        prop_assert_eq!(completion.kind, CandidateKind::Value);
        prop_assert_eq!(completion.start, start);
        let others = conditions.iter().enumerate().filter(|(at, _)| *at != which && !(is_open && *at > which));
        let matchers = matchers_of(others.map(|(_, condition)| *condition));
        let mut expected: BTreeMap<String, u64> =
            counts(selected(&profiles, head, &matchers, from).iter().filter_map(|labels| labels.get(name)));
        if typed.chars().all(char::is_alphanumeric) {
            expected.retain(|value, _| value.contains(typed));
            prop_assert_eq!(of_kind(&completion, CandidateKind::Value), expected);
        } else {
            // Of a regular expression with alternatives or classes it depends on what is typed which are offered.
            for (value, count) in of_kind(&completion, CandidateKind::Value) {
                prop_assert_eq!(expected.get(&value), Some(&count));
            }
        }
        for candidate in completion.candidates.iter().filter(|_| op == 0) {
            let chosen = format!("{}{}}}", &text[..start], candidate.insert);
            let selector = Selector::parse(&chosen).unwrap();
            let of_chosen: Vec<&Matcher> = selector.written.iter().collect();
            prop_assert_eq!(of_chosen.last().map(|matcher| matcher.value()), Some(candidate.text.as_str()));
        }
    }

    #[test]
    fn names_and_types_count_the_profiles_that_have_them(
        profiles in profiles(), head in prop::sample::select(HEADS.to_vec()), conditions in conditions(), noise in prop::sample::select(vec!["", "x=~\"(\",", "!,", "=\"r0\",", "pod,"]),
    ) {
        let store = store_of(&profiles, 4);
        let matchers = matchers_of(conditions.iter().copied());
        let found = selected(&profiles, head, &matchers, None);
        let text = text_of(head, &conditions);
        let inner = text.strip_prefix(head).unwrap().trim_start_matches('{');
        // A broken condition is as if it were not there.
        let text = format!("{head}{{{noise}, {inner}");
        let names = ask(&store, &text, head.len() + 1 + noise.len());
        if names.kind == CandidateKind::Name {
            let expected = counts(found.iter().flat_map(|labels| labels.iter().map(|(name, _)| name)));
            prop_assert_eq!(of_kind(&names, CandidateKind::Name), expected);
        }
        let heads = ask(&store, &text, 0);
        prop_assert_eq!((heads.kind, heads.start, heads.end), (CandidateKind::Type, 0, head.len()));
        let of_type = |head: &str| selected(&profiles, head, &matchers, None).len() as u64;
        let shown = of_kind(&heads, CandidateKind::Type);
        let services = of_kind(&heads, CandidateKind::Service);
        for (text, count) in &shown {
            prop_assert_eq!(of_type(text), *count, "{}", text);
        }
        for (service, count) in &services {
            prop_assert_eq!(of_type(&format!("{service}.alloc_space")) * 2, *count);
        }
        let all = of_type("");
        prop_assert_eq!(services.values().sum::<u64>(), all);
        prop_assert_eq!(shown.values().sum::<u64>(), all * 2, "ids and sample types");
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a.:{}=~!,|(\\[\"'` \\\\\u{e9}]{0,24}", at in 0usize..40) {
        let store = store_of(&[], 1);
        let Completion { start, end, .. } = ask(&store, &text, at);
        prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end) && start <= end);
    }
}

/// `text` has a § at the position; what is offered there, in order, with the text as it then is.
fn offered(store: &Store<MemoryBackend>, text: &str) -> Vec<(String, String)> {
    let at = text.find('§').unwrap();
    let text = format!("{}{}", &text[..at], &text[at + '§'.len_utf8()..]);
    let Completion { start, end, candidates, .. } = ask(store, &text, at);
    let chosen = |of: &Candidate| format!("{}{}{}", &text[..start], of.insert, &text[end..]);
    candidates.iter().map(|of| (of.text.clone(), chosen(of))).collect()
}

fn stored(labels: &[&[(&str, &str)]]) -> Store<MemoryBackend> {
    let store = store_of(&[], 1);
    for (number, labels) in labels.iter().enumerate() {
        let profile = Profile { service: 0, region: 0, start: number as i64, samples: vec![(vec![1], 1, 1)] };
        let labels = labels.iter().copied().collect();
        let origin = emberglass_store::Origin { labels, name: number.to_string(), ..Default::default() };
        block_on(store.stage(&profile.batch(number), &origin)).unwrap();
    }
    block_on(store.commit()).unwrap();
    store
}

#[test]
fn what_is_offered_goes_on_from_what_is_typed() {
    let store = stored(&[
        &[("service_name", "shop"), ("region", "eu-west")],
        &[("service_name", "shop"), ("region", "eu-west"), ("zone α", "a\"b\\")],
        &[("service_name", "cart"), ("region", "us.east")],
        &[("service_name", "my cart"), ("region", "not-eu")],
    ]);
    let texts = |text: &str| offered(&store, text).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
    let chosen = |text: &str| offered(&store, text).into_iter().map(|(_, chosen)| chosen).collect::<Vec<_>>();
    let ids = types().map(|profile_type| profile_type.to_string());
    // Prefixes first, then what has it elsewhere; the most profiles first.
    assert_eq!(texts("{region=\"EU§"), ["eu-west", "not-eu"]);
    assert_eq!(texts("{region=§"), ["eu-west", "not-eu", "us.east", "=~"]);
    assert_eq!(chosen("{region=\"eu-w§\", pod=\"\"}"), ["{region=\"eu-west\", pod=\"\"}"]);
    // The quote that closes the value is still missing.
    assert_eq!(chosen("{region=\"eu-w§, service_name=\"shop\"}"), ["{region=\"eu-west\", service_name=\"shop\"}"]);
    assert_eq!(chosen("{region=eu-w§}"), ["{region=\"eu-west\"}"]);
    // A literal of a regular expression, one alternative at a time.
    assert_eq!(chosen("{region=~\"us§\"}"), ["{region=~\"us\\\\.east\"}"]);
    assert_eq!(
        chosen("{region=~\"us.east|eu§|not-eu\"}"),
        ["{region=~\"us.east|eu-west|not-eu\"}", "{region=~\"us.east|not-eu|not-eu\"}"]
    );
    assert_eq!(chosen("{region=~\"eu.w§\"}"), ["{region=~\"eu-west\"}"], "what is typed is an expression");
    // Names that need quotes have them, and a name that is whole is followed by operators.
    assert_eq!(chosen("{zo§"), ["{\"zone α\""]);
    assert_eq!(chosen("{\"zone α\"=§}"), ["{\"zone α\"=\"a\\\"b\\\\\"}", "{\"zone α\"=~}"]);
    assert_eq!(texts("{region§"), ["region", "=", "!=", "=~", "!~"]);
    assert_eq!(texts("{region §"), ["=", "!=", "=~", "!~"]);
    assert_eq!(chosen("{region !§\"x\"}"), ["{region !=\"x\"}", "{region !~\"x\"}"]);
    assert_eq!(texts("{region=\"eu-west\"§"), [",", "}"]);
    assert_eq!(texts("{region=\"eu-west\"§}"), [","]);
    assert!(texts("{region=\"eu-west\"}§").is_empty());
    // Services of the older form; one that can't be written so is not offered.
    assert_eq!(texts("c§"), ["cart", "alloc_space", "inuse_space", ids[0].as_str(), &ids[1]]);
    assert_eq!(chosen("cart.in§"), ["cart.inuse_space"]);
    assert_eq!(texts("alloc_space§"), ["alloc_space", &ids[0], "{"]);
    assert_eq!(texts("alloc_space §"), ["{"]);
}

#[test]
fn of_ten_thousand_series_only_the_first_are_answered_and_no_sample_is_read() {
    let labels: Vec<(String, String)> =
        (0..10_000).map(|at| (format!("pod-{at:05}"), format!("r{}", at % 3))).collect();
    let store = store_of(&[], 1);
    for (number, (pod, region)) in labels.iter().enumerate() {
        let profile = Profile { service: 0, region: 0, start: number as i64, samples: vec![(vec![1], 1, 1)] };
        let labels = [("service_name", "shop"), ("pod", pod), ("region", region)].into_iter().collect();
        let origin = emberglass_store::Origin { labels, name: number.to_string(), ..Default::default() };
        block_on(store.stage(&profile.batch(number), &origin)).unwrap();
    }
    block_on(store.commit()).unwrap();
    let backend = store.backend().clone();
    for meta in &store.manifest().blocks {
        for section in &meta.sections {
            if !matches!(section.kind, SectionKind::Series | SectionKind::Profiles | SectionKind::Sources) {
                assert!(backend.damage(section.key(meta.id), |bytes| bytes.clear()));
            }
        }
    }
    let store = block_on(Store::open(backend)).unwrap();
    let text = "alloc_space{region=\"r1\", pod=\"POD-01\"}";
    let at = text.len() - 2;
    let request = CompletionRequest { text, at, limit: 20, ..CompletionRequest::default() };
    let completion = block_on(complete(&store, &request, &NoYield)).unwrap();
    let got: Vec<(&str, u64)> = completion.candidates.iter().map(|of| (of.text.as_str(), of.profiles)).collect();
    let expected: Vec<&str> = labels
        .iter()
        .filter(|(pod, region)| pod.starts_with("pod-01") && region == "r1")
        .map(|(pod, _)| pod.as_str())
        .collect();
    assert_eq!(got, expected.iter().take(20).map(|&pod| (pod, 1)).collect::<Vec<_>>());
    assert_eq!(completion.more as usize, expected.len() - 20);
    assert!(store.quarantined().is_empty(), "nothing but directories was read");
}
