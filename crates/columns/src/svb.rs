//! Stream-vbyte: columns of `u32` whose lengths stand apart from their bytes
//! (<https://arxiv.org/abs/1709.08990>), in the variant with lengths of 0, 1, 2 and 4 bytes.
//!
//! | part | bytes | content |
//! |---|---|---|
//! | control | ceil(n / 4) | four 2-bit codes a byte, the first value in the lowest bits: 0, 1, 2, 3 for 0, 1, 2, 4 bytes; unused codes of the last byte are 0 |
//! | data | sum of the lengths | each value's lowest bytes, little-endian |
//!
//! The number of values is the caller's: it is not written. A zero takes two bits, which suits columns of
//! differences. Both decoders, with and without SIMD, read no byte beyond the column.

use crate::{ByteReader, ReadError, ReadErrorKind};

const LENGTHS: [usize; 4] = [0, 1, 2, 4];

/// Data bytes of the four values of each control byte.
const GROUP_LENGTHS: [u8; 256] = {
    let mut table = [0; 256];
    let mut control = 0;
    while control < 256 {
        let mut lane = 0;
        while lane < 4 {
            table[control] += LENGTHS[(control >> (2 * lane)) & 3] as u8;
            lane += 1;
        }
        control += 1;
    }
    table
};

/// Appends `values`.
pub fn encode(values: &[u32], out: &mut Vec<u8>) {
    let control = out.len();
    out.resize(control + values.len().div_ceil(4), 0);
    for (at, &value) in values.iter().enumerate() {
        let code = match value {
            0 => 0u8,
            1..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 3,
        };
        out[control + at / 4] |= code << (2 * (at % 4));
        out.extend_from_slice(&value.to_le_bytes()[..LENGTHS[usize::from(code)]]);
    }
}

/// Reads `count` values and appends them to `out`.
///
/// # Errors
/// `UnexpectedEnd` if the column passes the end, before anything is reserved for it.
pub fn decode(reader: &mut ByteReader<'_>, count: usize, out: &mut Vec<u32>) -> Result<(), ReadError> {
    let offset = reader.position();
    let control = reader.take(count.div_ceil(4))?;
    let data_len: usize = control.iter().map(|&group| usize::from(GROUP_LENGTHS[usize::from(group)])).sum();
    let unused = (4 - count % 4) % 4;
    if unused > 0
        && let Some(&last) = control.last()
        && last >> (2 * (4 - unused)) != 0
    {
        return Err(ReadError { offset, kind: ReadErrorKind::OutOfRange });
    }
    let data = reader.take(data_len)?;
    out.reserve(control.len() * 4);
    let end = out.len() + count;
    let (groups, bytes) = decode_fast(control, data, out);
    decode_scalar(control.get(groups..).unwrap_or_default(), data.get(bytes..).unwrap_or_default(), out);
    out.truncate(end);
    Ok(())
}

