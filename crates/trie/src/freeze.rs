//! From rows in order of arrival to depth-first order.

use crate::tree::totals;
use crate::{ChildIndex, Tree, TreeOverflow};

const NONE: u32 = u32::MAX;

/// Rows whose subtree holds a value other than 0; the root always.
pub(crate) fn live_rows(parent_of: impl Fn(usize) -> u32, values: &[i128]) -> Vec<bool> {
    let mut live: Vec<bool> = values.iter().map(|&value| value != 0).collect();
    for row in (1..live.len()).rev() {
        if live[row] {
            live[parent_of(row) as usize] = true;
        }
    }
    if let Some(root) = live.first_mut() {
        *root = true;
    }
    live
}

/// The live rows of `index` in depth-first order, siblings by `rank` of their keys (a permutation of
/// 0..ranks over the keys of live rows), which becomes their key.
///
/// No comparisons: rows are counted into the order of their ranks, and in that order into the lists of
/// their parents.
pub(crate) fn freeze(
    index: &ChildIndex,
    values: &[i128],
    live: &[bool],
    rank: &[u32],
    ranks: usize,
) -> Result<Tree, TreeOverflow> {
    let (parents, keys) = (index.parents(), index.keys());
    let kept = |row: &u32| live[*row as usize];
    let rows = 1..index.len() as u32;
    let by_rank = counting_sort(rows.filter(kept), ranks, |row| rank[keys[row as usize] as usize] as usize);
    let (children, child_ends) = {
        let sorted = counting_sort(by_rank.into_iter(), index.len(), |row| parents[row as usize] as usize);
        let mut ends = vec![0u32; index.len()];
        for &row in &sorted {
            ends[parents[row as usize] as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        (sorted, ends)
    };
    let nodes = children.len() + 1;
    let mut tree = Tree {
        parent: Vec::with_capacity(nodes),
        key: Vec::with_capacity(nodes),
        depth: Vec::with_capacity(nodes),
        end: Vec::new(),
        self_value: Vec::with_capacity(nodes),
        total: Vec::new(),
    };
    let mut open = vec![(0u32, 0u32)];
    while let Some((row, parent)) = open.pop() {
        let node = tree.parent.len() as u32;
        let at = row as usize;
        tree.parent.push(parent);
        tree.key.push(if row == 0 { NONE } else { rank[keys[at] as usize] });
        tree.depth.push(if row == 0 { 0 } else { tree.depth[parent as usize] + 1 });
        tree.self_value.push(i64::try_from(values[at]).map_err(|_overflow| TreeOverflow)?);
        let first = if at == 0 { 0 } else { child_ends[at - 1] as usize };
        let below = &children[first..child_ends[at] as usize];
        open.extend(below.iter().rev().map(|&child| (child, node)));
    }
    tree.end = (1..=nodes as u32).collect();
    for node in (1..nodes).rev() {
        let parent = tree.parent[node] as usize;
        tree.end[parent] = tree.end[parent].max(tree.end[node]);
    }
    tree.total = totals(&tree.parent, &tree.self_value)?;
    Ok(tree)
}

/// `rows` by bucket (less than `buckets`), in the order given within a bucket.
fn counting_sort(
    rows: impl Iterator<Item = u32> + Clone,
    buckets: usize,
    bucket_of: impl Fn(u32) -> usize,
) -> Vec<u32> {
    let mut next = vec![0u32; buckets + 1];
    for row in rows.clone() {
        next[bucket_of(row) + 1] += 1;
    }
    for bucket in 1..next.len() {
        next[bucket] += next[bucket - 1];
    }
    let mut sorted = vec![0; next.last().copied().unwrap_or(0) as usize];
    for row in rows {
        let place = &mut next[bucket_of(row)];
        sorted[*place as usize] = row;
        *place += 1;
    }
    sorted
}
