//! LEB128 varints and zig-zag, as Protocol Buffers write them
//! (<https://protobuf.dev/programming-guides/encoding/#varints>).

/// A 64-bit varint takes at most this many bytes.
pub const MAX_VARINT_LEN: usize = 10;

/// Appends `value` as a varint.
pub fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `value` zig-zagged, so that small negative numbers stay short.
pub fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, zigzag(value));
}

/// Maps 0, -1, 1, -2, ... to 0, 1, 2, 3, ...
#[must_use]
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Inverse of [`zigzag`].
#[must_use]
pub const fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}
