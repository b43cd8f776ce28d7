//! Results that are kept, by handle: their pages, pictures and other views.

use emberglass_profile::Batch;
use emberglass_query::{YieldNow, function_shares};
use emberglass_store::Backend;
use emberglass_views::FEWEST;

use crate::ahead::Ahead;
use crate::answers::{
    CallGraphAnswer, ChildrenAnswer, DeriveRequestText, DiffNodesAnswer, DiffTopAnswer, DiffTopRequestText,
    DrawRequestText, LinesAnswer, MangledNamesAnswer, NodeAnswer, PathStepAnswer, QueryAnswer, SearchAnswer,
    SignificanceAnswer, StacksAnswer, TimelinePage, TopAnswer,
};
use crate::database::Running;
use crate::derive::derive;
use crate::results::QueryResult;
use crate::significance::Significance;
use crate::{Database, EngineError};

impl<B: Backend> Database<B> {
    /// Forgets a result.
    pub fn release(&self, handle: u32) {
        self.results.release(handle);
    }

    /// A page of at most [`crate::PAGE_RECORDS`] records of a result of [`Self::timeline`].
    ///
    /// # Errors
    /// `unknown-handle`; `bad-argument` for a result without records or too large a page.
    pub fn timeline_page(&self, handle: u32, offset: u32, limit: u32) -> Result<TimelinePage, EngineError> {
        let result = self.results.get(handle)?;
        let none = || EngineError::new("bad-argument", format!("the result {handle} has no records in order of time"));
        result.timeline().ok_or_else(none)?.page(offset, limit)
    }

