//! A database over real profiles: what a page does with it, natively.

use std::fs;

use emberglass_engine::{Database, NoYield, QueryAnswer, SelectionText, SourceInfo, block_of_pack, export_answer};
use emberglass_formats::{NoProgress, decode};
use emberglass_store::{
    Backend, CommitBatch, FaultMode, FaultyBackend, MemoryBackend, PackItem, PackReader, SectionKind,
};
use pollster::block_on as run;
use serde_json::Value;

use crate::common::fixture;

const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

fn source(name: &str) -> SourceInfo {
    SourceInfo {
        name: name.to_owned(),
        imported_ms: 1_795_500_000_000.0,
        path_template: name.contains('/').then(|| "{service_name}/{region}/".to_owned()),
        ..SourceInfo::default()
    }
}

/// Stages a fixture under a name and commits it.
fn ingest<B: Backend>(db: &Database<B>, path: &str, name: &str) -> emberglass_engine::IngestReceipt {
    let batch = decode(&fs::read(fixture(path)).unwrap(), name, &mut NoProgress).unwrap();
    let staged = run(db.stage(&batch, &source(name))).unwrap();
    run(db.flush()).unwrap();
    run(db.committed(staged.ticket)).unwrap();
    staged.receipt
}

fn select(profile_type: &str, matchers: &str) -> SelectionText {
    SelectionText { profile_type: profile_type.to_owned(), matchers: matchers.to_owned(), ..SelectionText::default() }
}

fn query<B: Backend>(db: &Database<B>, of: &SelectionText) -> QueryAnswer {
    run(db.query(of, &NoYield)).unwrap()
}

fn expected(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(fixture(&format!("{path}.expected.json"))).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    json["profiles"].as_array().unwrap().clone()
}

/// Every sample type of a profile: total and the ten highest self and total values, by name.
fn assert_as_expected<B: Backend>(db: &Database<B>, path: &str, matchers: &str) {
    let catalog = run(db.catalog(&NoYield)).unwrap();
    let types: Vec<_> = catalog.services.iter().flat_map(|service| &service.types).collect();
    for profile in expected(path) {
        let sample_type = profile["type"].as_str().unwrap();
        let of = types.iter().find(|of| of.sample_type == sample_type).unwrap();
        let answer = query(db, &select(&of.id, matchers));
        assert_eq!(answer.total, profile["total"].as_i64().unwrap(), "{path} {sample_type}");
        let top = db.top(answer.handle, "self", true, 0, 100_000, "").unwrap();
        for (key, of_total) in [("top_self", false), ("top_total", true)] {
            for pair in profile[key].as_array().unwrap() {
                let (name, value) = (pair[0].as_str().unwrap(), pair[1].as_i64().unwrap());
                let found = top.rows.iter().filter(|row| row.name == name);
                let sum: i64 = found.map(|row| if of_total { row.total } else { row.self_value }).sum();
                assert_eq!(sum, value, "{path} {sample_type} {key} {name}");
            }
        }
    }
}

#[test]
fn every_sample_type_of_real_go_profiles_is_exact() {
    for path in
        ["go/cpu.pb.gz", "go/heap.pb.gz", "go/allocs.pb.gz", "go/goroutine.pb.gz", "go/mutex.pb.gz", "go/block.pb.gz"]
    {
        let db = run(Database::open(MemoryBackend::default())).unwrap();
        ingest(&db, path, path.rsplit('/').next().unwrap());
        assert_as_expected(&db, path, "{}");
    }
}

