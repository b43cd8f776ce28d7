//! Pages of what a result shows: children of a node, whole stacks, functions of a diff, the call graph.

use std::cell::RefCell;
use std::cmp::Ordering;

use emberglass_columns::sorted_rows;
use emberglass_profile::FunctionId;
use emberglass_query::YieldNow;
use emberglass_trie::{MergedTrie, NoYield, at_once};
use emberglass_views::{
    Change, DiffRequest, DiffSort, DiffTree, TopSort, diff_nodes_sliced, diff_page_sliced, lines_sliced, path,
    share_change,
};

use crate::EngineError;
use crate::ahead::Ahead;
use crate::answers::{
    CallEdgeAnswer, CallGraphAnswer, ChangeAnswer, ChildAnswer, ChildrenAnswer, DiffNodeAnswer, DiffNodesAnswer,
    DiffTopAnswer, DiffTopRequestText, DiffTopRowAnswer, LineAnswer, LinesAnswer, StackAnswer, StacksAnswer,
    TopRowAnswer,
};
use crate::derive::{DiffView, refused};
use crate::naming::Naming;
use crate::results::{Named, QueryResult, overflow, top_sort};
use crate::significance::Significance;
use crate::sorted_nodes::Nodes;

/// Most names of a stack that are handed out.
const STACK_NAMES: usize = 512;

fn bad_argument(message: String) -> EngineError {
    EngineError::new("bad-argument", message)
}

fn diff_sort(name: &str) -> Result<DiffSort, EngineError> {
    Ok(match name {
        "totalChange" => DiffSort::TotalChange,
        "selfChange" => DiffSort::SelfChange,
        "self" => DiffSort::SelfValue,
        "total" => DiffSort::Total,
        "baseSelf" => DiffSort::BaseSelf,
        "baseTotal" => DiffSort::BaseTotal,
        "name" => DiffSort::Name,
        "totalP" => DiffSort::TotalP,
        other => {
            let known = "totalChange, selfChange, self, total, baseSelf, baseTotal, name or totalP";
            return Err(bad_argument(format!("cannot sort by {other:?}: {known}")));
        }
    })
}

fn diff_request<'a>(of: &DiffTopRequestText, filter: Option<&'a [bool]>) -> Result<DiffRequest<'a>, EngineError> {
    Ok(DiffRequest {
        sort: diff_sort(&of.sort)?,
        descending: of.descending,
        offset: of.offset as usize,
        limit: of.limit as usize,
        filter,
        change: change_filter(&of.filter)?,
        probabilities: None,
    })
}

fn change_filter(name: &str) -> Result<Option<Change>, EngineError> {
    if name == "all" {
        return Ok(None);
    }
    let known = Change::parse(name).filter(|known| *known != Change::Same);
    known.map(Some).ok_or_else(|| bad_argument(format!("cannot filter by {name:?}: all, new, gone, grown or shrunk")))
}

/// A node of any view, with values not yet divided.
#[derive(Clone, Copy)]
struct Child {
    node: u32,
    function: FunctionId,
    self_value: i64,
    total: i64,
    has_children: bool,
}

/// Where a function is.
struct Place {
    file: String,
    line: u32,
    package: String,
}

impl QueryResult {
    fn child_nodes(&self, node: u32) -> Result<Vec<Child>, EngineError> {
        let trie = &self.trie;
        let tree = &trie.tree;
        let missing = || EngineError::new("unknown-node", format!("the result has no node {node}"));
        if let Some(inverted) = self.view.inverted() {
            let mut inverted = inverted.borrow_mut();
            if inverted.get(node).is_none() {
                return Err(missing());
            }
            let children = inverted.children(trie, node).map_err(refused)?;
            let child = |node| {
                let of = inverted.get(node)?;
                Some(Child {
                    node,
                    function: FunctionId(of.key),
                    self_value: of.self_value,
                    total: of.total,
                    has_children: of.has_children(),
                })
            };
            return Ok(children.filter_map(child).collect());
        }
        if node as usize >= tree.len() {
            return Err(missing());
        }
        let child = |node: u32| {
            let at = node as usize;
            Child {
                node,
                function: FunctionId(tree.key[at]),
                self_value: tree.self_value[at],
                total: tree.total[at],
                has_children: tree.end[at] > node + 1,
            }
        };
        Ok(tree.children(node).map(child).collect())
    }

