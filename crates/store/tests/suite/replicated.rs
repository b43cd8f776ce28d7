//! Two copies: each may fail at any operation, in every way, and comes back; nothing acknowledged is lost.

use emberglass_labels::Matchers;
use emberglass_store::{
    Backend, BackendError, FaultMode, FaultyBackend, MemoryBackend, Pairing, ReplicaHealth, ReplicatedBackend, Side,
    Store, StoreError,
};

use crate::common::{Kept, compact, contents, ingest, profiles};

const PAIRING: Pairing = Pairing { pair: 7, clock: || 1234 };
const SIDES: [Side; 2] = [Side::Primary, Side::Replica];

type Faulty = FaultyBackend<MemoryBackend>;
type Pair<B> = ReplicatedBackend<B, B>;

#[derive(Clone, Copy, Debug)]
enum Step {
    Ingest(u8),
    Compact,
    Delete(i64, i64),
    OtherTab(u8),
    Resync,
    Clear,
}

const WORKLOAD: [Step; 12] = [
    Step::Ingest(0),
    Step::Ingest(1),
    Step::Compact,
    Step::Resync,
    Step::Ingest(2),
    Step::OtherTab(3),
    Step::Delete(10, 30),
    Step::Ingest(4),
    Step::Resync,
    Step::Clear,
    Step::Ingest(5),
    Step::OtherTab(6),
];

async fn run(store: &Store<Pair<Faulty>>, memories: &[MemoryBackend; 2], step: Step) -> Result<(), StoreError> {
    match step {
        Step::Ingest(n) => ingest(store, n).await,
        Step::Compact => compact(store, 1000).await,
        Step::Delete(from, until) => {
            store.delete(&Matchers::default(), Some(from), Some(until)).await.map(|_report| ())
        }
        Step::OtherTab(n) => ingest(&Store::open(opened(memories).await).await?, n).await,
        Step::Resync => Ok(store.backend().resync().await.map(|_report| ())?),
        Step::Clear => store.clear().await.map(|_report| ()),
    }
}

fn expect(step: Step, stored: &mut Vec<Kept>) {
    match step {
        Step::Ingest(n) | Step::OtherTab(n) => stored.extend(profiles(n)),
        Step::Delete(from, until) => stored.retain(|profile| !(from..until).contains(&profile.start)),
        Step::Clear => stored.clear(),
        Step::Compact | Step::Resync => {}
    }
    stored.sort();
}

async fn opened(memories: &[MemoryBackend; 2]) -> Pair<MemoryBackend> {
    ReplicatedBackend::open(memories[0].clone(), memories[1].clone(), PAIRING).await.unwrap()
}

async fn reopened(memories: &[MemoryBackend; 2]) -> Vec<Kept> {
    contents(&Store::open(opened(memories).await).await.unwrap()).await.unwrap()
}

/// Runs the workload while one copy fails once, or stays lost until the next resync; gives that copy's operations.
async fn workload(of: Side, fault: Option<(u64, FaultMode)>) -> u64 {
    let memories = [MemoryBackend::default(), MemoryBackend::default()];
    let faulty = memories.clone().map(FaultyBackend::new);
    let failing = &faulty[of as usize];
    if let Some((nth, mode)) = fault {
        failing.fail(nth, mode);
    }
    let pair = ReplicatedBackend::open(faulty[0].clone(), faulty[1].clone(), PAIRING).await.unwrap();
    let store = Store::open(pair).await.unwrap();
    let mut stored = Vec::new();
    for (at, &step) in WORKLOAD.iter().enumerate() {
        let old = stored.clone();
        expect(step, &mut stored);
        for attempt in 0.. {
            assert!(attempt < 3, "step {at} of {of:?} with {fault:?} fails again and again");
            let context = format!("step {at} with {of:?} {fault:?}");
            match run(&store, &memories, step).await {
                Ok(()) => {
                    assert_eq!(reopened(&memories).await, stored, "after {context}");
                    break;
                }
                Err(error) => {
                    assert!(fault.is_some(), "{error}");
                    let found = reopened(&memories).await;
                    assert!(found == old || found == stored, "{context} is torn: {found:?}");
                    if matches!(step, Step::Resync) {
                        failing.reconnect();
                    }
                }
            }
        }
    }
    failing.reconnect();
    if store.backend().resync().await.is_err() || store.backend().health() != ReplicaHealth::InStep {
        // The fault was still to come.
        failing.reconnect();
        store.backend().resync().await.unwrap();
    }
    assert_eq!(store.backend().health(), ReplicaHealth::InStep);
    store.refresh().await.unwrap();
    assert_eq!(contents(&store).await.unwrap(), stored);
    for memory in &memories {
        let alone = Store::open(memory.clone()).await.unwrap();
        assert_eq!(contents(&alone).await.unwrap(), stored, "of one copy after {of:?} {fault:?}");
    }
    failing.operations()
}

