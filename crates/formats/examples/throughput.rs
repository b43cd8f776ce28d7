//! Decoding speed on pprof bytes, in MB/s: `cargo run --release --example throughput [FILE]...`.
//!
//! Without files: a made profile of 40,000 distinct stacks over 12,000 locations (cold), and the same with
//! its samples fifty times over (repeated).

use std::time::Instant;

use emberglass_columns::put_u64;
use emberglass_formats::{NoProgress, decode};

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn bytes_field(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_u64(out, number << 3 | 2);
    put_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn number_field(out: &mut Vec<u8>, number: u64, value: u64) {
    put_u64(out, number << 3);
    put_u64(out, value);
}

fn numbers(fields: &[(u64, u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    for &(number, value) in fields {
        number_field(&mut out, number, value);
    }
    out
}

/// Stacks as a walk over calls: each sample keeps a part of the one before.
fn made(samples: u64, times: u64) -> Vec<u8> {
    let random = &mut Numbers(0x1234_5678_9abc_def1);
    let (locations, functions) = (12_000, 5_000);
    let mut out = Vec::new();
    bytes_field(&mut out, 1, &numbers(&[(1, 1), (2, 2)]));
    bytes_field(&mut out, 1, &numbers(&[(1, 3), (2, 4)]));
    let mut stack: Vec<u64> = Vec::new();
    let mut body = Vec::new();
    for _ in 0..samples {
        let keep = stack.len() as u64 - random.below(stack.len() as u64 / 3 + 1);
        stack.truncate(keep as usize);
        for _ in 0..random.below(9) {
            // A location calls few others, some far more often.
            let caller = stack.last().copied().unwrap_or(0);
            let callee = random.below(4).min(random.below(4));
            stack.push(1 + (caller * 4 + callee) * 2_654_435_761 % locations);
        }
        stack.truncate(48);
        let (mut ids, mut values, mut sample) = (Vec::new(), Vec::new(), Vec::new());
        for &id in stack.iter().rev() {
            put_u64(&mut ids, id);
        }
        put_u64(&mut values, 1 + random.below(20));
        put_u64(&mut values, 10_000_000 * (1 + random.below(20)));
        bytes_field(&mut sample, 1, &ids);
        bytes_field(&mut sample, 2, &values);
        bytes_field(&mut body, 2, &sample);
    }
    for _ in 0..times {
        out.extend_from_slice(&body);
    }
    for id in 1..=locations {
        let mut location = numbers(&[(1, id), (3, 0x40_0000 + id * 16)]);
        for _ in 0..1 + u64::from(random.below(5) == 0) {
            bytes_field(&mut location, 4, &numbers(&[(1, 1 + random.below(functions)), (2, random.below(900))]));
        }
        bytes_field(&mut out, 4, &location);
    }
    for id in 1..=functions {
        bytes_field(&mut out, 5, &numbers(&[(1, id), (2, 4 + id), (3, 4 + id), (4, 4 + functions + id / 20)]));
    }
    for text in ["", "samples", "count", "cpu", "nanoseconds"] {
        bytes_field(&mut out, 6, text.as_bytes());
    }
    for id in 0..functions {
        bytes_field(
            &mut out,
            6,
            format!("github.com/example/service/package{}.(*Type).method{id}", id % 50).as_bytes(),
        );
    }
    for id in 0..=functions / 20 {
        bytes_field(&mut out, 6, format!("/go/src/github.com/example/service/file{id}.go").as_bytes());
    }
    out
}

/// Seconds of CPU time where the system tells them (Linux), so that a busy machine disturbs less; else of the clock.
fn seconds(begun: Instant) -> f64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: Option<f64> = schedstat.split(' ').next().and_then(|text| text.parse().ok());
    nanos.map_or_else(|| begun.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn measure(name: &str, bytes: &[u8]) {
    let mut best = f64::MAX;
    let mut facts = String::new();
    let begun = Instant::now();
    // The clock is coarse: small inputs are decoded several times between two looks at it.
    let times = (4_000_000 / bytes.len().max(1)).max(1);
    while begun.elapsed().as_millis() < 1500 {
        let started = seconds(begun);
        for _ in 0..times {
            facts = match decode(bytes, name, &mut NoProgress) {
                Ok(batch) => format!(
                    "{} stacks, {} rows",
                    batch.stacks.len(),
                    batch.tables.iter().map(|table| table.stack.len()).sum::<usize>()
                ),
                Err(error) => error.to_string(),
            };
        }
        best = best.min((seconds(begun) - started) / times as f64);
    }
    let megabytes = bytes.len() as f64 / 1e6;
    println!("{name}: {:.0} MB/s ({megabytes:.2} MB, {:.2} ms, {facts})", megabytes / best, best * 1e3);
}

fn main() -> std::io::Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    for file in &files {
        measure(file, &std::fs::read(file)?);
    }
    if files.is_empty() {
        measure("cold", &made(40_000, 1));
        measure("repeated", &made(40_000, 50));
    }
    Ok(())
}
