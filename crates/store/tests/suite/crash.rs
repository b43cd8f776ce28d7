//! Every back-end operation of a workload fails once, in every way: what was acknowledged stays, once.

use emberglass_labels::Matchers;
use emberglass_store::{
    Backend, CompactStep, FaultMode, FaultyBackend, Limits, MemoryBackend, RetentionPolicy, Store, StoreError, Urgency,
};

use crate::common::{Kept, Plain, batch, contents, kept, origin};

#[derive(Clone, Copy, Debug)]
enum Step {
    Stage(u8),
    Commit,
    Delete(i64, i64),
    Clear,
    OtherTab(u8),
    /// Everything there is to merge.
    Compact,
    /// While it is under way another tab stores an input.
    CompactBesideOtherTab(u8),
    /// Profiles that start before it go.
    RetainFrom(i64),
    Scrub,
}

const WORKLOAD: [Step; 26] = [
    Step::Stage(0),
    Step::Commit,
    Step::Stage(1),
    Step::Stage(2),
    Step::Commit,
    Step::Compact,
    Step::OtherTab(3),
    Step::Stage(3),
    Step::Stage(4),
    Step::Commit,
    Step::CompactBesideOtherTab(7),
    Step::Compact,
    Step::Delete(20, 40),
    Step::Stage(5),
    Step::Commit,
    Step::Stage(8),
    Step::Compact,
    Step::Commit,
    Step::Scrub,
    Step::RetainFrom(45),
    Step::RetainFrom(60),
    Step::Scrub,
    Step::Clear,
    Step::Stage(0),
    Step::Stage(6),
    Step::Commit,
];

/// Input `n` has profiles that start at 10 n and 10 n + 30.
fn input(n: u8) -> (u128, [Plain; 2]) {
    let plain = |start: i64| Plain {
        sample_type: "cpu".to_owned(),
        labels: vec![("zone".to_owned(), format!("z{}", n % 2))],
        start: Some(start),
        scale: 0,
        samples: vec![
            (vec![("main".to_owned(), 10), (format!("f{n}"), 11)], vec![], 5),
            (vec![("main".to_owned(), 10)], vec![("thread".to_owned(), "x".to_owned())], i64::from(n) + 1),
        ],
        times: if n.is_multiple_of(2) { vec![9, 8] } else { Vec::new() },
        costs: if n.is_multiple_of(3) {
            vec![("main".to_owned(), 1, 2), ("other".to_owned(), 0, 7)]
        } else {
            Vec::new()
        },
    };
    (u128::from(n), [plain(i64::from(n) * 10), plain(i64::from(n) * 10 + 30)])
}

fn profiles(n: u8) -> Vec<Kept> {
    let (hash, profiles) = input(n);
    kept(hash, &profiles, &origin("a", 0))
}

async fn run<B: Backend>(store: &Store<B>, memory: &MemoryBackend, step: Step) -> Result<(), StoreError> {
    match step {
        Step::Stage(n) => {
            let (hash, profiles) = input(n);
            store.stage(&batch(hash, &profiles), &origin("a", 0)).await.map(|_report| ())
        }
        Step::Commit => store.commit().await.map(|_report| ()),
        Step::Delete(from, until) => {
            store.delete(&Matchers::default(), Some(from), Some(until)).await.map(|_report| ())
        }
        Step::Clear => store.clear().await.map(|_report| ()),
        Step::OtherTab(n) => other_tab(memory, n).await,
        Step::Compact => compact(store, async |_| Ok(())).await,
        Step::RetainFrom(start) => {
            let all = Limits { max_age: Some(100 - start), ..Limits::default() };
            store.set_policy(RetentionPolicy { all, ..RetentionPolicy::default() }).await?;
            store.retain(100).await?;
            store.set_policy(RetentionPolicy::default()).await
        }
        Step::Scrub => {
            store.refresh().await?;
            let mut scrub = store.start_scrub();
            while !store.scrub_step(&mut scrub).await? {}
            let report = store.finish_scrub(scrub, 1).await?;
            assert!(report.bad.is_empty(), "{report:?}");
            Ok(())
        }
        Step::CompactBesideOtherTab(n) => {
            compact(store, async |step| if step == 3 { other_tab(memory, n).await } else { Ok(()) }).await
        }
    }
}

async fn other_tab(memory: &MemoryBackend, n: u8) -> Result<(), StoreError> {
    let other = Store::open(memory.clone()).await?;
    let (hash, profiles) = input(n);
    other.stage(&batch(hash, &profiles), &origin("a", 0)).await?;
    other.commit().await.map(|_report| ())
}

/// Compacts in the smallest steps until nothing is due; `between` runs before each step.
async fn compact<B: Backend>(
    store: &Store<B>,
    between: impl AsyncFn(usize) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    store.refresh().await?;
    let mut steps = 0;
    while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
        loop {
            between(steps).await?;
            steps += 1;
            assert!(steps < 10_000, "compaction does not end");
            if let CompactStep::Done(report) = store.compact_step(&mut compaction, 1).await? {
                assert!(report.blocks > 0, "nobody else touches the blocks");
                break;
            }
        }
    }
    Ok(())
}

/// What the naive model says a step does to stored and staged profiles.
fn expect(step: Step, stored: &mut Vec<Kept>, staged: &mut Vec<Kept>) {
    match step {
        Step::Stage(n) => staged.extend(profiles(n)),
        Step::Commit => stored.append(staged),
        Step::Delete(from, until) => {
            for list in [&mut *stored, staged] {
                list.retain(|profile| !(from..until).contains(&profile.start));
            }
        }
        Step::Clear => {
            stored.clear();
            staged.clear();
        }
        Step::OtherTab(n) | Step::CompactBesideOtherTab(n) => stored.extend(profiles(n)),
        Step::RetainFrom(start) => stored.retain(|profile| profile.start >= start),
        Step::Compact | Step::Scrub => {}
    }
    for list in [stored, staged] {
        list.sort();
        list.dedup();
    }
}