#[test]
fn either_copy_may_fail_at_every_operation_in_every_way() {
    pollster::block_on(async {
        let mut faults = 0;
        for side in SIDES {
            let operations = workload(side, None).await;
            assert!(operations > 20, "{operations}");
            for nth in 0..operations {
                for mode in FaultMode::ALL {
                    workload(side, Some((nth, mode))).await;
                    faults += 1;
                }
            }
        }
        println!("faults {faults}");
    });
}

#[test]
fn a_copy_that_fails_is_told_and_commits_go_on() {
    pollster::block_on(async {
        for side in SIDES {
            let memories = [MemoryBackend::default(), MemoryBackend::default()];
            let faulty = memories.clone().map(FaultyBackend::new);
            let pair = ReplicatedBackend::open(faulty[0].clone(), faulty[1].clone(), PAIRING).await.unwrap();
            let store = Store::open(pair).await.unwrap();
            ingest(&store, 1).await.unwrap();
            assert_eq!(store.backend().health(), ReplicaHealth::InStep);
            let failing = &faulty[side as usize];
            failing.fail(failing.operations(), FaultMode::ConnectionLost);
            ingest(&store, 2).await.unwrap();
            let ReplicaHealth::Behind { side: behind, fault, since } = store.backend().health() else { panic!() };
            assert_eq!((behind, since), (side, 1234));
            assert_eq!(fault, BackendError::ConnectionLost("injected loss".to_owned()));
            assert!(store.backend().resync().await.is_err());

            // The copy that was lost does not pass for the whole.
            let lost = Store::open(memories[side as usize].clone()).await.unwrap();
            assert_eq!(contents(&lost).await.unwrap(), profiles(1));
            assert_eq!(reopened(&memories).await, [profiles(1), profiles(2)].concat());

            failing.reconnect();
            let report = store.backend().resync().await.unwrap();
            assert!(report.sections > 0 && report.bytes > 0 && report.damaged == 0, "{report:?}");
            assert_eq!(store.backend().health(), ReplicaHealth::InStep);
            let lost = Store::open(memories[side as usize].clone()).await.unwrap();
            assert_eq!(contents(&lost).await.unwrap(), [profiles(1), profiles(2)].concat());
        }
    });
}

#[test]
fn a_new_replica_takes_all_and_an_empty_primary_gets_it_back() {
    pollster::block_on(async {
        let memories = [MemoryBackend::default(), MemoryBackend::default()];
        let store = Store::open(memories[0].clone()).await.unwrap();
        for n in 0..20 {
            ingest(&store, n).await.unwrap();
        }
        let pair = opened(&memories).await;
        assert!(matches!(pair.health(), ReplicaHealth::Behind { side: Side::Replica, .. }));
        pair.resync().await.unwrap();
        memories[0].destroy().await.unwrap();
        let pair = opened(&memories).await;
        assert!(matches!(pair.health(), ReplicaHealth::Behind { side: Side::Primary, .. }));
        pair.resync().await.unwrap();
        assert_eq!(memories[0].bytes(), memories[1].bytes());
        let store = Store::open(memories[0].clone()).await.unwrap();
        assert_eq!(contents(&store).await.unwrap(), (0..20).flat_map(profiles).collect::<Vec<_>>());
    });
}

