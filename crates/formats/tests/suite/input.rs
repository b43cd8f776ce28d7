//! Compression, limits, progress and recognition.

use std::ops::ControlFlow;

use emberglass_formats::{Input, Meter, NoProgress, SliceSource, Source, WHOLE_LIMIT, decode, decode_source};
use emberglass_profile::{ErrorCode, InputError};
use proptest::prelude::*;

use crate::common;
use crate::common::{decode_named, fixture, gunzip, gzip};

fn read_all(file: &[u8]) -> Result<Vec<u8>, emberglass_profile::InputError> {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::new(file);
    let prefix = input.prefix().to_vec();
    let limit = input.whole_limit();
    let whole = input.read_all(limit, &mut meter)?;
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

/// Gives a few bytes at a time, as a host may, and changes its mind about its size at `broken_from`.
struct Meagre<'a> {
    bytes: &'a [u8],
    step: usize,
    broken_from: u64,
}

impl Source for Meagre<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        let most = usize::try_from(self.broken_from.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = into.len().min(self.step).min(most);
        SliceSource(self.bytes).read_at(offset, &mut into[..count])
    }
}

/// Bytes that neither compress well nor fit into one window.
fn long_bytes(len: usize) -> Vec<u8> {
    let mut numbers = common::Numbers(len as u64);
    (0..len).map(|_| numbers.below(23) as u8).collect()
}

/// What people do to an input; positions are in thousandths of its length.
#[derive(Clone, Debug)]
enum Act {
    Chunk,
    Rewind,
    Seek(u64),
    ReadAt(u64, usize),
    ReadAll,
    Hash,
    Prefix,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let place = 0u64..1100;
    let act = prop_oneof![
        4 => Just(Act::Chunk),
        1 => Just(Act::Rewind),
        2 => place.clone().prop_map(Act::Seek),
        3 => (place, 0usize..400_000).prop_map(|(at, len)| Act::ReadAt(at, len)),
        1 => Just(Act::ReadAll),
        1 => Just(Act::Hash),
        1 => Just(Act::Prefix),
    ];
    proptest::collection::vec(act, 1..14)
}

/// Does all of it, and compares with the bytes themselves.
fn check_acts(file: &[u8], whole: &[u8], step: usize, acts: &[Act]) {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::open(Meagre { bytes: file, step, broken_from: u64::MAX });
    let place = |share: u64| whole.len() as u64 * share / 1000;
    let from = |position: u64| &whole[whole.len().min(position as usize)..];
    let mut position = 0;
    for act in acts {
        match *act {
            Act::Chunk => {
                let chunk = input.next_chunk(&mut meter).unwrap().unwrap_or_default();
                assert!(from(position).starts_with(chunk) && chunk.len() <= 256 << 10);
                assert_eq!(chunk.is_empty(), from(position).is_empty());
                position += chunk.len() as u64;
            }
            Act::Rewind => {
                input.rewind();
                position = 0;
            }
            Act::Seek(share) => {
                position = place(share);
                input.seek(position);
            }
            Act::ReadAt(share, len) => {
                let mut into = vec![0; len];
                let count = input.read_at(place(share), &mut into, &mut meter).unwrap();
                let expected = from(place(share));
                assert_eq!(into[..count], expected[..len.min(expected.len())]);
            }
            Act::ReadAll => {
                assert_eq!(input.read_all(u64::MAX, &mut meter).unwrap(), from(position));
                position = position.max(whole.len() as u64);
            }
            Act::Hash => assert_eq!(input.content_hash(&mut meter).unwrap().0, xxhash_rust::xxh3::xxh3_128(whole)),
            Act::Prefix => assert_eq!(input.prefix(), &whole[..whole.len().min(4096)]),
        }
        assert_eq!(input.position(), position);
        assert!(input.inflated_len().is_none_or(|len| len == whole.len() as u64));
    }
    assert_eq!(input.content_hash(&mut meter).unwrap().0, xxhash_rust::xxh3::xxh3_128(whole));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_way_of_reading_gives_the_same_bytes_and_the_same_hash(len in 1usize..2_500_000, step in 1000usize..3_000_000, acts in acts()) {
        let whole = long_bytes(len);
        check_acts(&whole, &whole, step, &acts);
        check_acts(&gzip(&whole), &whole, step, &acts);
    }
}

