//! Blocks: immutable sets of profiles that share symbols, stacks and series.
//!
//! Written by [`BlockBuilder::encode`] (`serializer.rs`), read by `reader.rs`; each section's codec has a file of its
//! own with the table of its fields. `docs/block-format.md` is the format's specification.
//!
//! Invariants: strings, functions, frames, series and stacks stand in an order that depends on their content only;
//! stacks are in depth-first order with siblings sorted by frame; profiles are sorted by (series, start, source,
//! entry); the rows of a profile are sorted by (stack, attributes), distinct, and none of them is 0.

mod attributes;
mod builder;
mod columns;
mod costs;
mod dictionary;
mod identity;
mod layout;
mod numbers;
mod parts;
mod profiles;
mod reader;
mod records;
mod rolling;
mod rollups;
mod rows;
mod serializer;
mod series;
mod sources;
mod split;
mod stacks;
mod symbols;

pub use attributes::SampleAttributes;
pub use builder::{Added, BlockBuilder};
pub(crate) use builder::{Content, Grafted};
pub use costs::Costs;
pub use identity::Identity;
pub(crate) use identity::identities;
pub(crate) use parts::{Place, Places};
pub use profiles::ProfileTable;
pub use reader::{Block, BlockDirectory};
pub(crate) use reader::{
    read_attributes, read_directory, read_places, read_rollups, read_stacks_and_symbols, record_times,
};
pub use records::Records;
pub use rollups::{Rollup, holding_alone, settle};
pub use rows::Rows;
pub use serializer::{BlockOptions, EncodedBlock};
pub(crate) use serializer::{Encoder, ROWS_A_LAID};
pub use series::Series;

#[cfg(test)]
mod tests;
