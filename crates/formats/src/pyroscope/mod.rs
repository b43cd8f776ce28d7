//! Pyroscope's own formats: flamebearer JSON, and the trie and tree bytes of its ingestion.

pub mod bytes;
pub mod flamebearer;
pub mod tree;
