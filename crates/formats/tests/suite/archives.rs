//! Archives of many profiles, and zstd: fixtures made by other programs, and what is wrong with some.

use std::ops::ControlFlow;

use emberglass_formats::{Input, Member, Members, Meter, NoProgress, SliceSource, decode, decode_each};
use emberglass_profile::{ContentHash, ErrorCode};
use proptest::prelude::*;

use crate::common::{Numbers, decode_named, fixture, gzip};

fn members_of(bytes: &[u8], name: &str) -> Vec<Member> {
    let mut members = Vec::new();
    decode_each(SliceSource(bytes), name, &mut NoProgress, &mut |member| {
        members.push(member);
        ControlFlow::Continue(())
    });
    members
}

/// Name and hash, or name and code.
type Outcome = (String, Result<ContentHash, ErrorCode>);

fn outcomes(bytes: &[u8], name: &str) -> Vec<Outcome> {
    let outcome =
        |member: Member| (member.name, member.result.map(|batch| batch.content_hash).map_err(|error| error.code));
    members_of(bytes, name).into_iter().map(outcome).collect()
}

fn hash_of(path: &str) -> ContentHash {
    decode_named(&fixture(path), path).unwrap().content_hash
}

/// What every form of the shop holds; `long` is the path of the first.
fn shop(archive: &str, long: &str, accent: char) -> Vec<Outcome> {
    let folded = hash_of("folded/inferno-raw-small.folded");
    vec![
        (format!("{archive}/{long}"), Ok(hash_of("go/mutex.pb.gz"))),
        (format!("{archive}/shop/eu/broken.pb.gz"), Err(ErrorCode::Truncated)),
        (format!("{archive}/shop/notes.txt"), Err(ErrorCode::UnrecognizedFormat)),
        (format!("{archive}/shop/us/raw-small.folded"), Ok(folded)),
        (format!("{archive}/shop/us/threads {accent}.folded.zst"), Ok(folded)),
    ]
}

#[test]
fn each_member_is_a_file_of_its_own() {
    let zip = members_of(&fixture("archives/shop.zip"), "a/shop.zip");
    let told: Vec<_> = zip.iter().map(|member| (member.bytes, member.modified, member.is_archived)).collect();
    // 2026-11-23 14:36:06, which zip stores without a zone.
    let at = Some(1_795_444_566);
    assert_eq!(told, [(817, at, true), (400, at, true), (22, at, true), (1458, at, true), (214, at, true)]);
    assert_eq!(outcomes(&fixture("archives/shop.zip"), "shop.zip"), shop("shop.zip", "shop/eu/mutex.pb.gz", 'é'));
}

#[test]
fn tar_is_read_in_all_its_forms() {
    let long = format!("shop/{}mutex.pb.gz", "a-folder-with-quite-a-long-name/".repeat(4));
    for (name, accent) in [("shop-ustar.tar", 'e'), ("shop-gnu.tar.gz", 'é'), ("shop-pax.tar.zst", 'é')] {
        let bytes = fixture(&format!("archives/{name}"));
        assert_eq!(outcomes(&bytes, name), shop(name, &long, accent));
        assert!(members_of(&bytes, name).iter().all(|member| member.modified == Some(1_795_444_566)), "{name}");
    }
}

#[test]
fn sizes_behind_the_data_64_bit_fields_and_zstd_members_are_read() {
    let folded = hash_of("folded/inferno-raw-small.folded");
    let expected = [
        ("z/shop/eu/mutex.pb.gz".to_owned(), Ok(hash_of("go/mutex.pb.gz"))),
        ("z/shop/us/raw-small.folded".to_owned(), Ok(folded)),
    ];
    assert_eq!(outcomes(&fixture("archives/streamed-zip64.zip"), "z"), expected);
    assert_eq!(outcomes(&fixture("archives/zstd-method.zip"), "z"), [("z/a.folded".to_owned(), Ok(folded))]);
}

#[test]
fn an_encrypted_member_is_refused_and_the_rest_goes_on() {
    let expected = [
        ("z/threadcreate.pb.gz".to_owned(), Err(ErrorCode::Encrypted)),
        ("z/mutex.pb.gz".to_owned(), Ok(hash_of("go/mutex.pb.gz"))),
    ];
    assert_eq!(outcomes(&fixture("archives/encrypted.zip"), "z"), expected);
}

