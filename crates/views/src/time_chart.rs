//! Stacks over time: a lane for each thread, in it the calls as boxes from their begin to their end.
//!
//! A chart is a tree as any other, so that all that looks at trees (search, paths, names, draw lists) looks at it, too. Its
//! nodes are calls in order of time; equal frames of records that follow each other are one call. Values are nanoseconds.
//! The levels of a lane stand below those of the lanes before it.

use emberglass_columns::heap_sort_by;
use emberglass_profile::{Function, FunctionTable, StringId};
use emberglass_trie::{Granularity, MergedTrie, Tree};

use crate::Layout;

/// Most calls of a chart; levels below those that they fill are left out.
pub const MOST_CALLS: u64 = 4_000_000;

/// Records of one thread in order of time, one row a record.
#[derive(Clone, Copy, Debug)]
pub struct LaneRecords<'a> {
    /// What the lane is called.
    pub name: &'a str,
    /// Time, ns; never falls.
    pub time: &'a [i64],
    /// Node of the trie whose stack the record has; rows that are not there have none.
    pub node: &'a [u32],
    /// How long it lasts, ns, where that is known; else empty.
    pub lasts: &'a [i64],
}

/// Stacks over time.
#[derive(Clone, Debug)]
pub struct TimeChart {
    /// The lanes and, below them, the calls. Totals are the time in a call, without pauses of its lane.
    pub trie: MergedTrie,
    /// Where they are: a weight is a nanosecond, from `first`.
    pub layout: Layout,
    /// Nodes of the lanes.
    pub lanes: Vec<u32>,
    /// Time of the left edge, ns.
    pub first: i64,
    /// Time of the right edge, ns.
    pub last: i64,
    /// Levels of calls that were left out.
    pub left_out: u32,
}

/// Until when the records of a lane last.
#[derive(Clone, Copy, Debug)]
struct Spans<'a> {
    of: LaneRecords<'a>,
    /// How long a record lasts that does not say.
    usual: i64,
    /// Records last as long as they say; otherwise up to the next one, if that comes about when it is due.
    is_exact: bool,
}

impl<'a> Spans<'a> {
    fn new(of: LaneRecords<'a>) -> Self {
        let mut gaps: Vec<i64> = of.time.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        gaps.retain(|&gap| gap > 0);
        let fills = of.time.windows(2).zip(of.lasts).filter(|(pair, lasts)| pair[1].saturating_sub(pair[0]) == **lasts);
        let is_exact = !of.lasts.is_empty() && fills.count() * 2 >= of.time.len().saturating_sub(1);
        let middle = gaps.len() / 2;
        let usual = if gaps.is_empty() { 1 } else { *gaps.select_nth_unstable(middle).1 };
        Self { of, usual, is_exact }
    }

    /// From when until when a record lasts.
    fn span(&self, row: usize) -> (i64, i64) {
        let from = self.of.time.get(row).copied().unwrap_or_default();
        let lasts = self.of.lasts.get(row).copied().filter(|&lasts| lasts > 0).unwrap_or(self.usual);
        let until = from.saturating_add(lasts);
        match self.of.time.get(row + 1) {
            Some(&next) if next <= until || (!self.is_exact && next <= until.saturating_add(lasts)) => (from, next),
            _ => (from, until),
        }
    }
}

/// The calls that are open at a time, outermost first.
#[derive(Debug, Default)]
struct Open {
    /// Nodes of the trie.
    nodes: Vec<u32>,
    until: i64,
    /// Nodes that the next record opens, innermost first.
    path: Vec<u32>,
}

