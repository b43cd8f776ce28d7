//! A batch as bytes.
#![no_main]

use emberglass_fuzz::budget::within;
use emberglass_profile::Batch;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    within(bytes.len(), || {
        let Ok(batch) = Batch::from_wire(bytes) else { return };
        for entry in &batch.profiles {
            // A sum beyond 64 bits is an error, never a panic.
            let _total = batch.total(entry);
        }
        let written = batch.to_wire();
        let again = Batch::from_wire(&written).expect("a batch that was written");
        assert_eq!(again.to_wire(), written);
    });
});
