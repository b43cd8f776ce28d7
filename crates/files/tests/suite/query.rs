//! Questions to files, against values added up by hand.

use emberglass_files::{FileSet, Place, QueryOptions};
use emberglass_formats::{Members, NoProgress, SliceSource};
use emberglass_labels::Selector;
use emberglass_query::parse_moment;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::opened;

/// Folded stacks below these paths, dated by their modification in ms.
fn files(of: &[(&str, f64, &str)]) -> FileSet {
    let mut set = FileSet::default();
    for &(path, modified_ms, text) in of {
        let mut members = Members::new(SliceSource(text.as_bytes()), path);
        let member = members.next(&mut NoProgress).unwrap();
        set.add_member_of(member, Place { path: path.to_owned(), modified_ms, is_head: false }).unwrap();
    }
    set
}

fn shop() -> FileSet {
    files(&[
        ("shop/eu/1.folded", 10_000.0, "main;pay 3\nmain;list 1\n"),
        ("shop/eu/2.folded", 20_000.0, "main;pay 5\nmain;pay;log 4\n"),
        ("shop/us/1.folded", 10_500.0, "main 7\n"),
        ("cart/eu/1.folded", 31_000.0, "main;add 2\n"),
    ])
}

fn options(view: &str, select: &str) -> QueryOptions {
    QueryOptions {
        view: view.to_owned(),
        select: select.to_owned(),
        labels_from_path: Some("{service_name}/{region}/".to_owned()),
        ..QueryOptions::default()
    }
}

fn ask(set: &FileSet, options: &QueryOptions) -> Value {
    serde_json::from_str(&set.query(options).unwrap()).unwrap()
}

#[test]
fn matchers_and_times_select_profiles() {
    let set = shop();
    let total = |select: &str, from: Option<&str>, until: Option<&str>| {
        let range = |text: Option<&str>| text.map(str::to_owned);
        let asked = QueryOptions { from: range(from), until: range(until), now_ms: 40_000.0, ..options("top", select) };
        let answer = ask(&set, &asked);
        (answer["total"].as_i64().unwrap(), answer["profiles"].as_i64().unwrap())
    };
    assert_eq!(total("", None, None), (22, 4));
    assert_eq!(total("{service_name=\"shop\"}", None, None), (20, 3));
    assert_eq!(total("{region!~\"u.*\"}", None, None), (15, 3));
    assert_eq!(total("shop.samples{region=\"eu\"}", None, None), (13, 2));
    // [from, until): a profile belongs to the range that its start is in.
    assert_eq!(total("", Some("1970-01-01T00:00:10.5Z"), Some("1970-01-01T00:00:20Z")), (7, 1));
    assert_eq!(total("", Some("now-20s"), None), (11, 2));
}

#[test]
fn views_show_the_same_values() {
    let set = shop();
    let select = "{service_name=\"shop\"}";
    let top = ask(&set, &options("top", select));
    assert_eq!((&top["aggregation"], &top["unit"]), (&json!("sum"), &json!("count")));
    assert_eq!(top["functions"][0], json!({ "name": "pay", "file": "", "line": 0, "self": 8, "total": 12 }));
    let stacks = ask(&set, &QueryOptions { limit: Some(2), ..options("stacks", select) });
    let expected = json!([{ "stack": ["main", "pay"], "self": 8 }, { "stack": ["main"], "self": 7 }]);
    assert_eq!(stacks["stacks"], expected);
    let tree = ask(&set, &QueryOptions { limit: Some(4), ..options("tree", select) });
    let node = |name: &str, own: i64, total: i64, children: Value| json!({ "name": name, "file": "", "line": 0, "self": own, "total": total, "children": children });
    let log = node("log", 4, 4, json!([]));
    let expected = node("total", 0, 20, json!([node("main", 7, 20, json!([node("pay", 8, 12, json!([log]))]))]));
    assert_eq!(tree["tree"], expected);
    let flame = ask(&set, &options("flamegraph", select));
    assert_eq!(flame["flamebearer"]["numTicks"], json!(20));
}

