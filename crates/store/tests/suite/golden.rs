//! Files of every format version that was ever written: they stay readable, and the current one is still written byte
//! for byte. `EMBERGLASS_WRITE_FIXTURES=1` writes those of a new version; those of old versions never change.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use emberglass_labels::Matchers;
use emberglass_store::{
    Backend, BlockId, BlockOptions, CommitBatch, CompactStep, Compression, Limits, Manifest, MemoryBackend,
    RetentionPolicy, ScrubReport, SectionKey, SectionKind, Source, Store, StoreOptions, StoredManifest, Urgency,
};

use crate::common;
use crate::common::{Plain, batch, contents, kept, origin};

fn folder(version: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "fixtures", "blocks", version].iter().collect()
}

fn profiles(version: u8) -> [Plain; 3] {
    let is_2 = version > 1;
    let frame = |name: &str, line| (name.to_owned(), line);
    let text = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let sample = |frames: &[(String, u32)], attributes: &[(String, String)], value| {
        (frames.to_vec(), attributes.to_vec(), value)
    };
    let (main, work, wait) = (frame("main", 12), frame("work", 30), frame("wait", 41));
    let samples = vec![
        sample(std::slice::from_ref(&main), &[], 3),
        sample(&[main.clone(), work.clone()], &[text("bytes", "4096")], 20),
        sample(&[main.clone(), work.clone(), work.clone()], &[], -1),
        sample(&[main.clone(), wait], &[text("span_id", "beef")], 7),
        sample(&[], &[], 1),
        sample(&[frame("gc é", 0), work], &[text("thread", "x")], 1 << 40),
    ];
    let plain = |sample_type: &str, start, scale, samples: &[common::Sample]| Plain {
        sample_type: sample_type.to_owned(),
        labels: vec![text("zone", "a")],
        start,
        scale,
        samples: samples.to_vec(),
        times: if is_2 { vec![70, 20, 20, 30, 40, 50] } else { Vec::new() },
        costs: match is_2 && samples.is_empty() {
            true => vec![("work".to_owned(), 2, 5), ("stated".to_owned(), 3, 3)],
            false => Vec::new(),
        },
    };
    let ten_times: Vec<_> = samples.iter().cloned().map(|(stack, set, value)| (stack, set, value * 10)).collect();
    [
        plain("count", Some(1_795_440_971_731_594_128), 0, &samples),
        plain("time", Some(1_795_440_971_731_594_128), 3, &ten_times),
        plain("time", None, 0, &[]),
    ]
}

/// Three profiles of one step, merged, without their samples.
async fn written_summed() -> Vec<(String, Vec<u8>)> {
    let memory = MemoryBackend::default();
    let block = BlockOptions { rollup_pieces: 2, ..BlockOptions::default() };
    let store = Store::open_with(memory.clone(), StoreOptions { block, ..StoreOptions::default() }).await.unwrap();
    for n in 0..3 {
        common::ingest(&store, n).await.unwrap();
    }
    let mut compaction = store.plan_compaction(Urgency::All).unwrap();
    while store.compact_step(&mut compaction, 1000).await.unwrap() == CompactStep::More {}
    let all = Limits { max_sample_age: Some(1), ..Limits::default() };
    store.set_policy(RetentionPolicy { all, ..RetentionPolicy::default() }).await.unwrap();
    assert_eq!(store.retain(1000).await.unwrap().summed, 3);
    files_of(&memory).await
}

async fn files_of(memory: &MemoryBackend) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("manifest.bin".to_owned(), memory.load().await.unwrap().unwrap().bytes)];
    let keys = memory.list().await.unwrap();
    for (SectionKey { kind, part, .. }, value) in keys.iter().zip(memory.get(&keys).await.unwrap()) {
        files.push((format!("{kind}-{part}.bin"), value.unwrap()));
    }
    files
}

