//! Random work by two stores on one back end, against a plain list of profiles.

use emberglass_labels::Matchers;
use emberglass_store::{BlockOptions, CompactStep, Compression, MemoryBackend, Store, StoreOptions, Urgency};
use proptest::prelude::*;

use crate::common;
use crate::common::{Kept, Plain, batch, contents, kept, origin};

fn sample() -> impl Strategy<Value = common::Sample> {
    let stack = proptest::collection::vec(("[a-e]", 10u32..13), 0..5);
    let attribute = ("thread|span_id|bytes|service_name", "x|y|7");
    (stack, proptest::collection::vec(attribute, 0..3), prop_oneof![-3i64..5, Just(1i64 << 40)])
}

fn plain() -> impl Strategy<Value = Plain> {
    let start = prop_oneof![Just(None), (0i64..6).prop_map(|at| Some(at * 10))];
    let labels = proptest::collection::vec(("thread|zone", "x|z"), 0..2);
    let times = proptest::collection::vec(0i64..20, 0..9);
    let costs = proptest::collection::btree_map("[a-h]", (0i64..9, any::<i64>()), 0..4);
    ("cpu|heap", labels, start, 0u8..3, proptest::collection::vec(sample(), 0..8), times, costs).prop_map(
        |(sample_type, labels, start, scale, samples, times, costs)| {
            let costs = costs.into_iter().map(|(name, (own, total))| (name, own, total)).collect();
            Plain { sample_type, labels, start, scale, samples, times, costs }
        },
    )
}

