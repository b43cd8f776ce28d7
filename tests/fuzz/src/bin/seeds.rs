//! Writes the corpora that the targets start with, or lists the targets.
//!
//!     seeds                    the targets, one a line
//!     seeds CORPORA FOLDER...  every file below the folders becomes a seed of its format, in CORPORA/<target>/
//!
//! A seed has at most 16 KiB, so that mutations are many: of text the first lines are taken, of JSON the first elements
//! of every array. Binary files up to 64 KiB are taken whole.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use emberglass_formats::{Confidence, Format, Input, Meter, NoProgress, formats};
use emberglass_fuzz::formats::target_of;
use emberglass_fuzz::{packs, sections};
use serde_json::Value;

/// Targets that are no format's.
const OTHERS: &[&str] = &["pprof-messages", "compressed", "batch", "block", "pack"];
const MOST: usize = 16 << 10;
/// Binary formats whose tables stand at the end can't be cut.
const MOST_BINARY: usize = 64 << 10;
/// A file that is compressed, to start with.
const MOST_COMPRESSED: usize = 12 << 10;
/// Larger JSON would take longer to cut than it is worth.
const MOST_JSON: usize = 12 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(corpora) = arguments.next() else {
        formats().iter().for_each(|format| println!("{}", target_of(*format)));
        OTHERS.iter().for_each(|name| println!("{name}"));
        return Ok(());
    };
    for folder in arguments {
        for path in files_below(&folder)? {
            add(&corpora, &path)?;
        }
    }
    for (at, seed) in sections::seeds().iter().enumerate() {
        write(&corpora, "block", &format!("golden-{at}"), seed)?;
    }
    for (at, seed) in packs::seeds().iter().enumerate() {
        write(&corpora, "pack", &format!("golden-{at}"), seed)?;
    }
    Ok(())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn write(corpora: &Path, target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = corpora.join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), bytes)?)
}

/// Adds one file, cut to size, to the corpus of its format.
fn add(corpora: &Path, path: &Path) -> Result<(), Box<dyn Error>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = fs::read(path)?;
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, bytes.len() as u64);
    let mut input = Input::new(&bytes);
    let is_archive = path.components().any(|part| part.as_os_str() == "archives");
    if (input.compression().is_some() || is_archive) && bytes.len() <= MOST_COMPRESSED {
        write(corpora, "compressed", &name, &bytes)?;
    }
    let Some(format) = format_of(&mut input) else { return Ok(()) };
    let Ok(whole) = input.read_all(MOST_JSON as u64, &mut meter) else { return Ok(()) };
    let seed = if whole.len() <= MOST { whole } else { cut(&whole) };
    if seed.len() <= MOST_BINARY {
        write(corpora, &target_of(format), &name, &seed)?;
        if let Ok(batch) = emberglass_fuzz::sound::decode_as(format, &seed) {
            let bytes = batch.to_wire();
            if bytes.len() <= MOST_BINARY {
                write(corpora, "batch", &name, &bytes)?;
            }
        }
    }
    Ok(())
}

fn format_of(input: &mut Input<'_>) -> Option<&'static dyn Format> {
    let prefix = input.prefix();
    let best = formats().iter().rev().max_by_key(|format| format.sniff(prefix, ""))?;
    (best.sniff(prefix, "") >= Confidence::Content).then_some(*best)
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        return cut_json(value);
    }
    if std::str::from_utf8(bytes).is_err() {
        return bytes.to_vec();
    }
    let end = bytes[..MOST].iter().rposition(|&byte| byte == b'\n').map_or(MOST, |at| at + 1);
    bytes[..end].to_vec()
}

/// Keeps the first elements of every array, fewer and fewer until the text is short enough.
fn cut_json(mut value: Value) -> Vec<u8> {
    let mut most = 1 << 12;
    loop {
        let text = value.to_string().into_bytes();
        if text.len() <= MOST || most == 0 {
            return text;
        }
        most /= 2;
        let mut open = vec![&mut value];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(list) => {
                    list.truncate(most);
                    open.extend(list);
                }
                Value::Object(map) => open.extend(map.values_mut()),
                _ => {}
            }
        }
    }
}
