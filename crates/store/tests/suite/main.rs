//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod compact;
mod conformance;
mod copy;
mod crash;
mod files;
mod fuzz_crashers;
mod golden;
mod health;
mod migrate;
mod model;
mod pack;
#[path = "common/packs.rs"]
mod packs;
mod replicated;
mod retention;
mod thin;
