//! A block of the store with one section replaced, under a checksum that holds: what the section reader is given.

use std::rc::Rc;

use emberglass_columns::checksum;
use emberglass_labels::Matchers;
use emberglass_store::{
    Backend as _, BlockId, BlockMeta, CommitBatch, FORMAT_VERSION, Manifest, MemoryBackend, PackedBlock, SectionKind,
    SectionMeta, Store, StoreError, StoredManifest,
};

macro_rules! section {
    ($kind:ident, $part:literal, $file:literal) => {
        (SectionKind::$kind, $part, include_bytes!(concat!("../../fixtures/blocks/v4/", $file)))
    };
}

/// Sections by kind, part and value.
type Sections = [(SectionKind, u16, &'static [u8])];

/// The block in `tests/fixtures/blocks/v4/plain`.
const WHOLE: &Sections = &[
    section!(Symbols, 0, "plain/symbols-0.bin"),
    section!(Stacks, 0, "plain/stacks-0.bin"),
    section!(Series, 0, "plain/series-0.bin"),
    section!(Profiles, 0, "plain/profiles-0.bin"),
    section!(Samples, 0, "plain/samples-0.bin"),
    section!(Sources, 0, "plain/sources-0.bin"),
    section!(Attributes, 0, "plain/attributes-0.bin"),
    section!(Timelines, 0, "plain/timelines-0.bin"),
    section!(Timelines, 1, "plain/timelines-1.bin"),
    section!(FunctionCosts, 0, "plain/function-costs-0.bin"),
    section!(FunctionCosts, 1, "plain/function-costs-1.bin"),
];

/// The block in `tests/fixtures/blocks/v4/summed`, whose samples are gone.
const SUMMED: &Sections = &[
    section!(Symbols, 0, "summed/symbols-0.bin"),
    section!(Stacks, 0, "summed/stacks-0.bin"),
    section!(Series, 0, "summed/series-0.bin"),
    section!(Profiles, 0, "summed/profiles-0.bin"),
    section!(Sources, 0, "summed/sources-0.bin"),
    section!(Rollups, 0, "summed/rollups-0.bin"),
    section!(Rollups, 1, "summed/rollups-1.bin"),
];

const BLOCK: BlockId = BlockId(1);
const HEADER_LEN: usize = 20;
const FLAGS_AT: usize = 6;
const LEN_AT: usize = 12;
const DEFLATED: u8 = 1;
const MANIFEST_HEADER_LEN: usize = 12;

/// Inputs that hold what the fixture holds: a byte that says what follows, then the payload.
pub fn seeds() -> Vec<Vec<u8>> {
    let section = |(at, (_, _, value)): (usize, &(SectionKind, u16, &[u8]))| {
        let mut seed = vec![(at as u8 * 2) | value[FLAGS_AT]];
        if value[FLAGS_AT] == DEFLATED {
            seed.extend_from_slice(&value[LEN_AT..LEN_AT + 4]);
        }
        seed.extend_from_slice(&value[HEADER_LEN..]);
        seed
    };
    let mut seeds: Vec<Vec<u8>> = WHOLE.iter().chain(SUMMED).enumerate().map(section).collect();
    let mut manifest = vec![0xff];
    manifest.extend_from_slice(&manifest_of(&[]).encode()[MANIFEST_HEADER_LEN..]);
    seeds.push(manifest);
    seeds
}

/// The fixture's blocks as a pack has them.
pub fn packed() -> Vec<PackedBlock> {
    let block = |sections: &&Sections| {
        let values: Vec<_> = sections.iter().map(|&(kind, part, value)| (kind, part, value.to_vec())).collect();
        let meta = manifest_of(&values).blocks.swap_remove(0);
        PackedBlock { meta, values: values.into_iter().map(|(_, _, value)| Rc::new(value)).collect() }
    };
    [WHOLE, SUMMED].iter().map(block).collect()
}

/// Reads a whole store in which the payload that `input` holds takes the place of a section's, or of the manifest's.
pub fn run(input: &[u8]) {
    let Some((&kind, payload)) = input.split_first() else { return };
    if kind == 0xff {
        read_manifest(payload);
        return;
    }
    let (at, flags) = (usize::from(kind / 2) % (WHOLE.len() + SUMMED.len()), kind & DEFLATED);
    let (sections, at) = match at.checked_sub(WHOLE.len()) {
        None => (WHOLE, at),
        Some(at) => (SUMMED, at),
    };
    let values: Vec<(SectionKind, u16, Vec<u8>)> = sections
        .iter()
        .enumerate()
        .map(|(row, &(kind, part, value))| {
            (kind, part, if row == at { seal(kind, flags, payload) } else { value.to_vec() })
        })
        .collect();
    let memory = MemoryBackend::default();
    let manifest = manifest_of(&values);
    let commit = CommitBatch {
        expected_generation: 0,
        manifest: StoredManifest { generation: manifest.generation, bytes: manifest.encode() },
        puts: manifest.blocks[0].keys().zip(values).map(|(key, (_, _, value))| (key, Rc::new(value))).collect(),
        deletes: Vec::new(),
    };
    pollster::block_on(async {
        memory.commit(commit).await.expect("memory takes every commit");
        let store = Store::open(memory).await.expect("the manifest is whole");
        // An error is an answer.
        let _read = read(&store).await;
    });
}

/// Reads all there is; what it gives must hold together.
async fn read(store: &Store<MemoryBackend>) -> Result<(), StoreError> {
    let block = store.block(BLOCK).await?;
    let attributes = store.attributes(BLOCK).await?;
    for row in 1..block.stacks.len() as u32 {
        let stack = emberglass_profile::StackId(row);
        assert!(block.stacks.parent(stack) < stack);
        let frame = block.symbols.frames.get(block.stacks.frame(stack)).expect("a frame of the block");
        let function = block.symbols.functions.get(frame.function).expect("a function of the block");
        for text in [function.name, function.system_name, function.file] {
            assert!(text.index() < block.symbols.strings.len());
        }
        assert!(frame.mapping.index() < block.symbols.mappings.len());
    }
    let directory = store.directory(BLOCK).await?;
    if let Ok(rollups) = store.rollups(&directory).await {
        for rollup in rollups.iter() {
            assert!(rollup.rows().end as usize <= block.profiles.len());
            let Ok(parts) = store.rollup_parts(BLOCK, &[rollup.part()]).await else { continue };
            let rows = parts.first().and_then(|part| block.rollup_rows(rollup, part).ok()).unwrap_or_default();
            assert!(rows.stacks.iter().all(|&stack| (stack as usize) < block.stacks.len()));
        }
    }
    for row in 0..block.profiles.len() {
        assert!((block.profiles.series[row] as usize) < block.series.len());
        assert!((block.profiles.source[row] as usize) < block.sources.len());
        let Ok(part) = store.samples(BLOCK, block.profiles.sample_part[row]).await else { continue };
        let read = block.for_each_sample(row, &part, |stack, set, value| {
            assert!(stack.index() < block.stacks.len() && value != 0);
            let _set = attributes.sets.get(set);
        });
        // Errors of one profile are answers.
        let _rows = read;
        let _records = store.records(&block, row).await;
        let _costs = store.costs(&block, row).await;
    }
    // What starts after the epoch goes, so that the block is written anew with the rest.
    store.delete(&Matchers::default(), Some(1), None).await.map(|_report| ())
}

/// The value of a section around `payload`, which is stored as it is.
fn seal(kind: SectionKind, flags: u8, payload: &[u8]) -> Vec<u8> {
    let stored_len = (payload.len() as u32).to_le_bytes();
    // A deflated payload begins with the length that it claims.
    let (len, payload) = match (flags, payload.split_first_chunk::<4>()) {
        (DEFLATED, Some((len, rest))) => (*len, rest),
        _ => (stored_len, payload),
    };
    let mut value = b"EGSC".to_vec();
    value.extend_from_slice(&[FORMAT_VERSION, kind.code(), flags, 0]);
    value.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    value.extend_from_slice(&len);
    let mut head = value.clone();
    head.extend_from_slice(&checksum(payload).0.to_le_bytes());
    value.extend_from_slice(&checksum(&head).0.to_le_bytes());
    value.extend_from_slice(payload);
    value
}

fn manifest_of(values: &[(SectionKind, u16, Vec<u8>)]) -> Manifest {
    let stated = |value: &[u8]| value[16..].first_chunk().map_or(0, |sum| u32::from_le_bytes(*sum));
    let sections = values
        .iter()
        .map(|(kind, part, value)| SectionMeta {
            kind: *kind,
            part: *part,
            len: value.len() as u32,
            checksum: stated(value),
        })
        .collect();
    let block = BlockMeta { id: BLOCK, first_start: i64::MIN, last_start: i64::MAX, sections, ..BlockMeta::default() };
    Manifest { generation: 1, next_block: 2, blocks: vec![block], ..Manifest::default() }
}

/// What is decoded is encoded to the same bytes.
fn read_manifest(body: &[u8]) {
    let mut bytes = b"EGMF\x01\0\0\0".to_vec();
    let sum = [&bytes[..], body].concat();
    bytes.extend_from_slice(&checksum(&sum).0.to_le_bytes());
    bytes.extend_from_slice(body);
    if let Ok(manifest) = Manifest::decode(&bytes) {
        let again = Manifest::decode(&manifest.encode()).expect("a manifest that was written");
        assert_eq!(again, manifest);
    }
}