#[test]
fn copies_that_were_both_written_alone_are_left_until_one_is_chosen() {
    pollster::block_on(async {
        for chosen in SIDES {
            let memories = [MemoryBackend::default(), MemoryBackend::default()];
            ingest(&Store::open(opened(&memories).await).await.unwrap(), 0).await.unwrap();
            for (n, side) in [(1, Side::Primary), (2, Side::Replica)] {
                let faulty = memories.clone().map(FaultyBackend::new);
                faulty[side.other() as usize].fail(0, FaultMode::ConnectionLost);
                let [primary, replica] = faulty;
                let pair = ReplicatedBackend::open(primary, replica, PAIRING).await.unwrap();
                ingest(&Store::open(pair).await.unwrap(), n).await.unwrap();
            }
            let store = Store::open(opened(&memories).await).await.unwrap();
            assert_eq!(store.backend().health(), ReplicaHealth::Parted { since: 1234 });
            assert!(store.backend().resync().await.is_err());
            ingest(&store, 3).await.unwrap();
            assert_eq!(contents(&store).await.unwrap(), [profiles(0), profiles(1), profiles(3)].concat());
            let replica = Store::open(memories[1].clone()).await.unwrap();
            assert_eq!(contents(&replica).await.unwrap(), [profiles(0), profiles(2)].concat());

            store.backend().keep(chosen).await.unwrap();
            assert_eq!(store.backend().health(), ReplicaHealth::InStep);
            let expected = match chosen {
                Side::Primary => [profiles(0), profiles(1), profiles(3)].concat(),
                Side::Replica => [profiles(0), profiles(2)].concat(),
            };
            for memory in &memories {
                let alone = Store::open(memory.clone()).await.unwrap();
                assert_eq!(contents(&alone).await.unwrap(), expected);
            }
        }
    });
}

#[test]
fn a_folder_that_holds_another_database_is_not_written_over() {
    pollster::block_on(async {
        let memories = [MemoryBackend::default(), MemoryBackend::default()];
        for (memory, inputs) in memories.iter().zip([0..2, 5..9]) {
            let store = Store::open(memory.clone()).await.unwrap();
            for n in inputs {
                ingest(&store, n).await.unwrap();
            }
        }
        let pair = opened(&memories).await;
        assert_eq!(pair.health(), ReplicaHealth::Parted { since: 1234 });
        assert!(pair.resync().await.is_err());
        let other = Store::open(memories[1].clone()).await.unwrap();
        assert_eq!(contents(&other).await.unwrap().len(), 4);
    });
}

#[test]
fn a_damaged_section_is_repaired_from_the_other_copy() {
    pollster::block_on(async {
        for side in SIDES {
            let memories = [MemoryBackend::default(), MemoryBackend::default()];
            let store = Store::open(opened(&memories).await).await.unwrap();
            ingest(&store, 1).await.unwrap();
            let manifest = store.manifest();
            let block = &manifest.blocks[0];
            for section in &block.sections {
                let key = section.key(block.id);
                let damaged = &memories[side as usize];
                let before = damaged.get(&[key]).await.unwrap();
                assert!(damaged.damage(key, |value| value.truncate(value.len() / 2)));
                let good = store.backend().repair(key, section.len, section.checksum).await.unwrap();
                assert_eq!(good, before[0]);
                assert_eq!(damaged.get(&[key]).await.unwrap(), before, "it is put in its place");
                // Where neither is intact there is nothing to give.
                for memory in &memories {
                    memory.damage(key, |value| value[0] ^= 1);
                }
                assert_eq!(store.backend().repair(key, section.len, section.checksum).await, Ok(None));
                for memory in &memories {
                    memory.damage(key, |value| value[0] ^= 1);
                }
            }
            assert_eq!(contents(&store).await.unwrap(), profiles(1));
        }
    });
}
