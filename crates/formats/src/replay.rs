//! Begin and end events as stacks over time.

use emberglass_profile::{AttributeSetId, FrameId, InputError, SampleTable, SampleTableBuilder, StackId};
use emberglass_trie::StackBuilder;

/// An open frame: the stack that ends in it, and what identifies it to its end event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open<T> {
    pub(crate) stack: StackId,
    pub(crate) tag: T,
}

/// Replays events in order of time: the time between two of them counts to the frames that are open, time
/// under no frame counts to nothing.
pub(crate) struct Replay<T> {
    table: SampleTableBuilder,
    open: Vec<Open<T>>,
    now: i64,
    events: u64,
}

impl<T> Replay<T> {
    /// Times and values have `scale` decimal places below a nanosecond (or the unit's base).
    pub(crate) fn new(scale: u8) -> Self {
        Self { table: SampleTableBuilder::new(&[scale]), open: Vec::new(), now: 0, events: 0 }
    }

    /// Counts an event of the source.
    pub(crate) const fn count_event(&mut self) {
        self.events += 1;
    }

    /// Goes on to `time`, which must not be before the time so far; `at` is what the timeline calls the start of
    /// the span that ends there.
    ///
    /// # Errors
    /// `value-overflow` for spans beyond 64 bits.
    pub(crate) fn advance(&mut self, time: i64, at: impl FnOnce(i64) -> i64) -> Result<(), InputError> {
        if let Some(top) = self.open.last()
            && time > self.now
        {
            let span = time.saturating_sub(self.now);
            self.table.add_at(at(self.now), top.stack, AttributeSetId::EMPTY, &[span])?;
        }
        self.now = time;
        Ok(())
    }

    /// Opens `frame` below the open ones.
    pub(crate) fn begin(&mut self, frame: FrameId, tag: T, stacks: &mut StackBuilder) {
        let parent = self.open.last().map_or(StackId::ROOT, |top| top.stack);
        self.open.push(Open { stack: stacks.child(parent, frame), tag });
    }

    /// The open frames, outermost first.
    pub(crate) fn open(&self) -> &[Open<T>] {
        &self.open
    }

    /// Ends the frames from `depth` on.
    pub(crate) fn end_from(&mut self, depth: usize) {
        self.open.truncate(depth);
    }

    /// The rows; as many records as events were counted.
    pub(crate) fn finish(self) -> SampleTable {
        let mut table = self.table.finish();
        table.records = self.events;
        table
    }
}
