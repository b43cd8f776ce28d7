//! V8's own profiles: `.cpuprofile`, `.heapprofile`, and what `node --prof-process --preprocess` writes.
//!
//! Call frames are read alike in all of them and in Chrome traces, which carry the same profiles in pieces.

pub mod cpuprofile;
pub mod heapprofile;
pub mod prof;

pub(crate) mod call_frame;
pub(crate) mod cpu;