#[test]
fn data_survives_reopening_and_is_gone_after_deletion() {
    let backend = MemoryBackend::default();
    {
        let db = run(Database::open(backend.clone())).unwrap();
        let receipt = ingest(&db, "go/heap.pb.gz", "heap.pb.gz");
        assert!(receipt.stored);
        assert_eq!(receipt.time_source, "file");
        assert_eq!(receipt.until, receipt.from + 1);
        ingest(&db, "go/cpu.pb.gz", "cpu.pb.gz");
    }
    let db = run(Database::open(backend.clone())).unwrap();
    assert_as_expected(&db, "go/heap.pb.gz", "{}");
    assert_as_expected(&db, "go/cpu.pb.gz", "{}");
    let deleted = run(db.delete(&select("", "{}"))).unwrap();
    assert!(deleted.profiles > 0);
    assert!(run(db.catalog(&NoYield)).unwrap().services.is_empty());
    let again = run(Database::open(backend)).unwrap();
    assert!(run(again.catalog(&NoYield)).unwrap().services.is_empty());
    assert_eq!(again.status().stored_bytes, 0.0);
}

#[test]
fn a_series_is_selected_by_labels_and_half_open_ranges() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let mut of_region = 0;
    for region in ["eu", "us"] {
        let mut files: Vec<_> =
            fs::read_dir(fixture(&format!("series/checkout/{region}"))).unwrap().map(|e| e.unwrap()).collect();
        files.retain(|entry| entry.path().extension().is_some_and(|extension| extension == "gz"));
        files.sort_by_key(std::fs::DirEntry::path);
        of_region = files.len();
        for entry in files {
            let name = format!("checkout/{region}/{}", entry.file_name().to_string_lossy());
            let batch = decode(&fs::read(entry.path()).unwrap(), &name, &mut NoProgress).unwrap();
            run(db.stage(&batch, &source(&name))).unwrap();
        }
    }
    run(db.flush()).unwrap();
    let whole = query(&db, &select(CPU, "{service_name=\"checkout\"}"));
    let eu = query(&db, &select(CPU, "{region=\"eu\"}"));
    let us = query(&db, &select(CPU, "{region=~\"u.\"}"));
    assert_eq!(whole.total, eu.total + us.total);
    assert!(of_region > 1 && eu.profiles as usize >= of_region);

    let service = &run(db.catalog(&NoYield)).unwrap().services[0];
    let middle = i64::midpoint(service.from, service.until);
    let part = |from, until| query(&db, &SelectionText { from, until, ..select(CPU, "{}") }).total;
    assert_eq!(part(Some(service.from), Some(middle)) + part(Some(middle), Some(service.until)), whole.total);
    assert_eq!(part(Some(service.until), None), 0);
    assert_eq!(part(None, Some(service.from)), 0);

    let series = run(db.series(&select(CPU, "{}"), 60, &NoYield)).unwrap();
    assert_eq!(series.values.iter().sum::<f64>(), whole.total as f64);
    assert_eq!(series.profiles.iter().sum::<u32>(), whole.profiles);
    let labels = run(db.labels(&select(CPU, "{}"), &NoYield)).unwrap();
    let regions = labels.iter().find(|label| label.name == "region").unwrap();
    assert_eq!(regions.values.iter().map(|value| value.value.as_str()).collect::<Vec<_>>(), ["eu", "us"]);
}

