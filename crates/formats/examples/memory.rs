//! Peak memory of decoding large files: `cargo run --release --example memory [MEGABYTES] [FORMAT]...`.
//!
//! Makes a file of each format in the temporary folder, decodes it in a process of its own, which reads it piece by
//! piece as a browser's worker does, and prints the peak of the memory that is in use, also as a share of the file.
//! Linux only: the peak is `VmHWM`.

use std::fs::File;
use std::io::{BufWriter, Error, ErrorKind, Result, Write};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use emberglass_columns::put_u64;
use emberglass_formats::{NoProgress, Source, decode_source};
use emberglass_profile::{ErrorCode, InputError};

const DEFAULT_MEGABYTES: u64 = 256;
const FORMATS: &[&str] =
    &["folded", "perf.txt", "speedscope.json", "cpuprofile", "pb", "otlp.pb", "pstats", "tree", "jslb"];
const FUNCTIONS: u64 = 5000;

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Stacks as a walk over calls: each keeps a part of the one before.
struct Walk {
    numbers: Numbers,
    stack: Vec<u64>,
}

impl Walk {
    fn new() -> Self {
        Self { numbers: Numbers(0x1234_5678_9abc_def1), stack: Vec::new() }
    }

    /// Functions, root first.
    fn next(&mut self) -> &[u64] {
        let keep = self.stack.len() as u64 - self.numbers.below(self.stack.len() as u64 / 3 + 1);
        self.stack.truncate(keep as usize);
        for _ in 0..1 + self.numbers.below(8) {
            let caller = self.stack.last().copied().unwrap_or(0);
            // A function calls few others, some far more often.
            let callee = self.numbers.below(4).min(self.numbers.below(4));
            self.stack.push((caller * 4 + callee) * 2_654_435_761 % FUNCTIONS);
        }
        self.stack.truncate(40);
        &self.stack
    }
}

fn name(function: u64) -> String {
    format!("example.com/service/package{}.(*Type).method{function}", function % 50)
}

fn names() -> Vec<String> {
    (0..FUNCTIONS).map(name).collect()
}

