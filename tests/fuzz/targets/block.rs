//! Sections of a block, and the manifest, under checksums that hold.
#![no_main]

use emberglass_fuzz::budget::within;
use emberglass_fuzz::sections::run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| within(bytes.len(), || run(bytes)));
