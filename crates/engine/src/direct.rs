//! For callers in Rust: answers as values instead of handles.

use emberglass_query::{ProfileTotal, QueryOutput, Selection, SeriesSelection, StackCondition, StackTotals, YieldNow};
use emberglass_store::{Backend, Limits, RetentionPolicy, Series};
use emberglass_trie::Granularity;

use crate::database::Running;
use crate::{Database, EngineError};

impl<B: Backend> Database<B> {
    /// Merges a selection; the result is the caller's.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn merge(
        &self,
        selection: &Selection,
        granularity: Granularity,
        pause: &impl YieldNow,
    ) -> Result<QueryOutput, EngineError> {
        let _running = Running::new(&self.queries);
        Ok(emberglass_query::run(&self.store, selection, granularity, pause).await?)
    }

    /// Series of all types with the totals of their profiles; see [`emberglass_query::series`].
    ///
    /// # Errors
    /// What the storage says.
    pub async fn totals_of_series(
        &self,
        selection: &SeriesSelection,
        accept: impl Fn(&Series) -> bool,
        pause: &impl YieldNow,
    ) -> Result<Vec<(Series, Vec<ProfileTotal>)>, EngineError> {
        Ok(emberglass_query::series(&self.store, selection, accept, pause).await?)
    }

    /// What some stacks are of each profile of a selection; see [`emberglass_query::stack_totals`].
    ///
    /// # Errors
    /// What the storage says.
    pub async fn stack_totals(
        &self,
        selection: &Selection,
        condition: &StackCondition,
        same: impl Fn(&str, &str) -> bool,
        pause: &impl YieldNow,
    ) -> Result<StackTotals, EngineError> {
        let _running = Running::new(&self.queries);
        Ok(emberglass_query::stack_totals(&self.store, selection, condition, same, pause).await?)
    }

    /// Bounds what is stored, in bytes: [`Self::retain`] drops the oldest blocks beyond that.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn bound_bytes(&self, bytes: u64) -> Result<(), EngineError> {
        let all = Limits { max_bytes: Some(bytes), ..Limits::default() };
        Ok(self.store.set_policy(RetentionPolicy { all, ..RetentionPolicy::default() }).await?)
    }
}
