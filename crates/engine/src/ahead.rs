//! What answers need of a result, made ahead in slices: the answers themselves, which never wait, find it there. Where it is
//! not they make it at once.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emberglass_query::YieldNow;
use emberglass_store::Backend;
use emberglass_trie::MergedTrie;
use emberglass_views::{CallGraph, FunctionPackages, Layout, Names, Search, TopSort, TopTable, heaviest_stacks_sliced};

use crate::derive::View;
use crate::naming::Naming;
use crate::results::{Found, Named, QueryResult, once, overflow, parse_pattern, top_sort};
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
                if self.view.inverted().is_none() {
                    self.lay_out(pause).await?;
                }
                self.find(&named, search, pause).await?;
            }
            Ahead::Search(search) => {
                self.find(&named, search, pause).await?;
            }
            Ahead::Top { sort, descending, search } => {
                self.put_in_order(&named, top_sort(sort)?, descending, pause).await?;
                self.find(&named, search, pause).await?;
            }
            Ahead::Stacks => {
                self.heaviest(pause).await;
            }
            Ahead::CallGraph => {
                self.calls(pause).await?;
            }
            Ahead::Diff => {
                if let Some(diff) = self.view.diff() {
                    diff.functions(pause).await?;
                }
            }
        }
        Ok(())
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

    pub(crate) async fn lay_out(&self, pause: &impl YieldNow) -> Result<&Layout, EngineError> {
        let layout = async {
            match &self.view {
                View::Diff(diff) => diff.tree.layout_sliced(pause).await,
                _ => Layout::sliced(&self.trie, pause).await,
            }
        };
        once(&self.layout, layout).await
    }

    pub(crate) async fn top_table(&self, pause: &impl YieldNow) -> Result<&TopTable, EngineError> {
        once(&self.top, TopTable::sliced(&self.trie, pause)).await
    }

    /// Nodes by value.
    pub(crate) async fn heaviest(&self, pause: &impl YieldNow) -> &[u32] {
        match self.stacks.get() {
            Some(order) => order,
            None => {
                let order = heaviest_stacks_sliced(&self.trie, pause).await;
                self.stacks.get_or_init(|| order)
            }
        }
    }

    pub(crate) async fn calls(&self, pause: &impl YieldNow) -> Result<&CallGraph, EngineError> {
        once(&self.calls, CallGraph::sliced(&self.trie, pause)).await
    }

    /// What a pattern finds; nothing is asked by the empty one.
    pub(crate) async fn find(
        &self,
        named: &Named,
        pattern: &str,
        pause: &impl YieldNow,
    ) -> Result<Option<Rc<Found>>, EngineError> {
        if pattern.is_empty() {
            return Ok(None);
        }
        if let Some((known, found)) = &*named.searched.borrow()
            && known == pattern
        {
            return Ok(Some(Rc::clone(found)));
        }
        let parsed = parse_pattern(pattern)?;
        let search = Search::sliced(&self.trie, &named.names, &parsed, pause).await.map_err(overflow)?;
        let (trie, names): (&MergedTrie, &Names) = match (&self.costs, &named.of_costs) {
            (Some(costs), Some((names, _))) => (&costs.functions, names),
            _ => (&self.trie, &named.names),
        };
        let functions = parsed.functions_sliced(trie, names, pause).await;
        let found = Rc::new(Found { search, functions });
        *named.searched.borrow_mut() = Some((pattern.to_owned(), Rc::clone(&found)));
        Ok(Some(found))
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
        self.top_table(pause).await?.put_in_order(&self.trie, &named.names, sort, descending, pause).await;
        Ok(())
    }
}
