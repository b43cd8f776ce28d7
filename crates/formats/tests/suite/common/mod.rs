//! Helpers of the tests: fixtures, gzip, and pprof's messages as prost sees them.

pub(crate) mod carried;
pub(crate) mod corpus;
pub(crate) mod damage;
pub(crate) mod naive;
pub(crate) mod proto;
pub(crate) mod random;
pub(crate) mod recording;
pub(crate) mod sound;

use std::path::{Path, PathBuf};

use emberglass_formats::{NoProgress, decode};
use emberglass_profile::{Batch, InputError};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All files below `folder` for which `wanted` holds, sorted.
pub(crate) fn files_below(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The pprof files of the fixtures that are valid.
pub(crate) fn pprof_fixtures() -> Vec<PathBuf> {
    let is_pprof = |path: &Path| {
        let text = path.to_string_lossy();
        let named = [".pb", ".pb.gz", ".pprof.gz"].iter().any(|extension| text.ends_with(extension));
        named && !text.contains("malformed") && !text.contains(".otlp.")
    };
    files_below(&fixtures(), is_pprof)
}

pub(crate) fn decode_named(bytes: &[u8], name: &str) -> Result<Batch, InputError> {
    decode(bytes, name, &mut NoProgress)
}

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 1));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// Inflates the first gzip members of a file without a look at checksums: a second opinion.
pub(crate) fn gunzip(file: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = file;
    while rest.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(rest[3] & !8, 0, "only names among the optional fields");
        let name = if rest[3] & 8 == 0 { 0 } else { rest[10..].iter().position(|&byte| byte == 0).unwrap() + 1 };
        rest = &rest[10 + name..];
        let mut member = vec![0; 64 << 20];
        let mut state = miniz_oxide::inflate::core::DecompressorOxide::new();
        let flags = miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (_, consumed, written) = miniz_oxide::inflate::core::decompress(&mut state, rest, &mut member, 0, flags);
        out.extend_from_slice(&member[..written]);
        rest = &rest[consumed + 8..];
    }
    if out.is_empty() { file.to_vec() } else { out }
}

/// A small generator of numbers, so that a failing case is one seed.
pub(crate) struct Numbers(pub u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Codes and counts of the warnings.
pub(crate) fn codes(batch: &Batch) -> Vec<(&str, u64)> {
    batch.warnings.as_slice().iter().map(|warning| (warning.code.as_str(), warning.count)).collect()
}

/// Totals of the profiles.
pub(crate) fn totals(batch: &Batch) -> Vec<i64> {
    batch.profiles.iter().map(|entry| batch.total(entry).unwrap().0).collect()
}
