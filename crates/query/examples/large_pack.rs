//! Writes a pack of about so many bytes, to see what a full store does.
//!
//! usage: `cargo run --release -p emberglass-query --example large_pack -- OUT BYTES`

#![allow(clippy::expect_used, reason = "a made profile that fails should stop")]

#[path = "../benches/made/mod.rs"]
mod made;

use std::error::Error;
use std::fs::File;
use std::io::Write as _;

use emberglass_profile::{AttributeSetId, SampleTableBuilder};
use emberglass_store::{ExportSelection, MemoryBackend, Origin, Store};
use made::{Random, SEED, profile, program};

/// Staged bytes that make a commit.
const GROUP_BYTES: usize = 4 << 20;
const EXPORT_BYTES: usize = 4 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut out = File::create(arguments.next().ok_or("a path is missing")?)?;
    let bytes: u64 = arguments.next().ok_or("a number of bytes is missing")?.parse()?;
    let mut random = Random(SEED);
    let program = program(8_000, 4_000, &mut random);
    let origin = Origin { labels: [("service_name", "shop")].into_iter().collect(), ..Origin::default() };
    pollster::block_on(async {
        let store = Store::open(MemoryBackend::default()).await?;
        let mut number = 0;
        while store.manifest().bytes() < bytes {
            let mut batch = profile(&program, number, 0, &mut random);
            // Values that no packing makes small.
            let mut table = SampleTableBuilder::new(&[0]);
            for &leaf in &program.leaves {
                table.add(leaf, AttributeSetId::EMPTY, &[random.below(1 << 35) as i64])?;
            }
            batch.tables = vec![table.finish()];
            store.stage(&batch, &origin).await?;
            number += 1;
            if store.staged_bytes() >= GROUP_BYTES {
                store.commit().await?;
            }
        }
        store.commit().await?;
        let mut export = store.plan_export(ExportSelection::default());
        while !export.is_done() {
            out.write_all(&store.export_step(&mut export, EXPORT_BYTES).await?)?;
        }
        let manifest = store.manifest();
        println!("{} profiles, {} blocks, {} bytes", manifest.profiles(), manifest.blocks.len(), manifest.bytes());
        Ok(())
    })
}
