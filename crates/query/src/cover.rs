//! What the profiles of a range are read as: sums of whole steps where the block has them, and profiles.

use std::ops::Range;

use emberglass_store::Rollup;

/// Profile rows and roll-ups that are a range together, each profile once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) rows: Vec<u32>,
    pub(crate) rollups: Vec<Rollup>,
}

/// Covers `range`, of one series, with as few roll-ups as there are for it, and the rows between them. `rollups` are in the
/// order of the block.
pub(crate) fn cover(range: Range<u32>, rollups: &[Rollup], is_usable: impl Fn(&Rollup) -> bool) -> Cover {
    let mut cover = Cover::default();
    let mut at = range.start;
    let first = rollups.partition_point(|rollup| rollup.rows().start < range.start);
    for rollup in rollups.iter().skip(first).take_while(|rollup| rollup.rows().start < range.end) {
        let Range { start, end } = rollup.rows();
        // Of those that begin at a row the largest is first.
        if start >= at && end <= range.end && is_usable(rollup) {
            cover.rows.extend(at..start);
            cover.rollups.push(*rollup);
            at = end;
        }
    }
    cover.rows.extend(at..range.end);
    cover
}
