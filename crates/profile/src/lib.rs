//! The data model: what a decoder makes of one input, in columns.
//!
//! A [`Batch`] holds the symbols (strings, functions, mappings, frames), the stacks (a prefix tree), the
//! sample rows and one [`ProfileEntry`] for each profile of the input: one per sample type, and per
//! thread, process or event where the format keeps them apart.
//!
//! Invariants:
//! - row 0 of the strings is the empty string, row 0 of the mappings is "no mapping", row 0 of the
//!   attribute sets is the empty set, and stack 0 is the root, the empty stack;
//! - in [`StackTable`] a parent's row is always smaller than its child's;
//! - values are `i64` in base units (ns, bytes, count), times `10^-scale` of their column;
//! - an id never leaves the batch that made it.

mod attributes;
mod batch;
mod error;
mod frames;
mod function_costs;
mod functions;
mod ids;
mod mappings;
mod process;
mod profile_type;
mod samples;
mod stacks;
mod strings;
mod symbols;
mod time;
mod units;
mod warnings;
mod wire;

pub use attributes::{Attribute, AttributeSets, AttributeValue};
pub use batch::{Batch, ContentHash, ProfileEntry};
pub use error::{ErrorCode, InputError};
pub use frames::{Frame, FrameTable};
pub use function_costs::FunctionCosts;
pub use functions::{Function, FunctionTable};
pub use ids::{AttributeSetId, FrameId, FunctionId, MappingId, StackId, StringId};
pub use mappings::{Mapping, MappingTable};
pub use profile_type::{Aggregation, ProfileType, ProfileTypeError};
pub use samples::{SampleTable, SampleTableBuilder, Timeline, ValueColumn};
pub use stacks::StackTable;
pub use strings::StringTable;
pub use symbols::{Absorbed, Symbols};
pub use time::{base_name, file_stem, format_rfc3339};
pub use units::{MAX_SCALE, base_unit, format_scaled};
pub use warnings::{Warning, Warnings};
pub use wire::{MOST_WIRE_BYTES, WirePieces};
