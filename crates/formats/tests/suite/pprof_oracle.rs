//! Random profiles, written by prost in every way, read by the decoder.

use emberglass_formats::{NoProgress, decode};
use emberglass_profile::{ErrorCode, base_unit};
use proptest::prelude::*;
use prost::Message as _;

use crate::common::{decode_named, gzip, naive, proto, random};

fn text(profile: &proto::Profile, index: i64) -> &str {
    std::str::from_utf8(&profile.string_table[index as usize]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn batches_equal_a_naive_conversion(seed: u64, order: u64, compressed: bool) {
        let profile = random::profile(seed);
        let mut bytes = random::encode(&profile, order);
        prop_assert_eq!(proto::Profile::decode(bytes.as_slice()).unwrap(), profile.clone());
        if compressed {
            bytes = gzip(&bytes);
        }
        let batch = decode(&bytes, "x.pb", &mut NoProgress).unwrap();
        prop_assert_eq!(naive::rows_of_batch(&batch), naive::rows_of_profile(&profile));
        prop_assert_eq!(batch.tables[0].records, profile.sample.len() as u64);
        prop_assert_eq!(&batch.default_sample_type, text(&profile, profile.default_sample_type));
        prop_assert_eq!(&batch.drop_frames, text(&profile, profile.drop_frames));
        prop_assert_eq!(&batch.keep_frames, text(&profile, profile.keep_frames));
        let comments: Vec<&str> = profile.comment.iter().map(|&at| text(&profile, at)).collect();
        prop_assert_eq!(&batch.comments, &comments);
        let doc_url = batch.metadata.iter().find(|(name, _)| name == "doc_url").map_or("", |(_, value)| value);
        prop_assert_eq!(doc_url, text(&profile, profile.doc_url));
        let (period_unit, factor) = base_unit(profile.period_type.map_or("", |kind| text(&profile, kind.unit)));
        for (entry, kind) in batch.profiles.iter().zip(&profile.sample_type) {
            prop_assert_eq!(&entry.profile_type.sample_type, text(&profile, kind.r#type));
            prop_assert_eq!(&entry.profile_type.sample_unit, base_unit(text(&profile, kind.unit)).0);
            prop_assert_eq!(&entry.profile_type.period_type, profile.period_type.map_or("", |kind| text(&profile, kind.r#type)));
            prop_assert_eq!(&entry.profile_type.period_unit, period_unit);
            prop_assert_eq!(entry.period, profile.period * factor);
            prop_assert_eq!(entry.duration, profile.duration_nanos);
            prop_assert_eq!(entry.start, (profile.time_nanos != 0).then_some(profile.time_nanos));
        }
        let folded = profile.location.iter().filter(|location| location.is_folded).count() as u64;
        let warned = batch.warnings.as_slice().iter().find(|warning| warning.code == "folded-locations");
        prop_assert_eq!(warned.map_or(0, |warning| warning.count), folded);
    }

    #[test]
    fn a_batch_survives_the_way_to_the_engine(seed: u64) {
        let batch = decode_named(&random::profile(seed).encode_to_vec(), "x.pb").unwrap();
        let back = emberglass_profile::Batch::from_wire(&batch.to_wire()).unwrap();
        prop_assert_eq!(naive::rows_of_batch(&back), naive::rows_of_batch(&batch));
    }
}

/// `main` <- `leaf`, one sample of each value.
fn small() -> proto::Profile {
    let strings = ["", "samples", "count", "main", "leaf"];
    proto::Profile {
        sample_type: vec![proto::ValueType { r#type: 1, unit: 2 }],
        string_table: strings.iter().map(|text| text.as_bytes().to_vec()).collect(),
        function: (1..3).map(|id| proto::Function { id, name: 2 + id as i64, ..Default::default() }).collect(),
        location: (1..3)
            .map(|id| proto::Location {
                id,
                line: vec![proto::Line { function_id: id, line: 1, column: 0 }],
                ..Default::default()
            })
            .collect(),
        sample: vec![proto::Sample { location_id: vec![2, 1], value: vec![5], label: Vec::new() }],
        ..Default::default()
    }
}

fn refused(profile: &proto::Profile) -> (ErrorCode, bool) {
    let error = decode_named(&profile.encode_to_vec(), "x.pb").unwrap_err();
    assert!(!error.message.is_empty());
    (error.code, error.offset.is_some())
}

#[test]
fn broken_references_and_counts_are_refused_at_their_byte() {
    let with = |change: fn(&mut proto::Profile)| {
        let mut profile = small();
        change(&mut profile);
        refused(&profile)
    };
    assert_eq!(with(|it| it.sample[0].location_id.push(77)), (ErrorCode::BadReference, true));
    assert_eq!(with(|it| it.sample[0].location_id.push(0)), (ErrorCode::BadReference, true));
    assert_eq!(with(|it| it.location[0].line[0].function_id = 9), (ErrorCode::BadReference, true));
    assert_eq!(with(|it| it.function[0].name = -1), (ErrorCode::BadReference, true));
    assert_eq!(with(|it| it.sample_type[0].unit = 5), (ErrorCode::BadReference, true));
    assert_eq!(with(|it| it.comment = vec![900]), (ErrorCode::BadReference, true));
    assert_eq!(with(|it| it.sample[0].value.push(1)), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.sample[0].value.clear()), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.sample_type.clear()), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.function[0].id = 0), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.location[0].id = 0), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.mapping.push(proto::Mapping::default())), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.string_table.clear()), (ErrorCode::Malformed, true));
    assert_eq!(with(|it| it.string_table[0] = b"x".to_vec()), (ErrorCode::Malformed, true));
    assert_eq!(
        with(|it| {
            it.sample[0].value[0] = i64::MAX;
            it.sample.push(it.sample[0].clone());
        }),
        (ErrorCode::ValueOverflow, true)
    );
    assert_eq!(
        with(|it| {
            it.string_table[2] = b"hours".to_vec();
            it.sample[0].value[0] = i64::MAX / 1000;
        }),
        (ErrorCode::ValueOverflow, true)
    );
    assert_eq!(
        with(|it| {
            it.string_table[2] = b"s".to_vec();
            it.period_type = Some(it.sample_type[0]);
            it.period = i64::MAX;
        }),
        (ErrorCode::ValueOverflow, true)
    );
    assert_eq!(with(|it| it.sample_type = vec![it.sample_type[0]; 5000]), (ErrorCode::TooLarge, true));
}

#[test]
fn what_can_be_read_all_the_same_is_a_counted_warning() {
    let mut profile = small();
    profile.string_table[4] = vec![b'l', 0xff, b'f'];
    profile.function.push(proto::Function { id: 1, name: 1, ..Default::default() });
    profile.function.push(proto::Function { id: 1, name: 1, ..Default::default() });
    profile.location[0].mapping_id = 12;
    profile.location[1].line[0].line = 1 << 40;
    let batch = decode_named(&profile.encode_to_vec(), "x.pb").unwrap();
    let warnings: Vec<(&str, u64)> =
        batch.warnings.as_slice().iter().map(|warning| (warning.code.as_str(), warning.count)).collect();
    assert_eq!(warnings, [("invalid-utf8", 1), ("duplicate-id", 2), ("unknown-mapping", 1), ("line-out-of-range", 1)]);
    assert!(batch.warnings.as_slice().iter().all(|warning| warning.offset.is_some()));
    let rows = naive::rows_of_batch(&batch);
    let names: Vec<&str> = rows.keys().flat_map(|(stack, _)| stack).map(|frame| frame.name.as_str()).collect();
    assert_eq!(names, ["main", "l\u{fffd}f"]);
}

#[test]
fn an_empty_profile_with_sample_types_is_a_profile() {
    let mut profile = small();
    profile.sample.clear();
    let batch = decode_named(&profile.encode_to_vec(), "").unwrap();
    assert_eq!(batch.total(&batch.profiles[0]).unwrap(), (0, 0));
    assert_eq!(batch.tables[0].records, 0);
}

#[test]
fn a_stack_of_100_000_frames_is_read() {
    let mut profile = small();
    profile.sample[0].location_id = (0..100_000).map(|at| 1 + at % 2).collect();
    let batch = decode_named(&profile.encode_to_vec(), "x.pb").unwrap();
    let stack = batch.tables[0].stack[0];
    assert_eq!(batch.stacks.leaf_to_root(stack).count(), 100_000);
}

#[test]
fn inlined_lines_cannot_multiply_into_unbounded_memory() {
    let mut profile = small();
    profile.location[0].line = vec![profile.location[0].line[0]; 100_000];
    profile.sample[0].location_id = vec![1; 100_000];
    assert_eq!(refused(&profile), (ErrorCode::TooLarge, true));
}

#[test]
fn groups_and_wrong_wire_types_are_refused() {
    let valid = small().encode_to_vec();
    for (field, words) in [
        (&[0x83, 0x01][..], "group"),
        (&[0x10, 0x01], "bytes"),
        (&[0x4a, 0x00], "a number"),
        (&[0x00, 0x00], "field number"),
    ] {
        let mut bytes = valid.clone();
        bytes.extend_from_slice(field);
        let error = decode_named(&bytes, "x.pb").unwrap_err();
        assert_eq!((error.code, error.offset), (ErrorCode::Malformed, Some(valid.len() as u64)), "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}