#[test]
fn archives_in_archives_are_unpacked_two_deep() {
    let nested = fixture("archives/nested.zip");
    let thread = ("z/middle.tar.gz/inner.zip/thread.pb.gz".to_owned(), Ok(hash_of("go/threadcreate.pb.gz")));
    let expected = [
        thread,
        ("z/middle.tar.gz/inner.zip/none.txt".to_owned(), Err(ErrorCode::UnrecognizedFormat)),
        ("z/middle.tar.gz/mutex.pb.gz".to_owned(), Ok(hash_of("go/mutex.pb.gz"))),
    ];
    assert_eq!(outcomes(&nested, "z"), expected);
    let deeper = zip(&[Part::stored("one.zip", &nested), Part::stored("m.pb.gz", &fixture("go/mutex.pb.gz"))]);
    let members = members_of(&deeper, "z");
    let error = members[0].result.as_ref().unwrap_err();
    assert_eq!((members[0].name.as_str(), error.code), ("z/one.zip/middle.tar.gz/inner.zip", ErrorCode::TooLarge));
    assert!(error.message.contains("within"), "{error}");
    assert_eq!(members.len(), 3);
    assert!(members[1].result.is_ok() && members[2].result.is_ok());
}

#[test]
fn an_archive_without_profiles_is_an_error_of_its_own() {
    let text = b"nothing of ours\n";
    for (bytes, names, code) in [
        (zip(&[]), vec!["z"], ErrorCode::EmptyInput),
        (zip(&[Part::stored("a.txt", text)]), vec!["z/a.txt", "z"], ErrorCode::UnrecognizedFormat),
        (gzip(&zip(&[Part::stored("a.txt", text)])), vec!["z/a.txt", "z"], ErrorCode::UnrecognizedFormat),
    ] {
        let members = members_of(&bytes, "z");
        assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), names);
        let last = members.last().unwrap();
        assert!(!last.is_archived);
        assert_eq!(last.result.as_ref().unwrap_err().code, code);
    }
    let folded = zip(&[Part::stored("a.folded", b"a;b 1\n")]);
    assert_eq!(outcomes(&gzip(&folded), "z").len(), 1);
    assert_eq!(decode(&folded, "z", &mut NoProgress).unwrap_err().code, ErrorCode::UnrecognizedFormat);
}

#[test]
fn progress_grows_over_all_members() {
    for name in ["shop.zip", "shop-ustar.tar", "shop-gnu.tar.gz", "nested.zip"] {
        let bytes = fixture(&format!("archives/{name}"));
        let mut seen = Vec::new();
        let mut watch = |done: u64, total: u64| {
            seen.push((done, total));
            ControlFlow::Continue(())
        };
        decode_each(SliceSource(&bytes), name, &mut watch, &mut |_| ControlFlow::Continue(()));
        assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{name} {seen:?}");
        assert!(seen.iter().all(|&(done, total)| done <= total && total == bytes.len() as u64), "{name} {seen:?}");
    }
}

/// A member of a zip archive as written by [`zip`].
#[derive(Clone)]
struct Part {
    name: Vec<u8>,
    data: Vec<u8>,
    len: u32,
    crc: u32,
    method: u16,
    /// Where the directory says that it lies, if not there.
    at: Option<u32>,
}

impl Part {
    fn stored(name: &str, data: &[u8]) -> Self {
        let (len, crc) = (data.len() as u32, crc32fast::hash(data));
        Self { name: name.into(), data: data.to_vec(), len, crc, method: 0, at: None }
    }

    fn deflated(name: &str, data: &[u8]) -> Self {
        let packed = miniz_oxide::deflate::compress_to_vec(data, 6);
        Self { data: packed, method: 8, ..Self::stored(name, data) }
    }
}

/// A zip archive, right or wrong.
fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for Part { name, data, len, crc, method, at } in parts {
        let at = at.unwrap_or(out.len() as u32);
        let mut common = [20u16, 0, *method, 0, 0x5b77].map(u16::to_le_bytes).concat();
        common.extend([*crc, data.len() as u32, *len].map(u32::to_le_bytes).concat());
        common.extend([name.len() as u16, 0].map(u16::to_le_bytes).concat());
        out.extend([b"PK\x03\x04", common.as_slice(), name, data].concat());
        directory.extend([b"PK\x01\x02\x14\x00", common.as_slice(), &[0; 10], &at.to_le_bytes(), name].concat());
    }
    let count = (parts.len() as u16).to_le_bytes();
    let sizes = [directory.len() as u32, out.len() as u32].map(u32::to_le_bytes).concat();
    [&out, directory.as_slice(), b"PK\x05\x06\0\0\0\0", &count, &count, &sizes, &[0, 0]].concat()
}

