//! Compression, limits, progress and recognition.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;

use common::{decode_named, fixture, gunzip, gzip};
use emberglass_formats::{Input, Meter, NoProgress, WHOLE_LIMIT, decode};
use emberglass_profile::ErrorCode;
use proptest::prelude::*;

fn read_all(file: &[u8]) -> Result<Vec<u8>, emberglass_profile::InputError> {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::new(file);
    let prefix = input.prefix().to_vec();
    let limit = input.whole_limit();
    let whole = input.read_all(limit, &mut meter)?.into_owned();
    assert!(whole.starts_with(&prefix));
    assert_eq!(prefix.len(), whole.len().min(4096));
    assert_eq!(input.content_hash(&mut meter)?.0, xxhash_rust::xxh3::xxh3_128(&whole));
    Ok(whole)
}

fn read_chunks(file: &[u8], sniff: bool) -> Result<Vec<u8>, emberglass_profile::InputError> {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::new(file);
    if sniff {
        let _prefix = input.prefix();
    }
    let mut whole = Vec::new();
    while let Some(chunk) = input.next_chunk(&mut meter)? {
        assert!(chunk.len() <= 256 << 10);
        whole.extend_from_slice(chunk);
    }
    assert_eq!(input.content_hash(&mut meter)?.0, xxhash_rust::xxh3::xxh3_128(&whole));
    Ok(whole)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn members_and_padding_read_as_one(parts in proptest::collection::vec(proptest::collection::vec(0u8..9, 0..9000), 1..5), zeros in 0usize..600, sniff: bool) {
        let mut file: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
        file.resize(file.len() + zeros, 0);
        prop_assert_eq!(read_all(&file).unwrap(), parts.concat());
        prop_assert_eq!(read_chunks(&file, sniff).unwrap(), parts.concat());
    }

    #[test]
    fn zlib_and_plain_bytes_read(bytes in proptest::collection::vec(0u8..9, 1..9000), level in 0u8..10) {
        let file = miniz_oxide::deflate::compress_to_vec_zlib(&bytes, level);
        prop_assert_eq!(read_all(&file).unwrap(), bytes.clone());
        prop_assert_eq!(read_chunks(&file, true).unwrap(), bytes.clone());
        prop_assert_eq!(read_all(&bytes).unwrap(), bytes.clone());
        prop_assert_eq!(read_chunks(&bytes, false).unwrap(), bytes);
    }

    #[test]
    fn no_file_makes_the_reader_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0usize..4) {
        let starts: [&[u8]; 4] = [&[], &[0x1f, 0x8b, 8], &[0x1f, 0x8b, 8, 0x1e], &[0x78, 0x9c]];
        bytes.splice(0..0, starts[start].iter().copied());
        let _result = read_all_unchecked(&bytes);
    }
}

fn read_all_unchecked(file: &[u8]) -> Result<usize, emberglass_profile::InputError> {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::new(file);
    let _prefix = input.prefix();
    Ok(input.read_all(1 << 20, &mut meter)?.len())
}

#[test]
fn a_wrong_checksum_or_size_is_damage() {
    let good = gzip(b"some bytes to be checked");
    for at in good.len() - 8..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        let error = read_all(&bad).unwrap_err();
        assert_eq!(error.code, ErrorCode::DamagedCompression, "byte {at}");
        assert!(error.offset.is_some_and(|offset| offset >= good.len() as u64 - 8));
    }
    let mut zlib = miniz_oxide::deflate::compress_to_vec_zlib(&[7; 5000], 6);
    *zlib.last_mut().unwrap() ^= 1;
    assert_eq!(read_all(&zlib).unwrap_err().code, ErrorCode::DamagedCompression);
}

#[test]
fn bytes_behind_the_end_are_a_warning() {
    let mut file = gzip(&gunzip(&fixture("go/mutex.pb.gz")));
    let end = file.len() as u64;
    file.extend_from_slice(&[0; 512]);
    assert!(decode_named(&file, "x.pb.gz").unwrap().warnings.as_slice().is_empty());
    file.extend_from_slice(b"not gzip");
    let batch = decode_named(&file, "x.pb.gz").unwrap();
    let [warning] = batch.warnings.as_slice() else { panic!("{:?}", batch.warnings) };
    assert_eq!((warning.code.as_str(), warning.offset, warning.count), ("trailing-data", Some(end), 1));
}

