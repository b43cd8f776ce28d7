//! Rows of a layer on their way into the union of all layers.

use crate::sums::Sums;
use crate::{ChildIndex, TreeOverflow, Work, YieldNow, slices, slices_back};

/// Values of a layer by row.
#[derive(Clone, Copy, Debug)]
pub struct LayerValues<'a> {
    /// Times 10^-`scale`; missing values are 0.
    pub values: &'a [i64],
    /// Decimal places.
    pub scale: u8,
    /// Each value counts as a so manieth: 1 to add, the number of profiles for their mean.
    pub divisor: u64,
}

impl LayerValues<'_> {
    pub(crate) fn get(&self, row: usize) -> i64 {
        self.values.get(row).copied().unwrap_or(0)
    }
}

/// Keys of the frames of labels around the stacks of a layer.
#[derive(Default)]
pub(crate) struct TagKeys {
    /// From the root on.
    pub(crate) roots: Vec<u32>,
    /// The leaf last.
    pub(crate) leaves: Vec<u32>,
}

/// Units of [`Work`] of a row that is looked up in the union.
pub(crate) const INDEXED: usize = 16;
/// Units of a node that gets a sum.
const NEW: usize = 2;

/// Marks of rows on their way into the union.
const DEAD: u32 = u32::MAX;
const LIVE: u32 = 0;

/// A parent that is not above its child would be a damaged table: its child counts as the root's.
fn checked_parent(row: usize, parent: u32) -> usize {
    if (parent as usize) < row { parent as usize } else { 0 }
}

/// Which rows have a value in their subtree; `None` if no row has one.
async fn live_rows(
    rows: usize,
    parent_of: &impl Fn(usize) -> u32,
    layer: &LayerValues<'_>,
    work: &mut Work,
    pause: &impl YieldNow,
) -> Option<Vec<u32>> {
    let mut live: Vec<u32> = Vec::with_capacity(rows);
    for part in slices(0..rows) {
        work.done(part.len(), pause).await;
        live.extend(part.map(|row| if layer.get(row) == 0 { DEAD } else { LIVE }));
    }
    for part in slices_back(1..rows) {
        work.done(part.len(), pause).await;
        for row in part {
            if live[row] == LIVE {
                live[checked_parent(row, parent_of(row))] = LIVE;
            }
        }
    }
    live.contains(&LIVE).then_some(live)
}

/// The column of a divisor and scale, with a value for each of `nodes`.
pub(crate) async fn grown<'s>(
    sums: &'s mut Sums,
    (divisor, scale): (u64, u8),
    nodes: usize,
    work: &mut Work,
    pause: &impl YieldNow,
) -> &'s mut [i128] {
    let known = sums.reserve(divisor, scale, nodes);
    for part in slices(known..nodes) {
        work.done(part.len() * NEW, pause).await;
        sums.column(divisor, scale, part.end);
    }
    sums.column(divisor, scale, nodes)
}

/// Adds the rows whose subtree holds a value to the union, and their values to the column of the divisor. Given up before its
/// end it leaves a part of them there.
pub(crate) async fn add_rows(
    (index, sums): (&mut ChildIndex, &mut Sums),
    rows: usize,
    parent_of: impl Fn(usize) -> u32,
    mut key_of: impl FnMut(usize) -> u32,
    (layer, ends): (&LayerValues<'_>, &TagKeys),
    work: &mut Work,
    pause: &impl YieldNow,
) -> Result<(), TreeOverflow> {
    let Some(mut node_of) = live_rows(rows, &parent_of, layer, work, pause).await else { return Ok(()) };
    node_of[0] = ends.roots.iter().fold(0, |node, &key| index.child(node, key).0);
    for part in slices(1..rows) {
        let mut units = part.len();
        for row in part {
            if node_of[row] != DEAD {
                node_of[row] = index.child(node_of[checked_parent(row, parent_of(row))], key_of(row)).0;
                units += INDEXED;
            }
        }
        work.done(units, pause).await;
    }
    if !ends.leaves.is_empty() {
        for part in slices(0..rows) {
            let mut units = part.len();
            for row in part.filter(|&row| layer.get(row) != 0) {
                node_of[row] = ends.leaves.iter().fold(node_of[row], |node, &key| index.child(node, key).0);
                units += INDEXED;
            }
            work.done(units, pause).await;
        }
    }
    let column = grown(sums, (layer.divisor, layer.scale), index.len(), work, pause).await;
    for part in slices(0..rows) {
        work.done(part.len(), pause).await;
        for row in part {
            let value = layer.get(row);
            if value != 0 {
                let sum = &mut column[node_of[row] as usize];
                *sum = sum.checked_add(i128::from(value)).ok_or(TreeOverflow)?;
            }
        }
    }
    Ok(())
}
