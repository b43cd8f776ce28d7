//! Questions about a large result that are given up between any two slices of their work, and asked again.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use emberglass_engine::{
    Ahead, Database, DeriveRequestText, DiffTopRequestText, DrawRequestText, EngineError, NoYield, SelectionText,
    SourceInfo, Watch, YieldNow,
};
use emberglass_formats::{NoProgress, decode};
use emberglass_store::MemoryBackend;
use pollster::block_on as run;

type Memory = Database<MemoryBackend>;

/// Waits for ever after so many turns of others.
struct Stuck(Cell<usize>);

impl YieldNow for Stuck {
    async fn yield_now(&self) {
        match self.0.get().checked_sub(1) {
            Some(left) => self.0.set(left),
            None => std::future::pending().await,
        }
    }
}

impl Watch for Stuck {}

/// Stacks of 40,000 functions: a fan below 200 callers, each leaf the innermost of several stacks.
fn folded(salt: usize) -> String {
    let stack = |at: usize| {
        format!("main{};caller{};f{};f{} {}\n", salt, at % 200, at % 40_000, (at * 7 + salt) % 40_000, 1 + at % 9)
    };
    (0..200_000).map(stack).collect()
}

fn stored(db: &Memory, name: &str, salt: usize) -> SelectionText {
    let batch = decode(folded(salt).as_bytes(), name, &mut NoProgress).unwrap();
    let labels = vec![("side".to_owned(), name.to_owned())];
    run(db.stage(&batch, &SourceInfo { name: name.to_owned(), labels, ..SourceInfo::default() })).unwrap();
    run(db.flush()).unwrap();
    let profile_type = run(db.catalog(&NoYield)).unwrap().services[0].types[0].id.clone();
    SelectionText { profile_type, matchers: format!("{{side={name:?}}}"), ..SelectionText::default() }
}

/// A database with two large profiles, and what selects each.
fn filled() -> (Memory, [SelectionText; 2]) {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let sides = [stored(&db, "base.folded", 0), stored(&db, "head.folded", 1)];
    (db, sides)
}

/// Asks again and again, each time given up one slice later, until there is an answer; says how many slices it took.
fn given_up<T, F: Future<Output = Result<T, EngineError>>>(ask: impl Fn(Stuck) -> F) -> (usize, T) {
    for turns in 0.. {
        let mut asking = pin!(ask(Stuck(Cell::new(turns))));
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => return (turns, answer.unwrap()),
            Poll::Pending => {}
        }
    }
    unreachable!("there is always one more turn")
}

#[test]
fn a_filtered_query_is_sliced_and_answers_the_same() {
    let (db, [_, of]) = filled();
    let (fresh, _) = filled();
    for (filters, granularity) in [
        (vec!["hide:/f1/"], None),
        (vec!["focus@file:/x/", "merge:/f2/"], None),
        (vec!["show-from:/caller/", "collapse:/f/"], None),
        (vec![], Some("package")),
    ] {
        let filters = filters.into_iter().map(str::to_owned).collect();
        let of = SelectionText { filters, granularity: granularity.map(str::to_owned), ..of.clone() };
        let (slices, answer) = given_up(async |stuck| db.query(&of, &stuck).await);
        assert!(slices > 2, "{of:?} took {slices} slices");
        let expected = run(fresh.query(&of, &NoYield)).unwrap();
        assert_eq!(
            (answer.total, answer.nodes, answer.functions),
            (expected.total, expected.nodes, expected.functions)
        );
        let rows = |db: &Memory, handle| db.top(handle, "self", true, 0, u32::MAX, "").unwrap().rows;
        assert!(rows(&db, answer.handle) == rows(&fresh, expected.handle));
    }
}

