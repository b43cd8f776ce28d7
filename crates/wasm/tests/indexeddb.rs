//! The back end in IndexedDB, in a dedicated worker of a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use emberglass_labels::Matchers;
use emberglass_profile::{Batch, ContentHash, Frame, Function, ProfileEntry, SampleTableBuilder, StackId};
use emberglass_store::{
    Backend, BackendError, BlockId, CommitBatch, CompactStep, FaultMode, FaultyBackend, Origin, SectionKey,
    SectionKind, Store, StoreError, StoredManifest, Urgency, conformance,
};
use emberglass_wasm::idb::IndexedDbBackend;
use idb::{Factory, Request as _, TransactionMode};
use js_sys::ArrayBuffer;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A name of its own for each test, without what an earlier run left.
async fn fresh(name: &str) -> String {
    let name = format!("test-{name}");
    IndexedDbBackend::delete_database(&name).await.unwrap();
    name
}

/// A batch of one profile with one sample for each of `values`.
fn batch(hash: u128, values: &[i64]) -> Batch {
    let mut batch = Batch { format: "test".to_owned(), content_hash: ContentHash(hash), ..Batch::default() };
    let mut table = SampleTableBuilder::new(&[0]);
    for (at, &value) in values.iter().enumerate() {
        let name = batch.symbols.strings.intern(&format!("function {at}"));
        let function = batch.symbols.functions.intern(Function { name, ..Function::default() });
        let frame = batch.symbols.frames.intern(Frame { function, ..Frame::default() });
        let stack = batch.stacks.push(StackId::ROOT, frame).unwrap();
        table.add(stack, Default::default(), &[value]).unwrap();
    }
    batch.tables.push(table.finish());
    let profile_type = "test:samples:count::".parse().unwrap();
    batch.profiles.push(ProfileEntry { profile_type, start: Some(hash as i64), ..ProfileEntry::default() });
    batch
}

/// (start, total) of every stored profile, sorted.
async fn contents<B: Backend>(store: &Store<B>) -> Vec<(i64, i64)> {
    let mut all = Vec::new();
    for meta in &store.manifest().blocks {
        let block = store.block(meta.id).await.unwrap();
        for row in 0..block.profiles.len() {
            let part = store.samples(meta.id, block.profiles.sample_part[row]).await.unwrap();
            let mut total = 0;
            block.for_each_sample(row, &part, |_, _, value| total += value).unwrap();
            all.push((block.profiles.start[row], total));
        }
    }
    all.sort_unstable();
    all
}

async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(|context| {
        if first.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(context)
        {
            first = Some(value);
        }
        if second.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(context)
        {
            second = Some(value);
        }
        if first.is_some() && second.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (first.unwrap(), second.unwrap())
}

fn one_put(expected_generation: u64, bytes: Vec<u8>) -> (SectionKey, CommitBatch) {
    let key = SectionKey { block: BlockId(expected_generation + 1), kind: SectionKind::Samples, part: 0 };
    let manifest = StoredManifest { generation: expected_generation + 1, bytes: vec![1, 2, 3] };
    (key, CommitBatch { expected_generation, manifest, puts: vec![(key, Rc::new(bytes))], deletes: Vec::new() })
}

#[wasm_bindgen_test]
async fn conforms() {
    let name = fresh("conformance").await;
    conformance::check(async || IndexedDbBackend::open(&name).await).await.unwrap();
}

#[wasm_bindgen_test]
async fn two_stores_that_commit_at_once_both_win() {
    let name = fresh("race").await;
    let open = async || Store::open(IndexedDbBackend::open(&name).await.unwrap()).await.unwrap();
    let (a, b) = (open().await, open().await);
    let mut expected = Vec::new();
    for round in 0..10u128 {
        // The first profile of each round is the same in both.
        for (store, own) in [(&a, 1), (&b, 2)] {
            store.stage(&batch(round * 10, &[7, 8]), &Origin::default()).await.unwrap();
            store.stage(&batch(round * 10 + own, &[own as i64]), &Origin::default()).await.unwrap();
        }
        let (first, second) = both(a.commit(), b.commit()).await;
        assert_eq!(first.unwrap().blocks.len() + second.unwrap().blocks.len(), 2);
        let start = round as i64 * 10;
        expected.extend([(start, 15), (start + 1, 1), (start + 2, 2)]);
    }
    assert_eq!(contents(&open().await).await, expected);
    b.refresh().await.unwrap();
    assert_eq!(contents(&b).await, expected);
}

#[wasm_bindgen_test]
async fn what_was_committed_is_there_after_reopening() {
    let name = fresh("reopen").await;
    let store = Store::open(IndexedDbBackend::open(&name).await.unwrap()).await.unwrap();
    store.stage(&batch(5, &[1; 3000]), &Origin::default()).await.unwrap();
    store.commit().await.unwrap();
    store.stage(&batch(6, &[1]), &Origin::default()).await.unwrap();
    drop(store);
    let store = Store::open(IndexedDbBackend::open(&name).await.unwrap()).await.unwrap();
    assert_eq!(contents(&store).await, [(5, 3000)]);
    // A connection that was closed opens again by itself.
    store.backend().close();
    store.stage(&batch(6, &[2]), &Origin::default()).await.unwrap();
    store.backend().close();
    store.commit().await.unwrap();
    assert_eq!(contents(&store).await, [(5, 3000), (6, 2)]);
}

#[wasm_bindgen_test]
async fn a_value_is_stored_without_the_memory_around_it() {
    let name = fresh("slice").await;
    let backend = IndexedDbBackend::open(&name).await.unwrap();
    let (_, commit) = one_put(0, vec![9; 1000]);
    backend.commit(commit).await.unwrap();
    let database = Factory::new().unwrap().open(&name, None).unwrap().await.unwrap();
    let transaction = database.transaction(&["sections", "manifest"], TransactionMode::ReadOnly).unwrap();
    let all = transaction.object_store("sections").unwrap().get_all(None, None).unwrap();
    let manifest = transaction.object_store("manifest").unwrap().get(JsValue::from("current")).unwrap();
    transaction.await.unwrap();
    let values = js_sys::Array::from(&all.result().unwrap());
    assert_eq!(values.length(), 1);
    assert_eq!(values.get(0).dyn_into::<ArrayBuffer>().unwrap().byte_length(), 1000);
    let bytes = js_sys::Reflect::get(&manifest.result().unwrap(), &"bytes".into()).unwrap();
    assert_eq!(bytes.dyn_into::<ArrayBuffer>().unwrap().byte_length(), 3);
    database.close();
}

#[wasm_bindgen_test]
async fn an_upgrade_by_another_tab_is_not_blocked_and_then_refused() {
    let name = fresh("upgrade").await;
    let backend = IndexedDbBackend::open(&name).await.unwrap();
    let events = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&events);
    backend.observe(move |state| seen.borrow_mut().push(state.name()));
    let (key, commit) = one_put(0, vec![1]);
    backend.commit(commit).await.unwrap();
    let later = Factory::new().unwrap().open(&name, Some(99)).unwrap().await.unwrap();
    assert_eq!(*events.borrow(), ["released"]);
    let error = backend.get(&[key]).await.unwrap_err();
    assert_eq!(error.code(), "storage-newer-version");
    assert_eq!(*events.borrow(), ["released", "opening", "refused"]);
    later.close();
    assert!(matches!(IndexedDbBackend::open(&name).await, Err(BackendError::NewerVersion(_))));
}

