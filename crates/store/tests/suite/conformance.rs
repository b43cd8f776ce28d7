//! The suite of every back end, on those in memory.

use emberglass_store::{
    Backend, FaultMode, FaultyBackend, MemoryBackend, Pairing, ReplicatedBackend, Side, conformance,
};

#[test]
fn memory_conforms() {
    let backend = MemoryBackend::default();
    pollster::block_on(conformance::check(async || Ok(backend.clone()))).unwrap();
}

#[test]
fn faulty_without_faults_conforms() {
    let backend = FaultyBackend::new(MemoryBackend::default());
    pollster::block_on(conformance::check(async || Ok(backend.clone()))).unwrap();
}

/// Copies of a test.
const PAIRING: Pairing = Pairing { pair: 7, clock: || 0 };

#[test]
fn replicated_conforms() {
    let (primary, replica) = (MemoryBackend::default(), MemoryBackend::default());
    let open = async || ReplicatedBackend::open(primary.clone(), replica.clone(), PAIRING).await;
    pollster::block_on(conformance::check(open)).unwrap();
}

#[test]
fn replicated_with_one_copy_gone_conforms_until_it_is_to_be_destroyed() {
    for lost in [Side::Primary, Side::Replica] {
        let primary = FaultyBackend::new(MemoryBackend::default());
        let replica = FaultyBackend::new(MemoryBackend::default());
        let gone = if lost == Side::Primary { &primary } else { &replica };
        gone.fail(0, FaultMode::ConnectionLost);
        let open = async || ReplicatedBackend::open(primary.clone(), replica.clone(), PAIRING).await;
        let unmet = pollster::block_on(conformance::check(open)).unwrap_err();
        assert!(unmet.0.ends_with("the connection to the storage was lost: injected loss"), "{unmet}");
        gone.reconnect();
        let other = pollster::block_on(open()).unwrap();
        assert_eq!(pollster::block_on(other.load()).unwrap().unwrap().generation, 4, "nothing was destroyed");
    }
}
