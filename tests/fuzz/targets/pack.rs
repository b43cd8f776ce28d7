//! A pack under checksums that hold, and whatever else an `.emberglass` file may be.
#![no_main]

use emberglass_fuzz::budget::within_bytes;
use emberglass_fuzz::packs::{mend, run};
use emberglass_fuzz::repair::mutate;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// A reader holds a block, the import another one, and sections inflate.
const BUDGET: usize = 256 << 20;

fuzz_target!(|bytes: &[u8]| within_bytes(BUDGET, || run(bytes)));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = mutate("pack", data, size, max_size, seed);
    // One of eight keeps its faults.
    if seed % 8 != 7 {
        mend(&mut data[..size]);
    }
    size
});
