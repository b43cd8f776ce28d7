//! Results kept under handles: merged tries and the views made of them.
//!
//! The results used last are kept; views are computed when first asked for and stay with their result.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use emberglass_profile::{Aggregation, Batch, ProfileType};
use emberglass_query::{Selection, StatedCosts, YieldNow};
use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, at_once};
use emberglass_views::{
    CallGraph, DiffTree, DrawRequest, FunctionPackages, Layout, Names, Pattern, Search, TopRequest, TopSort, TopTable,
    diff_draw_list, draw_list, inverted_draw_list, inverted_node_info, inverted_path, inverted_resolve, node_info,
    path, resolve, time_draw_list,
};

use crate::EngineError;
use crate::answers::{
    DrawRequestText, MangledNamesAnswer, NodeAnswer, PathStepAnswer, QueryAnswer, SearchAnswer, TopAnswer, TopRowAnswer,
};
use crate::costs::{CostTable, CostTop, TopFrom};
use crate::derive::{TimeView, View, refused};
use crate::naming::Naming;
use crate::timeline::RecordNodes;

/// Results kept at a time.
const KEPT: usize = 16;

/// One merged selection and its views.
#[derive(Debug)]
pub(crate) struct QueryResult {
    pub(crate) profile_type: ProfileType,
    aggregation: Aggregation,
    profiles: u32,
    /// What the views are of; of a diff the union tree with the head's values.
    pub(crate) trie: Rc<MergedTrie>,
    pub(crate) view: View,
    pub(crate) layout: OnceCell<Layout>,
    pub(crate) top: OnceCell<TopTable>,
    /// Nodes by value.
    pub(crate) stacks: OnceCell<Vec<u32>>,
    pub(crate) calls: OnceCell<CallGraph>,
    /// What was selected, of a result whose stacks are all that was.
    pub(crate) selection: Option<Selection>,
    /// The same, told apart by line.
    pub(crate) by_line: OnceCell<MergedTrie>,
    /// The top table where it does not follow from the stacks.
    pub(crate) costs: Option<Rc<CostTop>>,
    /// The records in order of time, of a result that was asked for with them.
    timeline: Option<RecordNodes>,
    pub(crate) named: RefCell<Option<Rc<Named>>>,
    /// Something is being made of it, see `ahead.rs`.
    pub(crate) busy: Cell<bool>,
}

/// What depends on how names are shown.
#[derive(Debug)]
pub(crate) struct Named {
    /// [`Naming::version`] it was made by.
    pub(crate) version: u32,
    pub(crate) names: Names,
    pub(crate) packages: FunctionPackages,
    /// Names and packages of the functions of the top table, where they are others.
    pub(crate) of_costs: Option<(Names, FunctionPackages)>,
    /// The pattern searched last, with what it matches.
    pub(crate) searched: RefCell<Option<(String, Rc<Found>)>>,
}

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) search: Search,
    /// By row of the top table.
    pub(crate) functions: Vec<bool>,
}

/// Results by handle; the one used last is in front.
#[derive(Debug, Default)]
pub(crate) struct Results {
    kept: RefCell<VecDeque<(u32, Rc<QueryResult>)>>,
    last_handle: Cell<u32>,
}

impl Results {
    pub(crate) fn keep(&self, result: QueryResult) -> (u32, Rc<QueryResult>) {
        let handle = self.last_handle.get() + 1;
        self.last_handle.set(handle);
        let result = Rc::new(result);
        let mut kept = self.kept.borrow_mut();
        kept.push_front((handle, Rc::clone(&result)));
        kept.truncate(KEPT);
        (handle, result)
    }

    pub(crate) fn get(&self, handle: u32) -> Result<Rc<QueryResult>, EngineError> {
        let mut kept = self.kept.borrow_mut();
        let at = kept.iter().position(|(known, _)| *known == handle);
        let Some(used) = at.and_then(|at| kept.remove(at)) else {
            return Err(EngineError::new(
                "unknown-handle",
                format!("the result {handle} is not kept any more: query again"),
            ));
        };
        let result = Rc::clone(&used.1);
        kept.push_front(used);
        Ok(result)
    }

