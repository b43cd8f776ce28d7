//! Linux perf: the text of `perf script`, and `perf.data` itself.

pub mod data;
mod events;
mod process;
pub mod script;
