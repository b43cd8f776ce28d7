//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod exchanges;
mod vectors;
