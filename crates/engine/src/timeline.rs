//! The records of one profile in order of time, page by page.

use emberglass_query::Timeline;
use emberglass_trie::MergedTrie;

use crate::EngineError;
use crate::answers::TimelinePage;

/// Most records of a page.
pub const PAGE_RECORDS: u32 = 1 << 16;

/// Records in order of time with the nodes of a result that they count to.
#[derive(Debug)]
pub(crate) struct RecordNodes {
    time: Vec<i64>,
    node: Vec<u32>,
    value: Vec<i64>,
}

impl RecordNodes {
    /// The records, and the tree that their nodes are of.
    pub(crate) fn new(timeline: Timeline) -> (Self, MergedTrie) {
        let node = (0..timeline.records.len()).map(|record| timeline.node(record)).collect();
        (Self { node, time: timeline.records.time, value: timeline.records.values }, timeline.trie)
    }

    pub(crate) fn page(&self, offset: u32, limit: u32) -> Result<TimelinePage, EngineError> {
        if limit > PAGE_RECORDS {
            let message = format!("{limit} records at a time are too many: at most {PAGE_RECORDS}");
            return Err(EngineError::new("bad-argument", message));
        }
        let from = (offset as usize).min(self.time.len());
        let until = from.saturating_add(limit as usize).min(self.time.len());
        Ok(TimelinePage {
            time: self.time.get(from..until).unwrap_or_default().to_vec(),
            node: self.node.get(from..until).unwrap_or_default().to_vec(),
            value: self.value.get(from..until).unwrap_or_default().to_vec(),
        })
    }
}