impl Open {
    /// Goes on to a record, whose stack is looked at down to a level; the number of calls that stay open. `path` then holds
    /// those that begin.
    fn go_on(&mut self, tree: &Tree, node: u32, (from, until): (i64, i64), deepest: u32) -> usize {
        let is_next = from <= self.until;
        self.until = until;
        self.path.clear();
        let mut at = if (node as usize) < tree.len() { node } else { 0 };
        while at != 0 {
            let level = tree.depth[at as usize];
            if is_next && self.nodes.get(level as usize - 1) == Some(&at) {
                break;
            }
            if level <= deepest {
                self.path.push(at);
            }
            at = tree.parent[at as usize];
        }
        let stay = tree.depth[at as usize] as usize;
        self.nodes.truncate(stay);
        self.nodes.extend(self.path.iter().rev());
        stay
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Count,
    Build,
    Done,
}

/// Makes a chart: [`Self::step`] until there is no more, then [`Self::finish`].
#[derive(Debug)]
pub struct TimeCharting<'a> {
    trie: &'a MergedTrie,
    lanes: Vec<Spans<'a>>,
    stage: Stage,
    lane: usize,
    row: usize,
    open: Open,
    /// Calls by level of the trie.
    calls: Vec<u64>,
    /// Deepest level of the trie that is shown.
    deepest: u32,
    first: i64,
    last: i64,
    tree: Tree,
    x: Vec<u64>,
    width: Vec<u64>,
    headers: Vec<u32>,
    /// Nodes of the chart that are open, the lane first.
    stack: Vec<u32>,
    /// Deepest level of the chart in this lane.
    bottom: u32,
}

impl<'a> TimeCharting<'a> {
    /// Begins the chart of lanes over the nodes of a trie; lanes without records are left out.
    #[must_use]
    pub fn new(trie: &'a MergedTrie, lanes: &[LaneRecords<'a>]) -> Self {
        let lanes: Vec<Spans<'a>> =
            lanes.iter().filter(|lane| !lane.time.is_empty()).map(|&lane| Spans::new(lane)).collect();
        let first = lanes.iter().filter_map(|lane| lane.of.time.first().copied()).min().unwrap_or(0);
        let last = lanes.iter().map(|lane| lane.span(lane.of.time.len() - 1).1).max().unwrap_or(first);
        let levels = trie.tree.max_depth();
        let mut charting = Self {
            trie,
            lanes,
            stage: Stage::Count,
            lane: 0,
            row: 0,
            open: Open::default(),
            calls: vec![0; levels as usize + 1],
            deepest: levels,
            first,
            last,
            tree: Tree::default(),
            x: Vec::new(),
            width: Vec::new(),
            headers: Vec::new(),
            stack: Vec::new(),
            bottom: 0,
        };
        charting.push(0, 0, 0, 0, first);
        if let Some(width) = charting.width.first_mut() {
            *width = charting.last.abs_diff(first);
        }
        charting
    }

    /// Looks at so many more records; false once all are done.
    pub fn step(&mut self, records: usize) -> bool {
        for _ in 0..records {
            let Some(&lane) = self.lanes.get(self.lane) else {
                self.next_stage();
                if self.stage == Stage::Done {
                    return false;
                }
                continue;
            };
            if self.row == 0 {
                self.open = Open { until: i64::MIN, ..Open::default() };
                if self.stage == Stage::Build {
                    self.begin_lane();
                }
            }
            let span = lane.span(self.row);
            // Of records at the same time the last one is shown.
            if span.0 < span.1 {
                let node = lane.of.node.get(self.row).copied().unwrap_or(u32::MAX);
                let stay = self.open.go_on(&self.trie.tree, node, span, self.deepest);
                match self.stage {
                    Stage::Build => self.calls_of_record(span, stay),
                    _ => self.count(),
                }
            }
            self.row += 1;
            if self.row == lane.of.time.len() {
                self.close(0);
                (self.lane, self.row) = (self.lane + 1, 0);
            }
        }
        self.stage != Stage::Done
    }

    fn count(&mut self) {
        for &node in &self.open.path {
            self.calls[self.trie.tree.depth[node as usize] as usize] += 1;
        }
    }

    fn next_stage(&mut self) {
        (self.lane, self.row) = (0, 0);
        self.stage = match self.stage {
            Stage::Count => {
                let mut sum = 0;
                let fits = self.calls.iter().take_while(|&&calls| {
                    sum += calls;
                    sum <= MOST_CALLS
                });
                self.deepest = (fits.count() as u32).saturating_sub(1);
                Stage::Build
            }
            Stage::Build | Stage::Done => Stage::Done,
        };
    }

    fn push(&mut self, parent: u32, key: u32, depth: u32, self_value: i64, from: i64) {
        self.tree.parent.push(parent);
        self.tree.key.push(key);
        self.tree.depth.push(depth);
        self.tree.end.push(0);
        self.tree.self_value.push(self_value);
        self.tree.total.push(0);
        self.x.push(from.abs_diff(self.first));
        self.width.push(0);
    }

    fn begin_lane(&mut self) {
        let node = self.tree.len() as u32;
        self.bottom += 1;
        let lane = self.headers.len() as u32;
        self.push(0, lane, self.bottom, 0, self.first);
        self.width[node as usize] = self.last.abs_diff(self.first);
        self.headers.push(node);
        self.stack = vec![node];
    }

    fn calls_of_record(&mut self, (from, until): (i64, i64), stay: usize) {
        self.close(stay + 1);
        let Some(&lane) = self.stack.first() else { return };
        let base = self.tree.depth[lane as usize];
        for at in (0..self.open.path.len()).rev() {
            let of = self.open.path[at] as usize;
            let node = self.tree.len() as u32;
            let depth = base + self.trie.tree.depth[of];
            let parent = self.stack.last().copied().unwrap_or(lane);
            self.push(parent, self.trie.tree.key[of], depth, 0, from);
            self.stack.push(node);
            self.bottom = self.bottom.max(depth);
        }
        // A record without a stack is a pause.
        if self.stack.len() > 1
            && let Some(&node) = self.stack.last()
        {
            self.tree.self_value[node as usize] += until.saturating_sub(from);
        }
        for &node in self.stack.iter().skip(1) {
            self.width[node as usize] = until.abs_diff(self.first).saturating_sub(self.x[node as usize]);
        }
    }

    /// Ends all calls but the outermost `stay` (the lane counts as one).
    fn close(&mut self, stay: usize) {
        let end = self.tree.len() as u32;
        while self.stack.len() > stay
            && let Some(node) = self.stack.pop()
        {
            self.tree.end[node as usize] = end;
        }
    }

    /// The chart of all that was looked at.
    #[must_use]
    pub fn finish(self) -> TimeChart {
        let Self { trie, lanes, mut tree, x, width, headers, first, last, deepest, calls, .. } = self;
        for node in (1..tree.len()).rev() {
            tree.total[node] = tree.total[node].saturating_add(tree.self_value[node]);
            let (total, parent) = (tree.total[node], tree.parent[node] as usize);
            tree.total[parent] = tree.total[parent].saturating_add(total);
        }
        if let Some(end) = tree.end.first_mut() {
            *end = tree.parent.len() as u32;
        }
        let names: Vec<&str> = lanes.iter().map(|lane| lane.of.name).collect();
        let trie = named(trie, tree, &headers, &names);
        let layout = Layout::placed(&trie, x, width);
        let left_out = calls.iter().skip(deepest as usize + 1).filter(|&&calls| calls > 0).count() as u32;
        TimeChart { trie, layout, lanes: headers, first, last, left_out }
    }
}

