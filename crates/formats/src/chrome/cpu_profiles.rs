//! CPU profiles in pieces, by process and id.

use std::collections::HashMap;

use emberglass_profile::{Batch, InputError, Warnings};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::event::{Args, Event};
use super::threads::Threads;
use crate::v8::cpu::{NodeTree, Samples, entries};

/// One piece: a chunk's samples and the time between them.
struct Chunk {
    time: i64,
    args: Args,
}

#[derive(Default)]
struct Profile {
    process: String,
    /// The thread that was profiled: chunks are written by another one.
    thread: String,
    start: Option<i64>,
    chunks: Vec<Chunk>,
}

/// All CPU profiles, in order of their first event.
#[derive(Default)]
pub(super) struct CpuProfiles {
    profiles: Vec<Profile>,
    /// The first one of each process and id.
    rows: HashMap<(String, String), usize, FixedState>,
}

impl CpuProfiles {
    /// Takes a `Profile`, `ProfileChunk` or `CpuProfile` event with what it holds.
    pub(super) fn add(&mut self, event: &mut Event) {
        let new = self.profiles.len();
        let known = *self.rows.entry((event.process.clone(), event.id.clone())).or_insert(new);
        // Events without an id are one profile each.
        let at = if event.name == "CpuProfile" { new } else { known };
        if at == new {
            let (process, thread) = (event.process.clone(), event.thread.clone());
            self.profiles.push(Profile { process, thread, ..Profile::default() });
        }
        let Some(profile) = self.profiles.get_mut(at) else { return };
        let args = std::mem::take(&mut event.args);
        if event.name != "ProfileChunk" {
            profile.thread.clone_from(&event.thread);
            profile.start = args.start.or(event.time);
        }
        profile.chunks.push(Chunk { time: event.time.unwrap_or(0), args });
    }

    /// Two profiles each.
    pub(super) fn build(
        self,
        threads: &Threads,
        batch: &mut Batch,
        stacks: &mut StackBuilder,
        warnings: &mut Warnings,
    ) -> Result<(), InputError> {
        for mut profile in self.profiles {
            profile.chunks.sort_by_key(|chunk| chunk.time);
            let mut tree = NodeTree::default();
            let mut samples = Samples::default();
            let mut now = profile.start.unwrap_or(0);
            let (mut end, mut missing) = (None, 0);
            for Chunk { args, .. } in &profile.chunks {
                for node in &args.nodes {
                    tree.add(node.id, node.parent, node.frame, warnings);
                }
                tree.link(&args.links);
                for (at, &node) in args.samples.iter().enumerate() {
                    missing += u64::from(at >= args.deltas.len());
                    now = now.saturating_add(args.deltas.get(at).unwrap_or(0));
                    samples.nodes.push(node);
                    samples.times.push(now);
                }
                end = args.end.or(end);
            }
            warnings.add_many("missing-times", missing, None, || {
                "some samples have no time; they count as taken with the one before".to_owned()
            });
            let first = profile.start.or(samples.times.first()).unwrap_or(0);
            let last = samples.times.iter().max().unwrap_or(first);
            samples.end = end.unwrap_or(last);
            let duration = samples.end.max(last).saturating_sub(first);
            let nodes = tree.stacks(stacks)?;
            let table = samples.table(&nodes, warnings)?;
            let labels = threads.labels(&profile.process, &profile.thread);
            batch.profiles.extend(entries(batch.tables.len() as u32, table.columns.len(), &labels, duration));
            batch.tables.push(table);
        }
        Ok(())
    }
}