#[test]
fn uploads_are_listed_exported_and_deleted_one_by_one() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    ingest(&db, "go/cpu.pb.gz", "shop/eu/cpu.pb.gz");
    ingest(&db, "go/heap.pb.gz", "heap.pb.gz");
    let jfr = ingest(&db, "java/app.jfr", "app.jfr");
    let uploads = run(db.uploads(&NoYield)).unwrap();
    let names: Vec<&str> = uploads.iter().map(|upload| upload.name.as_str()).collect();
    assert_eq!(names, ["app.jfr", "heap.pb.gz", "shop/eu/cpu.pb.gz"]);
    let formats: Vec<&str> = uploads.iter().map(|upload| upload.format.as_str()).collect();
    assert_eq!(formats, ["jfr", "pprof", "pprof"]);
    assert_eq!((uploads[0].profiles, uploads[0].from, uploads[0].until), (jfr.profiles, jfr.from, jfr.until));
    let all: u32 = uploads.iter().map(|upload| upload.profiles).sum();
    assert_eq!(all, run(db.catalog(&NoYield)).unwrap().profiles);
    let cpu = &uploads[2];
    assert!(cpu.types.contains(&CPU.to_owned()), "{:?}", cpu.types);
    for (name, value) in [("service_name", "shop"), ("region", "eu")] {
        assert!(cpu.labels.contains(&(name.to_owned(), value.to_owned())), "{:?}", cpu.labels);
    }
    // Threads differ within the recording, the service does not.
    assert!(uploads[0].varying.iter().all(|name| uploads[0].labels.iter().all(|(common, _)| common != name)));
    assert_eq!(uploads[0].labels.iter().find(|(name, _)| name == "service_name").unwrap().1, jfr.service);

    let only = |ids: &[&String]| SelectionText {
        matchers: "{}".to_owned(),
        uploads: Some(ids.iter().map(|id| (*id).clone()).collect()),
        ..SelectionText::default()
    };
    let other = carried(&db, Some(&only(&[&uploads[1].id])));
    assert_eq!(run(other.uploads(&NoYield)).unwrap(), [uploads[1].clone()]);

    run(db.compact(false, &NoYield)).unwrap();
    assert_eq!(run(db.uploads(&NoYield)).unwrap(), uploads, "whatever blocks they are in");
    let gone = run(db.delete(&only(&[&uploads[0].id, &uploads[2].id]))).unwrap();
    assert_eq!(gone.profiles, uploads[0].profiles + uploads[2].profiles);
    assert_eq!(run(db.uploads(&NoYield)).unwrap(), [uploads[1].clone()]);
    assert_as_expected(&db, "go/heap.pb.gz", "{}");
    let gone = run(db.delete(&only(&[]))).unwrap();
    assert_eq!(gone.profiles, 0, "no upload is not every upload");
    let bad = run(db.delete(&only(&[&"nonsense".to_owned()]))).unwrap_err();
    assert_eq!(bad.code, "bad-argument");
}

#[test]
fn the_same_bytes_count_once() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    assert!(ingest(&db, "go/cpu.pb.gz", "cpu.pb.gz").stored);
    let before = query(&db, &select(CPU, "{}"));
    let again = ingest(&db, "go/cpu.pb.gz", "cpu.pb.gz");
    assert!(!again.stored);
    assert_eq!(query(&db, &select(CPU, "{}")).total, before.total);
}

#[test]
fn two_databases_on_one_storage_both_write() {
    let backend = MemoryBackend::default();
    let first = run(Database::open(backend.clone())).unwrap();
    let second = run(Database::open(backend)).unwrap();
    ingest(&first, "go/cpu.pb.gz", "cpu.pb.gz");
    ingest(&second, "go/heap.pb.gz", "heap.pb.gz");
    assert!(run(first.refresh()).unwrap());
    assert!(!run(second.refresh()).unwrap());
    for db in [&first, &second] {
        assert_as_expected(db, "go/cpu.pb.gz", "{}");
        assert_as_expected(db, "go/heap.pb.gz", "{}");
    }
}

#[test]
fn nothing_is_acknowledged_before_its_commit_succeeded() {
    let memory = MemoryBackend::default();
    let backend = FaultyBackend::new(memory.clone());
    let db = run(Database::open(backend)).unwrap();
    let batch = decode(&fs::read(fixture("go/cpu.pb.gz")).unwrap(), "cpu.pb.gz", &mut NoProgress).unwrap();
    let staged = run(db.stage(&batch, &source("cpu.pb.gz"))).unwrap();
    assert_eq!(db.status().state, "saving");
    db.backend().fail(db.backend().operations(), FaultMode::Quota);
    let error = run(db.flush()).unwrap_err();
    assert_eq!(error.code, "storage-quota");
    assert_eq!(db.status().state, "degraded");
    assert_eq!(run(Database::open(memory.clone())).unwrap().status().blocks, 0);
    // What was staged is still there: the next commit stores it.
    run(db.flush()).unwrap();
    run(db.committed(staged.ticket)).unwrap();
    assert_eq!(db.status().state, "saved");
    assert_as_expected(&run(Database::open(memory)).unwrap(), "go/cpu.pb.gz", "{}");
}

