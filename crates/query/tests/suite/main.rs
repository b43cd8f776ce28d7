//! The tests of the crate from outside, in one program: each would link all of it by itself.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod compaction;
mod completion;
mod cut_samples;
mod estimate;
mod heat_map;
mod metadata;
mod queries;
mod rollups;
mod shards;
mod shares;
mod stack_totals;
mod tag_frames;
