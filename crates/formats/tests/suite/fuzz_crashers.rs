//! Files that once broke a decoder: found by the fuzz targets of `tests/fuzz`, replayed here without them.
#![allow(missing_docs, unreachable_pub)]

#[path = "../../../../tests/fuzz/src/containers.rs"]
mod containers;

use std::path::PathBuf;

use emberglass_formats::{Format, formats};
use emberglass_profile::Batch;

use crate::common;
use crate::common::sound::{assert_crosses, assert_sound, survives};
use crate::common::{decode_named, files_below, fixtures};

/// Name of the format's fuzz target.
fn target_of(format: &dyn Format) -> String {
    format.name().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

fn crashers(target: &str) -> Vec<PathBuf> {
    let folder = fixtures().join("fuzz-crashers").join(target);
    if folder.is_dir() { files_below(&folder, |_| true) } else { Vec::new() }
}

#[test]
fn what_once_broke_a_decoder_is_survived() {
    for format in formats() {
        for path in crashers(&target_of(*format)) {
            survives(*format, &std::fs::read(path).unwrap());
        }
    }
}

#[test]
fn what_once_broke_a_container_is_survived() {
    for path in crashers("compressed").into_iter().chain(common::pprof_fixtures()) {
        let bytes = std::fs::read(path).unwrap();
        containers::read_every_way(&bytes);
        match decode_named(&bytes, "") {
            Ok(batch) => {
                assert_sound(&batch);
                assert_crosses(&batch);
            }
            Err(error) => assert!(!error.message.is_empty()),
        }
    }
}

#[test]
fn what_once_broke_the_crossing_is_survived() {
    for path in crashers("batch") {
        if let Ok(batch) = Batch::from_wire(&std::fs::read(path).unwrap()) {
            let written = batch.to_wire();
            assert_eq!(Batch::from_wire(&written).unwrap().to_wire(), written);
        }
    }
}

#[test]
fn every_folder_of_crashers_is_a_targets() {
    let known: Vec<String> = formats().iter().map(|format| target_of(*format)).collect();
    for entry in std::fs::read_dir(fixtures().join("fuzz-crashers")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let is_other = ["compressed", "batch", "block", "pack"].contains(&name.as_str());
        assert!(is_other || known.contains(&name), "{name} is replayed by nothing");
    }
}