    /// A page of the children of a node: by `self` or `total` the largest first, or by `name`.
    pub(crate) fn children(
        &self,
        naming: &RefCell<Naming>,
        node: u32,
        sort: &str,
        offset: u32,
        limit: u32,
    ) -> Result<ChildrenAnswer, EngineError> {
        let sort = top_sort(sort)?;
        let children = self.child_nodes(node)?;
        let trie = &self.trie;
        let named = self.named(naming);
        let name = |of: &Child| named.names.get(trie, of.function);
        let order = sorted_rows(children.len(), &mut |a, b| {
            let [a, b] = [&children[a as usize], &children[b as usize]];
            match sort {
                TopSort::SelfValue => b.self_value.cmp(&a.self_value),
                TopSort::Total => b.total.cmp(&a.total),
                TopSort::Name => Ordering::Equal,
            }
            .then_with(|| name(a).cmp(name(b)))
        });
        let diff = self.view.diff().map(|diff| &diff.tree);
        let row = |at: u32| {
            let of = &children[at as usize];
            let Place { file, line, package } = self.place_of(&named, of.function);
            let base = |column: &[i64]| column.get(of.node as usize).copied().unwrap_or(0);
            ChildAnswer {
                node: of.node,
                name: name(of).to_owned(),
                file,
                line,
                package,
                color: match diff {
                    Some(diff) => diff.color(diff.node_totals(of.node)),
                    None => named.packages.color(of.function),
                },
                self_value: trie.output(of.self_value),
                total: trie.output(of.total),
                has_children: of.has_children,
                base_self: diff.map(|diff| diff.base_output(base(&diff.base_self))),
                base_total: diff.map(|diff| diff.base_output(base(&diff.base_total))),
            }
        };
        let rows = order.into_iter().skip(offset as usize).take(limit as usize).map(row);
        Ok(ChildrenAnswer { rows: rows.collect(), count: children.len() as u32 })
    }

    /// A page of whole stacks, the heaviest first.
    pub(crate) fn stacks(&self, naming: &RefCell<Naming>, offset: u32, limit: u32) -> StacksAnswer {
        let trie = &self.trie;
        let named = self.named(naming);
        let order = at_once(self.heaviest(&NoYield));
        let row = |&node: &u32| {
            let mut stack = path(trie, &named.names, node);
            let depth = stack.len() as u32;
            let shown = stack.split_off(stack.len().saturating_sub(STACK_NAMES));
            StackAnswer {
                node: self.view.inverted().is_none().then_some(node),
                stack: shown.into_iter().map(|step| step.shown.to_owned()).collect(),
                depth,
                self_value: trie.output(trie.tree.self_value[node as usize]),
            }
        };
        let rows = order.iter().skip(offset as usize).take(limit as usize).map(row);
        StacksAnswer { rows: rows.collect(), count: order.len() as u32 }
    }

    /// A page of the functions of a diff.
    pub(crate) async fn diff_top(
        &self,
        naming: &RefCell<Naming>,
        request: &DiffTopRequestText,
        pause: &impl YieldNow,
    ) -> Result<DiffTopAnswer, EngineError> {
        let diff = self.as_diff()?;
        let significance = diff.significance.get();
        self.prepare(naming, Ahead::Diff, pause).await?;
        let filter = self.diff_filter(naming, request, significance, pause).await?;
        let request = diff_request(request, filter.as_deref())?;
        let named = self.name(naming, pause).await;
        let (tree, functions) = (&diff.tree, diff.functions(pause).await?);
        let probabilities = match significance.filter(|_| request.sort == DiffSort::TotalP) {
            Some(significance) => {
                Some(significance.of_totals(functions, self.trie.symbols.functions.len(), pause).await)
            }
            None => None,
        };
        let request = DiffRequest { probabilities: probabilities.as_deref(), ..request };
        let page = diff_page_sliced(tree, functions, &named.names, &request, pause).await;
        let rows = page.rows.into_iter().map(|(row, name)| {
            let p = significance.and_then(|of| of.of(&row.name));
            let function = FunctionId(row.functions.start);
            let (values, of) = ([row.self_value, row.total], (row.change, functions.totals));
            DiffTopRowAnswer {
                function: function.0,
                of: self.changed(tree, &named, (function, name), values, of),
                self_p: p.map(|p| p[0]),
                total_p: p.map(|p| p[1]),
            }
        });
        Ok(DiffTopAnswer { rows: rows.collect(), count: page.count as u32 })
    }

    /// A page of the nodes of a diff.
    pub(crate) async fn diff_nodes(
        &self,
        naming: &RefCell<Naming>,
        request: &DiffTopRequestText,
        pause: &impl YieldNow,
    ) -> Result<DiffNodesAnswer, EngineError> {
        let diff = self.as_diff()?;
        let significance = diff.significance.get();
        // Of no effect before that is known.
        let significant = request.significant && significance.is_some();
        let named = self.name(naming, pause).await;
        let tree = &diff.tree;
        let totals = tree.totals();
        let sort = async |request: &DiffTopRequestText| {
            let filter = self.diff_filter(naming, request, significance, pause).await?;
            let request = diff_request(request, filter.as_deref())?;
            if request.sort == DiffSort::TotalP {
                return Err(bad_argument("nodes have no probabilities to sort by".to_owned()));
            }
            let page = diff_nodes_sliced(tree, &named.names, &request, pause).await;
            Ok(Nodes { rows: page.rows.into_iter().map(|(row, _)| row).collect(), count: page.count })
        };
        let page = diff.nodes.page(&DiffTopRequestText { significant, ..request.clone() }, sort).await?;
        let rows = page.rows.into_iter().map(|row| {
            let name = named.names.get(&tree.trie, row.function);
            let (values, of) = ([row.self_value, row.total], (tree.change(row.total), totals));
            DiffNodeAnswer { node: row.node, of: self.changed(tree, &named, (row.function, name), values, of) }
        });
        Ok(DiffNodesAnswer { rows: rows.collect(), count: page.count as u32 })
    }