    pub(crate) fn release(&self, handle: u32) {
        self.kept.borrow_mut().retain(|(known, _)| *known != handle);
    }
}

/// `sum` or `average`.
#[must_use]
pub const fn aggregation_name(aggregation: Aggregation) -> &'static str {
    match aggregation {
        Aggregation::Sum => "sum",
        Aggregation::Average => "average",
    }
}

pub(crate) fn overflow(error: TreeOverflow) -> EngineError {
    EngineError::new("value-overflow", error.to_string())
}

pub(crate) fn parse_pattern(pattern: &str) -> Result<Pattern, EngineError> {
    Pattern::parse(pattern).map_err(|error| EngineError {
        offset: Some(error.position as u64),
        ..EngineError::new("bad-pattern", error.message)
    })
}

/// What is there, or is made now.
pub(crate) async fn once<T>(
    cell: &OnceCell<T>,
    make: impl Future<Output = Result<T, TreeOverflow>>,
) -> Result<&T, EngineError> {
    match cell.get() {
        Some(made) => Ok(made),
        None => {
            let made = make.await.map_err(overflow)?;
            Ok(cell.get_or_init(|| made))
        }
    }
}

impl QueryResult {
    pub(crate) const fn new(
        profile_type: ProfileType,
        aggregation: Aggregation,
        profiles: u32,
        trie: Rc<MergedTrie>,
    ) -> Self {
        Self::of(profile_type, aggregation, profiles, trie, View::Flame)
    }

    pub(crate) const fn of(
        profile_type: ProfileType,
        aggregation: Aggregation,
        profiles: u32,
        trie: Rc<MergedTrie>,
        view: View,
    ) -> Self {
        Self {
            profile_type,
            aggregation,
            profiles,
            trie,
            view,
            layout: OnceCell::new(),
            top: OnceCell::new(),
            stacks: OnceCell::new(),
            calls: OnceCell::new(),
            selection: None,
            by_line: OnceCell::new(),
            costs: None,
            timeline: None,
            named: RefCell::new(None),
            busy: Cell::new(false),
        }
    }

    /// Another view of what this is made of.
    pub(crate) fn derived(&self, trie: Rc<MergedTrie>, view: View) -> Self {
        Self::of(self.profile_type.clone(), self.aggregation, self.profiles, trie, view)
    }

    /// With the top table and the selection of `other`, which is of the same stacks.
    pub(crate) fn with_all_of(self, other: &Self) -> Self {
        Self { costs: other.costs.clone(), selection: other.selection.clone(), ..self }
    }

    /// With what was selected.
    pub(crate) fn with_selection(self, selection: Selection) -> Self {
        Self { selection: Some(selection), ..self }
    }

    /// With a top table from what formats state for each function.
    pub(crate) fn with_stated(mut self, stated: &StatedCosts) -> Result<Self, EngineError> {
        let mut table = CostTable::new(self.trie.output_scale());
        table.add_stacks(&stated.of_stacks)?;
        table.add_stated(stated)?;
        let is_mixed = !stated.of_stacks.symbols.functions.is_empty();
        let from = if is_mixed { TopFrom::Mixed } else { TopFrom::FunctionCosts };
        self.costs = Some(Rc::new(table.into_top(&self.trie, from)));
        Ok(self)
    }

    /// A batch of one profile, with the function table where the top table comes from one.
    pub(crate) async fn batch(&self, pause: &impl YieldNow) -> Result<Batch, EngineError> {
        let mut batch = self.trie.to_batch_sliced(self.profile_type.clone(), pause).await.map_err(overflow)?;
        if let Some(costs) = &self.costs {
            costs.state(&mut batch);
        }
        Ok(batch)
    }

    /// With a layout that does not follow from the trie.
    pub(crate) fn with_layout(self, layout: Layout) -> Self {
        Self { layout: OnceCell::from(layout), ..self }
    }

