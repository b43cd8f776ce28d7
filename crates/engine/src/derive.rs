//! Results made of results: seen from the leaves, from some functions, or beside another.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use emberglass_query::{Selection, YieldNow};
use emberglass_trie::MergedTrie;
use emberglass_views::{DiffTree, FunctionDiff, InvertedError, InvertedTree, callees, callers};

use crate::EngineError;
use crate::answers::DeriveRequestText;
use crate::naming::Naming;
use crate::results::{QueryResult, once, overflow};
use crate::significance::Significance;
use crate::sorted_nodes::SortedNodes;

/// How a result is looked at.
#[derive(Debug)]
pub(crate) enum View {
    /// From the root down.
    Flame,
    /// From the leaves up.
    Inverted(RefCell<InvertedTree>),
    /// From some functions up.
    Callers(RefCell<InvertedTree>),
    /// From some functions down.
    Callees,
    /// Beside another.
    Diff(Box<DiffView>),
    /// Over time.
    Time(TimeView),
}

#[derive(Debug)]
pub(crate) struct TimeView {
    /// Nodes of the lanes.
    pub(crate) lanes: Vec<u32>,
    /// False if some lanes may be folded.
    pub(crate) is_whole: bool,
}

#[derive(Debug)]
pub(crate) struct DiffView {
    pub(crate) tree: DiffTree,
    functions: OnceCell<FunctionDiff>,
    pub(crate) nodes: SortedNodes,
    /// What was selected on both sides, base and head, where all of it is compared.
    pub(crate) selections: Option<Box<[Selection; 2]>>,
    /// How sure the changes are, once that was asked.
    pub(crate) significance: OnceCell<Significance>,
}

impl DiffView {
    pub(crate) async fn functions(&self, pause: &impl YieldNow) -> Result<&FunctionDiff, EngineError> {
        once(&self.functions, FunctionDiff::sliced(&self.tree, pause)).await
    }
}

pub(crate) fn refused(error: InvertedError) -> EngineError {
    match error {
        InvertedError::Overflow(error) => overflow(error),
        error => EngineError::new("too-large", error.to_string()),
    }
}

impl View {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Flame => "flame",
            Self::Inverted(_) => "inverted",
            Self::Callers(_) => "callers",
            Self::Callees => "callees",
            Self::Diff(_) => "diff",
            Self::Time(_) => "time",
        }
    }

    /// The tree of a view from leaves or functions up.
    pub(crate) const fn inverted(&self) -> Option<&RefCell<InvertedTree>> {
        match self {
            Self::Inverted(tree) | Self::Callers(tree) => Some(tree),
            Self::Flame | Self::Callees | Self::Diff(_) | Self::Time(_) => None,
        }
    }

    pub(crate) const fn diff(&self) -> Option<&DiffView> {
        if let Self::Diff(diff) = self { Some(diff) } else { None }
    }
}

async fn inverted(trie: &MergedTrie, pause: &impl YieldNow) -> Result<RefCell<InvertedTree>, EngineError> {
    let mut tree = InvertedTree::sliced(trie, pause).await.map_err(overflow)?;
    // What is seen first is refined from all stacks.
    tree.children_sliced(trie, 0, pause).await.map_err(refused)?;
    Ok(RefCell::new(tree))
}

/// Makes what a request says; `base` is the other result of a diff.
pub(crate) async fn derive(
    of: &QueryResult,
    base: Option<&QueryResult>,
    naming: &RefCell<Naming>,
    request: &DeriveRequestText,
    pause: &impl YieldNow,
) -> Result<QueryResult, EngineError> {
    if of.view.diff().is_some() || base.is_some_and(|base| base.view.diff().is_some()) {
        let message = "a diff has no further views: take them of its two results, and compare those";
        return Err(EngineError::new("bad-argument", message));
    }
    if let View::Time(_) = of.view {
        return Err(EngineError::new("bad-argument", "a chart over time has no further views: take them of the query"));
    }
    let trie = &of.trie;
    let matching = async || {
        if request.pattern.is_empty() {
            return Err(EngineError::new("bad-argument", format!("{} need a pattern", request.kind)));
        }
        of.matching_sliced(naming, &request.pattern, pause).await
    };
    match (request.kind.as_str(), base) {
        ("inverted", _) => {
            Ok(of.derived(Rc::clone(trie), View::Inverted(inverted(trie, pause).await?)).with_all_of(of))
        }
        ("callers", _) => {
            let cut = Rc::new(callers(trie, &matching().await?, pause).await.map_err(overflow)?);
            let view = View::Callers(inverted(&cut, pause).await?);
            Ok(of.derived(cut, view))
        }
        ("callees", _) => {
            let below = callees(trie, &matching().await?, pause).await.map_err(overflow)?;
            Ok(of.derived(Rc::new(below), View::Callees))
        }
        ("diff", Some(base)) => {
            let (unit, of_base) = (&of.profile_type.sample_unit, &base.profile_type.sample_unit);
            if unit != of_base {
                let message = format!("values in {unit:?} and in {of_base:?} do not compare");
                return Err(EngineError::new("bad-argument", message));
            }
            let tree = DiffTree::sliced(&base.trie, trie, request.normalised, pause).await.map_err(overflow)?;
            let trie = Rc::clone(&tree.trie);
            let selections = base.selection.clone().zip(of.selection.clone());
            let selections = selections.map(|(base, head)| Box::new([base, head]));
            let (functions, significance) = (OnceCell::new(), OnceCell::new());
            let view = DiffView { tree, functions, nodes: SortedNodes::default(), selections, significance };
            Ok(of.derived(trie, View::Diff(Box::new(view))))
        }
        (other, _) => {
            let message = format!("no view {other:?}: inverted, callers, callees or diff");
            Err(EngineError::new("bad-argument", message))
        }
    }
}
