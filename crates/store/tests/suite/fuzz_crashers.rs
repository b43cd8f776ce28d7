//! Sections and packs that once broke a reader.
#![allow(missing_docs, unreachable_pub)]

#[path = "../../../../tests/fuzz/src/packs.rs"]
mod packs;
#[path = "../../../../tests/fuzz/src/sections.rs"]
mod sections;

use std::fs;
use std::path::Path;

fn crashers(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/fuzz-crashers").join(target);
    let files = fs::read_dir(folder).map(|entries| entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()));
    files.map(Iterator::collect).unwrap_or_default()
}

#[test]
fn what_once_broke_the_reader_is_survived() {
    let files = crashers("block");
    assert!(!files.is_empty());
    for seed in sections::seeds().iter().chain(&files) {
        sections::run(seed);
    }
}

#[test]
fn packs_that_are_cut_or_damaged_are_survived() {
    for file in crashers("pack") {
        packs::run(&file);
    }
    for seed in packs::seeds() {
        let mut whole = seed.clone();
        packs::mend(&mut whole);
        assert!(whole == seed, "the checksums of a whole file are what they are");
        packs::run(&seed);
        let step = 1 + seed.len() / 400;
        for at in (0..seed.len()).step_by(step) {
            packs::run(&seed[..at]);
            let mut damaged = seed.clone();
            damaged[at] = damaged[at].wrapping_add(1);
            packs::mend(&mut damaged);
            packs::run(&damaged);
        }
    }
}