/// Writes the block; gives its manifest and sections.
async fn written(compression: Compression) -> Vec<(String, Vec<u8>)> {
    let memory = MemoryBackend::default();
    let options =
        StoreOptions { block: BlockOptions { compression, ..BlockOptions::default() }, ..StoreOptions::default() };
    let store = Store::open_with(memory.clone(), options).await.unwrap();
    let mut batch = batch(0x0123_4567_89ab_cdef, &profiles(2));
    batch.comments.push("a comment".to_owned());
    batch.metadata.push(("agent".to_owned(), "plain 1".to_owned()));
    batch.default_sample_type = "time".to_owned();
    batch.drop_frames = "drop".to_owned();
    batch.keep_frames = "keep".to_owned();
    batch.service_name = "own".to_owned();
    batch.default_entry = Some(1);
    batch.warnings.add("odd", Some(40), || "something odd".to_owned());
    store.stage(&batch, &origin("golden", 77)).await.unwrap();
    store.commit().await.unwrap();
    files_of(&memory).await
}

/// Opens what the files of a folder hold.
async fn read(folder: &Path) -> Store<MemoryBackend> {
    let memory = MemoryBackend::default();
    let bytes = fs::read(folder.join("manifest.bin")).unwrap();
    let manifest = Manifest::decode(&bytes).unwrap();
    let mut puts = Vec::new();
    for key in manifest.blocks.iter().flat_map(emberglass_store::BlockMeta::keys) {
        let value = fs::read(folder.join(format!("{}-{}.bin", key.kind, key.part))).unwrap();
        puts.push((key, Rc::new(value)));
    }
    let manifest = StoredManifest { generation: manifest.generation, bytes };
    memory.commit(CommitBatch { expected_generation: 0, manifest, puts, deletes: Vec::new() }).await.unwrap();
    Store::open(memory).await.unwrap()
}

/// What every version says of its source.
async fn assert_source(store: &Store<MemoryBackend>) -> Source {
    let directory = store.directory(store.manifest().blocks[0].id).await.unwrap();
    let source = directory.sources[0].clone();
    assert_eq!((source.name.as_str(), source.format.as_str()), ("golden.plain", "plain"));
    assert_eq!((source.comments[0].as_str(), source.drop_frames.as_str()), ("a comment", "drop"));
    assert_eq!(source.metadata[0], ("agent".to_owned(), "plain 1".to_owned()));
    source
}

#[test]
fn version_1_is_read() {
    pollster::block_on(async {
        let mut expected = kept(0x0123_4567_89ab_cdef, &profiles(1), &origin("golden", 77));
        expected.sort();
        for name in ["v1/plain", "v1/deflated"] {
            let store = read(&folder(name)).await;
            assert_eq!(contents(&store).await.unwrap(), expected, "{name}");
            let source = assert_source(&store).await;
            assert_eq!((source.warnings.len(), source.default_entry), (0, None));
            // A deletion writes the rest of the block in the current version.
            store.delete(&Matchers::default(), Some(0), Some(1000)).await.unwrap();
            let rest: Vec<_> = expected.iter().filter(|profile| profile.start > 1000).cloned().collect();
            assert_eq!(contents(&store).await.unwrap(), rest, "{name}");
        }
    });
}

/// What versions from 2 on say further.
async fn assert_whole_source(store: &Store<MemoryBackend>) {
    let source = assert_source(store).await;
    assert_eq!((source.keep_frames.as_str(), source.service_name.as_str()), ("keep", "own"));
    let warning = &source.warnings[0];
    assert_eq!((warning.code.as_str(), warning.message.as_str()), ("odd", "something odd"));
    assert_eq!((warning.offset, warning.count, source.default_entry), (Some(40), 1, Some(1)));
}

fn expected() -> Vec<common::Kept> {
    let mut expected = kept(0x0123_4567_89ab_cdef, &profiles(2), &origin("golden", 77));
    expected.sort();
    assert!(expected.iter().any(|profile| profile.records.is_some()));
    assert!(expected.iter().any(|profile| !profile.costs.is_empty()));
    expected
}

