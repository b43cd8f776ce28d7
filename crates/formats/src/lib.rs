//! Bytes to profiles and back: a registry of decoders, encoders beside them.
//!
//! [`decode`] takes the bytes of one file and its name, inflates gzip, zlib and zstd, recognises the format by its
//! content (the name only breaks ties) and makes a [`Batch`](emberglass_profile::Batch) of it. Each format is
//! one module that implements [`Format`], and one line in [`formats`].
//!
//! What each format keeps and leaves out, how it is recognised, and what all warnings mean, is in `docs/formats.md`,
//! which is generated from what the formats say of themselves ([`About`]).
//!
//! Each also compressed (gzip of any number of members, zlib, zstd), and in archives of many ([`decode_each`]): zip
//! (stored, deflated, zstd; 64-bit) and tar (ustar, GNU, pax; compressed or not), one in another down to two. Not
//! read: encrypted members, other methods of compression, sparse members of tar, archives in several parts.
//!
//! [`encoders`] write profiles of a batch, an [`Export`]; each implements [`Encoder`]. What is written and read again
//! has the same values by stack, and written once more the same bytes.
//! What each of them carries is on the same page ([`AboutOutput`]).
//!
//! Reports (CSV, JSON, Markdown, SVG, and the page that `html-report` reads) are written by the views.
//!
//! Invariants: no input makes anything here panic or recurse; memory is bounded by the limits that
//! [`Input`] and the decoders name; offsets in errors and warnings count inflated bytes once the file could
//! be inflated, bytes of the file else.

mod about;
mod archive;
mod call_graph;
pub mod callgrind;
pub mod chrome;
mod context;
mod decimal;
mod describe;
pub mod dtrace;
mod encoder;
mod export;
mod extension;
mod feed;
pub mod flamebearer;
pub mod folded;
pub mod gecko;
pub mod ghc_prof;
mod gzip;
pub mod html_report;
mod input;
pub mod instruments;
pub mod jfr;
mod json;
mod layer;
mod lines;
pub mod macos_sample;
mod members;
mod name_tree;
pub mod otlp;
pub mod perf;
pub mod pprof;
mod profile_types;
mod progress;
mod protobuf;
pub mod pstats;
pub mod pyroscope;
mod raw_stacks;
mod registry;
mod replay;
mod source;
pub mod speedscope;
pub mod stackprof;
mod texts;
pub mod v8;
mod values;
mod window;
mod written;
mod zstd;

pub use about::{About, AboutOutput};
pub use context::Context;
pub use encoder::{Encoded, Encoder, encoders, output_descriptions};
pub use export::Export;
pub use input::{HOLD_LIMIT, Input, PREFIX_LEN, WHOLE_LIMIT, WHOLE_RATIO};
pub use members::{DEPTH_LIMIT, MEMBER_LIMIT, Member, Members, UNPACKED_LIMIT, decode_each};
pub use progress::{MEMORY_LIMIT, Meter, NoProgress, Progress, REPORT_EVERY};
pub use registry::{Confidence, Format, decode, decode_source, descriptions, formats};
pub use source::{SliceSource, Source};