#[test]
fn the_call_graph_counts_recursion_once_and_says_what_it_leaves_out() {
    let set = files(&[("a/b/1.folded", 0.0, "main;walk;walk;walk 6\nmain;walk \"x\\\" 2\nmain;pay 1\n")]);
    let graph = ask(&set, &options("call-graph", ""));
    assert_eq!((&graph["aggregation"], &graph["total"]), (&json!("sum"), &json!(9)));
    let names: Vec<&str> =
        graph["functions"].as_array().unwrap().iter().map(|of| of["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["main", "pay", "walk", "walk \"x\\\""]);
    assert_eq!(graph["functions"][2], json!({ "name": "walk", "file": "", "line": 0, "self": 6, "total": 6 }));
    let calls = json!([
        { "caller": 0, "callee": 2, "value": 6 },
        { "caller": 2, "callee": 2, "value": 6 },
        { "caller": 0, "callee": 3, "value": 2 },
        { "caller": 0, "callee": 1, "value": 1 },
    ]);
    assert_eq!(
        (&graph["calls"], &graph["functions_left_out"], &graph["calls_left_out"]),
        (&calls, &json!(0), &json!(0))
    );
    let few = ask(&set, &QueryOptions { limit: Some(2), ..options("call-graph", "") });
    assert_eq!((&few["functions_left_out"], &few["calls_left_out"]), (&json!(2), &json!(2)));
    assert_eq!(few["calls"][1], json!({ "caller": 1, "callee": 1, "value": 6 }));
    let dot = set.query(&QueryOptions { dot: true, limit: Some(3), ..options("call-graph", "") }).unwrap();
    let lines: Vec<&str> = dot.lines().map(str::trim).collect();
    assert_eq!(lines[0], "digraph calls {");
    assert!(lines[2].ends_with("total 9\\n1 functions and 1 calls are left out\";"), "{}", lines[2]);
    assert_eq!(lines[4], "n1 [label=\"walk\\n6 (66.6667%) of 6 (66.6667%)\"];");
    assert_eq!(lines[5], "n2 [label=\"walk \\\"x\\\\\\\"\\n2 (22.2222%) of 2 (22.2222%)\"];");
    assert_eq!(lines[6], "n0 -> n1 [label=\"6\", penwidth=5.6];");
    assert_eq!(lines.last(), Some(&"}"));
}

#[test]
fn lines_of_a_real_profile_add_up() {
    let set = opened(&["go/cpu.pb.gz"]);
    let of = |view: &str| QueryOptions { view: view.to_owned(), select: "cpu".to_owned(), ..QueryOptions::default() };
    let (all, top) = (ask(&set, &of("lines")), ask(&set, &of("top")));
    assert_eq!(all["total"], top["total"]);
    let rows = all["lines"].as_array().unwrap();
    let sum = |rows: &[Value], name: &str| {
        let of = rows.iter().filter(|row| row["function"] == name || row["name"] == name);
        of.map(|row| row["self"].as_i64().unwrap()).sum::<i64>()
    };
    let functions = top["functions"].as_array().unwrap();
    for function in functions {
        let name = function["name"].as_str().unwrap();
        assert_eq!(sum(rows, name), sum(functions, name), "{name}");
    }
    let first = rows.iter().find(|row| row["file"] != "").unwrap();
    let file = first["file"].as_str().unwrap();
    let of_file = ask(&set, &QueryOptions { file: Some(file.to_owned()), ..of("lines") });
    let expected: Vec<&Value> = rows.iter().filter(|row| row["file"] == file).collect();
    assert_eq!(of_file["lines"].as_array().unwrap().len(), expected.len());
    assert!(expected.iter().all(|row| of_file["lines"].as_array().unwrap().contains(row)));
}

#[test]
fn series_are_told_apart_by_labels_and_the_rest_has_a_name() {
    let set = shop();
    let asked = |group_by: &str, limit: Option<u32>| {
        let step = Some("10s".to_owned());
        let asked = QueryOptions { group_by: group_by.to_owned(), limit, step, ..options("series", "") };
        let answer = ask(&set, &asked);
        assert_eq!(answer["step"], json!(10_000));
        answer["series"].clone()
    };
    assert_eq!(asked("", None), json!([{ "labels": {}, "points": [[10000, 11], [20000, 9], [30000, 2]] }]));
    assert_eq!(
        asked("service_name,region", Some(1)),
        json!([
            { "labels": { "region": "eu", "service_name": "shop" }, "points": [[10000, 4], [20000, 9]] },
            { "labels": { "__remainder__": "2" }, "points": [[10000, 7], [30000, 2]] },
        ])
    );
}

