//! Damage is found, repaired where there is another copy, and else kept out of the way.

use emberglass_store::{
    Backend, BackendError, CommitBatch, MemoryBackend, ScrubReport, SectionKey, Store, StoreError, StoredManifest,
};

use crate::common::{Plain, batch, contents, origin};

/// Two copies of which the first is read.
#[derive(Clone, Debug, Default)]
struct Twice {
    first: MemoryBackend,
    second: MemoryBackend,
}

impl Backend for Twice {
    async fn load(&self) -> Result<Option<StoredManifest>, BackendError> {
        self.first.load().await
    }

    async fn get(&self, keys: &[SectionKey]) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        self.first.get(keys).await
    }

    async fn commit(&self, batch: CommitBatch) -> Result<(), BackendError> {
        self.second.commit(batch.clone()).await?;
        self.first.commit(batch).await
    }

    async fn list(&self) -> Result<Vec<SectionKey>, BackendError> {
        self.first.list().await
    }

    async fn destroy(&self) -> Result<(), BackendError> {
        self.second.destroy().await?;
        self.first.destroy().await
    }

    async fn repair(&self, key: SectionKey, _len: u32, _checksum: u32) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(self.second.get(&[key]).await?.pop().flatten())
    }
}

async fn fill<B: Backend>(store: &Store<B>, blocks: i64) {
    for n in 0..blocks {
        let sample = (vec![("main".to_owned(), 1)], vec![("bytes".to_owned(), "64".to_owned())], n + 1);
        let plain = Plain {
            sample_type: "cpu".to_owned(),
            start: Some(n * 10),
            samples: vec![sample],
            times: vec![n],
            costs: vec![("main".to_owned(), 1, 2)],
            ..Plain::default()
        };
        store.stage(&batch(n as u128, &[plain]), &origin("a", 0)).await.unwrap();
        store.commit().await.unwrap();
    }
}

async fn scrub<B: Backend>(store: &Store<B>, at: i64) -> ScrubReport {
    let mut scrub = store.start_scrub();
    let mut before = 0;
    while !store.scrub_step(&mut scrub).await.unwrap() {
        let (bytes, of) = scrub.progress();
        assert!(bytes >= before && bytes <= of);
        before = bytes;
    }
    store.finish_scrub(scrub, at).await.unwrap()
}

fn flip(memory: &MemoryBackend, key: SectionKey) {
    assert!(memory.damage(key, |value| {
        let at = value.len() - 1;
        value[at] ^= 1;
    }));
}

#[test]
fn a_scrub_reads_everything_and_says_what_is_bad_until_it_is_intact_again() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let store = Store::open(memory.clone()).await.unwrap();
        fill(&store, 3).await;
        let (sections, bytes) = (memory.list().await.unwrap().len() as u64, store.manifest().bytes());
        let clean = scrub(&store, 7).await;
        assert_eq!(clean, ScrubReport { at: 7, sections, bytes, repaired: 0, bad: Vec::new() });
        for key in memory.list().await.unwrap() {
            flip(&memory, key);
            let report = scrub(&store, 8).await;
            assert_eq!(report.bad.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key]);
            assert!(report.bad[0].1.contains("checksum"), "{report:?}");
            // Another store knows of it before it reads anything.
            let again = Store::open(memory.clone()).await.unwrap();
            assert!(again.quarantined().contains_key(&key));
            assert_eq!(again.manifest().scrub.as_ref(), Some(&report));
            flip(&memory, key);
            assert_eq!(scrub(&store, 9).await.bad, Vec::new());
        }
        assert_eq!(contents(&store).await.unwrap().len(), 3);
    });
}

#[test]
fn another_copy_repairs_what_is_read_and_what_a_scrub_finds() {
    pollster::block_on(async {
        let twice = Twice::default();
        let store = Store::open(twice.clone()).await.unwrap();
        fill(&store, 2).await;
        let expected = contents(&store).await.unwrap();
        for key in twice.list().await.unwrap() {
            flip(&twice.first, key);
            let fresh = Store::open(twice.clone()).await.unwrap();
            assert_eq!(contents(&fresh).await.unwrap(), expected);
            assert!(fresh.repaired() >= 1 && fresh.quarantined().is_empty(), "{key}");
            let report = scrub(&fresh, 1).await;
            assert_eq!((report.repaired, report.bad.len()), (1, 0), "{key}");
            // Where the copy is as bad, it is told.
            flip(&twice.second, key);
            let fresh = Store::open(twice.clone()).await.unwrap();
            assert!(matches!(contents(&fresh).await, Err(StoreError::Damaged { key: found, .. }) if found == key));
            flip(&twice.first, key);
            flip(&twice.second, key);
        }
    });
}

#[test]
fn damaged_blocks_can_be_discarded_and_the_rest_stays() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let store = Store::open(memory.clone()).await.unwrap();
        fill(&store, 3).await;
        assert_eq!(store.discard_damaged().await.unwrap().dropped_blocks, 0);
        let block = store.manifest().blocks[1].clone();
        for key in block.keys() {
            flip(&memory, key);
        }
        assert_eq!(scrub(&store, 1).await.bad.len(), block.sections.len());
        let report = store.discard_damaged().await.unwrap();
        assert_eq!((report.dropped_blocks, report.profiles, report.freed_bytes), (1, 1, block.bytes()));
        let starts: Vec<i64> = contents(&store).await.unwrap().iter().map(|profile| profile.start).collect();
        assert_eq!((starts, store.quarantined().len()), (vec![0, 20], 0));
        assert!(scrub(&store, 2).await.bad.is_empty());
    });
}

#[test]
fn a_scrub_goes_on_when_blocks_are_replaced_under_it() {
    pollster::block_on(async {
        let memory = MemoryBackend::default();
        let store = Store::open(memory.clone()).await.unwrap();
        fill(&store, 4).await;
        let mut scrub = store.start_scrub();
        assert!(!store.scrub_step(&mut scrub).await.unwrap());
        let other = Store::open(memory.clone()).await.unwrap();
        other.delete(&emberglass_labels::Matchers::default(), Some(10), Some(30)).await.unwrap();
        while !store.scrub_step(&mut scrub).await.unwrap() {}
        let report = store.finish_scrub(scrub, 1).await.unwrap();
        assert!(report.bad.is_empty() && report.sections > 0, "{report:?}");
        assert_eq!(Store::open(memory).await.unwrap().manifest().scrub.as_ref(), Some(&report));
    });
}
