//! What a summary is made of: the heaviest stacks, and values by package.

use emberglass_columns::{heap_sort_by, sorted_rows};
use emberglass_trie::MergedTrie;

use super::FunctionTable;

/// The nodes with the largest self values (of either sign), largest first, and how many more have one.
pub(super) fn heaviest(trie: &MergedTrie, limit: usize) -> (Vec<u32>, usize) {
    let values = &trie.tree.self_value;
    let nodes: Vec<u32> = (0..values.len() as u32).filter(|&node| values[node as usize] != 0).collect();
    let size = |at: u32| values[nodes[at as usize] as usize].unsigned_abs();
    // Rows are in depth-first order: of equal stacks the first one stays first.
    let order = sorted_rows(nodes.len(), &mut |a, b| size(b).cmp(&size(a)));
    let kept: Vec<u32> = order.into_iter().take(limit).map(|at| nodes[at as usize]).collect();
    let more = nodes.len() - kept.len();
    (kept, more)
}

/// Self values by package, largest first; the empty package is what nothing tells of.
pub(super) fn by_package<'a>(table: &FunctionTable<'a>) -> Vec<(&'a str, i128)> {
    let rows = &table.rows;
    let order = sorted_rows(rows.len(), &mut |a, b| rows[a as usize].package.cmp(rows[b as usize].package));
    let mut sums: Vec<(&str, i128)> = Vec::new();
    for at in order {
        let row = &rows[at as usize];
        match sums.last_mut() {
            Some((package, sum)) if *package == row.package => *sum += i128::from(row.self_value),
            _ => sums.push((row.package, i128::from(row.self_value))),
        }
    }
    heap_sort_by(&mut sums, |a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    sums
}