    pub(crate) fn with_timeline(self, timeline: RecordNodes) -> Self {
        Self { timeline: Some(timeline), ..self }
    }

    pub(crate) const fn timeline(&self) -> Option<&RecordNodes> {
        self.timeline.as_ref()
    }

    pub(crate) fn answer(&self, handle: u32) -> QueryAnswer {
        let trie = &self.trie;
        QueryAnswer {
            handle,
            profile_type: self.profile_type.to_string(),
            sample_type: self.profile_type.sample_type.clone(),
            unit: self.profile_type.sample_unit.clone(),
            aggregation: aggregation_name(self.aggregation),
            profiles: self.profiles,
            total: trie.output(trie.total()),
            scale: trie.output_scale(),
            nodes: (trie.tree.len() as u32).saturating_sub(1),
            functions: self.costs.as_ref().map_or(trie.symbols.functions.len(), |costs| costs.table.len()) as u32,
            top_from: match self.costs.as_ref().map(|costs| costs.from) {
                None => "stacks",
                Some(TopFrom::FunctionCosts) => "function-costs",
                Some(TopFrom::Mixed) => "mixed",
            },
            depth: trie.tree.max_depth(),
            negative: trie.negative,
            view: self.view.name(),
            base_total: self.view.diff().map(|diff| diff.tree.base_output(diff.tree.totals()[0])),
            missing: None,
            widened: None,
            elapsed_ms: 0.0,
        }
    }

    pub(crate) fn named(&self, naming: &RefCell<Naming>) -> Rc<Named> {
        at_once(self.name(naming, &NoYield))
    }

    /// Names of C++ among those that are shown, about which nothing is known yet; see [`Naming::unknown`].
    pub(crate) fn unknown_names(&self, naming: &Naming, from: u32, limit: usize) -> MangledNamesAnswer {
        let costs = self.costs.as_ref().map(|costs| &costs.functions.symbols);
        naming.unknown(&self.trie.symbols, costs, from, limit)
    }

    fn layout(&self) -> Result<&Layout, EngineError> {
        at_once(self.lay_out(&NoYield))
    }

    fn found(&self, named: &Named, pattern: &str) -> Result<Option<Rc<Found>>, EngineError> {
        at_once(self.find(named, pattern, &NoYield))
    }

    pub(crate) fn search(&self, naming: &RefCell<Naming>, pattern: &str) -> Result<SearchAnswer, EngineError> {
        Ok(match self.found(&self.named(naming), pattern)? {
            None => SearchAnswer { functions: 0, nodes: 0, sum: 0 },
            Some(found) => SearchAnswer {
                functions: found.search.functions() as u32,
                nodes: found.search.nodes().len() as u32,
                sum: found.search.sum(),
            },
        })
    }

    pub(crate) fn top(
        &self,
        naming: &RefCell<Naming>,
        sort: &str,
        descending: bool,
        offset: u32,
        limit: u32,
        pattern: &str,
    ) -> Result<TopAnswer, EngineError> {
        let sort = top_sort(sort)?;
        let named = self.named(naming);
        let found = self.found(&named, pattern)?;
        let Named { names, packages, of_costs, .. } = &*named;
        let (trie, names, packages, table) = match (self.costs.as_deref(), of_costs) {
            (Some(CostTop { functions, table, .. }), Some((names, packages))) => (functions, names, packages, table),
            _ => (&*self.trie, names, packages, at_once(self.top_table(&NoYield))?),
        };
        let filter = found.as_ref().map(|found| found.functions.as_slice());
        let request = TopRequest { sort, descending, offset: offset as usize, limit: limit as usize, filter };
        let page = table.page(trie, names, packages, &request);
        let rows = page.rows.into_iter().map(|row| TopRowAnswer {
            function: row.function.0,
            name: row.name.to_owned(),
            file: row.file.to_owned(),
            line: row.line,
            package: row.package.to_owned(),
            color: row.color,
            self_value: row.self_value,
            total: row.total,
        });
        Ok(TopAnswer { rows: rows.collect(), count: page.count as u32 })
    }

