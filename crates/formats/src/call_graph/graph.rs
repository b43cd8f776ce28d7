//! Functions, their own values by line, and the calls between them.

use std::collections::HashMap;

use emberglass_profile::{ErrorCode, FunctionCosts, FunctionId, InputError, MappingId};
use foldhash::fast::FixedState;

/// Most functions, and most calls between two functions.
const MAX_ROWS: usize = 1 << 26;

/// Row of a function in a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

type Map<K> = HashMap<K, u32, FixedState>;

/// A call graph in columns; every value column has one entry a node, item or edge.
#[derive(Debug, Default)]
pub(crate) struct CallGraph {
    /// Function and binary of each node.
    pub(super) nodes: Vec<(FunctionId, MappingId)>,
    node_of: Map<(FunctionId, MappingId)>,
    /// Own values by line: node and line of each item.
    pub(super) items: Vec<(NodeId, u32)>,
    item_of: Map<(NodeId, u32)>,
    pub(super) item_values: Vec<Vec<i64>>,
    /// Caller and callee of each edge.
    pub(super) edges: Vec<(NodeId, NodeId)>,
    edge_of: Map<(NodeId, NodeId)>,
    pub(super) edge_values: Vec<Vec<i64>>,
}

fn overflow() -> InputError {
    InputError::new(ErrorCode::ValueOverflow, "the values of a function add up beyond 64 bits")
}

fn row_in<K: std::hash::Hash + Eq>(map: &mut Map<K>, key: K, new: usize) -> Result<usize, InputError> {
    if new >= MAX_ROWS {
        return Err(InputError::new(ErrorCode::TooLarge, "the file has too many functions or calls to hold"));
    }
    Ok(*map.entry(key).or_insert(new as u32) as usize)
}

/// Adds `values` to the row of each column, which is at most one behind its last.
fn add_to(columns: &mut [Vec<i64>], row: usize, values: &[i64]) -> Result<(), InputError> {
    for (at, column) in columns.iter_mut().enumerate() {
        let value = values.get(at).copied().unwrap_or(0);
        match column.get_mut(row) {
            Some(sum) => *sum = sum.checked_add(value).ok_or_else(overflow)?,
            None => column.push(value),
        }
    }
    Ok(())
}

impl CallGraph {
    /// A graph with so many values for each function.
    pub(crate) fn new(columns: usize) -> Self {
        Self { item_values: vec![Vec::new(); columns], edge_values: vec![Vec::new(); columns], ..Self::default() }
    }

    pub(crate) fn columns(&self) -> usize {
        self.item_values.len()
    }

    /// True if some function calls another, or itself.
    pub(crate) const fn has_calls(&self) -> bool {
        !self.edges.is_empty()
    }

    /// The node of a function in a binary.
    pub(crate) fn node(&mut self, function: FunctionId, mapping: MappingId) -> Result<NodeId, InputError> {
        let new = self.nodes.len();
        let row = row_in(&mut self.node_of, (function, mapping), new)?;
        if row == new {
            self.nodes.push((function, mapping));
        }
        Ok(NodeId(row as u32))
    }

    /// Adds own values of a function at a line, 0 where unknown.
    pub(crate) fn add_own(&mut self, node: NodeId, line: u32, values: &[i64]) -> Result<(), InputError> {
        let new = self.items.len();
        let row = row_in(&mut self.item_of, (node, line), new)?;
        if row == new {
            self.items.push((node, line));
        }
        add_to(&mut self.item_values, row, values)
    }

    /// Adds the inclusive values of calls.
    pub(crate) fn add_call(&mut self, caller: NodeId, callee: NodeId, values: &[i64]) -> Result<(), InputError> {
        let new = self.edges.len();
        let row = row_in(&mut self.edge_of, (caller, callee), new)?;
        if row == new {
            self.edges.push((caller, callee));
        }
        add_to(&mut self.edge_values, row, values)
    }

    /// Own values of each node, by column.
    pub(super) fn own(&self) -> Result<Vec<Vec<i64>>, InputError> {
        let mut own = vec![vec![0i64; self.nodes.len()]; self.columns()];
        for (own, values) in own.iter_mut().zip(&self.item_values) {
            for (&(node, _), &value) in self.items.iter().zip(values) {
                let sum = &mut own[node.index()];
                *sum = sum.checked_add(value).ok_or_else(overflow)?;
            }
        }
        Ok(own)
    }

    /// The function table: a row for each function, calls between nodes of one function left out.
    pub(crate) fn function_costs(&self, table: u32) -> Result<FunctionCosts, InputError> {
        let mut row_of: Map<FunctionId> = Map::default();
        let mut costs = FunctionCosts { table, ..FunctionCosts::default() };
        let mut rows = Vec::with_capacity(self.nodes.len());
        for &(function, _) in &self.nodes {
            let new = costs.function.len();
            let row = row_in(&mut row_of, function, new)?;
            if row == new {
                costs.function.push(function);
            }
            rows.push(row);
        }
        for (own, calls) in self.own()?.iter().zip(&self.edge_values) {
            let mut by_function = vec![0i64; costs.function.len()];
            for (&row, &value) in rows.iter().zip(own) {
                by_function[row] = by_function[row].checked_add(value).ok_or_else(overflow)?;
            }
            let mut total = by_function.clone();
            for (&(caller, callee), &value) in self.edges.iter().zip(calls) {
                let (caller, callee) = (rows[caller.index()], rows[callee.index()]);
                if caller != callee {
                    total[caller] = total[caller].checked_add(value).ok_or_else(overflow)?;
                }
            }
            costs.own.push(by_function);
            costs.total.push(total);
        }
        Ok(costs)
    }
}
