//! Recorded profiles.

use std::fs;
use std::path::PathBuf;

use emberglass_files::FileSet;
use emberglass_formats::{NoProgress, decode};
use emberglass_profile::Batch;

/// Where one of `tests/fixtures` lies.
pub(crate) fn fixture(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(path)
}

pub(crate) fn read(path: &str) -> Vec<u8> {
    fs::read(fixture(path)).unwrap()
}

pub(crate) fn decoded(path: &str) -> Batch {
    decode(&read(path), path, &mut NoProgress).unwrap()
}

pub(crate) fn set(path: &str) -> FileSet {
    set_of(&[path])
}

pub(crate) fn set_of(paths: &[&str]) -> FileSet {
    let mut files = FileSet::default();
    for path in paths {
        files.add(path, &read(path), &mut NoProgress).unwrap();
    }
    files
}