    pub(crate) fn draw(&self, naming: &RefCell<Naming>, request: &DrawRequestText) -> Result<Vec<u8>, EngineError> {
        let named = self.named(naming);
        let found = self.found(&named, &request.search)?;
        let DrawRequestText { focus, x0, x1, depth0, depth1, width, min_width, name_width, search: _ } = *request;
        let request = DrawRequest { focus, x0, x1, depth0, depth1, width, min_width, name_width };
        let search = found.as_ref().map(|found| &found.search);
        let Named { names, packages, .. } = &*named;
        match &self.view {
            View::Inverted(tree) | View::Callers(tree) => {
                let tree = &mut tree.borrow_mut();
                inverted_draw_list(&self.trie, tree, names, packages, search, &request).map_err(refused)
            }
            View::Diff(diff) => diff_draw_list(&diff.tree, self.layout()?, names, search, &request).map_err(overflow),
            View::Time(TimeView { lanes, .. }) => {
                let layout = self.layout()?;
                time_draw_list(&self.trie, layout, lanes, names, packages, search, &request).map_err(overflow)
            }
            View::Flame | View::Callees => {
                draw_list(&self.trie, self.layout()?, names, packages, search, &request).map_err(overflow)
            }
        }
    }

    pub(crate) fn node(&self, naming: &RefCell<Naming>, node: u32) -> Result<NodeAnswer, EngineError> {
        let named = self.named(naming);
        let Named { names, packages, .. } = &*named;
        let info = match self.view.inverted() {
            Some(tree) => {
                inverted_node_info(&self.trie, &mut tree.borrow_mut(), names, packages, node).map_err(refused)?
            }
            None => node_info(&self.trie, names, packages, node),
        };
        let info = info.ok_or_else(|| EngineError::new("unknown-node", format!("the result has no node {node}")))?;
        let diff = self.view.diff().map(|diff| &diff.tree);
        let base = |column: fn(&DiffTree) -> &[i64]| {
            diff.map(|diff| diff.base_output(column(diff).get(node as usize).copied().unwrap_or(0)))
        };
        Ok(NodeAnswer {
            node: info.node,
            name: info.name.to_owned(),
            system_name: info.system_name.to_owned(),
            file: info.file.to_owned(),
            line: info.line,
            package: info.package.to_owned(),
            binary: info.binary.to_owned(),
            depth: info.depth,
            self_value: info.self_value,
            total: info.total,
            children: info.children as u32,
            base_self: base(|diff| &diff.base_self),
            base_total: base(|diff| &diff.base_total),
            span: match self.view {
                View::Time(_) => self.layout()?.shares(&self.trie.tree, node),
                _ => None,
            },
        })
    }

    pub(crate) fn path(&self, naming: &RefCell<Naming>, node: u32) -> Vec<PathStepAnswer> {
        let named = self.named(naming);
        let steps = match self.view.inverted() {
            Some(tree) => inverted_path(&self.trie, &tree.borrow(), &named.names, node),
            None => path(&self.trie, &named.names, node),
        };
        let steps = steps.into_iter().map(|step| PathStepAnswer {
            node: step.node,
            name: step.name.to_owned(),
            shown: step.shown.to_owned(),
            total: step.total,
        });
        steps.collect()
    }

    pub(crate) fn resolve(&self, names: &[String]) -> Result<Option<u32>, EngineError> {
        match self.view.inverted() {
            Some(tree) => inverted_resolve(&self.trie, &mut tree.borrow_mut(), names).map_err(refused),
            None => Ok(resolve(&self.trie, names)),
        }
    }
}

/// The order of a top table by its name: `self`, `total` or `name`.
///
/// # Errors
/// `bad-argument`.
pub fn top_sort(name: &str) -> Result<TopSort, EngineError> {
    match name {
        "self" => Ok(TopSort::SelfValue),
        "total" => Ok(TopSort::Total),
        "name" => Ok(TopSort::Name),
        other => Err(EngineError::new("bad-argument", format!("cannot sort by {other:?}: self, total or name"))),
    }
}
