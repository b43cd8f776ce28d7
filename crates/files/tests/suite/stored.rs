//! What formats say beside their stacks is stored: times of records, and values of functions.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::{Database, NoYield, QueryAnswer, SelectionText, SourceInfo, TopAnswer};
use emberglass_files::FileSelection;
use emberglass_profile::{Batch, ContentHash, ProfileEntry};
use emberglass_store::{Backend, MemoryBackend};
use pollster::block_on as run;
use serde_json::Value;

use crate::common::{decoded, set};

fn stored(batches: &[&Batch]) -> Database<MemoryBackend> {
    let memory = MemoryBackend::default();
    let db = run(Database::open(memory.clone())).unwrap();
    for (at, batch) in batches.iter().enumerate() {
        // Profiles without a clock of their own get starts of their own.
        let source = SourceInfo {
            name: format!("file-{at}"),
            imported_ms: 1_795_500_000_000.0 + at as f64,
            labels: vec![("service_name".to_owned(), "app".to_owned())],
            ..SourceInfo::default()
        };
        run(db.stage(batch, &source)).unwrap();
    }
    run(db.flush()).unwrap();
    run(Database::open(memory)).unwrap()
}

fn select(profile_type: &str) -> SelectionText {
    SelectionText { profile_type: profile_type.to_owned(), matchers: "{}".to_owned(), ..SelectionText::default() }
}

fn query<B: Backend>(db: &Database<B>, profile_type: &str) -> QueryAnswer {
    run(db.query(&select(profile_type), &NoYield)).unwrap()
}

/// Time, names of the stack from the root, value.
type Record = (i64, Vec<String>, i64);

fn records_of(batch: &Batch, entry: &ProfileEntry) -> Vec<Record> {
    let table = &batch.tables[entry.table as usize];
    let Some(timeline) = &table.timeline else { return Vec::new() };
    let names = |row: u32| {
        let stack = batch.stacks.leaf_to_root(table.stack[row as usize]);
        let name = |frame| batch.symbols.function_name(batch.symbols.frames.get(frame).unwrap().function).to_owned();
        let mut names: Vec<String> = stack.map(name).collect();
        names.reverse();
        names
    };
    let values = &timeline.values[entry.column as usize];
    timeline.records().zip(values.iter()).map(|((time, row), value)| (time, names(row), value)).collect()
}

#[test]
fn the_records_of_recorded_profiles_come_back_in_order_of_time() {
    let mut timed = 0;
    for path in [
        "java/app.jfr",
        "chrome/trace-object.json.gz",
        "perf/threads.perf.txt",
        "gecko/firefox.gecko.json.gz",
        "node/app.cpuprofile",
        "speedscope/rbspy.speedscope.json",
    ] {
        let batch = decoded(path);
        let db = stored(&[&batch]);
        let mut by_type: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for entry in &batch.profiles {
            by_type.entry(entry.profile_type.to_string()).or_default().extend(records_of(&batch, entry));
        }
        for (profile_type, mut expected) in by_type {
            let of = select(&profile_type);
            let list = run(db.profiles(&of, 0, 10_000, &NoYield)).unwrap();
            assert_eq!(list.rows.len() as u32, list.count);
            let mut got: Vec<(i64, i64)> = Vec::new();
            let mut placed: Vec<Record> = Vec::new();
            for profile in &list.rows {
                let Some(answer) = run(db.timeline(&of, &profile.id, &NoYield)).unwrap() else { continue };
                timed += 1;
                assert_eq!(answer.result.total, profile.total);
                let (mut time, mut node, mut value) = (Vec::new(), Vec::new(), Vec::new());
                for offset in (0..answer.records).step_by(1000) {
                    let page = db.timeline_page(answer.result.handle, offset, 1000).unwrap();
                    time.extend(page.time);
                    node.extend(page.node);
                    value.extend(page.value);
                }
                assert_eq!(time.len(), answer.records as usize);
                assert!(time.is_sorted());
                assert_eq!((answer.first, answer.last), (time[0], time[time.len() - 1]));
                assert_eq!(value.iter().sum::<i64>(), profile.total);
                let paths: BTreeMap<u32, Vec<String>> = node
                    .iter()
                    .filter(|&&node| node != u32::MAX)
                    .map(|&node| {
                        let path = db.path(answer.result.handle, node).unwrap();
                        (node, path.into_iter().map(|step| step.name).collect())
                    })
                    .collect();
                for ((&time, &node), &value) in time.iter().zip(&node).zip(&value) {
                    got.push((time, value));
                    if let Some(path) = paths.get(&node) {
                        placed.push((time, path.clone(), value));
                    }
                }
            }
            expected.sort();
            placed.sort();
            got.sort_unstable();
            let mut plain: Vec<(i64, i64)> = expected.iter().map(|record| (record.0, record.2)).collect();
            plain.sort_unstable();
            assert_eq!(got, plain, "{path} {profile_type}");
            // Only records of stacks whose values add up to 0 have no node.
            let without_zeros =
                |list: &[Record]| list.iter().filter(|record| record.2 != 0).cloned().collect::<Vec<_>>();
            assert_eq!(without_zeros(&placed), without_zeros(&expected), "{path} {profile_type}");
        }
    }
    assert!(timed >= 4, "{timed} profiles with records");
}