    /// A page of the top table of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub fn top(
        &self,
        handle: u32,
        sort: &str,
        descending: bool,
        offset: u32,
        limit: u32,
        search: &str,
    ) -> Result<TopAnswer, EngineError> {
        self.results.get(handle)?.top(&self.naming, sort, descending, offset, limit, search)
    }

    /// The visible part of a result's flame graph as a draw list.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`, `value-overflow`.
    pub fn draw(&self, handle: u32, request: &DrawRequestText) -> Result<Vec<u8>, EngineError> {
        self.results.get(handle)?.draw(&self.naming, request)
    }

    /// What a pattern finds in a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`, `value-overflow`.
    pub fn search(&self, handle: u32, pattern: &str) -> Result<SearchAnswer, EngineError> {
        self.results.get(handle)?.search(&self.naming, pattern)
    }

    /// What is known of a node of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`.
    pub fn node(&self, handle: u32, node: u32) -> Result<NodeAnswer, EngineError> {
        self.results.get(handle)?.node(&self.naming, node)
    }

    /// The path from the root to a node of a result.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn path(&self, handle: u32, node: u32) -> Result<Vec<PathStepAnswer>, EngineError> {
        Ok(self.results.get(handle)?.path(&self.naming, node))
    }

    /// The node that a path of function names leads to.
    ///
    /// # Errors
    /// `unknown-handle`, `too-large`.
    pub fn resolve(&self, handle: u32, names: &[String]) -> Result<Option<u32>, EngineError> {
        self.results.get(handle)?.resolve(names)
    }

    /// Another view of a result, as a result of its own.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub async fn derive(&self, request: &DeriveRequestText, pause: &impl YieldNow) -> Result<QueryAnswer, EngineError> {
        let of = self.results.get(request.handle)?;
        let base = if request.kind == "diff" { Some(self.results.get(request.base)?) } else { None };
        let derived = derive(&of, base.as_deref(), &self.naming, request, pause).await?;
        derived.prepare(&self.naming, Ahead::Draw(""), pause).await?;
        let (handle, result) = self.results.keep(derived);
        Ok(result.answer(handle))
    }

    /// A page of the functions of a diff.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub async fn diff_top(
        &self,
        handle: u32,
        request: &DiffTopRequestText,
        pause: &impl YieldNow,
    ) -> Result<DiffTopAnswer, EngineError> {
        self.results.get(handle)?.diff_top(&self.naming, request, pause).await
    }

    /// A page of the nodes of a diff, as of its functions.
    ///
    /// # Errors
    /// As [`Self::diff_top`].
    pub async fn diff_nodes(
        &self,
        handle: u32,
        request: &DiffTopRequestText,
        pause: &impl YieldNow,
    ) -> Result<DiffNodesAnswer, EngineError> {
        self.results.get(handle)?.diff_nodes(&self.naming, request, pause).await
    }

    /// Finds out how sure the changes of a diff are; its functions say so from then on.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument` where not all of what was selected is compared, or what the storage says.
    pub async fn significance(&self, handle: u32, pause: &impl YieldNow) -> Result<SignificanceAnswer, EngineError> {
        let result = self.results.get(handle)?;
        let diff = result.as_diff()?;
        let found = match diff.significance.get() {
            Some(found) => found,
            None => {
                let _running = Running::new(&self.queries);
                let sides = diff.selections.as_deref().ok_or_else(|| {
                    let message = "whether changes are significant can be told of selections without filters";
                    EngineError::new("bad-argument", message)
                })?;
                let base = function_shares(&self.store, &sides[0], pause).await?;
                let head = function_shares(&self.store, &sides[1], pause).await?;
                diff.significance.get_or_init(|| Significance::new(&base, &head))
            }
        };
        let [base_inputs, head_inputs] = found.inputs.map(|inputs| inputs as u32);
        Ok(SignificanceAnswer {
            base_inputs,
            head_inputs,
            fewest: FEWEST as u32,
            enough: found.is_enough(),
            changed: found.changed() as u32,
        })
    }

    /// A page of the children of a node: by `self` or `total` the largest first, or by `name`.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`, `bad-argument`, `too-large`.
    pub fn children(
        &self,
        handle: u32,
        node: u32,
        sort: &str,
        offset: u32,
        limit: u32,
    ) -> Result<ChildrenAnswer, EngineError> {
        self.results.get(handle)?.children(&self.naming, node, sort, offset, limit)
    }

    /// A page of whole stacks, the heaviest first.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn stacks(&self, handle: u32, offset: u32, limit: u32) -> Result<StacksAnswer, EngineError> {
        Ok(self.results.get(handle)?.stacks(&self.naming, offset, limit))
    }

    /// A page of the lines of a result of [`Self::query`], or of its inverted view: those of `file` (a path or its end) by
    /// file and line, without it all by falling self value. Reads the selection again when it is first asked.
    ///
    /// # Errors
    /// `unknown-handle`; `bad-argument` for another view; what the storage says.
    pub async fn lines(
        &self,
        handle: u32,
        file: Option<&str>,
        offset: u32,
        limit: u32,
        pause: &impl YieldNow,
    ) -> Result<LinesAnswer, EngineError> {
        let result = self.results.get(handle)?;
        QueryResult::lines(self.by_line(&result, pause).await?, file, offset, limit, pause).await
    }

    /// The `limit` functions of a result with the largest totals, and the calls among them.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub fn call_graph(&self, handle: u32, limit: u32) -> Result<CallGraphAnswer, EngineError> {
        self.results.get(handle)?.call_graph(&self.naming, limit)
    }

    /// Whether names are shown demangled (they are, unless told otherwise) or as they are stored.
    pub fn set_demangle(&self, demangle: bool) {
        self.naming.borrow_mut().set_demangle(demangle);
    }

    /// Names of C++ in a result that nothing is known about yet, at most `limit`, and where to go on: `from` is 0 or what the answer
    /// before said. None while names are shown as they are stored. The host demangles them and hands the answers to
    /// [`Self::set_demangled`].
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn mangled_names(&self, handle: u32, from: u32, limit: usize) -> Result<MangledNamesAnswer, EngineError> {
        Ok(self.results.get(handle)?.unknown_names(&self.naming.borrow(), from, limit))
    }

    /// Takes demangled names; `None` for one that stays as it is. All results show them from now on.
    pub fn set_demangled(&self, names: impl IntoIterator<Item = (String, Option<String>)>) {
        self.naming.borrow_mut().learn(names);
    }

    /// A result as a batch, to be written in another format, with what formats state of its functions.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub async fn batch(&self, handle: u32, pause: &impl YieldNow) -> Result<Batch, EngineError> {
        self.results.get(handle)?.batch(pause).await
    }
}