fn bytes_field(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_u64(out, number << 3 | 2);
    put_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn numbers(fields: &[(u64, u64)]) -> Vec<u8> {
    let mut out = Vec::new();
    for &(number, value) in fields {
        put_u64(&mut out, number << 3);
        put_u64(&mut out, value);
    }
    out
}

fn packed(values: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut out = Vec::new();
    values.for_each(|value| put_u64(&mut out, value));
    out
}

/// A key of Python's statistics: file, line, name.
fn python_key(function: u64) -> Vec<u8> {
    let mut out = b"(\x03\0\0\0".to_vec();
    let text = |text: String, out: &mut Vec<u8>| {
        out.push(b'u');
        out.extend((text.len() as u32).to_le_bytes());
        out.extend(text.into_bytes());
    };
    text(format!("/app/module{}.py", function % 50), &mut out);
    out.push(b'i');
    out.extend((function as u32).to_le_bytes());
    text(format!("function{function}"), &mut out);
    out
}

/// Two numbers of calls and two times, of a tuple that has `fields`.
fn python_stat(fields: u32) -> Vec<u8> {
    let mut out = vec![b'('];
    out.extend(fields.to_le_bytes());
    out.extend(b"i\x01\0\0\0i\x01\0\0\0");
    for seconds in [0.001f64, 0.002] {
        out.push(b'g');
        out.extend(seconds.to_le_bytes());
    }
    out
}

fn tree_node(name: &str, value: u64, children: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_u64(&mut out, name.len() as u64);
    out.extend(name.as_bytes());
    put_u64(&mut out, value);
    put_u64(&mut out, children);
    out
}

/// Counts what goes out.
struct Out {
    to: BufWriter<File>,
    len: u64,
}

impl Out {
    fn put(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.len += bytes.as_ref().len() as u64;
        self.to.write_all(bytes.as_ref())
    }
}

fn make(format: &str, out: &mut Out, len: u64) -> Result<()> {
    let (mut walk, names) = (Walk::new(), names());
    let text = |stack: &[u64], separator: &str| {
        stack.iter().map(|&at| names[at as usize].as_str()).collect::<Vec<_>>().join(separator)
    };
    match format {
        "folded" => {
            while out.len < len {
                let line = text(walk.next(), ";");
                out.put(format!("{line} {}\n", 1 + walk.numbers.below(20)))?;
            }
        }
        "perf.txt" => {
            let mut at = 0u64;
            while out.len < len {
                at += 1 + walk.numbers.below(1000);
                let (thread, seconds) = (100 + at % 16, at / 1_000_000);
                out.put(format!(
                    "worker {thread} [00{}] {seconds}.{:06}:   10101010 cycles: \n",
                    at % 4,
                    at % 1_000_000
                ))?;
                for &function in walk.next().iter().rev() {
                    let address = 0x40_0000 + function * 64;
                    out.put(format!("\t{address:16x} {}+0x12 (/usr/bin/service)\n", names[function as usize]))?;
                }
                out.put("\n")?;
            }
        }
        "speedscope.json" => {
            out.put("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"shared\":{\"frames\":[")?;
            for (at, name) in names.iter().enumerate() {
                out.put(format!("{}{{\"name\":\"{name}\"}}", if at > 0 { "," } else { "" }))?;
            }
            out.put("]},\"profiles\":[{\"type\":\"sampled\",\"name\":\"x\",\"unit\":\"microseconds\",\"startValue\":0,\"endValue\":1,\"samples\":[")?;
            let mut samples = 0u64;
            while out.len < len * 9 / 10 {
                let stack: Vec<String> = walk.next().iter().map(u64::to_string).collect();
                out.put(format!("{}[{}]", if samples > 0 { "," } else { "" }, stack.join(",")))?;
                samples += 1;
            }
            out.put("],\"weights\":[")?;
            for at in 0..samples {
                out.put(format!("{}{}", if at > 0 { "," } else { "" }, 100 + walk.numbers.below(900)))?;
            }
            out.put("]}]}")?;
        }
        "cpuprofile" => {
            let nodes = 200_000u64;
            out.put("{\"nodes\":[{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"scriptId\":\"0\",\"url\":\"\",\"lineNumber\":-1,\"columnNumber\":-1},\"hitCount\":0,\"children\":[2]}")?;
            for id in 2..=nodes {
                let children = [2 * id - 1, 2 * id].map(|child| child.to_string()).join(",");
                let children = if 2 * id <= nodes { children } else { String::new() };
                out.put(format!(
                    ",{{\"id\":{id},\"callFrame\":{{\"functionName\":\"method{}\",\"scriptId\":\"7\",\"url\":\"file:///app/{}.js\",\"lineNumber\":{},\"columnNumber\":4}},\"hitCount\":1,\"children\":[{children}]}}",
                    id % FUNCTIONS, id % 50, id % 900,
                ))?;
            }
            out.put("],\"startTime\":1000,\"endTime\":9000000000000,\"samples\":[1")?;
            let mut samples = 1u64;
            let nodes_len = out.len;
            while out.len < nodes_len + len.saturating_sub(nodes_len) * 3 / 5 {
                out.put(format!(",{}", 1 + walk.numbers.below(nodes)))?;
                samples += 1;
            }
            out.put("],\"timeDeltas\":[0")?;
            for _ in 1..samples {
                out.put(format!(",{}", 100 + walk.numbers.below(900)))?;
            }
            out.put("]}")?;
        }
        "pb" => {
            let mut head = Vec::new();
            bytes_field(&mut head, 1, &numbers(&[(1, 1), (2, 2)]));
            out.put(head)?;
            while out.len < len {
                let mut sample = Vec::new();
                bytes_field(&mut sample, 1, &packed(walk.next().iter().rev().map(|id| id + 1)));
                bytes_field(&mut sample, 2, &packed([1 + walk.numbers.below(20)].into_iter()));
                let mut field = Vec::new();
                bytes_field(&mut field, 2, &sample);
                out.put(field)?;
            }
            let mut tail = Vec::new();
            for id in 1..=FUNCTIONS {
                let mut location = numbers(&[(1, id)]);
                bytes_field(&mut location, 4, &numbers(&[(1, id), (2, id % 900)]));
                bytes_field(&mut tail, 4, &location);
                bytes_field(&mut tail, 5, &numbers(&[(1, id), (2, 2 + id)]));
            }
            for text in ["", "samples", "count"].into_iter().chain(names.iter().map(String::as_str)) {
                bytes_field(&mut tail, 6, text.as_bytes());
            }
            out.put(tail)?;
        }
        "otlp.pb" => {
            // Lengths stand before contents: the samples are made first.
            let mut profile = Vec::new();
            bytes_field(&mut profile, 1, &numbers(&[(1, 1), (2, 2)]));
            let (mut stacks, mut rows) = (Vec::new(), 1u64);
            bytes_field(&mut stacks, 7, &[]);
            while ((profile.len() + stacks.len()) as u64) < len {
                let mut stack = Vec::new();
                bytes_field(&mut stack, 1, &packed(walk.next().iter().rev().map(|id| id + 1)));
                bytes_field(&mut stacks, 7, &stack);
                let mut sample = numbers(&[(1, rows)]);
                bytes_field(&mut sample, 4, &packed([1 + walk.numbers.below(20)].into_iter()));
                bytes_field(&mut profile, 2, &sample);
                rows += 1;
            }
            let (mut scope, mut resource, mut file) = (Vec::new(), Vec::new(), Vec::new());
            bytes_field(&mut scope, 2, &profile);
            bytes_field(&mut resource, 2, &scope);
            bytes_field(&mut file, 1, &resource);
            bytes_field(&mut stacks, 2, &[]);
            bytes_field(&mut stacks, 3, &[]);
            for id in 1..=FUNCTIONS {
                let mut location = Vec::new();
                bytes_field(&mut location, 3, &numbers(&[(1, id), (2, id % 900)]));
                bytes_field(&mut stacks, 2, &location);
                bytes_field(&mut stacks, 3, &numbers(&[(1, 2 + id)]));
            }
            for text in ["", "samples", "count"].into_iter().chain(names.iter().map(String::as_str)) {
                bytes_field(&mut stacks, 5, text.as_bytes());
            }
            bytes_field(&mut file, 2, &stacks);
            out.put(file)?;
        }
        "pstats" => {
            out.put("{")?;
            while out.len < len {
                let function = walk.numbers.below(FUNCTIONS);
                out.put(python_key(function))?;
                out.put(python_stat(5))?;
                out.put("{")?;
                for _ in 0..walk.numbers.below(40) {
                    out.put(python_key(walk.numbers.below(FUNCTIONS)))?;
                    out.put(python_stat(4))?;
                }
                out.put("0")?;
            }
            out.put("0")?;
        }
        "tree" => {
            const DEPTH: u64 = 40;
            let stacks = len / (DEPTH * names[0].len() as u64);
            out.put(tree_node("", 0, stacks))?;
            for _ in 0..stacks {
                for level in (0..DEPTH).rev() {
                    // A stack is left again at once: the tree has a branch for each.
                    let function = walk.numbers.below(if level > 30 { 4 } else { FUNCTIONS });
                    out.put(tree_node(&names[function as usize], level % 2, u64::from(level > 0)))?;
                }
            }
        }
        "jslb" => {
            let (samples, stacks) = (len / 12, 100_000u64);
            let list = |value: &dyn Fn(u64) -> u64, count| {
                (0..count).map(|at| value(at).to_string()).collect::<Vec<_>>().join(",")
            };
            let json = format!(
                r#"{{"meta":{{"preprocessedProfileVersion":75,"startTime":1,"interval":1,"categories":[{{"name":"A"}}]}},
                "libs":[],"shared":{{"stringArray":["{}"],"frameTable":{{"length":{FUNCTIONS},"func":[{}]}},
                "funcTable":{{"length":{FUNCTIONS},"name":[{}]}},"stackTable":{{"length":{stacks},"prefixOffset":[{}],"frame":[{}]}}}},
                "threads":[{{"name":"T","processName":"P","pid":"1","tid":"2","samples":{{"length":{samples},"stack":{{"$s":0}},"timeDeltas":{{"$s":1}}}}}}]}}"#,
                names.join("\",\""),
                list(&|at| at, FUNCTIONS),
                list(&|at| at, FUNCTIONS),
                list(&|at| at.min(1 + at % 7), stacks),
                list(&|at| at * 2_654_435_761 % FUNCTIONS, stacks),
            );
            out.put(b"\xdc\xdfJSLB\x01\0")?;
            let lens = [samples * 4, samples * 8, json.len() as u64];
            let mut words = vec![1, 3, 2];
            let mut start = 56;
            for (kind, len) in [4, 7, 10].into_iter().zip(lens) {
                words.extend([kind, start, len]);
                start += len;
            }
            words.iter().try_for_each(|&word| out.put((word as u32).to_le_bytes()))?;
            (0..samples).try_for_each(|_| out.put((walk.numbers.below(stacks) as u32).to_le_bytes()))?;
            (0..samples).try_for_each(|_| out.put((walk.numbers.below(2000) as f64 / 1000.0).to_le_bytes()))?;
            out.put(json)?;
        }
        other => return Err(Error::new(ErrorKind::InvalidInput, format!("no format {other}"))),
    }
    out.to.flush()
}