#[test]
fn threads_with_records_are_lanes_of_a_chart_over_time() {
    let mut charts = 0;
    for path in ["java/app.jfr", "chrome/trace-object.json.gz", "gecko/threads.samply.json.gz", "node/app.cpuprofile"] {
        let batch = decoded(path);
        let db = stored(&[&batch]);
        let types: BTreeSet<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
        for profile_type in types {
            let of = select(&profile_type);
            let list = run(db.profiles(&of, 0, 10_000, &NoYield)).unwrap();
            let (mut series, mut untimed, mut span) = (BTreeSet::new(), 0, None);
            for profile in &list.rows {
                let Some(answer) = run(db.timeline(&of, &profile.id, &NoYield)).unwrap() else {
                    untimed += 1;
                    continue;
                };
                // What a thread does is no thread of its own.
                series
                    .insert(profile.labels.iter().filter(|(name, _)| name != "category").cloned().collect::<Vec<_>>());
                let (first, last) = span.unwrap_or((answer.first, answer.last));
                span = Some((first.min(answer.first), last.max(answer.last)));
            }
            let chart = run(db.time_chart(&of, &NoYield)).unwrap();
            let Some((first, last)) = span else {
                assert_eq!(chart, None, "{path} {profile_type}");
                continue;
            };
            let chart = chart.unwrap();
            charts += 1;
            assert_eq!((chart.lanes.len(), chart.untimed), (series.len(), untimed), "{path} {profile_type}");
            assert_eq!((chart.left_out, chart.levels_left_out), (0, 0));
            assert_eq!((chart.result.unit.as_str(), chart.result.view), ("nanoseconds", "time"));
            assert!(chart.last - chart.first >= last - first, "the last record lasts, too");
            // A lane is as busy as it is long at most.
            let handle = chart.result.handle;
            assert!(chart.result.total <= chart.lanes.len() as i64 * (chart.last - chart.first));
            assert!(chart.result.total > 0);
            let root = db.node(handle, 0).unwrap();
            assert_eq!((root.total, root.span), (chart.result.total, Some([0.0, 1.0])));
            assert_eq!(root.children as usize, chart.lanes.len());
        }
    }
    assert!(charts >= 5, "{charts} charts");
}

#[test]
fn records_and_profiles_are_asked_for_page_by_page() {
    let batch = decoded("java/app.jfr");
    let db = stored(&[&batch]);
    let of = select(&batch.profiles[0].profile_type.to_string());
    let all = run(db.profiles(&of, 0, 1000, &NoYield)).unwrap();
    assert!(all.count > 1);
    for (at, profile) in all.rows.iter().enumerate() {
        let page = run(db.profiles(&of, at as u32, 1, &NoYield)).unwrap();
        assert_eq!((page.rows.as_slice(), page.count), (std::slice::from_ref(profile), all.count));
    }
    let answer = run(db.timeline(&of, &all.rows[0].id, &NoYield)).unwrap().unwrap();
    let code = |offset, limit| db.timeline_page(answer.result.handle, offset, limit).map_err(|error| error.code);
    assert_eq!(code(0, 100_000).unwrap_err(), "bad-argument");
    assert!(code(answer.records, 10).unwrap().time.is_empty());
    assert_eq!(db.timeline_page(query(&db, &of.profile_type).handle, 0, 1).unwrap_err().code, "bad-argument");
    assert_eq!(run(db.timeline(&of, "0", &NoYield)).unwrap(), None);
    assert_eq!(run(db.timeline(&of, "x", &NoYield)).unwrap_err().code, "bad-argument");
}

fn top<B: Backend>(db: &Database<B>, handle: u32, sort: &str) -> TopAnswer {
    db.top(handle, sort, true, 0, 1_000_000, "").unwrap()
}