#[test]
fn views_of_a_result_are_sliced_and_answer_the_same() {
    let (db, sides) = filled();
    let [base, head] = sides.clone().map(|of| run(db.query(&of, &NoYield)).unwrap().handle);
    let at_once = |handle, base, kind: &str| {
        let request = DeriveRequestText {
            handle,
            base,
            kind: kind.to_owned(),
            pattern: "/f1/".to_owned(),
            ..DeriveRequestText::default()
        };
        let whole = run(db.derive(&request, &NoYield)).unwrap();
        let (slices, derived) = given_up(async |stuck| db.derive(&request, &stuck).await);
        assert!(slices > 1, "{kind} took {slices} slices");
        assert_eq!((derived.total, derived.nodes, derived.view), (whole.total, whole.nodes, whole.view));
        let draw = DrawRequestText { x1: 1.0, depth1: 9, width: 900.0, min_width: 1.0, ..DrawRequestText::default() };
        assert_eq!(db.draw(derived.handle, &draw).unwrap(), db.draw(whole.handle, &draw).unwrap());
        derived.handle
    };
    for kind in ["inverted", "callers", "callees"] {
        at_once(head, 0, kind);
    }
    let diff = at_once(head, base, "diff");
    let (slices, ()) = given_up(async |stuck| db.prepare(diff, Ahead::Diff, &stuck).await);
    assert!(slices > 1);
    for (sort, pattern) in [("selfChange", ""), ("name", "caller")] {
        let request = DiffTopRequestText {
            sort: sort.to_owned(),
            filter: "all".to_owned(),
            pattern: pattern.to_owned(),
            limit: 50,
            ..DiffTopRequestText::default()
        };
        // So few functions may take a single slice.
        let (_, page) = given_up(async |stuck| db.diff_top(diff, &request, &stuck).await);
        assert_eq!(page, run(db.diff_top(diff, &request, &NoYield)).unwrap());
        let (slices, page) = given_up(async |stuck| db.diff_nodes(diff, &request, &stuck).await);
        assert!(slices > 0, "nodes by {sort} took {slices} slices");
        assert_eq!(page, run(db.diff_nodes(diff, &request, &NoYield)).unwrap());
        assert!(page.rows.len() <= 50 && page.count > 50);
    }
}

#[test]
fn pages_of_a_result_are_made_ahead_in_slices() {
    let (db, [_, of]) = filled();
    let (fresh, _) = filled();
    let handle = run(db.query(&of, &NoYield)).unwrap().handle;
    let other = run(fresh.query(&of, &NoYield)).unwrap().handle;
    let prepare = |ahead: Ahead<'_>| given_up(async |stuck| db.prepare(handle, ahead, &stuck).await).0;
    // One that was given up is no obstacle to the next, of another kind.
    assert!(prepare(Ahead::Search("/f12/")) > 1);
    assert_eq!(db.search(handle, "/f12/").unwrap().sum, fresh.search(other, "/f12/").unwrap().sum);
    assert!(prepare(Ahead::Top { sort: "total", descending: true, search: "caller" }) > 1);
    let top = |db: &Memory, handle| db.top(handle, "total", true, 0, 50, "caller").unwrap().rows;
    assert!(top(&db, handle) == top(&fresh, other));
    assert!(prepare(Ahead::Stacks) > 1);
    assert_eq!(db.stacks(handle, 0, 9).unwrap().rows.len(), fresh.stacks(other, 0, 9).unwrap().rows.len());
    assert!(prepare(Ahead::CallGraph) > 0);
    let calls = |db: &Memory, handle| db.call_graph(handle, 300).unwrap();
    assert!(calls(&db, handle).edges == calls(&fresh, other).edges);
    let (slices, batch) = given_up(async |stuck| db.batch(handle, &stuck).await);
    assert!(slices > 0, "a batch took {slices} slices");
    assert_eq!(batch.to_wire(), run(fresh.batch(other, &NoYield)).unwrap().to_wire());
    // What is there takes no slice.
    assert_eq!(prepare(Ahead::CallGraph), 0);
    assert_eq!(prepare(Ahead::Draw("")), 0);
}
