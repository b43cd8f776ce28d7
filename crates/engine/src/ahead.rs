//! What answers need of a result, made ahead in slices: the answers themselves, which never wait, find it there. Where it is
//! not they make it at once.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use emberglass_query::YieldNow;
use emberglass_store::Backend;
use emberglass_trie::MergedTrie;
use emberglass_views::{CallGraph, FunctionPackages, Layout, Names, Search, TopSort, TopTable, heaviest_stacks_sliced};

use crate::derive::View;
use crate::naming::Naming;
use crate::results::{Found, Named, QueryResult, overflow, parse_pattern, top_sort};
use crate::{Database, EngineError};

/// What is asked next.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Ahead<'a> {
    /// [`Database::draw`], with what is searched.
    Draw(&'a str),
    /// [`Database::search`].
    Search(&'a str),
    /// [`Database::top`]: its order, and what is searched.
    Top {
        /// `self`, `total` or `name`.
        sort: &'a str,
        /// Largest first.
        descending: bool,
        /// Empty for all.
        search: &'a str,
    },
    /// [`Database::stacks`].
    Stacks,
    /// [`Database::call_graph`].
    CallGraph,
    /// [`Database::diff_top`], which does it by itself.
    Diff,
}

/// One at a time makes something of a result; the others wait until it is there.
struct Turn<'a>(&'a Cell<bool>);

impl<'a> Turn<'a> {
    async fn of(busy: &'a Cell<bool>, pause: &impl YieldNow) -> Self {
        while busy.replace(true) {
            pause.yield_now().await;
        }
        Self(busy)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<B: Backend> Database<B> {
    /// Makes ahead, in slices, what the answer to the next question about a result needs.
    ///
    /// # Errors
    /// Those of the question.
    pub async fn prepare(&self, handle: u32, ahead: Ahead<'_>, pause: &impl YieldNow) -> Result<(), EngineError> {
        self.results.get(handle)?.prepare(&self.naming, ahead, pause).await
    }
}

/// Sets what is not set yet.
async fn fill<T>(cell: &OnceCell<T>, make: impl Future<Output = Result<T, EngineError>>) -> Result<(), EngineError> {
    if cell.get().is_none() {
        let made = make.await?;
        cell.get_or_init(|| made);
    }
    Ok(())
}

impl QueryResult {
    pub(crate) async fn prepare(
        &self,
        naming: &RefCell<Naming>,
        ahead: Ahead<'_>,
        pause: &impl YieldNow,
    ) -> Result<(), EngineError> {
        let _turn = Turn::of(&self.busy, pause).await;
        let named = self.name(naming, pause).await;
        match ahead {
            Ahead::Draw(search) => {
                self.lay_out(pause).await?;
                self.find(&named, search, pause).await
            }
            Ahead::Search(search) => self.find(&named, search, pause).await,
            Ahead::Top { sort, descending, search } => {
                self.put_in_order(&named, top_sort(sort)?, descending, pause).await?;
                self.find(&named, search, pause).await
            }
            Ahead::Stacks => fill(&self.stacks, async { Ok(heaviest_stacks_sliced(&self.trie, pause).await) }).await,
            Ahead::CallGraph => {
                fill(&self.calls, async { CallGraph::sliced(&self.trie, pause).await.map_err(overflow) }).await
            }
            Ahead::Diff => match self.view.diff() {
                Some(diff) => diff.compare_functions(pause).await,
                None => Ok(()),
            },
        }
    }

    /// Names, packages and colours as they are shown now.
    pub(crate) async fn name(&self, naming: &RefCell<Naming>, pause: &impl YieldNow) -> Rc<Named> {
        let version = naming.borrow().version();
        if let Some(named) = &*self.named.borrow()
            && named.version == version
        {
            return Rc::clone(named);
        }
        let of = async |trie: &MergedTrie| {
            let names = Naming::names_sliced(naming, trie, pause).await;
            let packages = FunctionPackages::sliced(trie, &names, pause).await;
            (names, packages)
        };
        let (names, packages) = of(&self.trie).await;
        let of_costs = match &self.costs {
            Some(costs) => Some(of(&costs.functions).await),
            None => None,
        };
        let named = Rc::new(Named { version, names, packages, of_costs, searched: RefCell::new(None) });
        *self.named.borrow_mut() = Some(Rc::clone(&named));
        named
    }

    async fn lay_out(&self, pause: &impl YieldNow) -> Result<(), EngineError> {
        let layout = async {
            match &self.view {
                View::Diff(diff) => diff.tree.layout_sliced(pause).await,
                _ => Layout::sliced(&self.trie, pause).await,
            }
            .map_err(overflow)
        };
        if self.view.inverted().is_some() { Ok(()) } else { fill(&self.layout, layout).await }
    }

    async fn find(&self, named: &Named, pattern: &str, pause: &impl YieldNow) -> Result<(), EngineError> {
        if pattern.is_empty() || named.searched.borrow().as_ref().is_some_and(|(known, _)| known == pattern) {
            return Ok(());
        }
        let parsed = parse_pattern(pattern)?;
        let search = Search::sliced(&self.trie, &named.names, &parsed, pause).await.map_err(overflow)?;
        let (trie, names): (&MergedTrie, &Names) = match (&self.costs, &named.of_costs) {
            (Some(costs), Some((names, _))) => (&costs.functions, names),
            _ => (&self.trie, &named.names),
        };
        let functions = parsed.functions_sliced(trie, names, pause).await;
        *named.searched.borrow_mut() = Some((pattern.to_owned(), Rc::new(Found { search, functions })));
        Ok(())
    }

    /// Which functions of the trie a pattern matches.
    pub(crate) async fn matching_sliced(
        &self,
        naming: &RefCell<Naming>,
        pattern: &str,
        pause: &impl YieldNow,
    ) -> Result<Vec<bool>, EngineError> {
        let parsed = parse_pattern(pattern)?;
        let named = self.name(naming, pause).await;
        Ok(parsed.functions_sliced(&self.trie, &named.names, pause).await)
    }

    async fn put_in_order(
        &self,
        named: &Named,
        sort: TopSort,
        descending: bool,
        pause: &impl YieldNow,
    ) -> Result<(), EngineError> {
        if let (Some(costs), Some((names, _))) = (&self.costs, &named.of_costs) {
            costs.table.put_in_order(&costs.functions, names, sort, descending, pause).await;
            return Ok(());
        }
        fill(&self.top, async { TopTable::sliced(&self.trie, pause).await.map_err(overflow) }).await?;
        if let Some(table) = self.top.get() {
            table.put_in_order(&self.trie, &named.names, sort, descending, pause).await;
        }
        Ok(())
    }
}