#[wasm_bindgen_test]
async fn a_database_that_another_tab_deleted_is_opened_anew() {
    let name = fresh("deleted").await;
    let backend = IndexedDbBackend::open(&name).await.unwrap();
    let events = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&events);
    backend.observe(move |state| seen.borrow_mut().push(state.name()));
    let (_, commit) = one_put(0, vec![1]);
    backend.commit(commit.clone()).await.unwrap();
    IndexedDbBackend::delete_database(&name).await.unwrap();
    assert_eq!(backend.load().await, Ok(None));
    assert_eq!(*events.borrow(), ["released", "opening", "open"]);
    backend.commit(commit.clone()).await.unwrap();
    assert_eq!(backend.commit(commit).await, Err(BackendError::Conflict { found: 1 }));
}

#[wasm_bindgen_test]
async fn an_operation_that_is_dropped_leaves_the_old_or_the_new_state() {
    let name = fresh("dropped").await;
    let backend = IndexedDbBackend::open(&name).await.unwrap();
    let mut generation = 0;
    for polls in 1..6 {
        let (key, commit) = one_put(generation, vec![7; 100_000]);
        {
            let mut commit = pin!(backend.commit(commit));
            let mut left = polls;
            poll_fn(|context| {
                left -= 1;
                if commit.as_mut().poll(context).is_ready() || left == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        let stored = backend.load().await.unwrap().map_or(0, |stored| stored.generation);
        let value = backend.get(&[key]).await.unwrap().remove(0);
        assert_eq!(value.is_some(), stored == generation + 1);
        generation = stored;
    }
    assert!(generation > 0);
}

/// One step of a workload, and what it leaves of (start, total).
async fn step<B: Backend>(store: &Store<B>, at: usize) -> Result<(), StoreError> {
    match at {
        0..=3 | 6 => {
            store.stage(&batch(at as u128, &[at as i64 + 1; 50]), &Origin::default()).await?;
            store.commit().await.map(|_report| ())
        }
        4 => {
            while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
                while store.compact_step(&mut compaction, 1000).await? == CompactStep::More {}
            }
            Ok(())
        }
        _ => store.delete(&Matchers::default(), Some(1), Some(3)).await.map(|_report| ()),
    }
}

fn expected(at: usize, before: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut after = before.to_vec();
    match at {
        0..=3 | 6 => after.push((at as i64, (at as i64 + 1) * 50)),
        4 => {}
        _ => after.retain(|&(start, _)| !(1..3).contains(&start)),
    }
    after
}

#[wasm_bindgen_test]
async fn a_sample_of_faults_leaves_the_old_or_the_new_state() {
    let mut operations = 1;
    let mut nth = 0;
    while nth < operations {
        for mode in FaultMode::ALL {
            let name = fresh("faults").await;
            let faulty = FaultyBackend::new(IndexedDbBackend::open(&name).await.unwrap());
            let store = Store::open(faulty).await.unwrap();
            let faulty = store.backend();
            faulty.fail(faulty.operations() + nth, mode);
            let mut stored = Vec::new();
            for at in 0..7 {
                let after = expected(at, &stored);
                for attempt in 0.. {
                    let done = step(&store, at).await;
                    let reopened = Store::open(IndexedDbBackend::open(&name).await.unwrap()).await.unwrap();
                    let found = contents(&reopened).await;
                    reopened.backend().close();
                    if done.is_ok() {
                        assert_eq!(found, after, "step {at} with {mode:?} at {nth}");
                        break;
                    }
                    assert!(found == stored || found == after, "step {at} with {mode:?} at {nth} is torn: {found:?}");
                    assert!(attempt < 3, "step {at} with {mode:?} at {nth} fails again and again");
                    faulty.reconnect();
                }
                stored = after;
            }
            operations = operations.max(faulty.operations());
        }
        // Natively each is met; here every fifth.
        nth += 5;
    }
    assert!(operations > 15);
}
