//! Values of labels as frames: pprof's `tagroot` and `tagleaf`.
//!
//! As in google/pprof (`addLabelNodes`, <https://github.com/google/pprof/blob/main/internal/driver/tagroot.go>) each label
//! gives every stack a frame, whose name is the label's value and whose file is its key; the name is empty where a sample has
//! no such label.

/// Which labels stand in stacks as frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFrames {
    /// Keys of the outermost frames, from the root on.
    pub roots: Vec<String>,
    /// Keys of the innermost frames; the last one's is the leaf.
    pub leaves: Vec<String>,
}

/// The frame of a label.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagFrame {
    /// The frame's file: the key.
    pub key: String,
    /// The frame's name: the value, empty for none.
    pub value: String,
}

/// What stands around a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackEnds {
    /// Outermost frames, from the root on.
    pub roots: Vec<TagFrame>,
    /// Innermost frames, the leaf last.
    pub leaves: Vec<TagFrame>,
}

impl TagFrames {
    /// True if stacks stay as they are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.leaves.is_empty()
    }

    /// The frames of stacks with these values.
    #[must_use]
    pub fn ends(&self, value: impl Fn(&str) -> String) -> StackEnds {
        let frames =
            |keys: &[String]| keys.iter().map(|key| TagFrame { key: key.clone(), value: value(key) }).collect();
        StackEnds { roots: frames(&self.roots), leaves: frames(&self.leaves) }
    }
}
