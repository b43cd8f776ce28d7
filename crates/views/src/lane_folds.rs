//! Lanes of a chart over time folded to a row of what they do: their outermost calls, without what these call.

use emberglass_trie::{MergedTrie, Tree, Work, YieldNow};

use crate::Layout;

/// Rows between two looks at the work that was done.
const PART: usize = 1 << 14;

/// A chart with some of its lanes folded.
#[derive(Clone, Debug)]
pub struct FoldedLanes {
    /// The lanes and what is left below them, with the values of the whole chart.
    pub trie: MergedTrie,
    /// Where they are.
    pub layout: Layout,
    /// Nodes of the lanes.
    pub lanes: Vec<u32>,
}

/// Columns of a chart that is written row by row.
#[derive(Debug, Default)]
struct Columns {
    tree: Tree,
    x: Vec<u64>,
    width: Vec<u64>,
}

impl Columns {
    fn push(&mut self, trie: &MergedTrie, layout: &Layout, node: u32, [parent, depth, end]: [u32; 3]) {
        let (of, at) = (&trie.tree, node as usize);
        self.tree.parent.push(parent);
        self.tree.key.push(of.key[at]);
        self.tree.depth.push(depth);
        self.tree.end.push(end);
        self.tree.self_value.push(of.self_value[at]);
        self.tree.total.push(of.total[at]);
        self.x.push(layout.x(node));
        self.width.push(layout.weight(of, node));
    }
}

/// Folds those of the `lanes` of a chart for which `is_folded` holds.
pub async fn fold_lanes(
    trie: &MergedTrie,
    layout: &Layout,
    lanes: &[u32],
    is_folded: impl Fn(u32) -> bool,
    pause: &impl YieldNow,
) -> FoldedLanes {
    let of = &trie.tree;
    let (mut columns, mut work) = (Columns::default(), Work::default());
    let mut folded = Vec::with_capacity(lanes.len());
    columns.push(trie, layout, 0, [0, 0, 0]);
    let mut bottom = 0;
    for &lane in lanes {
        let (begin, end) = (columns.tree.len() as u32, of.end[lane as usize]);
        let level = bottom + 1;
        folded.push(begin);
        if is_folded(lane) {
            columns.push(trie, layout, lane, [0, level, 0]);
            bottom = level;
            let mut call = lane + 1;
            while call < end {
                let row = columns.tree.len() as u32;
                columns.push(trie, layout, call, [begin, level + 1, row + 1]);
                bottom = level + 1;
                call = of.end[call as usize];
                if (row as usize).is_multiple_of(PART) {
                    work.done(PART, pause).await;
                }
            }
            let last = columns.tree.len() as u32;
            columns.tree.end[begin as usize] = last;
            continue;
        }
        let lower = of.depth[lane as usize];
        for node in lane..end {
            let at = node as usize;
            let parent = if node == lane { 0 } else { of.parent[at] - lane + begin };
            let depth = of.depth[at] - lower + level;
            bottom = bottom.max(depth);
            columns.push(trie, layout, node, [parent, depth, of.end[at] - lane + begin]);
            if at.is_multiple_of(PART) {
                work.done(PART, pause).await;
            }
        }
    }
    let Columns { mut tree, x, width } = columns;
    tree.end[0] = tree.parent.len() as u32;
    let trie = MergedTrie {
        tree,
        symbols: trie.symbols.clone(),
        line: trie.line.clone(),
        mapping: trie.mapping.clone(),
        ..*trie
    };
    let layout = Layout::placed_sliced(&trie, x, width, pause).await;
    FoldedLanes { trie, layout, lanes: folded }
}
