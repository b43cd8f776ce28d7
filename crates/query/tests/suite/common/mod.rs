//! Profiles as plain lists, and stores that hold them.

use emberglass_labels::{LabelSet, TagFrames};
use emberglass_profile::{
    AttributeSetId, Batch, ContentHash, Frame, FrameId, Function, ProfileEntry, ProfileType, SampleTableBuilder,
};
use emberglass_query::Selection;
use emberglass_store::{
    Backend, BlockOptions, CompactStep, DeleteReport, Limits, MemoryBackend, Origin, RetentionPolicy, Store,
    StoreOptions, Urgency,
};
use emberglass_trie::StackBuilder;
use pollster::block_on;
use proptest::prelude::*;

pub(crate) const SECOND: i64 = 1_000_000_000;

/// One profile of one series.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) service: u8,
    pub(crate) region: u8,
    /// Seconds.
    pub(crate) start: i64,
    /// Stacks of functions, root first, with values of both sample types.
    pub(crate) samples: Vec<(Vec<u8>, i64, i64)>,
}

/// A cumulative and an instant type, as one Go heap profile has them.
pub(crate) fn types() -> [ProfileType; 2] {
    let id = |sample_type: &str| format!("memory:{sample_type}:bytes:space:bytes").parse().unwrap();
    [id("alloc_space"), id("inuse_space")]
}

impl Profile {
    pub(crate) fn labels(&self) -> LabelSet {
        [("service_name", format!("s{}", self.service)), ("region", format!("r{}", self.region))].into_iter().collect()
    }

    pub(crate) fn batch(&self, number: usize) -> Batch {
        let mut batch = Batch { content_hash: ContentHash(number as u128 + 1), ..Batch::default() };
        let symbols = &mut batch.symbols;
        let mut builder = StackBuilder::default();
        let mut table = SampleTableBuilder::new(&[0, 0]);
        for (stack, alloc, inuse) in &self.samples {
            let frames: Vec<FrameId> = stack
                .iter()
                .map(|function| {
                    let name = symbols.strings.intern(&format!("f{function}"));
                    let function = symbols.functions.intern(Function { name, ..Function::default() });
                    symbols.frames.intern(Frame { function, ..Frame::default() })
                })
                .collect();
            table.add(builder.insert(frames), AttributeSetId::EMPTY, &[*alloc, *inuse]).unwrap();
        }
        batch.stacks = builder.finish();
        batch.tables.push(table.finish());
        for (column, profile_type) in types().into_iter().enumerate() {
            let start = Some(self.start * SECOND);
            batch.profiles.push(ProfileEntry { profile_type, column: column as u32, start, ..ProfileEntry::default() });
        }
        batch
    }
}

pub(crate) fn profiles() -> impl Strategy<Value = Vec<Profile>> {
    let sample = (proptest::collection::vec(0u8..5, 0..5), -2i64..50, 0i64..50);
    let samples = proptest::collection::vec(sample, 0..8);
    let profile = (0u8..3, 0u8..2, 0i64..40, samples).prop_map(|(service, region, start, samples)| Profile {
        service,
        region,
        start,
        samples,
    });
    proptest::collection::vec(profile, 0..14)
}

/// A store that sums up whatever it can.
pub(crate) fn store_in(memory: MemoryBackend) -> Store<MemoryBackend> {
    let block = BlockOptions { rollup_pieces: 2, ..BlockOptions::default() };
    let options = StoreOptions { block, ..StoreOptions::default() };
    pollster::block_on(Store::open_with(memory, options)).unwrap()
}

/// Stores the profiles, with a commit after every `group` of them.
pub(crate) fn store_of(profiles: &[Profile], group: usize) -> Store<MemoryBackend> {
    let store = store_in(MemoryBackend::default());
    add(&store, profiles, group, 0);
    store
}

pub(crate) fn add<B: Backend>(store: &Store<B>, profiles: &[Profile], group: usize, first_number: usize) {
    pollster::block_on(async {
        for (number, profile) in profiles.iter().enumerate() {
            let number_of_all = first_number + number;
            let origin = Origin { labels: profile.labels(), name: number_of_all.to_string(), ..Origin::default() };
            store.stage(&profile.batch(number_of_all), &origin).await.unwrap();
            if number % group == group - 1 {
                store.commit().await.unwrap();
            }
        }
        store.commit().await.unwrap();
    });
}

pub(crate) fn selection(profile_type: usize, matchers: &str, from: Option<i64>, until: Option<i64>) -> Selection {
    Selection {
        profile_type: types()[profile_type].clone(),
        matchers: emberglass_labels::Matchers::parse(matchers).unwrap(),
        tags: Vec::new(),
        tag_frames: TagFrames::default(),
        from: from.map(|from| from * SECOND),
        until: until.map(|until| until * SECOND),
        cut_samples: false,
        metadata: Vec::new(),
        aggregate: None,
    }
}

/// The profiles of a selection.
pub(crate) fn selected<'a>(profiles: &'a [Profile], selection: &Selection) -> Vec<&'a Profile> {
    let inside = |profile: &&Profile| {
        let start = profile.start * SECOND;
        selection.matchers.matches(&profile.labels())
            && selection.from.is_none_or(|from| start >= from)
            && selection.until.is_none_or(|until| start < until)
    };
    profiles.iter().filter(inside).collect()
}

/// Merges until nothing is due, in steps of `limit`.
pub(crate) fn compact(store: &Store<impl Backend>, limit: usize) {
    while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
        while block_on(store.compact_step(&mut compaction, limit)).unwrap() == CompactStep::More {}
    }
}

/// Lets the samples of everything go that sums hold.
pub(crate) fn thin(store: &Store<impl Backend>) -> DeleteReport {
    let all = Limits { max_sample_age: Some(1), ..Limits::default() };
    block_on(store.set_policy(RetentionPolicy { all, ..RetentionPolicy::default() })).unwrap();
    block_on(store.retain(i64::MAX)).unwrap()
}
