//! Folded stacks: one line per stack, `frame;frame;frame value`, root first.
//!
//! Convention: <https://github.com/brendangregg/FlameGraph#2-fold-stacks>.

mod encode;

pub use encode::{Encoded, encode};
