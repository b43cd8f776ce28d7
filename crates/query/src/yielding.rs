//! What the work of queries comes to, in the units of [`emberglass_trie::Work`].

/// Units of looking up a stack in the merged trie.
pub(crate) const STACK: usize = 5;
/// Units of looking at a block's directory, and at each profile in it.
pub(crate) const DIRECTORY: usize = 5_000;
