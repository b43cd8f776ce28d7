//! How many bytes a folder of profiles takes when it is stored and compacted, against the files as they are.
//!
//! usage: `cargo run --release -p emberglass-engine --example compacted -- FOLDER`

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use emberglass_engine::SourceInfo;
use emberglass_formats::{NoProgress, decode};
use emberglass_store::{CompactStep, MemoryBackend, Store, Urgency};

/// A slice of a few milliseconds.
const BUDGET: usize = 300_000;
/// Staged bytes that make a commit.
const GROUP_BYTES: usize = 4 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("a folder of profiles is missing")?;
    let mut paths =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>, Box<dyn Error>>>()?;
    paths.sort();
    pollster::block_on(async {
        let store = Store::open(MemoryBackend::default()).await?;
        let mut file_bytes = 0;
        for path in paths.iter().filter(|path| path.is_file()) {
            let bytes = fs::read(path)?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let batch = decode(&bytes, &name, &mut NoProgress)?;
            file_bytes += bytes.len() as u64;
            let labels = vec![("service_name".to_owned(), "service".to_owned())];
            let source = SourceInfo { name, bytes: bytes.len() as f64, labels, ..SourceInfo::default() };
            store.stage(&batch, &source.origin(&batch)?).await?;
            if store.staged_bytes() >= GROUP_BYTES {
                store.commit().await?;
            }
        }
        store.commit().await?;
        let say = |what: &str| {
            let manifest = store.manifest();
            let bytes = manifest.bytes();
            let ratio = file_bytes as f64 / bytes.max(1) as f64;
            println!("{what}: {} blocks, {bytes} bytes of {file_bytes}, a {ratio:.1}th", manifest.blocks.len());
        };
        say("stored");
        let (mut slices, mut longest, begin) = (0, Duration::ZERO, Instant::now());
        while let Some(mut compaction) = store.plan_compaction(Urgency::All) {
            loop {
                let slice = Instant::now();
                let step = store.compact_step(&mut compaction, BUDGET).await?;
                longest = longest.max(slice.elapsed());
                slices += 1;
                if let CompactStep::Done(_) = step {
                    break;
                }
            }
        }
        say("compacted");
        println!("{slices} slices in {:.0?}, the longest {longest:.1?}", begin.elapsed());
        for (id, section) in
            store.manifest().blocks.iter().flat_map(|block| block.sections.iter().map(|of| (block.id, of)))
        {
            println!("  block {id} {} {}: {} bytes", section.kind, section.part, section.len);
        }
        Ok(())
    })
}
