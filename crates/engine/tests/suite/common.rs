//! Recorded profiles.

use std::fs;
use std::path::PathBuf;

use emberglass_formats::{NoProgress, decode};
use emberglass_profile::Batch;

/// Where one of `tests/fixtures` lies.
pub(crate) fn fixture(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(path)
}

pub(crate) fn decoded(path: &str) -> Batch {
    decode(&fs::read(fixture(path)).unwrap(), path, &mut NoProgress).unwrap()
}
