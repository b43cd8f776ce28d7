//! Letting others run.

use emberglass_trie::{MergedTrie, Merger, TreeOverflow};

/// Called between slices of work that take a few milliseconds each.
#[allow(async_fn_in_trait, reason = "everything runs on one thread: futures need not be Send")]
pub trait YieldNow {
    /// Returns once others had their turn.
    async fn yield_now(&self);

    /// Hears how far the work is, in profiles and of how many, before each turn of others.
    fn progress(&self, _done: u64, _total: u64) {}
}

/// Goes on at once: for hosts with nothing else to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoYield;

impl YieldNow for NoYield {
    async fn yield_now(&self) {}
}

/// Work after which a yield is due, in units of about 10 ns: a sample row is one.
const SLICE: usize = 500_000;
/// Units of looking up a stack in the merged trie.
pub(crate) const STACK: usize = 5;
/// Units of a row in one of the steps that make a merged trie.
const FINISHED: usize = 10;
/// Units of looking at a block's directory, and at each profile in it.
pub(crate) const DIRECTORY: usize = 5_000;

/// Work since the last yield. Without a clock it counts what was done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    units: usize,
    /// Profiles done, and of how many, where that is known.
    profiles: Option<(u64, u64)>,
}

impl Work {
    /// Says how far it is, in profiles.
    pub(crate) const fn at(&mut self, done: u64, total: u64) {
        self.profiles = Some((done, total));
    }

    /// Says that so many more profiles are done.
    pub(crate) const fn did(&mut self, profiles: u64) {
        if let Some((done, _)) = &mut self.profiles {
            *done += profiles;
        }
    }

    /// Adds work that was done, and yields if a slice is full.
    pub(crate) async fn done(&mut self, units: usize, pause: &impl YieldNow) {
        self.units += units;
        if self.units >= SLICE {
            self.units = 0;
            if let Some((done, total)) = self.profiles {
                pause.progress(done, total);
            }
            pause.yield_now().await;
        }
    }
}

/// The trie of what a merger holds.
pub(crate) async fn finish(merger: &Merger, pause: &impl YieldNow) -> Result<MergedTrie, TreeOverflow> {
    let mut finishing = merger.finishing();
    let mut work = Work::default();
    while finishing.step(SLICE / FINISHED)? {
        work.done(SLICE.min(merger.nodes() * FINISHED), pause).await;
    }
    finishing.finish()
}