#[test]
fn names_are_utf8_or_of_code_page_437() {
    let mut odd = Part::stored("", b"a;b 1\n");
    odd.name = b"M\x81ller\\.\\x.folded".to_vec();
    let members = members_of(&zip(&[odd, Part::deflated("/é.folded", b"a;b 1\n")]), "z");
    assert_eq!(members[0].name, "z/Müller/x.folded");
    assert_eq!(members[1].name, "z/é.folded");
    assert!(members.iter().all(|member| member.result.is_ok()));
}

#[test]
fn members_that_share_bytes_are_refused() {
    let one = Part::deflated("a.folded", b"a;b 1\n");
    let twice = Part { at: Some(0), ..one.clone() };
    let within = Part { at: Some(40), ..one.clone() };
    for second in [twice, within] {
        let members = members_of(&zip(&[one.clone(), second]), "z");
        assert_eq!(members.len(), 1);
        assert_eq!(members[0].result.as_ref().unwrap_err().code, ErrorCode::Malformed);
        assert!(!members[0].is_archived);
    }
}

#[test]
fn a_member_is_exactly_what_the_directory_says() {
    let good = Part::deflated("a.folded", b"a;b 1\na;c 2\n");
    let wrong = [
        (Part { crc: 1, ..good.clone() }, ErrorCode::DamagedCompression),
        (Part { len: 11, ..good.clone() }, ErrorCode::DamagedCompression),
        (Part { len: 13, ..good.clone() }, ErrorCode::DamagedCompression),
        (Part { len: 11, ..Part::stored("a.folded", b"a;b 1\na;c 2\n") }, ErrorCode::Malformed),
        (Part { crc: 1, ..Part::stored("a.folded", b"a;b 1\na;c 2\n") }, ErrorCode::DamagedCompression),
        (Part { data: good.data[..8].to_vec(), ..good.clone() }, ErrorCode::Truncated),
        (Part { method: 12, ..good.clone() }, ErrorCode::UnsupportedCompression),
        (Part { method: 99, ..good.clone() }, ErrorCode::UnsupportedCompression),
        (Part { len: 400 << 20, ..good.clone() }, ErrorCode::TooLarge),
    ];
    for (at, (part, code)) in wrong.into_iter().enumerate() {
        let found = outcomes(&zip(&[part, good.clone()]), "z");
        assert_eq!(found[0], ("z/a.folded".to_owned(), Err(code)), "{at}");
        assert!(found[1].1.is_ok(), "{at}");
    }
}

#[test]
fn a_broken_archive_gives_what_comes_before_the_break() {
    let zip = fixture("archives/shop.zip");
    assert_eq!(outcomes(&zip[..zip.len() - 30], "z"), [("z".to_owned(), Err(ErrorCode::Truncated))]);
    let tar = fixture("archives/shop-ustar.tar");
    let mutex = hash_of("go/mutex.pb.gz");
    // In the header of the second file, in its data, in the first file's.
    for (cut, codes) in [
        (2148, vec![Ok(mutex), Err(ErrorCode::Truncated)]),
        (2900, vec![Ok(mutex), Err(ErrorCode::Truncated)]),
        (1300, vec![Err(ErrorCode::Truncated)]),
    ] {
        let found = outcomes(&tar[..cut], "t");
        assert_eq!(found.into_iter().map(|(_, outcome)| outcome).collect::<Vec<_>>(), codes, "{cut}");
    }
    let mut damaged = tar;
    damaged[2048 + 20] ^= 1;
    assert_eq!(outcomes(&damaged, "t").pop(), Some(("t".to_owned(), Err(ErrorCode::Malformed))));
    let packed = fixture("archives/shop-gnu.tar.gz");
    let found = outcomes(&packed[..1300], "t");
    assert!(found[0].1.is_ok());
    assert_eq!(found.last(), Some(&("t".to_owned(), Err(ErrorCode::Truncated))));
}

#[test]
fn too_many_or_too_large_members_are_refused() {
    /// A tar header of a file of `len` bytes.
    fn header(name: &str, len: u64) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{len:011o}").as_bytes());
        block[156] = b'0';
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    }
    let many: Vec<u8> = (0..100_001).flat_map(|_| header("a", 0)).collect();
    let mut members = Members::new(SliceSource(&many), "t");
    let mut count = 0;
    let last = loop {
        let member = members.next(&mut NoProgress).unwrap();
        if !member.is_archived {
            break member;
        }
        assert_eq!(member.result.unwrap_err().code, ErrorCode::EmptyInput);
        count += 1;
    };
    assert_eq!((count, last.result.unwrap_err().code), (100_000, ErrorCode::TooLarge));
    assert!(members.next(&mut NoProgress).is_none());
    // In a compressed archive there may be as much as a header says: it is refused by what it says.
    let found = outcomes(&gzip(&[header("a", 5 << 30), vec![0; 5000]].concat()), "t");
    assert_eq!(found, [("t".to_owned(), Err(ErrorCode::TooLarge))]);
}

