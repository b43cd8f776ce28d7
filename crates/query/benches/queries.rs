//! Times of queries over a continuous series, printed as a table: `cargo bench -p emberglass-query`.
//!
//! Profiles are drawn from a fixed sequence of random numbers: 1,000 samples each in about 455 stacks of one
//! program, 10 s apart.

#![allow(clippy::expect_used, reason = "a bench that fails should stop")]

use std::time::{Duration, Instant};

use emberglass_profile::{
    AttributeSetId, Batch, ContentHash, Frame, FrameId, Function, ProfileEntry, ProfileType, SampleTableBuilder,
    StackId, StackTable, Symbols,
};
use emberglass_query::{NoYield, Selection, catalog, run, time_series};
use emberglass_store::{MemoryBackend, Origin, Store};
use emberglass_trie::{Granularity, StackBuilder};
use pollster::block_on;

const STEP: i64 = 10_000_000_000;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// One program: its symbols, stacks and the stacks that samples end in.
struct Program {
    symbols: Symbols,
    stacks: StackTable,
    leaves: Vec<StackId>,
}

fn program(leaves: usize, functions: u32, random: &mut Random) -> Program {
    let mut symbols = Symbols::default();
    let frames: Vec<FrameId> = (0..functions)
        .map(|at| {
            let name = symbols.strings.intern(&format!("example.com/service/package{}.(*Type).method{at}", at % 97));
            let file = symbols.strings.intern(&format!("/src/package{}/file{}.go", at % 97, at % 7));
            let function = symbols.functions.intern(Function { name, file, ..Function::default() });
            symbols.frames.intern(Frame { function, line: at % 100, ..Frame::default() })
        })
        .collect();
    let mut builder = StackBuilder::default();
    let mut stack: Vec<FrameId> = Vec::new();
    let mut ends = Vec::new();
    for _ in 0..leaves {
        stack.truncate(random.below(stack.len() as u64 + 1) as usize);
        while (stack.len() as u64) < 4 + random.below(30) {
            stack.push(frames[random.below(u64::from(functions)) as usize]);
        }
        ends.push(builder.insert(stack.iter().copied()));
    }
    Program { symbols, stacks: builder.finish(), leaves: ends }
}

fn profile(program: &Program, number: usize, samples: u64, random: &mut Random) -> Batch {
    let mut table = SampleTableBuilder::new(&[0]);
    for _ in 0..samples {
        // Squared, so that some stacks are much more frequent than others.
        let count = program.leaves.len() as u64;
        let leaf = random.below(count) * random.below(count) / count;
        table.add(program.leaves[leaf as usize], AttributeSetId::EMPTY, &[10_000_000]).expect("a small sum");
    }
    Batch {
        content_hash: ContentHash(number as u128 + 1),
        symbols: program.symbols.clone(),
        stacks: program.stacks.clone(),
        tables: vec![table.finish()],
        profiles: vec![ProfileEntry {
            profile_type: profile_type(),
            start: Some(number as i64 * STEP),
            duration: STEP,
            ..ProfileEntry::default()
        }],
        ..Batch::default()
    }
}

fn profile_type() -> ProfileType {
    "process_cpu:cpu:nanoseconds:cpu:nanoseconds".parse().expect("five parts")
}

fn best<T>(times: u32, mut work: impl FnMut() -> T) -> (T, Duration) {
    let mut least = Duration::MAX;
    let mut result = None;
    for _ in 0..times {
        let start = Instant::now();
        let value = work();
        least = least.min(start.elapsed());
        result = Some(value);
    }
    (result.expect("at least one run"), least)
}

fn report(what: &str, time: Duration) {
    println!("{what:<64} {:>10.3} ms", time.as_secs_f64() * 1e3);
}

fn measure(what: &str, profiles: usize, per_commit: usize, samples: u64, program: &Program, random: &mut Random) {
    let backend = MemoryBackend::default();
    let store = block_on(Store::open(backend.clone())).expect("an empty store");
    let origin = Origin { labels: [("service_name", "shop")].into_iter().collect(), ..Origin::default() };
    let started = Instant::now();
    for number in 0..profiles {
        let batch = profile(program, number, samples, random);
        block_on(store.stage(&batch, &origin)).expect("staged");
        if number % per_commit == per_commit - 1 {
            block_on(store.commit()).expect("committed");
        }
    }
    block_on(store.commit()).expect("committed");
    let blocks = store.manifest().blocks.len();
    report(&format!("{what}: stored in {blocks} blocks, {} bytes", backend.bytes()), started.elapsed());
    let selection = Selection { profile_type: profile_type(), ..Selection::default() };
    let query = |store: &Store<MemoryBackend>| {
        block_on(run(store, &selection, Granularity::Function, &NoYield)).expect("an answer").trie.tree.len()
    };
    let (nodes, cold) = best(3, || query(&block_on(Store::open(backend.clone())).expect("a store")));
    report(&format!("{what}: query, cold, {nodes} nodes"), cold);
    report(&format!("{what}: query, warm"), best(10, || query(&store)).1);
    let series = || block_on(time_series(&store, &selection, 500, &NoYield)).expect("a series").values.len();
    report(&format!("{what}: time series"), best(10, series).1);
    report(&format!("{what}: catalog"), best(10, || block_on(catalog(&store, &NoYield)).expect("a catalog")).1);
}

fn main() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let small = program(1_200, 800, &mut random);
    println!("program of {} stacks", small.stacks.len());
    measure("hour", 360, 100, 1_000, &small, &mut random);
    measure("hour, one block a profile", 360, 1, 1_000, &small, &mut random);
    measure("day", 8_640, 1_000, 1_000, &small, &mut random);
    let large = program(15_000, 4_000, &mut random);
    println!("program of {} stacks", large.stacks.len());
    measure("hour of large profiles", 360, 100, 20_000, &large, &mut random);
}
