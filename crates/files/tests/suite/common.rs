//! Recorded profiles.

use std::fs;
use std::path::PathBuf;

use emberglass_files::{FileSet, Place};
use emberglass_formats::{Members, NoProgress, SliceSource, decode};
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

/// Files with what they state about themselves, as `query` opens them.
pub(crate) fn opened(paths: &[&str]) -> FileSet {
    let mut files = FileSet::default();
    for &path in paths {
        let bytes = read(path);
        let mut members = Members::new(SliceSource(&bytes), path);
        while let Some(member) = members.next(&mut NoProgress) {
            files.add_member_of(member, Place { path: path.to_owned(), modified_ms: 0.0, is_head: false }).unwrap();
        }
    }
    files
}