#[test]
fn versions_2_and_3_are_read() {
    pollster::block_on(async {
        for name in ["v2/plain", "v2/deflated", "v3/plain", "v3/deflated"] {
            let store = read(&folder(name)).await;
            assert_eq!(contents(&store).await.unwrap(), expected(), "{name}");
            assert_whole_source(&store).await;
            let mut compaction = store.plan_compaction(Urgency::All).unwrap();
            while store.compact_step(&mut compaction, 1).await.unwrap() == CompactStep::More {}
            assert_eq!(contents(&store).await.unwrap(), expected(), "{name}");
            assert_whole_source(&store).await;
        }
    });
}

#[test]
fn version_4_is_read_and_written_byte_for_byte() {
    pollster::block_on(async {
        for (name, compression) in [("v4/plain", Compression::None), ("v4/deflated", Compression::Deflate(6))] {
            let folder = folder(name);
            let files = written(compression).await;
            if std::env::var_os("EMBERGLASS_WRITE_FIXTURES").is_some() {
                fs::create_dir_all(&folder).unwrap();
                for (name, bytes) in &files {
                    fs::write(folder.join(name), bytes).unwrap();
                }
            }
            let store = read(&folder).await;
            assert_eq!(contents(&store).await.unwrap(), expected(), "{name}");
            assert_whole_source(&store).await;
            // Another version of the deflater may pack differently: those files only have to stay readable.
            if compression == Compression::None {
                // The manifest has versions of its own.
                for (name, bytes) in files.into_iter().filter(|(name, _)| name != "manifest.bin") {
                    assert_eq!(
                        hex(&bytes),
                        hex(&fs::read(folder.join(&name)).unwrap()),
                        "{name} changed: a new format version?"
                    );
                }
            }
        }
    });
}

#[test]
fn blocks_of_which_sums_are_left_are_read_and_are_what_the_specification_says() {
    pollster::block_on(async {
        let folder = folder("v4/summed");
        let files = written_summed().await;
        if std::env::var_os("EMBERGLASS_WRITE_FIXTURES").is_some() {
            fs::create_dir_all(&folder).unwrap();
            for (name, bytes) in &files {
                fs::write(folder.join(name), bytes).unwrap();
            }
        }
        let store = read(&folder).await;
        let meta = store.manifest().blocks[0].clone();
        let directory = store.directory(meta.id).await.unwrap();
        assert_eq!((meta.level, meta.section(SectionKind::Samples, 0)), (3, None));
        assert_eq!(directory.profiles.start, [0, 10, 20]);
        assert!((0..3).all(|row| directory.profiles.is_summed(row)));
        let rollups = store.rollups(&directory).await.unwrap();
        let [rollup] = rollups.as_slice() else { panic!("{rollups:?}") };
        assert_eq!((rollup.rows(), rollup.scale(), rollup.part()), (0..3, 0, 1));
        assert_eq!(rollup.span(&directory.profiles), (0, 10_000_000_000));
        let part = store.rollup_parts(meta.id, &[1]).await.unwrap().pop().unwrap();
        let rows = store.block(meta.id).await.unwrap().rollup_rows(rollup, &part).unwrap();
        assert_eq!((rows.stacks, rows.values), (vec![2, 3, 4], vec![1, 2, 3]));
        // So small a payload is not deflated: one sum of the profiles from 0 on, 3 of them, in 12 bytes of part 1.
        for bytes in [&fs::read(folder.join("rollups-0.bin")).unwrap(), &bytes_of(&files, "rollups-0.bin")] {
            assert_eq!(hex(&bytes[20..]), ["01 00 01 03 00 00 01 02 00 01 18"]);
        }
    });
}

fn bytes_of(files: &[(String, Vec<u8>)], name: &str) -> Vec<u8> {
    files.iter().find(|(file, _)| file == name).unwrap().1.clone()
}