async fn reopened(memory: &MemoryBackend) -> Vec<Kept> {
    contents(&Store::open(memory.clone()).await.unwrap()).await.unwrap()
}

/// Runs the workload with one fault; each step is tried again until it succeeds. Returns the operations it took.
async fn workload(fault: Option<(u64, FaultMode)>) -> u64 {
    let memory = MemoryBackend::default();
    let faulty = FaultyBackend::new(memory.clone());
    let store = Store::open(faulty.clone()).await.unwrap();
    if let Some((nth, mode)) = fault {
        faulty.fail(faulty.operations() + nth, mode);
    }
    let before = faulty.operations();
    let (mut stored, mut staged) = (Vec::new(), Vec::new());
    for (at, &step) in WORKLOAD.iter().enumerate() {
        let old = stored.clone();
        expect(step, &mut stored, &mut staged);
        for attempt in 0.. {
            assert!(attempt < 3, "step {at} of {fault:?} fails again and again");
            let result = run(&store, &memory, step).await;
            let found = reopened(&memory).await;
            match result {
                Ok(()) => {
                    assert_eq!(found, stored, "after step {at} with {fault:?}");
                    break;
                }
                Err(error) => {
                    assert!(fault.is_some(), "{error}");
                    assert!(found == old || found == stored, "step {at} with {fault:?} is torn: {found:?}");
                    faulty.reconnect();
                }
            }
        }
    }
    faulty.operations() - before
}

#[test]
fn every_operation_may_fail_in_every_way() {
    pollster::block_on(async {
        let operations = workload(None).await;
        assert!(operations > 15);
        let mut faults = 0;
        for nth in 0..operations {
            for mode in FaultMode::ALL {
                workload(Some((nth, mode))).await;
                faults += 1;
            }
        }
        println!("faults {faults}");
    });
}

#[test]
fn a_store_that_ends_at_any_operation_leaves_the_old_or_the_new_state() {
    pollster::block_on(async {
        let operations = workload(None).await;
        let mut faults = 0;
        for nth in 0..operations {
            for mode in [FaultMode::ConnectionLost, FaultMode::AppliedButLost] {
                faults += 1;
                let memory = MemoryBackend::default();
                let faulty = FaultyBackend::new(memory.clone());
                let store = Store::open(faulty.clone()).await.unwrap();
                faulty.fail(faulty.operations() + nth, mode);
                let (mut stored, mut staged) = (Vec::new(), Vec::new());
                for &step in &WORKLOAD {
                    let old = stored.clone();
                    expect(step, &mut stored, &mut staged);
                    if run(&store, &memory, step).await.is_err() {
                        let found = reopened(&memory).await;
                        assert!(found == old || found == stored, "{step:?} with {mode:?} at {nth} is torn");
                        break;
                    }
                }
            }
        }
        println!("faults {faults}");
    });
}

#[test]
fn two_tabs_that_commit_at_once_both_win() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let tabs = [Store::open(memory.clone()).await.unwrap(), Store::open(memory.clone()).await.unwrap()];
        for n in 0..6 {
            for (at, tab) in tabs.iter().enumerate() {
                // Half of what the tabs stage is the same.
                let (hash, profiles) = input(if n % 2 == 0 { n } else { n * 2 + at as u8 });
                tab.stage(&batch(hash, &profiles), &origin("a", 0)).await.unwrap();
            }
            for tab in &tabs {
                tab.commit().await.unwrap();
            }
        }
        let mut expected: Vec<Kept> = [0, 2, 3, 4, 6, 7, 10, 11].into_iter().flat_map(profiles).collect();
        // Of input 2 and 4 staged as odd inputs, nothing is twice.
        expected.sort();
        expected.dedup();
        assert_eq!(reopened(&memory).await, expected);
    });
}

#[test]
fn a_block_that_another_tab_replaced_is_stale_and_a_missing_section_is_damage() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let store = Store::open(memory.clone()).await.unwrap();
        run(&store, &memory, Step::Stage(0)).await.unwrap();
        run(&store, &memory, Step::Commit).await.unwrap();
        let snapshot = store.manifest();
        let id = snapshot.blocks[0].id;
        let other = Store::open(memory.clone()).await.unwrap();
        other.clear().await.unwrap();
        assert_eq!(store.block(id).await.unwrap_err(), StoreError::Stale { block: id });
        assert!(store.refresh().await.unwrap());
        assert!(store.manifest().blocks.is_empty());
        assert_eq!(store.block(id).await.unwrap_err(), StoreError::Stale { block: id });

        run(&store, &memory, Step::Stage(1)).await.unwrap();
        run(&store, &memory, Step::Commit).await.unwrap();
        for meta in &store.manifest().blocks {
            for key in meta.keys() {
                let damaged = memory.damage(key, |value| {
                    let at = value.len() - 1;
                    value[at] ^= 1;
                });
                assert!(damaged);
                let fresh = Store::open(memory.clone()).await.unwrap();
                let error = contents(&fresh).await.unwrap_err();
                assert_eq!(error.code(), "damaged-section");
                assert!(error.to_string().starts_with(&format!("{key} is damaged: expected checksum")), "{error}");
                memory.damage(key, |value| {
                    let at = value.len() - 1;
                    value[at] ^= 1;
                });
            }
        }
        assert_eq!(contents(&store).await.unwrap(), {
            let mut expected = profiles(1);
            expected.sort();
            expected
        });
    });
}