    /// What became of a function or a node of a diff, of self value and total on both sides.
    fn changed(
        &self,
        tree: &DiffTree,
        named: &Named,
        (function, name): (FunctionId, &str),
        [self_value, total]: [[i64; 2]; 2],
        (change, totals): (Change, [i64; 2]),
    ) -> ChangeAnswer {
        let Place { file, line, package } = self.place_of(named, function);
        ChangeAnswer {
            name: name.to_owned(),
            file,
            line,
            package,
            change: change.as_str(),
            base_self: tree.base_output(self_value[0]),
            self_value: tree.trie.output(self_value[1]),
            base_total: tree.base_output(total[0]),
            total: tree.trie.output(total[1]),
            self_change: share_change(self_value, totals),
            total_change: share_change(total, totals),
        }
    }

    fn place_of(&self, named: &Named, function: FunctionId) -> Place {
        let of = self.trie.symbols.functions.get(function).unwrap_or_default();
        Place {
            file: self.trie.symbols.text(of.file).to_owned(),
            line: self.trie.line.get(function.index()).copied().unwrap_or(0),
            package: named.packages.package(function).to_owned(),
        }
    }

    pub(crate) fn as_diff(&self) -> Result<&DiffView, EngineError> {
        self.view.diff().ok_or_else(|| bad_argument("the result is no diff".to_owned()))
    }

    /// The functions of a diff that a request is about; all without.
    async fn diff_filter(
        &self,
        naming: &RefCell<Naming>,
        request: &DiffTopRequestText,
        significance: Option<&Significance>,
        pause: &impl YieldNow,
    ) -> Result<Option<Vec<bool>>, EngineError> {
        let matching = match request.pattern.is_empty() {
            true => None,
            false => Some(self.matching_sliced(naming, &request.pattern, pause).await?),
        };
        let Some(significance) = significance.filter(|_| request.significant) else { return Ok(matching) };
        let symbols = &self.trie.symbols;
        let changed = (0..symbols.functions.len() as u32).map(|at| {
            let is_found = matching.as_ref().is_none_or(|matching| matching[at as usize]);
            is_found && significance.is_significant(symbols.function_name(FunctionId(at)))
        });
        Ok(Some(changed.collect()))
    }

    /// A page of the lines of `trie`, which is this by line.
    pub(crate) async fn lines(
        trie: &MergedTrie,
        file: Option<&str>,
        offset: u32,
        limit: u32,
        pause: &impl YieldNow,
    ) -> Result<LinesAnswer, EngineError> {
        let rows = lines_sliced(trie, file, TopSort::SelfValue, pause).await.map_err(overflow)?;
        let count = rows.len() as u32;
        let page = rows.into_iter().skip(offset as usize).take(limit as usize).map(LineAnswer::from);
        Ok(LinesAnswer { rows: page.collect(), count })
    }

    /// The `limit` functions with the largest totals, and the calls among them.
    pub(crate) fn call_graph(&self, naming: &RefCell<Naming>, limit: u32) -> Result<CallGraphAnswer, EngineError> {
        let trie = &self.trie;
        let named = self.named(naming);
        let graph = at_once(self.calls(&NoYield))?;
        let shown = graph.shown(limit as usize);
        let is_shown = |of: FunctionId| shown.get(of.index()).copied().unwrap_or(false);
        let row = |function: FunctionId| {
            let (self_value, total) = graph.functions.values(function);
            let Place { file, line, package } = self.place_of(&named, function);
            TopRowAnswer {
                function: function.0,
                name: named.names.get(trie, function).to_owned(),
                file,
                line,
                package,
                color: named.packages.color(function),
                self_value: trie.output(self_value),
                total: trie.output(total),
            }
        };
        let functions = (0..shown.len() as u32).map(FunctionId).filter(|&of| is_shown(of)).map(row).collect::<Vec<_>>();
        let edge = graph.among(&shown).into_iter().map(|edge| CallEdgeAnswer {
            caller: edge.caller.0,
            callee: edge.callee.0,
            value: trie.output(edge.value),
        });
        let edges: Vec<_> = edge.collect();
        Ok(CallGraphAnswer {
            functions_left_out: (shown.len() - functions.len()) as u32,
            edges_left_out: (graph.calls() - edges.len()) as u32,
            functions,
            edges,
        })
    }
}