fn decode_scalar(control: &[u8], data: &[u8], out: &mut Vec<u32>) {
    const MASKS: [u32; 4] = [0, 0xff, 0xffff, u32::MAX];
    let mut rest = data;
    for &group in control {
        let codes = [group & 3, (group >> 2) & 3, (group >> 4) & 3, group >> 6].map(usize::from);
        // While there are bytes to spare a value is a load and a mask; the last ones are copied byte by byte.
        if let Some((window, _)) = rest.split_first_chunk::<16>() {
            let mut at = 0;
            let values = codes.map(|code| {
                let raw = [window[at], window[at + 1], window[at + 2], window[at + 3]];
                at = (at + LENGTHS[code]).min(12);
                u32::from_le_bytes(raw) & MASKS[code]
            });
            out.extend_from_slice(&values);
            rest = rest.get(usize::from(GROUP_LENGTHS[usize::from(group)])..).unwrap_or_default();
            continue;
        }
        for code in codes {
            let (value, after) = rest.split_at_checked(LENGTHS[code]).unwrap_or_default();
            let mut raw = [0; 4];
            raw[..value.len()].copy_from_slice(value);
            out.push(u32::from_le_bytes(raw));
            rest = after;
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn decode_fast(_control: &[u8], _data: &[u8], _out: &mut Vec<u32>) -> (usize, usize) {
    (0, 0)
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd::decode_fast;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use core::arch::wasm32::{i8x16_swizzle, v128, v128_load, v128_store};

    use super::{GROUP_LENGTHS, LENGTHS};

    const LANES: usize = 4;
    const BYTES: usize = 16;

    /// Where each byte of the four values comes from; 0x80 gives 0.
    const SHUFFLES: [[u8; BYTES]; 256] = {
        let mut table = [[0x80; BYTES]; 256];
        let mut control = 0;
        while control < 256 {
            let mut from = 0;
            let mut lane = 0;
            while lane < LANES {
                let mut byte = 0;
                while byte < LENGTHS[(control >> (2 * lane)) & 3] {
                    table[control][4 * lane + byte] = from;
                    from += 1;
                    byte += 1;
                }
                lane += 1;
            }
            control += 1;
        }
        table
    };

    /// Decodes groups while 16 bytes of data are left; returns the groups and the data bytes done.
    ///
    /// The caller has reserved four values for each byte of `control`.
    #[allow(unsafe_code)]
    pub(super) fn decode_fast(control: &[u8], data: &[u8], out: &mut Vec<u32>) -> (usize, usize) {
        let (mut groups, mut bytes) = (0, 0);
        let start = out.len();
        let room = (out.capacity() - start) / LANES;
        for &group in control.iter().take(room) {
            let Some(window) = data.get(bytes..bytes + BYTES) else { break };
            // SAFETY: both sources are 16 bytes long, and the loads and the store allow any alignment. The store
            // ends at value start + 4 * (groups + 1), within the capacity because `groups` stays below `room`.
            unsafe {
                let shuffle = v128_load(SHUFFLES[usize::from(group)].as_ptr().cast::<v128>());
                let values = i8x16_swizzle(v128_load(window.as_ptr().cast::<v128>()), shuffle);
                v128_store(out.as_mut_ptr().add(start + LANES * groups).cast::<v128>(), values);
            }
            groups += 1;
            bytes += usize::from(GROUP_LENGTHS[usize::from(group)]);
        }
        // SAFETY: the loop wrote every value up to here, within the capacity.
        unsafe { out.set_len(start + LANES * groups) };
        (groups, bytes)
    }
}

/// Replaces each value by its difference to the one before, modulo 2^32.
pub fn to_deltas(values: &mut [u32]) {
    let mut before = 0;
    for value in values {
        let delta = value.wrapping_sub(before);
        before = *value;
        *value = delta;
    }
}

/// Inverse of [`to_deltas`].
pub fn from_deltas(deltas: &mut [u32]) {
    let mut sum = 0u32;
    for delta in deltas {
        sum = sum.wrapping_add(*delta);
        *delta = sum;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = u32> {
        (any::<u32>(), 0u32..33).prop_map(|(value, shift)| value.checked_shr(shift).unwrap_or(0))
    }

    proptest! {
        #[test]
        fn columns_round_trip(values in proptest::collection::vec(value(), 0..200), after: Vec<u8>) {
            let mut bytes = Vec::new();
            encode(&values, &mut bytes);
            let lengths: usize = values.iter().map(|&v| match v { 0 => 0, 1..=0xff => 1, 0x100..=0xffff => 2, _ => 4 }).sum();
            prop_assert_eq!(bytes.len(), values.len().div_ceil(4) + lengths);
            let end = bytes.len();
            bytes.extend_from_slice(&after);
            let mut reader = ByteReader::new(&bytes);
            let mut got = vec![7];
            decode(&mut reader, values.len(), &mut got).unwrap();
            prop_assert_eq!(reader.position(), end);
            prop_assert_eq!(&got[1..], values.as_slice());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, count in 0usize..2000) {
            let mut out = Vec::new();
            if decode(&mut ByteReader::new(&bytes), count, &mut out).is_ok() {
                prop_assert_eq!(out.len(), count);
            } else {
                prop_assert!(out.is_empty());
            }
        }

        #[test]
        fn deltas_round_trip(values: Vec<u32>) {
            let mut column = values.clone();
            to_deltas(&mut column);
            from_deltas(&mut column);
            prop_assert_eq!(column, values);
        }
    }

    #[test]
    fn the_layout_is_fixed() {
        let mut bytes = Vec::new();
        encode(&[0, 1, 0x0203, 0x0405_0607, 0xff], &mut bytes);
        assert_eq!(bytes, [0b1110_0100, 0b01, 1, 3, 2, 7, 6, 5, 4, 0xff]);
    }

    #[test]
    fn a_lying_count_reserves_nothing() {
        let mut out = Vec::new();
        let error = decode(&mut ByteReader::new(&[0; 8]), usize::MAX, &mut out).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::UnexpectedEnd);
        assert_eq!(out.capacity(), 0);
    }
}