#[test]
fn results_are_kept_until_released_or_pushed_out() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    ingest(&db, "go/cpu.pb.gz", "cpu.pb.gz");
    let first = query(&db, &select(CPU, "{}"));
    let second = query(&db, &select(CPU, "{}"));
    db.release(second.handle);
    assert_eq!(db.top(second.handle, "self", true, 0, 1, "").unwrap_err().code, "unknown-handle");
    for _ in 0..15 {
        query(&db, &select(CPU, "{}"));
    }
    assert_eq!(db.path(first.handle, 0).unwrap(), []);
    query(&db, &select(CPU, "{}"));
    query(&db, &select(CPU, "{}"));
    assert!(db.path(first.handle, 0).is_ok(), "used since, so that others were pushed out");
}

#[test]
fn views_of_a_result_agree_with_each_other() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    ingest(&db, "go/cpu.pb.gz", "cpu.pb.gz");
    let answer = query(&db, &select(CPU, "{}"));
    let top = db.top(answer.handle, "total", true, 0, 5, "").unwrap();
    assert_eq!(top.count, answer.functions);
    let found = db.search(answer.handle, "/^runtime\\.mallocgc$/").unwrap();
    let filtered = db.top(answer.handle, "self", true, 0, 10, "/^runtime\\.mallocgc$/").unwrap();
    assert_eq!((found.functions, filtered.count), (1, 1));
    assert_eq!(found.sum, filtered.rows[0].total);
    let error = db.search(answer.handle, "/(/").unwrap_err();
    assert_eq!((error.code.as_str(), error.offset.is_some()), ("bad-pattern", true));

    let root = db.node(answer.handle, 0).unwrap();
    assert_eq!(root.total, answer.total);
    let deepest = (0..answer.nodes).max_by_key(|&node| db.node(answer.handle, node).unwrap().depth).unwrap();
    let path = db.path(answer.handle, deepest).unwrap();
    assert_eq!(path.len(), answer.depth as usize);
    let names: Vec<String> = path.iter().map(|step| step.name.clone()).collect();
    assert_eq!(db.resolve(answer.handle, &names).unwrap(), Some(deepest));
    assert_eq!(db.node(answer.handle, u32::MAX).unwrap_err().code, "unknown-node");
}

#[test]
fn bad_selections_say_where() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let error = run(db.query(&select("cpu", "{}"), &NoYield)).unwrap_err();
    assert_eq!(error.code, "bad-profile-type");
    let error = run(db.query(&select(CPU, "{a=b}"), &NoYield)).unwrap_err();
    assert_eq!((error.code.as_str(), error.offset), ("bad-selector", Some(3)));
}

#[test]
fn damaged_data_is_told_and_the_rest_is_shown() {
    let backend = MemoryBackend::default();
    let db = run(Database::open(backend.clone())).unwrap();
    ingest(&db, "go/cpu.pb.gz", "cpu.pb.gz");
    let rest = SourceInfo { labels: vec![("service_name".to_owned(), "rest".to_owned())], ..source("heap.pb.gz") };
    let batch = decode(&fs::read(fixture("go/heap.pb.gz")).unwrap(), "heap.pb.gz", &mut NoProgress).unwrap();
    run(db.stage(&batch, &rest)).unwrap();
    run(db.flush()).unwrap();

    let keys = run(backend.list()).unwrap();
    let key = keys.into_iter().find(|key| key.kind == SectionKind::Series).unwrap();
    let mut bytes = run(backend.get(&[key])).unwrap().remove(0).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let manifest = run(backend.load()).unwrap().unwrap();
    let expected_generation = manifest.generation;
    let puts = vec![(key, std::rc::Rc::new(bytes))];
    run(backend.commit(CommitBatch { expected_generation, manifest, puts, deletes: Vec::new() })).unwrap();

    let again = run(Database::open(backend)).unwrap();
    let catalog = run(again.catalog(&NoYield)).unwrap();
    assert_eq!(catalog.damaged.len(), 1);
    let services: Vec<_> = catalog.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(services, ["rest"]);
    run(again.clear()).unwrap();
    assert!(run(again.catalog(&NoYield)).unwrap().damaged.is_empty());
}

