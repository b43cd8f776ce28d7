//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod archives;
mod callgrind;
mod chrome;
mod common;
mod documentation;
mod dtrace;
mod encoders;
mod encoders_random;
mod folded;
mod fuzz_crashers;
mod gecko;
mod ghc_prof;
mod html_report;
mod input;
mod instruments;
mod jfr;
mod macos_sample;
mod matrix;
mod otlp;
mod perf_data;
mod perf_script;
mod pprof_corpus;
mod pprof_faults;
mod pprof_oracle;
mod pstats;
mod pyroscope;
mod robustness;
mod scaling;
mod speedscope;
mod stackprof;
mod streaming;
mod v8;
