//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod database;
mod derive;
mod filtered;
mod given_up;
mod naming;
mod time_chart;
mod watched;
