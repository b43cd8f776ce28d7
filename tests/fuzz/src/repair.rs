//! Mutations that leave a binary format's frame whole: without them nearly every input ends at its first length.

use libfuzzer_sys::fuzzer_mutate;

/// Longest piece that is changed in place.
const WINDOW: usize = 48;

/// Changes `data`, whose first `size` bytes are the input; gives the new size.
///
/// Of a binary format three of four changes stay within a small window and keep every other byte where it is; the
/// others are libFuzzer's own, after which the sizes in the header are set right.
pub fn mutate(format: &str, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let is_binary = !data[..size].is_ascii();
    if is_binary && size > WINDOW && seed % 4 != 0 {
        let at = seed as usize / 4 % (size - WINDOW);
        let len = 1 + seed as usize / 64 % WINDOW;
        let window = &mut data[at..at + len];
        let left = fuzzer_mutate(window, len, len);
        window[left..].fill(0);
        return size;
    }
    let size = fuzzer_mutate(data, size, max_size);
    match format {
        "jfr" => jfr(&mut data[..size]),
        "perf.data" => perf_data(&mut data[..size]),
        _ => {}
    }
    size
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = data.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

/// Magic number, version 2.0 and the size of the only chunk.
fn jfr(data: &mut [u8]) {
    let size = data.len() as u64;
    put(data, 0, b"FLR\0\0\x02");
    put(data, 8, &size.to_be_bytes());
}

/// Magic number, size of the header, and a data section that ends with the file where it passed it.
fn perf_data(data: &mut [u8]) {
    const DATA_AT: usize = 40;
    let size = data.len() as u64;
    put(data, 0, b"PERFILE2");
    put(data, 8, &104u64.to_le_bytes());
    let (Some(from), Some(len)) = (number(data, DATA_AT), number(data, DATA_AT + 8)) else { return };
    if from < size && from.saturating_add(len) > size {
        put(data, DATA_AT + 8, &(size - from).to_le_bytes());
    }
}

fn number(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*data.get(at..)?.first_chunk()?))
}
