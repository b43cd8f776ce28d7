//! Charts over time beside queries of the same selection.

use emberglass_engine::{Database, FoldRequestText, NoYield, SelectionText, SourceInfo, TimeChartAnswer};
use emberglass_store::MemoryBackend;
use pollster::block_on;

use crate::common::decoded;

fn database(name: &str) -> (Database<MemoryBackend>, SelectionText) {
    let db = block_on(Database::open(MemoryBackend::default())).unwrap();
    block_on(db.stage(&decoded(name), &SourceInfo { imported_ms: 1_795_440_971_000.0, ..SourceInfo::default() }))
        .unwrap();
    block_on(db.flush()).unwrap();
    let types = block_on(db.catalog(&NoYield)).unwrap().services.remove(0).types;
    let profile_type = types.into_iter().find(|of| of.is_default).unwrap().id;
    (db, SelectionText { profile_type, matchers: "{}".to_owned(), ..SelectionText::default() })
}

fn chart(db: &Database<MemoryBackend>, of: &SelectionText) -> Option<TimeChartAnswer> {
    block_on(db.time_chart(of, &NoYield)).unwrap()
}

fn filtered(of: &SelectionText, filters: &[&str]) -> SelectionText {
    SelectionText { filters: filters.iter().map(|&filter| filter.to_owned()).collect(), ..of.clone() }
}

#[test]
fn filters_leave_the_time_of_what_they_leave() {
    let (db, of) = database("node/app.cpuprofile");
    let whole = chart(&db, &of).unwrap();
    let total = |of: &SelectionText| block_on(db.query(of, &NoYield)).unwrap().total;
    assert_eq!(whole.result.total, total(&of), "each sample lasts as long as it says");
    assert_eq!(whole.clock, "source", "the file does not say when it was recorded");
    let top = db.top(block_on(db.query(&of, &NoYield)).unwrap().handle, "self", true, 0, 2, "").unwrap();
    let [first, second] = [0, 1].map(|row: usize| top.rows[row].name.clone());
    let mut totals = Vec::new();
    for filters in [
        vec![format!("focus:\"{first}\"")],
        vec![format!("ignore:\"{first}\"")],
        vec![format!("hide:\"{first}\"")],
        vec![format!("show-from:\"{second}\"")],
        vec![format!("drop:\"{second}\""), format!("collapse:\"{first}\"")],
        vec![format!("focus:\"{first}\""), format!("tagroot:service_name"), format!("merge:\"{second}\"")],
    ] {
        let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
        let of = filtered(&of, &filters);
        let left = chart(&db, &of).unwrap();
        assert_eq!(left.result.total, total(&of), "{filters:?}");
        assert_eq!(
            (left.first, left.last, left.lanes.len()),
            (whole.first, whole.last, whole.lanes.len()),
            "{filters:?}"
        );
        totals.push(left.result.total);
    }
    assert!(totals.iter().all(|&left| 0 < left && left <= whole.result.total), "{totals:?}");
    assert!(totals.iter().any(|&left| left < whole.result.total), "{totals:?}");
}

#[test]
fn values_of_labels_stand_around_the_calls() {
    let (db, of) = database("java/app.jfr");
    let plain = chart(&db, &of).unwrap();
    let rooted = chart(&db, &filtered(&of, &["tagroot:thread", "tagleaf:service_name"])).unwrap();
    let names = |of: &TimeChartAnswer| of.lanes.iter().map(|lane| lane.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&rooted), names(&plain));
    assert_eq!(rooted.clock, "epoch", "the recording has a clock");
    let lanes = db.children(rooted.result.handle, 0, "name", 0, 1000).unwrap().rows;
    let mut seen = 0;
    for lane in lanes {
        for call in db.children(rooted.result.handle, lane.node, "name", 0, 1000).unwrap().rows {
            assert!(lane.name.contains(&format!("thread={}", call.name)), "{} in {}", call.name, lane.name);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn lanes_are_folded_by_their_names() {
    let (db, of) = database("java/app.jfr");
    let whole = chart(&db, &of).unwrap();
    assert!(whole.lanes.len() > 2 && whole.lanes.iter().all(|lane| !lane.is_folded));
    let fold = |all: bool, names: &[&str]| {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        block_on(db.fold_lanes(whole.result.handle, &FoldRequestText { all, names }, &NoYield)).unwrap()
    };
    let second = whole.lanes[1].name.as_str();
    let one = fold(false, &[second]);
    let others = fold(true, &[second]);
    for (at, lane) in whole.lanes.iter().enumerate() {
        assert_eq!((one.lanes[at].name.as_str(), one.lanes[at].is_folded), (lane.name.as_str(), at == 1));
        assert_eq!(others.lanes[at].is_folded, at != 1);
    }
    assert_eq!(one.lanes[2].level, one.lanes[1].level + 2, "a folded lane has its own row and one of calls");
    assert_eq!((one.result.total, others.result.total), (whole.result.total, whole.result.total));
    assert!(others.result.nodes < whole.result.nodes && one.result.nodes < whole.result.nodes);
    assert_eq!(fold(false, &[]).result.nodes, whole.result.nodes);
    let again = block_on(db.fold_lanes(one.result.handle, &FoldRequestText::default(), &NoYield));
    assert_eq!(again.unwrap_err().code, "bad-argument", "what is folded does not unfold");
}

#[test]
fn a_cut_selection_has_the_records_of_its_range() {
    for name in ["node/app.cpuprofile", "java/app.jfr"] {
        let (db, of) = database(name);
        let whole = chart(&db, &of).unwrap();
        let third = (whole.last - whole.first) / 3;
        let (from, until) = (whole.first + third, whole.first + 2 * third);
        let cut = SelectionText { from: Some(from), until: Some(until), cut_samples: true, ..of };
        let part = chart(&db, &cut).unwrap();
        assert!(part.first >= from && part.first < until && part.last > part.first, "{name}");
        assert!(part.result.total > 0 && part.result.total < whole.result.total, "{name}");
        if name == "node/app.cpuprofile" {
            assert_eq!(part.result.total, block_on(db.query(&cut, &NoYield)).unwrap().total);
        }
    }
}
