//! Flamebearer: the JSON in which Pyroscope answers flame graphs.
//!
//! The format, single: `names`, and per level bars of four integers, (offset from the end of the bar before,
//! total, self, index of the name); double: three integers for the left and three for the right side, and the name. A bar's own value lies left of its children; children are sorted by name;
//! names are numbered in a walk that visits the rightmost child first; name 0 is the root's, `total`.

mod encode;
mod layout;

pub use encode::{Metadata, encode, encode_double};
pub use layout::{Flamebearer, cut_type_parameters};
