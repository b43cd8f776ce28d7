//! Large merges, long ranges and wide catalogues, and how they grow, printed as a table: `cargo bench -p emberglass-query --bench aims`.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

mod made;

use std::time::Instant;

use emberglass_labels::{LabelSet, Matchers};
use emberglass_profile::{Batch, ContentHash};
use emberglass_query::{NoYield, Selection, run};
use emberglass_store::{CompactStep, MemoryBackend, Origin, Store, Urgency};
use emberglass_trie::Granularity;
use made::{Random, SEED, STEP, best, profile, profile_type, program, report};
use pollster::block_on;

/// Staged bytes that make a commit.
const GROUP_BYTES: usize = 4 << 20;
/// Profiles that are drawn for a merge; of more, each comes again at another time.
const DRAWN: usize = 16;

type Memory = Store<MemoryBackend>;

/// Stores profiles, what they hold and their labels given by their number.
fn stored(
    profiles: usize,
    mut batch: impl FnMut(usize) -> Batch,
    labels: impl Fn(usize) -> LabelSet,
) -> (Memory, MemoryBackend) {
    let backend = MemoryBackend::default();
    let store = block_on(Store::open(backend.clone())).expect("an empty store");
    for number in 0..profiles {
        let origin = Origin { labels: labels(number), ..Origin::default() };
        block_on(store.stage(&batch(number), &origin)).expect("staged");
        if store.staged_bytes() >= GROUP_BYTES {
            block_on(store.commit()).expect("committed");
        }
    }
    block_on(store.commit()).expect("committed");
    (store, backend)
}

fn compact(store: &Memory) {
    while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
        while block_on(store.compact_step(&mut compaction, usize::MAX)).expect("merged") == CompactStep::More {}
    }
}

/// Nodes of the answer.
fn query(store: &Memory, selection: &Selection) -> usize {
    block_on(run(store, selection, Granularity::Function, &NoYield)).expect("an answer").trie.tree.len()
}

fn everything() -> Selection {
    Selection { profile_type: profile_type(), ..Selection::default() }
}

fn of_one_service(_number: usize) -> LabelSet {
    [("service_name", "shop")].into_iter().collect()
}

fn merges(profiles: usize, random: &mut Random) {
    // 20,000 nodes, nearly all of which have samples in each profile.
    let program = program(3_900, 800, random);
    let drawn: Vec<Batch> = (0..DRAWN).map(|number| profile(&program, number, 40_000, random)).collect();
    let batch = |number: usize| {
        let mut batch = drawn[number % DRAWN].clone();
        batch.content_hash = ContentHash(number as u128 + 1);
        batch.profiles[0].start = Some(number as i64 * STEP);
        batch
    };
    let (store, _) = stored(profiles, batch, of_one_service);
    let (nodes, warm) = best(5, || query(&store, &everything()));
    report(&format!("merge of {profiles} profiles of {nodes} nodes"), warm);
    let began = Instant::now();
    compact(&store);
    report(&format!("merge of {profiles} profiles: compaction"), began.elapsed());
    report(
        &format!("merge of {profiles} profiles of {nodes} nodes, compacted"),
        best(5, || query(&store, &everything())).1,
    );
}

fn growth(profiles: usize, random: &mut Random) {
    let program = program(1_200, 800, random);
    let began = Instant::now();
    let (store, backend) = stored(profiles, |number| profile(&program, number, 1_000, random), of_one_service);
    report(&format!("growth {profiles}: ingest"), began.elapsed());
    let cold =
        |backend: &MemoryBackend| query(&block_on(Store::open(backend.clone())).expect("a store"), &everything());
    report(&format!("growth {profiles}: query, cold"), best(3, || cold(&backend)).1);
    report(&format!("growth {profiles}: query, warm"), best(5, || query(&store, &everything())).1);
    let began = Instant::now();
    compact(&store);
    report(&format!("growth {profiles}: compaction"), began.elapsed());
    report(&format!("growth {profiles}: compacted query, cold"), best(3, || cold(&backend)).1);
    report(&format!("growth {profiles}: compacted query, warm"), best(5, || query(&store, &everything())).1);
}

fn selectors(series: usize, random: &mut Random) {
    let program = program(100, 80, random);
    let labels = |number: usize| -> LabelSet {
        [
            ("service_name", format!("service{}", number % 10)),
            ("region", ["eu-west", "eu-north", "us-east", "us-west"][number / 10 % 4].to_owned()),
            ("pod", format!("pod-{number}")),
        ]
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
    };
    let (store, _) = stored(series, |number| profile(&program, number, 20, random), labels);
    for text in [r#"{pod="pod-4711"}"#, r#"{region!~"us-.*", pod=~"pod-47.*"}"#, r#"{region=~"eu-.*", pod!~"pod-.*7"}"#]
    {
        let matchers = Matchers::parse(text).expect("matchers");
        let selection = Selection { matchers, ..everything() };
        let ask = || block_on(run(&store, &selection, Granularity::Function, &NoYield)).expect("an answer").profiles;
        let (found, time) = best(5, ask);
        report(&format!("{text} over {series} series: {found} profiles"), time);
    }
}

fn main() {
    let mut random = Random(SEED);
    for profiles in [100, 1_000, 10_000] {
        growth(profiles, &mut random);
    }
    selectors(10_000, &mut random);
    for profiles in [360, 10_000] {
        merges(profiles, &mut random);
    }
}
