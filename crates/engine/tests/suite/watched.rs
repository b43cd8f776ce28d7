//! Queries that are followed, given up, or asked again with other filters.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Waker};

use emberglass_engine::{Database, NoYield, QueryAnswer, SelectionText, Shard, SourceInfo, Watch, YieldNow};
use emberglass_formats::{NoProgress, decode};
use emberglass_profile::Batch;
use emberglass_store::MemoryBackend;
use pollster::block_on as run;

use crate::common::fixture;

const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

/// Recorded profiles of a service, oldest first.
fn recorded() -> Vec<PathBuf> {
    let files = fs::read_dir(fixture("series/checkout/eu")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|of| of == "gz")).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Batch {
    decode(&fs::read(path).unwrap(), &path.to_string_lossy(), &mut NoProgress).unwrap()
}

/// One block for each of them, and how many they are.
fn filled() -> (Database<MemoryBackend>, usize) {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let paths = recorded();
    for path in &paths {
        run(db.stage(&read(path), &SourceInfo::default())).unwrap();
        run(db.flush()).unwrap();
    }
    (db, paths.len())
}

fn select(filters: &[&str]) -> SelectionText {
    let filters = filters.iter().map(|&filter| filter.to_owned()).collect();
    SelectionText { profile_type: CPU.to_owned(), matchers: "{}".to_owned(), filters, ..SelectionText::default() }
}

/// Wants everything there is to know.
#[derive(Default)]
struct Curious {
    partial: RefCell<Vec<QueryAnswer>>,
    at: RefCell<Vec<(u64, u64)>>,
}

impl YieldNow for Curious {
    async fn yield_now(&self) {}

    fn progress(&self, done: u64, total: u64) {
        self.at.borrow_mut().push((done, total));
    }
}

impl Watch for Curious {
    fn wants_partial(&self) -> bool {
        true
    }

    fn partial(&self, answer: QueryAnswer) {
        self.partial.borrow_mut().push(answer);
    }
}

/// Has two other engines over the same storage; those that are named have no part.
struct Sharing {
    of: SelectionText,
    others: [Database<MemoryBackend>; 2],
    without: Vec<u32>,
    parts: Cell<usize>,
    curious: Curious,
}

impl YieldNow for Sharing {
    async fn yield_now(&self) {}
}

impl Watch for Sharing {
    fn wants_partial(&self) -> bool {
        true
    }

    fn partial(&self, answer: QueryAnswer) {
        self.curious.partial(answer);
    }

    fn others(&self, sample_bytes: u64) -> u32 {
        assert!(sample_bytes > 0);
        2
    }

    async fn part(&self, shard: Shard, generation: u64) -> Option<Vec<u8>> {
        let db = &self.others[shard.index as usize - 1];
        let part = db.part(&self.of, shard, generation, &NoYield).await.ok()??;
        if self.without.contains(&shard.index) {
            return None;
        }
        self.parts.set(self.parts.get() + 1);
        Some(part)
    }
}

#[test]
fn engines_over_the_same_storage_merge_a_query_together() {
    let (db, _files) = filled();
    let open = || run(Database::open(db.backend().clone())).unwrap();
    for filters in [vec![], vec!["hide:/^runtime/"], vec!["tagroot:region", "focus:/main/"], vec!["tagfocus:/eu/"]] {
        let of = select(&filters);
        let alone = open();
        let expected = run(alone.query(&of, &NoYield)).unwrap();
        let stacks_of = |db: &Database<MemoryBackend>, handle| db.stacks(handle, 0, 1 << 20).unwrap();
        for without in [vec![], vec![1], vec![1, 2]] {
            let (others, of) = ([open(), open()], of.clone());
            let sharing = Sharing { of: of.clone(), others, without, parts: Cell::new(0), curious: Curious::default() };
            let together = open();
            let answer = run(together.query(&of, &sharing)).unwrap();
            assert_eq!(answer, QueryAnswer { handle: answer.handle, ..expected.clone() });
            assert_eq!(stacks_of(&together, answer.handle), stacks_of(&alone, expected.handle));
            assert_eq!(sharing.parts.get(), 2 - sharing.without.len());
            // What is there so far is shown, and grows with each part.
            let partial = sharing.curious.partial.borrow();
            assert!(partial.is_sorted_by(|a, b| a.profiles < b.profiles));
            assert!(!partial.is_empty() && partial.iter().all(|of| of.profiles < expected.profiles));
        }
    }
}

#[test]
fn what_is_merged_so_far_is_a_result_that_grows() {
    let (db, files) = filled();
    let filters = ["hide:/^runtime/"];
    let watch = Curious::default();
    let answer = run(db.query(&select(&filters), &watch)).unwrap();
    let partial = watch.partial.take();
    assert_eq!(partial.len(), files - 1, "between blocks");
    for (before, after) in partial.iter().zip(partial.iter().skip(1).chain([&answer])) {
        assert!(before.profiles < after.profiles && before.total < after.total);
    }
    // It has the profiles that it says, filtered as the whole.
    let last = &partial.last().unwrap();
    let top = db.top(last.handle, "self", true, 0, u32::MAX, "").unwrap();
    assert!(top.rows.iter().all(|row| !row.name.starts_with("runtime")));
}