struct FileSource(File, u64);

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.1
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> std::result::Result<usize, InputError> {
        self.0.read_at(into, offset).map_err(|error| InputError::new(ErrorCode::Unreadable, error.to_string()))
    }
}

/// `VmHWM` of this process, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) << 10
}

fn measure(path: &Path) -> Result<()> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    let started = Instant::now();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let facts = match decode_source(&mut FileSource(file, len), &name, &mut NoProgress) {
        Ok(batch) => {
            let rows: usize = batch.tables.iter().map(|table| table.stack.len()).sum();
            let records: u64 = batch.tables.iter().map(|table| table.records).sum();
            format!("{}: {records} samples, {rows} rows, {} stacks", batch.format, batch.stacks.len())
        }
        Err(error) => format!("{}: {error}", error.code.as_str()),
    };
    let (megabytes, most) = (len as f64 / 1e6, peak() as f64 / 1e6);
    let seconds = started.elapsed().as_secs_f64();
    println!("{megabytes:7.0} MB  {most:6.0} MB  {:5.2}  {seconds:5.1} s  {name}: {facts}", most / megabytes);
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, path] = arguments.as_slice()
        && flag == "--decode"
    {
        return measure(Path::new(path));
    }
    let megabytes = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_MEGABYTES);
    let wanted: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    println!("       file    peak  ratio     time");
    for format in FORMATS.iter().filter(|format| wanted.is_empty() || wanted.contains(format)) {
        let path = std::env::temp_dir().join(format!("emberglass-memory-{}.{format}", std::process::id()));
        let mut out = Out { to: BufWriter::new(File::create(&path)?), len: 0 };
        make(format, &mut out, megabytes * 1_000_000)?;
        Command::new(std::env::current_exe()?).arg("--decode").arg(&path).status()?;
        std::fs::remove_file(&path)?;
    }
    Ok(())
}
