//! What a file's name says of its format: extensions, which only break ties.

use crate::Confidence;

/// Suffixes of compressed files; the extension stands before them.
const COMPRESSED: &[&str] = &[".gz", ".gzip", ".zst", ".zstd"];

/// True if the name ends with one of `extensions` (in lower case, with their points), compressed or not.
pub(crate) fn has_extension(file_name: &str, extensions: &[&str]) -> bool {
    let name = file_name.to_lowercase();
    let stem = COMPRESSED.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(&name);
    extensions.iter().any(|extension| stem.ends_with(extension))
}

/// The confidence of a format whose content `fits` or says nothing, and whose files have one of `extensions`.
pub(crate) fn named(fits: bool, file_name: &str, extensions: &[&str]) -> Confidence {
    match (fits, has_extension(file_name, extensions)) {
        (true, true) => Confidence::ContentAndName,
        (true, false) => Confidence::Content,
        (false, true) => Confidence::Name,
        (false, false) => Confidence::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_stand_before_those_of_compression() {
        for name in ["x.pb", "A/X.PB", "x.pb.gz", "x.pb.GZIP", "x.pb.zst", "x.pb.zstd", ".pb"] {
            assert!(has_extension(name, &[".pprof", ".pb"]), "{name}");
        }
        for name in ["", "pb", "x.pb.xz", "x.pb.txt", "x.gz"] {
            assert!(!has_extension(name, &[".pprof", ".pb"]), "{name}");
        }
    }

    #[test]
    fn content_comes_before_the_name() {
        let confidence = |fits, name| named(fits, name, &[".pb"]);
        assert_eq!(confidence(true, "x.pb"), Confidence::ContentAndName);
        assert_eq!(confidence(true, "x"), Confidence::Content);
        assert_eq!(confidence(false, "x.pb"), Confidence::Name);
        assert_eq!(confidence(false, "x"), Confidence::No);
    }
}