#[test]
fn progress_counts_profiles_up_to_all_of_them() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    // 300,000 stacks of three profiles are several slices of work.
    for n in 0..3 {
        let mut text = String::new();
        for at in 0..100_000 {
            text.push_str(&format!("a{};b{};c{n} 1\n", at % 300, at / 300));
        }
        let batch = decode(text.as_bytes(), "a.folded", &mut NoProgress).unwrap();
        run(db.stage(&batch, &SourceInfo { name: format!("{n}.folded"), ..SourceInfo::default() })).unwrap();
    }
    run(db.flush()).unwrap();
    let catalog = run(db.catalog(&NoYield)).unwrap();
    let profile_type = catalog.services[0].types[0].id.clone();
    let watch = Curious::default();
    run(db.query(&SelectionText { profile_type, matchers: "{}".to_owned(), ..SelectionText::default() }, &watch))
        .unwrap();
    let at = watch.at.take();
    assert!(!at.is_empty() && at.is_sorted() && at.iter().all(|&(done, total)| done <= total && total == 3), "{at:?}");
}

/// Waits for ever the `nth` time.
struct Stuck(Cell<u32>);

impl YieldNow for Stuck {
    async fn yield_now(&self) {
        if self.0.get() == 0 {
            std::future::pending::<()>().await;
        }
        self.0.set(self.0.get() - 1);
    }
}

impl Watch for Stuck {
    fn wants_partial(&self) -> bool {
        false
    }
}

#[test]
fn a_query_that_is_dropped_leaves_nothing_behind() {
    let large = run(Database::open(MemoryBackend::default())).unwrap();
    let text: String = (0..200_000).map(|at| format!("a{};b{} 1\n", at % 500, at / 500)).collect();
    let batch = decode(text.as_bytes(), "a.folded", &mut NoProgress).unwrap();
    run(large.stage(&batch, &SourceInfo { name: "a.folded".to_owned(), ..SourceInfo::default() })).unwrap();
    run(large.flush()).unwrap();
    let profile_type = run(large.catalog(&NoYield)).unwrap().services[0].types[0].id.clone();
    let of = SelectionText { profile_type, matchers: "{}".to_owned(), ..SelectionText::default() };
    for yields in 0..3 {
        let watch = Stuck(Cell::new(yields));
        let mut query = pin!(large.query(&of, &watch));
        let mut context = Context::from_waker(Waker::noop());
        assert!(query.as_mut().poll(&mut context).is_pending(), "given up after {yields} slices");
    }
    // A compaction does not wait for what was given up, and the answer is the same.
    run(large.compact(false, &NoYield)).unwrap();
    assert_eq!(run(large.query(&of, &NoYield)).unwrap().total, 200_000);
}

#[test]
fn filters_that_change_read_nothing_anew_and_answer_as_if_they_did() {
    let memory = MemoryBackend::default();
    let db = run(Database::open(memory.clone())).unwrap();
    let mut paths = recorded().into_iter();
    let mut store_next = || {
        run(db.stage(&read(&paths.next().unwrap()), &SourceInfo::default())).unwrap();
        run(db.flush()).unwrap();
    };
    store_next();
    store_next();
    let lists: [&[&str]; 5] =
        [&[], &["focus:mallocgc"], &["focus:mallocgc", "hide:/^runtime/"], &["hide:/^runtime/"], &[]];
    let mut answers = Vec::new();
    for (at, filters) in lists.iter().enumerate() {
        let watch = Curious::default();
        let answer = run(db.query(&select(filters), &watch)).unwrap();
        // What is merged so far is told between the two blocks, if they are merged.
        assert_eq!(watch.partial.take().len(), usize::from(at == 0), "{filters:?}");
        let fresh = run(Database::open(memory.clone())).unwrap();
        let again = run(fresh.query(&select(filters), &NoYield)).unwrap();
        assert_eq!((answer.total, answer.nodes, answer.depth), (again.total, again.nodes, again.depth), "{filters:?}");
        assert_eq!(
            db.top(answer.handle, "self", true, 0, 50, "").unwrap().rows,
            fresh.top(again.handle, "self", true, 0, 50, "").unwrap().rows
        );
        answers.push(answer);
    }
    assert_eq!(answers[0].total, answers[4].total);
    // What is stored since counts.
    store_next();
    let more = run(db.query(&select(&[]), &NoYield)).unwrap();
    assert!(more.total > answers[0].total && more.profiles > answers[0].profiles);
    run(db.clear()).unwrap();
    assert_eq!(run(db.query(&select(&[]), &NoYield)).unwrap().profiles, 0);
}

/// Stores one more profile between two blocks of a query.
struct Storing<'a> {
    db: &'a Database<MemoryBackend>,
    batch: RefCell<Option<Batch>>,
}

impl YieldNow for Storing<'_> {
    async fn yield_now(&self) {}
}

impl Watch for Storing<'_> {
    fn wants_partial(&self) -> bool {
        if let Some(batch) = self.batch.take() {
            run(self.db.stage(&batch, &SourceInfo::default())).unwrap();
            run(self.db.flush()).unwrap();
        }
        false
    }
}

#[test]
fn what_is_stored_during_a_query_is_in_the_next() {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let paths = recorded();
    let (last, before) = paths.split_last().unwrap();
    for path in before {
        run(db.stage(&read(path), &SourceInfo::default())).unwrap();
        run(db.flush()).unwrap();
    }
    let storing = Storing { db: &db, batch: RefCell::new(Some(read(last))) };
    let during = run(db.query(&select(&[]), &storing)).unwrap();
    assert!(storing.batch.borrow().is_none(), "a profile was stored meanwhile");
    let after = run(db.query(&select(&[]), &NoYield)).unwrap();
    assert!(
        after.total > during.total && after.profiles > during.profiles,
        "{} and {}",
        during.profiles,
        after.profiles
    );
    assert_eq!(run(db.query(&select(&[]), &NoYield)).unwrap().total, after.total);
}