#[test]
fn the_top_table_of_a_call_graph_is_that_of_the_command_line() {
    for path in ["callgrind/callgrind.out", "callgrind/xdebug.cachegrind.out", "python/cprofile.pstats"] {
        let files = set(path);
        let db = stored(&[&decoded(path)]);
        for sort in ["self", "total"] {
            let selection = FileSelection { by: Some(sort.to_owned()), ..FileSelection::default() };
            let cli: Value = serde_json::from_str(&files.top(&selection).unwrap()).unwrap();
            let answer = query(&db, cli["type"].as_str().unwrap());
            assert_eq!(answer.top_from, "function-costs", "{path}");
            let app = top(&db, answer.handle, sort);
            assert_eq!((app.count, app.rows.len() as u32), (answer.functions, answer.functions));
            let cli = cli["functions"].as_array().unwrap();
            assert_eq!(app.rows.len(), cli.len(), "{path}");
            let unit = 10f64.powi(i32::from(answer.scale));
            let exact = |value: &Value| (value.as_f64().unwrap() * unit).round() as i64;
            let mut of_cli: Vec<_> = cli
                .iter()
                .map(|row| {
                    let text = |key: &str| row[key].as_str().unwrap().to_owned();
                    let name = emberglass_views::display_name(row["name"].as_str().unwrap()).into_owned();
                    (
                        name,
                        text("file"),
                        row["line"].as_u64().unwrap() as u32,
                        exact(&row["self"]),
                        exact(&row["total"]),
                    )
                })
                .collect();
            let mut of_app: Vec<_> = app
                .rows
                .iter()
                .map(|row| (row.name.clone(), row.file.clone(), row.line, row.self_value, row.total))
                .collect();
            let values = |rows: &[(String, String, u32, i64, i64)]| -> Vec<i64> {
                rows.iter().map(|row| if sort == "self" { row.3 } else { row.4 }).collect()
            };
            assert_eq!(values(&of_app), values(&of_cli), "{path} by {sort}");
            of_cli.sort();
            of_app.sort();
            assert_eq!(of_app, of_cli, "{path} by {sort}");

            let paged: Vec<_> = (0..app.count)
                .step_by(3)
                .flat_map(|offset| db.top(answer.handle, sort, true, offset, 3, "").unwrap().rows)
                .collect();
            assert_eq!(paged, app.rows);
            let name = &app.rows[app.rows.len() / 2].name;
            let found = db.top(answer.handle, sort, true, 0, 1000, name).unwrap();
            let matches: Vec<_> = app
                .rows
                .iter()
                .filter(|row| {
                    [&row.name, &row.file].iter().any(|text| text.to_lowercase().contains(&name.to_lowercase()))
                })
                .cloned()
                .collect();
            assert_eq!(found.rows, matches);
        }
        // By name the rows rise.
        let answer = query(&db, &decoded(path).default_profile().unwrap().profile_type.to_string());
        let by_name = db.top(answer.handle, "name", false, 0, 1000, "").unwrap();
        assert!(by_name.rows.len() > 3);
    }
}

#[test]
fn profiles_with_and_without_function_tables_add_up_by_function() {
    let stated = decoded("callgrind/callgrind.out");
    let mut plain = stated.clone();
    plain.function_tables.clear();
    plain.content_hash = ContentHash(7);
    let profile_type = stated.default_profile().unwrap().profile_type.to_string();
    let sums = |batches: &[&Batch], from: &str| {
        let db = stored(batches);
        let answer = query(&db, &profile_type);
        assert_eq!(answer.top_from, from);
        let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
        for row in top(&db, answer.handle, "self").rows {
            let sum = sums.entry((row.name, row.file)).or_default();
            *sum = (sum.0 + row.self_value, sum.1 + row.total);
        }
        sums
    };
    let mut expected = sums(&[&stated], "function-costs");
    for (key, (own, total)) in sums(&[&plain], "stacks") {
        let sum = expected.entry(key).or_default();
        *sum = (sum.0 + own, sum.1 + total);
    }
    // Whatever comes first.
    assert_eq!(sums(&[&stated, &plain], "mixed"), expected);
    assert_eq!(sums(&[&plain, &stated], "mixed"), expected);
}

fn stored_of<B: Backend>(db: &Database<B>) -> f64 {
    db.status().stored_bytes
}

#[test]
fn what_is_deleted_is_gone_from_records_and_costs_too() {
    let db = stored(&[&decoded("callgrind/callgrind.out"), &decoded("java/app.jfr")]);
    let of_java = stored_of(&stored(&[&decoded("java/app.jfr")]));
    let callgrind = decoded("callgrind/callgrind.out").profiles[0].profile_type.to_string();
    let list = run(db.profiles(&select(&callgrind), 0, 10, &NoYield)).unwrap();
    let (from, until) = (Some(list.rows[0].start), Some(list.rows[0].start + 1));
    let of = SelectionText { profile_type: String::new(), from, until, ..select("") };
    assert!(run(db.delete(&of)).unwrap().profiles > 0);
    assert_eq!(run(db.profiles(&select(&callgrind), 0, 10, &NoYield)).unwrap().count, 0);
    // The names of the binaries stay.
    assert!(stored_of(&db) - of_java < 256.0, "{} and {of_java} bytes", stored_of(&db));
    assert!(stored_of(&stored(&[&decoded("callgrind/callgrind.out")])) > 2048.0);
}
