//! The SIMD decoder of stream-vbyte, which only exists in wasm.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

use emberglass_columns::{ByteReader, svb};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

// Without it, the test would be of the scalar decoder.
const _: () = assert!(cfg!(target_feature = "simd128"));

struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }
}

#[wasm_bindgen_test]
fn columns_of_all_lengths_round_trip() {
    let mut random = Random(1);
    for count in (0..2000).chain([100_000]) {
        let values: Vec<u32> = (0..count)
            .map(|_| {
                let value = random.next();
                value.checked_shr(random.next() % 40).unwrap_or(0)
            })
            .collect();
        let mut bytes = Vec::new();
        svb::encode(&values, &mut bytes);
        let end = bytes.len();
        // With and without bytes behind the column: the decoder loads 16 at a time.
        bytes.resize(end + (random.next() % 20) as usize, 0xff);
        let mut reader = ByteReader::new(&bytes);
        let mut got = vec![5];
        svb::decode(&mut reader, values.len(), &mut got).unwrap();
        assert_eq!(reader.position(), end);
        assert_eq!(&got[1..], values.as_slice());
        if end > 0 {
            assert!(svb::decode(&mut ByteReader::new(&bytes[..end - 1]), values.len(), &mut got).is_err());
        }
    }
}
