//! Views made of results, and each as a multiple of what it is measured against in the same run:
//! `cargo bench -p emberglass-views --bench derived`.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

#[path = "../../query/benches/made/mod.rs"]
mod made;

use std::cell::Cell;
use std::time::{Duration, Instant};

use emberglass_trie::{Granularity, MergedTrie, Merger, NoYield, YieldNow, at_once};
use emberglass_views::filter::{Filters, FrameGranularity};
use emberglass_views::{
    CallGraph, DiffRequest, DiffSort, DiffTree, DrawRequest, FunctionDiff, FunctionPackages, InvertedTree, Layout,
    Names, Pattern, Search, TopSort, TopTable, callees, callers, diff_draw_list, diff_nodes_sliced, diff_page_sliced,
    draw_list, heaviest_stacks_sliced, inverted_draw_list,
};
use made::{Program, Random, SEED, best, program, report};

const VIEW: DrawRequest =
    DrawRequest { focus: 0, x0: 0.0, x1: 1.0, depth0: 0, depth1: 45, width: 1600.0, min_width: 1.0, name_width: 30.0 };

/// A value for each stack; `every` so-manieth is left out.
fn merged(program: &Program, every: usize, random: &mut Random) -> MergedTrie {
    let mut values = vec![0i64; program.stacks.len()];
    for (at, value) in values.iter_mut().enumerate() {
        *value = if at % every == 0 { 0 } else { 1 + random.below(1000) as i64 };
    }
    let mut merger = Merger::new(Granularity::Function);
    merger.add(&program.symbols, program.stacks.parents(), program.stacks.frames(), &values, 0, 1).expect("sums fit");
    merger.finish().expect("sums fit")
}

/// Notes the longest time between two turns of others.
struct Longest {
    since: Cell<Instant>,
    longest: Cell<Duration>,
}

impl Longest {
    fn of<T>(what: &str, work: impl AsyncFnOnce(&Self) -> T) -> T {
        let this = Self { since: Cell::new(Instant::now()), longest: Cell::new(Duration::ZERO) };
        let done = at_once(async {
            let done = work(&this).await;
            this.yield_now().await;
            done
        });
        report(&format!("longest slice of {what}"), this.longest.get());
        done
    }
}

impl YieldNow for Longest {
    async fn yield_now(&self) {
        self.longest.set(self.longest.get().max(self.since.get().elapsed()));
        self.since.set(Instant::now());
    }
}

/// What a call can't be given up in.
fn slices(trie: &MergedTrie, other: &MergedTrie) {
    let names = Longest::of("its names", async |pause| Names::sliced(&trie.symbols, |_| None, pause).await);
    Longest::of("its packages", async |pause| FunctionPackages::sliced(trie, &names, pause).await);
    Longest::of("its layout", async |pause| Layout::sliced(trie, pause).await.expect("sums fit"));
    let mut inverted =
        Longest::of("its inverted tree", async |pause| InvertedTree::sliced(trie, pause).await.expect("sums fit"));
    let (packages, start) = (FunctionPackages::default(), Instant::now());
    inverted_draw_list(trie, &mut inverted, &names, &packages, None, &VIEW).expect("sums fit");
    report("first draw list of its inverted tree", start.elapsed());
    let pattern = Pattern::parse("/method42/").expect("a pattern");
    Longest::of("a search", async |pause| Search::sliced(trie, &names, &pattern, pause).await.expect("sums fit"));
    let functions = pattern.functions(trie, &names);
    Longest::of("callers", async |pause| callers(trie, &functions, pause).await.expect("sums fit"));
    Longest::of("callees", async |pause| callees(trie, &functions, pause).await.expect("sums fit"));
    Longest::of("its call graph", async |pause| CallGraph::sliced(trie, pause).await.expect("sums fit"));
    let graph = CallGraph::new(trie).expect("sums fit");
    let start = Instant::now();
    let shown = graph.among(&graph.shown(100)).len();
    report(&format!("{shown} calls among 100 functions"), start.elapsed());
    let batch = Longest::of("its batch", async |pause| {
        trie.to_batch_sliced(made::profile_type(), pause).await.expect("sums fit")
    });
    Longest::of("the bytes of the batch", async |pause| {
        let mut pieces = batch.wire_pieces();
        while pieces.next_piece().is_some() {
            pause.yield_now().await;
        }
    });
    Longest::of("its top table", async |pause| {
        let table = TopTable::sliced(trie, pause).await.expect("sums fit");
        table.put_in_order(trie, &names, TopSort::Total, true, pause).await;
    });
    Longest::of("its stacks in order", async |pause| heaviest_stacks_sliced(trie, pause).await);
    let diff = Longest::of("a diff", async |pause| DiffTree::sliced(other, trie, true, pause).await.expect("sums fit"));
    Longest::of("the layout of the diff", async |pause| diff.layout_sliced(pause).await.expect("sums fit"));
    let functions = Longest::of("the functions of the diff", async |pause| {
        FunctionDiff::sliced(&diff, pause).await.expect("sums fit")
    });
    let (sort, filter, change) = (DiffSort::SelfChange, None, None);
    let request = DiffRequest { sort, descending: true, offset: 0, limit: 100, filter, change, probabilities: None };
    Longest::of("a page of its functions", async |pause| {
        diff_page_sliced(&diff, &functions, &names, &request, pause).await
    });
    Longest::of("a page of its nodes", async |pause| diff_nodes_sliced(&diff, &names, &request, pause).await);
    for filter in ["hide:/method42/", "focus@package:/package4/", "collapse:/method/"] {
        let filters = Filters::parse(&[filter]).expect("a filter");
        let names_of = async |trie: &MergedTrie| Names::sliced(&trie.symbols, |_| None, &NoYield).await;
        let trie = trie.clone();
        Longest::of(filter, async |pause| filters.apply_sliced(trie, names_of, pause).await.expect("sums fit"));
    }
    let names_of = async |trie: &MergedTrie| Names::sliced(&trie.symbols, |_| None, &NoYield).await;
    let by_package = trie.clone();
    Longest::of("packages as frames", async |pause| {
        FrameGranularity::Package.apply_sliced(by_package, names_of, pause).await.expect("sums fit")
    });
}

