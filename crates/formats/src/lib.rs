//! Bytes to profiles and back: a registry of decoders, encoders beside them.
//!
//! [`decode`] takes the bytes of one file and its name, inflates gzip and zlib, recognises the format by its
//! content (the name only breaks ties) and makes a [`Batch`](emberglass_profile::Batch) of it. Each format is
//! one module that implements [`Format`], and one line in [`formats`].
//!
//! | format | decoded | kept | left out, and why |
//! |---|---|---|---|
//! | pprof | yes | every sample type, stacks with inlined lines as frames of their own, function names, system names, files, start lines, lines and columns, mappings with build ids, text and number labels with units, period, duration, time, comments, default sample type, drop and keep frames, documentation link | addresses of symbolised locations (their frames are equal), the `has_*` flags of mappings (they describe how complete the symbols are) |
//!
//! | encoder | from | carries |
//! |---|---|---|
//! | [`folded`] | a merged trie by name | names and self values |
//! | [`flamebearer`] | a merged trie by name | names, self and total values, Pyroscope's metadata |
//!
//! Invariants: no input makes anything here panic or recurse; memory is bounded by the limits that
//! [`Input`] and the decoders name; offsets in errors and warnings count inflated bytes once the file could
//! be inflated, bytes of the file else.

mod context;
mod describe;
pub mod flamebearer;
pub mod folded;
mod gzip;
mod input;
mod name_tree;
pub mod pprof;
mod progress;
mod registry;

pub use context::Context;
pub use input::{Input, PREFIX_LEN, WHOLE_LIMIT, WHOLE_RATIO};
pub use progress::{Meter, NoProgress, Progress, REPORT_EVERY};
pub use registry::{Confidence, Format, decode, formats};
