//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod diff_tree;
mod draw;
mod filter_batches;
#[path = "common/filter_model.rs"]
mod filter_model;
mod filters;
mod inverted;
mod lines;
mod reports;
mod tables;
mod time_chart;
