//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod cut_samples;
mod drop_frames;
mod files;
mod formats;
mod packs;
mod query;
mod reports;
mod services;
mod stored;
