//! Made programs and profiles for benches: drawn from a fixed sequence of random numbers, so that runs compare.

#![allow(dead_code, reason = "no bench uses all of it")]
#![allow(unreachable_pub, reason = "included by several benches")]

use std::time::{Duration, Instant};

use emberglass_profile::{
    AttributeSetId, Batch, ContentHash, Frame, FrameId, Function, ProfileEntry, ProfileType, SampleTableBuilder,
    StackId, StackTable, Symbols,
};
use emberglass_trie::StackBuilder;

/// From one profile to the next, ns.
pub const STEP: i64 = 10_000_000_000;
/// What every bench begins with.
pub const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// xorshift64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// One program: its symbols, stacks and the stacks that samples end in.
pub struct Program {
    pub symbols: Symbols,
    pub stacks: StackTable,
    pub leaves: Vec<StackId>,
}

/// A program of `functions` functions in which samples end in `leaves` places.
pub fn program(leaves: usize, functions: u32, random: &mut Random) -> Program {
    program_as_deep_as(30, leaves, functions, random)
}

/// The same with stacks that are about as deep as `depth`.
pub fn program_as_deep_as(depth: u64, leaves: usize, functions: u32, random: &mut Random) -> Program {
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
        while (stack.len() as u64) < 4 + random.below(depth) {
            stack.push(frames[random.below(u64::from(functions)) as usize]);
        }
        ends.push(builder.insert(stack.iter().copied()));
    }
    Program { symbols, stacks: builder.finish(), leaves: ends }
}

/// Profile `number` of a series: `samples` samples.
pub fn profile(program: &Program, number: usize, samples: u64, random: &mut Random) -> Batch {
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

pub fn profile_type() -> ProfileType {
    "process_cpu:cpu:nanoseconds:cpu:nanoseconds".parse().expect("five parts")
}

/// The least time of some runs.
pub fn best<T>(times: u32, mut work: impl FnMut() -> T) -> (T, Duration) {
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

/// A line of the table, which `npm run bench` reads.
pub fn report(what: &str, time: Duration) {
    println!("{what:<64} {:>10.3} ms", time.as_secs_f64() * 1e3);
}
