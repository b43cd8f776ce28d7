//! Sections that once broke the reader of blocks.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../../../tests/fuzz/src/sections.rs"]
mod sections;

use std::fs;
use std::path::Path;

#[test]
fn what_once_broke_the_reader_is_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/fuzz-crashers/block");
    let files: Vec<Vec<u8>> =
        fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(!files.is_empty());
    for seed in sections::seeds().iter().chain(&files) {
        sections::run(seed);
    }
}