#[test]
fn a_function_has_a_series_and_its_share_of_each_step() {
    let set = shop();
    let asked = |function: &str, by: Option<&str>, aggregate: Option<&str>| {
        let text = |text: &str| text.to_owned();
        let step = Some("10s".to_owned());
        let (function, by, aggregate) = (Some(text(function)), by.map(text), aggregate.map(text));
        let select = "{service_name=\"shop\", region=\"eu\"}";
        ask(&set, &QueryOptions { function, by, step, aggregate, ..options("series", select) })
    };
    let answer = asked("log", None, None);
    assert_eq!((&answer["function"], &answer["unit"]), (&json!("log"), &json!("count")));
    assert_eq!(answer["series"][0]["points"], json!([[10000, 0, 0], [20000, 4, 0.444444]]));
    let points = |answer: &Value| answer["series"][0]["points"].clone();
    assert_eq!(points(&asked("main", None, None)), json!([[10000, 4, 1], [20000, 9, 1]]));
    assert_eq!(points(&asked("pay", Some("total"), None)), json!([[10000, 3, 0.75], [20000, 9, 1]]));
    assert_eq!(points(&asked("pay", Some("self"), None)), json!([[10000, 3, 0.75], [20000, 5, 0.555555]]));
    let rate = asked("log", None, Some("rate"));
    assert_eq!((&rate["aggregation"], &rate["unit"]), (&json!("rate"), &json!("count/s")));
    assert_eq!(points(&rate), json!([[10000, 0, 0], [20000, 0.4, 0.444444]]));
    assert_eq!(points(&asked("nobody", None, None)), json!([[10000, 0, 0], [20000, 0, 0]]));
    let top = set.query(&QueryOptions { aggregate: Some("rate".to_owned()), ..options("top", "") });
    assert_eq!(top.unwrap_err().code, "bad-argument");
}

#[test]
fn a_heat_map_counts_profiles_by_value_or_records_by_label() {
    let set = shop();
    let step = Some("10s".to_owned());
    let map = ask(&set, &QueryOptions { limit: Some(2), step: step.clone(), ..options("heatmap", "") });
    assert_eq!((&map["step"], &map["start"], &map["profiles"]), (&json!(10_000), &json!(10_000), &json!(4)));
    // Profiles of 4 and 7 at 10 s, 9 at 20 s, 2 at 30 s.
    let expected = json!([
        { "from": 2, "to": 6, "counts": [1, 0, 1] },
        { "from": 6, "to": 10, "counts": [1, 1, 0] },
    ]);
    assert_eq!(map["rows"], expected);
    let group_by = "service_name".to_owned();
    let map = ask(&set, &QueryOptions { group_by, step, ..options("heatmap", "{region=\"eu\"}") });
    // Two records in each of two files, one in another.
    let expected = json!([
        { "labels": { "service_name": "shop" }, "counts": [2, 2, 0] },
        { "labels": { "service_name": "cart" }, "counts": [0, 0, 1] },
    ]);
    assert_eq!(map["rows"], expected);
}

#[test]
fn averages_are_sums_over_series_of_means() {
    let set = shop();
    let aggregate = Some("average".to_owned());
    let top = ask(&set, &QueryOptions { aggregate: aggregate.clone(), ..options("top", "") });
    // (4 + 9) / 2 + 7 + 2
    assert_eq!((&top["aggregation"], &top["total"]), (&json!("average"), &json!(15.5)));
    let step = Some("1m".to_owned());
    let series = ask(&set, &QueryOptions { aggregate, step, ..options("series", "") });
    assert_eq!(series["series"][0]["points"], json!([[0, 15.5]]));
}

#[test]
fn diffs_take_the_other_side_from_base_options() {
    let set = shop();
    let head = "{service_name=\"shop\", region=\"eu\"}";
    let until_base = Some("1970-01-01T00:00:20Z".to_owned());
    let from = Some("1970-01-01T00:00:20Z".to_owned());
    let diff = ask(&set, &QueryOptions { from, until_base, ..options("diff", head) });
    assert_eq!((&diff["base_total"], &diff["head_total"]), (&json!(4), &json!(9)));
    assert_eq!(
        diff["functions"][0],
        json!({
            "name": "log", "base_self": 0, "head_self": 4, "base_total": 0, "head_total": 4,
            "self_change": 4.0 / 9.0, "total_change": 4.0 / 9.0, "change": "new",
        })
    );
    let error = set.query(&options("diff", head)).unwrap_err();
    assert_eq!(error.code, "bad-argument");
}

#[test]
fn questions_that_cannot_be_read_say_where() {
    let set = shop();
    let message = |options: QueryOptions| {
        let error = set.query(&options).unwrap_err();
        format!("{}: {}", error.code, error.message)
    };
    assert_eq!(
        message(options("top", "{region=}")),
        "bad-argument: --select: expected a quoted value at byte 8, found \"}\""
    );
    let from = Some("now-1".to_owned());
    assert_eq!(
        message(QueryOptions { from, ..options("top", "") }),
        "bad-argument: --from: expected one of ms s m h d w at byte 5 of \"now-1\""
    );
    assert!(message(options("top", "wall")).starts_with("no-such-type: "));
    assert!(message(options("pie", "")).starts_with("bad-argument: --view takes "));
}

