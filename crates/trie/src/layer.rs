//! Rows of a layer on their way into the union of all layers.

use std::ops::Range;

use crate::sums::Sums;
use crate::{ChildIndex, TreeOverflow};

/// Values of a layer by row, times 10^-`scale` and divided by `divisor`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerValues<'a> {
    pub(crate) values: &'a [i64],
    pub(crate) scale: u8,
    pub(crate) divisor: u64,
}

impl LayerValues<'_> {
    pub(crate) fn get(&self, row: usize) -> i64 {
        self.values.get(row).copied().unwrap_or(0)
    }
}

/// Marks of rows on their way into the union.
const DEAD: u32 = u32::MAX;
const LIVE: u32 = 0;

/// A parent that is not above its child would be a damaged table: its child counts as the root's.
fn checked_parent(row: usize, parent: u32) -> usize {
    if (parent as usize) < row { parent as usize } else { 0 }
}

/// Which rows have a value in their subtree; `None` if no row has one.
pub(crate) fn live_rows(rows: usize, parent_of: &impl Fn(usize) -> u32, layer: &LayerValues<'_>) -> Option<Vec<u32>> {
    let mut live: Vec<u32> = (0..rows).map(|row| if layer.get(row) == 0 { DEAD } else { LIVE }).collect();
    for row in (1..rows).rev() {
        if live[row] == LIVE {
            live[checked_parent(row, parent_of(row))] = LIVE;
        }
    }
    live.contains(&LIVE).then_some(live)
}

/// Finds the nodes of live rows, whose callers have theirs already.
pub(crate) fn index_rows(
    index: &mut ChildIndex,
    node_of: &mut [u32],
    rows: Range<usize>,
    parent_of: &impl Fn(usize) -> u32,
    mut key_of: impl FnMut(usize) -> u32,
) {
    for row in rows {
        if node_of[row] != DEAD {
            node_of[row] = index.child(node_of[checked_parent(row, parent_of(row))], key_of(row)).0;
        }
    }
}

pub(crate) fn sum_rows(
    sums: &mut Sums,
    nodes: usize,
    node_of: &[u32],
    rows: Range<usize>,
    layer: &LayerValues<'_>,
) -> Result<(), TreeOverflow> {
    let column = sums.column(layer.divisor, layer.scale, nodes);
    for row in rows {
        let value = layer.get(row);
        if value != 0 {
            let sum = &mut column[node_of[row] as usize];
            *sum = sum.checked_add(i128::from(value)).ok_or(TreeOverflow)?;
        }
    }
    Ok(())
}
