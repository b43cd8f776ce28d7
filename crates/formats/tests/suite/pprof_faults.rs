//! Damaged files: always a batch or a coded error, quickly, and never a panic.

use std::time::{Duration, Instant};

use emberglass_profile::{Batch, ErrorCode, InputError};
use proptest::prelude::*;
use prost::Message as _;

use crate::common::{Numbers, decode_named, fixture, gunzip, gzip, random};

/// Decodes; whatever comes out must be usable.
fn survive(bytes: &[u8]) -> Result<Batch, InputError> {
    let started = Instant::now();
    let result = decode_named(bytes, "damaged.pb");
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    match &result {
        Ok(batch) => {
            for table in &batch.tables {
                for column in &table.columns {
                    assert_eq!(column.values.len(), table.stack.len());
                }
                for &stack in &table.stack {
                    assert!(stack.index() < batch.stacks.len());
                }
            }
            for frame in batch.symbols.frames.iter() {
                assert!(batch.symbols.functions.get(frame.function).is_some());
                assert!(batch.symbols.mappings.get(frame.mapping).is_some());
            }
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            assert!(error.offset.is_none_or(|offset| offset <= 1 << 32), "{error:?}");
        }
    }
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _result = survive(&bytes);
    }

    #[test]
    fn random_fields(fields in proptest::collection::vec((1u8..16, 0u8..6, proptest::collection::vec(0u8..20, 0..12)), 0..40)) {
        let mut bytes = Vec::new();
        for (number, wire, content) in fields {
            bytes.push(number << 3 | wire);
            if wire == 2 {
                bytes.push(content.len() as u8);
            }
            bytes.extend(content);
        }
        let _result = survive(&bytes);
    }

    #[test]
    fn flipped_bits_and_moved_bytes(seed: u64, mutations in 1usize..8) {
        let mut bytes = random::profile(seed).encode_to_vec();
        let numbers = &mut Numbers(seed);
        for _ in 0..mutations {
            let at = numbers.below(bytes.len());
            match numbers.below(4) {
                0 => bytes[at] ^= 1 << numbers.below(8),
                1 => bytes[at] = 0xff,
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, numbers.next() as u8),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let _result = survive(&bytes);
        let _result = survive(&gzip(&bytes));
    }

    #[test]
    fn flipped_bits_of_a_real_compressed_profile(at in 0usize..600, bit in 0u8..8) {
        let mut bytes = fixture("go/mutex.pb.gz");
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Err(error) = survive(&bytes) {
            let offset = error.offset.unwrap_or(0);
            prop_assert!(offset <= 10 * bytes.len() as u64);
        }
    }
}

#[test]
fn every_truncation_of_a_real_profile() {
    let bytes = gunzip(&fixture("go/mutex.pb.gz"));
    assert!(survive(&bytes).is_ok());
    for len in 0..bytes.len() {
        if let Err(error) = survive(&bytes[..len]) {
            assert!(error.offset.is_none_or(|offset| offset <= len as u64), "cut at {len}: {error:?}");
        }
    }
}

#[test]
fn every_truncation_of_a_compressed_profile_is_an_error() {
    let bytes = fixture("go/mutex.pb.gz");
    for len in 0..bytes.len() {
        let error = survive(&bytes[..len]).unwrap_err();
        let expected = if len == 0 { ErrorCode::EmptyInput } else { ErrorCode::Truncated };
        // One byte of the magic number is not enough to see gzip.
        if len != 1 {
            assert_eq!(error.code, expected, "cut at {len}: {error:?}");
        }
    }
}

#[test]
fn lying_lengths_cost_no_memory() {
    for number in 1..=15u8 {
        for length in
            [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]]
        {
            let mut bytes = vec![0x0a, 0x00, number << 3 | 2];
            bytes.extend_from_slice(length);
            bytes.extend_from_slice(b"few");
            assert_eq!(survive(&bytes).unwrap_err().code, ErrorCode::Truncated);
        }
    }
}