fn read_whole(bytes: &[u8]) -> Result<Vec<u8>, emberglass_profile::InputError> {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, bytes.len() as u64);
    Input::new(bytes).read_all(1 << 30, &mut meter)
}

#[test]
fn zstd_is_read_frame_by_frame() {
    let packed = fixture("archives/two-frames.folded.zst");
    let folded = fixture("folded/inferno-raw-small.folded");
    assert_eq!(read_whole(&packed).unwrap(), folded);
    let mut input = Input::new(&packed);
    assert_eq!(input.compression(), Some("zstd"));
    assert!(folded.starts_with(input.prefix()));
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, packed.len() as u64);
    let first = input.content_hash(&mut meter).unwrap();
    assert!(input.hold(&mut meter).unwrap() && input.is_seekable());
    assert_eq!(input.inflated_len(), Some(folded.len() as u64));
    assert_eq!((input.compression(), input.file_len()), (Some("zstd"), packed.len() as u64));
    assert_eq!(input.content_hash(&mut meter).unwrap(), first);
    assert_eq!(first, hash_of("folded/inferno-raw-small.folded"));
}

#[test]
fn zstd_that_is_cut_or_damaged_is_told() {
    let packed = fixture("archives/two-frames.folded.zst");
    let whole = read_whole(&packed).unwrap();
    for cut in 4..packed.len() {
        match read_whole(&packed[..cut]) {
            Ok(bytes) => assert!(whole.starts_with(&bytes) && bytes.len() < whole.len(), "{cut}"),
            Err(error) => {
                assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(cut as u64)), "{cut}");
            }
        }
    }
    // The checksum of the first frame lies before the second skippable one.
    let skippable = packed.windows(4).rposition(|bytes| bytes == 0x184d_2a50_u32.to_le_bytes()).unwrap();
    let mut damaged = packed;
    damaged[skippable - 1] ^= 1;
    let error = read_whole(&damaged).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::DamagedCompression, Some(skippable as u64)));
    // A frame with a window of 1 GiB, and one that needs a dictionary.
    let wide = [0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 1, 0, 0];
    assert_eq!(read_whole(&wide).unwrap_err().code, ErrorCode::TooLarge);
    let dictionary = [0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 0, 1, 0, 0];
    assert_eq!(read_whole(&dictionary).unwrap_err().code, ErrorCode::UnsupportedCompression);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn archives_give_back_what_was_put_in(files in proptest::collection::vec((proptest::collection::vec(0u64..1000, 1..2000), any::<bool>(), any::<bool>()), 1..6)) {
        let texts: Vec<Vec<u8>> = files.iter().map(|(counts, ..)| {
            counts.iter().enumerate().flat_map(|(row, count)| format!("main;f{row} {count}\n").into_bytes()).collect()
        }).collect();
        let parts: Vec<Part> = files.iter().zip(&texts).enumerate().map(|(at, ((_, deflated, gzipped), text))| {
            let name = format!("f{at}.folded");
            let data = if *gzipped { gzip(text) } else { text.clone() };
            if *deflated { Part::deflated(&name, &data) } else { Part::stored(&name, &data) }
        }).collect();
        let expected: Vec<Outcome> = texts.iter().enumerate().map(|(at, text)| {
            (format!("z/f{at}.folded"), Ok(ContentHash(xxhash_rust::xxh3::xxh3_128(text))))
        }).collect();
        prop_assert_eq!(outcomes(&zip(&parts), "z"), expected);
    }

    #[test]
    fn no_archive_makes_the_reader_panic(which in 0usize..8, seed: u64) {
        let names = ["shop.zip", "shop-ustar.tar", "shop-gnu.tar.gz", "shop-pax.tar.zst", "streamed-zip64.zip", "zstd-method.zip", "nested.zip", "two-frames.folded.zst"];
        let mut bytes = fixture(&format!("archives/{}", names[which]));
        let mut numbers = Numbers(seed | 1);
        for _ in 0..1 + numbers.below(6) {
            let at = numbers.below(bytes.len());
            match numbers.below(3) {
                0 => bytes[at] = numbers.next() as u8,
                1 => bytes[at] ^= 1 << numbers.below(8),
                _ => drop(bytes.splice(at..(at + numbers.below(9)).min(bytes.len()), [0xff, 0xff])),
            }
        }
        for member in members_of(&bytes, "z") {
            if let Err(error) = member.result {
                prop_assert!(!error.message.is_empty());
            }
        }
    }
}
