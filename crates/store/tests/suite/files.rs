//! A storage in files, in memory: a process that ends at any operation, in the middle of any write, leaves the old or the
//! new state.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_labels::Matchers;
use emberglass_store::{Backend, BackendError, FileRange, Files, FilesBackend, Store, StoreError, conformance};

use crate::common::{Kept, compact, contents, ingest, profiles};

/// What is left of the file that was being written.
#[derive(Clone, Copy, Debug)]
enum Torn {
    Untouched,
    /// Its first bytes, in hundredths.
    Cut(usize),
    /// As long as it should be, but zeros from there on.
    Zeroed(usize),
    /// Whole, but nobody heard of it.
    Whole,
}

const TORN: [Torn; 8] = [
    Torn::Untouched,
    Torn::Cut(0),
    Torn::Cut(1),
    Torn::Cut(50),
    Torn::Cut(99),
    Torn::Zeroed(1),
    Torn::Zeroed(90),
    Torn::Whole,
];

/// A folder; clones share it.
#[derive(Clone, Default)]
struct Folder {
    files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    operations: Rc<Cell<u64>>,
    end: Rc<Cell<Option<(u64, Torn)>>>,
    locked: Rc<Cell<bool>>,
}

struct Locked(Rc<Cell<bool>>);

impl Drop for Locked {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Folder {
    /// The folder as the next process finds it.
    fn reopened(&self) -> Self {
        Self { files: Rc::clone(&self.files), ..Self::default() }
    }

    /// Counts an operation that changes something; says how it ends if it is the last.
    fn next(&self) -> Result<Option<Torn>, BackendError> {
        let nth = self.operations.get();
        self.operations.set(nth + 1);
        match self.end.get() {
            Some((at, _)) if nth > at => Err(gone()),
            Some((at, torn)) if nth == at => Ok(Some(torn)),
            _ => Ok(None),
        }
    }
}

fn gone() -> BackendError {
    BackendError::Other("the process is gone".to_owned())
}

impl Files for Folder {
    type Guard = Locked;

    async fn lock(&self) -> Result<Locked, BackendError> {
        assert!(!self.locked.replace(true), "one at a time");
        Ok(Locked(Rc::clone(&self.locked)))
    }

    async fn read(&self, name: &str, ranges: &[FileRange]) -> Result<Option<Vec<Vec<u8>>>, BackendError> {
        let files = self.files.borrow();
        let Some(file) = files.get(name) else { return Ok(None) };
        let part = |&(offset, len): &FileRange| {
            let from = file.len().min(offset as usize);
            file[from..file.len().min(from.saturating_add(len as usize))].to_vec()
        };
        Ok(Some(ranges.iter().map(part).collect()))
    }

    async fn write(&self, name: &str, parts: &[&[u8]]) -> Result<(), BackendError> {
        let whole = parts.concat();
        let part = |hundredths: usize| whole.len() * hundredths / 100;
        let left = match self.next()? {
            None | Some(Torn::Whole) => whole.clone(),
            Some(Torn::Untouched) => return Err(gone()),
            Some(Torn::Cut(at)) => whole[..part(at)].to_vec(),
            Some(Torn::Zeroed(at)) => {
                let mut left = whole.clone();
                left[part(at)..].fill(0);
                left
            }
        };
        self.files.borrow_mut().insert(name.to_owned(), left);
        if self.end.get().is_some_and(|(at, _)| self.operations.get() > at) { Err(gone()) } else { Ok(()) }
    }

    async fn remove(&self, name: &str) -> Result<(), BackendError> {
        match self.next()? {
            Some(Torn::Untouched) => return Err(gone()),
            _ => self.files.borrow_mut().remove(name),
        };
        if self.end.get().is_some_and(|(at, _)| self.operations.get() > at) { Err(gone()) } else { Ok(()) }
    }

