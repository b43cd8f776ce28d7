//! What holds for every registered format, shown on small files of it: the ones in `tests/fuzz/seeds/`, and the fixtures.

use std::path::{Path, PathBuf};

use emberglass_formats::{Confidence, Format, Input, formats};
use emberglass_profile::{Batch, InputError};

use crate::common::damage::damage;
use crate::common::sound::{assert_sound, decode_as, decode_in_slices, survives};
use crate::common::{files_below, fixtures};

/// Largest file that counts as small.
const SMALL: usize = 4 << 10;

/// Name of the format's fuzz target.
fn target_of(format: &dyn Format) -> String {
    format.name().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

fn format_of(bytes: &[u8]) -> Option<&'static dyn Format> {
    let best = formats().iter().rev().max_by_key(|format| format.sniff(bytes, ""))?;
    (best.sniff(bytes, "") >= Confidence::Content).then_some(*best)
}

/// Small files of a format that are not compressed.
fn samples(format: &dyn Format) -> Vec<(PathBuf, Vec<u8>)> {
    let seeds = fixtures().join("../fuzz/seeds").join(target_of(format));
    let seeds = if seeds.is_dir() { files_below(&seeds, |_| true) } else { Vec::new() };
    let is_of_format = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        let is_plain = Input::new(&bytes).compression().is_none();
        is_plain && format_of(&bytes).is_some_and(|found| found.name() == format.name())
    };
    let is_small = |path: &Path| path.metadata().unwrap().len() <= SMALL as u64;
    let is_crasher = |path: &Path| path.components().any(|part| part.as_os_str() == "fuzz-crashers");
    let recorded = files_below(&fixtures(), |path| is_small(path) && !is_crasher(path) && is_of_format(path));
    seeds.into_iter().chain(recorded).map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    text.starts_with(b"{") || text.starts_with(b"[")
}

#[test]
fn every_format_has_small_samples_that_it_recognises_and_decodes() {
    for format in formats() {
        let samples = samples(*format);
        assert!(
            !samples.is_empty(),
            "{0}: put a small file into tests/fuzz/seeds/{1}",
            format.name(),
            target_of(*format)
        );
        let mut decoded = 0;
        for (path, bytes) in samples {
            let name = path.display();
            let found = format_of(&bytes).map(|found| found.name());
            assert_eq!(found, Some(format.name()), "{name}");
            if let Ok(batch) = decode_as(*format, &bytes) {
                assert_sound(&batch);
                decoded += 1;
            }
        }
        assert!(decoded > 0, "{}", format.name());
    }
}

#[test]
fn every_cut_and_damage_is_a_sound_batch_or_an_error_with_a_place() {
    for format in formats() {
        for (_, bytes) in samples(*format) {
            for len in 0..bytes.len() {
                survives(*format, &bytes[..len]);
            }
            damage(*format, &bytes, 150);
        }
    }
}

/// What says how long it is can be seen to be cut; a list of lines can end anywhere.
#[test]
fn json_and_framed_files_that_are_cut_are_told() {
    for format in formats() {
        for (path, bytes) in samples(*format) {
            if !(is_json(&bytes) || ["jfr", "pstats"].contains(&format.name())) || decode_as(*format, &bytes).is_err() {
                continue;
            }
            let end = bytes.trim_ascii_end().len();
            for len in 1..end {
                if let Ok(batch) = decode_as(*format, &bytes[..len]) {
                    let is_whole_chunk = format.name() == "jfr" && 2 * len == bytes.len();
                    let is_told = !batch.warnings.as_slice().is_empty();
                    assert!(is_told || is_whole_chunk, "{} cut to {len} bytes", path.display());
                }
            }
        }
    }
}

fn is_same(whole: &Result<Batch, InputError>, sliced: &Result<Batch, InputError>) -> bool {
    match (whole, sliced) {
        (Ok(whole), Ok(sliced)) => whole.to_wire() == sliced.to_wire(),
        (Err(whole), Err(sliced)) => whole == sliced,
        _ => false,
    }
}

#[test]
fn slices_of_any_size_make_the_same_batch() {
    for format in formats() {
        for (path, bytes) in samples(*format) {
            let whole = decode_as(*format, &bytes);
            for size in [1, 2, 3, 7, 61] {
                let sliced = decode_in_slices(*format, &bytes, size);
                assert!(is_same(&whole, &sliced), "{} in slices of {size}: {whole:?}, {sliced:?}", path.display());
            }
        }
    }
}