#[test]
fn compacting_makes_fewer_and_smaller_blocks_and_no_other_answers() {
    let backend = MemoryBackend::default();
    let db = run(Database::open(backend.clone())).unwrap();
    for path in ["go/cpu.pb.gz", "go/heap.pb.gz", "go/mutex.pb.gz"] {
        ingest(&db, path, path.rsplit('/').next().unwrap());
    }
    let before = db.status();
    assert_eq!(run(db.compact(true, &NoYield)).unwrap().blocks, 0, "three small blocks can wait");
    let done = run(db.compact(false, &NoYield)).unwrap();
    assert!(done.blocks >= 3);
    let after = db.status();
    assert!(after.blocks < before.blocks && after.stored_bytes < before.stored_bytes / 1.5, "{before:?} {after:?}");
    assert_eq!(run(db.compact(false, &NoYield)).unwrap().blocks, 0);
    for db in [db, run(Database::open(backend)).unwrap()] {
        for path in ["go/cpu.pb.gz", "go/heap.pb.gz", "go/mutex.pb.gz"] {
            assert_as_expected(&db, path, "{}");
        }
    }
}

/// A database that imported what another one exports.
fn carried<B: Backend>(db: &Database<B>, of: Option<&SelectionText>) -> Database<MemoryBackend> {
    let mut export = run(db.begin_export(of)).unwrap();
    let other = run(Database::open(MemoryBackend::default())).unwrap();
    let mut reader = PackReader::default();
    let (mut bytes, mut profiles) = (0, 0);
    while let Some(chunk) = run(db.export_chunk(&mut export, &NoYield)).unwrap() {
        bytes += chunk.len();
        reader.push(&chunk);
        while let Some(item) = reader.next_item().unwrap() {
            let PackItem::Block(block) = item else { continue };
            let block = block_of_pack(&block);
            profiles += run(other.import_block(&block)).unwrap().profiles;
            assert_eq!(run(other.import_block(&block)).unwrap().profiles, 0);
        }
    }
    reader.finish().unwrap();
    let answer = export_answer(&export);
    assert_eq!((answer.bytes as usize, answer.profiles, answer.left_out_profiles), (bytes, profiles, 0));
    other
}

#[test]
fn another_database_answers_alike_after_an_import() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    for path in ["go/cpu.pb.gz", "go/heap.pb.gz", "go/mutex.pb.gz"] {
        ingest(&db, path, path.rsplit('/').next().unwrap());
    }
    let other = carried(&db, None);
    for path in ["go/cpu.pb.gz", "go/heap.pb.gz", "go/mutex.pb.gz"] {
        assert_as_expected(&other, path, "{}");
    }
    let services = |db: &Database<MemoryBackend>| run(db.catalog(&NoYield)).unwrap().services;
    assert_eq!(services(&other), services(&db));
    let some = carried(&other, Some(&select(CPU, "{}")));
    assert_eq!(run(some.catalog(&NoYield)).unwrap().services[0].types.len(), 1);
    let (all, part) = (query(&db, &select(CPU, "{}")), query(&some, &select(CPU, "{}")));
    assert_eq!((all.total, all.nodes, all.profiles), (part.total, part.nodes, part.profiles));
    let bad = run(db.begin_export(Some(&select("cpu", "{}")))).unwrap_err();
    assert_eq!(bad.code, "bad-profile-type");
}