    async fn names(&self) -> Result<Vec<String>, BackendError> {
        Ok(self.files.borrow().keys().cloned().collect())
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ingest(u8),
    Compact,
    Delete(i64, i64),
    Clear,
    Destroy,
}

const WORKLOAD: [Step; 9] = [
    Step::Ingest(0),
    Step::Ingest(1),
    Step::Ingest(2),
    Step::Compact,
    Step::Delete(10, 20),
    Step::Ingest(3),
    Step::Clear,
    Step::Ingest(4),
    Step::Destroy,
];

async fn run(store: &Store<FilesBackend<Folder>>, step: Step) -> Result<(), StoreError> {
    match step {
        Step::Ingest(n) => ingest(store, n).await,
        Step::Compact => compact(store, 1000).await,
        Step::Delete(from, until) => {
            store.delete(&Matchers::default(), Some(from), Some(until)).await.map(|_report| ())
        }
        Step::Clear => store.clear().await.map(|_report| ()),
        Step::Destroy => Ok(store.backend().destroy().await?),
    }
}

fn expect(step: Step, stored: &mut Vec<Kept>) {
    match step {
        Step::Ingest(n) => stored.extend(profiles(n)),
        Step::Delete(from, until) => stored.retain(|profile| !(from..until).contains(&profile.start)),
        Step::Clear | Step::Destroy => stored.clear(),
        Step::Compact => {}
    }
    stored.sort();
}

async fn opened(folder: &Folder) -> Store<FilesBackend<Folder>> {
    Store::open(FilesBackend::open(folder.reopened()).await.unwrap()).await.unwrap()
}

/// Runs the workload until the process ends; gives the operations it took.
async fn workload(end: Option<(u64, Torn)>) -> u64 {
    let folder = Folder::default();
    folder.end.set(end);
    let store = Store::open(FilesBackend::open(folder.clone()).await.unwrap()).await.unwrap();
    let mut stored = Vec::new();
    for &step in &WORKLOAD {
        let old = stored.clone();
        expect(step, &mut stored);
        let answer = run(&store, step).await;
        let after = opened(&folder).await;
        let found = contents(&after).await.unwrap();
        match answer {
            Ok(()) => assert_eq!(found, stored, "after {step:?} with {end:?}"),
            Err(error) => {
                assert!(end.is_some(), "{error}");
                assert!(found == old || found == stored, "{step:?} with {end:?} is torn: {found:?}");
                // Work goes on, and nothing is left of what was not committed.
                let mut more = found;
                for n in [8, 9] {
                    run(&after, Step::Ingest(n)).await.unwrap();
                    more.extend(profiles(n));
                }
                more.sort();
                let after = opened(&folder).await;
                assert_eq!(contents(&after).await.unwrap(), more);
                let files = folder.files.borrow().keys().filter(|name| !name.starts_with("index")).count();
                assert_eq!(files, after.manifest().blocks.len(), "{:?}", folder.files.borrow().keys());
                break;
            }
        }
    }
    folder.operations.get()
}

#[test]
fn files_conform() {
    let folder = Folder::default();
    pollster::block_on(conformance::check(async || FilesBackend::open(folder.clone()).await)).unwrap();
}

#[test]
fn a_process_that_ends_within_any_operation_leaves_the_old_or_the_new_state() {
    pollster::block_on(async {
        let operations = workload(None).await;
        assert!(operations > 20, "{operations}");
        let mut faults = 0;
        for nth in 0..operations {
            for torn in TORN {
                workload(Some((nth, torn))).await;
                faults += 1;
            }
        }
        println!("faults {faults}");
    });
}

#[test]
fn files_of_others_are_left_alone_and_lost_ones_are_missing() {
    pollster::block_on(async {
        let folder = Folder::default();
        folder.files.borrow_mut().insert("holiday.jpg".to_owned(), vec![1]);
        let store = opened(&folder).await;
        run(&store, Step::Ingest(1)).await.unwrap();
        let block = folder.files.borrow().keys().find(|name| name.starts_with('1')).cloned().unwrap();
        let value = folder.files.borrow_mut().remove(&block).unwrap();
        assert_eq!(contents(&opened(&folder).await).await.unwrap_err().code(), "damaged-section");
        folder.files.borrow_mut().insert(block, value);
        assert_eq!(contents(&opened(&folder).await).await.unwrap(), profiles(1));
        run(&store, Step::Clear).await.unwrap();
        let left: Vec<String> = folder.files.borrow().keys().cloned().collect();
        assert_eq!(left, ["holiday.jpg", "index-0", "index-1"]);
        for at in [0, 9, 15, 16] {
            for name in ["index-0", "index-1"] {
                folder.files.borrow_mut().get_mut(name).unwrap()[at] ^= 1;
            }
            assert!(matches!(FilesBackend::open(folder.reopened()).await, Err(BackendError::Corrupt(_))));
            for name in ["index-0", "index-1"] {
                folder.files.borrow_mut().get_mut(name).unwrap()[at] ^= 1;
            }
        }
    });
}
