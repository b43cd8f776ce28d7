//! What lies around a profile: compression, archives, and recognising what is inside.
#![no_main]

use std::ops::ControlFlow;

use emberglass_formats::{NoProgress, SliceSource, decode_each};
use emberglass_fuzz::budget::within_bytes;
use emberglass_fuzz::containers::read_every_way;
use emberglass_fuzz::sound::{assert_crosses, assert_sound};
use libfuzzer_sys::fuzz_target;

/// A file may inflate to 256 MiB, of which the last growth holds two copies.
const BUDGET: usize = 1 << 30;

fuzz_target!(|bytes: &[u8]| {
    within_bytes(BUDGET, || read_every_way(bytes));
    within_bytes(BUDGET, || {
        decode_each(SliceSource(bytes), "", &mut NoProgress, &mut |member| {
            match member.result {
                Ok(batch) => {
                    assert_sound(&batch);
                    assert_crosses(&batch);
                }
                Err(error) => assert!(!error.message.is_empty()),
            }
            ControlFlow::Continue(())
        });
    });
});