#[test]
fn the_hash_is_that_of_the_inflated_bytes() {
    let plain = gunzip(&fixture("go/heap.pb.gz"));
    let (first, second) = plain.split_at(1000);
    let members = [gzip(first), gzip(second)].concat();
    let hash = |bytes: &[u8]| decode_named(bytes, "x.pb").unwrap().content_hash;
    assert_eq!(hash(&plain), hash(&gzip(&plain)));
    assert_eq!(hash(&plain), hash(&members));
}

#[test]
fn a_bomb_is_refused_before_it_is_inflated() {
    // 1 GiB of zeros, 64 KiB at a time, as a member of about 1 MB.
    let flags = miniz_oxide::deflate::core::create_comp_flags_from_zip_params(6, -15, 0);
    let mut state = miniz_oxide::deflate::core::CompressorOxide::new(flags);
    let zeros = vec![0u8; 64 << 10];
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut crc, mut out) = (crc32fast::Hasher::new(), vec![0u8; 64 << 10]);
    let times = (1usize << 30) / zeros.len();
    for at in 0..times {
        let flush = if at + 1 == times { miniz_oxide::MZFlush::Finish } else { miniz_oxide::MZFlush::None };
        let mut rest = zeros.as_slice();
        crc.update(rest);
        loop {
            let result = miniz_oxide::deflate::stream::deflate(&mut state, rest, &mut out, flush);
            packed.extend_from_slice(&out[..result.bytes_written]);
            rest = &rest[result.bytes_consumed..];
            let ended = matches!(result.status, Ok(miniz_oxide::MZStatus::StreamEnd));
            if ended || (rest.is_empty() && flush == miniz_oxide::MZFlush::None) {
                break;
            }
        }
    }
    packed.extend(crc.finalize().to_le_bytes());
    packed.extend((1u32 << 30).to_le_bytes());
    assert!(packed.len() < 2 << 20, "{}", packed.len());
    let mut most = 0;
    let mut progress = |done: u64, total: u64| {
        most = most.max(done);
        assert_eq!(total, packed.len() as u64);
        ControlFlow::Continue(())
    };
    let error = decode(&packed, "bomb.pb.gz", &mut progress).unwrap_err();
    assert_eq!(error.code, ErrorCode::TooLarge);
    assert!(error.message.contains(&WHOLE_LIMIT.to_string()), "{error}");
    // A quarter of it was inflated, which counts as half of the work.
    assert!(most < packed.len() as u64 / 6, "{most} of {}", packed.len());
}

#[test]
fn progress_is_reported_and_can_cancel() {
    let file = fixture("go/cpu.pb.gz");
    let mut seen = Vec::new();
    let mut watch = |done: u64, total: u64| {
        seen.push((done, total));
        ControlFlow::Continue(())
    };
    decode(&file, "cpu.pb.gz", &mut watch).unwrap();
    assert!(seen.len() >= 2 && seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{seen:?}");
    assert!(seen.iter().all(|&(done, total)| done <= total && total == file.len() as u64));
    let reports = seen.len();
    for cancel_at in 0..reports {
        let mut left = cancel_at;
        let mut progress = |_: u64, _: u64| match left.checked_sub(1) {
            Some(less) => {
                left = less;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        assert_eq!(decode(&file, "cpu.pb.gz", &mut progress).unwrap_err().code, ErrorCode::Cancelled);
    }
}

#[test]
fn files_are_recognised_by_content_whatever_their_name() {
    let bytes = fixture("go/cpu.pb.gz");
    for name in ["", "cpu", "cpu.json", "cpu.folded", "CPU.PB.GZ", "profile.png"] {
        assert_eq!(decode_named(&bytes, name).unwrap().format, "pprof", "{name}");
        assert_eq!(decode_named(&gunzip(&bytes), name).unwrap().format, "pprof", "{name}");
    }
}

#[test]
fn what_nobody_knows_is_named_in_the_error() {
    for (bytes, words) in [
        (&b"{\"nodes\": []}"[..], "a JSON object"),
        (b"dear reader\n", "text that starts with \"dear reader\""),
        (b"\xff\xfe\x00", "binary data"),
        (b"PK\x03\x04rest", "a zip archive"),
    ] {
        for file in [bytes.to_vec(), gzip(bytes)] {
            let error = decode_named(&file, "what").unwrap_err();
            assert_eq!(error.code, ErrorCode::UnrecognizedFormat);
            assert!(error.message.contains(words), "{error}");
            assert_eq!(error.message.contains("inside gzip"), file != bytes);
        }
    }
    assert_eq!(decode_named(b"", "x.pb").unwrap_err().code, ErrorCode::EmptyInput);
    assert_eq!(decode_named(&gzip(b""), "x.pb").unwrap_err().code, ErrorCode::EmptyInput);
}
