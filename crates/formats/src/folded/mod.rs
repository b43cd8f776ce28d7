//! Folded stacks: one line per stack, `frame;frame;frame value`, root first.
//!
//! Convention: <https://github.com/brendangregg/FlameGraph#2-fold-stacks>.
//!
//! Semantics of the decoder:
//! - the count is what follows the last space or tab of a line: an integer, a decimal fraction, negative, with
//!   an exponent (`1e2`); fractions keep their decimal places, up to nine;
//! - frames are what lies between `;`, verbatim: spaces at either end, `(file:line)` and annotations as `_[k]`
//!   belong to the name; nothing before the count is the empty stack;
//! - if all lines end with two numbers the file is a differential one: a profile `base` of the first numbers
//!   and a profile `comparison` of the second;
//! - UTF-8 or UTF-16, with or without a byte order mark; lines of any length; empty lines are nothing;
//! - `samples` counts the lines; there is no clock.
//!
//! Refused: sums beyond 64 bits, a file none of whose lines has a count. Counted warnings: `unreadable-line`
//! (no count at its end; left out, the first line numbers are named), `rounded-count`, `invalid-utf8`.

mod decode;
mod encode;
mod pairs;
mod rows;

pub use decode::Folded;
pub use encode::{Encoded, encode};
