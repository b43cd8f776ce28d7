//! JSON as a stream: a pull reader over the slices of an input, and a look at the structure of a prefix.
//!
//! Format: <https://www.rfc-editor.org/rfc/rfc8259>, UTF-8, with or without a byte order mark.
//!
//! The caller says what it expects next ([`Reader::begin_object`], [`Reader::next_key`],
//! [`Reader::integer`], ...), and the values go straight into its columns: there is never a tree of values.
//!
//! Invariants:
//! - nothing recurses: open objects and arrays are one bit each, [`nesting::MAX_DEPTH`] at most;
//! - a string or number is held whole only while it is read, skipped ones not at all;
//! - numbers are exact: text becomes an `i64` or a [`Decimal`](crate::decimal::Decimal), never a float;
//! - every error has the offset of the byte at which reading stopped, a [`ErrorCode::Truncated`] only at the
//!   end of the input;
//! - bytes that are not UTF-8 and surrogates without a partner become U+FFFD and are counted; raw control
//!   characters in strings, which RFC 8259 forbids and some tools write, are kept.
//!
//! [`ErrorCode::Truncated`]: emberglass_profile::ErrorCode::Truncated

mod arrays;
mod nesting;
mod number;
mod reader;
mod scalars;
mod shape;
mod skip;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod write;

#[cfg(test)]
pub(crate) use nesting::MAX_DEPTH;
#[cfg(test)]
pub(crate) use number::decimal;
pub(crate) use number::divide_half_away;
pub(crate) use reader::{Kind, Reader};
pub(crate) use shape::Shape;
