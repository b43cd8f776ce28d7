//! What a host does while a question is being answered.

use emberglass_query::{NoYield, YieldNow};

use crate::QueryAnswer;

/// Watches a query under way. A host that has no use for its answer any more drops the future.
pub trait Watch: YieldNow {
    /// True if what was merged so far is to be shown; asked between blocks.
    fn wants_partial(&self) -> bool {
        false
    }

    /// Takes what was merged so far: a result like that of the query, of the profiles that it says, under a handle of its own.
    fn partial(&self, _answer: QueryAnswer) {}
}

impl Watch for NoYield {}
