//! What a host does while a question is being answered.

use std::future::ready;

use emberglass_query::{NoYield, Shard, YieldNow};

use crate::QueryAnswer;

/// Watches a query under way. A host that has no use for its answer any more drops the future.
pub trait Watch: YieldNow {
    /// True if what was merged so far is to be shown; asked between blocks.
    fn wants_partial(&self) -> bool {
        false
    }

    /// Takes what was merged so far: a result like that of the query, of the profiles that it says, under a handle of its own.
    fn partial(&self, _answer: QueryAnswer) {}

    /// Other engines over the same storage that may each merge a shard of the query, which reads so many bytes of samples: their
    /// parts have to cross and to be put together, which costs more than it saves where there is little to read.
    fn others(&self, _sample_bytes: u64) -> u32 {
        0
    }

    /// Asks one of them, at once, for its part of the query as of a generation of the store
    /// ([`crate::Database::part`]); `None` where it has none, for whatever reason.
    fn part(&self, _shard: Shard, _generation: u64) -> impl Future<Output = Option<Vec<u8>>> {
        ready(None)
    }
}

impl Watch for NoYield {}
