//! What the fuzz targets share: inputs made of bytes, invariants, a budget of memory.
//!
//! `npm run fuzz` builds and runs all of them, a target for every registered format. A file that breaks something goes to
//! `tests/fixtures/fuzz-crashers/` below the name of its target, where plain `cargo test` replays it.

pub mod budget;
pub mod containers;
pub mod formats;
pub mod packs;
pub mod pprof;
pub mod repair;
pub mod sections;
#[path = "../../../crates/formats/tests/suite/common/sound.rs"]
pub mod sound;
