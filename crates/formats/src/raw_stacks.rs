//! Stacks over rows of the source's own frame table, which may come after them.

use emberglass_profile::{ErrorCode, FrameId, InputError, StackId};
use emberglass_trie::StackBuilder;

/// Most stacks (nodes of the trie) of one file.
const MAX_STACKS: usize = 64 << 20;

/// Refuses more stacks than memory should hold.
///
/// # Errors
/// `too-large`.
#[inline]
pub(crate) fn check_size(stacks: &StackBuilder, offset: Option<u64>) -> Result<(), InputError> {
    if stacks.len() <= MAX_STACKS {
        return Ok(());
    }
    let message = "the stacks of the profile are too many or too deep to hold";
    Err(InputError { offset, ..InputError::new(ErrorCode::TooLarge, message) })
}

/// Maps the rows of `raw`, whose frames are rows of the source's table, to rows of `stacks`, whose frames are
/// `frames[row]`; a frame that is `None` is left out of its stacks.
pub(crate) fn resolve(raw: StackBuilder, frames: &[Option<FrameId>], stacks: &mut StackBuilder) -> Vec<StackId> {
    let raw = raw.finish();
    let mut rows = vec![StackId::ROOT];
    rows.reserve(raw.len());
    for (parent, frame) in raw.parents().iter().zip(raw.frames()).skip(1) {
        // Parents stand before their children.
        let parent = rows.get(parent.index()).copied().unwrap_or_default();
        rows.push(match frames.get(frame.index()) {
            Some(&Some(frame)) => stacks.child(parent, frame),
            _ => parent,
        });
    }
    rows
}