#[test]
fn a_file_that_ends_before_its_size_is_unreadable() {
    let plain = gunzip(&fixture("go/heap.pb.gz"));
    let packed = gzip(&plain);
    for bytes in [&plain, &packed] {
        for broken_from in [0, 1, bytes.len() as u64 / 2, bytes.len() as u64 - 1] {
            let mut source = Meagre { bytes, step: usize::MAX, broken_from };
            let error = decode_source(&mut source, "heap.pb", &mut NoProgress).unwrap_err();
            assert_eq!(error.code, ErrorCode::Unreadable, "{error} {broken_from}");
            assert_eq!(error.offset, Some(broken_from));
        }
        let batch = decode_source(&mut Meagre { bytes, step: 7, broken_from: u64::MAX }, "heap.pb", &mut NoProgress);
        assert_eq!(batch.unwrap().content_hash, decode_named(&plain, "heap.pb").unwrap().content_hash);
    }
}

#[test]
fn offsets_beyond_4_gib_are_reached() {
    /// 5 GiB of zeros, but for a mark.
    struct Wide;
    const MARK_AT: u64 = (5 << 30) - 3;
    impl Source for Wide {
        fn len(&self) -> u64 {
            5 << 30
        }
        fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
            let count = into.len().min(usize::try_from(self.len() - offset).unwrap());
            into[..count].fill(0);
            if let Some(at) = MARK_AT.checked_sub(offset).filter(|&at| at < count as u64) {
                into[at as usize] = 7;
            }
            Ok(count)
        }
    }
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, 5 << 30);
    let mut input = Input::open(Wide);
    let mut into = [1; 10];
    assert_eq!(input.read_at(MARK_AT - 2, &mut into, &mut meter), Ok(5));
    assert_eq!(into, [0, 0, 7, 0, 0, 1, 1, 1, 1, 1]);
    input.seek(MARK_AT);
    assert_eq!(input.next_chunk(&mut meter).unwrap().unwrap(), [7, 0, 0]);
    assert_eq!(input.read_all(1 << 20, &mut meter).unwrap().len(), 0);
    input.rewind();
    assert_eq!(input.read_all(1 << 20, &mut meter).unwrap_err().code, ErrorCode::TooLarge);
}

#[test]
fn what_lies_before_the_damage_is_read() {
    let whole = long_bytes(2_000_000);
    let mut packed = gzip(&whole);
    packed.truncate(packed.len() / 2);
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, packed.len() as u64);
    let mut input = Input::new(&packed);
    let mut read = 0;
    let error = loop {
        match input.next_chunk(&mut meter) {
            Ok(chunk) => {
                let chunk = chunk.unwrap();
                assert!(whole[read..].starts_with(chunk));
                read += chunk.len();
            }
            Err(error) => break error,
        }
    };
    assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(packed.len() as u64)));
    assert!((900_000..1_100_000).contains(&read), "{read}");
    assert_eq!(input.next_chunk(&mut meter).unwrap_err(), error);
    input.rewind();
    assert!(whole.starts_with(input.next_chunk(&mut meter).unwrap().unwrap()));
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
    let mut meter = Meter::new(&mut progress, packed.len() as u64);
    let error = Input::new(&packed).read_all(WHOLE_LIMIT, &mut meter).unwrap_err();
    assert_eq!(error.code, ErrorCode::TooLarge);
    assert!(error.message.contains(&WHOLE_LIMIT.to_string()), "{error}");
    // Zeros are no profile, whichever way they are read.
    let error = decode(&packed, "bomb.pb.gz", &mut progress).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::Malformed, Some(0)));
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
