//! Where the records of profiles lie in time, without their stacks and values.

use std::rc::Rc;

use super::Store;
use super::read::{CacheKey, Cached};
use crate::block::{Place, record_times};
use crate::envelope::Payload;
use crate::{Backend, BlockDirectory, SectionKind, StoreError};

/// The records of a profile in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSpan {
    /// Row of the profile.
    pub row: u32,
    /// True if the times are of the source's own clock, and not since the epoch.
    pub own_clock: bool,
    /// Time of the first record, ns.
    pub first: i64,
    /// Time of the last one.
    pub last: i64,
    /// Part of the section that has the records.
    pub part: u16,
    /// Bytes of the records.
    pub bytes: u32,
}

impl<B: Backend> Store<B> {
    /// The profiles of a block whose format has a time for each record, by row. Reads all their times when it is first asked.
    ///
    /// # Errors
    /// `Stale`, `Damaged`, or those of the back end.
    pub async fn record_spans(&self, directory: &BlockDirectory) -> Result<Rc<Vec<RecordSpan>>, StoreError> {
        let key = CacheKey::Spans(directory.id);
        if let Some(Cached::Spans(spans)) = self.state.borrow_mut().cache.get(key) {
            return Ok(spans);
        }
        let places = self.places(directory.id, SectionKind::Timelines, directory.profiles.len()).await?;
        let mut spans = Vec::new();
        for (row, place) in places.iter() {
            let held = self.parts(directory.id, SectionKind::Timelines, &[place.part]).await?.pop();
            let held = held.ok_or(StoreError::Stale { block: directory.id })?;
            let (own_clock, times) = record_times(directory.id, place, &held.bytes)?;
            let (Some(&first), Some(&last)) = (times.first(), times.last()) else { continue };
            spans.push(RecordSpan { row, own_clock, first, last, part: place.part, bytes: place.len });
        }
        let spans = Rc::new(spans);
        let bytes = size_of::<RecordSpan>() * spans.len();
        self.state.borrow_mut().cache.insert(key, Cached::Spans(Rc::clone(&spans)), bytes);
        Ok(spans)
    }

    /// The times of the records of the profile at `row`, which never fall; `None` if its format has none.
    ///
    /// # Errors
    /// As [`Self::record_spans`].
    pub async fn record_times(&self, directory: &BlockDirectory, row: usize) -> Result<Option<Vec<i64>>, StoreError> {
        let found = self.attached(directory.id, SectionKind::Timelines, directory.profiles.len(), row).await?;
        let read = |(place, part): (Place, Rc<Payload>)| record_times(directory.id, place, &part.bytes);
        Ok(found.map(read).transpose()?.map(|(_, times)| times))
    }
}