/// The trie of a tree whose keys are functions of `of`, those of `headers` rows of `names`: functions stay sorted by name.
fn named(of: &MergedTrie, mut tree: Tree, headers: &[u32], names: &[&str]) -> MergedTrie {
    let mut symbols = of.symbols.clone();
    let count = symbols.functions.len() as u32;
    let mut rows: Vec<(Function, u32)> = symbols.functions.iter().zip(0..).collect();
    for (name, row) in names.iter().zip(count..) {
        let name = symbols.strings.intern(name);
        rows.push((Function { name, ..Function::default() }, row));
    }
    let text = |id: StringId| symbols.strings.get(id);
    let key = |of: &Function| (text(of.name), text(of.file), text(of.system_name));
    heap_sort_by(&mut rows, |(a, at), (b, bt)| (key(a), at).cmp(&(key(b), bt)));
    let mut functions = FunctionTable::default();
    let mut row_of = vec![0u32; rows.len()];
    let (mut line, mut mapping) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (function, old) in rows {
        row_of[old as usize] = functions.push(function).0;
        line.push(of.line.get(old as usize).copied().unwrap_or(0));
        mapping.push(of.mapping.get(old as usize).copied().unwrap_or_default());
    }
    for &node in headers {
        let key = &mut tree.key[node as usize];
        *key += count;
    }
    for key in tree.key.iter_mut().skip(1) {
        *key = row_of.get(*key as usize).copied().unwrap_or(*key);
    }
    symbols.functions = functions;
    MergedTrie {
        tree,
        symbols,
        line,
        mapping,
        granularity: Granularity::Function,
        scale: 0,
        divisor: 1,
        output_digits: 0,
        negative: false,
    }
}
