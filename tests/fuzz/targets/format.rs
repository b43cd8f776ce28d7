//! The decoder of the format that `FUZZ_FORMAT` names, past all recognising.
#![no_main]

use emberglass_fuzz::formats::{CHOSEN, run};
use emberglass_fuzz::repair::mutate;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| run(*CHOSEN, bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(CHOSEN.name(), data, size, max_size, seed)
});
