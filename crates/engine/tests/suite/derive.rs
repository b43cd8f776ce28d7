//! Views made of results, over real profiles.

use emberglass_engine::{
    Database, DeriveRequestText, DiffTopRequestText, DrawRequestText, NoYield, QueryAnswer, SelectionText, SourceInfo,
};
use emberglass_formats::{NoProgress, decode};
use emberglass_store::MemoryBackend;
use pollster::block_on as run;

use crate::common::decoded;

const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

/// Two folded files of one type, each a service.
fn database(files: &[(&str, &str)]) -> (Database<MemoryBackend>, Vec<QueryAnswer>) {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    for (service, text) in files {
        let batch = decode(text.as_bytes(), "x.folded", &mut NoProgress).unwrap();
        let name = format!("{service}.folded");
        let labels = vec![("service_name".to_owned(), (*service).to_owned())];
        let source = SourceInfo { name, imported_ms: 1e12, labels, ..SourceInfo::default() };
        let staged = run(db.stage(&batch, &source)).unwrap();
        run(db.flush()).unwrap();
        run(db.committed(staged.ticket)).unwrap();
    }
    let catalog = run(db.catalog(&NoYield)).unwrap();
    let answers = files.iter().map(|(service, _)| {
        let profile_type = catalog.services.iter().find(|of| of.name == *service).unwrap().types[0].id.clone();
        let matchers = format!("{{service_name=\"{service}\"}}");
        run(db.query(&SelectionText { profile_type, matchers, ..SelectionText::default() }, &NoYield)).unwrap()
    });
    let answers = answers.collect();
    (db, answers)
}

