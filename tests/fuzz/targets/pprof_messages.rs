//! pprof whose messages are well-formed.
#![no_main]

use emberglass_formats::pprof::Pprof;
use emberglass_fuzz::formats::run;
use emberglass_fuzz::pprof::Profile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|profile: Profile| run(&Pprof, &profile.encode()));