#[derive(Clone, Debug)]
enum Step {
    Stage {
        tab: usize,
        input: usize,
        service: &'static str,
    },
    Commit {
        tab: usize,
    },
    Delete {
        tab: usize,
        matchers: &'static str,
        from: Option<i64>,
        until: Option<i64>,
    },
    Reopen {
        tab: usize,
    },
    Refresh {
        tab: usize,
    },
    Clear {
        tab: usize,
    },
    /// Plans, does some steps, and drops the rest or goes on to the end.
    Compact {
        tab: usize,
        budget: usize,
        steps: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let tab = 0usize..2;
    let bound = || prop_oneof![Just(None), (0i64..6).prop_map(|at| Some(at * 10))];
    let matchers =
        prop_oneof![Just("{}"), Just(r#"{service_name="a"}"#), Just(r#"{thread=~"x|y"}"#), Just(r#"{zone=""}"#)];
    prop_oneof![
        8 => (tab.clone(), 0usize..5, prop_oneof![Just("a"), Just("b")]).prop_map(|(tab, input, service)| Step::Stage { tab, input, service }),
        6 => tab.clone().prop_map(|tab| Step::Commit { tab }),
        2 => (tab.clone(), matchers, bound(), bound()).prop_map(|(tab, matchers, from, until)| Step::Delete { tab, matchers, from, until }),
        1 => tab.clone().prop_map(|tab| Step::Reopen { tab }),
        1 => tab.clone().prop_map(|tab| Step::Refresh { tab }),
        1 => tab.clone().prop_map(|tab| Step::Clear { tab }),
        3 => (tab, 1usize..4000, prop_oneof![0usize..9, Just(usize::MAX)])
            .prop_map(|(tab, budget, steps)| Step::Compact { tab, budget, steps }),
    ]
}

/// Profiles with the place among equal ones of their input, which tells them apart.
type Model = Vec<(Kept, usize)>;

fn with_places(profiles: Vec<Kept>) -> Model {
    let mut all = Model::new();
    for profile in profiles {
        let same = |other: &Kept| {
            (other.hash, &other.profile_type, &other.labels, other.start)
                == (profile.hash, &profile.profile_type, &profile.labels, profile.start)
        };
        let place = all.iter().filter(|(other, _)| same(other)).count();
        all.push((profile, place));
    }
    all
}

fn add(to: &mut Model, profiles: &Model) {
    for profile in profiles {
        if !to.contains(profile) {
            to.push(profile.clone());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn stores_equal_a_list_of_profiles(
        inputs in proptest::collection::vec(proptest::collection::vec(plain(), 0..4), 5),
        steps in proptest::collection::vec(step(), 0..30),
        deflate: bool,
    ) {
        pollster::block_on(async {
            let compression = if deflate { Compression::Deflate(1) } else { Compression::None };
            // Small parts and a small cache, so that both have work to do.
            let options = StoreOptions { cache_bytes: 4096, block: BlockOptions { part_bytes: 24, compression, rollup_pieces: 2 } };
            let backend = MemoryBackend::default();
            let open = async || Store::open_with(backend.clone(), options).await.unwrap();
            let mut tabs = [open().await, open().await];
            let mut stored = Model::new();
            let mut staged = [Model::new(), Model::new()];
            // Staged here while the other tab had it stored: whether this tab knew, and did not take it, is open.
            let mut perhaps = [Model::new(), Model::new()];
            // The same, and then deleted by the other tab: the next commit here stores it or not.
            let mut open_cases = [Model::new(), Model::new()];
            for step in &steps {
                match step {
                    Step::Stage { tab, input, service } => {
                        let (hash, origin) = (*input as u128, origin(service, 35));
                        let report = tabs[*tab].stage(&batch(hash, &inputs[*input]), &origin).await.unwrap();
                        let all = with_places(kept(hash, &inputs[*input], &origin));
                        prop_assert_eq!((report.profiles + report.duplicates) as usize, all.len());
                        open_cases[*tab].retain(|profile| !all.contains(profile));
                        let (known, new): (Model, Model) = all.into_iter().partition(|profile| stored.contains(profile));
                        add(&mut staged[*tab], &new);
                        add(&mut perhaps[*tab], &known);
                    }
                    Step::Commit { tab } => {
                        tabs[*tab].commit().await.unwrap();
                        let done = std::mem::take(&mut staged[*tab]);
                        add(&mut stored, &done);
                        perhaps[*tab].clear();
                        let found = contents(&open().await).await.unwrap();
                        for case in std::mem::take(&mut open_cases[*tab]) {
                            let count = |list: &[Kept]| list.iter().filter(|profile| **profile == case.0).count();
                            let known: Vec<Kept> = stored.iter().map(|(profile, _)| profile.clone()).collect();
                            if !stored.contains(&case) && count(&found) > count(&known) {
                                stored.push(case);
                            }
                        }
                    }
                    Step::Delete { tab, matchers, from, until } => {
                        let matchers = Matchers::parse(matchers).unwrap();
                        tabs[*tab].delete(&matchers, *from, *until).await.unwrap();
                        let kept = |(profile, _): &(Kept, usize)| {
                            let inside = from.is_none_or(|from| profile.start >= from) && until.is_none_or(|until| profile.start < until);
                            !(inside && matchers.matches(&profile.labels))
                        };
                        let other = 1 - *tab;
                        let (deleted, rest): (Model, Model) = stored.into_iter().partition(|profile| !kept(profile));
                        stored = rest;
                        add(&mut open_cases[other], &deleted.into_iter().filter(|p| staged[other].contains(p) || perhaps[other].contains(p)).collect());
                        staged[other].retain(|profile| !open_cases[other].contains(profile));
                        staged[*tab].retain(kept);
                        open_cases[*tab].retain(kept);
                        perhaps[*tab].retain(kept);
                    }
                    Step::Compact { tab, budget, steps } => {
                        tabs[*tab].refresh().await.unwrap();
                        if let Some(mut compaction) = tabs[*tab].plan_compaction(Urgency::All) {
                            let mut steps = 0..*steps;
                            while steps.next().is_some()
                                && tabs[*tab].compact_step(&mut compaction, *budget).await.unwrap() == CompactStep::More
                            {}
                        }
                    }
                    Step::Reopen { tab } => {
                        tabs[*tab] = open().await;
                        staged[*tab].clear();
                        open_cases[*tab].clear();
                        perhaps[*tab].clear();
                    }
                    Step::Refresh { tab } => {
                        tabs[*tab].refresh().await.unwrap();
                    }
                    Step::Clear { tab } => {
                        tabs[*tab].clear().await.unwrap();
                        let other = 1 - *tab;
                        add(&mut open_cases[other], &stored.into_iter().filter(|p| staged[other].contains(p) || perhaps[other].contains(p)).collect());
                        staged[other].retain(|profile| !open_cases[other].contains(profile));
                        stored = Model::new();
                        staged[*tab].clear();
                        open_cases[*tab].clear();
                        perhaps[*tab].clear();
                    }
                }
                prop_assert!(tabs[0].cached_bytes() <= options.cache_bytes);
                let mut expected: Vec<Kept> = stored.iter().map(|(profile, _)| profile.clone()).collect();
                expected.sort();
                prop_assert_eq!(contents(&open().await).await.unwrap(), expected);
            }
            for tab in &tabs {
                tab.refresh().await.unwrap();
                prop_assert_eq!(contents(tab).await.unwrap().len(), stored.len());
            }
            Ok(())
        })?;
    }
}
