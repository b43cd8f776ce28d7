//! The suite of every back end, on those in memory.

use emberglass_store::{FaultyBackend, MemoryBackend, conformance};

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