#[test]
fn what_real_files_state_selects_them() {
    let set = opened(&["go/cpu.pb.gz", "java/async.jfr.gz"]);
    let cpu = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
    let total = |condition: &str| {
        let asked = QueryOptions { labels_from_path: None, ..options("top", &format!("{cpu}{{{condition}}}")) };
        ask(&set, &asked)["total"].as_i64().unwrap()
    };
    let (go, java) = (total("__meta_format=\"pprof\""), total("__meta_engine=\"itimer\""));
    assert!(go > 0 && java > 0);
    assert_eq!(total(""), go + java);
    assert_eq!(total("__meta_engine!=\"itimer\""), go);
    assert_eq!(total("__meta_features=~\"unknown_java .*\", __meta_jfropts=\"0\""), java);
    assert_eq!(total("__meta_engine!~\"itimer|\""), 0);
    let asked = QueryOptions { labels_from_path: None, group_by: "__meta_format".to_owned(), ..options("series", cpu) };
    let of_format = |format: &str| {
        let series = ask(&set, &asked)["series"].as_array().unwrap().clone();
        let line = series.into_iter().find(|line| line["labels"] == json!({ "__meta_format": format })).unwrap();
        line["points"].as_array().unwrap().iter().map(|point| point[1].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!((of_format("pprof"), of_format("jfr")), (go, java));
    assert_eq!(total("__meta_period=\"10000000\", __meta_period_unit=\"nanoseconds\""), go + java);
}

#[test]
fn a_question_says_what_it_would_cost_and_what_series_are_told_apart_by() {
    let set = shop();
    for select in ["", "{region=\"eu\"}", "{region!~\"e.*\"}", "shop.samples"] {
        let estimate = ask(&set, &options("estimate", select));
        let answer = ask(&set, &options("top", select));
        assert_eq!((&estimate["profiles"], &estimate["type"]), (&answer["profiles"], &answer["type"]), "{select}");
    }
    let whole = ask(&set, &options("estimate", ""));
    assert_eq!((&whole["series"], &whole["blocks"], &whole["rollups"]), (&json!(3), &json!(1), &json!(0)));
    assert!(whole["bytes"].as_u64() > whole["row_bytes"].as_u64() && whole["nodes"].is_null());
    let value =
        |value: &str, series: u64, profiles: u64| json!({ "value": value, "series": series, "profiles": profiles });
    let found = ask(&set, &QueryOptions { limit: Some(2), ..options("cardinality", "") });
    assert_eq!((&found["profiles"], &found["series"]), (&json!(4), &json!(3)));
    assert_eq!(found["profiles_per_series"], json!({ "least": 1, "median": 1, "most": 2 }));
    let expected = json!([
        { "label": "region", "values": 2, "series": 3, "top": [value("eu", 2, 3), value("us", 1, 1)] },
        { "label": "service_name", "values": 2, "series": 3, "top": [value("shop", 2, 3), value("cart", 1, 1)] },
    ]);
    assert_eq!(found["labels"], expected);
    assert_eq!(found["largest"][0]["labels"], json!({ "region": "eu", "service_name": "shop" }));
    assert_eq!((found["largest"].as_array().unwrap().len(), &found["largest"][0]["profiles"]), (2, &json!(2)));
}

#[test]
fn a_tree_of_100_000_levels_is_written_in_a_loop() {
    let deep = vec!["f"; 100_000].join(";");
    let set = files(&[("deep.folded", 0.0, &format!("{deep} 1\n"))]);
    let text = set.query(&QueryOptions { view: "tree".to_owned(), ..QueryOptions::default() }).unwrap();
    assert_eq!(text.matches("\"name\":\"f\"").count(), 100_000);
    assert_eq!(text.matches(['{', '[']).count(), text.matches(['}', ']']).count());
}

/// The first cells of the tables below a heading of the page about queries: texts in backticks.
fn examples(heading: &str) -> Vec<&'static str> {
    let page = include_str!("../../../../docs/queries.md");
    let section = page.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect()
}

#[test]
fn the_examples_of_the_documentation_are_read() {
    let selectors = examples("\n## Selectors");
    assert_eq!(selectors.len(), 4);
    for selector in selectors {
        Selector::parse(selector).unwrap();
    }
    let times = examples("\n## Times");
    assert_eq!(times.len(), 9);
    for time in times {
        parse_moment(time, 0).unwrap();
    }
}

proptest! {
    #[test]
    fn no_question_makes_it_panic(select in "[a{}=~\".]{0,12}", from in "(now)?[-0-9hs]{0,5}", group_by in "[a/2,]{0,6}") {
        let set = shop();
        let asked = QueryOptions { from: Some(from), group_by, ..options("series", &select) };
        let _answer = set.query(&asked);
    }
}