fn against(what: &str, time: Duration, other: &str, of: Duration) {
    report(&format!("{what} ({:.2} x {other})", time.as_secs_f64() / of.as_secs_f64().max(1e-9)), time);
}

fn diffs(random: &mut Random) {
    let program = program(37_000, 20_000, random);
    let (base, head) = (merged(&program, 17, random), merged(&program, 13, random));
    let (_, merging) = best(5, || {
        let mut merger = Merger::new(Granularity::Function);
        merger.add_merged(&base).expect("sums fit");
        merger.add_merged(&head).expect("sums fit");
        merger.finish().expect("sums fit")
    });
    let nodes = [&base, &head].map(|trie| trie.tree.len());
    let (diff, time) = best(5, || DiffTree::new(&base, &head, true).expect("sums fit"));
    against(&format!("diff of {} and {} nodes", nodes[0], nodes[1]), time, "their merge", merging);
    let (layout, time) = best(5, || diff.layout().expect("sums fit"));
    report("its layout", time);
    let (_, time) = best(5, || FunctionDiff::of_tree(&diff).expect("sums fit").rows.len());
    report("its functions", time);
    let (list, time) =
        best(5, || diff_draw_list(&diff, &layout, &Names::default(), None, &VIEW).expect("sums fit").len());
    report(&format!("its draw list, {list} bytes"), time);
}

fn main() {
    let mut random = Random(SEED);
    diffs(&mut random);
    let program = program(330_000, 50_000, &mut random);
    let trie = merged(&program, 1_000_000_000, &mut random);
    let (names, packages) = (Names::default(), FunctionPackages::default());
    let nodes = trie.tree.len();
    let (_, flame) = best(3, || {
        let layout = Layout::new(&trie).expect("sums fit");
        draw_list(&trie, &layout, &names, &packages, None, &VIEW).expect("sums fit").len()
    });
    report(&format!("first view of {nodes} nodes from the root"), flame);
    let (seen, time) = best(3, || {
        let mut tree = InvertedTree::new(&trie).expect("sums fit");
        inverted_draw_list(&trie, &mut tree, &names, &packages, None, &VIEW).expect("sums fit");
        tree.len()
    });
    against(&format!("first inverted view, {seen} nodes seen"), time, "from the root", flame);
    let mut tree = InvertedTree::new(&trie).expect("sums fit");
    inverted_draw_list(&trie, &mut tree, &names, &packages, None, &VIEW).expect("sums fit");
    let again = || inverted_draw_list(&trie, &mut tree, &names, &packages, None, &VIEW).expect("sums fit").len();
    let (_, time) = best(10, again);
    against("the same view again", time, "from the root", flame);
    for pattern in ["method42", "package42."] {
        let functions = Pattern::parse(pattern).expect("a pattern").functions(&trie, &names);
        let count = functions.iter().filter(|&&matches| matches).count();
        let (cut, time) = best(3, || at_once(callers(&trie, &functions, &NoYield)).expect("sums fit").tree.len());
        against(&format!("callers of {count} functions, {cut} nodes"), time, "from the root", flame);
        let (cut, time) = best(3, || at_once(callees(&trie, &functions, &NoYield)).expect("sums fit").tree.len());
        against(&format!("callees of {count} functions, {cut} nodes"), time, "from the root", flame);
    }
    let (calls, time) = best(3, || CallGraph::new(&trie).expect("sums fit").calls());
    against(&format!("call graph, {calls} calls"), time, "from the root", flame);
    slices(&trie, &merged(&program, 13, &mut random));
}
