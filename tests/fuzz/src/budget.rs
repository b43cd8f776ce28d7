//! A budget of memory: an allocation beyond it ends the process, so that the fuzzer keeps the input.

use std::alloc::System;
use std::panic;
use std::sync::Once;

use cap::Cap;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// What an input may take however small it is.
const BASE: usize = 16 << 20;
/// And this for each of its bytes.
const PER_BYTE: usize = 256;

/// Runs `body` with a budget of 16 MiB and 256 bytes for each byte of input.
pub fn within<T>(input_len: usize, body: impl FnOnce() -> T) -> T {
    within_bytes(BASE + PER_BYTE * input_len, body)
}

/// Runs `body` with a budget of `bytes`.
pub fn within_bytes<T>(bytes: usize, body: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        // Words about a panic take more memory than the input may.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |fault| {
            let _raised = MEMORY.set_limit(usize::MAX);
            hook(fault);
        }));
    });
    // Raising the limit can't fail; what the fuzzer holds itself is not counted against the input.
    let _raised = MEMORY.set_limit(MEMORY.allocated() + bytes);
    let result = body();
    let _raised = MEMORY.set_limit(usize::MAX);
    result
}
