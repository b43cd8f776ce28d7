//! What is read in slices is what is read in one piece: batches, warnings and errors.

use std::path::Path;

use emberglass_formats::Format;
use emberglass_formats::jfr::Jfr;
use emberglass_formats::otlp::Otlp;
use emberglass_formats::perf::data::PerfData;
use emberglass_formats::pprof::Pprof;

use crate::common::damage::{decode_as, decode_in_slices};
use crate::common::{Numbers, files_below, fixtures, gunzip, gzip, pprof_fixtures};

/// Compares the two ways on `bytes`, and on damaged copies of them.
fn check(format: &dyn Format, bytes: &[u8], slices: &[usize], rounds: usize) {
    let mut numbers = Numbers(bytes.len() as u64);
    for round in 0..=rounds {
        let mut bytes = bytes.to_vec();
        if round > 0 {
            for _ in 0..1 + numbers.below(3) {
                let at = numbers.below(bytes.len());
                match numbers.below(3) {
                    0 => bytes[at] ^= 1 << numbers.below(8),
                    1 => bytes[at] = 0xff,
                    _ => bytes.truncate(at.max(1)),
                }
            }
        }
        let held = decode_as(format, &bytes);
        let slice = slices[round % slices.len()];
        let packed = gzip(&bytes);
        for file in [&bytes, &packed] {
            let sliced = decode_in_slices(format, file, slice);
            let message = format!("round {round}, slices of {slice} bytes");
            assert_eq!(sliced.as_ref().err(), held.as_ref().err(), "{message}");
            if let (Ok(sliced), Ok(held)) = (&sliced, &held) {
                assert!(sliced.to_wire() == held.to_wire(), "{message}");
            }
        }
    }
}

fn named(ending: &str) -> Vec<Vec<u8>> {
    let files = files_below(&fixtures(), |path: &Path| path.to_string_lossy().ends_with(ending));
    assert!(!files.is_empty(), "{ending}");
    files.iter().map(|path| gunzip(&std::fs::read(path).unwrap())).collect()
}

#[test]
fn pprof() {
    for path in pprof_fixtures() {
        check(&Pprof, &gunzip(&std::fs::read(path).unwrap()), &[1000, 64, 7, 1 << 18, 4099], 12);
    }
}

#[test]
fn otlp() {
    for bytes in [".otlp.pb", ".otlp.pb.gz"].into_iter().flat_map(named) {
        check(&Otlp, &bytes, &[1000, 1, 7, 1 << 18, 4099], 12);
    }
}

#[test]
fn perf_data() {
    for bytes in named(".perf.data") {
        check(&PerfData, &bytes, &[1000, 1, 7, 1 << 18, 4099], 100);
    }
}

#[test]
fn jfr() {
    for bytes in [".jfr", ".jfr.gz"].into_iter().flat_map(named) {
        check(&Jfr, &[&bytes[..], &bytes].concat(), &[1000, 64, 7, 1 << 18, 4099], 20);
    }
}