#[test]
fn manifests_of_versions_1_and_2_are_read_and_those_of_3_written_byte_for_byte() {
    pollster::block_on(async {
        let of_blocks = Manifest::decode(&fs::read(folder("v3/plain").join("manifest.bin")).unwrap()).unwrap();
        let folder = folder("manifests");
        let old = Manifest::decode(&fs::read(folder.join("v1.bin")).unwrap()).unwrap();
        assert_eq!(old, of_blocks);
        assert!(old.policy.keeps_all() && old.scrub.is_none());
        let limits = |max_age, max_bytes| Limits { max_age, max_bytes, ..Limits::default() };
        let mut policy = RetentionPolicy {
            all: limits(Some(86_400_000_000_000), Some(1 << 30)),
            services: vec![("checkout".to_owned(), limits(None, Some(7))), ("é".to_owned(), limits(Some(-1), None))],
            evict_when_full: true,
        };
        let key = SectionKey { block: BlockId(1), kind: SectionKind::Samples, part: 3 };
        let bad = vec![(key, "too short: 4 bytes".to_owned())];
        let scrub = Some(ScrubReport { at: 1_795_440_971_731_594_128, sections: 9, bytes: 1234, repaired: 2, bad });
        let version_2 = Manifest { policy: policy.clone(), scrub: scrub.clone(), ..of_blocks.clone() };
        assert_eq!(Manifest::decode(&fs::read(folder.join("v2.bin")).unwrap()).unwrap(), version_2);
        policy.all.max_sample_age = Some(3_600_000_000_000);
        let new = Manifest { policy, scrub, ..of_blocks };
        if std::env::var_os("EMBERGLASS_WRITE_FIXTURES").is_some() {
            fs::write(folder.join("v3.bin"), new.encode()).unwrap();
        }
        assert_eq!(hex(&new.encode()), hex(&fs::read(folder.join("v3.bin")).unwrap()));
        assert_eq!(Manifest::decode(&new.encode()).unwrap(), new);
    });
}

fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.chunks(16).map(|row| row.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_stacks_section_is_what_the_specification_says() {
    pollster::block_on(async {
        let files = written(Compression::None).await;
        let (_, bytes) = files.iter().find(|(name, _)| name == "stacks-0.bin").unwrap();
        let (header, payload) = bytes.split_at(20);
        assert_eq!(hex(&header[..16]), ["45 47 53 43 04 02 00 00 0d 00 00 00 0d 00 00 00"]);
        // Frames 0 "gc é", 1 main, 2 wait, 3 work. Nodes: gc é, work; main, wait; work, work. Pops: 0 0 2 0 1 0.
        assert_eq!(hex(payload), ["06 10 01 02 01 54 05 03 01 02 03 03 00"]);
    });
}

#[test]
fn timelines_and_function_costs_are_what_the_specification_says() {
    pollster::block_on(async {
        let files = written(Compression::None).await;
        let payload = |name: &str| files.iter().find(|(file, _)| file == name).unwrap().1[20..].to_vec();
        // The first of four profiles with records has one: at 50, stack 2, value 2^40.
        assert_eq!(hex(&payload("timelines-0.bin")), ["04 54 01 01 02 01 02 54 1e 48 20 55 1e 2a 27 28"]);
        let records = hex(&payload("timelines-1.bin"));
        assert_eq!(records[0], "01 00 64 02 00 00 01 04 02 80 80 80 80 80 40 05");
        // Profile 3 states of functions 2 and 4 ("stated", "work") own values 3 and 2, totals 3 and 5.
        assert_eq!(hex(&payload("function-costs-0.bin")), ["01 01 03 01 02 00 01 22"]);
        let costs = ["02 00 05 02 01 00 04 01 00 01 01 00 06 01 00 04", "02"];
        assert_eq!(hex(&payload("function-costs-1.bin")), costs);
    });
}
