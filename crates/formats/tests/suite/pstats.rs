//! Python's pstats: the fixture, every version of marshal, damage.

use emberglass_formats::pstats::Pstats;
use emberglass_profile::ErrorCode;

use crate::common::corpus::{check_all, top_of};
use crate::common::damage::{assert_sound, damage};
use crate::common::{decode_named, fixture};

/// The same statistics in the versions 0 to 4 of marshal, one a line.
fn versions() -> Vec<Vec<u8>> {
    let text = String::from_utf8(fixture("python/pstats-versions.hex")).unwrap();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.lines().map(|line| line.as_bytes().chunks(2).map(byte).collect()).collect()
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.extension().is_some_and(|extension| extension == "pstats"));
    assert_eq!(batches.len(), 1);
    let batch = &batches[0].1;
    assert_sound(batch);
    assert_eq!((batch.format.as_str(), batch.tables[0].records), ("pstats", 1_577_811));
    assert_eq!(batch.profiles[0].profile_type.to_string(), "wall:time:nanoseconds::");
    let deepest = (0..batch.stacks.len() as u32)
        .map(|row| batch.stacks.leaf_to_root(emberglass_profile::StackId(row)).count())
        .max();
    assert!(deepest > Some(4), "{deepest:?}");
}

#[test]
fn every_version_of_marshal_is_read() {
    let versions = versions();
    assert_eq!(versions.len(), 5);
    for bytes in versions {
        let batch = decode_named(&bytes, "x").unwrap();
        assert_sound(&batch);
        assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (2_000_000_000, 0));
        assert_eq!(batch.tables[0].records, 6);
        let top = top_of(&batch, &batch.profiles[0]);
        assert_eq!((top["f"].own, top["f"].total, top["f"].largest), (1.75e9, 3.25e9, 2e9));
        assert_eq!(top["<built-in len>"].own, 0.25e9);
        let functions: Vec<_> = batch
            .symbols
            .functions
            .iter()
            .map(|function| {
                [function.name, function.system_name, function.file].map(|id| batch.symbols.text(id).to_owned())
            })
            .collect();
        assert_eq!(functions, [["f", "", "a.py"], ["<built-in len>", "", ""], ["f", "f:9", "a.py"]]);
        assert_eq!(batch.symbols.functions.iter().map(|function| function.start_line).collect::<Vec<_>>(), [3, 0, 9]);
    }
}

#[test]
fn cut_files_are_refused_with_their_offset() {
    let bytes = fixture("python/cprofile.pstats");
    let error = decode_named(&bytes[..9999], "x").unwrap_err();
    assert_eq!(error.code, ErrorCode::Truncated);
    assert!(error.offset.is_some_and(|offset| (9900..9999).contains(&offset)), "{error:?}");
}

#[test]
fn damaged_files_are_survived() {
    for bytes in versions() {
        damage(&Pstats, &bytes, 1000);
    }
    damage(&Pstats, &fixture("python/cprofile.pstats"), 100);
}