fn derive(db: &Database<MemoryBackend>, handle: u32, kind: &str, pattern: &str) -> QueryAnswer {
    let request = DeriveRequestText {
        handle,
        kind: kind.to_owned(),
        pattern: pattern.to_owned(),
        ..DeriveRequestText::default()
    };
    run(db.derive(&request, &NoYield)).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

const BASE: &str = "main;serve;parse 30\nmain;serve;write 20\nmain;gc 10\nmain;serve;parse;serve;parse 5\n";
const HEAD: &str = "main;serve;parse 60\nmain;serve;write 20\nmain;log;write 8\nmain;serve;parse;serve;parse 5\n";

#[test]
fn an_inverted_result_is_a_result() {
    let (db, answers) = database(&[("a", BASE)]);
    let inverted = derive(&db, answers[0].handle, "inverted", "");
    assert_eq!((inverted.view, inverted.total), ("inverted", 65));
    assert_eq!(answers[0].view, "flame");
    let handle = inverted.handle;
    let leaves = db.children(handle, 0, "total", 0, 2).unwrap();
    let rows: Vec<_> = leaves.rows.iter().map(|row| (row.name.as_str(), row.total, row.has_children)).collect();
    assert_eq!((rows, leaves.count), (vec![("parse", 35, true), ("write", 20, true)], 3));
    let node = db.resolve(handle, &names(&["parse", "serve", "main"])).unwrap().unwrap();
    let info = db.node(handle, node).unwrap();
    assert_eq!((info.name.as_str(), info.self_value, info.total, info.depth, info.children), ("main", 30, 30, 3, 0));
    assert_eq!(db.children(handle, node, "name", 0, 9).unwrap().count, 0);
    let path = db.path(handle, node).unwrap();
    assert_eq!(
        path.iter().map(|step| (step.name.as_str(), step.total)).collect::<Vec<_>>(),
        [("parse", 35), ("serve", 35), ("main", 30)]
    );
    assert_eq!(db.resolve(handle, &names(&["main"])).unwrap(), None);
    assert_eq!(db.search(handle, "serve").unwrap().sum, db.search(answers[0].handle, "serve").unwrap().sum);
    assert_eq!(db.top(handle, "self", true, 0, 1, "").unwrap().rows[0].self_value, 35);
    let request = DrawRequestText { x1: 1.0, depth1: 9, width: 650.0, min_width: 1.0, ..DrawRequestText::default() };
    let bytes = db.draw(handle, &request).unwrap();
    // total; parse, write, gc; serve x 2, main; main, main, parse; serve; main.
    assert_eq!(u32::from_le_bytes(bytes[8..12].try_into().unwrap()), 12);
    let stacks = db.stacks(handle, 1, 1).unwrap();
    assert_eq!(
        (stacks.count, stacks.rows[0].stack.clone(), stacks.rows[0].node),
        (4, names(&["main", "serve", "write"]), None)
    );
    assert_eq!(db.children(handle, 999, "total", 0, 9).unwrap_err().code, "unknown-node");
    assert_eq!(db.node(handle, 999).unwrap_err().code, "unknown-node");
    assert_eq!(run(db.batch(handle, &NoYield)).unwrap().tables[0].columns[0].values.iter().sum::<i64>(), 65);
}

#[test]
fn callers_and_callees_have_the_total_of_the_function() {
    let (db, answers) = database(&[("a", BASE)]);
    let total = db.top(answers[0].handle, "total", true, 0, 1, "\"parse\"").unwrap().rows[0].total;
    let callers = derive(&db, answers[0].handle, "callers", "\"parse\"");
    let callees = derive(&db, answers[0].handle, "callees", "\"parse\"");
    assert_eq!((callers.view, callees.view), ("callers", "callees"));
    assert_eq!((callers.total, callees.total, total), (35, 35, 35));
    let up = db.resolve(callers.handle, &names(&["parse", "serve", "main"])).unwrap().unwrap();
    assert_eq!(db.node(callers.handle, up).unwrap().total, 35);
    let down = db.resolve(callees.handle, &names(&["parse", "serve", "parse"])).unwrap().unwrap();
    assert_eq!(db.node(callees.handle, down).unwrap().total, 5);
    let either = derive(&db, answers[0].handle, "callees", "/^(gc|write)$/");
    assert_eq!((either.total, db.children(either.handle, 0, "name", 0, 9).unwrap().count), (30, 2));
    let refused = |kind: &str, pattern: &str| {
        let request = DeriveRequestText {
            handle: answers[0].handle,
            kind: kind.to_owned(),
            pattern: pattern.to_owned(),
            ..DeriveRequestText::default()
        };
        run(db.derive(&request, &NoYield)).unwrap_err().code
    };
    assert_eq!(refused("callers", ""), "bad-argument");
    assert_eq!(refused("callers", "/(/"), "bad-pattern");
    assert_eq!(refused("sideways", "x"), "bad-argument");
    assert_eq!(refused("diff", ""), "unknown-handle");
}

#[test]
fn a_diff_shows_both_sides() {
    let (db, answers) = database(&[("a", BASE), ("b", HEAD)]);
    let request = |normalised| DeriveRequestText {
        handle: answers[1].handle,
        base: answers[0].handle,
        kind: "diff".to_owned(),
        normalised,
        ..DeriveRequestText::default()
    };
    let diff = run(db.derive(&request(false), &NoYield)).unwrap();
    assert_eq!((diff.view, diff.total, diff.base_total), ("diff", 93, Some(65)));
    let gone = db.resolve(diff.handle, &names(&["main", "gc"])).unwrap().unwrap();
    let info = db.node(diff.handle, gone).unwrap();
    assert_eq!((info.self_value, info.total, info.base_self, info.base_total), (0, 0, Some(10), Some(10)));
    let below_main = db.resolve(diff.handle, &names(&["main"])).unwrap().unwrap();
    let children = db.children(diff.handle, below_main, "name", 0, 9).unwrap();
    let rows: Vec<_> =
        children.rows.iter().map(|row| (row.name.as_str(), row.base_total, row.total, row.color)).collect();
    assert_eq!(rows, [("gc", Some(10), 0, 1), ("log", Some(0), 8, 15), ("serve", Some(55), 85, 10)]);
    let page = |handle, filter: &str, pattern: &str| {
        let request = DiffTopRequestText {
            sort: "totalChange".to_owned(),
            descending: true,
            limit: 99,
            pattern: pattern.to_owned(),
            filter: filter.to_owned(),
            ..DiffTopRequestText::default()
        };
        let page = run(db.diff_top(handle, &request, &NoYield)).unwrap();
        assert_eq!(page.count as usize, page.rows.len());
        page.rows.into_iter().map(|row| row.of.name).collect::<Vec<_>>()
    };
    assert_eq!(page(diff.handle, "new", ""), names(&["log"]));
    assert_eq!(page(diff.handle, "gone", ""), names(&["gc"]));
    assert_eq!(page(diff.handle, "grown", ""), names(&["parse", "serve", "main", "write"]));
    // 20 of 65 is more than 28 of 93.
    let normalised = run(db.derive(&request(true), &NoYield)).unwrap();
    assert_eq!(page(normalised.handle, "shrunk", ""), names(&["write"]));
    assert_eq!(page(normalised.handle, "all", "\"main\""), names(&["main"]));
    assert_eq!(
        run(db.diff_top(answers[0].handle, &DiffTopRequestText::default(), &NoYield)).unwrap_err().code,
        "bad-argument"
    );
    let again = DeriveRequestText { handle: diff.handle, kind: "inverted".to_owned(), ..DeriveRequestText::default() };
    assert_eq!(run(db.derive(&again, &NoYield)).unwrap_err().code, "bad-argument");
    let drawn = DrawRequestText { x1: 1.0, depth1: 9, width: 650.0, min_width: 1.0, ..DrawRequestText::default() };
    assert_eq!(db.draw(diff.handle, &drawn).unwrap()[4], 2);
}

#[test]
fn the_call_graph_of_a_real_profile_agrees_with_its_top_table() {
    let batch = decoded("go/cpu.pb.gz");
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let source = SourceInfo { name: "cpu.pb.gz".to_owned(), imported_ms: 1e12, ..SourceInfo::default() };
    let staged = run(db.stage(&batch, &source)).unwrap();
    run(db.flush()).unwrap();
    run(db.committed(staged.ticket)).unwrap();
    let of = SelectionText { profile_type: CPU.to_owned(), matchers: "{}".to_owned(), ..SelectionText::default() };
    let answer = run(db.query(&of, &NoYield)).unwrap();
    let all = db.call_graph(answer.handle, u32::MAX).unwrap();
    assert_eq!((all.functions_left_out, all.edges_left_out), (0, 0));
    let top = db.top(answer.handle, "name", false, 0, u32::MAX, "").unwrap();
    assert_eq!(all.functions, top.rows);
    for function in &all.functions {
        // No call of a function weighs more than it.
        let into = all.edges.iter().filter(|edge| edge.callee == function.function);
        assert!(into.map(|edge| edge.value).all(|value| value <= function.total));
        // All that passes through a function and does not end there goes on.
        let out: i64 = all.edges.iter().filter(|edge| edge.caller == function.function).map(|edge| edge.value).sum();
        assert!(out >= function.total - function.self_value, "{}", function.name);
        let callees = derive(&db, answer.handle, "callees", &format!("\"{}\"", function.name));
        assert!(callees.total >= function.total);
    }
    let lines = run(db.lines(answer.handle, None, 0, u32::MAX, &NoYield)).unwrap();
    assert_eq!(lines.rows.iter().map(|row| row.self_value).sum::<i64>(), answer.total);
    assert_eq!(lines.count as usize, lines.rows.len());
    let inverted = derive(&db, answer.handle, "inverted", "").handle;
    assert_eq!(run(db.lines(inverted, None, 1, 1, &NoYield)).unwrap().rows[0], lines.rows[1]);
    let callees = derive(&db, answer.handle, "callees", "main").handle;
    assert_eq!(run(db.lines(callees, None, 0, 1, &NoYield)).unwrap_err().code, "bad-argument");
    let files = run(db.source_files(answer.handle, &NoYield)).unwrap();
    assert_eq!(files.iter().map(|of| of.self_value).sum::<i64>(), answer.total);
    let of_file = run(db.source_lines(answer.handle, &files[0].file, &NoYield)).unwrap();
    assert_eq!(of_file.iter().map(|of| of.self_value).sum::<i64>(), files[0].self_value);
    assert!(
        of_file.iter().all(|of| of.total <= files[0].total && of.functions.iter().all(|row| row.file == files[0].file))
    );
    assert_eq!(run(db.source_files(callees, &NoYield)).unwrap_err().code, "bad-argument");
    let few = db.call_graph(answer.handle, 5).unwrap();
    assert_eq!((few.functions.len(), few.functions_left_out as usize), (5, all.functions.len() - 5));
    assert_eq!(few.edges.len() + few.edges_left_out as usize, all.edges.len());
}

#[test]
fn nodes_of_a_diff_are_listed_by_what_became_of_them() {
    let (db, answers) = database(&[("a", BASE), ("b", HEAD)]);
    let request = DeriveRequestText {
        handle: answers[1].handle,
        base: answers[0].handle,
        kind: "diff".to_owned(),
        ..DeriveRequestText::default()
    };
    let diff = run(db.derive(&request, &NoYield)).unwrap();
    let nodes = |filter: &str, pattern: &str| {
        let request = DiffTopRequestText {
            sort: "total".to_owned(),
            descending: true,
            limit: 9,
            filter: filter.to_owned(),
            pattern: pattern.to_owned(),
            ..DiffTopRequestText::default()
        };
        let page = run(db.diff_nodes(diff.handle, &request, &NoYield)).unwrap();
        assert_eq!(page.count as usize, page.rows.len());
        page.rows.into_iter().map(|row| (row.of.name, row.of.base_total, row.of.total)).collect::<Vec<_>>()
    };
    let row = |name: &str, base, head| (name.to_owned(), base, head);
    assert_eq!(nodes("new", ""), [row("log", 0, 8), row("write", 0, 8)]);
    assert_eq!(nodes("gone", ""), [row("gc", 10, 0)]);
    assert_eq!(nodes("all", "write"), [row("write", 20, 20), row("write", 0, 8)]);
    assert_eq!(
        run(db.diff_nodes(answers[0].handle, &DiffTopRequestText::default(), &NoYield)).unwrap_err().code,
        "bad-argument"
    );

    // One input on each side tells nothing of chance.
    let sure = run(db.significance(diff.handle, &NoYield)).unwrap();
    assert_eq!((sure.base_inputs, sure.head_inputs, sure.enough, sure.changed), (1, 1, false, 0));
}

#[test]
fn how_sure_changes_are_is_told_of_whole_selections() {
    // A function that takes a tenth more in each of many inputs, and one that comes and goes.
    let folded = |slow: i64, at: i64| format!("main;work {}\nmain;slow {slow}\nmain;odd {}\n", 100 + at % 3, at % 2);
    let texts: Vec<(String, String)> = (0..24)
        .map(|at| {
            (if at < 12 { "before".to_owned() } else { "after".to_owned() }, folded(if at < 12 { 10 } else { 25 }, at))
        })
        .collect();
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    for (at, (service, text)) in texts.iter().enumerate() {
        let batch = decode(text.as_bytes(), "x.folded", &mut NoProgress).unwrap();
        let labels = vec![("service_name".to_owned(), service.clone())];
        let source =
            SourceInfo { name: format!("{at}.folded"), imported_ms: 1e12 + at as f64, labels, ..SourceInfo::default() };
        run(db.stage(&batch, &source)).unwrap();
    }
    run(db.flush()).unwrap();
    let profile_type = run(db.catalog(&NoYield)).unwrap().services[0].types[0].id.clone();
    let query = |service: &str, filters: &[&str]| {
        let matchers = format!("{{service_name=\"{service}\"}}");
        let filters = filters.iter().map(|&filter| filter.to_owned()).collect();
        let of = SelectionText { profile_type: profile_type.clone(), matchers, filters, ..SelectionText::default() };
        run(db.query(&of, &NoYield)).unwrap().handle
    };
    let diff = |base: u32, handle: u32| {
        let request = DeriveRequestText { handle, base, kind: "diff".to_owned(), ..DeriveRequestText::default() };
        run(db.derive(&request, &NoYield)).unwrap().handle
    };
    let handle = diff(query("before", &[]), query("after", &[]));
    let request =
        DiffTopRequestText { sort: "name".to_owned(), limit: 9, filter: "all".to_owned(), ..Default::default() };
    let before = run(db.diff_top(handle, &request, &NoYield)).unwrap();
    assert!(before.rows.iter().all(|row| row.total_p.is_none()));
    let sure = run(db.significance(handle, &NoYield)).unwrap();
    assert_eq!((sure.base_inputs, sure.head_inputs, sure.enough, sure.changed), (12, 12, true, 2));
    let rows = run(db.diff_top(handle, &request, &NoYield)).unwrap().rows;
    let p = |name: &str| rows.iter().find(|row| row.of.name == name).unwrap().total_p.unwrap();
    assert!(p("slow") < 1e-6 && p("work") < 1e-6 && p("odd") > 0.5 && p("main") == 1.0);
    let only =
        run(db.diff_top(handle, &DiffTopRequestText { significant: true, ..request.clone() }, &NoYield)).unwrap();
    assert_eq!(only.rows.iter().map(|row| row.of.name.as_str()).collect::<Vec<_>>(), ["slow", "work"]);
    let by_p = |descending| {
        let request = DiffTopRequestText { sort: "totalP".to_owned(), descending, ..request.clone() };
        run(db.diff_top(handle, &request, &NoYield)).unwrap().rows.into_iter().map(|row| row.total_p.unwrap())
    };
    assert!(by_p(false).is_sorted() && by_p(true).is_sorted_by(|a, b| a >= b));
    assert_eq!(by_p(false).count(), 4);
    let by_node = DiffTopRequestText { sort: "totalP".to_owned(), ..request.clone() };
    assert_eq!(run(db.diff_nodes(handle, &by_node, &NoYield)).unwrap_err().code, "bad-argument");
    let filtered = diff(query("before", &["hide:odd"]), query("after", &["hide:odd"]));
    assert_eq!(run(db.significance(filtered, &NoYield)).unwrap_err().code, "bad-argument");
}
