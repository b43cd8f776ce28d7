//! Progress by bytes, the way to give up, and the bound on memory.

use std::ops::ControlFlow;

use emberglass_profile::{ErrorCode, InputError};

/// Told how far a decoder is.
pub trait Progress {
    /// `done` of `total` bytes of the file; never less than the time before. `Break` gives up.
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()>;

    /// Bytes of memory in use by all that runs beside the decoder and by itself; 0 where the host can't tell.
    fn memory(&self) -> u64 {
        0
    }
}

impl<F: FnMut(u64, u64) -> ControlFlow<()>> Progress for F {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        self(done, total)
    }
}

/// For callers who neither watch nor cancel.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// What would use more memory than this is refused: well below the 4 GiB that wasm can address, since a column
/// that grows needs the old and the new place at a time.
pub const MEMORY_LIMIT: u64 = 3 << 30;

/// Decoders report at least this often, in bytes that they read.
pub const REPORT_EVERY: u64 = 256 << 10;

/// Maps the work of several stages on to the bytes of the file.
///
/// A file that is inflated first and parsed then has two stages, each with positions of its own; what is
/// reported grows from 0 to the size of the file over both.
pub struct Meter<'p> {
    progress: &'p mut dyn Progress,
    total: u64,
    stage_from: u64,
    stage_to: u64,
    length: u64,
    next: u64,
    reported: u64,
}

impl<'p> Meter<'p> {
    /// One stage over the whole file of `total` bytes.
    pub fn new(progress: &'p mut dyn Progress, total: u64) -> Self {
        Self { progress, total, stage_from: 0, stage_to: total, length: total, next: 0, reported: 0 }
    }

    /// Begins the next stage: its positions run from 0 to `length`, its reports up to `until` (bytes of the file).
    pub fn stage(&mut self, until: u64, length: u64) {
        self.stage_from = self.reported;
        self.stage_to = until.clamp(self.stage_from, self.total);
        self.length = length;
        self.next = 0;
    }

    /// Begins the last stage: up to the size of the file.
    pub fn last_stage(&mut self, length: u64) {
        self.stage(self.total, length);
    }

    /// Says that `position` of the stage is reached; reports when enough bytes went by.
    ///
    /// # Errors
    /// `cancelled` when the caller gives up, `too-large` once more than [`MEMORY_LIMIT`] is in use: whoever calls
    /// this while columns grow need not watch the memory.
    #[inline]
    pub fn reach(&mut self, position: u64) -> Result<(), InputError> {
        if position < self.next { Ok(()) } else { self.report(position) }
    }

    /// Says that `bytes` more are about to be held; for what is large and of known size.
    ///
    /// # Errors
    /// `too-large` where that would pass [`MEMORY_LIMIT`].
    pub fn reserve(&self, bytes: u64) -> Result<(), InputError> {
        if self.progress.memory().saturating_add(bytes) <= MEMORY_LIMIT {
            return Ok(());
        }
        let message = format!("this needs more than {MEMORY_LIMIT} bytes of memory, the most that is used");
        Err(InputError::new(ErrorCode::TooLarge, message))
    }

    fn done_at(&self, position: u64) -> u64 {
        let width = u128::from(self.stage_to - self.stage_from);
        let share = width * u128::from(position.min(self.length)) / u128::from(self.length.max(1));
        self.stage_from + share as u64
    }

    #[cold]
    fn report(&mut self, position: u64) -> Result<(), InputError> {
        self.next = position.saturating_add(REPORT_EVERY);
        self.reserve(0)?;
        self.reported = self.reported.max(self.done_at(position));
        match self.progress.report(self.reported, self.total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(InputError::new(ErrorCode::Cancelled, "cancelled")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_grow_over_all_stages_up_to_the_size_of_the_file() {
        let mut seen = Vec::new();
        let mut progress = |done: u64, total: u64| {
            seen.push((done, total));
            ControlFlow::Continue(())
        };
        let mut meter = Meter::new(&mut progress, 1000);
        meter.stage(500, 10 << 20);
        for position in (0..=10 << 20).step_by(1000) {
            meter.reach(position).unwrap();
        }
        meter.last_stage(3 << 20);
        for position in (0..=3 << 20).step_by(1000) {
            meter.reach(position).unwrap();
        }
        assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{seen:?}");
        assert!(seen.iter().all(|&(done, total)| done <= total && total == 1000));
        assert!(seen.len() >= 40 + 12, "a report for each 256 KiB: {}", seen.len());
    }

    struct Full;

    impl Progress for Full {
        fn report(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn memory(&self) -> u64 {
            MEMORY_LIMIT
        }
    }

    #[test]
    fn memory_beyond_the_limit_is_refused_before_it_is_taken() {
        let mut full = Full;
        let mut meter = Meter::new(&mut full, 10);
        assert_eq!(meter.reach(0), Ok(()));
        assert_eq!(meter.reserve(1).unwrap_err().code, ErrorCode::TooLarge);
        assert_eq!(Meter::new(&mut NoProgress, 10).reserve(MEMORY_LIMIT), Ok(()));
    }

    #[test]
    fn a_break_is_the_error_cancelled() {
        let mut progress = |_: u64, _: u64| ControlFlow::Break(());
        assert_eq!(Meter::new(&mut progress, 10).reach(0).unwrap_err().code, ErrorCode::Cancelled);
    }
}
