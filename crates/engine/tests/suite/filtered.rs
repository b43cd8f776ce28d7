//! Filters in the questions of a page.

use emberglass_engine::{Database, HeatMapRequest, HeatMapRow, NoYield, QueryAnswer, SelectionText, SourceInfo};
use emberglass_store::MemoryBackend;
use pollster::block_on;

use crate::common::decoded;

const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

fn database() -> Database<MemoryBackend> {
    let db = block_on(Database::open(MemoryBackend::default())).unwrap();
    block_on(db.stage(&decoded("go/cpu.pb.gz"), &SourceInfo::default())).unwrap();
    block_on(db.flush()).unwrap();
    db
}

fn select(filters: &[&str], granularity: Option<&str>) -> SelectionText {
    SelectionText {
        profile_type: CPU.to_owned(),
        matchers: "{}".to_owned(),
        filters: filters.iter().map(|&filter| filter.to_owned()).collect(),
        granularity: granularity.map(str::to_owned),
        ..SelectionText::default()
    }
}

fn query(db: &Database<MemoryBackend>, of: &SelectionText) -> QueryAnswer {
    block_on(db.query(of, &NoYield)).unwrap()
}

/// Names and totals of the children of the root.
fn roots(db: &Database<MemoryBackend>, of: &SelectionText) -> Vec<(String, i64)> {
    let page = db.children(query(db, of).handle, 0, "name", 0, 100).unwrap();
    page.rows.into_iter().map(|row| (row.name, row.total)).collect()
}

#[test]
fn a_series_is_of_what_a_query_is_of() {
    let db = database();
    let whole = query(&db, &select(&[], None)).total;
    for filters in [
        &["focus:/^main/"][..],
        &["ignore:/mallocgc/", "tagfocus:tenant=acme"],
        &["tagignore:tenant=acme"],
        &["tagroot:tenant", "focus:globex"],
        &["tagleaf:handler", "show-from:/^.search$/"],
        &["hide:/./"],
    ] {
        let of = select(filters, None);
        let total = query(&db, &of).total;
        let series = block_on(db.series(&of, 10, &NoYield)).unwrap();
        assert_eq!(series.values.iter().sum::<f64>(), total as f64, "{filters:?}");
        assert!(total < whole, "{filters:?}");
        // No series has more in a step than all of them together, and what has nothing left is nowhere.
        let request = HeatMapRequest { rows: Some(1), ..HeatMapRequest::default() };
        let map = block_on(db.heat_map(&of, &request, &NoYield)).unwrap();
        assert_eq!(map.rows.is_empty(), total == 0, "{filters:?}");
        let whole = block_on(db.heat_map(&select(&[], None), &request, &NoYield)).unwrap();
        if let (Some(HeatMapRow::Values(kept)), Some(HeatMapRow::Values(all))) = (map.rows.first(), whole.rows.first())
        {
            assert!(kept.until <= total + 1 && kept.until <= all.until, "{filters:?}: {kept:?} of {total}");
        }
    }
    // By labels it is the same: each tenant has what a query of it has.
    let of = select(&["focus:/^main/", "tagroot:handler"], None);
    let by_tenant = block_on(db.grouped_series(&of, "tenant", 10, 2, &NoYield)).unwrap();
    assert_eq!(by_tenant.groups.len(), 2);
    for group in &by_tenant.groups {
        let filters = format!("tagfocus:tenant={}", group.labels.get("tenant").unwrap());
        let total = query(&db, &select(&["focus:/^main/", &filters], None)).total;
        assert_eq!(group.values.iter().sum::<f64>(), total as f64);
    }
    let (count, rest) = by_tenant.rest.unwrap();
    let shown: f64 = by_tenant.groups.iter().chain([&rest]).flat_map(|group| &group.values).sum();
    assert_eq!((count, shown), (2, query(&db, &of).total as f64));
    let bad = block_on(db.series(&select(&["fokus:x"], None), 10, &NoYield)).unwrap_err();
    assert_eq!(bad.code, "bad-filter");
}

#[test]
fn labels_stand_at_the_root_and_filters_find_them() {
    let db = database();
    let whole = query(&db, &select(&[], None)).total;
    let tenants = roots(&db, &select(&["tagroot:tenant"], None));
    let names: Vec<&str> = tenants.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["(unknown)", "acme", "globex", "initech"]);
    assert_eq!(tenants.iter().map(|(_, total)| total).sum::<i64>(), whole);
    for (name, total) in &tenants[1..] {
        assert_eq!(query(&db, &select(&[&format!("tagfocus:tenant={name}")], None)).total, *total);
        let focused = roots(&db, &select(&["tagroot:tenant", &format!("focus:{name}")], None));
        assert_eq!(focused, [(name.clone(), *total)]);
    }
    // A profile without threads is below one frame without a name.
    assert_eq!(roots(&db, &select(&[], Some("thread"))), [("(unknown)".to_owned(), whole)]);
    let bad = block_on(db.query(&select(&[], Some("pixel")), &NoYield)).unwrap_err();
    assert_eq!(bad.code, "bad-argument");
}
